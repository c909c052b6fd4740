"""Offset out of range after retention.

In production: a consumer was down for longer than the topic keeps its records. Its committed offset is gone; by default it
goes on at the end of the log, past all that is still there, and nobody is told of either gap.
Control: `POST /v1/topics/orders/0/log-start` drops records as retention does.
Promise: every record that the log still has is processed, and the application knows how many it has missed.
"""
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from cluster import once_each, promise, prove

ORDERS = TopicPartition("orders", 0)


def consume(bootstrap, reset, on_gap):
    """Goes on from offset 10, until there is nothing more: the values, and how many records were missed."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset=reset)
    consumer.assign([ORDERS])
    consumer.seek(ORDERS, 10)
    values, missed, end = [], 0, consumer.end_offsets([ORDERS])[ORDERS]
    while consumer.position(ORDERS) < end:
        try:
            for record in consumer.poll(timeout_ms=200).get(ORDERS, []):
                values.append(record.value.decode())
        except OffsetOutOfRangeError:
            missed += on_gap(consumer)
    consumer.close()
    return values, missed


def buggy(bootstrap):
    return consume(bootstrap, "latest", lambda consumer: 0)


def fixed(bootstrap):
    def on_gap(consumer):
        first = consumer.beginning_offsets([ORDERS])[ORDERS]
        missed = first - consumer.position(ORDERS)
        consumer.seek(ORDERS, first)
        return missed
    return consume(bootstrap, "none", on_gap)


def scenario(cluster, application):
    cluster.write("orders", range(100))
    cluster.post("/v1/topics/orders/0/log-start", offset=40)
    values, missed = cluster.start(application, cluster.bootstrap).done()
    cluster.wait(api="Fetch", error="OFFSET_OUT_OF_RANGE")
    once_each(cluster.values("orders"), values, "records that are still there")
    promise(missed == 30, f"30 records are gone, and {missed} are known to be")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
