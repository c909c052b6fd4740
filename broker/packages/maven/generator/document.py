"""The OpenAPI document, and what its schemas are in Java."""
import functools
import json
import re

# A type named Record would be mistaken for java.lang.Record.
RENAMED = {"Record": "StoredRecord"}
# Their shapes have no plain counterpart in Java: they are written by hand, see shapes.py.
BY_HAND = {"Advance", "Data", "Delay", "Expected"}
FORBIDDEN = {"clone", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait",
             "for", "default", "new", "class", "package", "public", "private", "import", "int", "long"}


def camel(name):
    first, *others = re.split(r"[_-]", name)
    word = first + "".join(other[:1].upper() + other[1:] for other in others)
    assert word not in FORBIDDEN, f"{name} is no name for Java"
    return word


def constant(name):
    """OffsetCommit, half_close and NOT_COORDINATOR as names of constants."""
    if name.isupper():
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


class Document:
    def __init__(self, root):
        self.whole = json.loads((root / "broker" / "docs" / "openapi.json").read_text())
        self.schemas = self.whole["components"]["schemas"]
        self._name_apis(root)

    def _name_apis(self, root):
        """The document calls APIs and errors strings. Their names are in the pages and texts that go with it."""
        table = re.split(r"<!-- apis:(?:begin|end) -->", (root / "broker" / "docs" / "compatibility.md").read_text())[1]
        apis = re.findall(r"^\| \d+ \| (\w+) \|", table, re.M)
        texts = (root / "broker" / "src" / "wire" / "error_texts.txt").read_text()
        errors = [name for name in re.findall(r"^-?\d+ (\w+):", texts, re.M) if name != "NONE"]
        for schema, names in (("Api", apis), ("ErrorCode", errors)):
            self.schemas[schema].setdefault("enum", names)
            assert len(self.schemas[schema]["enum"]) > 50, f"few names for {schema}"

    def named(self, reference):
        """(name, schema) of a $ref."""
        name = reference.rsplit("/", 1)[1]
        return name, self.schemas[name]

    def without_null(self, schema):
        """The schema without the null that it allows, and whether it does."""
        if isinstance(schema.get("type"), list):
            (kind,) = [kind for kind in schema["type"] if kind != "null"]
            return {**schema, "type": kind}, "null" in schema["type"]
        options = [option for option in schema.get("oneOf", []) if option.get("type") != "null"]
        if len(options) < len(schema.get("oneOf", [])):
            assert len(options) == 1
            return options[0], True
        return schema, False

    def java(self, schema, boxed=False):
        """The Java type of a schema."""
        schema, nullable = self.without_null(schema)
        boxed = boxed or nullable
        if "$ref" in schema:
            name, target = self.named(schema["$ref"])
            return self._java_of_name(name, target)
        kind = schema.get("type")
        if kind == "integer":
            return {False: {"int32": "int"}, True: {"int32": "Integer"}}[boxed].get(schema.get("format"), "Long" if boxed else "long")
        if kind == "boolean":
            return "boolean" if not nullable else "Boolean"
        if kind == "number":
            return "Double" if boxed else "double"
        if kind == "array":
            return f"List<{self.java(schema['items'], boxed=True)}>"
        if kind == "object" and schema.get("additionalProperties"):
            return f"Map<String, {self.java(schema['additionalProperties'], boxed=True)}>"
        if kind == "object":
            return "Map<String, Object>"
        return {"string": "String", None: "Object"}[kind]

    def _java_of_name(self, name, target):
        if name in BY_HAND or "properties" in target or "enum" in target or "allOf" in target or "discriminator" in target:
            return RENAMED.get(name, name)
        if self.one_or_list(target):
            return f"List<{self.java(self.one_or_list(target))}>"
        if "oneOf" in target:
            return name
        if target.get("format") == "binary":
            return "byte[]"
        return self.java(target, boxed=True)

    @staticmethod
    def one_or_list(schema):
        """The schema of an element, if this one stands for an element or a list of them."""
        options = schema.get("oneOf", [])
        if len(options) == 2 and options[1].get("type") == "array" and options[1]["items"]["$ref"] == options[0].get("$ref"):
            return options[1]["items"]
        return None

    @functools.cached_property
    def sent(self):
        """The names of all schemas that requests contain."""
        found, left = set(), [json.dumps(self.whole["paths"][path][verb].get("requestBody", {}))
                              for path in self.whole["paths"] for verb in self.whole["paths"][path]]
        while left:
            for name in re.findall(r'#/components/schemas/(\w+)"', left.pop()):
                if name not in found:
                    found.add(name)
                    left.append(json.dumps(self.schemas[name]))
        return found


def sentence(text):
    """Text of the document as that of a Javadoc comment."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;").replace("*/", "*&#47;")
    text = re.sub(r"`([^`]*)`", lambda found: "{@code " + found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&#64;", "@") + "}"
                  if found[1].count("{") == found[1].count("}") else f"<code>{found[1]}</code>", text)
    return text if text.endswith((".", "!", "?")) else text + "."


def comment(lines, indent=""):
    lines = [line for line in lines if line]
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    return f"{indent}/**\n" + "".join(f"{indent} * {line}\n" for line in lines) + f"{indent} */\n"
