"""aiokafka under the contract of ../README.md."""
import asyncio
import signal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

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
    consumer = AIOKafkaConsumer(bootstrap_servers=args.bootstrap, client_id=args.member, group_id=args.group,
                                auto_offset_reset="earliest", session_timeout_ms=args.session_ms, group_instance_id=args.instance)
    consumer.subscribe([args.topic], listener=Listener(report))
    await consumer.start()
    while not leaving.is_set():
        for records in (await consumer.getmany(timeout_ms=100)).values():
            for record in records:
                report.got(record.partition, record.offset, record.value)
    await consumer.stop()


def consume_in_group(args, report):
    asyncio.run(belong(args, report))


async def consumed_in_group(args, count):
    """(the consumer, still a member; the next values)"""
    consumer = AIOKafkaConsumer(args.input, bootstrap_servers=args.bootstrap, group_id=args.group,
                                auto_offset_reset="earliest", enable_auto_commit=False, isolation_level="read_committed",
                                session_timeout_ms=args.session_ms)
    await consumer.start()
    return consumer, [(await consumer.getone()).value for _ in range(count)]


async def started(args, transactional_id):
    producer = AIOKafkaProducer(bootstrap_servers=args.bootstrap, transactional_id=transactional_id)
    await producer.start()
    return producer


async def begin(producer, args, values):
    await producer.begin_transaction()
    await asyncio.gather(*[await producer.send(args.output, value) for value in values])
    return producer


async def send_offset(producer, args, offset):
    await producer.send_offsets_to_transaction({TopicPartition(args.input, 0): offset}, args.group)


async def run_transactions(args):
    _, consumed = await consumed_in_group(args, contract.INPUT_RECORDS)
    producer = await started(args, args.transactional_id)
    for values, offset, end in contract.transactions(consumed):
        await begin(producer, args, values)
        if offset is not None:
            await send_offset(producer, args, offset)
        if end == "open":
            contract.opened()
            await asyncio.Event().wait()
        await (producer.commit_transaction() if end == "commit" else producer.abort_transaction())


async def run_successor(args):
    producer = await started(args, args.transactional_id)
    consumer, consumed = await consumed_in_group(args, contract.BLOCK)
    await begin(producer, args, contract.values_of(contract.SUCCESSOR, consumed))
    await send_offset(producer, args, contract.INPUT_RECORDS)
    await producer.commit_transaction()
    await producer.stop()
    for attempt, values, fencing in contract.attempts():
        zombie, heir = [await begin(await started(args, f"{args.transactional_id}-{attempt}"), args, sent)
                        for sent in (values, fencing)]
        await heir.commit_transaction()
        await heir.stop()
        contract.tried(attempt, await refused(attempt, zombie, args))
    await consumer.stop()


async def refused(attempt, zombie, args):
    """The name of the error that the zombie meets."""
    try:
        if attempt == "produce":
            await zombie.send_and_wait(args.output, b"zombie")
        elif attempt == "offsets":
            await send_offset(zombie, args, 0)
        else:
            await zombie.commit_transaction()
    except KafkaError as error:
        return type(error).__name__


async def read_until_last(bootstrap, topic, isolation):
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level=isolation)
    await consumer.start()
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.seek_to_beginning(TopicPartition(topic, 0))
    values = []
    while contract.LAST not in values:
        values.append((await consumer.getone()).value)
    await consumer.stop()
    return values


def within_deadline(program):
    return lambda *args: asyncio.run(asyncio.wait_for(program(*args), contract.DEADLINE_SECONDS))


contract.main(produce_and_consume, consume_in_group, within_deadline(run_transactions), within_deadline(run_successor),
              within_deadline(read_until_last))
