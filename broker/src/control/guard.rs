//! Who may use the control port.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use subtle::ConstantTimeEq as _;

/// Anyone who watches over a process has no token to show, and learns nothing there but whether it is ready.
const OPEN: [&str; 2] = ["/healthz", "/v1/health"];

/// What a request must be like.
#[derive(Debug)]
pub(super) struct Guard {
    /// The port is on loopback, so its requests name loopback.
    pub(super) only_local: bool,
    /// What every request must show, except those for [`OPEN`] paths.
    pub(super) token: Option<String>,
}

/// A page in a browser may reach a loopback port through a name of its own (DNS rebinding), or send requests
/// to it from its own origin; it does not get past here, since it cannot forge these headers.
pub(super) async fn pass(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    match guard.check(request.uri().path(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err((status, why)) => (status, Json(json!({ "error": why }))).into_response(),
    }
}

impl Guard {
    fn check(&self, path: &str, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        let host = text(headers, &header::HOST);
        if self.only_local && !host.is_some_and(is_local) {
            let why = "this port answers to localhost and loopback addresses only";
            return Err((StatusCode::FORBIDDEN, why));
        }
        let origin = text(headers, &header::ORIGIN);
        let own = |origin: &str| origin.split_once("://").map(|(_, host)| host) == host;
        if !origin.is_none_or(own) {
            return Err((
                StatusCode::FORBIDDEN,
                "this port answers no pages of others",
            ));
        }
        let shown = text(headers, &header::AUTHORIZATION);
        let shown = shown.and_then(|shown| shown.strip_prefix("Bearer "));
        match &self.token {
            Some(token) if !is_open(path) && !is_same(token, shown) => Err((
                StatusCode::UNAUTHORIZED,
                "this port wants the token that it was started with: Authorization: Bearer TOKEN",
            )),
            _ => Ok(()),
        }
    }
}

/// What needs no token, or asks for something else: a client's secret, or AWS's signature.
fn is_open(path: &str) -> bool {
    let is_of_others = path.starts_with("/oauth/")
        || super::msk::PATHS
            .iter()
            .any(|known| path.starts_with(known));
    is_of_others || OPEN.contains(&path)
}

/// In a time that does not tell how much of it is right, as passwords are compared.
fn is_same(token: &str, shown: Option<&str>) -> bool {
    shown.is_some_and(|shown| token.as_bytes().ct_eq(shown.as_bytes()).into())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    let is_loopback = name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_loopback || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(guard: &Guard, path: &str, headers: &[(HeaderName, &str)], expected: u16) {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect();
        let status = guard.check(path, &headers).err();
        let status = status.map_or(200, |(status, _)| status.as_u16());
        assert_eq!(status, expected, "{path} {headers:?}");
    }

    #[test]
    fn only_local_names_are_answered() {
        let guard = Guard {
            only_local: true,
            token: None,
        };
        for (host, expected) in [
            ("localhost", 200),
            ("LOCALHOST:9700", 200),
            ("127.0.0.1:9700", 200),
            ("[::1]:9700", 200),
            ("[::1]", 200),
            ("evil.example:9700", 403),
            ("localhost.evil.example", 403),
            ("192.0.2.1", 403),
        ] {
            check(&guard, "/v1/cluster", &[(header::HOST, host)], expected);
        }
        check(&guard, "/v1/cluster", &[], 403);
    }

    #[test]
    fn pages_of_others_are_not_answered() {
        let guard = Guard {
            only_local: true,
            token: None,
        };
        let host = (header::HOST, "localhost:9700");
        for (origin, expected) in [
            ("http://localhost:9700", 200),
            ("http://localhost:8080", 403),
            ("https://evil.example", 403),
            ("null", 403),
        ] {
            let headers = [host.clone(), (header::ORIGIN, origin)];
            check(&guard, "/v1/cluster", &headers, expected);
        }
    }

    #[test]
    fn a_token_must_be_shown() {
        let guard = Guard {
            only_local: false,
            token: Some("secret".to_owned()),
        };
        let host = (header::HOST, "broker.test:9700");
        for (shown, expected) in [
            ("Bearer secret", 200),
            ("Bearer other", 401),
            ("secret", 401),
        ] {
            let headers = [host.clone(), (header::AUTHORIZATION, shown)];
            check(&guard, "/v1/cluster", &headers, expected);
        }
        check(&guard, "/v1/cluster", std::slice::from_ref(&host), 401);
        for open in OPEN {
            check(&guard, open, std::slice::from_ref(&host), 200);
        }
    }
}
