#!/usr/bin/env python3
"""Kafka Streams counts words exactly once, while its instances are killed: see README.md.

Without --bootstrap it starts the built broker, with --oracle Apache Kafka. Names pick cases; none means all of them.
"""
import collections
import contextlib
import functools
import itertools
import os
import pathlib
import signal
import subprocess
import threading
import time

import cases
import counts_trace
import run
import toolchains
import wire

PARTITIONS = 3
LINES, LINES_A_BATCH, BATCH_SECONDS = 3_000, 20, 0.02
# How much further than counted the input is filled at once.
AHEAD = 0.05
# What has not been committed for so long is not committed any more: twice the interval of commits.
STILL_SECONDS = 0.5
STEP_SECONDS, CLOSE_SECONDS = 60, 25
BROKER = ["group.initial.rebalance.delay.ms=0", "group.min.session.timeout.ms=1000",
          "group.streams.initial.rebalance.delay.ms=0", "group.streams.min.session.timeout.ms=1000",
          "group.streams.min.heartbeat.interval.ms=500", "transaction.abort.timed.out.transaction.cleanup.interval.ms=500"]
FLAGS = {"--threads": 2, "--session-ms": 3_000, "--transaction-ms": 3_000, "--commit-ms": 250}

# Whether an instance that returns finds the state that it left, and the share of the output at which each instance is killed.
Case = collections.namedtuple("Case", "name protocol store instances standbys keeps_state kills")
CASES = [Case(f"{name}/{protocol}", protocol, *rest) for protocol in ("classic", "streams") for name, *rest in (
    ("rocksdb", "rocksdb", "a", 0, True, [("a", 0.15), ("a", 0.5)]),
    ("memory", "memory", "a", 0, False, [("a", 0.15), ("a", 0.5)]),
    ("takeover", "rocksdb", "ab", 1, True, [("a", 0.15), ("b", 0.5)]),
)]
# What Kafka Streams asks of the topics that it makes for itself.
SETTINGS = {
    "changelog": {"cleanup.policy": "compact", "message.timestamp.type": "CreateTime"},
    "repartition": {"cleanup.policy": "delete", "message.timestamp.type": "CreateTime", "retention.ms": "-1",
                    "segment.bytes": "52428800"},
}


class Feeder(threading.Thread):
    """Appends the lines of the file to the partitions of the topic in turn: up to a share of them steadily, beyond it one by
    one, so that there is always something to count."""

    def __init__(self, bootstrap, topic, lines):
        super().__init__(daemon=True)
        self.bootstrap, self.topic, self.lines = bootstrap, topic, lines
        self.share, self.failure = 0, None

    def run(self):
        try:
            with wire.connect(self.bootstrap) as sock:
                at = 0
                for partition in itertools.cycle(range(PARTITIONS)):
                    end = at + (LINES_A_BATCH if at < self.share * len(self.lines) else 1)
                    wire.produce(sock, self.topic, {partition: wire.batch([line.encode() for line in self.lines[at:end]])})
                    if (at := end) >= len(self.lines):
                        return
                    time.sleep(BATCH_SECONDS)
        except OSError as failure:
            self.failure = failure


