"""Java records, enums and unions from the schemas."""
from .document import BY_HAND, RENAMED, camel, comment, constant, sentence

IMPORTS = {"List<": "java.util.List", "Map<": "java.util.Map", "Objects.": "java.util.Objects", "Duration ": "java.time.Duration"}
# A literal such as 2 becomes no Long by itself.
PRIMITIVE = {"Integer": "int", "Long": "long", "Double": "double", "Boolean": "boolean"}
# What a call reads best with, where that is not the document's word.
SETTERS = {("Rule", "after_apply"): "after", ("Rule", "before_apply"): "before"}


def with_imports(text):
    needed = sorted(name for mark, name in IMPORTS.items() if mark in text)
    return "".join(f"import {name};\n" for name in needed) + ("\n" if needed else "") + text


def files(document):
    """The text of each file, by the name of its class."""
    found = {}
    for name, schema in document.schemas.items():
        text = file(document, name, schema)
        if text and name not in BY_HAND:
            found[RENAMED.get(name, name)] = with_imports(text)
    return found


def file(document, name, schema):
    if "enum" in schema:
        return enum(name, schema)
    if "allOf" in schema:
        parts = [document.named(part["$ref"])[1] if "$ref" in part else part for part in schema["allOf"]]
        schema = {**schema, "properties": {key: value for part in parts for key, value in part["properties"].items()},
                  "required": [key for part in parts for key in part.get("required", [])]}
    if "properties" in schema:
        return record(document, name, schema)
    if "discriminator" in schema:
        return interface(document, name, schema)
    if "oneOf" in schema and not document.one_or_list(schema) and name not in BY_HAND:
        return tagged(document, name, schema)
    return None


def enum(name, schema):
    constants = ",\n".join(f'    /** {{@code {value}}}. */\n    {constant(value)}("{value}")' for value in schema["enum"])
    return f"""{comment([sentence(schema.get('description', name))])}public enum {name} {{
{constants};

    private final String word;

    {name}(String word) {{
        this.word = word;
    }}

    /** The word that the control port has for it. */
    @Override
    public String toString() {{
        return word;
    }}
}}
"""


class Field:
    """A field of a schema as a component of a record."""

    def __init__(self, document, owner, key, schema, required):
        self.key, self.name, self.required = key, camel(key), required
        self.java = document.java(schema, boxed=not required)
        self.setter = SETTERS.get((owner, key), self.name)
        described = schema.get("description") or next(
            (option["description"] for option in schema.get("oneOf", []) if "description" in option), "")
        if not described and "$ref" in schema:
            described = document.named(schema["$ref"])[1].get("description", "")
        words = schema.get("enum", [])
        self.text = sentence(described or (f"Always `{words[0]}`" if len(words) == 1 else key))
        self.may_be_null = not required and self.java not in ("boolean",) and not self.java.startswith(("List<", "Map<"))
        self.may_be_null |= required and document.without_null(schema)[1]

    def parameter(self):
        return f" * @param {self.name} {self.text}{' May be null.' if self.may_be_null else ''}\n"


def fields_of(document, name, schema):
    required = schema.get("required", [])
    # An inline list of words is a string for its readers.
    return [Field(document, name, key, value, key in required) for key, value in schema["properties"].items()]


def row_kinds(document):
    return {reference.rsplit("/", 1)[1]: kind for kind, reference in document.schemas["Row"]["discriminator"]["mapping"].items()}


def record(document, name, schema):
    fields = fields_of(document, name, schema)
    java = RENAMED.get(name, name)
    head = "/**\n * " + sentence(schema.get("description", name)) + "\n *\n" + "".join(field.parameter() for field in fields) + " */\n"
    components = ",\n".join(f"        {field.java} {field.name}" for field in fields)
    kind = " implements Row" if name in row_kinds(document) else ""
    body = builder(java, fields) if name in document.sent else ""
    return f"{head}public record {java}(\n{components}){kind} {{\n{body}}}\n"


def setters(field):
    """A field's method, and those that take what is more at hand."""
    def method(parameter, value):
        return (comment([field.text], "        ") + f"        public Builder {field.setter}({parameter}) {{\n"
                f"            this.{field.name} = {value};\n            return this;\n        }}\n\n")

    text = method(f"{PRIMITIVE.get(field.java, field.java)} {field.name}", field.name)
    if field.java.startswith("List<"):
        text += method(f"{field.java[5:-1]}... {field.name}", f"List.of({field.name})")
    if field.java == "Expected":
        text += method(f"long {field.name}", f"Expected.exactly({field.name})")
    if field.java == "Data":
        text += method(f"String {field.name}", f"Data.text({field.name})")
        text += method(f"byte[] {field.name}", f"Data.bytes({field.name})")
    if field.java == "String" and field.name in ("api", "error"):
        kind = {"api": "Api", "error": "ErrorCode"}[field.name]
        text += method(f"{kind} {field.name}", f"{field.name}.toString()")
    return text


