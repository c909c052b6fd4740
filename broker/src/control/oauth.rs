//! The token endpoint, and the keys that sign its tokens, as OAuth has them: RFC 6749, RFC 7517, RFC 7523, RFC 8693.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::engine::sasl::aws::sigv4::decoded;
use crate::engine::sasl::oauth::{Asked, Granted, Issuer, NotGranted, TOKEN_EXCHANGE};
use crate::server::shared::Shared;

/// Where clients ask for tokens.
const TOKEN: &str = "/oauth/token";
/// Where brokers read the keys.
const JWKS: &str = "/oauth/jwks";

/// Adds what OAuth's clients and servers ask for.
pub(super) fn serve(router: Router<Arc<Shared>>) -> Router<Arc<Shared>> {
    router.route(TOKEN, post(token)).route(JWKS, get(jwks))
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let seed = shared.look(|engine| engine.state.seed());
    Json(Issuer::of(seed).jwks())
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    let Some(form) = form(&body) else {
        let why = "the body is not application/x-www-form-urlencoded".to_owned();
        return refused(&NotGranted {
            error: "invalid_request",
            why,
        });
    };
    let asked = asked(&form, &headers);
    let now = shared.clock.now().wall;
    let granted = shared.look(|engine| {
        let first = engine.state.grant(&asked, now);
        // Some clients encode the two parts of the header, as RFC 6749 has it, and some do not.
        match unescaped(&asked) {
            Some(asked) if first.is_err() => engine.state.grant(&asked, now),
            _ => first,
        }
    });
    match granted {
        Ok(granted) => given(&asked, granted),
        Err(why) => refused(&why),
    }
}

fn asked(form: &[(String, String)], headers: &HeaderMap) -> Asked {
    let all = |name: &str| {
        let of_name = form.iter().filter(move |(known, _)| known == name);
        of_name.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let one = |name: &str| {
        all(name)
            .into_iter()
            .next()
            .filter(|value| !value.is_empty())
    };
    let in_form = || Some((one("client_id")?, one("client_secret")?));
    Asked {
        grant: one("grant_type").unwrap_or_default(),
        client: basic(headers).or_else(in_form),
        assertion: one("assertion").or_else(|| one("subject_token")),
        scope: one("scope"),
        audiences: all("audience"),
    }
}

/// The name and the secret in an Authorization header.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

/// The same request, if its client's name and secret could be encoded.
fn unescaped(asked: &Asked) -> Option<Asked> {
    let (name, secret) = asked.client.as_ref()?;
    let read = (word(name)?, word(secret)?);
    let is_other = read.0 != *name || read.1 != *secret;
    is_other.then(|| Asked {
        client: Some(read),
        ..asked.clone()
    })
}

/// The pairs of a form; none if it is not one.
fn form(body: &str) -> Option<Vec<(String, String)>> {
    let pairs = body.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((word(name)?, word(value)?))
    });
    pairs.collect()
}

fn word(encoded: &str) -> Option<String> {
    decoded(&encoded.replace('+', " "))
}

/// A token, as RFC 6749 and RFC 8693 have it.
#[derive(Serialize)]
struct Answer {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
}

fn given(asked: &Asked, granted: Granted) -> Response {
    let Granted {
        token,
        expires_in_s,
        scope,
    } = granted;
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let body = Answer {
        access_token: token,
        token_type: "Bearer",
        expires_in: expires_in_s,
        scope,
        issued_token_type: (asked.grant == TOKEN_EXCHANGE).then_some(kind),
    };
    let cache = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ([cache], Json(body)).into_response()
}

fn refused(why: &NotGranted) -> Response {
    let body = Json(json!({ "error": why.error, "error_description": why.why }));
    if why.error == "invalid_client" {
        let asks: (HeaderName, HeaderValue) = (
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"fauxka\""),
        );
        return (StatusCode::UNAUTHORIZED, [asks], body).into_response();
    }
    (StatusCode::BAD_REQUEST, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        all.iter().map(owned).collect()
    }

    #[test]
    fn forms_are_read() {
        let expected = pairs(&[
            ("grant_type", "client_credentials"),
            ("scope", "a b"),
            ("x", ""),
        ]);
        let read = form("grant_type=client_credentials&scope=a+b&x");
        assert_eq!(read, Some(expected));
        assert_eq!(form("a=%zz"), None);
    }

    #[test]
    fn a_client_shows_its_secret_in_either_place() {
        let mut headers = HeaderMap::new();
        let form = pairs(&[
            ("client_id", "a"),
            ("client_secret", "b"),
            ("audience", "x"),
            ("audience", "y"),
        ]);
        let from_form = asked(&form, &headers);
        assert_eq!(from_form.client, Some(("a".to_owned(), "b".to_owned())));
        assert_eq!(from_form.audiences, ["x", "y"]);
        let encoded = BASE64_STANDARD.encode("alice:se%20cret");
        headers.insert(
            header::AUTHORIZATION,
            format!("Basic {encoded}").parse().unwrap(),
        );
        let from_header = asked(&form, &headers);
        let secret = |asked: &Asked| asked.client.clone().unwrap().1;
        assert_eq!(secret(&from_header), "se%20cret");
        assert_eq!(secret(&unescaped(&from_header).unwrap()), "se cret");
        assert!(unescaped(&from_form).is_none());
    }
}
