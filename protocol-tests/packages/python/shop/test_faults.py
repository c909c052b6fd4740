"""The leader of a partition refuses three times. The producer must try again until it is taken."""
from confluent_kafka import Producer


def test_an_order_gets_through(fauxka):
    refused = fauxka.fault(api="Produce", topic="orders", count=3, before={"error": "NOT_LEADER_OR_FOLLOWER"}, expect=3)

    producer = Producer(fauxka.settings.confluent_kafka({"retry.backoff.ms": 10}))
    producer.produce("orders", "order-1")
    view = refused.wait(timeout="10s")
    assert (view["hits"], view["state"]) == (3, "spent")

    assert producer.flush(30) == 0
    assert refused.hits() == 3 and len(fauxka.records("orders")) == 1
