"""How names and comments of the document are written in Go."""
import re
import textwrap

INITIALISMS = {"api": "API", "apis": "APIs", "acl": "ACL", "acls": "ACLs", "id": "ID", "ids": "IDs", "json": "JSON", "url": "URL", "sasl": "SASL"}

# Schemas whose names say too little outside of the document, or are taken by something else of the package.
RENAMED = {
    "Start": "RecordingStart", "Status": "RecordingStatus", "Target": "ClockTarget", "At": "AtOffset", "Kind": "ResetKind",
    "Scope": "ResetScope", "Named": "CertificateName", "Added": "AddedNode", "Answers": "StaleAnswers", "ActionEdit": "Edits",
    "ByteActionCut": "CutAfter", "ByteActionSlice": "Slices", "Refused": "refused", "Failure": "AnswerError",
}


def words(name):
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+", name)


def exported(name):
    """`client_id` or `ClientId` as ClientID."""
    return "".join(INITIALISMS.get(word.lower(), word[0].upper() + word[1:].lower() if word.isupper() else word[0].upper() + word[1:])
                   for word in words(name))


def local(name):
    """`client_id` as clientID."""
    first, *rest = words(name)
    return first.lower() + "".join(exported(word) for word in rest)


def type_name(schema):
    return RENAMED.get(schema) or exported(schema)


def referred(schema):
    return schema["$ref"].rsplit("/", 1)[1]


def comment(text, prefix=""):
    """The lines of a comment."""
    if not text:
        return []
    paragraphs = f"{prefix}{text}".split("\n\n")
    lines = []
    for number, paragraph in enumerate(paragraphs):
        lines += ["//"] if number else []
        lines += [f"// {line}" for line in textwrap.wrap(" ".join(paragraph.split()), 110)]
    return lines


def lowered(text):
    """A sentence that goes on after a colon or a verb; acronyms and code stay as they are."""
    if len(text) > 1 and text[0].isupper() and text[1].islower() or text[:2] in ("A ", "I "):
        return text[0].lower() + text[1:]
    return text


def sentence(text):
    return text if not text or text.rstrip().endswith((".", ":", "!", "?")) else text.rstrip() + "."


def documented(name, schema):
    """The comment of a type."""
    return comment(sentence(schema.get("description", "")), f"{name}: ")
