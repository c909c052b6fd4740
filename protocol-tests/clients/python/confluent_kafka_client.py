"""confluent-kafka (librdkafka) under the contract of ../README.md."""
import sys
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


MODES = {
    "eager": {},
    "static": {},
    "cooperative-sticky": {"partition.assignment.strategy": "cooperative-sticky"},
    "consumer": {"group.protocol": "consumer"},
}


def group_configuration(args):
    configuration = {"bootstrap.servers": args.bootstrap, "group.id": args.group, "auto.offset.reset": "earliest",
                     **MODES[args.mode]}
    if args.mode != "consumer":
        # With KIP-848 the broker alone says how long a session lasts.
        configuration["session.timeout.ms"] = args.session_ms
    if args.instance:
        configuration["group.instance.id"] = args.instance
    return configuration


def consume_in_group(args, report):
    report.leave_on_sigterm()
    consumer = Consumer(group_configuration(args))
    consumer.subscribe([args.topic],
                       on_assign=lambda _, partitions: report.gained([p.partition for p in partitions]),
                       on_revoke=lambda _, partitions: report.lost([p.partition for p in partitions]))
    while not report.leaving:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            report.got(message.partition(), message.offset(), message.value())
        elif message is not None:
            print(message.error(), file=sys.stderr, flush=True)
    consumer.close()


def transact(args):
    consumer = Consumer({"bootstrap.servers": args.bootstrap, "group.id": args.group, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False})
    consumer.subscribe([args.input])
    consumed = []
    while len(consumed) < contract.INPUT_RECORDS:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            consumed.append(message.value())
    producer = Producer({"bootstrap.servers": args.bootstrap, "transactional.id": args.transactional_id})
    producer.init_transactions()
    for values, offset, commits in contract.transactions(consumed):
        producer.begin_transaction()
        for value in values:
            producer.produce(args.output, value)
        if offset is not None:
            offsets = [TopicPartition(args.input, 0, offset)]
            producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
        producer.flush()
        producer.commit_transaction() if commits else producer.abort_transaction()
    consumer.close()


contract.main(produce_and_consume, consume_in_group, transact)
