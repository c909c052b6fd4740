from confluent_kafka import Producer


def place(kafka, order):
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    producer.produce("orders", order)
    assert producer.flush(30) == 0


def orders(kafka):
    return [record["value"] for record in kafka.control("/v1/topics/orders/0/records")["records"]]


def test_one_order(kafka):
    place(kafka, "order-1")
    assert orders(kafka) == ["order-1"]


def test_another_order(kafka):
    place(kafka, "order-2")
    assert orders(kafka) == ["order-2"]
