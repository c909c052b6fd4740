"""Values that have one of several forms: an interface that only the package's own types implement, and how it is read from JSON."""
from . import spelling

# The Go name of each form, in the document's order. Words (`disconnect`) are constants of the type that follows the bar, and
# an object with one property is a struct of it.
FORMS = {
    "Apis": ["API", "APIList"],
    "Actions": ["Action", "ActionList"],
    "Action": ["ActionWord", "ActionError", "ActionDelay", "ActionThrottle", "ActionWord", "ActionWord", "ActionWord", "ActionEdit"],
    "Delay": ["DelayFor", "DelayVarying"],
    "Expected": ["Times", "Bounds"],
    "Advance": ["AdvanceByMs", "AdvanceBy", "AdvanceTo"],
    "ByteAction": ["ByteActionLatency", "ByteActionBandwidth", "ByteActionSlice", "ByteActionCorrupt", "ByteActionCut", "ByteWord",
                   "ByteWord"],
}
# Never sent by the server, so never read.
SENT_ONLY = {"Advance"}


def interfaces():
    return {spelling.type_name(name) for name in FORMS}


def is_list(form):
    return form.get("type") == "array"


def supers(name):
    """The unions that a form of this union is a form of as well: one Action is good as Actions."""
    outer = [other for other, forms in FORMS.items() if spelling.type_name(name) in forms]
    return [name, *outer]


def marker(union):
    return f"is{spelling.type_name(union)}"


def declared(union, form, go):
    """A form's own type, and that it is one of the union's."""
    from . import types
    text = spelling.comment(form.get("description", ""), f"{go}: ")
    if "properties" in form:
        lines = [*text, f"type {go} struct {{"]
        for name, schema in form["properties"].items():
            lines += types.field({}, name, schema, form.get("required", []))
        lines += ["}", "", *unmarshal(go, form)]
    elif is_list(form):
        lines = [*text, f"type {go} []{types.go_type(form['items'])}", "", *list_unmarshal(go, types.go_type(form["items"]))]
    else:
        lines = [*text, f"type {go} {types.go_type(form)}", ""]
    return lines + marked(union, go)


def marked(union, go):
    return [f"func ({go}) {marker(other)}() {{}}" for other in supers(union)] + [""]


def words(union, schema, go):
    """The constants of forms that are words."""
    lines = [f"// {go} is what {spelling.type_name(union)} says in one word.", f"type {go} string", "", "// The words.", "const ("]
    for form in schema["oneOf"]:
        for word in form.get("enum", []):
            lines += spelling.comment(form.get("description", ""))
            lines.append(f'{spelling.exported(word)} {go} = "{word}"')
    return lines + [")", "", *marked(union, go)]


def union(name, schema):
    go = spelling.type_name(name)
    outer = [spelling.type_name(other) for other in supers(name)[1:]]
    lines = [*spelling.documented(go, schema), f"type {go} interface {{", *outer, f"{marker(name)}()", "}", ""]
    done = set(interfaces())
    for form, go_form in zip(schema["oneOf"], FORMS[name], strict=True):
        if go_form in done:
            continue
        done.add(go_form)
        if "enum" in form:
            lines += words(name, schema, go_form)
        elif "$ref" in form:
            lines += marked(name, go_form)
        else:
            lines += declared(name, form, go_form)
    return lines if name in SENT_ONLY else lines + decoder(name, schema)


def case_of(form, go, name):
    """(the first letter in JSON, the statement that reads the form)"""
    if go in interfaces():
        return None
    read = f"return read[{spelling.type_name(name)}, {go}](data)"
    if "properties" in form:
        return "'{'", (form.get("required", [])[:1] or [None])[0], read
    if is_list(form):
        return "'['", None, read
    return ("'\"'" if form.get("type") == "string" or "$ref" in form else "default"), None, read


def decoder(name, schema):
    """A function that looks at the first letter, and in an object for the property that tells the form."""
    go = spelling.type_name(name)
    forms = list(zip(schema["oneOf"], FORMS[name], strict=True))
    inner = [form for _, form in forms if form in interfaces()]
    cases = {}
    for form, go_form in forms:
        found = case_of(form, go_form, name)
        if found:
            letter, key, read = found
            cases.setdefault(letter, [])
            if (key, read) not in cases[letter]:
                cases[letter].append((key, read))
    lines = [f"func decode{go}(data []byte) ({go}, error) {{", "switch first(data) {", "case 0:", "return nil, nil"]
    for letter, reads in cases.items():
        lines.append("default:" if letter == "default" else f"case {letter}:")
        keyed = [(key, read) for key, read in reads if key and len(reads) > 1]
        lines += [f'if has(data, "{key}") {{\n{read}\n}}' for key, read in keyed]
        lines += [read for key, read in reads if (key, read) not in keyed][:1]
    lines.append("}")
    if inner:
        lines.append(f"return decode{inner[0]}(data)")
    elif "default" not in cases or not [1 for key, _ in cases["default"] if not key]:
        lines.append(f'return nil, fmt.Errorf("%s is no {go} that this version knows", data)')
    return lines + ["}", ""]


def list_unmarshal(go, item):
    if item not in interfaces():
        return []
    return [f"// UnmarshalJSON reads each of them in the form that it has.\nfunc (list *{go}) UnmarshalJSON(data []byte) error {{",
            "return decodeList((*[]" + item + f")(list), data, decode{item})", "}", ""]


def unmarshal(go, schema):
    """The method of a struct with such a property."""
    from . import types
    fields = {name: types.go_type(one) for name, one in schema.get("properties", {}).items()}
    fields = {name: one for name, one in fields.items() if one in interfaces() - SENT_ONLY}
    if not fields:
        return []
    lines = [f"// UnmarshalJSON reads what can have several forms.\nfunc (value *{go}) UnmarshalJSON(data []byte) error {{",
             f"type plain {go}", "raw := struct {", "*plain"]
    lines += [f'{spelling.exported(name)} json.RawMessage `json:"{name}"`' for name in fields]
    lines += ["}{plain: (*plain)(value)}", "if err := json.Unmarshal(data, &raw); err != nil {", "return err", "}", "return errors.Join("]
    lines += [f"decodeInto(&value.{spelling.exported(name)}, raw.{spelling.exported(name)}, decode{one})," for name, one in fields.items()]
    return lines + [")", "}", ""]


def lines(schemas):
    strangers = [name for name, schema in schemas.items()
                 if "oneOf" in schema and "discriminator" not in schema and name not in FORMS and name != "Data"]
    if strangers:
        raise SystemExit(f"unions without names for their forms, in generator/unions.py: {', '.join(strangers)}")
    out = []
    for name in FORMS:
        out += union(name, schemas[name])
    return out
