"""What share consumers go through in `make shares`, and what is checked of it: see README.md."""
import collections
import subprocess
import threading
import time

import wire

LOCK_MS = 2_000
READ_SECONDS = 40
NO_ERROR, TOO_LATE = "NONE", "INVALID_RECORD_STATE"

# What a case does, and how many partitions its topic has.
Case = collections.namedtuple("Case", "run partitions", defaults=[1])
# A record as a member got it: its value, and for which time it was delivered.
Got = collections.namedtuple("Got", "value deliveries")


class Member:
    """A member of a share group, in a thread of its host, and what it says."""

    def __init__(self, host, name, topic, group, mode):
        self.host, self.name = host, name
        self.said = threading.Condition()
        self.got, self.answers, self.has_left = [], [], False
        host.members[name] = self
        host.tell("JOIN", name, topic, group, mode)

    def says(self, words):
        with self.said:
            if words[0] == "GOT":
                self.got.append(Got(words[4], int(words[3])))
            elif words[0] == "ACKNOWLEDGED":
                self.answers.append(words[2])
            else:
                self.has_left = True
            self.said.notify_all()

    def wait_for(self, what, holds):
        end = time.monotonic() + READ_SECONDS
        with self.said:
            while not holds():
                assert self.host.is_alive(), f"{self.name} ended by itself before it {what}"
                left = end - time.monotonic()
                assert left > 0, f"{self.name} has not {what} after {READ_SECONDS} s, but got {self.got}"
                self.said.wait(min(left, 1))

    def gets(self, *expected):
        """Waits until it has got these and no others, in any order."""
        self.wait_for("got everything", lambda: len(self.got) >= len(expected))
        assert sorted(self.got) == sorted(expected), f"{self.name} got {sorted(self.got)}, not {sorted(expected)}"

    def finish(self, answer):
        """Has it acknowledge what it holds or renews; all of the broker's answers to that must be this one."""
        before = len(self.answers)
        self.host.tell("FINISH", self.name)
        self.wait_for("been answered", lambda: len(self.answers) > before)
        found = self.answers[before:]
        assert set(found) == {answer}, f"{self.name}'s acknowledgements were answered {found}, not {answer}"

    def leave(self):
        self.host.tell("LEAVE", self.name)
        self.wait_for("left", lambda: self.has_left)


class Stage:
    """A topic and a share group that reads it from its beginning, for one case."""

    def __init__(self, bootstrap, name, partitions, host_of, argv, folder):
        self.bootstrap, self.topic, self.group = bootstrap, f"{name}-topic", f"{name}-group"
        self.name, self.host_of, self.argv, self.folder = name, host_of, argv, folder
        self.members, self.transactions = [], 0
        self.sock = wire.connect(bootstrap)
        wire.create_topic(self.sock, self.topic, partitions)
        self.set(self.group, **{"share.auto.offset.reset": "earliest"})

    def set(self, group, **settings):
        wire.set_group_settings(self.sock, group, settings)

    def member(self, who, mode, group=None, is_alone=False):
        host = self.host_of(is_alone)
        self.members.append(Member(host, f"{self.name}-{who}", self.topic, group or self.group, mode))
        return self.members[-1]

    def write(self, *values, partition=0):
        wire.produce(self.sock, self.topic, {partition: wire.batch([value.encode() for value in values])})

    def transaction(self, *values):
        """An open transaction with these values."""
        self.transactions += 1
        return wire.Transaction(self.sock, f"{self.name}-{self.transactions}", self.topic, 0, [value.encode() for value in values])

    def end(self):
        """Whoever is still there when a case has failed must go."""
        self.sock.close()
        for member in self.members:
            if member.host.is_alive() and not member.has_left:
                member.host.tell("LEAVE", member.name)


def firsts(values):
    return [Got(value, 1) for value in values]


def each_once(stage):
    """Two members share the records, and who comes later gets none of them."""
    one, other = stage.member("a", "implicit"), stage.member("b", "implicit")
    written = []
    end = time.monotonic() + READ_SECONDS
    while not (one.got and other.got and len(written) >= 100):
        assert time.monotonic() < end, "one member gets all records"
        values = [f"v{at}" for at in range(len(written), len(written) + 10)]
        stage.write(*values)
        written += values
        one.wait_for("got its part", lambda: len(one.got) + len(other.got) >= len(written))
    parts = len(one.got), len(other.got)
    one.leave()
    other.leave()
    assert sorted(one.got + other.got) == sorted(firsts(written)), "a record came twice, or another did not"
    late = stage.member("c", "implicit")
    stage.write("later")
    late.gets(Got("later", 1))
    late.leave()
    return "%d and %d records" % parts


