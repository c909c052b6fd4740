//! `docs/control.md`: the OpenAPI document as a page for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::operations;

const HEAD: &str = "# The control port

The HTTP API of a running cluster. This page is made from the OpenAPI document, [openapi.json], which `fauxka openapi` prints and a
running cluster serves at `/v1/openapi.json`. [guide.md] says what each operation is good for, and [faults.md] is the reference of fault rules.

The READY line gives the port. Bodies are JSON, with `Content-Type: application/json`. A request that fails gets a status of 400 or above and
`{\"error\": \"what is wrong, and how to fix it\"}`. If a Kafka client gets an error for the same request, `kafka` has its code, name and message.
On loopback a request must name a local host, and must not come from another site's page. Anywhere else it must present the token that the
cluster was started with (`Authorization: Bearer …`).
";

/// The page, as it ought to be.
pub(super) fn of(document: &Json) -> String {
    let mut by_tag: BTreeMap<&str, String> = BTreeMap::new();
    for (method, path, operation) in operations(document) {
        let tag = operation["tags"][0].as_str().unwrap();
        let words = verb(method, path, operation);
        by_tag.entry(tag).or_default().push_str(&words);
    }
    let mut page = HEAD.to_owned();
    for (tag, verbs) in by_tag {
        let (first, rest) = tag.split_at(1);
        write!(page, "\n## {}{rest}\n{verbs}", first.to_uppercase()).unwrap();
    }
    page.push_str("\n## Values\n");
    let schemas: BTreeMap<_, _> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .iter()
        .collect();
    for (name, schema) in schemas {
        page.push_str(&value(name, schema));
    }
    page.push_str("\n[guide.md]: guide.md\n[faults.md]: faults.md\n[openapi.json]: openapi.json\n");
    page
}

fn verb(method: &str, path: &str, operation: &Json) -> String {
    let mut text = format!("\n### `{} {path}`\n", method.to_uppercase());
    for words in ["summary", "description"] {
        if let Some(words) = operation[words].as_str() {
            writeln!(text, "\n{}", sentence(words)).unwrap();
        }
    }
    let parameters = operation["parameters"].as_array();
    if let Some(parameters) = parameters.filter(|all| !all.is_empty()) {
        text.push_str("\n| parameter | in | |\n| --- | --- | --- |\n");
        for one in parameters {
            let (name, place) = (one["name"].as_str().unwrap(), one["in"].as_str().unwrap());
            let words = described(&one["schema"], one["description"].as_str());
            writeln!(text, "| `{name}` | {place} | {words} |").unwrap();
        }
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        write!(text, "\nBody: {}\n", kind(body)).unwrap();
    }
    text.push_str(&example(method, path, operation));
    text.push_str("\n| status | |\n| --- | --- |\n");
    for (status, answer) in operation["responses"].as_object().unwrap() {
        let content = answer["content"].as_object();
        let content = content.and_then(|content| content.values().next());
        let words = described(
            content.map_or(&Json::Null, |content| &content["schema"]),
            answer["description"].as_str(),
        );
        writeln!(text, "| {status} | {words} |").unwrap();
    }
    text
}

/// Summaries stand without a full stop in the document.
fn sentence(words: &str) -> String {
    let words = words.trim_end();
    let end = if words.ends_with(['.', '`']) { "" } else { "." };
    format!("{words}{end}")
}

/// The example of a request's body, if it has one.
fn example(method: &str, path: &str, operation: &Json) -> String {
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    if body.is_null() {
        return String::new();
    }
    let method = method.to_uppercase();
    format!("\n```http\n{method} {path}\n\n{body}\n```\n")
}

fn value(name: &str, schema: &Json) -> String {
    let mut text = format!("\n### {name}\n");
    if let Some(words) = schema["description"].as_str() {
        write!(text, "\n{}\n", one_line(words)).unwrap();
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        text.push_str("\nOne of:\n\n");
        for variant in variants {
            let words = variant["description"].as_str().map(one_line);
            let words = words.map_or_else(String::new, |words| format!(": {words}"));
            writeln!(text, "- {}{words}", kind(variant)).unwrap();
        }
    } else if let Some(parts) = schema["allOf"].as_array() {
        let (fields, others): (Vec<_>, Vec<_>) = parts
            .iter()
            .partition(|part| part["properties"].is_object());
        let others: Vec<_> = others.into_iter().map(kind).collect();
        write!(text, "\nThe fields of {}, and:\n", others.join(" and ")).unwrap();
        for part in fields {
            text.push_str(&table(part));
        }
    } else if schema["properties"].is_object() {
        text.push_str(&table(schema));
    } else {
        write!(text, "\n{}\n", kind(schema)).unwrap();
    }
    text
}

/// An object's fields.
fn table(schema: &Json) -> String {
    let mut text = "\n| field | |\n| --- | --- |\n".to_owned();
    let required = schema["required"].as_array();
    for (field, of) in schema["properties"].as_object().unwrap() {
        let needed = required.is_some_and(|all| all.iter().any(|one| one == field));
        let mark = if needed { "" } else { " (optional)" };
        let words = described(of, of["description"].as_str());
        writeln!(text, "| `{field}`{mark} | {words} |").unwrap();
    }
    text
}

/// A kind of value and the words on it, in one cell of a table.
fn described(schema: &Json, words: Option<&str>) -> String {
    let kind = kind(schema);
    match words.map(one_line) {
        None => kind,
        Some(words) if kind.is_empty() => words,
        Some(words) => format!("{kind}: {words}"),
    }
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A kind of value in a few words.
fn kind(schema: &Json) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    for (several, word) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " with ")] {
        if let Some(variants) = schema[several].as_array() {
            return variants.iter().map(kind).collect::<Vec<_>>().join(word);
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        return words.join(" or ");
    }
    let simple = |name: &str| match name {
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" => object(schema),
        other => other.to_owned(),
    };
    let of = &schema["type"];
    if let Some(name) = of.as_str() {
        simple(name)
    } else if let Some(names) = of.as_array() {
        let names: Vec<_> = names.iter().filter_map(Json::as_str).map(simple).collect();
        names.join(" or ")
    } else if schema.is_null() {
        String::new()
    } else {
        "any value".to_owned()
    }
}

fn object(schema: &Json) -> String {
    let Some(fields) = schema["properties"].as_object() else {
        let values = &schema["additionalProperties"];
        return if values.is_null() {
            "object".to_owned()
        } else {
            format!("object of {}", kind(values))
        };
    };
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, of)| format!("`{name}`: {}", kind(of)))
        .collect();
    format!("{{{}}}", fields.join(", "))
}
