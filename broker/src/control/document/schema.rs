//! As much of JSON Schema as the document uses.

use serde_json::Value as Json;

/// What a schema is, behind references.
pub(super) fn resolved<'a>(document: &'a Json, schema: &'a Json) -> &'a Json {
    match schema["$ref"].as_str() {
        None => schema,
        Some(reference) => {
            let found = document.pointer(reference.trim_start_matches('#'));
            resolved(document, found.unwrap_or_else(|| panic!("{reference}")))
        }
    }
}

/// Visits every reference of the document.
pub(super) fn each_reference(json: &Json, visit: &mut impl FnMut(&str)) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(reference) if name == "$ref" => visit(reference),
                    _ => each_reference(value, visit),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| each_reference(item, visit)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// What about a value is not as its schema says.
pub(super) fn faults(document: &Json, schema: &Json, value: &Json, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let mut found = Vec::new();
    let types = match &schema["type"] {
        Json::String(one) => vec![one.as_str()],
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is(name, value)) {
        return vec![format!("{at}: {value} is not {types:?}")];
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        found.push(format!("{at}: {value} is none of {allowed:?}"));
    }
    found.extend(of_parts(document, schema, value, at));
    found.extend(of_fields(document, schema, value, at));
    if let Some(items) = value.as_array() {
        for (place, item) in items.iter().enumerate() {
            let at = format!("{at}[{place}]");
            found.extend(faults(document, &schema["items"], item, &at));
        }
    }
    found
}

fn is(name: &str, value: &Json) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called {other}"),
    }
}

fn of_parts(document: &Json, schema: &Json, value: &Json, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(faults(document, part, value, at));
    }
    for (word, most) in [("oneOf", 1), ("anyOf", usize::MAX)] {
        let Some(parts) = schema[word].as_array() else {
            continue;
        };
        let each: Vec<_> = parts
            .iter()
            .map(|part| faults(document, part, value, at))
            .collect();
        let fitting = each.iter().filter(|faults| faults.is_empty()).count();
        if !(1..=most).contains(&fitting) {
            let why = each.concat().join("; ");
            found.push(format!("{at}: {fitting} of {word} fit {value}: {why}"));
        }
    }
    found
}

fn of_fields(document: &Json, schema: &Json, value: &Json, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Some(fields) = value.as_object() else {
        return found;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            found.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, value) in fields {
        let at = format!("{at}.{name}");
        let others = &schema["additionalProperties"];
        match schema["properties"].get(name) {
            Some(of) => found.extend(faults(document, of, value, &at)),
            None if *others == Json::Bool(false) => found.push(format!("{at}: unknown")),
            None if others.is_object() => found.extend(faults(document, others, value, &at)),
            None => {}
        }
    }
    found
}
