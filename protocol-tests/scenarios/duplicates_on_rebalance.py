"""Duplicates on rebalance.

In production: a worker commits after every hundred records, which is kind to the broker. Each deployment moves its partitions to
another worker, which begins at the last commit: up to a hundred records are processed twice, every time.
Control: a second member whose id sorts before the first one's, so that the range assignor gives it the partition; the journal tells
what was committed.
Promise: nothing is processed twice in an orderly rebalance.
"""
from confluent_kafka import Consumer

from cluster import once_each, prove, until


def work(cluster, name, sink, **callbacks):
    """Processes records until the cluster ends, and commits after each hundredth."""
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "client.id": name, "group.id": "workers",
                         "auto.offset.reset": "earliest", "enable.auto.commit": False, "heartbeat.interval.ms": 100,
                         "fetch.wait.max.ms": 50, "partition.assignment.strategy": "range"})
    consumer.subscribe(["orders"], **callbacks)
    while cluster.running:
        message = consumer.poll(0.05)
        if message and not message.error():
            sink.append(message.value().decode())
            if len(sink) % 100 == 0:
                consumer.commit(asynchronous=False)
    consumer.close()


def buggy(cluster, name, sink):
    work(cluster, name, sink)


def fixed(cluster, name, sink):
    def revoked(consumer, partitions):
        if any(position.offset >= 0 for position in consumer.position(partitions)):
            consumer.commit(offsets=consumer.position(partitions), asynchronous=False)
    work(cluster, name, sink, on_revoke=revoked)


def scenario(cluster, application):
    sink = []
    cluster.write("orders", range(10))
    cluster.start(application, cluster, "b", sink)
    until(lambda: len(sink) == 10, "ten records in the sink")
    cluster.start(application, cluster, "a", sink)
    cluster.wait(api="Fetch", client_id="a", topic="orders")
    cluster.write("orders", ["last"])
    until(lambda: "last" in sink, "the last record in the sink")
    once_each(cluster.values("orders"), sink, "records in the sink")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
