"""An IAM policy without the action that transactions need.

In production: a service on Amazon MSK begins to use transactions. Its policy lets it read and write topics, but not use a transactional id
(`kafka-cluster:AlterTransactionalId`): what nobody needed before, and no local broker asks for. It consumes an order, cannot write its invoice, and goes on.
Control: a policy in IAM's JSON, which somebody mends while the application runs.
Promise: each order gets its invoice, once.
"""
import json

from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from botocore.credentials import CredentialProvider, Credentials
from confluent_kafka import Consumer, KafkaException, Producer

from cluster import once_each, prove, until

REGION = "us-east-1"
ID, SECRET, USER = "AKIAEXAMPLE", "secret", "arn:aws:iam::123456789012:user/billing"
ORDERS = ["one", "two", "three"]
READ_AND_WRITE = ["Connect", "DescribeCluster", "DescribeTopic", "ReadData", "WriteData", "WriteDataIdempotently", "DescribeGroup", "AlterGroup"]
TRANSACTIONS = ["DescribeTransactionalId", "AlterTransactionalId"]


class Key(CredentialProvider):
    """The application's access key."""

    def load(self):
        return Credentials(ID, SECRET)


def token(_):
    text, expires_ms = MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(REGION, Key())
    return text, expires_ms / 1000


def let(cluster, actions):
    """Gives the application a policy with these actions on everything."""
    statement = {"Effect": "Allow", "Action": [f"kafka-cluster:{action}" for action in actions], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cluster.call("PUT", "/v1/policies/billing", {"document": document, "principals": [USER]})


class Billing:
    """Consumes orders, and writes their invoices in transactions."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.settings = {"bootstrap.servers": cluster.bootstrap, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER", "oauth_cb": token}

    def consumer(self):
        consumer = Consumer({**self.settings, "group.id": "billing", "auto.offset.reset": "earliest", "enable.auto.commit": False})
        consumer.subscribe(["orders"])
        return consumer

    def producer(self):
        """One that may begin a transaction, or nothing."""
        producer = Producer({**self.settings, "transactional.id": "billing", "linger.ms": 0})
        try:
            producer.init_transactions(20)
            return producer
        except KafkaException as error:
            print("no transactions:", error)
            return None

    @staticmethod
    def invoice(consumer, producer, order):
        producer.begin_transaction()
        producer.produce("invoices", order.value())
        producer.send_offsets_to_transaction(consumer.position(consumer.assignment()), consumer.consumer_group_metadata())
        producer.commit_transaction()


class Buggy(Billing):
    """Begins to produce when there is something to produce, and takes the next order if it cannot."""

    def run(self):
        consumer, producer = self.consumer(), None
        while self.cluster.running:
            if order := consumer.poll(0.1):
                producer = producer or self.producer()
                if producer:
                    self.invoice(consumer, producer, order)
        consumer.close()


class Fixed(Billing):
    """Takes orders only once it may write their invoices."""

    def run(self):
        producer = None
        while self.cluster.running and not (producer := self.producer()):
            pass
        consumer = self.consumer()
        while self.cluster.running:
            if order := consumer.poll(0.1):
                self.invoice(consumer, producer, order)
        consumer.close()


def scenario(cluster, application):
    let(cluster, READ_AND_WRITE)
    write = lambda orders: cluster.post("/v1/topics/orders/records", records=[{"value": order} for order in orders])
    write(ORDERS[:1])
    cluster.start(application(cluster).run)
    cluster.wait(error="TRANSACTIONAL_ID_AUTHORIZATION_FAILED")
    let(cluster, READ_AND_WRITE + TRANSACTIONS)
    write(ORDERS[1:])
    until(lambda: ORDERS[-1] in cluster.committed_values("invoices"), "the last invoice")
    once_each(ORDERS, cluster.committed_values("invoices"), "invoices")


if __name__ == "__main__":
    prove(scenario, Buggy, Fixed, "--topic", "orders", "--topic", "invoices", "--aws-key", f"{ID}:{SECRET}@{USER}")
