"""A re-authentication that fails.

In production: brokers have clients log in again every hour (`connections.max.reauth.ms`). Somebody rotates a password, and everything goes on for up to
an hour. Then each client's session ends at its own time, its re-authentication fails with the old password, and so does each reconnect.
Control: a user's password changes while the application runs, and sessions are short.
Promise: each order reaches Kafka.
"""
import queue

from confluent_kafka import KafkaError, Producer

from cluster import promise, prove, until

USER = "shipping"


class Vault:
    """Where the application gets its password."""

    password = "old"


class Orders:
    """Writes orders as the user whose password the vault has."""

    def __init__(self, cluster, vault):
        self.cluster, self.vault, self.orders, self.is_refused = cluster, vault, queue.Queue(), False
        self.producer = Producer({"bootstrap.servers": cluster.bootstrap, "linger.ms": 0, "reconnect.backoff.max.ms": 100,
                                  "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256",
                                  "sasl.username": USER, "sasl.password": vault.password, "error_cb": self.on_error})

    def on_error(self, error):
        self.is_refused |= error.code() == KafkaError._AUTHENTICATION

    def write(self):
        while self.cluster.running:
            if not self.orders.empty():
                self.producer.produce("orders", self.orders.get())
            self.producer.poll(0.05)
            if self.is_refused:
                self.is_refused = False
                self.refused()

    def refused(self):
        """What the application does about it."""


class Buggy(Orders):
    """Read its password once."""


class Fixed(Orders):
    """Reads its password again. The client keeps its queue, and logs in anew."""

    def refused(self):
        self.producer.set_sasl_credentials(USER, self.vault.password)


def refusals(cluster):
    return cluster.journal(api="SaslAuthenticate", error="SASL_AUTHENTICATION_FAILED")


def scenario(cluster, application):
    vault = Vault()
    orders = application(cluster, vault)
    cluster.start(orders.write)
    orders.orders.put("before")
    until(lambda: cluster.values("orders") == ["before"], "the first order")
    vault.password = "new"
    cluster.post("/v1/users", name=USER, password=vault.password)
    cluster.wait(api="SaslAuthenticate", error="SASL_AUTHENTICATION_FAILED")
    orders.orders.put("after")
    until(lambda: len(cluster.values("orders")) == 2 or len(refusals(cluster)) >= 5, "the second order, or five refused log-ins")
    promise(cluster.values("orders") == ["before", "after"], f"an order waits after {len(refusals(cluster))} log-ins were refused")


if __name__ == "__main__":
    prove(scenario, Buggy, Fixed, "--topic", "orders", "--sasl", f"{USER}:{Vault.password}", "--config", "connections.max.reauth.ms=2000")
