"""A rolling replacement: members of one group (confluent-kafka) are replaced one by one under a steady load.

All members are threads of this process, so that one clock times what each of them is told. It writes what happened to a JSON file,
which ../rolling.py reads.
"""
import argparse
import json
import os
import sys
import threading
import time
import traceback

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

PROTOCOLS = {
    "eager": {"partition.assignment.strategy": "range"},
    "cooperative": {"partition.assignment.strategy": "cooperative-sticky"},
    "consumer": {"group.protocol": "consumer"},
}
CREATE_SECONDS, STEP_SECONDS, POLL_SECONDS = 30, 120, 0.1
GENERATION_PREFIX = b"CGMDv2:"


def generation(consumer):
    """The generation (KIP-848: the epoch) that librdkafka would send with an offset commit; -1 outside the group."""
    data = consumer.consumer_group_metadata()
    assert data.startswith(GENERATION_PREFIX), data
    start = len(GENERATION_PREFIX)
    return int.from_bytes(data[start:start + 4], sys.byteorder, signed=True)


def give_up(failure):
    """A member that fails would only be missed when the time for its step is up."""
    traceback.print_exception(failure.exc_value)
    os._exit(1)


class Journal:
    """What the members said, and who owns what by it."""

    def __init__(self, partitions):
        self.changed = threading.Condition()
        self.callbacks, self.records = [], [[] for _ in range(partitions)]
        self.owned, self.waiting = {}, set()
        self.generation = -1

    def gained(self, member, partitions, epoch):
        with self.changed:
            self.callbacks.append([time.monotonic(), "gained", member, partitions])
            self.owned.setdefault(member, set()).update(partitions)
            self.waiting.update(partitions)
            self.generation = max(self.generation, epoch)
            self.changed.notify_all()

    def lost(self, member, partitions):
        with self.changed:
            self.callbacks.append([time.monotonic(), "lost", member, partitions])
            self.owned.setdefault(member, set()).difference_update(partitions)
            self.changed.notify_all()

    def got(self, member, partition):
        with self.changed:
            self.records[partition].append(time.monotonic())
            if partition in self.waiting and partition in self.owned.get(member, ()):
                self.waiting.discard(partition)
                self.changed.notify_all()

    def settled(self, members):
        """Whether these members own everything evenly, and each partition's owner has consumed a record since it got it."""
        counts = [len(self.owned.get(member, ())) for member in members]
        return sum(counts) == len(self.records) and max(counts) - min(counts) <= 1 and not self.waiting

    def wait_until_settled(self, members):
        with self.changed:
            if not self.changed.wait_for(lambda: self.settled(members), STEP_SECONDS):
                raise SystemExit(f"not settled after {STEP_SECONDS} s: {self.owned}, no record yet from {self.waiting}")


class Member(threading.Thread):
    def __init__(self, name, configuration, topic, work_seconds, journal):
        super().__init__(name=name, daemon=True)
        self.configuration, self.topic, self.work_seconds, self.journal = configuration, topic, work_seconds, journal
        self.leaving = threading.Event()
        self.start()

    def run(self):
        consumer = Consumer(self.configuration)
        consumer.subscribe([self.topic], on_assign=self.assigned, on_revoke=self.gave_up, on_lost=self.gave_up)
        while not self.leaving.is_set():
            message = consumer.poll(POLL_SECONDS)
            if message is None:
                continue
            if message.error() is not None:
                print(self.name, message.error(), file=sys.stderr, flush=True)
                continue
            time.sleep(self.work_seconds)
            self.journal.got(self.name, message.partition())
        consumer.close()

    def assigned(self, consumer, partitions):
        self.journal.gained(self.name, [one.partition for one in partitions], generation(consumer))

    def gave_up(self, _, partitions):
        self.journal.lost(self.name, [one.partition for one in partitions])

    def leave(self):
        self.leaving.set()
        self.join()


class Load(threading.Thread):
    """A record to each partition, again and again, until it is told to stop."""

    def __init__(self, options):
        super().__init__(daemon=True)
        self.options, self.stopping = options, threading.Event()
        self.start()

    def run(self):
        producer = Producer({"bootstrap.servers": self.options.bootstrap})
        while not self.stopping.wait(self.options.interval_ms / 1000):
            for partition in range(self.options.partitions):
                producer.produce(self.options.topic, b"x" * 100, partition=partition)
            producer.poll(0)
        producer.flush(CREATE_SECONDS)


def group_configuration(options):
    configuration = {"bootstrap.servers": options.bootstrap, "group.id": options.topic, "auto.offset.reset": "earliest",
                     **PROTOCOLS[options.protocol]}
    if options.protocol != "consumer":
        # With KIP-848 the broker alone says both.
        configuration |= {"session.timeout.ms": options.session_ms, "heartbeat.interval.ms": options.heartbeat_ms}
    return configuration


def replace_all(options, journal):
    """(start, end) of the replacing, each a moment at which the group was settled, and the generations in between."""
    def member(name):
        return Member(name, group_configuration(options), options.topic, options.work_ms / 1000, journal)

    members = [member(f"m{index}") for index in range(options.members)]
    journal.wait_until_settled([one.name for one in members])
    time.sleep(options.rest_ms / 1000)
    start, before = time.monotonic(), journal.generation
    for index in range(options.replace):
        members[index].leave()
        time.sleep(options.pause_ms / 1000)
        members[index] = member(f"m{index}'")
        journal.wait_until_settled([one.name for one in members])
        time.sleep(options.rest_ms / 1000)
    end, after = time.monotonic(), journal.generation
    for one in members:
        one.leaving.set()
    for one in members:
        one.join()
    return start, end, after - before


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bootstrap", "topic", "output"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--protocol", required=True, choices=PROTOCOLS)
    for name in ("members", "partitions", "replace", "session-ms", "heartbeat-ms", "pause-ms", "interval-ms", "work-ms", "rest-ms"):
        parser.add_argument(f"--{name}", required=True, type=int)
    return parser.parse_args()


def main():
    threading.excepthook = give_up
    options = arguments()
    admin = AdminClient({"bootstrap.servers": options.bootstrap})
    admin.create_topics([NewTopic(options.topic, options.partitions)])[options.topic].result(CREATE_SECONDS)
    journal, load = Journal(options.partitions), Load(options)
    start, end, generations = replace_all(options, journal)
    load.stopping.set()
    load.join()
    with open(options.output, "w", encoding="utf-8") as out:
        json.dump({"start": start, "end": end, "generations": generations, "callbacks": journal.callbacks,
                   "records": journal.records}, out)


main()
