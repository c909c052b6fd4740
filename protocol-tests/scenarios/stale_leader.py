"""Stale leader and metadata.

In production: a partition's leader moves, and for a while every broker that the producer asks still names the old one. A
producer without retries drops what it sent in that time.
Control: `POST /v1/metadata/freeze` for some answers, then `POST /v1/topics/orders/0/leader`.
Promise: the record is delivered, and metadata was asked for again.
"""
from kafka import KafkaProducer
from kafka.errors import KafkaError

from cluster import once_each, promise, prove


def send(bootstrap, moved, **settings):
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), metadata_max_age_ms=60_000, retry_backoff_ms=50,
                             **settings)
    producer.send("orders", b"1").get(20)
    moved()
    try:
        producer.send("orders", b"2").get(20)
    except KafkaError as error:
        print("dropped:", error)
    producer.close()


def buggy(bootstrap, moved):
    send(bootstrap, moved, retries=0, enable_idempotence=False)


def fixed(bootstrap, moved):
    send(bootstrap, moved)


def scenario(cluster, application):
    def moved():
        partition = cluster.get("/v1/topics/orders")["partitions"][0]
        cluster.post("/v1/metadata/freeze", answers=3)
        cluster.post("/v1/topics/orders/0/leader", node=next(node for node in partition["replicas"] if node != partition["leader"]))

    cluster.start(application, cluster.bootstrap, moved).done()
    refused = cluster.wait(api="Produce", error="NOT_LEADER_OR_FOLLOWER")
    once_each(["1", "2"], cluster.values("orders"), "orders in the log")
    asked = cluster.journal(api="Metadata", after=refused[0]["sequence"])
    promise(len(asked) >= 3, f"metadata was asked for {len(asked)} times")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--nodes", "2", "--topic", "orders:1:2")
