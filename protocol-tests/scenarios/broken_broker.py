"""Broken broker.

In production: a broker's disk fails. The client sends again what was refused for the moment, but some errors mean never: the record was
given up, and only its delivery report says so. Nobody had asked for delivery reports.
Control: a rule that answers Produce first with KAFKA_STORAGE_ERROR, then with UNKNOWN_SERVER_ERROR.
Promise: every order is in the log.
"""
from confluent_kafka import Producer

from cluster import once_each, prove

ORDERS = ["1", "2", "3"]


def started(bootstrap):
    return Producer({"bootstrap.servers": bootstrap, "enable.idempotence": False, "acks": "all", "retry.backoff.ms": 10,
                     "retry.backoff.max.ms": 10})


def buggy(bootstrap):
    producer = started(bootstrap)
    for order in ORDERS:
        producer.produce("orders", order)
        producer.flush(60)


def fixed(bootstrap):
    producer = started(bootstrap)

    def delivered(error, message):
        """What the client gave up, the application sends again; a real one would park it after some attempts."""
        if error:
            print("given up by the client, once more:", error)
            producer.produce("orders", message.value(), on_delivery=delivered)

    for order in ORDERS:
        producer.produce("orders", order, on_delivery=delivered)
        producer.flush(60)


def scenario(cluster, application):
    broken = cluster.fault(api="Produce", topic="orders", expect=2, before_apply=[
        {"error": "KAFKA_STORAGE_ERROR"}, "pass", {"error": "UNKNOWN_SERVER_ERROR"}])
    cluster.start(application, cluster.bootstrap).done()
    assert broken.hits() >= 2
    once_each(ORDERS, cluster.values("orders"), "orders in the log")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
