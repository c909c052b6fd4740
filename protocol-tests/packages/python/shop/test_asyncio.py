"""The first test with aiokafka: the same calls, with await."""
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


async def test_an_order_is_placed_once(fauxka_async):
    lost = await fauxka_async.fault(api="Produce", topic="orders", nth=1, after="disconnect", expect=1)

    async with AIOKafkaProducer(**fauxka_async.settings.aiokafka(enable_idempotence=True)) as producer:
        await producer.send_and_wait("orders", b"order-1")

    await lost.wait()
    assert [record["value"] for record in await fauxka_async.records("orders")] == ["order-1"]


@pytest.mark.fauxka(topics="payments")
async def test_a_consumer_commits(fauxka_async):
    await fauxka_async.produce("payments", "first", "second", key="customer-42")
    settings = fauxka_async.settings.aiokafka(group_id="billing", auto_offset_reset="earliest", enable_auto_commit=False)
    async with AIOKafkaConsumer("payments", **settings) as consumer:
        assert [(await consumer.getone()).value for _ in range(2)] == [b"first", b"second"]
        await consumer.commit()

    await fauxka_async.journal.expect(api="OffsetCommit", group="billing", count=1)
    assert await fauxka_async.groups.offsets("billing", "payments") == {0: 2}
