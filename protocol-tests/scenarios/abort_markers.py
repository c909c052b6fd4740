"""Aborted records and their markers.

In production: a report is twice as high as it should be after a bad night, because its consumer reads what was aborted, too: not
every client library reads committed records alone unless told. Told so, it hangs, because it waits for a record at the last offset, which
a marker has.
Control: a producer that aborts and commits; the log itself tells what lies in it.
Promise: the report has the committed records, and it ends.
"""
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from cluster import promise, prove

BILLS = TopicPartition("bills", 0)


def report(bootstrap, isolation, at_end):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, isolation_level=isolation, fetch_max_wait_ms=50)
    consumer.assign([BILLS])
    consumer.seek(BILLS, 0)
    end, values = consumer.end_offsets([BILLS])[BILLS], []
    looks_at_the_end = 0
    while looks_at_the_end < 5:
        records = consumer.poll(timeout_ms=100).get(BILLS, [])
        values += [record.value.decode() for record in records]
        if at_end(consumer, records, end):
            return values
        looks_at_the_end += consumer.position(BILLS) >= end
    return None


def buggy(bootstrap):
    """It had been `read_uncommitted`; this is the hurried correction."""
    return report(bootstrap, "read_committed", lambda _, records, end: any(record.offset + 1 == end for record in records))


def fixed(bootstrap):
    return report(bootstrap, "read_committed", lambda consumer, _, end: consumer.position(BILLS) >= end)


def scenario(cluster, application):
    producer = KafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id="billing-1")
    producer.init_transactions()
    for value, end in (("1", producer.commit_transaction), ("2", producer.abort_transaction), ("2 again", producer.commit_transaction)):
        producer.begin_transaction()
        producer.send("bills", value.encode())
        end()
    found = cluster.start(application, cluster.bootstrap).done()
    promise(found is not None, "the report never ends")
    promise(found == cluster.committed_values("bills") == ["1", "2 again"], f"the report has {found}")
    producer.close()


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills")
