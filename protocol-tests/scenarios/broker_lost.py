"""Broker lost.

In production: `bootstrap.servers` names one broker. Nobody notices for months, until that broker is replaced while the
application is deployed: the cluster is well, and the application does not start.
Control: `POST /v1/nodes/1/stop`; the others take over its partitions.
Promise: an application that starts while a broker is down sends its record.
"""
from confluent_kafka import Producer

from cluster import promise, prove


def send(bootstrap):
    """Whether the record was delivered in time."""
    delivered = []
    producer = Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": 3_000, "reconnect.backoff.max.ms": 200})
    producer.produce("orders", "order-1", on_delivery=lambda error, _: error or delivered.append(True))
    producer.flush(20)
    return bool(delivered)


def buggy(bootstrap):
    return send(bootstrap.split(",")[0])


def fixed(bootstrap):
    return send(bootstrap)


def scenario(cluster, application):
    cluster.post("/v1/nodes/1/stop")
    delivered = cluster.start(application, cluster.bootstrap).done()
    promise(delivered, "the record was not delivered while one broker of three was down")
    assert cluster.values("orders") == ["order-1"]


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--nodes", "3", "--topic", "orders:1:3")