class Reader:
    """The output as another library sees it at read_committed, all the while."""

    def __init__(self, python, bootstrap, topic, folder):
        self.trace, self.said = counts_trace.Trace(), threading.Condition()
        with open(folder / "reader.log", "w") as log:
            self.process = subprocess.Popen([*map(str, python), "tail", bootstrap, topic, str(PARTITIONS)],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.said:
                self.trace.feed(line.rstrip("\n"))
                self.said.notify_all()

    def close(self):
        self.process.kill()
        self.process.wait()


class Application:
    """The instances of the word count, and who reads what they write."""

    def __init__(self, case, programs, options, folder):
        self.case, self.programs, self.options, self.folder = case, programs, options, folder
        self.bootstrap = options.bootstrap
        self.name = f"{case.name.replace('/', '-')}-{os.getpid()}-{time.time_ns() % 10**9}"
        self.source, self.target = f"{self.name}-input", f"{self.name}-output"
        self.internal = {kind: f"{self.name}-{store}-{kind}"
                         for kind, store in (("changelog", "counts"), ("repartition", "words"))}
        self.processes, self.starts = {}, collections.Counter()

    def start(self, name):
        self.starts[name] += 1
        state = self.folder / (f"state-{name}" if self.case.keeps_state else f"state-{name}-{self.starts[name]}")
        flags = {**FLAGS, "--bootstrap": self.bootstrap, "--application": self.name, "--input": self.source,
                 "--output": self.target, "--state": state, "--store": self.case.store, "--protocol": self.case.protocol,
                 "--standbys": self.case.standbys, "--guarantee": self.options.guarantee}
        command = [*self.programs["java"], *(word for pair in flags.items() for word in pair)]
        with open(self.folder / f"{name}-{self.starts[name]}.log", "w") as log:
            self.processes[name] = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def close(self):
        for process in self.processes.values():
            process.kill()
            process.wait()

    def wait_until(self, what, reader, condition):
        deadline = time.monotonic() + STEP_SECONDS
        with reader.said:
            while not condition(reader.trace):
                gone = [name for name, process in self.processes.items() if process.poll() is not None]
                assert not gone, f"{', '.join(gone)} ended by itself while {what}"
                assert reader.process.poll() is None, "the reader ended by itself"
                assert time.monotonic() < deadline, \
                    f"after {STEP_SECONDS} s not yet: {what}; {reader.trace.records} counts were read"
                reader.said.wait(0.5)

    def uncommitted(self):
        """{partition: last stable offset} of those partitions of the output in which a transaction is open."""
        with wire.connect(self.bootstrap) as sock:
            # The last stable offsets first: they only grow.
            stable, ends = (wire.ends(sock, self.target, PARTITIONS, isolation=isolation) for isolation in (1, 0))
        return {partition: offset for partition, offset in stable.items() if offset < ends[partition]}

    def stops_in_transaction(self, process):
        """Stops the process while some transaction is open. Whether it is this process's: others go on to commit theirs."""
        if not self.uncommitted():
            return False
        process.send_signal(signal.SIGSTOP)
        before = self.uncommitted().items()
        time.sleep(STILL_SECONDS)
        return bool(before & self.uncommitted().items())

    def kill(self, name):
        """SIGKILL, in the middle of a transaction if there are any."""
        process, deadline = self.processes[name], time.monotonic() + STEP_SECONDS
        while self.options.guarantee == "exactly_once_v2" and not self.stops_in_transaction(process):
            assert time.monotonic() < deadline, f"{name} has no transaction under way"
            process.send_signal(signal.SIGCONT)
        self.processes.pop(name).kill()
        process.wait()

    def said(self, names, what):
        """How often these instances have said so since they started."""
        return sum((self.folder / f"{name}-{self.starts[name]}.log").read_text().count(what) for name in names)

    def standbys(self, names):
        """How many standby tasks these instances have."""
        return self.said(names, "STANDBY STARTED") - self.said(names, "STANDBY PROMOTED") - self.said(names, "STANDBY MIGRATED")

    def leave(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for name, process in self.processes.items():
            try:
                status = process.wait(CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{name} still runs {CLOSE_SECONDS} s after SIGTERM")
            assert status == 0, f"{name} closed with status {status}"


def settings(programs, application):
    """{topic: {key: value}} of the settings that the internal topics have of their own, as another library sees them."""
    argv = [*programs["python"], "settings", application.bootstrap, *application.internal.values()]
    printed = run.run_program(argv, application.folder / "settings.log")
    found = {topic: {} for topic in application.internal.values()}
    for line in printed.splitlines():
        topic, key, value = line.split(" ", 2)
        found[topic][key] = value
    return found


def purged(application):
    """Waits until all that was counted of some partition is deleted from the repartition topic. Returns how many offsets are in all.

    Not of every partition: the threads of an instance purge through one admin client, and now and then the requests of one
    of them never leave the client.
    """
    topic, deadline = application.internal["repartition"], time.monotonic() + STEP_SECONDS
    with wire.connect(application.bootstrap) as sock:
        while True:
            starts, committed = (wire.ends(sock, topic, PARTITIONS, -2), wire.committed(sock, application.name, topic, PARTITIONS))
            assert all(starts[at] <= committed[at] for at in starts), f"what is not counted is deleted: {starts}, {committed}"
            if any(0 < starts[at] == committed[at] for at in starts):
                return sum(starts.values())
            assert time.monotonic() < deadline, f"the repartition topic still starts at {starts}, counted is {committed}"
            time.sleep(0.1)


def check_end(programs, application, reader, wanted):
    """What there is to say about an output that is as it must be, and the topics around it."""
    found = settings(programs, application)
    for kind, topic in application.internal.items():
        assert found[topic] == SETTINGS[kind], f"{topic} has the settings {found[topic]}"
    with reader.said:
        faults = reader.trace.verdict(wanted)
    assert not faults, "; ".join(faults[:5]) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else "")
    total = sum(wanted.values())
    all_of_it, committed = (sum(len(wire.consumed(application.bootstrap, application.target, isolation, partition))
                                for partition in range(PARTITIONS)) for isolation in (0, 1))
    assert committed == total, f"{committed} counts of {total} are committed"
    assert all_of_it > total, "no kill fell into a transaction: nothing was aborted"
    return f"{total} words, {all_of_it - total} counts aborted"


def lose(application, name, reader):
    """Kills an instance and starts it again; if another one has copies of its state, once these have taken over."""
    others = [other for other in application.processes if other != name]
    if application.case.standbys:
        application.wait_until("another instance has standby tasks", reader, lambda _: application.standbys(others))
    promoted = application.said(others, "STANDBY PROMOTED")
    application.kill(name)
    if application.case.standbys:
        application.wait_until("a standby task took over", reader, lambda _: application.said(others, "STANDBY PROMOTED") > promoted)
    application.start(name)
    application.wait_until(f"{name} runs again", reader, lambda _: application.said(name, "STATE RUNNING"))


def scenario(case, programs, lines, options, folder):
    """What there is to say about a run that kept the rules."""
    wanted = collections.Counter(word for line in lines for word in counts_trace.words(line))
    total = sum(wanted.values())
    application = Application(case, programs, options, folder)
    with wire.connect(options.bootstrap) as sock:
        for topic in (application.source, application.target):
            wire.create_topic(sock, topic, PARTITIONS)
    reader = Reader(programs["python"], options.bootstrap, application.target, folder)
    feeder = Feeder(options.bootstrap, application.source, lines)
    with contextlib.closing(reader), contextlib.closing(application):
        feeder.start()
        for name in case.instances:
            application.start(name)
        for name, share in case.kills:
            feeder.share = share + AHEAD
            application.wait_until(f"{share:.0%} are counted", reader, lambda trace: trace.records >= share * total)
            lose(application, name, reader)
        feeder.share = 1
        application.wait_until("all is counted", reader, lambda trace: trace.records >= total)
        assert not feeder.failure, f"feeding failed: {feeder.failure}"
        deleted = purged(application)
        application.leave()
        told = check_end(programs, application, reader, wanted)
        with wire.connect(options.bootstrap) as sock:
            ends, now = (wire.ends(sock, application.source, PARTITIONS),
                         wire.committed(sock, application.name, application.source, PARTITIONS))
            assert now == ends, f"of the input {now} is committed, not {ends}"
    return f"{told}, {deleted} offsets of the repartition topic deleted"


def main():
    parser = cases.arguments(__doc__, "cases to run")
    parser.add_argument("--guarantee", default="exactly_once_v2", help="at_least_once must fail")
    parser.add_argument("--input", type=pathlib.Path, default=run.ROOT / "fixtures" / "unicode" / "UnicodeData.txt")
    options = cases.parsed(parser, "case", [case.name for case in CASES], {part for case in CASES for part in case.name.split("/")})
    chosen = [case for case in CASES if not options.names or {case.name, *case.name.split("/")} & set(options.names)]
    lines = options.input.read_text().splitlines()[:LINES]
    ready, count = {}, collections.Counter()
    try:
        programs = {"java": run.java("WordCount")(options.cache), "python": run.python("counts_reader.py")(options.cache)}
        ready = {case.name: functools.partial(scenario, case, programs, lines, options) for case in chosen}
    except toolchains.Missing as missing:
        cases.lacks("Kafka Streams", missing, count, len(chosen))
    cases.run_all("streams", ready, count, options, BROKER)


if __name__ == "__main__":
    main()
