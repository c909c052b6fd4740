"""Half-open connection.

In production: a firewall forgets a connection. Nothing closes it, and no byte of it arrives any more. A producer that waits a minute for an
answer, but gives a record only three seconds, never gets to its second attempt: it tells customers of failure for as long as it keeps
that connection.
Control: a rule holds Produce until another one is in force, which lets nothing through to the client on the connections that it has.
Promise: the order is in the log once, and the customer is told so.
"""
from confluent_kafka import Producer

from cluster import once_each, promise, prove


def send(bootstrap, **settings):
    """What the customer was told."""
    told = []
    producer = Producer({"bootstrap.servers": bootstrap, "client.id": "shop", "enable.idempotence": True, "reconnect.backoff.max.ms": 200,
                         "retry.backoff.ms": 50, **settings})
    producer.produce("orders", "1", on_delivery=lambda error, _: told.append(f"failed: {error}" if error else "thank you"))
    assert producer.flush(60) == 0
    return told


def buggy(bootstrap):
    return send(bootstrap, **{"message.timeout.ms": 3_000, "socket.timeout.ms": 60_000})


def fixed(bootstrap):
    return send(bootstrap, **{"message.timeout.ms": 120_000, "socket.timeout.ms": 3_000})


def scenario(cluster, application):
    pause = cluster.fault(api="Produce", nth=1, before_apply="hold")
    running = cluster.start(application, cluster.bootstrap)
    pause.wait()
    # A client has one or two of them; later ones are well.
    silent = cluster.fault(client_id="shop", to="client", count=2, bytes="silence")
    pause.release()
    silent.wait()
    told = running.done()
    once_each(["1"], cluster.values("orders"), "orders in the log")
    promise(told == ["thank you"], f"the order is in the log, and the customer was told: {told}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
