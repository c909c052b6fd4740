"""Broker lost.

In production: `bootstrap.servers` names one broker. Nobody notices for months, until that broker is replaced while the
application is deployed: the cluster is well, and the application does not start.
Control: `POST /v1/nodes/1/stop`; the others take over its partitions.
Promise: an application that starts while a broker is down sends its record.
"""
from confluent_kafka import KafkaError, Producer

from cluster import promise, prove


def send(bootstrap):
    """Whether the record was delivered; it gives up once no broker that it knows can be reached."""
    delivered, down = [], []
    producer = Producer({"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 200,
                         "error_cb": lambda error: error.code() == KafkaError._ALL_BROKERS_DOWN and down.append(error)})
    producer.produce("orders", "order-1", on_delivery=lambda error, _: error or delivered.append(True))
    while not (delivered or down):
        producer.poll(0.1)
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
