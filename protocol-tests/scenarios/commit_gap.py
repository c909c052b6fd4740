"""Commit gap: EndTxn applied, answer lost.

In production: the coordinator commits, and the network drops the answer. The application sees a time-out, takes the batch for not
committed, and sends it again in a transaction of its own.
Control: a rule that swallows the answer to the first EndTxn after it was done.
Promise: the batch is in the committed output once.
"""
from confluent_kafka import KafkaException, Producer

from cluster import once_each, prove

BATCH = ["1", "2", "3"]


def send(bootstrap):
    """A producer with the batch in an open transaction."""
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "billing-1", "socket.timeout.ms": 1_500})
    producer.init_transactions(20)
    producer.begin_transaction()
    for value in BATCH:
        producer.produce("bills", value)
    producer.flush(20)
    return producer


def buggy(bootstrap):
    while True:
        try:
            send(bootstrap).commit_transaction(0.5)
            return
        except KafkaException as error:
            print("not committed, once more:", error)


def fixed(bootstrap):
    producer = send(bootstrap)
    while True:
        try:
            producer.commit_transaction(0.5)
            return
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
            print("committed or not, asking again:", error)


def scenario(cluster, application):
    lost = cluster.fault(api="EndTxn", nth=1, after_apply="swallow")
    running = cluster.start(application, cluster.bootstrap)
    lost.wait()
    running.done()
    once_each(BATCH, cluster.committed_values("bills"), "committed bills")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills")
