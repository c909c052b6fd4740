//! Tokens that nobody has signed: what Kafka takes on a listener whose `sasl.server.callback.handler.class` is not set. Meant for
//! development, in Kafka as here.

use serde_json::{Map, Value};

use super::json::{jackson_object, java_base64};
use super::{Refused, Subject};
use crate::wire::units::WallMillis;

/// What is asked of such tokens: the options `unsecuredValidator…` of a JAAS configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsecured {
    pub(crate) principal_claim: String,
    pub(crate) scope_claim: String,
    pub(crate) required_scope: Vec<String>,
    pub(crate) clock_skew_ms: i64,
}

impl Default for Unsecured {
    fn default() -> Self {
        Self {
            principal_claim: "sub".to_owned(),
            scope_claim: "scope".to_owned(),
            required_scope: Vec::new(),
            clock_skew_ms: 0,
        }
    }
}

impl Unsecured {
    /// Who brings a token.
    ///
    /// # Errors
    /// It is not valid.
    pub(super) fn subject(&self, token: &str, now: WallMillis) -> Result<Subject, Refused> {
        let claims = claims(token)?;
        let invalid = |why: &str| Refused::Invalid(why.to_owned());
        let scope = self.scope(&claims)?;
        let number = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(Refused::Invalid(format!(
                "The '{name}' claim was not of type Number"
            ))),
        };
        let expires = number("exp")?.ok_or_else(|| invalid("No expiration time in JWT"))?;
        let name = claims.get(&self.principal_claim);
        let name = name.and_then(text).filter(|name| !name.trim().is_empty());
        let name = name.ok_or_else(|| {
            Refused::Invalid(format!(
                "No principal name in JWT claim: {}",
                self.principal_claim
            ))
        })?;
        let issued = number("iat")?;
        self.check_times(now, issued, expires)?;
        let lacks = |required: &&String| !scope.contains(required);
        if let Some(lacking) = self.required_scope.iter().find(lacks) {
            let required = format!("[{}]", self.required_scope.join(", "));
            let why = format!("the scope {lacking:?} is required");
            return Err(Refused::Scope { required, why });
        }
        Ok(Subject {
            name,
            expires: WallMillis(rounded(expires * 1000.0)),
        })
    }

    fn check_times(
        &self,
        now: WallMillis,
        issued: Option<f64>,
        expires: f64,
    ) -> Result<(), Refused> {
        let (now, skew) = (as_float(now.0), as_float(self.clock_skew_ms));
        if issued.is_some_and(|issued| 1000.0 * issued > now + skew) {
            let why = "it was issued later than now, by the cluster's clock";
            return Err(Refused::Invalid(why.to_owned()));
        }
        if now - skew >= 1000.0 * expires {
            let ago_s = (now - 1000.0 * expires) / 1000.0;
            let why = format!("it expired {ago_s:.0} s ago");
            return Err(Refused::Invalid(why));
        }
        if issued.is_some_and(|issued| expires <= issued) {
            let why = "it expires before it was issued";
            return Err(Refused::Invalid(why.to_owned()));
        }
        Ok(())
    }

    fn scope(&self, claims: &Map<String, Value>) -> Result<Vec<String>, Refused> {
        let all = match claims.get(&self.scope_claim) {
            None => Vec::new(),
            Some(Value::Array(all)) => all.iter().filter_map(text_of_any).collect(),
            Some(other) => vec![text(other).ok_or_else(|| {
                let name = &self.scope_claim;
                Refused::Invalid(format!("The '{name}' claim was not of type List"))
            })?],
        };
        let trimmed = all.iter().map(|scope| scope.trim());
        let said = trimmed.filter(|scope| !scope.is_empty());
        Ok(said.map(str::to_owned).collect())
    }
}

/// What a token claims.
fn claims(token: &str) -> Result<Map<String, Value>, Refused> {
    let invalid = |why: &str| Refused::Invalid(why.to_owned());
    if token.contains("..") {
        return Err(invalid("Malformed compact serialization contains '..'"));
    }
    let mut parts: Vec<&str> = token.split('.').collect();
    while parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    if token.ends_with('.') {
        parts.push("");
    }
    let &[header, claims, signature] = parts.as_slice() else {
        return Err(invalid(
            "Unsecured JWS compact serializations must have 3 dot-separated Base64URL-encoded values",
        ));
    };
    let read = |part| {
        let bytes =
            java_base64(part).ok_or_else(|| invalid("malformed Base64 URL encoded value"))?;
        jackson_object(&bytes).ok_or_else(|| invalid("malformed JSON"))
    };
    let (header, claims) = (read(header)?, read(claims)?);
    // A null is the text "null" to Kafka.
    let algorithm = header.get("alg").map(text_of_any);
    match algorithm {
        None => Err(Refused::Broken(
            "JWS header must have an Algorithm value".to_owned(),
        )),
        Some(Some(algorithm)) if algorithm == "none" && signature.is_empty() => Ok(claims),
        Some(Some(algorithm)) if algorithm == "none" => Err(invalid(
            "Unsecured JWS must not contain a digital signature",
        )),
        Some(_) => Err(invalid(
            "Unsecured JWS must have 'none' for an algorithm, since no sasl.oauthbearer.jwks.endpoint.url is set",
        )),
    }
}

/// What a claim says as a text, where it is neither a number nor a list.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Number(_) | Value::Array(_) => None,
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Object(_) => text_of_any(value),
    }
}

/// What Jackson's `asText` makes of a value.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it is used where others may have none"
)]
fn text_of_any(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => String::new(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "Java loses it too")]
const fn as_float(number: i64) -> f64 {
    number as f64
}

/// To the nearest whole number, as Java does it: what is too large is the largest.
#[expect(clippy::cast_possible_truncation, reason = "that is what is wanted")]
fn rounded(number: f64) -> i64 {
    (number + 0.5).floor() as i64
}
