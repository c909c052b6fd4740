//! The OpenAPI document is what the handlers say, with examples that a cluster has answered; `docs/control.md` is a page made
//! from it. `BLESS=docs cargo test -p fauxka --lib control::document` writes both again.

pub(super) mod description;
mod examples;
mod page;
mod schema;
mod shape;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{SERVED, described};
use crate::engine::journal::Event;

/// Bodies of which JSON has no example, and why.
const WITHOUT_EXAMPLES: &[(&str, &str)] = &[
    ("application/octet-stream", "bytes of a snapshot"),
    ("application/gzip", "bytes of a recording"),
    ("text/event-stream", "a stream without an end"),
];

/// What the handlers say, in a shape that generators of clients take.
fn derived() -> Json {
    let (_, document) = described().split_for_parts();
    let mut document = serde_json::to_value(document).unwrap();
    shape::without_examples_in_rust(&mut document);
    shape::without_defaults(&mut document["components"]);
    shape::part_rows(&mut document);
    shape::name_parts(&mut document);
    shape::order(&mut document);
    document
}

/// Every operation, with its method and path.
fn operations(document: &Json) -> impl Iterator<Item = (&str, &str, &Json)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// Every body of an operation: where it stands, its media type, and what is said of it.
fn bodies(operation: &Json) -> Vec<(String, &str, &Json)> {
    let request = [("request".to_owned(), &operation["requestBody"])];
    let responses = operation["responses"].as_object().unwrap().iter();
    let responses = responses.map(|(status, response)| (status.clone(), response));
    let all = request.into_iter().chain(responses);
    let bodies = all.flat_map(|(place, of)| {
        let kinds = of["content"].as_object().into_iter().flatten();
        kinds.map(move |(kind, body)| (place.clone(), kind.as_str(), body))
    });
    bodies.collect()
}

/// Compares a file below `docs` with what it ought to be, or writes it.
#[track_caller]
fn check_file(name: &str, expected: &str) {
    let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("BLESS").is_ok_and(|what| what == "docs") {
        std::fs::write(&path, expected).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let mut lines = expected.lines().zip(kept.lines());
    let different = lines.find(|(now, then)| now != then);
    assert!(
        expected == kept,
        "docs/{name} is out of date ({different:?}): BLESS=docs cargo test -p fauxka --lib control::document"
    );
}

#[test]
fn the_files_are_what_the_handlers_say() {
    let mut document = derived();
    examples::add(&mut document);
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    check_file("openapi.json", &text);
    check_file("control.md", &page::of(&document));
    check_examples(&document);
}

/// Every body has an example, and each is what its schema says.
#[track_caller]
fn check_examples(document: &Json) {
    let mut faults = Vec::new();
    for (method, path, operation) in operations(document) {
        for (place, kind, body) in bodies(operation) {
            let at = format!("{method} {path} {place}");
            if WITHOUT_EXAMPLES.iter().any(|(without, _)| *without == kind) {
                continue;
            }
            let of_schema = &schema::resolved(document, &body["schema"])["example"];
            let example = body.get("example").unwrap_or(of_schema);
            if example.is_null() {
                faults.push(format!("{at}: no example"));
                continue;
            }
            faults.extend(schema::faults(document, &body["schema"], example, &at));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_response_and_parameter_is_described() {
    let document = derived();
    assert!(!document.to_string().contains("```"), "an example in Rust");
    let mut faults = Vec::new();
    for (method, path, operation) in operations(&document) {
        let mut check = |what: &str, words: &Json| {
            let words = words.as_str().unwrap_or_default();
            if words.trim().is_empty() {
                faults.push(format!("{method} {path}: nothing is said of {what}"));
            }
        };
        check("it", &operation["summary"]);
        for (status, response) in operation["responses"].as_object().unwrap() {
            check(status, &response["description"]);
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            check(&parameter["name"].to_string(), &parameter["description"]);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let words = schema["description"].as_str().unwrap_or_default();
        if words.trim().is_empty() {
            faults.push(format!("nothing is said of {name}"));
        }
        // What tells rows apart says so by its values.
        let fields = schema["properties"].as_object().into_iter().flatten();
        for (field, of) in fields.filter(|(field, _)| *field != "kind") {
            if !is_described(of) {
                faults.push(format!("nothing is said of {name}.{field}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// An optional field's words stand beside what it is if it is there.
fn is_described(schema: &Json) -> bool {
    let parts = schema["oneOf"].as_array().into_iter().flatten();
    let words = schema["description"].as_str();
    words.is_some_and(|words| !words.is_empty()) || parts.into_iter().any(is_described)
}

#[test]
fn what_is_described_is_what_is_served() {
    let document = derived();
    let described = operations(&document).map(|(method, path, _)| (method, path));
    let described: BTreeSet<_> = described.collect();
    let served: BTreeSet<_> = SERVED.iter().copied().collect();
    assert_eq!(described, served);
}

#[test]
fn operations_have_names_of_their_own() {
    let document = derived();
    let mut seen = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap_or_default();
        let is_readable =
            |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
        assert!(
            name.split('_').all(is_readable),
            "{method} {path}: {name:?}"
        );
        assert!(name.contains('_'), "{name} does not say what of");
        assert!(seen.insert(name), "{name} twice");
    }
    assert!(seen.len() > 50);
}

#[test]
fn paths_name_their_parameters() {
    let document = derived();
    for (method, path, operation) in operations(&document) {
        let named = path.split('/').filter_map(|part| part.strip_prefix('{'));
        let named: BTreeSet<_> = named.map(|part| part.trim_end_matches('}')).collect();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let declared = parameters.filter(|parameter| parameter["in"] == "path");
        let declared: BTreeSet<_> = declared.filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(named, declared, "{method} {path}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = derived();
    let mut lost = Vec::new();
    schema::each_reference(&document, &mut |reference| {
        let pointer = reference.strip_prefix('#');
        if pointer
            .and_then(|pointer| document.pointer(pointer))
            .is_none()
        {
            lost.push(reference.to_owned());
        }
    });
    assert!(lost.is_empty(), "{lost:?}");
}

/// What this folder's handlers say they answer, read from the sources.
fn annotated() -> BTreeSet<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control");
    let mut found = BTreeSet::new();
    let entries = std::fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(file).unwrap();
        for annotation in text.split("\n#[utoipa::path(").skip(1) {
            let method: String = annotation
                .trim_start()
                .chars()
                .take_while(char::is_ascii_lowercase)
                .collect();
            let path = annotation.split('"').nth(1).unwrap();
            found.insert((method, path.to_owned()));
        }
    }
    found
}

#[test]
fn every_handler_is_served_and_described() {
    let document = derived();
    let described = operations(&document);
    let described: BTreeSet<_> = described
        .map(|(method, path, _)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(described, annotated());
    assert!(described.len() > 5);
}

/// Rows that are described can be asked for by their kinds.
#[test]
fn every_kind_of_row_is_known() {
    let document = derived();
    let kinds = &document["components"]["schemas"]["Row"]["discriminator"]["mapping"];
    let described: BTreeSet<&str> = kinds
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(described, BTreeSet::from(Event::KINDS));
}
