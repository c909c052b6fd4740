"""Authorization revoked in mid-run.

In production: an ACL is deleted by mistake and put back ten minutes later. A consumer whose loop ends with any error stays down,
process up, health check green, until somebody notices the lag.
Control: a rule that answers Fetch with TOPIC_AUTHORIZATION_FAILED until it is released.
Promise: it takes up its work once access is granted again, and has not asked in a hot loop meanwhile.
"""
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from cluster import once_each, promise, prove, until

ORDERS = TopicPartition("orders", 0)


def consume(cluster, sink, on_denied):
    consumer = KafkaConsumer(bootstrap_servers=cluster.bootstrap, fetch_max_wait_ms=50)
    consumer.assign([ORDERS])
    consumer.seek(ORDERS, 0)
    while cluster.running:
        try:
            for record in consumer.poll(timeout_ms=100).get(ORDERS, []):
                sink.append(record.value.decode())
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
        """Polls without fetching for a while; a real one would take longer."""
        print("access denied, later again:", error)
        consumer.pause(ORDERS)
        consumer.poll(timeout_ms=200)
        consumer.resume(ORDERS)
        return True
    consume(cluster, sink, rest)


def scenario(cluster, application):
    sink = []
    cluster.write("orders", range(3))
    denied = cluster.fault(api="Fetch", topic="orders", before_apply={"error": "TOPIC_AUTHORIZATION_FAILED"}, until_released=True)
    running = cluster.start(application, cluster, sink)
    until(lambda: denied.hits() >= 3 or not running.is_alive(), "three refusals or the end of the application")
    promise(running.is_alive(), f"the application ended after {denied.hits()} refusals")
    waits = [later["elapsed_ms"] - earlier["elapsed_ms"] for rows in [cluster.journal(error="TOPIC_AUTHORIZATION_FAILED")]
             for earlier, later in zip(rows, rows[1:])]
    promise(min(waits) >= 100, f"it asked again after {min(waits)} ms")
    denied.release()
    until(lambda: len(sink) == 3, "three records")
    once_each(cluster.values("orders"), sink, "records")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders")
