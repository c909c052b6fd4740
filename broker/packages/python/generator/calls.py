"""A method for each operation of the control port."""
import re

from document import HEADER, sentence
from types_module import Types

HEAD = '''"""A call for each operation of the control port."""
{header}from __future__ import annotations

from typing import List, Optional, cast

from .. import types
from .._encoding import Binary, path
from .request import AsyncRequests


class AsyncControl(AsyncRequests):
    """A call for each operation of the control port. Answers are as the port gives them."""
'''
# They change what kind of text is answered; ask for that with `raw`.
LEFT_OUT = {("get_journal", "format"), ("get_journal", "follow")}
OTHER_NAMES = {"from": "from_"}


def annotation(schema):
    kind = Types().of(schema, "")
    return re.sub(r"\b(?!(?:List|Any|Dict|Literal|Union|None)\b)([A-Z]\w+)\b(?!\")", r"types.\1", kind)


def answer(responses):
    """(annotation, kind) of what the operation answers when it succeeds."""
    (success,) = [response for status, response in responses.items() if status.startswith("2")]
    content = success.get("content", {})
    if "application/json" in content:
        return annotation(content["application/json"]["schema"]), "json"
    if "text/plain" in content:
        return "str", "text"
    return ("bytes", "binary") if content else ("None", "nothing")


def split(name, operation):
    parameters = [one for one in operation.get("parameters", []) if (name, one["name"]) not in LEFT_OUT]
    return [one for one in parameters if one["in"] == "path"], [one for one in parameters if one["in"] == "query"]


def signature(name, operation, body):
    in_path, in_query = split(name, operation)
    words = ["self", *(f"{one['name']}: {annotation(one['schema'])}" for one in in_path)]
    if body:
        words.append(f"body: {body}")
    if in_query:
        words.append("*")
    for one in sorted(in_query, key=lambda one: not one.get("required")):
        kind, own = annotation(one["schema"]), OTHER_NAMES.get(one["name"], one["name"])
        words.append(f"{own}: {kind}" if one.get("required") else f"{own}: Optional[{kind}] = None")
    return ", ".join(words)


def body_of(operation):
    """(annotation, expression) of the request's body."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        return annotation(content["application/json"]["schema"]), "body"
    return ("bytes", "Binary(body)") if content else (None, None)


def method(verb, path, operation):
    name = operation["operationId"]
    in_path, in_query = split(name, operation)
    kind, how = answer(operation["responses"])
    body, given = body_of(operation)
    where = f'path("{path}"{"".join(", " + one["name"] for one in in_path)})' if in_path else f'"{path}"'
    words = [f'"{verb.upper()}"', where]
    if in_query:
        pairs = ", ".join(f'"{one["name"]}": {OTHER_NAMES.get(one["name"], one["name"])}' for one in in_query)
        words.append(f"query={{{pairs}}}")
    if body:
        words.append(f"body={given}")
    called = f"await self.{how}({', '.join(words)})"
    meaning = "\n\n".join(one for one in (operation.get("summary", "") + ".", operation.get("description", "")) if one.strip("."))
    lines = [f"    async def {name}({signature(name, operation, body)}) -> {kind}:", f'        """{sentence(meaning, "        ")}"""']
    lines.append(f'        return cast("{kind}", {called})' if how == "json" else f"        {'return ' if how != 'nothing' else ''}{called}")
    return "\n".join(lines) + "\n"


def text(paths):
    methods = [method(verb, path, operation) for path, verbs in paths.items() for verb, operation in verbs.items()]
    return HEAD.format(header=HEADER) + "\n" + "\n".join(methods)