def builder(java, fields):
    boxed = {primitive: box for box, primitive in PRIMITIVE.items() if primitive != "boolean"}
    # Nobody has to ask whether a list is null.
    empty = {"List<": " = List.of()", "Map<S": " = Map.of()"}
    variables = "".join(f"        private {boxed.get(field.java, field.java)} {field.name}"
                        f"{'' if field.required else empty.get(field.java[:5], '')};\n" for field in fields)
    methods = "".join(setters(field) for field in fields)
    values = ",\n".join(
        f'                Objects.requireNonNull({field.name}, "{field.setter} is missing")'
        if field.required and field.java not in ("boolean", "Boolean") and not field.may_be_null else f"                {field.name}" for field in fields)
    return f"""    /** Begins one; set what it needs, and call {{@link Builder#build}} at the end. */
    public static Builder builder() {{
        return new Builder();
    }}

    /** Sets the fields of a {java} by name. */
    public static final class Builder {{
{variables}
        private Builder() {{
        }}

{methods}        /** What has been set. */
        public {java} build() {{
            return new {java}(
{values});
        }}
    }}
"""


def interface(document, name, schema):
    """A union of records that a field tells apart."""
    kinds = row_kinds(document)
    variants = [document.schemas[variant] for variant in kinds]
    common = [key for key in variants[0]["properties"] if all(key in variant["required"] for variant in variants)]
    first = variants[0]["properties"]
    methods = "".join(comment([sentence(first[key].get("description", f"What kind of row it is: {{@code request}} and so on"))], "    ")
                      + f"    {document.java(first[key])} {camel(key)}();\n\n" for key in common)
    cases = "".join(f'            case "{kind}" -> {variant}.class;\n' for variant, kind in kinds.items())
    return f"""{comment([sentence(schema['description'])])}public sealed interface {name} permits
        {(',' + chr(10) + '        ').join(kinds)} {{
{methods}    /** The record of a kind, such as {{@code request}}. */
    static Class<? extends {name}> ofKind(String kind) {{
        return switch (kind) {{
{cases}            default -> throw new IllegalArgumentException("a row of kind " + kind
                + " is not known to this version of the library: is the program that FAUXKA_BINARY or PATH leads to a newer one?");
        }};
    }}
}}
"""


def tagged(document, name, schema):
    """A union of words and of objects with a single field."""
    factories, payloads = "", []
    for option in schema["oneOf"]:
        text = sentence(option.get("description", name))
        if "enum" in option:
            (word,) = option["enum"]
            factories += comment([text], "    ") + f"    public static {name} {camel(word)}() {{\n        return new {name}(\"{word}\", null);\n    }}\n\n"
            continue
        ((word, value),) = option["properties"].items()
        java = document.java(value, boxed=True)
        java = "Map<String, Object>" if java == "ActionEdit" else java
        payloads.append(f'            case "{word}" -> {java.split("<")[0]}.class;\n')
        factories += factory(name, word, java, text)
    return f"""{comment([sentence(schema['description'])])}public final class {name} extends Tagged {{
    {name}(String tag, Object value) {{
        super(tag, value);
    }}

{factories}    static Class<?> payload(String tag) {{
        return switch (tag) {{
{''.join(payloads)}            default -> throw new IllegalArgumentException(tag + " is not known to this version of the library");
        }};
    }}
}}
"""


def factory(name, word, java, text):
    def method(parameter, value):
        return comment([text], "    ") + f"    public static {name} {camel(word)}({parameter}) {{\n        return new {name}(\"{word}\", {value});\n    }}\n\n"

    if java == "Delay":
        return method("Delay delay", "delay") + method("Duration delay", "Delay.of(delay)")
    if java == "ByteActionSlice":
        return method("long bytes, Duration pause", "new ByteActionSlice(bytes, Delay.of(pause))")
    if java == "ByteActionCut":
        return method("long after, Cut how", "new ByteActionCut(after, how)")
    return method(f"{java} value", "value")
