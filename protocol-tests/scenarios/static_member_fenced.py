"""Static member fenced, ping-pong.

In production: two pods run with the same `group.instance.id`. Each that joins fences the other, which restarts and joins again,
and so on: the group never comes to rest, and nothing crashes.
Control: a second member with the same id; the journal tells of each FENCED_INSTANCE_ID.
Promise: one of them stops, and the other works on.
"""
from confluent_kafka import Consumer, KafkaError, KafkaException

from cluster import promise, prove, until


def run(cluster, name):
    """Works until the cluster ends, or until it is fenced."""
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "client.id": name, "group.id": "workers",
                         "group.instance.id": "worker-1", "heartbeat.interval.ms": 50, "fetch.wait.max.ms": 50})
    consumer.subscribe(["orders"])
    try:
        while cluster.running:
            message = consumer.poll(0.05)
            if message and message.error():
                raise KafkaException(message.error())
    finally:
        consumer.close()


def buggy(cluster, name):
    while cluster.running:
        try:
            run(cluster, name)
        except KafkaException as error:
            print("restarting:", error)


def fixed(cluster, name):
    try:
        run(cluster, name)
    except KafkaException as error:
        if error.args[0].code() != KafkaError._FATAL:
            raise
        print("another instance has this id: stopping")


def scenario(cluster, application):
    def fenced():
        return [row["client_id"] for row in cluster.journal(error="FENCED_INSTANCE_ID")]

    first = cluster.start(application, cluster, "first")
    cluster.wait(api="Heartbeat", client_id="first", failed=False)
    cluster.start(application, cluster, "second")
    cluster.wait(error="FENCED_INSTANCE_ID", client_id="first")
    until(lambda: not first.is_alive() or len(set(fenced())) == 2, "the first one stopped, or each of the two fenced")
    promise(set(fenced()) == {"first"}, "the two fence each other by turns")
    last = cluster.get("/v1/journal", limit=1)["last"]
    cluster.wait(api="Heartbeat", client_id="second", failed=False, after=last)


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
