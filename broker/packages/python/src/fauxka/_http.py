"""One HTTP request over a connection of its own: for threads, and for asyncio."""
from __future__ import annotations

import asyncio
import http.client
import io
import socket
import urllib.parse
from typing import Optional, cast

from ._encoding import Answer, Request

# All but waits are answered at once; a clock that is moved far takes longer.
SECONDS = 60.0


def _address(url: str) -> tuple[str, int]:
    parts = urllib.parse.urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def exchange(url: str, request: Request) -> Answer:
    host, port = _address(url)
    connection = http.client.HTTPConnection(host, port, timeout=None if request.waits else SECONDS)
    try:
        connection.request(request.method, request.target, request.body, request.headers)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


async def exchange_async(url: str, request: Request) -> Answer:
    """The same without a thread: a task that waits here can be cancelled."""
    return await asyncio.wait_for(_exchange(url, request), None if request.waits else SECONDS)


async def _exchange(url: str, request: Request) -> Answer:
    host, port = _address(url)
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(_head(host, port, request) + (request.body or b""))
        await writer.drain()
        return _parsed(await reader.read(), request.method)
    finally:
        writer.close()


def _head(host: str, port: int, request: Request) -> bytes:
    headers = {"Host": f"{host}:{port}", **request.headers}
    if request.body is not None or request.method != "GET":
        headers["Content-Length"] = str(len(request.body or b""))
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


class _Received:
    """What http.client takes for a socket: bytes that are all there."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, _mode: str, _buffering: Optional[int] = None) -> io.BytesIO:
        return io.BytesIO(self._received)


def _parsed(received: bytes, method: str) -> Answer:
    response = http.client.HTTPResponse(cast(socket.socket, _Received(received)), method=method)
    response.begin()
    return Answer(response.status, response.read())
