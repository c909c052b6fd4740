"""Lost commits during a rebalance.

In production: a commit comes too late, in a rebalance, and is refused with ILLEGAL_GENERATION. The application logs it, for the next
commit will cover it; but its consumer joins anew and begins at the last commit, and orders are shipped twice.
Control: a rule that answers the first OffsetCommit with ILLEGAL_GENERATION.
Promise: each order is shipped once, none is skipped, and all are committed in the end.
"""
from kafka import KafkaConsumer
from kafka.errors import CommitFailedError

from cluster import once_each, prove, until


def consume(cluster, ship):
    consumer = KafkaConsumer("orders", bootstrap_servers=cluster.bootstrap, group_id="shipping", auto_offset_reset="earliest",
                             enable_auto_commit=False, fetch_max_wait_ms=50, heartbeat_interval_ms=100)
    while cluster.running:
        for records in consumer.poll(timeout_ms=50).values():
            for record in records:
                ship(record)
            try:
                consumer.commit()
            except CommitFailedError as error:
                print("not committed:", error)
    consumer.close()


def buggy(cluster, shipped):
    consume(cluster, lambda record: shipped.append(record.value.decode()))


def fixed(cluster, shipped):
    positions = {}

    def ship(record):
        """What is shipped and how far is kept together, so that a record that comes again is known."""
        if record.offset >= positions.get(record.partition, 0):
            shipped.append(record.value.decode())
            positions[record.partition] = record.offset + 1
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
    once_each(cluster.values("orders"), shipped, "orders shipped")
    until(lambda: cluster.get("/v1/groups/shipping")["offsets"][0]["offset"] == 11, "all orders committed")
    commits = [commit["offset"] for commit in cluster.get("/v1/groups/shipping")["commits"]]
    assert commits == sorted(commits), f"what is committed moved back: {commits}"


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
