"""Slow broker.

In production: one broker of three hangs. A producer that waits for each record before it sends the next one stands still as soon as a
record goes there, and with it everything that the other brokers could take.
Control: a rule that holds Produce for one partition.
Promise: what goes to other partitions arrives while that one hangs, and all of it in the end.
"""
from kafka import KafkaProducer

from cluster import promise, prove, until


def buggy(bootstrap):
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), acks=1, enable_idempotence=False)
    for partition in (0, 1):
        producer.send("orders", b"1", partition=partition).get(20)
    producer.close()


def fixed(bootstrap):
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), acks=1, enable_idempotence=False)
    sent = [producer.send("orders", b"1", partition=partition) for partition in (0, 1)]
    for future in sent:
        future.get(20)
    producer.close()


def scenario(cluster, application):
    slow = cluster.fault(api="Produce", topic="orders", partition=0, before_apply="hold", until_released=True)
    running = cluster.start(application, cluster.bootstrap)
    slow.wait()
    try:
        until(lambda: cluster.values("orders", 1), "a record in the other partition", seconds=2)
        arrived = True
    except AssertionError:
        arrived = False
    slow.release()
    running.done()
    assert cluster.values("orders", 0) == cluster.values("orders", 1) == ["1"]
    promise(arrived, "nothing arrived elsewhere while one broker hung")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--nodes", "2", "--topic", "orders:2:1")
