"""A role's session token that expires during a transaction.

In production: a service on Amazon MSK logs in with the credentials of a role's session, which end after minutes or hours. It keeps what it once got. When
the session is over, its connections are closed, in the midst of a transaction, and each new log-in is refused: MSK says `Access denied`, and nothing more.
Control: an access key whose session ends on the cluster's clock while a transaction is open.
Promise: the transaction is committed.
"""
import threading

from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from botocore.credentials import CredentialProvider, Credentials
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.net.sasl.oauth import AbstractTokenProvider

from cluster import promise, prove, until

REGION = "us-east-1"
ROLE = "arn:aws:sts::123456789012:assumed-role/shipping/session"


class Sessions:
    """What gives out the role's sessions: AWS's STS in production."""

    def __init__(self, cluster):
        self.cluster, self.count = cluster, 0

    def assume(self):
        self.count += 1
        key = {"id": f"ASIAEXAMPLE{self.count}", "secret": f"secret-{self.count}", "session_token": f"token-{self.count}"}
        self.cluster.post("/v1/access-keys", **key, principal=ROLE, expires_in="30s")
        return Credentials(key["id"], key["secret"], key["session_token"])


class Signer(AbstractTokenProvider, CredentialProvider):
    """What the client asks for a token at each log-in; AWS's signer makes it with the session's key."""

    def __init__(self, sessions):
        self.sessions, self.credentials = sessions, sessions.assume()

    def load(self):
        return self.credentials

    def token(self):
        return MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(REGION, self)[0]


class Renewing(Signer):
    """Gets a new session for each log-in; in production it would, shortly before the old one ends."""

    def load(self):
        return self.sessions.assume()


class Application:
    """Writes two orders in a transaction, with work between them."""

    def __init__(self, cluster, signer):
        self.work_is_done = threading.Event()
        self.producer = KafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id="shipping", transaction_timeout_ms=600_000,
                                      security_protocol="SASL_PLAINTEXT", sasl_mechanism="OAUTHBEARER", sasl_oauth_token_provider=signer,
                                      reconnect_backoff_max_ms=100)

    def run(self):
        self.producer.init_transactions()
        self.producer.begin_transaction()
        self.producer.send("orders", b"first").get(timeout=10)
        self.work_is_done.wait(60)
        try:
            self.producer.send("orders", b"second").get(timeout=10)
            self.producer.commit_transaction()
        except KafkaError as error:
            print("the transaction failed:", error)


def buggy(cluster):
    return Application(cluster, Signer(Sessions(cluster)))


def fixed(cluster):
    return Application(cluster, Renewing(Sessions(cluster)))


def refusals(cluster):
    return cluster.journal(api="SaslAuthenticate", error="SASL_AUTHENTICATION_FAILED")


def scenario(cluster, make):
    application = make(cluster)
    running = cluster.start(application.run)
    until(lambda: cluster.values("orders") == ["first"], "the first order")
    cluster.advance("60s")
    application.work_is_done.set()
    until(lambda: len(cluster.committed_values("orders")) == 2 or len(refusals(cluster)) >= 3 or not running.is_alive(), "both orders, or refused log-ins")
    promise(cluster.committed_values("orders") == ["first", "second"], f"the transaction is open after {len(refusals(cluster))} log-ins were refused")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--clock", "manual", "--topic", "orders", "--aws-key", "AKIAEXAMPLE:secret@arn:aws:iam::123456789012:user/admin",
          "--config", "connection.failed.authentication.delay.ms=0")
