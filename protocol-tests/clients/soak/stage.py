"""The clients of a soak on one cluster, what they say, and the rules that it must keep."""
import collections
import contextlib
import re
import signal
import struct
import threading
import time

import audit
import clusters
import rules
import wire
import worker

ORDERS, PLAIN, WORDS, COUNTS, VOID = "orders", "plain", "words", "counts", "void"
PARTITIONS = {ORDERS: 6, PLAIN: 4, WORDS: 2, COUNTS: 2}
# Kafka Streams gives its results the time of what they come from: on a slow machine retention would delete them before they are committed.
COUNTS_SETTINGS = [("message.timestamp.type", "LogAppendTime")]
APPLICATION = "soak-streams"
REPLICAS = 3
SESSION_MS, TRANSACTION_MS = 10_000, 10_000
COPY_PAUSE_MS = 200
# What they wait between records.
PAUSE_MS, WORDS_PAUSE_MS = 100, 200
LOAD = {"--keys": 5, "--padding": 300}
TOGETHER_SECONDS = 180
# A client may take half a minute to give up on a request, and then its group waits for a session to end.
WELL_SECONDS = 120
END_SECONDS = 90
# How long a supervisor lets a client leave while things go wrong: kafkajs's consumer may wait for ever for a node that has gone.
GRACE_SECONDS = 30
LOOK_SECONDS = 0.1
# What is written while one wait lasts may be unread through the next: what is deleted sooner, somebody misses.
RETENTION_SECONDS = 3 * WELL_SECONDS
# librdkafka's producer may wait for ever for a group's coordinator whose node has gone (its issue 5511): by then we start it again.
STUCK_SECONDS, STUCK_COPIES, STUCK_COPIER = 20, "copies-confluent", "soak-copy-confluent-0"
# Beside these, Kafka names node 0 as the leader in an answer that refuses acknowledgements, and franz-go's share consumer goes there.
LEADER_ERRORS, ASTRAY = ("NONE", "NOT_LEADER_OR_FOLLOWER", "FENCED_LEADER_EPOCH"), "soak-share-go"
# Acknowledgements that were on their way when a snapshot was put back.
LATE_SECONDS = 2
BROKER = [
    "default.replication.factor=3", "min.insync.replicas=2", "offsets.topic.replication.factor=3", "offsets.topic.num.partitions=3",
    "transaction.state.log.replication.factor=3", f"transaction.state.log.num.partitions={clusters.TRANSACTION_PARTITIONS}",
    "transaction.state.log.min.isr=2", "share.coordinator.state.topic.replication.factor=3", "share.coordinator.state.topic.min.isr=2",
    "share.coordinator.state.topic.num.partitions=3", "group.consumer.min.session.timeout.ms=6000",
    f"group.consumer.session.timeout.ms={SESSION_MS}", "group.consumer.min.heartbeat.interval.ms=2000",
    "group.consumer.heartbeat.interval.ms=3000", "group.share.min.session.timeout.ms=6000", f"group.share.session.timeout.ms={SESSION_MS}",
    "group.share.min.heartbeat.interval.ms=2000", "group.share.heartbeat.interval.ms=3000", "group.share.min.record.lock.duration.ms=1000",
    "group.share.record.lock.duration.ms=5000", "group.share.delivery.count.limit=10", "group.streams.min.session.timeout.ms=6000",
    f"group.streams.session.timeout.ms={SESSION_MS}", "group.streams.min.heartbeat.interval.ms=500",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
    "log.roll.ms=30000", "log.retention.check.interval.ms=5000", "log.segment.bytes=1048576",
    "log.segment.delete.delay.ms=1000", "offsets.topic.segment.bytes=1048576", "transaction.state.log.segment.bytes=1048576",
    "share.coordinator.state.topic.segment.bytes=1048576", "log.cleaner.backoff.ms=5000",
]

# The library, what it writes in, and how many of them copy: in a group by generations or epochs, or by its name alone.
LOADS = {"java": ORDERS, "confluent": ORDERS, "aiokafka": ORDERS, "go": ORDERS, "kafkajs": ORDERS}
PLAIN_LOADS = ["confluent", "go", "kafkajs"]
# A group's topic, how its members join, and their libraries; the names that aiokafka and kafkajs give their assignors are theirs alone.
GROUPS = {"classic": (ORDERS, "eager", ["java", "confluent", "go"]), "modern": (ORDERS, "consumer", ["java", "confluent", "go"]),
          "aiokafka": (PLAIN, "eager", ["aiokafka", "aiokafka"]), "kafkajs": (PLAIN, "eager", ["kafkajs", "kafkajs"])}
