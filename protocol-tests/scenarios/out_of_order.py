"""Out of order after a leader change.

In production: a batch is refused by a broker that no longer leads, those behind it on the wire are taken by the one that does, and the
first is sent again: it lands behind them. "Cancelled" is now before "ordered". Idempotence was off, with several requests in flight.
Control: a rule that answers the second Produce with NOT_LEADER_OR_FOLLOWER, while others are in flight.
Promise: what is in the log is in order, without gaps and duplicates.
"""
from confluent_kafka import Producer

from cluster import promise, prove

EVENTS = [str(at) for at in range(50)]


def send(bootstrap, in_flight, **settings):
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "batch.num.messages": 1, "retry.backoff.ms": 50, **settings})
    for value in EVENTS:
        producer.produce("orders", value)
    in_flight()
    assert producer.flush(20) == 0


def buggy(bootstrap, in_flight):
    send(bootstrap, in_flight, **{"enable.idempotence": False})


def fixed(bootstrap, in_flight):
    send(bootstrap, in_flight, **{"enable.idempotence": True})


def scenario(cluster, application):
    # The first waits until the client has all of them to send: so the others go out behind the second in one go.
    first = cluster.fault(api="Produce", nth=1, before_apply="hold")
    refused = cluster.fault(api="Produce", nth=2, before_apply={"error": "NOT_LEADER_OR_FOLLOWER"})

    def in_flight():
        first.wait()
        first.release()

    cluster.start(application, cluster.bootstrap, in_flight).done()
    assert refused.hits() == 1
    promise(cluster.values("orders") == EVENTS, f"the log begins {cluster.values('orders')[:8]}…")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
