"""kafka-python against a cluster whose leader moves."""
import pytest
from kafka import KafkaProducer


@pytest.mark.fauxka(nodes=2, topics=["orders:1:2"])
def test_an_order_follows_the_leader(fauxka):
    producer = KafkaProducer(**fauxka.settings.kafka_python(acks="all"))
    assert producer.send("orders", b"order-1").get(30).offset == 0

    leader = fauxka.topics.show("orders")["partitions"][0]["leader"]
    fauxka.topics.move_leader("orders", 0, 3 - leader)
    assert producer.send("orders", b"order-2").get(30).offset == 1
    producer.close(5)

    assert fauxka.topics.show("orders")["partitions"][0]["leader"] == 3 - leader
