import json
import subprocess
import urllib.request

import pytest


class Cluster:
    def __init__(self, ready):
        self.bootstrap, self.url = ready["bootstrap"], ready["control"]

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or "null")


@pytest.fixture(scope="session")
def running():
    command = ["fauxka", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--topic", "orders", "--exit-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield Cluster(dict(word.split("=", 1) for word in process.stdout.readline().split()[1:]))
        process.terminate()


@pytest.fixture
def kafka(running):
    running.control("/v1/reset", {})
    return running
