"""Requests to the control port."""
# Made by `generate` from _async/request.py: do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .. import _encoding
from .._http import exchange


class Requests:
    """Requests to the control port, by method and path."""

    def __init__(self, url: str, token: Optional[str] = None) -> None:
        self.url = url
        self._token = token

    def raw(
        self, method: str, path: str, *, query: Optional[Mapping[str, object]] = None, body: object = None
    ) -> bytes:
        """The answer's bytes. A body is sent as JSON."""
        request = _encoding.request(method, path, query, body, self._token)
        return _encoding.checked(exchange(self.url, request))

    def json(
        self, method: str, path: str, *, query: Optional[Mapping[str, object]] = None, body: object = None
    ) -> Any:
        request = _encoding.request(method, path, query, body, self._token)
        return _encoding.decoded(exchange(self.url, request))

    def text(self, method: str, path: str) -> str:
        return (self.raw(method, path)).decode()

    def binary(self, method: str, path: str) -> bytes:
        return self.raw(method, path)

    def nothing(
        self, method: str, path: str, *, query: Optional[Mapping[str, object]] = None, body: object = None
    ) -> None:
        self.raw(method, path, query=query, body=body)
