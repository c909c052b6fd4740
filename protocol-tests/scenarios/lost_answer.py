"""Reset connection: an answer to Produce is lost.

In production: the leader writes a batch, and the connection breaks before the producer hears. It sends the batch again, and it
is there twice, because somebody had turned idempotence off for speed.
Control: a rule that closes the connection after the first Produce was done.
Promise: no record in flight is lost or doubled.
"""
from confluent_kafka import Producer

from cluster import once_each, prove

BATCH = ["1", "2", "3"]


def send(bootstrap, **settings):
    producer = Producer({"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 50, **settings})
    for value in BATCH:
        producer.produce("orders", value)
    assert producer.flush(20) == 0


def buggy(bootstrap):
    send(bootstrap, **{"enable.idempotence": False})


def fixed(bootstrap):
    send(bootstrap, **{"enable.idempotence": True})


def scenario(cluster, application):
    reset = cluster.fault(name="lost", api="Produce", nth=1, after_apply="disconnect")
    cluster.start(application, cluster.bootstrap).done()
    assert reset.hits() == 1
    [lost] = cluster.journal(rule="lost")
    assert (lost["outcome"], lost["applied"]) == ("disconnected", "yes"), "the batch was not written, or its answer not lost"
    once_each(BATCH, cluster.values("orders"), "orders in the log")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
