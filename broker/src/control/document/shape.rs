//! What generators of clients need that the derived document does not have.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::schema::{each_reference, resolved};

/// Leaves out what the types' documentation shows in Rust: it is for readers of the library.
pub(super) fn without_examples_in_rust(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                if name == "description"
                    && let Json::String(text) = value
                {
                    let words = text.split("\n```").next().unwrap_or_default();
                    *text = words.trim_end().to_owned();
                } else {
                    without_examples_in_rust(value);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(without_examples_in_rust),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Leaves out defaults, which are the same as what is left out: generators of types make a field with a default one
/// that a request must have.
pub(super) fn without_defaults(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            if fields.contains_key("type")
                || fields.contains_key("$ref")
                || fields.contains_key("oneOf")
            {
                fields.remove("default");
            }
            fields.values_mut().for_each(without_defaults);
        }
        Json::Array(items) => items.iter_mut().for_each(without_defaults),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Makes a row one of several objects, told apart by `kind`. Derived it is an object that also has the fields of one of
/// several, which generators for languages with classes do not take.
pub(super) fn part_rows(document: &mut Json) {
    let row = &document["components"]["schemas"]["Row"];
    let words = row["description"].clone();
    let kinds = &resolved(document, &row["allOf"][0])["oneOf"];
    let kinds = kinds.as_array().unwrap();
    let mut parts = Map::new();
    let (mut choice, mut mapping) = (Vec::new(), Map::new());
    for kind in kinds {
        let mut part = json!({ "type": "object", "required": [], "properties": {} });
        for of in [&row["allOf"][1], kind] {
            add_fields(document, of, &mut part);
        }
        part["description"] = kind["description"].clone();
        let kind = part["properties"]["kind"]["enum"][0].as_str().unwrap();
        let name = format!("{}Row", camel(kind));
        let reference = format!("#/components/schemas/{name}");
        choice.push(json!({ "$ref": reference }));
        mapping.insert(kind.to_owned(), reference.into());
        parts.insert(name, part);
    }
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    for unused in ["Event", "Exchange", "Outcome", "Keys"] {
        schemas.remove(unused);
    }
    let row = json!({
        "description": words,
        "oneOf": choice,
        "discriminator": { "propertyName": "kind", "mapping": mapping },
    });
    schemas.insert("Row".to_owned(), row);
    schemas.extend(parts);
}

/// Gives the objects within one of several a name: generators that name them themselves name some twice.
pub(super) fn name_parts(document: &mut Json) {
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let mut named = Map::new();
    for (name, schema) in &mut *schemas {
        // An index would put what it does not find there.
        let variants = schema.get_mut("oneOf").and_then(Json::as_array_mut);
        for variant in variants.into_iter().flatten() {
            let fields = variant.get_mut("properties").and_then(Json::as_object_mut);
            for (field, of) in fields.into_iter().flatten() {
                if of.get("type").is_some_and(|kind| kind == "object") {
                    let name = format!("{name}{}", camel(field));
                    let words = of.get("description").cloned().unwrap_or_default();
                    let reference = format!("#/components/schemas/{name}");
                    let part = json!({ "$ref": reference, "description": words });
                    named.insert(name, std::mem::replace(of, part));
                }
            }
        }
    }
    schemas.extend(named);
}

/// Adds the fields of an object, or of all that it is made of.
fn add_fields(document: &Json, from: &Json, into: &mut Json) {
    let from = resolved(document, from);
    for part in from["allOf"].as_array().into_iter().flatten() {
        add_fields(document, part, into);
    }
    for (name, field) in from["properties"].as_object().into_iter().flatten() {
        into["properties"][name] = field.clone();
    }
    let required = into["required"].as_array_mut().unwrap();
    required.extend(from["required"].as_array().into_iter().flatten().cloned());
}

fn camel(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}

/// Has every schema come after those that it refers to: some generators read them in order.
pub(super) fn order(document: &mut Json) {
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut left: BTreeMap<&String, &Json> = schemas.iter().collect();
    let mut ordered = Map::new();
    while !left.is_empty() {
        let before = left.len();
        left.retain(|name, schema| {
            let mut is_ready = true;
            each_reference(schema, &mut |reference| {
                let needed = reference.rsplit('/').next().unwrap();
                is_ready &= ordered.contains_key(needed);
            });
            if is_ready {
                ordered.insert((*name).clone(), (*schema).clone());
            }
            !is_ready
        });
        assert!(left.len() < before, "schemas in a circle: {left:?}");
    }
    document["components"]["schemas"] = ordered.into();
}
