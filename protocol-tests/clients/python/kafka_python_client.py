"""kafka-python under the contract of ../README.md."""
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

import contract


def create(bootstrap, topic):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=-1)])
    admin.close()


def produce(bootstrap, topic, codec, lines):
    producer = KafkaProducer(bootstrap_servers=bootstrap, compression_type=None if codec == "none" else codec)
    sent = [producer.send(topic, line) for line in lines]
    producer.flush(contract.DEADLINE_SECONDS)
    for future in sent:
        future.get(contract.DEADLINE_SECONDS)
    producer.close()


def consume(bootstrap, topic):
    partition = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, consumer_timeout_ms=contract.DEADLINE_SECONDS * 1000)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    values = []
    for record in consumer:
        values.append(record.value)
        if record.offset + 1 >= end:
            break
    consumer.close()
    return values


def produce_and_consume(bootstrap, topic, codec, lines):
    create(bootstrap, topic)
    produce(bootstrap, topic, codec, lines)
    return consume(bootstrap, topic)


contract.round_trip(produce_and_consume)
