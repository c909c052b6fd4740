"""Silent member death.

In production: a worker's machine is cut off. Nothing closes a socket, nothing leaves the group, and the partitions wait until its
session ends, which somebody had set to half an hour "against rebalances".
Control: a rule that cuts off one client id; `--clock manual`, `POST /v1/clock/advance` with that client silent.
Promise: a minute later a survivor owns all partitions, and the worker that returns takes part again.
"""
from confluent_kafka import Consumer

from cluster import promise, prove, until


def work(cluster, name, session_ms):
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "client.id": name, "group.id": "workers",
                         "session.timeout.ms": session_ms, "heartbeat.interval.ms": 100, "max.poll.interval.ms": 1_800_000,
                         "reconnect.backoff.max.ms": 100, "fetch.wait.max.ms": 50})
    consumer.subscribe(["orders"])
    while cluster.running:
        consumer.poll(0.05)
    consumer.close()


def buggy(cluster, name):
    work(cluster, name, 1_800_000)


def fixed(cluster, name):
    work(cluster, name, 45_000)


def scenario(cluster, application):
    def owned():
        """How many partitions each member has."""
        return {member["client_id"]: sum(len(topic["partitions"]) for topic in member["assignment"])
                for group in cluster.get("/v1/groups") for member in group["members"]}

    for name in ("survivor", "lost"):
        cluster.start(application, cluster, name)
    until(lambda: owned() == {"survivor": 1, "lost": 1}, "a partition for each")
    cut = cluster.fault(client_id="lost", before_apply="disconnect", until_released=True)
    cut.wait()
    cluster.advance("60s", silent=["lost"])
    promise("lost" not in owned(), "a minute later the group still waits for the lost one")
    until(lambda: owned() == {"survivor": 2}, "all partitions with the survivor")
    cut.release()
    until(lambda: owned() == {"survivor": 1, "lost": 1}, "a partition for each again")
    assert cluster.journal(client_id="lost", error="UNKNOWN_MEMBER_ID")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders:2", "--clock", "manual")
