"""Lost commits during a rebalance.

In production: a commit comes too late, in a rebalance, and is refused with ILLEGAL_GENERATION. The application logs it, for the next
commit will cover it; but its consumer joins again and begins at the last commit, and orders are shipped twice.
Control: a rule that answers the first OffsetCommit with ILLEGAL_GENERATION.
Promise: each order is shipped once, none is skipped, and all are committed in the end.
"""
from confluent_kafka import Consumer, KafkaException

from cluster import once_each, prove, until


def consume(cluster, ship):
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "shipping", "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, "heartbeat.interval.ms": 100, "fetch.wait.max.ms": 50})
    consumer.subscribe(["orders"])
    while cluster.running:
        messages = consumer.consume(10, 0.1)
        for message in messages:
            ship(message)
        if messages:
            try:
                consumer.commit(asynchronous=False)
            except KafkaException as error:
                print("not committed:", error)
    consumer.close()


def buggy(cluster, shipped):
    consume(cluster, lambda message: shipped.append(message.value().decode()))


def fixed(cluster, shipped):
    positions = {}

    def ship(message):
        """What is shipped and how far is kept together, so that a record that comes again is known."""
        if message.offset() >= positions.get(message.partition(), 0):
            shipped.append(message.value().decode())
            positions[message.partition()] = message.offset() + 1
    consume(cluster, ship)


def scenario(cluster, application):
    shipped = []
    refused = cluster.fault(api="OffsetCommit", group="shipping", nth=1, before_apply={"error": "ILLEGAL_GENERATION"})
    cluster.write("orders", range(10))
    cluster.start(application, cluster, shipped)
    refused.wait()
    cluster.wait(api="OffsetCommit", failed=False)
    cluster.write("orders", ["last"])
    until(lambda: "last" in shipped, "the last order shipped")
    until(lambda: cluster.get("/v1/groups/shipping")["offsets"][0]["offset"] == 11, "all orders committed")
    once_each(cluster.values("orders"), shipped, "orders shipped")
    commits = [commit["offset"] for commit in cluster.get("/v1/groups/shipping")["commits"]]
    assert commits == sorted(commits), f"what is committed moved back: {commits}"


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
