//! The OpenAPI document. `docs/openapi.json` holds it, so that nobody needs a running cluster to read it; a test derives it
//! from the handlers, with examples that a cluster has answered, and compares.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

/// The document.
pub(crate) const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// What the document says beside the verbs.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Fauxka control port",
        description = "HTTP API for tests that use Fauxka from another process. A request that fails gets a JSON object whose \
            `error` says what is wrong and how to fix it.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "http://127.0.0.1:9700", description = "The default control port")),
    security((), ("token" = [])),
    modifiers(&Token),
)]
struct Description;

/// Beyond loopback the port wants a token.
#[derive(Debug)]
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = Http::new(HttpAuthScheme::Bearer);
        components.add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// No verbs yet.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::with_openapi(Description::openapi())
}

/// Serves the document beside what it describes.
pub(super) fn serve<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let document = async || ([(header::CONTENT_TYPE, "application/json")], DOCUMENT);
    router.route("/v1/openapi.json", get(document))
}
