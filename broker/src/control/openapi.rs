//! The OpenAPI document, derived from the handlers.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;

/// What the document says beside the verbs.
#[derive(Debug, OpenApi)]
#[openapi(info(
    title = "Fauxka's control port",
    description = "HTTP for whoever tests against Fauxka from another process. A request that cannot be done is \
        answered with a JSON object whose `error` says what is wrong and what would be right."
))]
struct Description;

/// No verbs yet.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::with_openapi(Description::openapi())
}

/// Serves the document beside what it describes.
pub(super) fn serve<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    document: Document,
) -> Router<S> {
    router.route(
        "/v1/openapi.json",
        get(async move || Json(shown(&document))),
    )
}

/// The document as JSON. Its words are those of the types' documentation, whose examples are for readers of the library.
pub(super) fn shown(document: &Document) -> Value {
    // It is made of maps with strings for keys, so it can always be written.
    let mut json = serde_json::to_value(document).unwrap_or_default();
    leave_examples_out(&mut json);
    json
}

fn leave_examples_out(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "description"
                    && let Value::String(text) = value
                {
                    let words = text.split("\n```").next().unwrap_or_default();
                    *text = words.trim_end().to_owned();
                } else {
                    leave_examples_out(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_examples_out),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::verbs;

    /// What this folder's handlers say they answer, read from the sources.
    fn annotated() -> BTreeSet<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control");
        let mut found = BTreeSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
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
        let (_, document) = verbs().split_for_parts();
        let document = super::shown(&document);
        assert!(!document.to_string().contains("```"), "an example in Rust");
        let mut described = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                described.insert((method.clone(), path.clone()));
                let words = operation["summary"].as_str().unwrap_or_default();
                assert!(!words.is_empty(), "{method} {path} lacks a line of docs");
            }
        }
        assert_eq!(described, annotated());
        assert!(described.len() > 5);
    }
}
