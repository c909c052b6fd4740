"""Fills a topic and reads it to its end (confluent-kafka, with librdkafka's defaults): the load of `make bench`'s catch-up.

Half of each value is random. `read` reads by assignment, so that no group's coordinator has a part in it.
"""
import argparse
import random
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

SECONDS = 60
POOL_BYTES = 8 * 1024 * 1024
# Records that one call takes from librdkafka.
TAKEN = 10_000


def pool(record_bytes):
    """Bytes of which any so many, from a multiple of that on, are half random."""
    draw, half = random.Random(1), record_bytes // 2
    return b"".join(draw.randbytes(half) + bytes(record_bytes - half) for _ in range(POOL_BYTES // record_bytes))


def create(options):
    topic = NewTopic(options.topic, num_partitions=options.partitions, replication_factor=1)
    admin = AdminClient({"bootstrap.servers": options.bootstrap})
    admin.create_topics([topic])[options.topic].result(SECONDS)


def fill(options):
    create(options)
    producer = Producer({"bootstrap.servers": options.bootstrap, "compression.type": options.codec})
    values, failed = pool(options.record_bytes), []

    def delivered(error, _):
        if error:
            failed.append(error)

    for index in range(options.records):
        at = index * options.record_bytes % (len(values) - options.record_bytes)
        while True:
            try:
                producer.produce(options.topic, values[at:at + options.record_bytes], partition=index % options.partitions,
                                 on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.01)
    if producer.flush(SECONDS) or failed:
        raise SystemExit(f"not delivered: {failed[:1]}")


def read(options):
    consumer = Consumer({"bootstrap.servers": options.bootstrap, "group.id": options.topic, "enable.auto.commit": False})
    consumer.assign([TopicPartition(options.topic, partition, OFFSET_BEGINNING) for partition in range(options.partitions)])
    left, deadline = options.records, time.monotonic() + SECONDS
    while left > 0:
        for message in consumer.consume(TAKEN, 0.1):
            if message.error():
                raise KafkaException(message.error())
            left -= 1
        if time.monotonic() > deadline:
            raise SystemExit(f"{left} records did not come")
    consumer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["fill", "read"])
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--partitions", type=int, required=True)
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--record-bytes", type=int, default=1024)
    parser.add_argument("--codec", default="none")
    options = parser.parse_args()
    {"fill": fill, "read": read}[options.what](options)


main()
