"""Reads what Kafka Streams wrote, with confluent-kafka (librdkafka), under the contract of ../README.md."""
import struct
import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource

DEADLINE_SECONDS = 20


def tail(bootstrap, topic, partitions):
    """Prints PARTITION OFFSET WORD COUNT of each committed record, until it is ended."""
    # librdkafka demands a group id even where no group is joined.
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False,
                         "isolation.level": "read_committed"})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(int(partitions))])
    while True:
        for message in consumer.consume(1000, 0.1):
            if message.error():
                raise KafkaException(message.error())
            (count,) = struct.unpack(">q", message.value())
            print(message.partition(), message.offset(), message.key().decode(), count)
        sys.stdout.flush()


def settings(bootstrap, *topics):
    """Prints TOPIC KEY VALUE of each setting that the topic has of its own."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    resources = [ConfigResource(ConfigResource.Type.TOPIC, topic) for topic in topics]
    for resource, answer in admin.describe_configs(resources).items():
        for name, entry in sorted(answer.result(DEADLINE_SECONDS).items()):
            if entry.source == 1:
                print(resource.name, name, entry.value)


if __name__ == "__main__":
    {"tail": tail, "settings": settings}[sys.argv[1]](*sys.argv[2:])
