"""confluent-kafka (librdkafka) under the contract of ../README.md."""
import signal
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
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
    configuration = {"bootstrap.servers": args.bootstrap, "client.id": args.member, "group.id": args.group,
                     "auto.offset.reset": "earliest", **MODES[args.mode]}
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


def consumed_in_group(args, count):
    """(the consumer, still a member; the next values)"""
    # With KIP-848 the broker alone says how long a session lasts.
    session = {"session.timeout.ms": args.session_ms} if args.group_protocol == "classic" else {"group.protocol": "consumer"}
    consumer = Consumer({"bootstrap.servers": args.bootstrap, "group.id": args.group, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, **session})
    consumer.subscribe([args.input])
    consumed = []
    while len(consumed) < count:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            consumed.append(message.value())
    return consumer, consumed


def begun(args, transactional_id, values):
    """A producer in a transaction that has sent these values."""
    producer = Producer({"bootstrap.servers": args.bootstrap, "transactional.id": transactional_id})
    producer.init_transactions()
    begin(producer, args, values)
    return producer


def begin(producer, args, values):
    producer.begin_transaction()
    for value in values:
        producer.produce(args.output, value)
    producer.flush()


def send_offset(producer, args, consumer, offset):
    producer.send_offsets_to_transaction([TopicPartition(args.input, 0, offset)], consumer.consumer_group_metadata())


def transact(args):
    consumer, consumed = consumed_in_group(args, contract.INPUT_RECORDS)
    producer = Producer({"bootstrap.servers": args.bootstrap, "transactional.id": args.transactional_id})
    producer.init_transactions()
    for values, offset, end in contract.transactions(consumed):
        begin(producer, args, values)
        if offset is not None:
            send_offset(producer, args, consumer, offset)
        if end == "open":
            contract.opened()
            signal.pause()
        producer.commit_transaction() if end == "commit" else producer.abort_transaction()


def succeed(args):
    producer = Producer({"bootstrap.servers": args.bootstrap, "transactional.id": args.transactional_id})
    producer.init_transactions()
    consumer, consumed = consumed_in_group(args, contract.BLOCK)
    begin(producer, args, contract.values_of(contract.SUCCESSOR, consumed))
    send_offset(producer, args, consumer, contract.INPUT_RECORDS)
    producer.commit_transaction()
    for attempt, values, fencing in contract.attempts():
        zombie = begun(args, f"{args.transactional_id}-{attempt}", values)
        begun(args, f"{args.transactional_id}-{attempt}", fencing).commit_transaction()
        contract.tried(attempt, refused(attempt, zombie, args, consumer))
    consumer.close()


def refused(attempt, zombie, args, consumer):
    """The name of the error that the zombie meets."""
    try:
        if attempt == "produce":
            # Being fenced is a fatal error, which the next call raises.
            zombie.produce(args.output, b"zombie")
            zombie.flush()
        elif attempt == "offsets":
            send_offset(zombie, args, consumer, 0)
        else:
            zombie.commit_transaction()
    except KafkaException as error:
        return error.args[0].name()


def read(bootstrap, topic, isolation):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False,
                         "isolation.level": isolation})
    consumer.assign([TopicPartition(topic, 0, 0)])
    values = []
    while contract.LAST not in values:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            values.append(message.value())
    consumer.close()
    return values


contract.main(produce_and_consume, consume_in_group, transact, succeed, read)
