"""The OpenAPI document of the control port, with the names that it calls plain strings."""
import json
import re

HEADER = "# Made by `generate` from broker/docs/openapi.json: do not edit.\n"


def load(broker):
    document = json.loads((broker / "docs" / "openapi.json").read_text())
    schemas = document["components"]["schemas"]
    table = re.split(r"<!-- apis:(?:begin|end) -->", (broker / "docs" / "compatibility.md").read_text())[1]
    errors = (broker / "src" / "wire" / "error_texts.txt").read_text()
    names = {
        "Api": re.findall(r"^\| \d+ \| (\w+) \|", table, re.M),
        "ErrorCode": [name for name in re.findall(r"^-?\d+ (\w+):", errors, re.M) if name != "NONE"],
    }
    for schema, found in names.items():
        schemas[schema].setdefault("enum", found)
        if not schemas[schema]["enum"]:
            raise SystemExit(f"no names for {schema}: has the form of its table changed?")
    for name, schema in schemas.items():
        schemas[name] = merged(schema, schemas)
    return document


def merged(schema, schemas):
    """One object, of all those that `allOf` puts together."""
    if "allOf" not in schema:
        return schema
    whole = {**schema, "type": "object", "properties": {}, "required": []}
    for part in (schemas[reference(one)] if "$ref" in one else one for one in whole.pop("allOf")):
        part = merged(part, schemas)
        whole["properties"].update(part["properties"])
        whole["required"] += part.get("required", [])
    return whole


def camel(name):
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_\W]+", name))


def reference(schema):
    return schema["$ref"].rsplit("/", 1)[1]


def sentence(text, indent):
    """A docstring's lines, with its later lines indented."""
    lines = [line.rstrip() for line in text.replace("\\", "\\\\").replace('"""', "'''").splitlines()]
    return "\n".join([lines[0], *(indent + line if line else "" for line in lines[1:])])


def journal_conditions(document):
    """The conditions of a query of the journal, as properties of an object."""
    found = document["paths"]["/v1/journal/wait"]["get"]["parameters"]
    # The document calls these plain strings.
    known = {"api": "Api", "applied": "Applied"}
    return {
        one["name"]: {**({"$ref": f"#/components/schemas/{known[one['name']]}"} if one["name"] in known else one["schema"]), "description": one["description"]}
        for one in found if one["name"] not in ("count", "timeout")
    }
