"""An acknowledgement after the lock expired.

In production: a worker of a share group takes longer for an order than its lock lasts, and another worker is given the order. The first
one's acknowledgement is refused, but `commit_sync()` raises nothing: it returns the refusals, and the application does not look.
Control: `--clock manual`, `POST /v1/clock/advance` during the work.
Promise: each order is shipped once.
"""
import threading

from confluent_kafka import ShareConsumer

from cluster import PATIENCE_SECONDS, once_each, prove, until


def consume(cluster, name, pack, shipped, is_looking):
    with ShareConsumer({"bootstrap.servers": cluster.bootstrap, "client.id": name, "group.id": "shipping",
                        "share.acknowledgement.mode": "explicit"}) as consumer:
        consumer.subscribe(["orders"])
        while cluster.running:
            for message in consumer.poll(0.1):
                order = message.value().decode()
                pack(name, order)
                consumer.acknowledge(message)
                refused = [error for error in consumer.commit_sync().values() if error]
                if is_looking and refused:
                    print(f"{name} unpacks {order}:", refused)
                    continue
                shipped.append((name, order))


def buggy(*arguments):
    consume(*arguments, is_looking=False)


def fixed(*arguments):
    consume(*arguments, is_looking=True)


def scenario(cluster, application):
    packed, shipped, is_answered = [], [], threading.Event()

    def pack(name, order):
        """The first worker takes 40 seconds for its order, and the second packs it until the first one has its answer."""
        packed.append(name)
        if name == "slow":
            cluster.start(application, cluster, "other", pack, shipped)
            cluster.wait(api="ShareFetch", client_id="other")
            expired = cluster.advance("40s")
            assert any("lock" in what for what in expired), f"the lock did not expire: {expired}"
            until(lambda: "other" in packed, "the order with the other worker")
        else:
            assert is_answered.wait(PATIENCE_SECONDS), "the slow worker was not answered"

    cluster.set_group("shipping", share_auto_offset_reset="earliest")
    cluster.write("orders", ["1"])
    cluster.start(application, cluster, "slow", pack, shipped)
    cluster.wait(api="ShareAcknowledge", client_id="slow")
    is_answered.set()
    cluster.wait(api="ShareAcknowledge", client_id="other")
    until(lambda: ("other", "1") in shipped, "the order shipped by the other worker")
    once_each(["1"], [order for _, order in shipped], "orders shipped")


# Members are given their partitions at their heartbeats, without a pause of the cluster's clock, which only the test moves.
HEARTBEATS = ["--config", "group.share.min.heartbeat.interval.ms=500", "--config", "group.share.heartbeat.interval.ms=500",
              "--config", "group.share.assignment.interval.ms=0"]

if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--clock", "manual", *HEARTBEATS)
