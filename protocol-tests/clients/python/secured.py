"""What a client is told of a listener with TLS: the contract of ../README.md for `secured`."""
import argparse
import sys

VALUES = [b"one", b"two", b"three"]
# A client that is refused gives up within this time.
PATIENCE_SECONDS = 15


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["secured", "denied"])
    for name in ("bootstrap", "topic", "protocol", "stores", "ca"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("certificate", "mechanism", "user", "password"):
        parser.add_argument(f"--{name}")
    return parser.parse_args()


def denials(names):
    """Says by which errors it was denied what it wanted."""
    print("\n".join(names), flush=True)


def done(values):
    """Says what came back."""
    if len(values) < len(VALUES):
        sys.exit(f"only {values} came back")
    print("\n".join(value.decode() for value in values), flush=True)
