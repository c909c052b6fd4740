"""aiokafka under the contract of ../README.md."""
import asyncio
import signal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

import contract


async def create(bootstrap, topic):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def produce(bootstrap, topic, codec, lines):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, compression_type=None if codec == "none" else codec)
    await producer.start()
    try:
        await asyncio.gather(*[await producer.send(topic, line) for line in lines])
    finally:
        await producer.stop()


async def consume(bootstrap, topic):
    partition = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        values = []
        async for record in consumer:
            values.append(record.value)
            if record.offset + 1 >= end:
                return values
    finally:
        await consumer.stop()


async def trip(bootstrap, topic, codec, lines):
    await create(bootstrap, topic)
    await produce(bootstrap, topic, codec, lines)
    return await consume(bootstrap, topic)


def produce_and_consume(bootstrap, topic, codec, lines):
    return asyncio.run(asyncio.wait_for(trip(bootstrap, topic, codec, lines), contract.DEADLINE_SECONDS))


class Listener(ConsumerRebalanceListener):
    def __init__(self, report):
        self.report = report

    def on_partitions_assigned(self, assigned):
        self.report.gained([partition.partition for partition in assigned])

    def on_partitions_revoked(self, revoked):
        self.report.lost([partition.partition for partition in revoked])


async def belong(args, report):
    leaving = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)
    consumer = AIOKafkaConsumer(bootstrap_servers=args.bootstrap, group_id=args.group, auto_offset_reset="earliest",
                                session_timeout_ms=args.session_ms, group_instance_id=args.instance)
    consumer.subscribe([args.topic], listener=Listener(report))
    await consumer.start()
    while not leaving.is_set():
        for records in (await consumer.getmany(timeout_ms=100)).values():
            for record in records:
                report.got(record.partition, record.offset, record.value)
    await consumer.stop()


def consume_in_group(args, report):
    asyncio.run(belong(args, report))


async def run_transactions(args):
    consumer = AIOKafkaConsumer(args.input, bootstrap_servers=args.bootstrap, group_id=args.group,
                                auto_offset_reset="earliest", enable_auto_commit=False, isolation_level="read_committed")
    producer = AIOKafkaProducer(bootstrap_servers=args.bootstrap, transactional_id=args.transactional_id)
    await consumer.start()
    consumed = [(await consumer.getone()).value for _ in range(contract.INPUT_RECORDS)]
    await producer.start()
    for values, offset, commits in contract.transactions(consumed):
        await producer.begin_transaction()
        sent = [await producer.send(args.output, value) for value in values]
        if offset is not None:
            await producer.send_offsets_to_transaction({TopicPartition(args.input, 0): offset}, args.group)
        await asyncio.gather(*sent)
        await (producer.commit_transaction() if commits else producer.abort_transaction())
    await producer.stop()
    await consumer.stop()


def transact(args):
    asyncio.run(asyncio.wait_for(run_transactions(args), contract.DEADLINE_SECONDS))


contract.main(produce_and_consume, consume_in_group, transact)
