"""confluent-kafka (librdkafka) under the contract of ../README.md."""
import time

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import contract


def create(bootstrap, topic):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result(contract.DEADLINE_SECONDS)


def produce(bootstrap, topic, codec, lines):
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": codec})
    failed = []
    for line in lines:
        producer.produce(topic, line, on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
    if producer.flush(contract.DEADLINE_SECONDS) or failed:
        raise SystemExit(f"not delivered: {failed[:3]}")


def consume(bootstrap, topic):
    # librdkafka demands a group id even where no group is joined.
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False,
                         "enable.partition.eof": True})
    _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=contract.DEADLINE_SECONDS)
    consumer.assign([TopicPartition(topic, 0, 0)])
    values, deadline = [], time.monotonic() + contract.DEADLINE_SECONDS
    while time.monotonic() < deadline:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error() is None:
            values.append(message.value())
        elif message.error().code() != KafkaError._PARTITION_EOF:
            raise SystemExit(message.error())
        elif message.offset() >= end:
            break
    consumer.close()
    return values


def produce_and_consume(bootstrap, topic, codec, lines):
    create(bootstrap, topic)
    produce(bootstrap, topic, codec, lines)
    return consume(bootstrap, topic)


contract.round_trip(produce_and_consume)
