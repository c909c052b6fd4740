"""Transaction timeout.

In production: a database call in the middle of a transaction takes longer than `transaction.timeout.ms`. The coordinator
has aborted by then and the commit is refused; an application that logs the error and takes the next batch has lost this one.
Control: `--clock manual`, `POST /v1/clock/advance` during the work.
Promise: every record is in the output once.
"""
from confluent_kafka import KafkaException, Producer

from cluster import once_each, prove

BATCHES = [["1", "2"], ["3", "4"]]


def started(bootstrap):
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "billing-1", "transaction.timeout.ms": 60_000})
    producer.init_transactions(20)
    return producer


def send(producer, batch, work):
    producer.begin_transaction()
    for value in batch:
        producer.produce("bills", value)
    producer.flush(20)
    work()
    producer.commit_transaction(20)


def buggy(bootstrap, work):
    producer = started(bootstrap)
    for batch in BATCHES:
        try:
            send(producer, batch, work)
        except KafkaException as error:
            print("batch not billed:", error)
            producer = started(bootstrap)


def fixed(bootstrap, work):
    producer = started(bootstrap)
    for batch in BATCHES:
        while True:
            try:
                send(producer, batch, work)
                break
            except KafkaException as error:
                if error.args[0].txn_requires_abort():
                    producer.abort_transaction(20)
                else:
                    producer = started(bootstrap)


def scenario(cluster, application):
    calls = []

    def work():
        """The first time it takes 90 seconds."""
        calls.append("work")
        if len(calls) == 1:
            cluster.advance("90s")
            assert cluster.get("/v1/transactions/billing-1")["state"] == "CompleteAbort", "it has not timed out"

    cluster.start(application, cluster.bootstrap, work).done()
    once_each(sum(BATCHES, []), cluster.committed_values("bills"), "committed bills")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills", "--clock", "manual")
