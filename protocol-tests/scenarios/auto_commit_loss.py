"""Auto-commit loss on an unclean kill.

In production: a consumer hands what it polls to worker threads and commits automatically. The process is killed; what was
committed had been polled but not processed, and no successor ever sees it.
Control: the journal tells of the commit; `POST /v1/groups/workers/evict` gives the dead one's partition away.
Promise: each record is processed.
"""
import threading

from confluent_kafka import Consumer

from cluster import promise, prove, until

SETTINGS = {"group.id": "workers", "auto.offset.reset": "earliest", "auto.commit.interval.ms": 50, "fetch.wait.max.ms": 50}


def consume(cluster, name, sink, settings, after):
    """Processes what it polls; `sink` blocks in the middle of a record when the process is killed."""
    consumer = Consumer({**SETTINGS, **settings, "bootstrap.servers": cluster.bootstrap, "client.id": name})
    consumer.subscribe(["orders"])
    while cluster.running:
        for message in consumer.consume(10, 0.1):
            sink(message.value().decode())
            after(consumer, message)
    consumer.close()


def buggy(cluster, name, sink):
    consume(cluster, name, sink, {}, lambda consumer, message: None)


def fixed(cluster, name, sink):
    consume(cluster, name, sink, {"enable.auto.offset.store": False},
            lambda consumer, message: consumer.store_offsets(message))


def scenario(cluster, application):
    processed, killed = [], threading.Event()

    def dies_at_5(value):
        """From record 5 on nothing is processed: the process is gone."""
        if value == "5":
            killed.wait()
        elif not killed.is_set():
            processed.append(value)

    cluster.write("orders", range(10))
    cluster.start(application, cluster, "doomed", dies_at_5)
    until(lambda: len(processed) == 5, "five records processed")
    cluster.wait(api="OffsetCommit", client_id="doomed", failed=False)
    doomed = cluster.get("/v1/groups/workers")["members"][0]
    cluster.fault(client_id="doomed", before_apply="disconnect", until_released=True)
    cluster.post("/v1/groups/workers/evict", member=doomed["member_id"])
    cluster.start(application, cluster, "successor", processed.append)
    cluster.write("orders", ["last"])
    until(lambda: "last" in processed, "the last record processed")
    killed.set()
    lost = [value for value in cluster.values("orders") if value not in processed]
    promise(not lost, f"never processed: {lost}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
