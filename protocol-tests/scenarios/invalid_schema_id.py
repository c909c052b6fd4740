"""Invalid schema id.

In production: somebody writes with the test system's schema registry. The record's five first bytes name a schema that this registry has
never seen; the deserializer raises, the process restarts, and begins at the same record, for ever.
Control: none but the record: a file, or a producer, writes whatever bytes a test wants.
Promise: what is behind that record is processed, and the record is kept where somebody can look at it.
"""
import struct

from confluent_kafka import Consumer, Producer, TopicPartition

from cluster import promise, prove

REGISTRY = {7: bytes.decode}
RESTARTS = 5


class UnknownSchema(ValueError):
    pass


def encoded(schema, value):
    return struct.pack(">bI", 0, schema) + value.encode()


def decoded(data):
    """As registries' deserializers do it: a zero, the schema's id, the value."""
    _, schema = struct.unpack(">bI", data[:5])
    if schema not in REGISTRY:
        raise UnknownSchema(f"there is no schema {schema}")
    return REGISTRY[schema](data[5:])


def consume(bootstrap, database, handle):
    """From the offset in the database to the end of the log."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False})
    orders = TopicPartition("orders", 0, database["offset"])
    consumer.assign([orders])
    _, end = consumer.get_watermark_offsets(orders, 60)
    try:
        while database["offset"] < end:
            if message := consumer.poll(1):
                handle(message.value())
                database["offset"] = message.offset() + 1
    finally:
        consumer.close()


def buggy(bootstrap, database):
    consume(bootstrap, database, lambda data: database["orders"].append(decoded(data)))


def fixed(bootstrap, database):
    dead_letters = Producer({"bootstrap.servers": bootstrap})

    def handle(data):
        try:
            database["orders"].append(decoded(data))
        except UnknownSchema as error:
            dead_letters.produce("dead-letters", data, headers={"why": str(error)})
            assert dead_letters.flush(60) == 0

    consume(bootstrap, database, handle)


def scenario(cluster, application):
    producer = Producer({"bootstrap.servers": cluster.bootstrap})
    for schema, value in ((7, "1"), (999_999, "2"), (7, "3")):
        producer.produce("orders", encoded(schema, value))
    assert producer.flush(60) == 0
    database = {"offset": 0, "orders": []}
    for _ in range(RESTARTS):
        try:
            application(cluster.bootstrap, database)
        except UnknownSchema as error:
            print("the process ends and is restarted:", error)
    promise(database["orders"] == ["1", "3"], f"after {RESTARTS} restarts there are {database['orders']}")
    parked = [record["headers"][0]["value"] for record in cluster.log("dead-letters")]
    promise(parked == ["there is no schema 999999"], f"kept aside: {parked}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--topic", "dead-letters")
