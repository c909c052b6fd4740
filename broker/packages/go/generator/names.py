"""The names of Kafka's APIs and errors, and the words that fields take."""
import re

from . import spelling


def apis(schemas, root):
    """Every API's name: the document's, or those of the broker's own table where the document does not list them."""
    listed = schemas["Api"].get("enum")
    table = (root / "broker/src/wire/api_table.rs").read_text
    return listed or re.findall(r"^ +\(\d+, (\w+), \w+, ", table(), re.M)


def errors(schemas, root):
    """Every error's name, likewise."""
    listed = schemas["ErrorCode"].get("enum")
    if listed:
        return listed
    table = (root / "broker/src/wire/error.rs").read_text()
    body = re.search(r"^codes! \{(.*?)^\}", table, re.M | re.S)[1]
    found = re.findall(r"^ +(\w+) = -?\d+,", body, re.M)
    return ["_".join(word.upper() for word in re.findall(r"[A-Z][a-z0-9]*", name)) for name in found]


def constants(type_name, doc, values, prefix=""):
    lines = [*doc, f"type {type_name} string", "", f"// What {type_name} can be.", "const ("]
    lines += [f'{prefix}{spelling.exported(value)} {type_name} = "{value}"' for value in values]
    return lines + [")", ""]


def lines(schemas, root, version):
    every_api, every_error = apis(schemas, root), errors(schemas, root)
    if len(every_api) < 50 or len(every_error) < 100:
        raise SystemExit(f"{len(every_api)} APIs and {len(every_error)} errors: where are the others?")
    out = ["// Version is the version of this package, and of the program that it holds.", f'const Version = "{version}"', ""]
    out += constants("API", spelling.comment("API is the name of an API, as Kafka has it."), every_api)
    out += constants("ErrorCode", spelling.comment("ErrorCode is the name of an error, as Kafka has it."), every_error)
    for name, schema in schemas.items():
        if schema.get("type") == "string" and "enum" in schema:
            go = spelling.type_name(name)
            out += constants(go, spelling.documented(go, schema), schema["enum"], go)
    taken = re.findall(r'^(\w+) \w+ = "', "\n".join(out), re.M)
    twice = {name for name in taken if taken.count(name) > 1}
    if twice:
        raise SystemExit(f"more than one constant is named {', '.join(sorted(twice))}")
    return out
