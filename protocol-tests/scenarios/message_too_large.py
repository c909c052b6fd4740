"""Message too large.

In production: one order has a photograph in it and is over the topic's `max.message.bytes`. The producer is asynchronous and
nobody looks at delivery reports, so that it just is not there.
Control: none but the cluster's own setting, `--config message.max.bytes=2000`.
Promise: every order is in the topic or among the dead letters.
"""
from confluent_kafka import KafkaError, Producer

from cluster import once_each, prove

ORDERS = {"1": 10, "2": 5_000, "3": 10}


def buggy(bootstrap):
    producer = Producer({"bootstrap.servers": bootstrap})
    for name, size in ORDERS.items():
        producer.produce("orders", "x" * size, key=name)
        producer.flush(20)


def fixed(bootstrap):
    producer = Producer({"bootstrap.servers": bootstrap})

    def delivered(error, message):
        if error and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            producer.produce("dead-letters", f"{len(message.value())} bytes", key=message.key())
        elif error:
            raise RuntimeError(error)

    for name, size in ORDERS.items():
        producer.produce("orders", "x" * size, key=name, on_delivery=delivered)
        producer.flush(20)


def scenario(cluster, application):
    cluster.start(application, cluster.bootstrap).done()
    cluster.wait(api="Produce", error="MESSAGE_TOO_LARGE")
    found = [record["key"] for topic in ("orders", "dead-letters") for record in cluster.log(topic)]
    once_each(ORDERS, found, "orders in the topic or among the dead letters")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--topic", "dead-letters", "--config", "message.max.bytes=2000")
