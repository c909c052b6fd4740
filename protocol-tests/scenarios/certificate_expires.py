"""A client certificate that expires at night.

In production: open connections outlive the certificate that they were made with, so nothing happens when it expires. The next reconnect, after a
deployment, an idle hour or a broker's restart, fails its handshake, and so does each one after it. The renewed certificate may have been on disk
for weeks: nobody read it.
Control: listeners that require a certificate, one that expires while the application runs, and a rolling restart.
Promise: each order reaches Kafka.
"""
import pathlib
import queue
import shutil
import tempfile

from confluent_kafka import KafkaError, Producer

from cluster import promise, prove, until

OLD, RENEWED = "shipping-2026", "shipping-2027"


class Orders:
    """Writes orders, with the certificate that lies in a folder."""

    def __init__(self, cluster, folder):
        self.cluster, self.folder, self.current = cluster, folder, folder / "current.pem"
        self.orders, self.waiting, self.has_failed = queue.Queue(), None, False
        self.producer = self.connect()

    def connect(self):
        self.certificate = self.current.read_text()
        return Producer({"bootstrap.servers": self.cluster.bootstrap, "security.protocol": "SSL", "linger.ms": 0, "reconnect.backoff.max.ms": 100,
                         "ssl.ca.location": str(self.folder / "ca.pem"), "ssl.certificate.pem": self.certificate, "ssl.key.pem": self.certificate,
                         "error_cb": self.on_error})

    def on_error(self, error):
        """With TLS 1.3 a client learns that its certificate was refused when it reads: the error is one of transport, not of TLS."""
        self.has_failed |= error.code() in (KafkaError._SSL, KafkaError._TRANSPORT)

    def produce(self):
        if self.waiting:
            self.producer.produce("orders", self.waiting, on_delivery=self.delivered)

    def delivered(self, error, _record):
        if not error:
            self.waiting = None

    def write(self):
        while self.cluster.running:
            if not self.orders.empty():
                self.waiting = self.orders.get()
                self.produce()
            self.producer.poll(0.05)
            if self.has_failed:
                self.has_failed = False
                self.connection_failed()

    def connection_failed(self):
        """What the application does about it."""


class Buggy(Orders):
    """Leaves it to the client, which read the certificate when it was made."""


class Fixed(Orders):
    """Makes a new client if there is another certificate."""

    def connection_failed(self):
        if self.current.read_text() != self.certificate:
            self.producer.purge()
            self.producer = self.connect()
            self.produce()


def refused(cluster):
    return [row for row in cluster.journal(kind="connection_closed") if "certificate" in row["why"]]


def scenario(cluster, application):
    folder = pathlib.Path(FOLDER)
    shutil.copy(folder / f"{OLD}.pem", folder / "current.pem")
    orders = application(cluster, folder)
    cluster.start(orders.write)
    orders.orders.put("before")
    until(lambda: cluster.values("orders") == ["before"], "the first order")
    shutil.copy(folder / f"{RENEWED}.pem", folder / "current.pem")
    cluster.post("/v1/certificates/expire", certificate=OLD)
    cluster.post("/v1/nodes/rolling-restart")
    orders.orders.put("after")
    until(lambda: len(cluster.values("orders")) == 2 or len(refused(cluster)) >= 5, "the second order, or five refused handshakes")
    promise(cluster.values("orders") == ["before", "after"], f"an order waits after {len(refused(cluster))} handshakes were refused")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as FOLDER:
        prove(scenario, Buggy, Fixed, "--topic", "orders", f"--tls={FOLDER}", "--tls-client", OLD, "--tls-client", RENEWED,
              "--config", "ssl.client.auth=required")
