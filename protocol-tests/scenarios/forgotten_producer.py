"""Unknown producer id after expiry.

In production: a billing job runs once a day, in a process that stays up. Somebody has set `transactional.id.expiration.ms` to an hour,
"for the memory": the coordinator forgets its producer in between, and refuses the next transaction with INVALID_PRODUCER_ID_MAPPING.
A job that logs the error and waits for the next day has lost this day's bills. (A producer without transactions is told nothing by
Kafka 4: its next batch is taken whatever the sequence, and a batch that is sent again after the expiry is there twice.)
Control: `--clock manual`, `POST /v1/clock/advance`.
Promise: each day's bills are in the committed output once.
"""
from confluent_kafka import KafkaException, Producer

from cluster import once_each, prove

DAYS = [["monday 1", "monday 2"], ["tuesday 1", "tuesday 2"]]


def started(bootstrap):
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "billing-1"})
    producer.init_transactions(60)
    return producer


def send(producer, day):
    producer.begin_transaction()
    for value in day:
        producer.produce("bills", value)
    producer.commit_transaction(60)


def buggy(bootstrap, a_day_passes):
    producer = started(bootstrap)
    for day in DAYS:
        try:
            send(producer, day)
        except KafkaException as error:
            print("not billed:", error)
        a_day_passes()


def fixed(bootstrap, a_day_passes):
    producer = started(bootstrap)
    for day in DAYS:
        while True:
            try:
                send(producer, day)
                break
            except KafkaException as error:
                print("once more, with a producer that the coordinator knows:", error)
                if error.args[0].txn_requires_abort():
                    producer.abort_transaction(60)
                else:
                    producer = started(bootstrap)
        a_day_passes()


def scenario(cluster, application):
    cluster.start(application, cluster.bootstrap, lambda: cluster.advance("1d")).done()
    assert cluster.journal(error="INVALID_PRODUCER_ID_MAPPING"), "the producer was not forgotten"
    once_each(sum(DAYS, []), cluster.committed_values("bills"), "committed bills")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills", "--clock", "manual", "--config", "transactional.id.expiration.ms=3600000")
