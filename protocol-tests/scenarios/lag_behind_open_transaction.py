"""Lag computed across control records and open transactions.

In production: a job "reads everything there is" into a report. It counts up to the high watermark, which a `read_committed`
reader never reaches while a transaction is open, and reaches by no record where the last one is a marker: it hangs.
Control: a transaction that a producer leaves open; the journal tells that its records are there.
Promise: the job ends, with the committed records.
"""
from confluent_kafka import Consumer, IsolationLevel, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from cluster import promise, prove

BILLS = TopicPartition("bills", 0)
IDLE_LOOKS = 10


def read_to(end, bootstrap):
    """The values before the offset `end`, or None if it gave up."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False,
                         "isolation.level": "read_committed", "fetch.wait.max.ms": 10})
    consumer.assign([TopicPartition("bills", 0, 0)])
    values, idle = [], 0
    while idle < IDLE_LOOKS:
        if message := consumer.poll(0.1):
            values.append(message.value().decode())
        else:
            # Both records that it can have are in one answer.
            idle += bool(values)
        position = consumer.position([BILLS])[0].offset
        if position >= end:
            return values
    return None


def buggy(bootstrap):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    end = admin.list_offsets({BILLS: OffsetSpec.latest()})[BILLS]
    return read_to(end.result(20).offset, bootstrap)


def fixed(bootstrap):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    end = admin.list_offsets({BILLS: OffsetSpec.latest()}, isolation_level=IsolationLevel.READ_COMMITTED)[BILLS]
    return read_to(end.result(20).offset, bootstrap)


def scenario(cluster, application):
    cluster.write("bills", ["1", "2"])
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "transactional.id": "billing-1"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("bills", "not yet")
    cluster.wait(api="Produce", transactional_id="billing-1", failed=False)
    found = cluster.start(application, cluster.bootstrap).done()
    promise(found == ["1", "2"], "the job never reaches the end" if found is None else f"the job found {found}")
    producer.abort_transaction(20)


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills")
