"""A class for each tag of the document, with a method for each operation."""
import re

from .document import camel, comment, sentence
from .types import Field, builder, with_imports

# They choose another form of the answer, and streams have no end: the library reads the journal as one object.
LEFT_OUT = {("get_journal", "format"), ("get_journal", "follow")}


def pascal(name):
    word = camel(name.lower().replace(" ", "_"))
    return word[0].upper() + word[1:]


def files(document):
    found, tags = {}, {}
    for path, verbs in document.whole["paths"].items():
        for verb, operation in verbs.items():
            parameters = [parameter for parameter in operation.get("parameters", [])
                          if (operation["operationId"], parameter["name"]) not in LEFT_OUT]
            query = [parameter for parameter in parameters if parameter["in"] == "query"]
            if query:
                name = pascal(operation["operationId"]) + "Query"
                found[name] = with_imports(query_record(document, name, operation, query))
            tags.setdefault(operation["tags"][0], []).append(method(document, path, verb, operation, parameters))
    for tag, methods in tags.items():
        found[f"{pascal(tag)}Operations"] = with_imports(operations_class(tag, methods))
    found["Operations"] = all_operations(sorted(tags))
    return found


def query_record(document, name, operation, query):
    fields = [Field(document, name, parameter["name"], {**parameter["schema"], "description": parameter.get("description", "")},
                    parameter.get("required", False)) for parameter in query]
    head = f"/**\n * Query parameters: {sentence(operation['summary'])}\n *\n" + "".join(field.parameter() for field in fields) + " */\n"
    # A condition that is absent is not the same as one that is false.
    for field in fields:
        field.java = "Boolean" if field.java == "boolean" else field.java
    components = ",\n".join(f"        {field.java} {field.name}" for field in fields)
    return f"{head}public record {name}(\n{components}) {{\n{builder(name, fields)}}}\n"


def answer(document, operation):
    """(Java type, the call that asks for it)"""
    (response,) = [response for status, response in operation["responses"].items() if status < "300"]
    content = response.get("content", {})
    if not content:
        return "void", "tell(%s)"
    kind, media = next(iter(content.items()))
    java = document.java(media["schema"])
    if kind == "application/json":
        item = re.fullmatch(r"List<(.*)>", java)
        return (java, f"askList({item[1]}.class, %s)") if item else (java, f"ask({java}.class, %s)")
    return (java, "askText(%s)") if java == "String" else ("byte[]", "askBytes(%s)")


def method(document, path, verb, operation, parameters):
    places = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "path"}
    signature = [f"{document.java(parameter['schema'])} {camel(name)}" for name, parameter in places.items()]
    # /v1/groups/{group}/evict → "/v1/groups/", group, "/evict"
    pieces = [f'"{piece}"' if at % 2 == 0 else f"Control.escaped({camel(piece)})"
              for at, piece in enumerate(re.split(r"\{(\w+)\}", path)) if piece]
    arguments = [f'"{verb.upper()}"', " + ".join(pieces), "null", "null"]
    if any(parameter["in"] == "query" for parameter in parameters):
        signature.append(f"{pascal(operation['operationId'])}Query query")
        arguments[2] = "query"
    if "requestBody" in operation:
        media = next(iter(operation["requestBody"]["content"].values()))
        signature.append(f"{document.java(media['schema'])} body")
        arguments[3] = "body"
    java, call = answer(document, operation)
    text = [sentence(operation["summary"]), sentence(operation["description"]) if operation.get("description") else ""]
    gives = "" if java == "void" else "return "
    return (comment([*text, f"This is {{@code {verb.upper()} {path}}}."], "    ")
            + f"    public {java} {camel(operation['operationId'])}({', '.join(signature)}) {{\n"
            f"        {gives}control.{call % ', '.join(arguments)};\n    }}\n")


def operations_class(tag, methods):
    name = f"{pascal(tag)}Operations"
    return f"""/** What the control port can do with {tag.lower()}. */
public final class {name} {{
    private final Control control;

    {name}(Control control) {{
        this.control = control;
    }}

{chr(10).join(methods)}}}
"""


def all_operations(tags):
    methods = "\n".join(f"    /** Requests about {tag.lower()}. */\n    public {pascal(tag)}Operations {pascal(tag)[0].lower()}{pascal(tag)[1:]}() {{\n"
                        f"        return new {pascal(tag)}Operations(control());\n    }}\n" for tag in tags)
    return f"""/** All requests of the control port, by what they are about. */
public abstract class Operations {{
    Operations() {{
    }}

    abstract Control control();

{methods}}}
"""
