"""aiokafka in the soak, under its contract in ../README.md."""
import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

import soak_contract
from soak_contract import say

RECORDS_A_TRANSACTION = 500


async def stop(one):
    """Stops a client, which may have failed itself: a producer whose sender met a connection that ended says so once more."""
    try:
        await one.stop()
    except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001
        print("stop:", repr(failure), file=sys.stderr, flush=True)


class Load:
    """Numbered records of some keys. A producer whose sender has died, as on a connection that ends while it looks for its coordinator, is
    followed by another one."""

    def __init__(self, args, told):
        self.args, self.told = args, told
        self.sent, self.waiting, self.has_failed = 0, set(), False

    async def delivered(self, record, future):
        try:
            stored = await future
            say("ACK", record, stored.partition, stored.offset)
        except KafkaError as failure:
            self.has_failed = True
            say("FAILED", record, repr(failure))
        self.waiting.discard(asyncio.current_task())

    async def send(self, producer):
        key = f"{self.args.name}/{self.sent % self.args.keys}"
        record = f"{key}/{self.sent // self.args.keys}"
        self.sent += 1
        try:
            future = await producer.send(self.args.topic, f"{record}/{'.' * self.args.padding}".encode(), key.encode())
            self.waiting.add(asyncio.create_task(self.delivered(record, future)))
        except KafkaError as failure:
            self.has_failed = True
            say("FAILED", record, repr(failure))

    async def until_it_fails(self):
        producer = AIOKafkaProducer(bootstrap_servers=self.args.bootstrap, client_id=self.args.name, acks="all",
                                    enable_idempotence=self.args.idempotent == "true")
        await producer.start()
        while not (self.told.stopping or self.has_failed):
            if self.told.pausing:
                await asyncio.gather(*self.waiting)
                await asyncio.to_thread(self.told.pause)
            await self.send(producer)
            await asyncio.sleep(self.args.pause_ms / 1000)
        await asyncio.gather(*self.waiting)
        await stop(producer)

    async def run(self):
        while not self.told.stopping:
            self.has_failed = False
            try:
                await self.until_it_fails()
            except KafkaError as failure:
                print("start:", repr(failure), file=sys.stderr, flush=True)
        say("DONE")


async def load(args, told):
    await Load(args, told).run()


async def transact(args, producer, consumer, records, aborts):
    await producer.begin_transaction()
    for partition, value in soak_contract.copies(records, aborts):
        await producer.send(args.output, value, partition=partition)
    offsets = {TopicPartition(args.input, partition): offset for partition, offset in soak_contract.ends(records).items()}
    await producer.send_offsets_to_transaction(offsets, args.group)
    if aborts:
        await producer.abort_transaction()
        for partition, offset in soak_contract.starts(records).items():
            consumer.seek(TopicPartition(args.input, partition), offset)
    else:
        await producer.commit_transaction()
    say("ABORTED" if aborts else "COMMITTED", len(records))


async def copy_until_something_fails(args, told):
    """Its transactions name the group alone, so no generation fences it: it takes all partitions itself, and its transactional id fences it."""
    producer = AIOKafkaProducer(bootstrap_servers=args.bootstrap, client_id=args.name, transactional_id=args.transactional_id,
                                transaction_timeout_ms=args.transaction_ms)
    consumer = AIOKafkaConsumer(bootstrap_servers=args.bootstrap, client_id=args.name, group_id=args.group,
                                auto_offset_reset="earliest", enable_auto_commit=False, isolation_level="read_committed")
    try:
        # First the producer: that ends what its predecessor had left open, and what is committed is certain.
        await producer.start()
        await consumer.start()
        consumer.assign([TopicPartition(args.input, partition) for partition in sorted(await producer.partitions_for(args.input))])
        transactions = 0
        while not told.stopping:
            if told.pausing:
                await asyncio.to_thread(told.pause)
            taken = await consumer.getmany(timeout_ms=100, max_records=RECORDS_A_TRANSACTION)
            records = [(one.partition, one.offset) for batch in taken.values() for one in batch]
            if records and not told.stopping:
                transactions += 1
                await transact(args, producer, consumer, records, transactions % soak_contract.ABORTS_EVERY == 0)
                await asyncio.sleep(args.pause_ms / 1000)
    finally:
        await stop(consumer)
        await stop(producer)


async def copy(args, told):
    while not told.stopping:
        try:
            await copy_until_something_fails(args, told)
        except KafkaError as failure:
            say("AGAIN", repr(failure))
    say("DONE")


async def main(args):
    await {"load": load, "copy": copy}[args.command](args, soak_contract.Told())


if __name__ == "__main__":
    asyncio.run(main(soak_contract.arguments()))
