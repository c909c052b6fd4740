"""max.poll.interval.ms exceeded, and no return.

In production: one record takes longer than `max.poll.interval.ms`. The client leaves the group and says so in the next poll; an
application that ends its loop on any error never joins again, and its partitions go to nobody if it was the last.
Control: the journal: the work on the first record goes on until the member's LeaveGroup is there.
Promise: the member returns, and all records are processed.
"""
from confluent_kafka import Consumer, KafkaError, KafkaException

from cluster import promise, prove, until


def consume(cluster, work, on_error):
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "client.id": "worker", "group.id": "workers",
                         "auto.offset.reset": "earliest", "enable.auto.commit": False, "max.poll.interval.ms": 2_000,
                         "session.timeout.ms": 2_000, "heartbeat.interval.ms": 100, "fetch.wait.max.ms": 50})
    consumer.subscribe(["orders"])
    while cluster.running:
        message = consumer.poll(0.1)
        if message is None:
            continue
        if message.error():
            print("error:", message.error())
            if not on_error(message.error()):
                return
            continue
        work(message.value().decode())
        try:
            consumer.commit(message, asynchronous=False)
        except KafkaException as error:
            print("not committed:", error)
    consumer.close()


def buggy(cluster, work):
    consume(cluster, work, lambda error: False)


def fixed(cluster, work):
    consume(cluster, work, lambda error: error.code() == KafkaError._MAX_POLL_EXCEEDED)


def scenario(cluster, application):
    worked = []

    def work(value):
        """The first record takes as long as it takes until the client gives its member up."""
        if not worked:
            cluster.wait(api="LeaveGroup", client_id="worker")
        worked.append(value)

    cluster.write("orders", ["1", "2", "3"])
    running = cluster.start(application, cluster, work)
    until(lambda: {"2", "3"} <= set(worked) or not running.is_alive(), "the records processed or the application's end")
    assert cluster.journal(api="OffsetCommit", error="UNKNOWN_MEMBER_ID"), "a commit of the old generation was accepted"
    promise(running.is_alive(), f"the application ended after {worked}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--clock", "manual", "--config", "group.min.session.timeout.ms=500")
