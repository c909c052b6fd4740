"""Structs, and which Go type a property has."""
from . import spelling, unions

NUMBERS = {"int32": "int32", "int64": "int64", "double": "float64", None: "int"}

# Optional numbers of requests for which zero can only mean that they are not given: the server refuses it.
ZERO_IS_NONE = {"nth", "count", "every", "probability", "partitions", "replication", "max_bytes"}

# Texts that are names of Kafka's errors.
KAFKAS = {("Failure", "error")}

# A seed may use all 64 bits.
UNSIGNED = {"seed"}


def without_null(schema):
    """(the schema without null, whether it may be null)"""
    if "oneOf" in schema and {"type": "null"} in schema["oneOf"]:
        (rest,) = [one for one in schema["oneOf"] if one != {"type": "null"}]
        return rest, True
    if isinstance(schema.get("type"), list):
        (rest,) = [one for one in schema["type"] if one != "null"]
        return {**schema, "type": rest}, True
    return schema, False


def go_type(schema, name=""):
    """The type of a value that is there."""
    schema, may_be_null = without_null(schema)
    if "$ref" in schema:
        return spelling.type_name(spelling.referred(schema))
    kind = schema.get("type")
    if kind == "string":
        return "[]byte" if schema.get("format") == "binary" else "string"
    if kind in ("integer", "number"):
        return "uint64" if name in UNSIGNED else NUMBERS[schema.get("format")]
    if kind == "boolean":
        return "bool"
    if kind == "array":
        if schema["items"].get("$ref", "").endswith("/Row"):
            return "RowList"
        return f"[]{go_type(schema['items'])}"
    if kind == "object":
        values = schema.get("additionalProperties", True)
        value = go_type(values) if isinstance(values, dict) and values else "any"
        return f"map[string]{'*' if isinstance(values, dict) and without_null(values)[1] else ''}{value}"
    raise SystemExit(f"no Go type for {schema}")


def is_reference(go):
    """Whether nil says that it is absent."""
    return go.startswith(("[]", "map[", "*")) or go in unions.interfaces() or go in ("Data", "Edits", "RowList")


def is_struct(schemas, schema):
    schema, _ = without_null(schema)
    return "$ref" in schema and "properties" in schemas[spelling.referred(schema)]


def field_type(schemas, name, schema, is_required):
    """A pointer only where absent is not the same as zero."""
    go = go_type(schema, name)
    _, may_be_null = without_null(schema)
    if name == "api" and go == "string":
        return "API"
    if (is_required and not may_be_null) or is_reference(go) or go == "string" or (go == "bool" and not may_be_null):
        return go
    if is_struct(schemas, schema) or (may_be_null and go[0].islower() and name not in ZERO_IS_NONE):
        return f"*{go}"
    return go


def description(schema):
    inner, _ = without_null(schema)
    return schema.get("description") or inner.get("description", "")


def field(schemas, name, schema, required):
    go = field_type(schemas, name, schema, name in required)
    # Bytes that are nil are null, which says that there is no key or value.
    is_always_there = name in required or go == "Data"
    tag = name if is_always_there else f"{name},omitempty"
    return [*spelling.comment(description(schema)), f'{spelling.exported(name)} {go} `json:"{tag}"`']


def struct(schemas, name, schema):
    go = spelling.type_name(name)
    lines = [*spelling.documented(go, schema), f"type {go} struct {{"]
    for property_name, one in schema.get("properties", {}).items():
        if (name, property_name) in KAFKAS:
            one = {"$ref": "#/components/schemas/ErrorCode", "description": one["description"]}
        lines += field(schemas, property_name, one, schema.get("required", []))
    return lines + ["}", "", *unions.unmarshal(go, schema)]


def composed(schemas, name, schema):
    """An allOf: what is referred to is embedded."""
    go = spelling.type_name(name)
    lines = [*spelling.documented(go, schema), f"type {go} struct {{"]
    for part in schema["allOf"]:
        if "$ref" in part:
            lines.append(spelling.type_name(spelling.referred(part)))
        else:
            for name, one in part["properties"].items():
                lines += field(schemas, name, one, part.get("required", []))
    return lines + ["}", ""]


def lines(schemas):
    out = []
    for name, schema in schemas.items():
        go = spelling.type_name(name)
        if name.endswith("Row") or name in ("Api", "ErrorCode", "Data") or "oneOf" in schema or "enum" in schema:
            continue
        if "allOf" in schema:
            out += composed(schemas, name, schema)
        elif "properties" in schema:
            out += struct(schemas, name, schema)
        elif schema.get("format") == "binary":
            continue
        else:
            is_alias = schema.get("type") == "string"
            out += [*spelling.documented(go, schema), f"type {go} {'= ' if is_alias else ''}{go_type(schema)}", ""]
    return out
