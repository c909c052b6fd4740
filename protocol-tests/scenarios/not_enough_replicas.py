"""Not enough replicas.

In production: followers fall behind, the leader alone acknowledges what it got, and then it dies. With `acks=1` a customer
has a confirmation for an order that no surviving replica has ever seen.
Control: `POST /v1/topics/orders/0/replicas` shrinks the in-sync replicas, `POST …/leader` elects one that was out of sync.
Promise: every order that was confirmed is in the log.
"""
from confluent_kafka import Producer

from cluster import once_each, prove


def produce(bootstrap, acks):
    """Sends an order; the orders that are confirmed to customers."""
    confirmed = []
    producer = Producer({"bootstrap.servers": bootstrap, "acks": acks, "linger.ms": 0, "retry.backoff.ms": 50,
                         "retry.backoff.max.ms": 200})
    producer.produce("orders", "order-1", on_delivery=lambda error, message: error or confirmed.append(message.value().decode()))
    producer.flush(25)
    return confirmed


def buggy(bootstrap):
    return produce(bootstrap, 1)


def fixed(bootstrap):
    return produce(bootstrap, "all")


def scenario(cluster, application):
    leader, *followers = cluster.get("/v1/topics/orders")["partitions"][0]["replicas"]
    for node in followers:
        cluster.post("/v1/topics/orders/0/replicas", node=node, in_sync=False)
    running = cluster.start(application, cluster.bootstrap)
    cluster.wait(api="Produce")
    cluster.post("/v1/topics/orders/0/leader", node=followers[0], unclean=True, end=0)
    for node in (leader, followers[1]):
        cluster.post("/v1/topics/orders/0/replicas", node=node, in_sync=True)
    once_each(running.done(), cluster.values("orders"), "confirmed orders in the log")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--nodes", "3", "--topic", "orders:1:3", "--config", "min.insync.replicas=2")
