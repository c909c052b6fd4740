"""Connection storm.

In production: a web handler makes a producer of its own for each request, which opens connections to every broker. On a busy
day the brokers' connection limit is reached, and nobody gets through, the well-behaved neither.
Control: the cluster's own limit, `--config max.connections.per.ip=10`; the journal has each connection.
Promise: all orders are delivered.
"""
from confluent_kafka import KafkaError, Producer

from cluster import once_each, promise, prove

ORDERS = [str(at) for at in range(12)]


class Handler:
    """A producer that takes an order for lost once it cannot reach any broker."""

    def __init__(self, bootstrap):
        self.down = False
        self.producer = Producer({"bootstrap.servers": bootstrap, "error_cb": self.failed})

    def failed(self, error):
        self.down |= error.code() == KafkaError._ALL_BROKERS_DOWN

    def handle(self, order):
        delivered = []
        self.producer.produce("orders", order, on_delivery=lambda error, _: error or delivered.append(True))
        while not (delivered or self.down):
            self.producer.poll(0.1)
        if not delivered:
            self.producer.purge()


def buggy(bootstrap):
    kept = []
    for order in ORDERS:
        kept.append(Handler(bootstrap))
        kept[-1].handle(order)


def fixed(bootstrap):
    handler = Handler(bootstrap)
    for order in ORDERS:
        handler.handle(order)


def scenario(cluster, application):
    cluster.start(application, cluster.bootstrap).done()
    opened = len(cluster.journal(kind="connection_opened"))
    once_each(ORDERS, cluster.values("orders"), f"orders delivered over {opened} connections")
    promise(opened <= 10, f"{opened} connections")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--config", "max.connections.per.ip=10")