COPIERS = {"java": ("consumer", 1), "confluent": ("classic", 1), "aiokafka": ("none", 1), "go": ("classic", 2)}
SHARERS = ["java", "confluent", "go"]


def settings(patience):
    """The broker's. What is old goes, so that memory has a plateau."""
    return [*BROKER, f"log.retention.ms={int(RETENTION_SECONDS * patience * 1000)}"]


class Stage:
    """`programs` are the command lines of the libraries: NAME, group/NAME, share/NAME and streams. `pace` is by how much less than usual
    producers wait between records."""

    def __init__(self, cluster, programs, folder, patience=1, pace=1):
        self.cluster, self.programs, self.folder, self.patience, self.pace = cluster, programs, folder, patience, pace
        self.lock = threading.Lock()
        self.written = {topic: rules.Written(topic, PARTITIONS[topic], topic != PLAIN) for topic in (ORDERS, PLAIN, WORDS)}
        self.copied = {f"copies-{library}": rules.Copied(f"copies-{library}", self.written[ORDERS]) for library in COPIERS}
        self.taken = {name: rules.Taken(name, self.written[topic]) for name, (topic, _, _) in GROUPS.items()}
        self.shared, self.counted = rules.Shared("share", self.written[PLAIN]), rules.Counted(COUNTS)
        self.counts, self.other_faults = collections.Counter(), []
        # Clients that a supervisor is to start again.
        self.astray = set()
        self.topics = {**PARTITIONS, **dict.fromkeys(self.copied, PARTITIONS[ORDERS]), VOID: 1}
        self.auditor = audit.Auditor(cluster.addresses(), {topic: count for topic, count in self.topics.items() if topic != VOID}, [VOID],
                                     self.lock, self.reads, self.other_faults.append)
        self.workers = {}

    def all_rules(self):
        return [*self.written.values(), *self.copied.values(), *self.taken.values(), self.shared, self.counted]

    def add(self, name, kind, argv, hears, **rest):
        self.workers[name] = worker.Worker(name, kind, argv, hears, self.lock, self.folder, **rest)

    def add_all(self):
        for library in LOADS:
            self.add_load(f"soak-load-{library}", library, ORDERS, True)
        for library in PLAIN_LOADS:
            self.add_load(f"soak-plain-{library}", library, PLAIN, False)
        self.add_load("soak-words-go", "go", WORDS, True, WORDS_PAUSE_MS)
        for group, (_, mode, libraries) in GROUPS.items():
            for number, library in enumerate(libraries):
                self.add_member(f"soak-{group}-{library}-{number}", library, group, mode)
        for library, (mode, count) in COPIERS.items():
            for number in range(count):
                self.add_copier(f"soak-copy-{library}-{number}", library, mode)
        for library in SHARERS:
            self.add_sharer(f"soak-share-{library}", library)
        self.add_streams()

    def add_load(self, name, library, topic, is_idempotent, pause_ms=PAUSE_MS):
        flags = {**LOAD, "--pause-ms": max(round(pause_ms / self.pace), 1), "--topic": topic, "--idempotent": str(is_idempotent).lower()}
        self.add(name, "load", self.command(library, "load", flags), self.load_says(self.written[topic]))

    def add_member(self, name, library, group, mode):
        rule = self.taken[group]
        flags = {"--topic": rule.written.name, "--group": group, "--mode": mode, "--session-ms": SESSION_MS}
        self.add(name, "group", self.command(f"group/{library}", "group", flags, "--member"), self.member_says(rule), leaves_by="SIGTERM")

    def add_copier(self, name, library, mode):
        flags = {"--input": ORDERS, "--output": f"copies-{library}", "--group": f"copies-{library}", "--transactional-id": name,
                 "--mode": mode, "--session-ms": SESSION_MS, "--transaction-ms": TRANSACTION_MS, "--pause-ms": COPY_PAUSE_MS}
        self.add(name, "copy", self.command(library, "copy", flags), self.copier_says)

    def add_sharer(self, name, library):
        argv = [*self.programs[f"share/{library}"], "share", "--bootstrap", self.cluster.bootstrap]
        self.add(name, "share", lambda _: argv, self.sharer_says, joins=f"JOIN {{name}} {PLAIN} share explicit")

    def add_streams(self):
        def argv(incarnation):
            flags = {"--bootstrap": self.cluster.bootstrap, "--application": APPLICATION, "--input": WORDS, "--output": COUNTS,
                     "--state": self.folder / f"state-{incarnation}", "--store": "memory", "--protocol": "streams", "--standbys": 0,
                     "--guarantee": "exactly_once_v2", "--threads": 1, "--commit-ms": 500,
                     "--transaction-ms": TRANSACTION_MS}
            return [*self.programs["streams"], *(word for pair in flags.items() for word in pair)]

        self.add(APPLICATION, "streams", argv, lambda *_: None, leaves_by="SIGTERM")

    def command(self, program, verb, flags, name_flag="--name"):
        flags = {"--bootstrap": self.cluster.bootstrap, **flags}
        return lambda incarnation: [*self.programs[program], verb, *(word for pair in flags.items() for word in pair), name_flag, incarnation]

    def load_says(self, written):
        def hear(_worker, _incarnation, words):
            if words[0] == "ACK":
                written.ack(words[1], int(words[2]), int(words[3]))
            elif words[0] == "FAILED":
                written.failed += 1
        return hear

    def member_says(self, rule):
        def hear(_worker, _incarnation, words):
            if words[1] == "GOT":
                rule.got(words[0], int(words[2]), int(words[3]), words[4])
            else:
                self.counts[f"partitions {words[1].lower()}"] += len(words[2].split(",")) if words[2] else 0
                rule.begins(words[0], [int(one) for one in words[2].split(",") if one])
        return hear

    def copier_says(self, _worker, _incarnation, words):
        if words[0] in ("COMMITTED", "ABORTED"):
            self.counts[f"transactions {words[0].lower()}"] += 1
        elif words[0] == "AGAIN":
            self.counts["transactions begun again after an error"] += 1

    def sharer_says(self, worker, _incarnation, words):
        if words[1] == "GOT":
            self.shared.got(words[0], *map(int, words[2:5]))
        elif words[1] == "ACKNOWLEDGED":
            self.shared.acknowledged(words[0], int(words[2]), words[3])
            if worker.name == ASTRAY and words[3].isupper() and words[3] not in LEADER_ERRORS:
                self.astray.add(worker)

    def reads(self, topic, partition, offset, key, value):
        """What the auditor reads."""
        if topic in self.written:
            text = value.decode()
            self.written[topic].read(partition, offset, text)
            if topic == WORDS:
                self.counted.wrote(word for word in re.split("[^A-Za-z0-9]+", text) if word)
        elif topic in self.copied:
            self.copied[topic].read(partition, offset, value.decode())
        elif topic == COUNTS:
            self.counted.read(partition, offset, key.decode(), struct.unpack(">q", value)[0])

    def start_again(self):
        """Does what a supervisor would with clients that are known to have gone astray."""
        with self.lock:
            astray, self.astray = self.astray, set()
        for one in astray:
            if not one.is_expected:
                self.counts[f"{one.name} started again"] += 1
                one.kill()
                one.start()

    def faults(self):
        self.start_again()
        with self.lock:
            found = [fault for rule in self.all_rules() for fault in rule.faults] + self.other_faults
        found += [fault for fault in (one.fault() for one in self.workers.values() if one.process) if fault]
        return found + self.cluster.faults()

    def partitions(self):
        return [(topic, partition) for topic, count in self.topics.items() for partition in range(count)]

    def groups(self):
        return [*self.taken, *self.copied, "share", APPLICATION]

    def wait_until(self, what, holds, seconds=WELL_SECONDS):
        """The seconds that it took; what is wrong meanwhile ends it."""
        started, seconds = time.monotonic(), seconds * self.patience
        while True:
            with self.lock:
                if holds():
                    return time.monotonic() - started
            time.sleep(LOOK_SECONDS)
            faults = self.faults()
            if faults:
                raise AssertionError("; ".join(faults))
            if time.monotonic() > started + seconds:
                raise AssertionError(f"after {seconds} s not yet: {what()}")

    def wait_until_together(self):
        """Every client does its part."""
        began = self.wait_until(lambda: f"under way: {', '.join(one.name for one in self.workers.values() if not one.lines)} say nothing",
                                lambda: all(one.lines for one in self.workers.values()), TOGETHER_SECONDS)
        return began + self.wait_until_well()

    def goals(self):
        """(rule, what it has to reach) by which everything that was read until now has come to everybody."""
        with self.lock:
            return ([(rule, rule.written.ends()) for rule in (*self.taken.values(), *self.copied.values(), self.shared)]
                    + [(self.counted, self.counted.wanted.copy())])

    def wait_until_well(self):
        """What was there when the faults ended must come to every group. Returns the seconds that it took."""
        goals, deadline = self.goals(), time.monotonic() + STUCK_SECONDS * self.patience

        def late():
            return [rule.name for rule, goal in goals if not rule.reached(goal)]

        def is_well():
            return not (left := late()) or left == [STUCK_COPIES] and time.monotonic() > deadline

        taken = self.wait_until(lambda: f"well again: {', '.join(late())}", is_well)
        if not late():
            return taken
        self.counts["stuck clients started again"] += 1
        self.workers[STUCK_COPIER].kill()
        self.workers[STUCK_COPIER].start()
        return taken + self.wait_until(lambda: f"well again: {', '.join(late())}", lambda: not late())

    def dismiss(self, one):
        """Has it leave, as a supervisor does."""
        one.ask_to_leave()
        status = one.left_or_killed(time.monotonic() + GRACE_SECONDS * self.patience)
        if status is None:
            self.counts[f"clients killed that did not leave in time ({one.name})"] += 1
        elif status:
            self.other_faults.append(one.left_with(status))

    def leave(self, one):
        one.ask_to_leave()
        self.have_left([one])

    def leave_all(self, *kinds):
        leaving = [one for one in self.workers.values() if one.kind in kinds]
        for one in leaving:
            one.ask_to_leave()
        self.have_left(leaving)

    def have_left(self, leaving):
        """Waits until they have ended."""
        deadline = time.monotonic() + END_SECONDS * self.patience
        self.other_faults += [fault for fault in (one.has_left(deadline) for one in leaving) if fault]

    def ends(self):
        return self.auditor.ends(wire.TIMEOUT_SECONDS * 3 * self.patience)

    def wait_until_read(self):
        """Until the auditor has read all that is committed, and no transaction is open."""
        ends, at = self.ends(), self.auditor.positions
        self.wait_until(lambda: f"all is read: {[(key, now, ends[key]) for key, now in at.items() if now < ends[key][1]]}",
                        lambda: all(now >= ends[key][1] for key, now in at.items()))

    @contextlib.contextmanager
    def quiet(self):
        """Nobody writes, and no transaction is open."""
        pausing = [one for one in self.workers.values() if one.kind in ("load", "copy")]
        streams = self.workers[APPLICATION]
        for one in pausing:
            one.tell("PAUSE")
        self.leave(streams)
        self.wait_until(lambda: "paused: " + ", ".join(one.name for one in pausing if not one.is_paused),
                        lambda: all(one.is_paused for one in pausing))
        self.wait_until_read()
        yield
        streams.start()
        for one in pausing:
            one.is_paused = False
            one.tell("RESUME")

    def snapshot_taken(self):
        with self.lock:
            self.shared.is_certain = False
        self.cluster.take_snapshot()

    def write_void(self):
        view = audit.view(wire.connect(self.cluster.bootstrap), [VOID])
        leader = view.nodes[view.partitions[VOID, 0][0]]
        with contextlib.closing(wire.connect("{}:{}".format(*leader))) as sock:
            wire.produce(sock, VOID, {0: wire.batch([b"void"])})

    def snapshot_back(self, before):
        """All partitions end where they did."""
        now = self.ends()
        self.other_faults += [f"{topic} {partition} ends at {now[topic, partition]} with the snapshot, and did at {end}"
                              for (topic, partition), end in before.items() if now[topic, partition] != end]
        time.sleep(LATE_SECONDS)
        with self.lock:
            self.shared.is_certain = True

    def start(self):
        with contextlib.closing(wire.connect(self.cluster.bootstrap)) as sock:
            for topic, count in self.topics.items():
                wire.ask_for_topic(sock, topic, count, REPLICAS, COUNTS_SETTINGS if topic == COUNTS else ())
            deadline = time.monotonic() + wire.TIMEOUT_SECONDS * self.patience
            while any(leader < 0 for leader, _, _ in audit.view(sock, list(self.topics)).partitions.values()):
                assert time.monotonic() < deadline, "not all topics have leaders"
                time.sleep(0.1)
            wire.set_group_settings(sock, "share", {"share.auto.offset.reset": "earliest"})
            wire.set_group_settings(sock, APPLICATION, {"streams.heartbeat.interval.ms": "500"})
        self.auditor.start()
        self.add_all()
        for one in self.workers.values():
            one.start()

    def drain(self):
        """Ends everybody in good order, and has every rule look back."""
        self.leave_all("load")
        self.wait_until_read_by_all()
        self.leave_all("copy", "group", "share", "streams")
        self.wait_until_read()
        with self.lock:
            for rule in self.all_rules():
                rule.finish()

    def wait_until_read_by_all(self):
        inputs = [key for key in self.partitions() if key[0] in self.written]
        ends = self.ends()
        self.wait_until(lambda: "all that is written is read",
                        lambda: all(self.auditor.positions[key] >= ends[key][1] for key in inputs))
        self.wait_until_well()

    def ask_where_they_are(self):
        """Has each client that can write its threads into its log; the others end."""
        for one in self.workers.values():
            if one.process:
                one.is_expected = True
                one.signal(signal.SIGQUIT)
        time.sleep(1)

    def close(self):
        for one in self.workers.values():
            if one.process:
                one.kill()
        if self.auditor.is_alive():
            self.auditor.close()
