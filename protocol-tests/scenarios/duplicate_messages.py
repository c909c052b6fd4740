"""Duplicate messages.

In production: a device gateway without idempotence takes a late answer for a lost batch and sends it again. What it counts twice, the
consumer bills twice: nobody who reads a topic can rely on everybody who writes to it.
Control: a rule that writes every second batch and says REQUEST_TIMED_OUT.
Promise: each reading is billed once, however often it is in the log.
"""
import json

from confluent_kafka import Consumer, Producer, TopicPartition

from cluster import once_each, prove

READINGS = [f"meter-{at}" for at in range(6)]


def consume(bootstrap, bill):
    """Bills what lies in the log."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False})
    readings = TopicPartition("readings", 0, 0)
    consumer.assign([readings])
    _, end = consumer.get_watermark_offsets(readings, 60)
    at = 0
    while at < end:
        if message := consumer.poll(1):
            bill(json.loads(message.value()))
            at = message.offset() + 1
    consumer.close()


def buggy(bootstrap, billed):
    consume(bootstrap, lambda reading: billed.append(reading["id"]))


def fixed(bootstrap, billed):
    consume(bootstrap, lambda reading: reading["id"] in billed or billed.append(reading["id"]))


def scenario(cluster, application):
    twice = cluster.fault(api="Produce", every=2, count=3, after_apply={"error": "REQUEST_TIMED_OUT"}, expect=3)
    gateway = Producer({"bootstrap.servers": cluster.bootstrap, "enable.idempotence": False, "retry.backoff.ms": 1, "retry.backoff.max.ms": 1})
    for reading in READINGS:
        gateway.produce("readings", json.dumps({"id": reading}))
        assert gateway.flush(60) == 0
    twice.wait(hits=3)
    assert len(cluster.values("readings")) == len(READINGS) + 3
    billed = []
    cluster.start(application, cluster.bootstrap, billed).done()
    once_each(READINGS, billed, "billed readings")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "readings")
