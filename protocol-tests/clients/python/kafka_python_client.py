"""kafka-python under the contract of ../README.md."""
import signal

from kafka import (ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata,
                   TopicPartition)
from kafka.admin import NewTopic
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError

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


class Listener(ConsumerRebalanceListener):
    def __init__(self, report):
        self.report = report

    def on_partitions_assigned(self, assigned):
        self.report.gained([partition.partition for partition in assigned])

    def on_partitions_revoked(self, revoked):
        self.report.lost([partition.partition for partition in revoked])


MODES = {"eager": {}, "cooperative-sticky": {"partition_assignment_strategy": [CooperativeStickyAssignor]}}


def consume_in_group(args, report):
    report.leave_on_sigterm()
    consumer = KafkaConsumer(bootstrap_servers=args.bootstrap, client_id=args.member, group_id=args.group,
                             auto_offset_reset="earliest", session_timeout_ms=args.session_ms, group_instance_id=args.instance, **MODES[args.mode])
    consumer.subscribe([args.topic], listener=Listener(report))
    while not report.leaving:
        for records in consumer.poll(100).values():
            for record in records:
                report.got(record.partition, record.offset, record.value)
    consumer.close()


def consumed_in_group(args, count):
    """(the consumer, still a member; the next values)"""
    consumer = KafkaConsumer(args.input, bootstrap_servers=args.bootstrap, group_id=args.group, auto_offset_reset="earliest",
                             enable_auto_commit=False, isolation_level="read_committed", session_timeout_ms=args.session_ms)
    return consumer, [next(consumer).value for _ in range(count)]


def initialised(args, transactional_id):
    producer = KafkaProducer(bootstrap_servers=args.bootstrap, transactional_id=transactional_id)
    producer.init_transactions()
    return producer


def begin(producer, args, values):
    producer.begin_transaction()
    for value in values:
        producer.send(args.output, value)
    producer.flush()
    return producer


def send_offset(producer, args, consumer, offset):
    offsets = {TopicPartition(args.input, 0): OffsetAndMetadata(offset, "", -1)}
    producer.send_offsets_to_transaction(offsets, consumer.group_metadata())


def transact(args):
    consumer, consumed = consumed_in_group(args, contract.INPUT_RECORDS)
    producer = initialised(args, args.transactional_id)
    for values, offset, end in contract.transactions(consumed):
        begin(producer, args, values)
        if offset is not None:
            send_offset(producer, args, consumer, offset)
        if end == "open":
            contract.opened()
            signal.pause()
        producer.commit_transaction() if end == "commit" else producer.abort_transaction()


def succeed(args):
    producer = initialised(args, args.transactional_id)
    consumer, consumed = consumed_in_group(args, contract.BLOCK)
    begin(producer, args, contract.values_of(contract.SUCCESSOR, consumed))
    send_offset(producer, args, consumer, contract.INPUT_RECORDS)
    producer.commit_transaction()
    producer.close()
    for attempt, values, fencing in contract.attempts():
        zombie, heir = (begin(initialised(args, f"{args.transactional_id}-{attempt}"), args, sent) for sent in (values, fencing))
        heir.commit_transaction()
        heir.close()
        contract.tried(attempt, refused(attempt, zombie, args, consumer))
    consumer.close()


def refused(attempt, zombie, args, consumer):
    """The name of the error that the zombie meets."""
    try:
        if attempt == "produce":
            zombie.send(args.output, b"zombie").get(contract.DEADLINE_SECONDS)
        elif attempt == "offsets":
            send_offset(zombie, args, consumer, 0)
        else:
            zombie.commit_transaction()
    except KafkaError as error:
        return type(error).__name__
    finally:
        zombie.close(timeout=0)


def read(bootstrap, topic, isolation):
    partition = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, isolation_level=isolation)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    values = []
    while contract.LAST not in values:
        values.append(next(consumer).value)
    consumer.close()
    return values


contract.main(produce_and_consume, consume_in_group, transact, succeed, read)
