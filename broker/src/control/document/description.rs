//! What the OpenAPI document says beside the verbs.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

/// The document without verbs.
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

pub(in crate::control) fn without_verbs<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::with_openapi(Description::openapi())
}
