"""What AWS's signer for Python makes of a key: arguments are region, key id, secret, session token."""

import importlib.metadata
import sys

from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from botocore.credentials import CredentialProvider, Credentials

NAME = "aws-msk-iam-sasl-signer-python"
region, key_id, secret, session = sys.argv[1:]


class Provider(CredentialProvider):
    """Always the same credentials."""

    def __init__(self, session):
        self.session = session

    def load(self):
        return Credentials(key_id, secret, self.session)


for token in (None, session):
    signed, _ = MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(region, Provider(token))
    print(f"{NAME}-{importlib.metadata.version(NAME)} OAUTHBEARER {signed}")
