#!/usr/bin/env python3
"""Unmodified clients as members of a consumer group that others join, leave and are killed in: see README.md.

Without --bootstrap it starts the built broker, with --oracle Apache Kafka. Names are CLIENT or CLIENT/MODE; none means all.
"""
import collections
import contextlib
import functools
import os
import signal
import subprocess
import threading
import time

import cases
import group_trace
import run
import toolchains
import wire

PARTITIONS = 6
RECORDS_A_BATCH, BATCH_SECONDS = 2, 0.1
SESSION_MS = {"static": 10_000}
SESSION_MS_ELSE = 6_000
STEP_SECONDS, LEAVE_SECONDS = 60, 15
SETTLED_COMMITS_SECONDS = 1.0
# With KIP-848 the broker says how long a session lasts; its least is 45 seconds by default.
BROKER = ["group.consumer.min.session.timeout.ms=6000", "group.consumer.session.timeout.ms=6000",
          "group.consumer.min.heartbeat.interval.ms=2000", "group.consumer.heartbeat.interval.ms=2000"]

# `command(cache)` installs it and returns its argv. `late`: seconds by which what it says may be late, because a shell
# passes it on. `allows`: for a mode, which rules the library itself breaks, see README.md.
Client = collections.namedtuple("Client", "name command modes late allows", defaults=[0.0, {}])


def kcat(cache):
    toolchains.kcat(cache)
    return [run.HERE / "kcat" / "group.sh"]


COOPERATIVE = "cooperative-sticky"
CLIENTS = [
    Client("java", run.java("GroupMember"), ["eager", COOPERATIVE, "static", "consumer"],
           allows={COOPERATIVE: ["repeats"]}),
    Client("confluent-python", run.python("confluent_kafka_client.py"), ["eager", COOPERATIVE, "static", "consumer"]),
    Client("kcat", kcat, ["eager", COOPERATIVE], late=1.0, allows={"eager": ["drops"], COOPERATIVE: ["drops"]}),
    Client("franz-go", run.go("franz-go"), ["eager", COOPERATIVE, "static", "consumer"]),
    Client("sarama", run.go("sarama"), ["eager", COOPERATIVE]),
    Client("kafka-go", run.go("kafka-go"), ["eager"], allows={"eager": ["repeats", "strays"]}),
    Client("kafkajs", run.node("kafkajs"), ["eager"]),
    Client("kafka-python", run.python("kafka_python_client.py"), ["eager", COOPERATIVE], allows={COOPERATIVE: ["repeats"]}),
    Client("aiokafka", run.python("aiokafka_client.py"), ["eager"]),
]


class Producer(threading.Thread):
    """Appends to every partition, steadily, until it is told to stop. A record says where it is."""

    def __init__(self, bootstrap, topic):
        super().__init__(daemon=True)
        self.bootstrap, self.topic = bootstrap, topic
        self.stopping, self.failure = threading.Event(), None

    def run(self):
        try:
            with wire.connect(self.bootstrap) as sock:
                at = 0
                while not self.stopping.wait(BATCH_SECONDS):
                    offsets = range(at, at + RECORDS_A_BATCH)
                    wire.produce(sock, self.topic, {
                        partition: wire.batch([f"{partition}:{offset}".encode() for offset in offsets])
                        for partition in range(PARTITIONS)})
                    at += RECORDS_A_BATCH
        except OSError as failure:
            self.failure = failure

    def stop(self):
        self.stopping.set()
        self.join()
        assert not self.failure, f"producing failed: {self.failure}"


