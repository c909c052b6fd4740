#!/usr/bin/env python3
"""Share consumers (KIP-932) that live, go, and take too long: see README.md.

Names are CLIENT or CLIENT/CASE; none means all.
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
import run
import toolchains
import wire

PARTITIONS = 2
LOCK_MS = 2_000
READ_SECONDS = 40
# Records are locked for as short as Kafka allows it, so that locks end in time.
SETTINGS = [
    "group.share.min.record.lock.duration.ms=1000",
    f"group.share.record.lock.duration.ms={LOCK_MS}",
    "group.share.min.heartbeat.interval.ms=500",
    "group.share.heartbeat.interval.ms=500",
]

Client = collections.namedtuple("Client", "name command")
CLIENTS = [Client("java", run.java("ShareMember"))]

# A record as a member got it: its value, and for which time it was delivered.
Got = collections.namedtuple("Got", "value deliveries")


class Member:
    """A share consumer in a process of its own, and what it says."""

    def __init__(self, argv, name, mode, place, folder, work_ms=0):
        bootstrap, topic, group = place
        self.said = threading.Condition()
        self.got, self.refused = [], 0
        command = [*argv, "share", "--bootstrap", bootstrap, "--topic", topic, "--group", group, "--member", name, "--mode", mode,
                   "--work-ms", work_ms, "--settings", "share.auto.offset.reset=earliest"]
        with open(folder / f"{name}.log", "w") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log, start_new_session=True, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            words = line.split()
            with self.said:
                if words[1] == "GOT":
                    self.got.append(Got(words[5], int(words[4])))
                elif words[1] == "REFUSED":
                    self.refused += 1
                self.said.notify_all()

    def wait_for(self, what, holds):
        end = time.monotonic() + READ_SECONDS
        with self.said:
            while not holds():
                assert self.process.poll() is None, f"the member ended by itself before it {what}"
                left = end - time.monotonic()
                assert left > 0, f"the member has not {what} after {READ_SECONDS} s, but got {self.got}"
                self.said.wait(min(left, 1))

    def gets(self, expected):
        """Waits until it has got these, in any order."""
        self.wait_for("got everything", lambda: len(self.got) >= len(expected))
        assert sorted(self.got) == sorted(expected), f"got {sorted(self.got)}, not {sorted(expected)}"

    def leave(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        status = self.process.wait(READ_SECONDS)
        assert status == 0, f"the member left with status {status}"

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def write(bootstrap, topic, values):
    """Appends values in turn to the partitions."""
    by_partition = {partition: values[partition::PARTITIONS] for partition in range(PARTITIONS)}
    with wire.connect(bootstrap) as sock:
        wire.produce(sock, topic, {partition: wire.batch([value.encode() for value in some])
                                   for partition, some in by_partition.items() if some})


def each_once(member, write):
    """Two members share the records, and who comes later gets none of them."""
    values = [f"v{at}" for at in range(200)]
    write(values)
    first, second = member("a", "implicit"), member("b", "implicit")

    def both():
        return len(first.got) + len(second.got)
    first.wait_for("got its part", lambda: both() >= len(values))
    first.leave()
    second.leave()
    assert sorted(first.got + second.got) == sorted(Got(value, 1) for value in values), "a record came twice, or another did not"
    write(["later"])
    third = member("c", "implicit")
    third.gets([Got("later", 1)])
    third.leave()
    return f"{len(first.got)} and {len(second.got)} records"


def explicitly(member, write):
    """What is released comes again, what is rejected does not."""
    write(["release-0", "reject-0", "accept-0", "release-1"])
    one = member("a", "explicit")
    one.gets([Got("release-0", 1), Got("reject-0", 1), Got("accept-0", 1), Got("release-1", 1), Got("release-0", 2), Got("release-1", 2)])
    one.leave()
    return f"{len(one.got)} deliveries"


def killed(member, write):
    """What a member has is free again once its connection is gone."""
    values = [f"v{at}" for at in range(10)]
    write(values)
    held = member("a", "hold", work_ms=READ_SECONDS * 1000)
    held.gets([Got(value, 1) for value in values])
    held.kill()
    other = member("b", "implicit")
    other.gets([Got(value, 2) for value in values])
    other.leave()
    return f"{len(values)} records"


def too_late(member, write):
    """Who works for longer than the lock is refused, and another member has the records."""
    values = [f"v{at}" for at in range(4)]
    write(values)
    slow = member("a", "hold", work_ms=3 * LOCK_MS)
    slow.wait_for("got everything", lambda: len(slow.got) >= len(values))
    other = member("b", "implicit")
    other.gets([Got(value, 2) for value in values])
    slow.wait_for("been refused", lambda: slow.refused > 0)
    other.leave()
    slow.kill()
    return f"{slow.refused} partitions refused"


CASES = {"each-once": each_once, "explicit": explicitly, "killed": killed, "too-late": too_late}


def test(case, name, argv, options, folder):
    place = options.bootstrap, f"share-{name}", f"group-{name}"
    with wire.connect(options.bootstrap) as sock:
        wire.create_topic(sock, place[1], PARTITIONS)
    with contextlib.ExitStack() as stack:
        def member(who, mode, work_ms=0):
            started = Member(argv, who, mode, place, folder, work_ms)
            stack.callback(started.kill)
            return started
        return case(member, functools.partial(write, options.bootstrap, place[1]))


def main():
    names = sorted(f"{client.name}/{case}" for client in CLIENTS for case in CASES)
    parser = cases.arguments(__doc__, "CLIENT or CLIENT/CASE")
    options = cases.parsed(parser, "client", names, [client.name for client in CLIENTS])
    ready, count, chosen = {}, collections.Counter(), set(options.names)
    for client in CLIENTS:
        picked = [case for case in CASES if {client.name, f"{client.name}/{case}"} & chosen or not chosen]
        if not picked:
            continue
        try:
            argv = client.command(options.cache)
            for case in picked:
                name = f"{client.name}-{case}"
                ready[f"{client.name}/{case}"] = functools.partial(test, CASES[case], name, argv, options)
        except toolchains.Missing as missing:
            cases.lacks(client.name, missing, count, len(picked))
    cases.run_all("shares", ready, count, options, SETTINGS)


if __name__ == "__main__":
    main()
