"""Errors of a leader election.

In production: a partition has no leader for some seconds, and brokers answer that it is not them, that there is none, that they have not
heard of the topic. All of this passes; an application that asks the customer to try again at the first such answer does not outlive an
election.
Control: a rule that answers Produce with these errors in turn.
Promise: the order is taken, once, and the customer is not bothered.
"""
from kafka import KafkaProducer
from kafka.errors import KafkaError

from cluster import once_each, promise, prove

ELECTION = ["NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE", "UNKNOWN_TOPIC_OR_PARTITION"]


def order(bootstrap, **settings):
    """What the customer was told."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, retry_backoff_ms=10, **settings)
    try:
        producer.send("orders", b"order-1").get(60)
    except KafkaError as error:
        return f"please try again later: {error}"
    finally:
        producer.close()
    return "thank you"


def buggy(bootstrap):
    return order(bootstrap, retries=0, enable_idempotence=False)


def fixed(bootstrap):
    return order(bootstrap)


def scenario(cluster, application):
    election = cluster.fault(api="Produce", topic="orders", before_apply=[{"error": name} for name in ELECTION])
    running = cluster.start(application, cluster.bootstrap)
    election.wait()
    told = running.done()
    promise(told == "thank you", f"the customer was told: {told}")
    assert election.hits() == len(ELECTION)
    once_each(["order-1"], cluster.values("orders"), "orders in the log")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