class Group:
    """A group, its members and what they say, in the order of the one pipe that all of them write to."""

    def __init__(self, client, mode, argv, bootstrap, folder):
        self.argv, self.mode, self.bootstrap, self.folder = argv, mode, bootstrap, folder
        self.name = f"{client.name}-{mode}-{os.getpid()}-{time.time_ns() % 10**9}"
        self.session_ms = SESSION_MS.get(mode, SESSION_MS_ELSE)
        self.trace = group_trace.Trace(PARTITIONS, client.late, client.allows.get(mode, ()))
        self.said = threading.Condition()
        self.processes, self.told = {}, set()
        self.commits = {}
        self.reading, self.writing = os.pipe()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with open(self.reading, encoding="utf-8", errors="replace") as lines, open(self.folder / "said.log", "w") as log:
            started = time.monotonic()
            for line in lines:
                now = time.monotonic()
                log.write(f"{now - started:8.3f} {line}")
                log.flush()
                with self.said:
                    self.trace.feed(line.rstrip("\n"), now)
                    self.said.notify_all()

    def close(self):
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(self.writing)

    def wait_until(self, what, condition, seconds=STEP_SECONDS):
        """The seconds that it took."""
        started = time.monotonic()
        with self.said:
            while not condition():
                gone = [name for name, process in self.processes.items()
                        if process.poll() is not None and name not in self.told]
                assert not gone, f"{', '.join(gone)} ended by itself while {what}"
                left = started + seconds - time.monotonic()
                owners = {name: sorted(owned) for name, owned in self.trace.owned.items() if owned}
                assert left > 0, f"after {seconds} s not yet: {what}; owners {owners}"
                self.said.wait(min(left, 1))
        return time.monotonic() - started

    def join(self, name, instance=None):
        command = [*self.argv, "group", "--bootstrap", self.bootstrap, "--topic", self.name, "--group", self.name, "--member",
                   name, "--mode", self.mode, "--session-ms", self.session_ms, *(["--instance", instance] if instance else [])]
        with open(self.folder / f"{name}.log", "w") as log:
            self.processes[name] = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=self.writing,
                                                    stderr=log, start_new_session=True)

    def settle(self, *members):
        """Waits until these members own everything evenly and consume it."""
        seconds = self.wait_until(f"{', '.join(members)} own everything", lambda: self.trace.settled(members))
        self.look_at_commits()
        return seconds

    def ended(self, name):
        os.write(self.writing, f"{name} ENDED\n".encode())
        self.wait_until(f"{name} is gone", lambda: name in self.trace.ended)

    def kill(self, name):
        """SIGKILL; what it had not committed is excused. Returns how many records that are."""
        process = self.processes[name]
        self.told.add(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.ended(name)
        # A commit that it had sent may still be on its way.
        time.sleep(SETTLED_COMMITS_SECONDS)
        self.look_at_commits()
        with self.said:
            return self.trace.excuse(name, self.commits)

    def leave(self, *names):
        """SIGTERM, on which a member leaves and ends with status 0."""
        self.told.update(names)
        for name in names:
            os.killpg(self.processes[name].pid, signal.SIGTERM)
        for name in names:
            process = self.processes[name]
            try:
                status = process.wait(LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{name} still runs {LEAVE_SECONDS} s after SIGTERM")
            assert status == 0, f"{name} left with status {status}"
            self.ended(name)

    def look_at_commits(self):
        """Commits never go back and never reach beyond what was consumed."""
        with wire.connect(self.bootstrap) as sock:
            now = wire.committed(sock, self.name, self.name, PARTITIONS)
        with self.said:
            # Members speak before they commit, but the pipe is read later.
            self.said.wait_for(lambda: all((now[p] or 0) <= offset for p, offset in self.trace.next_offsets().items()), 1)
            consumed = self.trace.next_offsets()
        for partition, offset in now.items():
            assert (offset or 0) >= (self.commits.get(partition) or 0), f"partition {partition}: the commit went back"
            assert (offset or 0) <= consumed[partition], f"partition {partition}: committed {offset}, not yet consumed"
        self.commits = now

    def owned(self, name):
        with self.said:
            return set(self.trace.owned[name])

    def lag_of_zero(self):
        """Waits until everything is consumed and committed. Returns the ends."""
        with wire.connect(self.bootstrap) as sock:
            ends = wire.ends(sock, self.name, PARTITIONS)
            self.wait_until("everything is consumed", lambda: self.trace.next_offsets() == ends)
            deadline = time.monotonic() + STEP_SECONDS
            while (now := wire.committed(sock, self.name, self.name, PARTITIONS)) != ends:
                assert time.monotonic() < deadline, f"lag stays: committed {now}, the ends are {ends}"
                time.sleep(0.1)
        return ends


def dynamic(group):
    """Three join one by one, one is killed, one leaves, one returns."""
    for members in ("a", "ab", "abc"):
        group.join(members[-1])
        group.settle(*members)
    started = time.monotonic()
    lost = group.kill("b")
    group.settle("a", "c")
    killed = time.monotonic() - started
    assert killed > 2, f"b was given up {killed:.1f} s after it was killed, before its session can have ended"
    group.leave("c")
    left = group.settle("a")
    assert left < SESSION_MS_ELSE / 1000, f"c's partitions had no owner for {left:.1f} s after it left"
    group.join("b2")
    group.settle("a", "b2")
    return ["a", "b2"], f"after the kill {killed:.1f} s, {lost} records again; after leaving {left:.1f} s"


def static(group):
    """One is killed and one leaves, and both return within their session; then one does not return."""
    for members in ("a", "ab", "abc"):
        group.join(members[-1], f"instance-{members[-1]}")
        group.settle(*members)
    moves, lost = group.trace.moves, group.kill("b")
    owned = {name: group.owned(name) for name in "ac"}
    for old, new in (("b", "b2"), ("c", "c2")):
        if old == "c":
            group.leave("c")
        group.join(new, f"instance-{old}")
        group.settle(*(["a", "b2", "c"] if old == "b" else ["a", "b2", "c2"]))
    moves = group.trace.moves - moves
    assert moves == 4, f"{moves} partitions moved, not those alone of the two that returned"
    assert group.owned("a") == owned["a"] and group.owned("c2") == owned["c"], "the returned own something else"
    started = time.monotonic()
    group.leave("c2")
    group.settle("a", "b2")
    gone = time.monotonic() - started
    assert gone > 2, f"c was given up {gone:.1f} s after it ended, before its session can have ended"
    return ["a", "b2"], f"after the kill {lost} records again; given up after {gone:.1f} s"


def scenario(client, mode, argv, options, folder):
    """What there is to say about a run that kept the rules."""
    bootstrap = options.bootstrap
    group = Group(client, mode, argv, bootstrap, folder)
    producer = Producer(bootstrap, group.name)
    with contextlib.closing(group):
        with wire.connect(bootstrap) as sock:
            wire.create_topic(sock, group.name, PARTITIONS)
        producer.start()
        try:
            staying, told = (static if mode == "static" else dynamic)(group)
        finally:
            producer.stop()
        ends = group.lag_of_zero()
        group.leave(*staying)
        with wire.connect(bootstrap) as sock:
            now = wire.committed(sock, group.name, group.name, PARTITIONS)
        assert now == ends, f"when all had left, {now} was committed, not {ends}"
        own, faults = group.trace.verdict(ends)
        assert not faults, "; ".join(faults[:5]) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else "")
    return f"{sum(ends.values())} records; {told}{own}"


def installed(chosen, options):
    """{name: case} of what is there, and the count of what could not be installed."""
    ready, count = {}, collections.Counter()
    for client in CLIENTS:
        modes = [mode for mode in client.modes if {client.name, f"{client.name}/{mode}"} & chosen or not chosen]
        if not modes:
            continue
        try:
            argv = client.command(options.cache)
            for mode in modes:
                ready[f"{client.name}/{mode}"] = functools.partial(scenario, client, mode, argv, options)
        except toolchains.Missing as missing:
            cases.lacks(client.name, missing, count, len(modes))
    return ready, count


def main():
    names = sorted(f"{client.name}/{mode}" for client in CLIENTS for mode in client.modes)
    parser = cases.arguments(__doc__, "CLIENT or CLIENT/MODE")
    options = cases.parsed(parser, "group", names, [client.name for client in CLIENTS])
    ready, count = installed(set(options.names), options)
    cases.run_all("groups", ready, count, options, BROKER)


if __name__ == "__main__":
    main()
