"""A method of the client for every operation of the document."""
import re

from . import spelling, types

# Two operations share their conditions, and are called by these names.
PARAMETERS = {"get_journal": "JournalQuery", "wait_for_journal": "JournalWait"}
# They change the form of the answer: Client.FollowJournal has it.
LEFT_OUT = {("get_journal", "follow"), ("get_journal", "format")}
TYPED = {"api": "API", "error": "ErrorCode", "applied": "Applied", "timeout": "time.Duration", "kind": "RowKind"}
# Where zero cannot be what is meant.
ZERO_IS_NONE = {"timeout", "hits", "count", "limit", "max", "after"}


def query(operation):
    return [one for one in operation.get("parameters", [])
            if one["in"] == "query" and (operation["operationId"], one["name"]) not in LEFT_OUT]


def parameter_type(one):
    go = TYPED.get(one["name"]) or types.go_type(one["schema"], one["name"])
    is_number = go.startswith("int")
    return f"*{go}" if is_number and one["name"] not in ZERO_IS_NONE else go


def parameters_name(operation):
    name = operation["operationId"]
    return PARAMETERS.get(name) or f"{spelling.exported(name)}Query"


def parameters(operation):
    """The struct of what stands behind the question mark, and how it is written there."""
    name, fields = parameters_name(operation), query(operation)
    lines = [f"// {name} is what {spelling.exported(operation['operationId'])} can be asked; what is left at zero is not asked.",
             f"type {name} struct {{"]
    for one in fields:
        lines += [*spelling.comment(one.get("description", "")), f"{spelling.exported(one['name'])} {parameter_type(one)}"]
    lines += ["}", "", f"func (query {name}) values() url.Values {{", "values := url.Values{}"]
    lines += [f'put(values, "{one["name"]}", query.{spelling.exported(one["name"])})' for one in fields]
    return [*lines, "return values", "}", ""]


def answer(operation):
    """(the Go type of the answer, or None)"""
    (good,) = [found for status, found in operation["responses"].items() if status.startswith("2")]
    content = good.get("content", {})
    if not content:
        return None
    if "application/json" in content:
        go = types.go_type(content["application/json"]["schema"])
        return go if go.startswith("[]") else f"*{go}"
    return "string" if "text/plain" in content else "[]byte"


def path_expression(path):
    parts = re.split(r"\{(\w+)\}", path)
    pieces = []
    for number, part in enumerate(parts):
        if number % 2:
            pieces.append(f"segment({spelling.local(part)})")
        elif part:
            pieces.append(f'"{part}"')
    return "+".join(pieces)


def arguments(operation):
    found = ["ctx context.Context"]
    found += [f"{spelling.local(one['name'])} {types.go_type(one['schema'])}" for one in operation.get("parameters", []) if one["in"] == "path"]
    body = operation.get("requestBody", {}).get("content", {})
    for kind, content in body.items():
        found.append("body []byte" if kind == "application/octet-stream" else f"body {types.go_type(content['schema'])}")
    if query(operation):
        found.append(f"query {parameters_name(operation)}")
    return found


def call(method, path, operation):
    name, go = spelling.exported(operation["operationId"]), answer(operation)
    lines = spelling.comment(spelling.sentence(operation["summary"]), f"{name} - {method.upper()} {path}: ")
    if operation.get("description"):
        lines += ["//", *spelling.comment(operation["description"])]
    body = "body" if "requestBody" in operation else "nil"
    values = "query.values()" if query(operation) else "nil"
    lines.append(f"func (client *Client) {name}({', '.join(arguments(operation))}) {f'({go}, error)' if go else 'error'} {{")
    asked = f'request{{"{method.upper()}", {path_expression(path)}, {values}, {body}}}'
    if not go:
        lines.append(f"return client.send(ctx, {asked}, nil)")
    elif go.startswith("*"):
        lines += [f"answer := new({go[1:]})", f"if err := client.send(ctx, {asked}, answer); err != nil {{", "return nil, err", "}",
                  "return answer, nil"]
    else:
        lines += [f"var answer {go}", f"err := client.send(ctx, {asked}, &answer)", "return answer, err"]
    return [*lines, "}", ""]


def lines(document):
    out = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if query(operation):
                out += parameters(operation)
            out += call(method, path, operation)
    return out
