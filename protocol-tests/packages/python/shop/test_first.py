"""The broker's answer to a producer is lost. The order must still be in the log exactly once."""
import pytest
from confluent_kafka import Producer


@pytest.mark.fauxka(topics=["orders"])
def test_an_order_is_placed_once(fauxka):
    fauxka.fault(api="Produce", topic="orders", nth=1, after="disconnect", expect=1)

    producer = Producer(fauxka.settings.confluent_kafka({"enable.idempotence": True}))
    producer.produce("orders", "order-1")
    assert producer.flush(30) == 0

    assert [record["value"] for record in fauxka.records("orders")] == ["order-1"]
