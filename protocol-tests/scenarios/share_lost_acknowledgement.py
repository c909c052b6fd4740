"""An acknowledgement whose answer is lost.

In production: the broker takes a share consumer's acknowledgement, and the connection breaks before the consumer hears. It reports an
error; the application takes that for a refusal and undoes its work, since the order will come again. It never comes: it is acknowledged.
Control: a rule that closes the connection after the first ShareAcknowledge was done.
Promise: each order is shipped once, whether it comes again or not.
"""
from confluent_kafka import KafkaException, ShareConsumer

from cluster import once_each, prove, until


def consume(cluster, ship, undo):
    with ShareConsumer({"bootstrap.servers": cluster.bootstrap, "client.id": "shipping", "group.id": "shipping",
                        "share.acknowledgement.mode": "explicit", "reconnect.backoff.max.ms": 200}) as consumer:
        consumer.subscribe(["orders"])
        while cluster.running:
            messages = list(consumer.poll(0.1))
            for message in messages:
                ship(message)
                consumer.acknowledge(message)
            try:
                errors = [error for error in consumer.commit_sync().values() if error] if messages else []
            except KafkaException as error:
                errors = [error]
            if errors:
                print("not acknowledged:", errors)
                for message in messages:
                    undo(message)


def buggy(cluster, shipped):
    consume(cluster, lambda message: shipped.append(message.value().decode()), lambda message: shipped.remove(message.value().decode()))


def fixed(cluster, shipped):
    def ship(message):
        """The error says nothing about whether the acknowledgement was taken: what is shipped stays so, and is known if it comes again."""
        if message.value().decode() not in shipped:
            shipped.append(message.value().decode())
    consume(cluster, ship, lambda message: None)


def scenario(cluster, application):
    shipped = []
    cluster.set_group("shipping", share_auto_offset_reset="earliest")
    lost = cluster.fault(name="lost", api="ShareAcknowledge", nth=1, after_apply="disconnect")
    cluster.write("orders", range(5))
    cluster.start(application, cluster, shipped)
    lost.wait()
    [row] = cluster.journal(rule="lost")
    assert (row["outcome"], row["applied"]) == ("disconnected", "yes"), "it was not acknowledged, or its answer not lost"
    cluster.write("orders", ["last"])
    until(lambda: "last" in shipped and cluster.journal(api="ShareAcknowledge", failed=False), "the last order shipped")
    once_each(cluster.values("orders"), shipped, "orders shipped")


# Members are given their partitions at their heartbeats.
HEARTBEATS = ["--config", "group.share.min.heartbeat.interval.ms=500", "--config", "group.share.heartbeat.interval.ms=500"]

if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", *HEARTBEATS)
