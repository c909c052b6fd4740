"""Hanging transaction blocks readers.

In production: a producer dies in the middle of a transaction. All that others write behind it stays hidden from
`read_committed` consumers until the coordinator gives the dead one up, which is as long as its `transaction.timeout.ms`:
somebody had raised it to its maximum, so that "transactions do not time out".
Control: `--clock manual`, `POST /v1/clock/advance`.
Promise: two minutes later, a reader has what others wrote.
"""
from confluent_kafka import Consumer, Producer, TopicPartition

from cluster import promise, prove, until


def die_in_a_transaction(bootstrap, timeout_ms):
    """The producer, which must not be collected: nobody ends its transaction."""
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "billing-1", "transaction.timeout.ms": timeout_ms})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("bills", "never committed")
    producer.flush(20)
    return producer


def buggy(bootstrap):
    return die_in_a_transaction(bootstrap, 900_000)


def fixed(bootstrap):
    return die_in_a_transaction(bootstrap, 60_000)


def scenario(cluster, application):
    dead = cluster.start(application, cluster.bootstrap).done()
    cluster.write("bills", ["behind it"])
    reader = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "none", "enable.auto.commit": False,
                       "isolation.level": "read_committed", "fetch.wait.max.ms": 0})
    reader.assign([TopicPartition("bills", 0, 0)])
    cluster.wait(api="Fetch", failed=False)
    assert reader.poll(0) is None, "it reads past an open transaction"
    cluster.advance("2m")
    partition = cluster.get("/v1/topics/bills")["partitions"][0]
    promise(partition["last_stable_offset"] == partition["high_watermark"], "readers still wait for the dead producer")
    message = until(lambda: reader.poll(0.1), "a record")
    promise(message.value() == b"behind it", f"the reader got {message.value()}")
    reader.close()
    del dead


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills", "--clock", "manual")
