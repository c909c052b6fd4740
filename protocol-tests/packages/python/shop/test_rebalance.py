"""A member of a group falls silent. Once its session is over, the other one has all partitions."""
import pytest
from confluent_kafka import Consumer

SESSION = {"group.id": "billing", "session.timeout.ms": 45_000, "heartbeat.interval.ms": 200, "auto.offset.reset": "earliest"}


def poll_until(consumers, reached, rounds=300):
    for _ in range(rounds):
        for consumer in consumers:
            consumer.poll(0.1)
        if reached():
            return
    raise AssertionError(f"they have {[len(consumer.assignment()) for consumer in consumers]} partitions")


@pytest.mark.fauxka(topics=["orders:4"], clock="manual", config={"group.initial.rebalance.delay.ms": 0})
def test_the_other_member_takes_over(fauxka):
    consumers = [Consumer(fauxka.settings.confluent_kafka({**SESSION, "client.id": name})) for name in ("first", "second")]
    for consumer in consumers:
        consumer.subscribe(["orders"])
    first, second = consumers
    poll_until(consumers, lambda: len(first.assignment()) == len(second.assignment()) == 2)

    silence = fauxka.fault(client_id="second", bytes="silence", to="broker")
    moved = fauxka.clock.advance("46s")
    assert "session" in str(moved["expired"])

    poll_until([first], lambda: len(first.assignment()) == 4)
    silence.release()
    for consumer in consumers:
        consumer.close()


@pytest.mark.fauxka(topics=["orders:4"], clock="manual", config={"group.initial.rebalance.delay.ms": 0})
def test_only_who_is_silent_loses_its_session(fauxka):
    consumer = Consumer(fauxka.settings.confluent_kafka({**SESSION, "client.id": "first"}))
    consumer.subscribe(["orders"])
    poll_until([consumer], lambda: len(consumer.assignment()) == 4)

    assert "session" not in str(fauxka.clock.advance("46s", silent=["others-*"])["expired"])
    assert "session" in str(fauxka.clock.advance("46s", silent=["first"])["expired"])
    consumer.close()
