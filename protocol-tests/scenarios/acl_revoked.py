"""An ACL revoked in a running group.

In production: somebody tidies up ACLs and takes away a service's right to read a topic. Its consumers stay in their group, since heartbeats are not
about the topic, so the group looks healthy; each poll fails. Once the ACL is back, a consumer whose loop has ended stays down.
Control: an authorizer, users who log in, and ACLs that are removed and added while the consumer runs.
Promise: the consumer takes up its work once access is granted again, where it was: each record is processed once.
"""
from kafka import KafkaConsumer
from kafka.errors import TopicAuthorizationFailedError

from cluster import once_each, promise, prove, until

READ_TOPIC = {"principal": "User:shipping", "operation": "Read", "resource_type": "Topic", "resource": "orders"}
READ_GROUP = {"principal": "User:shipping", "operation": "Read", "resource_type": "Group", "resource": "shipping"}


def consume(cluster, sink, on_denied):
    consumer = KafkaConsumer("orders", bootstrap_servers=cluster.bootstrap, group_id="shipping", auto_offset_reset="earliest",
                             enable_auto_commit=False, fetch_max_wait_ms=50, security_protocol="SASL_PLAINTEXT",
                             sasl_mechanism="PLAIN", sasl_plain_username="shipping", sasl_plain_password="secret")
    while cluster.running:
        try:
            for records in consumer.poll(timeout_ms=100).values():
                sink.extend(record.value.decode() for record in records)
                consumer.commit()
        except TopicAuthorizationFailedError as error:
            if not on_denied(consumer, error):
                return
    consumer.close()


def buggy(cluster, sink):
    def end(_consumer, error):
        print("the consumer's loop ends:", error)
        return False
    consume(cluster, sink, end)


def fixed(cluster, sink):
    def rest(consumer, error):
        """Stays in the group without fetching for a while; a real one would take longer."""
        print("access denied, later again:", error)
        consumer.pause(*consumer.assignment())
        consumer.poll(timeout_ms=200)
        consumer.resume(*consumer.assignment())
        return True
    consume(cluster, sink, rest)


def write(cluster, values):
    """Records by the control port, which needs no ACL."""
    cluster.post("/v1/topics/orders/records", records=[{"value": value} for value in values])


def denied(cluster):
    """Rows of what was refused, be it a Fetch or the Metadata before it."""
    return cluster.journal(error="TOPIC_AUTHORIZATION_FAILED")


def scenario(cluster, application):
    sink = []
    for acl in (READ_TOPIC, READ_GROUP):
        cluster.post("/v1/acls", **acl)
    write(cluster, ["order-1", "order-2"])
    running = cluster.start(application, cluster, sink)
    until(lambda: len(sink) == 2, "two records")

    (revoked,) = cluster.call("DELETE", "/v1/acls?principal=User:shipping&resource_type=Topic")
    assert revoked["resource"] == "orders", f"another ACL is gone: {revoked}"
    write(cluster, ["order-3"])
    until(lambda: len(denied(cluster)) >= 3 or not running.is_alive(), "three denials or the end of the application")
    (why,) = denied(cluster)[0]["denied"]
    assert why["resource"] == "orders", f"denied for another reason: {why}"
    promise(running.is_alive(), "the application ended when access was denied")

    cluster.post("/v1/acls", **READ_TOPIC)
    until(lambda: len(sink) == 3, "the third record")
    once_each(cluster.values("orders"), sink, "records")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--sasl", "shipping:secret", "--config",
          "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer")
