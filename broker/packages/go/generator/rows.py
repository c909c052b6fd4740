"""The rows of the journal: a struct for each kind, behind one interface."""
from . import names, spelling, types

HEAD = ["sequence", "elapsed_ms", "wall_ms"]


def row(schemas, kind, name):
    go, schema = spelling.type_name(name), dict(schemas[name])
    lines = [*spelling.documented(go, schema), f"type {go} struct {{", "RowHead"]
    for property_name, one in schema["properties"].items():
        if property_name in ("kind", *HEAD):
            continue
        field = types.field(schemas, property_name, one, schema.get("required", []))
        lines += [line.replace("Outcome string", "Outcome Outcome") for line in field]
    return [*lines, "}", "", f"// Kind is {kind}.", f"func (*{go}) Kind() RowKind {{ return {constant(kind)} }}", ""]


def constant(kind):
    return f"Kind{spelling.exported(kind)}"


def outcomes(schema):
    return schema["properties"]["outcome"]["enum"]


def lines(schemas):
    kinds = {kind: spelling.referred({"$ref": target}) for kind, target in schemas["Row"]["discriminator"]["mapping"].items()}
    head = schemas["RequestRow"]["properties"]
    out = ["// RowHead is what every row of the journal has.", "type RowHead struct {"]
    for name in HEAD:
        out += types.field(schemas, name, head[name], HEAD)
    out += ["}", "", "// Head is what every row of the journal has.", "func (head *RowHead) Head() *RowHead { return head }", ""]
    out += ["// Row is a row of the journal: a pointer to one of the structs whose names end with Row.",
            "type Row interface {", "// Head is the row's number and time.", "Head() *RowHead",
            "// Kind is the row's kind, such as request.", "Kind() RowKind", "}", ""]
    out += names.constants("RowKind", ["// RowKind is the kind of a row of the journal."], kinds, "Kind")
    out += names.constants("Outcome", ["// Outcome is what came of a request."], outcomes(schemas["RequestRow"]), "Outcome")
    for kind, name in kinds.items():
        out += row(schemas, kind, name)
    out += ["func newRow(kind RowKind) Row {", "switch kind {"]
    for kind, name in kinds.items():
        out += [f"case {constant(kind)}:", f"return new({spelling.type_name(name)})"]
    return out + ["}", "return nil", "}", ""]
