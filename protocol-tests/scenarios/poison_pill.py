"""Corrupt record, poison pill.

In production: a byte of a stored batch is damaged. The consumer finds that the checksum does not fit, logs the error and polls
again, at the same offset, for ever: the partition is blocked, and all that is behind it waits.
Control: `POST /v1/topics/orders/0/damage` damages the batch at an offset.
Promise: what is behind the damaged batch is processed, and where the damage is is known.
"""
import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException

from cluster import promise, prove

ORDERS = TopicPartition("orders", 0)
ATTEMPTS = 10


async def consume(bootstrap, on_corrupt):
    """Values to the end of the log, unless attempts run out."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    consumer.assign([ORDERS])
    consumer.seek(ORDERS, 0)
    values, end = [], (await consumer.end_offsets([ORDERS]))[ORDERS]
    for _ in range(ATTEMPTS):
        try:
            values.append((await consumer.getone()).value.decode())
        except CorruptRecordException as error:
            print("corrupt record:", error)
            values += await on_corrupt(consumer)
        if await consumer.position(ORDERS) >= end:
            break
    await consumer.stop()
    return values


def buggy(bootstrap):
    async def again(consumer):
        return []
    return asyncio.run(consume(bootstrap, again))


def fixed(bootstrap):
    async def park(consumer):
        bad = await consumer.position(ORDERS)
        consumer.seek(ORDERS, bad + 1)
        return [f"parked {bad}"]
    return asyncio.run(consume(bootstrap, park))


def scenario(cluster, application):
    for value in range(4):
        cluster.write("orders", [value])
    cluster.post("/v1/topics/orders/0/damage", offset=1)
    found = cluster.start(application, cluster.bootstrap).done()
    promise(found == ["0", "parked 1", "2", "3"], f"processed: {found}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
