"""Half-written answer.

In production: a load balancer restarts in the middle of an answer to Produce. The client has six bytes of it and a reset connection;
it cannot know whether the batch was written, and the application, which had turned retries off "so that nothing is doubled", has lost
the order as far as it knows: it takes it again, and there it is twice.
Control: a rule holds Produce until another one is in force, which cuts the connection after six bytes of the answer.
Promise: no record in flight is lost or doubled.
"""
from confluent_kafka import Producer

from cluster import once_each, prove


def started(bootstrap, **settings):
    return Producer({"bootstrap.servers": bootstrap, "client.id": "shop", "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 50, **settings})


def buggy(bootstrap):
    producer = started(bootstrap, retries=0)
    failed = []
    producer.produce("orders", "1", on_delivery=lambda error, message: error and failed.append(message.value()))
    producer.flush(60)
    again = started(bootstrap)
    for order in failed:
        again.produce("orders", order)
    assert again.flush(60) == 0


def fixed(bootstrap):
    producer = started(bootstrap, **{"enable.idempotence": True})
    producer.produce("orders", "1")
    assert producer.flush(60) == 0


def scenario(cluster, application):
    pause = cluster.fault(api="Produce", nth=1, before_apply="hold")
    running = cluster.start(application, cluster.bootstrap)
    pause.wait()
    cut = cluster.fault(client_id="shop", to="client", bytes={"cut": {"after": 6, "how": "reset"}})
    pause.release()
    cut.wait()
    cut.release()
    running.done()
    once_each(["1"], cluster.values("orders"), "orders in the log")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
