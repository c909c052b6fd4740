"""Zombie producer.

In production: a process is paused between its last record and its commit. It is taken for dead, its replacement does the same
batch, and then it wakes up and commits. Its `transactional.id` was a new one at every start, "so that they are unique": nothing
fences it.
Control: a rule holds the first EndTxn; the twin starts and commits meanwhile.
Promise: every bill is in the committed output once.
"""
import uuid

from confluent_kafka import KafkaException, Producer

from cluster import once_each, prove

BATCH = ["1", "2", "3"]


def bill(bootstrap, transactional_id):
    """Sends the batch in a transaction: whether it was this process that did it."""
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": transactional_id, "retry.backoff.ms": 50})
    producer.init_transactions(20)
    producer.begin_transaction()
    for value in BATCH:
        producer.produce("bills", value)
    producer.flush(20)
    try:
        producer.commit_transaction(20)
    except KafkaException as error:
        if not error.args[0].fatal():
            raise
        print("fenced, another one does it:", error)
        return False
    return True


def buggy(bootstrap):
    return bill(bootstrap, f"billing-{uuid.uuid4()}")


def fixed(bootstrap):
    return bill(bootstrap, "billing-1")


def scenario(cluster, application):
    pause = cluster.fault(api="EndTxn", nth=1, before_apply="hold")
    zombie = cluster.start(application, cluster.bootstrap)
    pause.wait()
    cluster.start(application, cluster.bootstrap).done()
    pause.release()
    zombie.done()
    once_each(BATCH, cluster.committed_values("bills"), "committed bills")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills")
