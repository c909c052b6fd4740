#!/usr/bin/env python3
"""Consumers that live through resets and restored snapshots, as those of a test suite do: see README.md.

Each case starts the built broker for itself. Names are CLIENT or CLIENT/MODE; none means all. What is printed are the seconds
from the request that begins the cluster again until all records of the next test are read, of three tests each.
"""
import collections
import contextlib
import functools
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request

import cases
import fauxka
import run
import toolchains
import wire

TOPIC, PARTITIONS = "orders", 2
SESSION_MS = 6_000
# A member learns at its next heartbeat that it has to join again; then a client may have a back-off of its own.
READ_SECONDS = 40
# With KIP-848 the broker says how often members send heartbeats: every five seconds by default.
SOON = ["group.consumer.min.heartbeat.interval.ms=500", "group.consumer.heartbeat.interval.ms=500"]

Client = collections.namedtuple("Client", "name command modes")
CLIENTS = [
    Client("java", run.java("GroupMember"), ["eager", "static", "consumer"]),
    Client("confluent-python", run.python("confluent_kafka_client.py"), ["eager", "static", "consumer"]),
    Client("franz-go", run.go("franz-go"), ["eager", "static", "consumer"]),
    Client("aiokafka", run.python("aiokafka_client.py"), ["eager"]),
    Client("kafkajs", run.node("kafkajs"), ["eager"]),
]

# What happens between two tests: its name, and the path and the body of the request that does it.
BETWEEN = {
    "reset": ("/v1/reset", {}),
    "reset --only topics,groups": ("/v1/reset", {"only": ["topics", "groups"]}),
    "reset --only topics": ("/v1/reset", {"only": ["topics"]}),
    "restore": ("/v1/snapshots/start/restore", {}),
}
# How many records each test writes: more than the last one, fewer, and as many.
TESTS = [7, 3, 3]


class Consumer:
    """A member in a process of its own, and what it says."""

    def __init__(self, argv, mode, bootstrap, folder):
        self.said = threading.Condition()
        self.got, self.gained = collections.Counter(), 0
        self.folder = folder
        command = [*argv, "group", "--bootstrap", bootstrap, "--topic", TOPIC, "--group", "tests", "--member", "a",
                   "--mode", mode, "--session-ms", SESSION_MS, *(["--instance", "one"] if mode == "static" else [])]
        with open(folder / "member.log", "w") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log, start_new_session=True, text=True)
        self.started = time.monotonic()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with open(self.folder / "said.log", "w") as log:
            for line in self.process.stdout:
                self.note(log, line)
                words = line.split()
                with self.said:
                    if words[1] == "GOT":
                        self.got[words[4]] += 1
                    elif words[1] == "GAINED":
                        self.gained += 1
                    self.said.notify_all()

    def note(self, log, line):
        log.write(f"{time.monotonic() - self.started:8.3f} {line.rstrip()}\n")
        log.flush()

    def wait_for(self, what, holds, seconds):
        """The seconds that it took."""
        started = time.monotonic()
        with self.said:
            while not holds():
                assert self.process.poll() is None, f"the consumer ended by itself before it {what}"
                left = started + seconds - time.monotonic()
                assert left > 0, f"the consumer has not {what} after {seconds} s"
                self.said.wait(min(left, 1))
        return time.monotonic() - started

    def reads(self, values):
        return self.wait_for(f"read {values[0]} and the others", lambda: all(self.got[value] for value in values), READ_SECONDS)

    def leave(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        status = self.process.wait(READ_SECONDS)
        assert status == 0, f"the consumer left with status {status}"

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def post(control, path, body):
    request = urllib.request.Request(control + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(request, timeout=READ_SECONDS).close()


def write(bootstrap, values):
    """Appends these values to each partition; what was written to each."""
    with wire.connect(bootstrap) as sock:
        wire.produce(sock, TOPIC, {partition: wire.batch([f"{value}/{partition}".encode() for value in values])
                                   for partition in range(PARTITIONS)})
    return [f"{value}/{partition}" for value in values for partition in range(PARTITIONS)]


def test_suite(mode, argv, options, folder):
    """Tests follow one another, each with a cluster that starts over, and one consumer reads the records of all of them."""
    settings = [word for line in ([] if options.defaults else SOON) for word in ("--config", line)]
    settings += ["--control", "127.0.0.1:0", "--topic", f"{TOPIC}:{PARTITIONS}"]
    told = []
    with fauxka.started(folder / "fauxka.log", *settings) as words:
        bootstrap, control = words["bootstrap"], words["control"]
        post(control, "/v1/snapshots/start", {})
        with contextlib.closing(Consumer(argv, mode, bootstrap, folder)) as consumer:
            consumer.reads(write(bootstrap, [f"first-{at}" for at in range(5)]))
            for kind, (path, body) in BETWEEN.items():
                took = []
                for test, count in enumerate(TESTS):
                    post(control, path, body)
                    values = write(bootstrap, [f"{kind.replace(' ', '')}-{test}-{at}" for at in range(count)])
                    took.append(consumer.reads(values))
                told.append(f"{kind} " + "/".join(f"{seconds:.1f}" for seconds in took))
            consumer.leave()
    return ", ".join(told)


def main():
    names = sorted(f"{client.name}/{mode}" for client in CLIENTS for mode in client.modes)
    parser = cases.arguments(__doc__, "CLIENT or CLIENT/MODE")
    parser.add_argument("--defaults", action="store_true", help="leave the broker's heartbeat interval of KIP-848 at five seconds")
    options = cases.parsed(parser, "client", names, [client.name for client in CLIENTS])
    ready, count = {}, collections.Counter()
    chosen = set(options.names)
    for client in CLIENTS:
        modes = [mode for mode in client.modes if {client.name, f"{client.name}/{mode}"} & chosen or not chosen]
        if not modes:
            continue
        try:
            argv = client.command(options.cache)
            for mode in modes:
                ready[f"{client.name}/{mode}"] = functools.partial(test_suite, mode, argv, options)
        except toolchains.Missing as missing:
            cases.lacks(client.name, missing, count, len(modes))
    cases.run_all("resets", ready, count, options)


if __name__ == "__main__":
    main()
