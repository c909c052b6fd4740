"""What a transaction costs a producer (confluent-kafka): how long a record takes until it is acknowledged and until it is committed.

It prints one line of JSON: latencies in milliseconds, and librdkafka's own count of the requests that it sent.
"""
import argparse
import collections
import json
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

SECONDS = 30
STATISTICS_MS = 200


class Requests:
    """How many requests of each kind were sent."""

    def __init__(self):
        self.now = collections.Counter()

    def __call__(self, statistics):
        self.now = collections.Counter()
        for broker in json.loads(statistics)["brokers"].values():
            self.now.update(broker["req"])


def records(options):
    """Sleeps from one record to the next, and gives the partition for each."""
    started = time.monotonic()
    for index in range(options.rate * options.seconds):
        time.sleep(max(started + index / options.rate - time.monotonic(), 0))
        yield index % options.partitions


def measure(options, transactional):
    sent_requests = Requests()
    configuration = {"bootstrap.servers": options.bootstrap, "enable.idempotence": True, "linger.ms": 0, "stats_cb": sent_requests,
                     "statistics.interval.ms": STATISTICS_MS}
    producer = Producer(configuration | ({"transactional.id": options.topic} if transactional else {}))
    acknowledged, committed, commits, open_since, pending = [], [], [], None, []

    def commit():
        before = time.monotonic()
        producer.commit_transaction(SECONDS)
        after = time.monotonic()
        commits.append(after - before)
        committed.extend(after - at for at in pending)
        pending.clear()

    def delivered(at):
        def callback(error, _):
            if error:
                raise SystemExit(f"not delivered: {error}")
            acknowledged.append(time.monotonic() - at)
        return callback

    if transactional:
        producer.init_transactions(SECONDS)
    warm_up(producer, options.topic, transactional)
    for partition in records(options):
        now = time.monotonic()
        if transactional and open_since is not None and now - open_since >= options.commit_interval_ms / 1000:
            commit()
            open_since = None
        if transactional and open_since is None:
            producer.begin_transaction()
            open_since = time.monotonic()
        at = time.monotonic()
        producer.produce(options.topic, b"x" * 100, partition=partition, on_delivery=delivered(at))
        pending.append(at)
        producer.poll(0)
    if transactional:
        commit()
    producer.flush(SECONDS)
    # The counts that come now are those of everything that was sent.
    deadline = time.monotonic() + 3 * STATISTICS_MS / 1000
    while time.monotonic() < deadline:
        producer.poll(STATISTICS_MS / 1000)
    return {"acknowledged": percentiles(acknowledged), "committed": percentiles(committed), "commit": percentiles(commits),
            "transactions": len(commits) + transactional, "requests": {name: count for name, count in sent_requests.now.items() if count}}


def warm_up(producer, topic, transactional):
    """One record, for which connections and producer ids are got; it counts as a transaction, but its time does not count."""
    if transactional:
        producer.begin_transaction()
    producer.produce(topic, b"first", partition=0)
    producer.flush(SECONDS)
    if transactional:
        producer.commit_transaction(SECONDS)


def percentiles(seconds):
    """[median, 99th of 100], in milliseconds."""
    ordered = sorted(seconds)
    return [1000 * ordered[len(ordered) * percent // 100] for percent in (50, 99)] if ordered else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bootstrap", "topic"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("partitions", "rate", "seconds", "commit-interval-ms"):
        parser.add_argument(f"--{name}", required=True, type=int)
    options = parser.parse_args()
    admin = AdminClient({"bootstrap.servers": options.bootstrap})
    admin.create_topics([NewTopic(options.topic, options.partitions)])[options.topic].result(SECONDS)
    found = {kind: measure(options, kind == "transactional") for kind in ("idempotent", "transactional")}
    print(json.dumps(found))


main()
