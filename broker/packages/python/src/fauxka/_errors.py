"""What can go wrong with a cluster, and what it says then."""
from __future__ import annotations

from typing import Optional

from . import types


class FauxkaError(Exception):
    """Any error of this package but a broken expectation."""


class BinaryNotFound(FauxkaError):
    """There is no fauxka program for this machine; the message says where it was looked for."""


class StartError(FauxkaError):
    """The cluster did not start, or has ended by itself; the message has its exit status and the end of its log."""


class ControlError(FauxkaError):
    """The control port has refused a request; the message says why, and how to fix it."""

    def __init__(self, message: str, status: int, kafka: Optional[types.KafkaError] = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status."""
        self.kafka = kafka
        """The error that a Kafka client gets for the same request, if it gets one."""

    def __reduce__(self) -> tuple[type[ControlError], tuple[str, int, Optional[types.KafkaError]]]:
        return type(self), (str(self), self.status, self.kafka)


class UnmetExpectation(AssertionError):
    """Something that the test expects has not happened."""


# Messages name them as programs import them.
for _error in (FauxkaError, BinaryNotFound, StartError, ControlError, UnmetExpectation):
    _error.__module__ = "fauxka"
