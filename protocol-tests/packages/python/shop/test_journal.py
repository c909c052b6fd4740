"""A producer that sends each order at once: three orders are three requests, and no more."""
from confluent_kafka import Producer


def test_three_orders_are_three_requests(fauxka):
    producer = Producer(fauxka.settings.confluent_kafka({"client.id": "shop"}))
    before = fauxka.journal.last()
    for order in ("order-1", "order-2", "order-3"):
        producer.produce("orders", order, partition=0)
        assert producer.flush(30) == 0

    rows = fauxka.journal.expect(api="Produce", client_id="shop", after=before, count=3)
    assert [row["outcome"] for row in rows] == ["answered"] * 3
    assert fauxka.journal.rows(api="Produce", failed=True) == []
    fauxka.journal.wait(kind="connection_opened", after=before, timeout="5s")
