"""A cluster in a scenario's hands: the broker on free ports, the verbs of its control port, and applications in threads.

Copy this file: it needs nothing but Python 3.10, and confluent-kafka for `Cluster.write`. It starts the program that the
environment names in FAUXKA, or else the `fauxka` on your PATH. If the environment names a folder in FAUXKA_RECORDINGS, every
cluster is recorded there; `fauxka rerun FILE` has it happen again.
"""
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

PATIENCE_SECONDS = 60
READY_SECONDS = 20
STOP_SECONDS = 5
RECORDINGS = itertools.count(1)


class Broken(AssertionError):
    """What the application promises its users does not hold."""


def promise(holds, otherwise):
    """The scenario's check: it must fail for the application with the bug, and hold for the one without."""
    if not holds:
        raise Broken(otherwise)


def once_each(wanted, found, what):
    """The promise that nothing is lost and nothing doubled."""
    wanted, found = list(wanted), list(found)
    lost = [one for one in wanted if one not in found]
    doubled = sorted({one for one in found if found.count(one) > 1})
    promise(not lost, f"{what}: {len(lost)} lost, the first is {lost[:1]}")
    promise(not doubled, f"{what}: {len(doubled)} doubled, the first is {doubled[:1]}")


def until(holds, what, seconds=PATIENCE_SECONDS):
    """Polls, with a bound, for what no journal tells."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert not Application.failed, "an application failed"
        assert time.monotonic() < deadline, f"after {seconds} s there is still not {what}"
        time.sleep(0.02)
    return found


class Cluster:
    """A running broker and its control port."""

    def __init__(self, ready):
        self.bootstrap = ready["bootstrap"]
        self.control = ready["control"]
        self.running = True
        self.threads = []

    def call(self, method, path, body=None):
        """What the control port answers; its refusals are errors of the scenario."""
        data = json.dumps(body or {}).encode() if method in ("POST", "PUT") else None
        request = urllib.request.Request(self.control + path, data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * PATIENCE_SECONDS) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error
        return json.loads(text) if text else None

    def post(self, path, **body):
        return self.call("POST", path, body)

    def get(self, path, **query):
        words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
        return self.call("GET", f"{path}?{urllib.parse.urlencode(words)}" if words else path)

    def advance(self, by, silent=()):
        """Moves the manual clock, while the clients of these ids are dead: what expired on the way."""
        return [due["what"] for due in self.post("/v1/clock/advance", by=by, silent=list(silent))["expired"]]

    def wait(self, count=1, **conditions):
        """The journal's rows that fit, as soon as there are so many."""
        return self.get("/v1/journal/wait", count=count, timeout=f"{PATIENCE_SECONDS}s", **conditions)["rows"]

    def journal(self, **conditions):
        """The journal's rows that fit, of those there are."""
        return self.get("/v1/journal", **conditions)["rows"]

    def fault(self, **rule):
        """A rule in force, about requests to come."""
        return Fault(self, self.post("/v1/faults", **rule)["id"])

    def log(self, topic, partition=0):
        """The records of a partition without transaction markers, as they are stored."""
        records = self.get(f"/v1/topics/{topic}/{partition}/records", max=10_000)["records"]
        return [record for record in records if "marker" not in record]

    def values(self, topic, partition=0):
        return [record["value"] for record in self.log(topic, partition)]

    def committed_values(self, topic, partition=0):
        """What a reader of committed transactions gets."""
        return [record["value"] for record in self.log(topic, partition) if record.get("transaction", "committed") == "committed"]

    def write(self, topic, values, partition=0):
        """Records that are there for the application to read."""
        from confluent_kafka import Producer
        producer = Producer({"bootstrap.servers": self.bootstrap, "client.id": "scenario", "linger.ms": 0})
        for value in values:
            producer.produce(topic, str(value), partition=partition)
        assert producer.flush(PATIENCE_SECONDS) == 0, "the records are not written"

    def set_group(self, group, **settings):
        """A group's own settings, as kafka-configs sets them; a name has `_` for each dot."""
        from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
        entries = [ConfigEntry(name.replace("_", "."), str(value), incremental_operation=AlterConfigOpType.SET)
                   for name, value in settings.items()]
        resource = ConfigResource(ResourceType.GROUP, group, incremental_configs=entries)
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        for done in admin.incremental_alter_configs([resource]).values():
            done.result(PATIENCE_SECONDS)

    def start(self, function, *arguments):
        """An application, in a thread of its own. It goes on while `cluster.running`, or until it is done."""
        self.threads.append(Application(function, arguments))
        return self.threads[-1]

    def end(self):
        """Lets applications end: nothing stands in their way any more."""
        self.running = False
        self.call("DELETE", "/v1/faults")
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)


