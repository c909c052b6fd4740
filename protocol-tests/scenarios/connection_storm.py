"""Connection storm.

In production: a web handler makes a producer of its own for each request, which opens connections to every broker. On a busy
day the brokers' connection limit is reached, and nobody gets through, the well-behaved neither.
Control: the cluster's own limit, `--config max.connections.per.ip=10`; the journal has each connection.
Promise: all orders are delivered.
"""
from confluent_kafka import Producer

from cluster import once_each, promise, prove

ORDERS = [str(at) for at in range(12)]


def handle(producer, order):
    producer.produce("orders", order)
    producer.flush(20)


def buggy(bootstrap):
    kept = []
    for order in ORDERS:
        kept.append(Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": 500}))
        handle(kept[-1], order)


def fixed(bootstrap):
    producer = Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": 500})
    for order in ORDERS:
        handle(producer, order)


def scenario(cluster, application):
    cluster.start(application, cluster.bootstrap).done()
    opened = len(cluster.journal(kind="connection_opened"))
    once_each(ORDERS, cluster.values("orders"), f"orders delivered over {opened} connections")
    promise(opened <= 10, f"{opened} connections")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--config", "max.connections.per.ip=10")
