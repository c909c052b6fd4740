"""The schemas whose Java types are written by hand, as they were then.

A document that says something else has to be read by somebody, who then changes the class and this.
"""
import json

from .document import BY_HAND

WRITTEN_FOR = {
    "Advance": '{"oneOf": [{"type": "object", "required": ["by_ms"], "properties": {"by_ms": {"type": "integer", "format": "int64", '
               '"minimum": 0}, "silent": {"type": "array", "items": {"$ref": "#/components/schemas/Pattern"}}}}, {"type": "object", '
               '"required": ["by"], "properties": {"by": {"type": "string"}, "silent": {"type": "array", "items": '
               '{"$ref": "#/components/schemas/Pattern"}}}}, {"type": "object", "required": ["to"], "properties": {"silent": '
               '{"type": "array", "items": {"$ref": "#/components/schemas/Pattern"}}, "to": {"$ref": "#/components/schemas/Target"}}}]}',
    "Data": '{"oneOf": [{"type": "string"}, {"type": "object", "required": ["base64"], "properties": {"base64": {"type": "string"}}}]}',
    "Delay": '{"oneOf": [{"type": "string"}, {"type": "object", "required": ["for", "jitter"], "properties": {"for": '
             '{"type": "string"}, "jitter": {"type": "string"}}}]}',
    "Expected": '{"oneOf": [{"type": "integer", "format": "int64", "minimum": 0}, {"type": "object", "properties": {"at_least": '
                '{"type": "integer", "format": "int64", "minimum": 0}, "at_most": {"type": ["integer", "null"], "format": "int64", '
                '"minimum": 0}}}]}',
}
assert set(WRITTEN_FOR) == BY_HAND


def bare(schema):
    """The schema without its texts."""
    if isinstance(schema, dict):
        return {key: bare(value) for key, value in schema.items()
                if not (key in ("description", "example", "title") and not isinstance(value, dict))}
    return [bare(item) for item in schema] if isinstance(schema, list) else schema


def check(document):
    for name, shape in WRITTEN_FOR.items():
        found = bare(document.schemas[name])
        assert found == json.loads(shape), f"{name} was written by hand for\n{shape}\nand the document has\n{json.dumps(found)}"
