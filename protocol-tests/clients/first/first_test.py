"""The broker's answer to a producer is lost. The order must still be in the log exactly once."""
import json
import urllib.request

from confluent_kafka import Producer


def control(path, body=None):
    """Asks the control port: a POST if there is a body, else a GET."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request("http://127.0.0.1:9700" + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def test_an_order_is_placed_once():
    control("/v1/reset", {})
    rule = control("/v1/faults", {"api": "Produce", "topic": "orders", "nth": 1, "after_apply": "disconnect"})

    producer = Producer({"bootstrap.servers": "127.0.0.1:9092", "enable.idempotence": True})
    producer.produce("orders", "order-1")
    assert producer.flush(30) == 0

    assert control(f"/v1/faults/{rule['id']}")["hits"] == 1
    records = control("/v1/topics/orders/0/records")["records"]
    assert [record["value"] for record in records] == ["order-1"]
