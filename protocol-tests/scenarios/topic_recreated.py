"""Topic deleted and recreated.

In production: an application keeps its offsets in a database of its own, beside its results. Somebody deletes the topic and
makes it again under the same name: the old offset fits the new log well enough, and its first records are never read.
Control: `POST /v1/topics/orders/recreate`.
Promise: every record of the new topic is processed.
"""
from confluent_kafka import Consumer, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from cluster import once_each, prove


def consume(bootstrap, database, key):
    """Processes the records from the offset in the database to the end of the log, and leaves the next offset there."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False,
                         "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition("orders", 0, database.get(key, 0))])
    _, end = consumer.get_watermark_offsets(TopicPartition("orders", 0), 20)
    values = []
    while database.get(key, 0) < end:
        if message := consumer.poll(1):
            values.append(message.value().decode())
            database[key] = message.offset() + 1
    consumer.close()
    return values


def buggy(bootstrap, database):
    return consume(bootstrap, database, "orders")


def fixed(bootstrap, database):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topic = admin.describe_topics(TopicCollection(["orders"]))["orders"].result(20)
    return consume(bootstrap, database, str(topic.topic_id))


def scenario(cluster, application):
    database = {}
    cluster.write("orders", range(10))
    cluster.start(application, cluster.bootstrap, database).done()
    cluster.post("/v1/topics/orders/recreate")
    cluster.write("orders", range(100, 120))
    found = cluster.start(application, cluster.bootstrap, database).done()
    once_each(cluster.values("orders"), found, "records of the new topic")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
