"""Slow producers and consumers, per topic.

In production: the audit topic is slow, and only that one. A broker answers one request of a connection after the other, so that what goes
over the same connection stands behind the audit record: orders time out, of a topic that is well.
Control: a rule that holds Produce for the topic `audit`.
Promise: orders are taken while the audit topic is slow, and all audit records are there in the end.
"""
from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from cluster import promise, prove, until


def started(bootstrap):
    """A producer that knows where its topics are."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks=1, enable_idempotence=False)
    for topic in ("audit", "orders"):
        producer.partitions_for(topic)
    return producer


def buggy(bootstrap, audit_under_way, refused):
    producer = started(bootstrap)
    audit = producer.send("audit", b"order 1 came in")
    audit_under_way()
    try:
        producer.send("orders", b"1").get(2)
    except KafkaTimeoutError as error:
        refused.append(f"order 1: {error}")
    audit.get(60)
    producer.close()


def fixed(bootstrap, audit_under_way, refused):
    audits, orders = started(bootstrap), started(bootstrap)
    audit = audits.send("audit", b"order 1 came in")
    audit_under_way()
    orders.send("orders", b"1").get(60)
    audit.get(60)
    audits.close()
    orders.close()


def scenario(cluster, application):
    refused = []
    slow = cluster.fault(api="Produce", topic="audit", before_apply="hold", until_released=True)
    running = cluster.start(application, cluster.bootstrap, slow.wait, refused)
    until(lambda: cluster.values("orders") or refused, "an order, or one that was refused")
    taken = cluster.values("orders")
    slow.release()
    running.done()
    assert cluster.values("audit") == ["order 1 came in"]
    promise(taken == ["1"], f"refused while the audit topic was slow: {refused}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--topic", "audit")
