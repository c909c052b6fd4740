"""Requests to the control port."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .. import _encoding
from .._http import exchange_async


class AsyncRequests:
    """Requests to the control port, by method and path."""

    def __init__(self, url: str, token: Optional[str] = None) -> None:
        self.url = url
        self._token = token

    async def raw(
        self, method: str, path: str, *, query: Optional[Mapping[str, object]] = None, body: object = None
    ) -> bytes:
        """The answer's bytes. A body is sent as JSON."""
        request = _encoding.request(method, path, query, body, self._token)
        return _encoding.checked(await exchange_async(self.url, request))

    async def json(
        self, method: str, path: str, *, query: Optional[Mapping[str, object]] = None, body: object = None
    ) -> Any:
        request = _encoding.request(method, path, query, body, self._token)
        return _encoding.decoded(await exchange_async(self.url, request))

    async def text(self, method: str, path: str) -> str:
        return (await self.raw(method, path)).decode()

    async def binary(self, method: str, path: str) -> bytes:
        return await self.raw(method, path)

    async def nothing(
        self, method: str, path: str, *, query: Optional[Mapping[str, object]] = None, body: object = None
    ) -> None:
        await self.raw(method, path, query=query, body=body)
