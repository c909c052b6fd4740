"""Poison pill in a share group.

In production: one order cannot be read. The worker gives the whole batch back when that happens, as it would roll a transaction back, and
gets all of it again: the good orders before it are shipped each time, and those behind it wait until the bad one was delivered as often as
`share.delivery.count.limit` says. Then the group archives it, and no consumer ever hears of it.
Control: the group's delivery limit.
Promise: each good order is shipped once, and the bad one is set aside and known.
"""
from confluent_kafka import AcknowledgeType, ShareConsumer

from cluster import once_each, promise, prove, until

LIMIT = 5


def ship(order, shipped):
    if order == "bad":
        raise ValueError("no order")
    shipped.append(order)


def work(cluster, handle):
    with ShareConsumer({"bootstrap.servers": cluster.bootstrap, "group.id": "shipping", "share.acknowledgement.mode": "explicit"}) as consumer:
        consumer.subscribe(["orders"])
        while cluster.running:
            messages = list(consumer.poll(0.1))
            handle(consumer, messages)
            if messages:
                consumer.commit_sync()


def buggy(cluster, shipped, parked, seen):
    def handle(consumer, messages):
        seen.append([message.value().decode() for message in messages])
        try:
            for message in messages:
                ship(message.value().decode(), shipped)
            verdict = AcknowledgeType.ACCEPT
        except ValueError:
            verdict = AcknowledgeType.RELEASE
        for message in messages:
            consumer.acknowledge(message, verdict)
    work(cluster, handle)


def fixed(cluster, shipped, parked, seen):
    def handle(consumer, messages):
        seen.append([message.value().decode() for message in messages])
        for message in messages:
            try:
                ship(message.value().decode(), shipped)
                consumer.acknowledge(message)
            except ValueError:
                parked.append(message.offset())
                consumer.acknowledge(message, AcknowledgeType.REJECT)
    work(cluster, handle)


def scenario(cluster, application):
    shipped, parked, seen = [], [], []
    cluster.set_group("shipping", share_auto_offset_reset="earliest", share_delivery_count_limit=LIMIT)
    cluster.write("orders", ["1", "2", "bad", "3", "4"])
    cluster.start(application, cluster, shipped, parked, seen)
    until(lambda: parked or sum("bad" in batch for batch in seen) == LIMIT, "the bad order set aside, or delivered as often as it may be")
    cluster.write("orders", ["last"])
    until(lambda: "last" in shipped, "the last order shipped")
    once_each(["1", "2", "3", "4", "last"], shipped, "orders shipped")
    promise(parked == [2], f"set aside: {parked}")


# Members are given their partitions at their heartbeats.
HEARTBEATS = ["--config", "group.share.min.heartbeat.interval.ms=500", "--config", "group.share.heartbeat.interval.ms=500"]

if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", *HEARTBEATS)
