"""Logs in with a published client for Python, produces one record and prints where it is. Arguments: the client, the bootstrap servers, and

- with AWS's signer: region, key id, secret, session token (empty for none);
- `confluent-kafka-oidc`, which is librdkafka's OIDC: the token endpoint, the client's id and secret.
"""

import asyncio
import sys

from aiokafka import AIOKafkaProducer
from aiokafka.abc import AbstractTokenProvider as Aiokafka
from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from botocore.credentials import CredentialProvider, Credentials
from confluent_kafka import Producer
from kafka import KafkaProducer
from kafka.net.sasl.oauth import AbstractTokenProvider as KafkaPython

client, bootstrap, *rest = sys.argv[1:]
TOPIC = "logins"
SECONDS = 15


class Provider(CredentialProvider):
    """Always the same credentials."""

    def __init__(self, key_id, secret, session):
        self.credentials = Credentials(key_id, secret, session or None)

    def load(self):
        return self.credentials


def signed():
    """A token, and until when it is good."""
    region, *key = rest
    return MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(region, Provider(*key))


class Signer(KafkaPython):
    """What kafka-python asks for a token."""

    def token(self):
        return signed()[0]


class AsyncSigner(Aiokafka):
    """What aiokafka asks for a token."""

    async def token(self):
        return await asyncio.to_thread(lambda: signed()[0])


def with_signer():
    def token(_):
        text, expires_ms = signed()
        return text, expires_ms / 1000
    return {"oauth_cb": token}


def with_oidc():
    endpoint, name, secret = rest
    return {"sasl.oauthbearer.method": "oidc", "sasl.oauthbearer.token.endpoint.url": endpoint,
            "sasl.oauthbearer.client.id": name, "sasl.oauthbearer.client.secret": secret}


def confluent(log_in):
    settings = {"bootstrap.servers": bootstrap, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": "OAUTHBEARER",
                "message.timeout.ms": SECONDS * 1000, **log_in()}
    producer, failed = Producer(settings), []

    def delivered(error, record):
        failed.append(error) if error else print(record.offset())
    producer.produce(TOPIC, b"confluent", on_delivery=delivered)
    if producer.flush(SECONDS) or failed:
        sys.exit(f"not delivered: {failed}")


def kafka_python():
    producer = KafkaProducer(bootstrap_servers=bootstrap, security_protocol="SASL_PLAINTEXT", sasl_mechanism="OAUTHBEARER",
                             sasl_oauth_token_provider=Signer(),
                             bootstrap_timeout_ms=SECONDS * 1000, max_block_ms=SECONDS * 1000)
    print(producer.send(TOPIC, b"kafka-python").get(SECONDS).offset)


async def aiokafka():
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, security_protocol="SASL_PLAINTEXT", sasl_mechanism="OAUTHBEARER",
                                sasl_oauth_token_provider=AsyncSigner())
    await asyncio.wait_for(producer.start(), SECONDS)
    try:
        record = await producer.send_and_wait(TOPIC, b"aiokafka")
        print(record.offset)
    finally:
        await producer.stop()


{
    "confluent-kafka": lambda: confluent(with_signer),
    "confluent-kafka-oidc": lambda: confluent(with_oidc),
    "kafka-python": kafka_python,
    "aiokafka": lambda: asyncio.run(aiokafka()),
}[client]()
