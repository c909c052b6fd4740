"""Coordinator moved or loading.

In production: the coordinator's broker restarts, and its successor has to load its state first. Applications that start in these seconds
and take the first time-out for the end crash, are restarted, crash again, and alarm everybody.
Control: a rule that answers InitProducerId with COORDINATOR_LOAD_IN_PROGRESS four times.
Promise: the batch is committed, without a restart of the application.
"""
from confluent_kafka import KafkaException, Producer

from cluster import once_each, prove

BATCH = ["1", "2", "3"]


def bill(bootstrap, start):
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "billing-1"})
    try:
        start(producer)
    except KafkaException as error:
        print("giving up:", error)
        return
    producer.begin_transaction()
    for value in BATCH:
        producer.produce("bills", value)
    producer.commit_transaction(20)


def buggy(bootstrap):
    bill(bootstrap, lambda producer: producer.init_transactions(1))


def fixed(bootstrap):
    def start(producer):
        while True:
            try:
                return producer.init_transactions(1)
            except KafkaException as error:
                if not error.args[0].retriable():
                    raise
                print("not yet:", error)
    bill(bootstrap, start)


def scenario(cluster, application):
    Producer({"bootstrap.servers": cluster.bootstrap, "transactional.id": "another"}).init_transactions(20)
    loading = cluster.fault(api="InitProducerId", transactional_id="billing-1", count=4, before_apply={"error": "COORDINATOR_LOAD_IN_PROGRESS"})
    running = cluster.start(application, cluster.bootstrap)
    loading.wait()
    running.done()
    once_each(BATCH, cluster.committed_values("bills"), "committed bills")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills")