class Fault:
    """A rule in force."""

    def __init__(self, cluster, number):
        self.cluster, self.path = cluster, f"/v1/faults/{number}"

    def wait(self, hits=1):
        """Until the rule has acted so often."""
        return self.cluster.get(f"{self.path}/wait", hits=hits, timeout=f"{PATIENCE_SECONDS}s")

    def hits(self):
        return self.cluster.get(self.path)["hits"]

    def release(self):
        """Ends it; what it keeps goes on."""
        self.cluster.post(f"{self.path}/release")


class Application(threading.Thread):
    """A function in a thread, and what became of it."""

    # Those that ended with an error.
    failed = []

    def __init__(self, function, arguments):
        super().__init__(daemon=True)
        self.function, self.arguments, self.result, self.error = function, arguments, None, None
        self.start()

    def run(self):
        try:
            self.result = self.function(*self.arguments)
        except BaseException as error:  # noqa: BLE001: it is raised where the scenario asks
            self.error = error
            self.failed.append(self)
            traceback.print_exc()

    def done(self):
        """What the function returned, or its error."""
        self.join(PATIENCE_SECONDS)
        assert not self.is_alive(), f"the application still runs after {PATIENCE_SECONDS} s"
        if self.error:
            raise self.error
        return self.result


def ready_line(process):
    """What the READY line says, which is the first line the broker prints."""
    watchdog = threading.Timer(READY_SECONDS, process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline()
    finally:
        watchdog.cancel()
    words = dict(word.split("=", 1) for word in line.split() if "=" in word)
    assert line.startswith("READY ") and "control" in words, f"the broker did not get ready: {line!r}"
    return words


def recorded():
    """The options by which a cluster is recorded, if it is."""
    folder = os.environ.get("FAUXKA_RECORDINGS")
    return ["--record", os.path.join(folder, f"{next(RECORDINGS)}.run")] if folder else []


@contextlib.contextmanager
def cluster(*options):
    """A new cluster, for as long as the block runs."""
    with tempfile.TemporaryFile("w+") as log:
        arguments = ["--exit-with-parent", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", *recorded(),
                     "--config", "group.initial.rebalance.delay.ms=0", *options]
        process = subprocess.Popen([os.environ.get("FAUXKA", "fauxka"), *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            one = Cluster(ready_line(process))
            try:
                yield one
            finally:
                one.end()
            assert process.poll() is None, f"the broker ended by itself with status {process.returncode}"
        except Broken:
            raise
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read())
            raise
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def prove(scenario, buggy, fixed, *options):
    """Runs the scenario with both applications, each on a new cluster: the promise must break with the first and hold with the second."""
    for kind, application in (("buggy", buggy), ("fixed", fixed)):
        began = time.monotonic()
        broken = None
        try:
            with cluster(*options) as one:
                scenario(one, application)
        except Broken as error:
            broken = error
        except Exception:  # noqa: BLE001: whatever else it is, it is not the verdict that is wanted
            traceback.print_exc()
            sys.exit(f"{kind}: the scenario itself failed")
        said = broken or "the promise holds"
        print(f"{kind}: {said} ({time.monotonic() - began:.1f}s)", flush=True)
        if (kind == "buggy") != (broken is not None):
            sys.exit(f"{kind}: not what the scenario is to show")
