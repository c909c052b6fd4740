"""Slow broker.

In production: one broker of three hangs. A producer that waits for each record before it sends the next one stands still as soon as a
record goes there, and with it everything that the other brokers could take.
Control: a rule that holds Produce for one partition.
Promise: what goes to other partitions arrives while that one hangs, and all of it in the end.
"""
from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from cluster import promise, prove, until


def started(bootstrap):
    return KafkaProducer(bootstrap_servers=bootstrap.split(","), acks=1, enable_idempotence=False)


def buggy(bootstrap, gave_up):
    producer = started(bootstrap)
    for partition in (0, 1):
        try:
            producer.send("orders", b"1", partition=partition).get(1)
        except KafkaTimeoutError as error:
            gave_up.append(error)
            break
    producer.close()


def fixed(bootstrap, gave_up):
    producer = started(bootstrap)
    sent = [producer.send("orders", b"1", partition=partition) for partition in (0, 1)]
    for future in sent:
        future.get(60)
    producer.close()


def scenario(cluster, application):
    gave_up = []
    slow = cluster.fault(api="Produce", topic="orders", partition=0, before_apply="hold", until_released=True)
    running = cluster.start(application, cluster.bootstrap, gave_up)
    slow.wait()
    until(lambda: cluster.values("orders", 1) or gave_up, "a record in the other partition, or a producer that gave up")
    arrived = cluster.values("orders", 1)
    slow.release()
    running.done()
    assert cluster.values("orders", 0) == ["1"]
    promise(arrived == ["1"], f"nothing arrived elsewhere while one broker hung: {gave_up}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--nodes", "2", "--topic", "orders:2:1")