def explicit(stage):
    """What is released comes again, what is rejected does not."""
    values = ["release-0", "reject-0", "accept-0", "release-1"]
    stage.write(*values[:2])
    stage.write(*values[2:], partition=1)
    member = stage.member("a", "explicit")
    member.gets(*firsts(values), Got("release-0", 2), Got("release-1", 2))
    member.leave()
    return f"{len(member.got)} deliveries"


def renew(stage):
    """Who renews its locks keeps the records for as long as it likes."""
    values = [f"v{at}" for at in range(4)]
    stage.write(*values)
    busy = stage.member("a", "renew")
    busy.gets(*firsts(values))
    began = time.monotonic()
    idle = stage.member("b", "implicit")
    # Two locks' length at least.
    busy.wait_for("renewed its locks for long", lambda: busy.answers and time.monotonic() - began > 2.2 * LOCK_MS / 1000)
    renewals = len(busy.answers)
    assert set(busy.answers) == {NO_ERROR}, f"renewals were answered {busy.answers}"
    busy.finish(NO_ERROR)
    busy.leave()
    stage.write("behind")
    idle.gets(Got("behind", 1))
    idle.leave()
    return f"{renewals} renewals"


def killed(stage):
    """What a member has is free again once its connection is gone."""
    values = [f"v{at}" for at in range(10)]
    stage.write(*values)
    lost = stage.member("a", "hold", is_alone=True)
    lost.gets(*firsts(values))
    lost.host.kill()
    other = stage.member("b", "implicit")
    other.gets(*[Got(value, 2) for value in values])
    other.leave()
    return f"{len(values)} records"


def too_late(stage):
    """Who works for longer than the lock is refused while another member has the records."""
    values = [f"v{at}" for at in range(4)]
    stage.write(*values)
    slow = stage.member("a", "hold")
    slow.gets(*firsts(values))
    other = stage.member("b", "hold")
    # Clients fetch ahead: the slow one may be the second, too, to have what it cannot know it lost.
    other.wait_for("got everything", lambda: len(other.got) >= len(values))
    deliveries = {got.deliveries for got in other.got}
    assert sorted(got.value for got in other.got) == values and min(deliveries) > 1, f"the other got {other.got}"
    slow.finish(TOO_LATE)
    other.finish(NO_ERROR)
    slow.leave()
    other.leave()
    return f"refused with {TOO_LATE}"


def read_committed(stage):
    """With read_committed a group gets no aborted record, and none behind an open transaction; without it gets all."""
    stage.set(stage.group, **{"share.isolation.level": "read_committed"})
    everything = f"{stage.group}-uncommitted"
    stage.set(everything, **{"share.auto.offset.reset": "earliest"})
    stage.write("plain")
    stage.transaction("aborted-0", "aborted-1").end(False)
    stage.transaction("committed-0", "committed-1").end(True)
    unfinished = stage.transaction("open-0")
    stage.write("behind")
    all_values = ["plain", "aborted-0", "aborted-1", "committed-0", "committed-1", "open-0", "behind"]
    strict, loose = stage.member("a", "implicit"), stage.member("b", "implicit", everything)
    loose.gets(*firsts(all_values))
    strict.gets(*firsts(["plain", "committed-0", "committed-1"]))
    unfinished.end(True)
    strict.gets(*firsts(value for value in all_values if not value.startswith("aborted")))
    strict.leave()
    loose.leave()
    return f"{len(strict.got)} and {len(loose.got)} records"


def console(stage, *options, expected):
    """What kafka-console-share-consumer prints, with the count of deliveries."""
    command = [*stage.argv, "--bootstrap-server", stage.bootstrap, "--topic", stage.topic, "--group", stage.group,
               "--max-messages", len(expected), "--timeout-ms", READ_SECONDS * 1000,
               "--formatter-property", "print.delivery=true", *options]
    with open(stage.folder / "stderr.log", "a") as errors:
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                              timeout=2 * READ_SECONDS, text=True)
    assert done.returncode == 0, f"it ended with status {done.returncode}"
    assert sorted(done.stdout.splitlines()) == sorted(expected), f"it printed {done.stdout!r}, not {expected}"


def console_consumer(stage):
    """Released records come again, rejected ones do not, and by default all are accepted."""
    stage.write("v0", "v1")
    console(stage, "--release", expected=["Delivery:1\tv0", "Delivery:1\tv1"])
    console(stage, "--reject", expected=["Delivery:2\tv0", "Delivery:2\tv1"])
    stage.write("v2", "v3")
    console(stage, expected=["Delivery:1\tv2", "Delivery:1\tv3"])
    return "released, rejected, accepted"


CASES = {"each-once": Case(each_once), "explicit": Case(explicit, partitions=2), "renew": Case(renew), "killed": Case(killed),
         "too-late": Case(too_late), "read-committed": Case(read_committed)}
CONSOLE_CASES = {"console": Case(console_consumer)}
