"""Rebalance storm on a rolling deploy.

In production: a deployment restarts 24 workers one by one. Each leaves the group and joins it again: 48 rebalances, in each of
which everybody stops.
Control: the broker's own view of the group, and the journal, which has each rebalance with its reason.
Promise: a deployment that restarts each worker once does not rebalance the group.
"""
import threading

from confluent_kafka import Consumer

from cluster import promise, prove, until

WORKERS = ["a", "b", "c"]


def work(cluster, name, stop, **settings):
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "client.id": name, "group.id": "workers",
                         "heartbeat.interval.ms": 50, "fetch.wait.max.ms": 50, **settings})
    consumer.subscribe(["orders"])
    while cluster.running and not stop.is_set():
        consumer.poll(0.05)
    consumer.close()


def buggy(cluster, name, stop):
    work(cluster, name, stop)


def fixed(cluster, name, stop):
    work(cluster, name, stop, **{"group.instance.id": name})


def scenario(cluster, application):
    def settled():
        """Each worker has its partition, and the group is at rest."""
        groups = cluster.get("/v1/groups")
        owned = sorted((member["client_id"], sum(len(topic["partitions"]) for topic in member["assignment"]))
                       for group in groups for member in group["members"])
        return owned == [(name, 1) for name in WORKERS] and groups[0]["state"] == "Stable"

    def start(name):
        stop = threading.Event()
        return stop, cluster.start(application, cluster, name, stop)

    running = {name: start(name) for name in WORKERS}
    until(settled, "a partition for each worker")
    before = cluster.get("/v1/groups/workers")["generation"]
    for name, (stop, worker) in running.items():
        stop.set()
        worker.done()
        last = cluster.get("/v1/journal", limit=1)["last"]
        start(name)
        cluster.wait(api="Heartbeat", client_id=name, after=last)
        until(settled, "a partition for each worker")
    rebalances = cluster.get("/v1/groups/workers")["generation"] - before
    promise(rebalances == 0, f"{rebalances} rebalances for {len(WORKERS)} restarts")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders:3")
