"""The types of the control port: a TypedDict for each object, a Literal for each list of names, a Union for the rest."""
import keyword
import re

from document import HEADER, camel, reference, sentence

PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None", "object": "Dict[str, Any]"}
IMPORTS = """from __future__ import annotations

import sys
from typing import Any, Dict, List, Literal, TypedDict, Union

if sys.version_info >= (3, 10):
    from typing import TypeAlias
else:
    TypeAlias = Any
"""


class Types:
    def __init__(self):
        self.classes, self.aliases, self.names = [], {}, []

    def union(self, members):
        """One annotation for all of them, without doubles; None comes last."""
        flat = dict.fromkeys(members)
        if "None" in flat:
            del flat["None"]
            flat["None"] = None
        return next(iter(flat)) if len(flat) == 1 else f"Union[{', '.join(flat)}]"

    def of(self, schema, hint):
        """The annotation of a schema; what has no name of its own gets one from the hint."""
        if "$ref" in schema:
            return reference(schema)
        if "oneOf" in schema:
            return self.union([self.of(one, self.variant(hint, one)) for one in schema["oneOf"]])
        if "enum" in schema:
            return f"Literal[{', '.join(repr(name) for name in schema['enum'])}]".replace("'", '"')
        kinds = schema.get("type", [])
        return self.union([self.plain(kind, schema, hint) for kind in ([kinds] if isinstance(kinds, str) else kinds)]) if kinds else "Any"

    def plain(self, kind, schema, hint):
        if kind == "array":
            return f"List[{self.of(schema['items'], hint)}]"
        if kind == "object" and "properties" in schema:
            self.object(hint, schema)
            return hint
        if kind == "object" and schema.get("additionalProperties"):
            return f"Dict[str, {self.of(schema['additionalProperties'], hint)}]"
        return PLAIN[kind]

    def variant(self, hint, schema):
        named = schema.get("required") or list(schema.get("properties", {}))
        return camel(named[0]) + hint if named else hint

    def object(self, name, schema):
        required = set(schema.get("required", []))
        fields = [(field, self.of(one, name + camel(field)), one.get("description", "")) for field, one in schema["properties"].items()]
        parents = []
        for total, wanted in ((True, [one for one in fields if one[0] in required]), (False, [one for one in fields if one[0] not in required])):
            words = [one for one in wanted if keyword.iskeyword(one[0])]
            if words:
                parents.append(self.by_call(name, words, total))
        needed = [one for one in fields if one[0] in required and not keyword.iskeyword(one[0])]
        optional = [one for one in fields if one[0] not in required and not keyword.iskeyword(one[0])]
        if needed and optional:
            self.classes.append(class_text(f"_{name}Required", parents, "", needed, True))
            parents = [f"_{name}Required"]
        self.classes.append(class_text(name, parents, schema.get("description", ""), optional or needed, not optional))
        self.names.append(name)

    def by_call(self, name, fields, total):
        """A base with fields whose names are words of Python."""
        base = f"_{name}Words"
        pairs = ", ".join(f'"{field}": "{kind}"' for field, kind, _ in fields)
        self.classes.append(f'{base} = TypedDict("{base}", {{{pairs}}}, total={total})\n')
        return base

    def add(self, name, schema):
        if "properties" in schema:
            self.object(name, schema)
        else:
            self.aliases[name] = (self.of(schema, name), schema.get("description", ""))
            self.names.append(name)


def class_text(name, parents, description, fields, total):
    bases = ", ".join([*(parents or ["TypedDict"]), *([] if total else ["total=False"])])
    lines = [f"class {name}({bases}):"]
    if description:
        lines += [f'    """{sentence(description, "    ")}"""', ""]
    for field, kind, meaning in fields:
        lines.append(f"    {field}: {kind}")
        if meaning:
            lines.append(f'    """{sentence(meaning, "    ")}"""')
    return "\n".join(lines + ([] if fields else ["    pass"])) + "\n"


def ordered(aliases):
    """The aliases, each after those that it names."""
    done = {}
    while len(done) < len(aliases):
        for name, (kind, description) in aliases.items():
            needs = set(re.findall(r"\b[A-Z]\w+\b", re.sub(r'"[^"]*"', "", kind))) & set(aliases) - set(done)
            if name not in done and not needs:
                done[name] = (kind, description)
    return done


def text(schemas, conditions):
    types = Types()
    schemas = {**schemas, "JournalFilter": {"type": "object", "properties": conditions, "description": "Conditions that a row of the journal must all meet."}}
    for name in sorted(schemas):
        types.add(name, schemas[name])
    # Classes before aliases: their own annotations are never evaluated.
    aliases = [f"{name}: TypeAlias = {kind}\n" + (f'"""{sentence(description, "")}"""\n' if description else "")
               for name, (kind, description) in ordered(types.aliases).items()]
    exported = "__all__ = [\n" + "".join(f'    "{name}",\n' for name in sorted(types.names)) + "]\n"
    head = f'"""The types of the control port."""\n{HEADER}{IMPORTS}\n{exported}\n'
    return head + "\n" + "\n\n".join(types.classes) + "\n\n" + "\n".join(aliases)
