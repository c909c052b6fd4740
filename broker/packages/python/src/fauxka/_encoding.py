"""Requests and answers of the control port as bytes and as Python's values."""
from __future__ import annotations

import base64
import datetime
import json
import math
import urllib.parse
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional, Union

from . import types
from ._errors import ControlError

Duration = Union[str, float, datetime.timedelta]
"""A text such as `1m 30s`, a number of seconds, or a timedelta."""


class Binary(bytes):
    """A body that is no JSON."""


class Request(NamedTuple):
    method: str
    target: str
    body: Optional[bytes]
    headers: dict[str, str]
    waits: bool
    """Whether it may be answered much later, when something has happened."""


class Answer(NamedTuple):
    status: int
    body: bytes


def path(pattern: str, *values: object) -> str:
    """The path, with the values in place of what is in braces."""
    parts = [f"{{}}{part.split('}', 1)[1]}" if "}" in part else part for part in pattern.split("{")]
    return "".join(parts).format(*(urllib.parse.quote(str(value), safe="") for value in values))


def _query_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def request(method: str, target: str, query: Optional[Mapping[str, object]], body: object, token: Optional[str]) -> Request:
    pairs = [(name, _query_value(value)) for name, value in (query or {}).items() if value is not None]
    if pairs:
        target = f"{target}?{urllib.parse.urlencode(pairs)}"
    headers = {"Connection": "close"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None
    if isinstance(body, Binary):
        data, headers["Content-Type"] = bytes(body), "application/octet-stream"
    elif body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    return Request(method, target, data, headers, "/wait" in target)


def checked(answer: Answer) -> bytes:
    """The answer's body, unless the port has refused the request."""
    if answer.status < 400:
        return answer.body
    try:
        refused = json.loads(answer.body)
        raise ControlError(refused["error"], answer.status, refused.get("kafka"))
    except (ValueError, KeyError, TypeError):
        text = answer.body.decode(errors="replace").strip()
        raise ControlError(f"the control port answered {answer.status}: {text or 'nothing'}", answer.status) from None


def decoded(answer: Answer) -> Any:
    return json.loads(checked(answer))


def duration(value: Duration) -> str:
    """The duration as the control port reads it."""
    if isinstance(value, str):
        return value
    seconds = value.total_seconds() if isinstance(value, datetime.timedelta) else float(value)
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"{value!r} is no duration: give a text such as '45s', seconds or a timedelta")
    return f"{round(seconds * 1000)}ms"


def data(value: Union[str, bytes]) -> types.Data:
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}
