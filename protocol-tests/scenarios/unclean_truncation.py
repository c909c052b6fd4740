"""Truncation after an unclean election.

In production: a replica that lacked the last records becomes the leader, and others take the offsets of those that are gone.
The client rewinds by itself and reads on; the totals that the application keeps count records that no log has any more.
Control: `POST /v1/topics/orders/0/leader` with `unclean` and `end`; a rule holds the consumer's OffsetForLeaderEpoch until others have
written.
Promise: what the application has is what is in the log.
"""
from confluent_kafka import Consumer, KafkaError, TopicPartition

from cluster import promise, prove, until


def consume(cluster, sink, reset, on_truncation):
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "none", "enable.auto.commit": False,
                         "auto.offset.reset": reset, "fetch.wait.max.ms": 50})
    consumer.assign([TopicPartition("orders", 0, 0)])
    while cluster.running:
        message = consumer.poll(0.1)
        if message is None:
            continue
        if not message.error():
            sink.append(message.value().decode())
        elif message.error().code() == KafkaError._AUTO_OFFSET_RESET:
            on_truncation(consumer)
    consumer.close()


def buggy(cluster, sink):
    consume(cluster, sink, "earliest", lambda consumer: None)


def fixed(cluster, sink):
    def begin_anew(consumer):
        sink.clear()
        consumer.assign([TopicPartition("orders", 0, 0)])
    consume(cluster, sink, "error", begin_anew)


def scenario(cluster, application):
    sink = []
    follower = cluster.get("/v1/topics/orders")["partitions"][0]["replicas"][1]
    cluster.write("orders", range(5))
    cluster.write("orders", range(5, 10))
    cluster.start(application, cluster, sink)
    until(lambda: len(sink) == 10, "ten records in the sink")
    question = cluster.fault(api="OffsetForLeaderEpoch", before_apply="hold", until_released=True)
    cluster.post("/v1/topics/orders/0/leader", node=follower, unclean=True, end=5)
    question.wait()
    cluster.write("orders", ["5, another", "6, another", "last"])
    question.release()
    until(lambda: "last" in sink, "the last record in the sink")
    promise(sink == cluster.values("orders"), f"the log has {cluster.values('orders')}, and the application {sink}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--nodes", "2", "--topic", "orders:1:2")
