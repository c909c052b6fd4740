"""Throttled client.

In production: a client over its quota is answered late, with the time it has to wait. A producer whose time-out is shorter than
that takes what was written for lost; the shop tells its customers that their orders failed.
Control: two rules that have the first answer to Produce say `throttleTimeMs` and come two seconds late.
Promise: no delivery error, and the throttling is known.
"""
from confluent_kafka import Producer

from cluster import promise, prove


def send(bootstrap, timeout_ms):
    """The errors that customers were told, and how long brokers made it wait, in seconds."""
    errors, throttled = [], []
    producer = Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": timeout_ms,
                         "throttle_cb": lambda event: throttled.append(event.throttle_time)})
    producer.produce("orders", "1", on_delivery=lambda error, _: error and errors.append(str(error)))
    producer.flush(20)
    return errors, throttled


def buggy(bootstrap):
    return send(bootstrap, 1_000)


def fixed(bootstrap):
    return send(bootstrap, 120_000)


def scenario(cluster, application):
    told = cluster.fault(api="Produce", nth=1, after_apply={"edit": {"throttleTimeMs": 2000}})
    late = cluster.fault(api="Produce", nth=1, after_apply={"delay": "2s"})
    errors, throttled = cluster.start(application, cluster.bootstrap).done()
    assert (told.hits(), late.hits()) == (1, 1)
    assert cluster.values("orders") == ["1"]
    promise(not errors, f"customers were told {errors} of what is in the log")
    promise(throttled == [2.0], f"throttled: {throttled}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
