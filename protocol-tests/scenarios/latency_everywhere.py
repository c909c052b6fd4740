"""Latency on everything.

In production: the cluster moves to another region, and each request takes a second instead of a millisecond. What waits for each record
before it writes the next was fast enough beside its broker, and now a batch of ten misses its deadline.
Control: a rule that delays every request by a second of the cluster's clock; `--clock manual`, so that it costs no real second.
Promise: ten orders are written in ten seconds, with all that it takes to connect.
"""
from confluent_kafka import Producer

from cluster import once_each, promise, prove

ORDERS = [str(at) for at in range(10)]


def started(bootstrap):
    return Producer({"bootstrap.servers": bootstrap, "linger.ms": 1_000})


def buggy(bootstrap):
    producer = started(bootstrap)
    for order in ORDERS:
        producer.produce("orders", order)
        producer.flush(60)


def fixed(bootstrap):
    producer = started(bootstrap)
    for order in ORDERS:
        producer.produce("orders", order)
    producer.flush(60)


def scenario(cluster, application):
    far = cluster.fault(name="far away", before_apply={"delay": "1s"})
    running = cluster.start(application, cluster.bootstrap)
    while running.is_alive():
        # Time passes only while a request is on its way.
        on_their_way = [due["at_ms"] for due in cluster.get("/v1/clock")["pending"] if "far away" in due["what"]]
        if on_their_way:
            cluster.advance(f"{on_their_way[0] - cluster.get('/v1/clock')['elapsed_ms']}ms")
    running.done()
    took = cluster.get("/v1/clock")["elapsed_ms"] / 1000
    assert far.hits() >= 3
    once_each(ORDERS, cluster.values("orders"), "orders in the log")
    promise(took <= 10, f"ten orders took {took:.0f} s, in {far.hits()} requests")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--clock", "manual")
