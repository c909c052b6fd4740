//! The OpenAPI document. `docs/openapi.json` holds it, so that nobody needs a running cluster to read it; a test derives it
//! from the handlers, with examples that a cluster has answered, and compares.

use axum::Router;
use axum::http::header;
use axum::routing::get;

/// The document.
pub(crate) const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// Serves the document beside what it describes.
pub(super) fn serve<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let document = async || ([(header::CONTENT_TYPE, "application/json")], DOCUMENT);
    router.route("/v1/openapi.json", get(document))
}
