//! Tokens that somebody has signed, checked as Kafka's `BrokerJwtValidator` has jose4j check them (KIP-768).

use serde_json::{Map, Value};

use super::jose::{lenient_base64, object, trimmed};
use super::jwks::{Header, Jwks, Unverified};
use super::{Refused, SourceId, Subject};
use crate::wire::units::WallMillis;

/// What is asked of such tokens: the settings `sasl.oauthbearer.…`.
#[derive(Debug, Clone)]
pub(crate) struct Secured {
    /// `expected.audience`; any if empty, which `allow.unverified.audience` has to say.
    pub(crate) audiences: Vec<String>,
    /// `expected.issuer`; any if none, which `allow.unverified.issuer` has to say.
    pub(crate) issuer: Option<String>,
    /// `clock.skew.seconds`.
    pub(crate) clock_skew_s: i64,
    /// `scope.claim.name`.
    pub(crate) scope_claim: String,
    /// `sub.claim.name`.
    pub(crate) subject_claim: String,
    pub(crate) keys: Jwks,
    /// Which set of the cluster's the keys are, if they come over HTTP.
    pub(crate) set: Option<SourceId>,
}

/// What the largest of Java's longs is below.
const LONG_MAX: f64 = 9_223_372_036_854_775_808.0;

/// What claims say that every token has to have right.
type Checked<T> = Result<T, String>;

impl Secured {
    /// Who brings a token.
    ///
    /// # Errors
    /// It is not valid.
    pub(super) fn subject(&self, token: &str, now: WallMillis) -> Result<Subject, Refused> {
        let claims = self.claims(token)?;
        self.check(&claims, now).map_err(Refused::Invalid)?;
        let expires = self.times(&claims).map_err(Refused::Invalid)?;
        let name = &self.subject_claim;
        let subject = match claims.get(name) {
            Some(Value::String(subject)) => trimmed(subject),
            Some(Value::Null) | None => "",
            Some(_) => {
                let why = format!("Could not extract the '{name}' claim from the access token");
                return Err(Refused::Invalid(why));
            }
        };
        self.check_scopes(&claims)?;
        if expires < 0 || subject.is_empty() {
            let why = format!("{name} value must be non-empty, and exp not negative");
            return Err(Refused::Invalid(why));
        }
        Ok(Subject {
            name: subject.to_owned(),
            expires: WallMillis(expires.saturating_mul(1000)),
        })
    }

    /// The claims of a token whose signature is right.
    fn claims(&self, token: &str) -> Result<Map<String, Value>, Refused> {
        let (signed, claims) = parts(token).map_err(Refused::Invalid)?;
        let Signed {
            members,
            text: signed,
            signature,
        } = signed;
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let invalid = |why: &str| Refused::Invalid(why.to_owned());
        let header_said = Header {
            algorithm: text("alg")
                .ok_or_else(|| invalid("Signature algorithm header (alg) not set."))?,
            key: text("kid"),
            thumbprints: [text("x5t"), text("x5t#S256")],
        };
        if header_said.algorithm == "none" {
            return Err(invalid(
                "'none' is a blocked algorithm: the token is not signed",
            ));
        }
        let verified = self
            .keys
            .verify(&header_said, signed.as_bytes(), &signature);
        match verified {
            Ok(()) => Ok(claims),
            Err(Unverified::NoKey { id: Some(id), why }) => Err(Refused::UnknownKey { id, why }),
            Err(Unverified::NoKey { id: None, why } | Unverified::Other(why)) => {
                Err(Refused::Invalid(why))
            }
        }
    }

    fn check(&self, claims: &Map<String, Value>, now: WallMillis) -> Checked<()> {
        let number = |name: &str| seconds(claims, name);
        let expires = number("exp")?.ok_or("No Expiration Time (exp) claim present.")?;
        let issued = number("iat")?.ok_or("No Issued At (iat) claim present.")?;
        let not_before = number("nbf")?;
        let (now, skew) = (now.0.div_euclid(1000), self.clock_skew_s);
        if now.saturating_sub(skew) >= expires {
            let ago = now.saturating_sub(expires);
            return Err(format!(
                "The JWT is no longer valid: it expired {ago} s ago, and {skew} s are allowed"
            ));
        }
        if expires < issued {
            return Err("it expires before it was issued".to_owned());
        }
        if not_before.is_some_and(|not_before| expires < not_before) {
            return Err("it expires before it is valid (nbf)".to_owned());
        }
        if let Some(not_before) = not_before
            && now.saturating_add(skew) < not_before
        {
            let wait = not_before.saturating_sub(now);
            return Err(format!(
                "The JWT is not yet valid: its nbf is {wait} s from now"
            ));
        }
        self.check_audience(claims)?;
        self.check_issuer(claims)?;
        for name in ["sub", "jti"] {
            text(claims, name)?;
        }
        Ok(())
    }

    fn check_audience(&self, claims: &Map<String, Value>) -> Checked<()> {
        if self.audiences.is_empty() {
            return Ok(());
        }
        let of_list = |all: &Vec<Value>| {
            let all = all.iter();
            all.map(|value| value.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        };
        let said = match claims.get("aud") {
            None | Some(Value::Null) => return Err("No Audience (aud) claim present.".to_owned()),
            Some(Value::String(one)) => Some(vec![one.clone()]),
            Some(Value::Array(all)) => of_list(all),
            Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => None,
        };
        let said = said.ok_or(
            "The value of the 'aud' claim is not an array of strings or a single string value.",
        )?;
        if said
            .iter()
            .any(|audience| self.audiences.contains(audience))
        {
            return Ok(());
        }
        let (said, expected) = (said.join(", "), self.audiences.join(", "));
        Err(format!(
            "Audience (aud) claim [{said}] doesn't contain an acceptable identifier. Expected one of [{expected}]"
        ))
    }

    fn check_issuer(&self, claims: &Map<String, Value>) -> Checked<()> {
        let said = text(claims, "iss")?;
        match (&self.issuer, said) {
            (None, _) => Ok(()),
            (Some(_), None) => Err("No Issuer (iss) claim present.".to_owned()),
            (Some(expected), Some(said)) if expected == said => Ok(()),
            (Some(expected), Some(said)) => Err(format!(
                "Issuer (iss) claim value ({said}) doesn't match expected value of {expected}"
            )),
        }
    }

    /// When a token expires, in seconds.
    fn times(&self, claims: &Map<String, Value>) -> Checked<i64> {
        let issued = seconds(claims, "iat")?.unwrap_or_default();
        if issued < 0 {
            return Err(format!(
                "iat value must be null or non-negative; value given was \"{issued}\""
            ));
        }
        Ok(seconds(claims, "exp")?.unwrap_or_default())
    }

    fn check_scopes(&self, claims: &Map<String, Value>) -> Result<(), Refused> {
        let name = &self.scope_claim;
        let all = match claims.get(name) {
            Some(Value::String(one)) => vec![Some(one.as_str())],
            Some(Value::Array(all)) => {
                let mut scopes = Vec::new();
                for scope in all {
                    match scope {
                        Value::Null => scopes.push(None),
                        Value::String(text) => scopes.push(Some(text.as_str())),
                        // Kafka takes it for a text.
                        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                            let why = "class cannot be cast to class java.lang.String";
                            return Err(Refused::Broken(why.to_owned()));
                        }
                    }
                }
                scopes
            }
            _ => Vec::new(),
        };
        let mut seen = Vec::new();
        for scope in all {
            let scope = scope.map(trimmed).filter(|scope| !scope.is_empty());
            let scope =
                scope.ok_or_else(|| Refused::Invalid(format!("{name} value must be non-empty")))?;
            if seen.contains(&scope) {
                return Err(Refused::Invalid(format!(
                    "{name} value must not contain duplicates - {scope} already present"
                )));
            }
            seen.push(scope);
        }
        Ok(())
    }
}

/// What is signed of a token, and how.
struct Signed {
    /// Of the header.
    members: Map<String, Value>,
    text: String,
    signature: Vec<u8>,
}

/// What a token consists of: what is signed, and the claims in it.
fn parts(token: &str) -> Checked<(Signed, Map<String, Value>)> {
    const MALFORMED: &str =
        "Malformed JWT provided; expected three sections (header, payload, and signature)";
    let parts: Vec<&str> = token.split('.').collect();
    let &[header, payload, signature] = parts.as_slice() else {
        return Err(MALFORMED.to_owned());
    };
    if header.is_empty() || payload.is_empty() || signature.is_empty() {
        return Err(MALFORMED.to_owned());
    }
    let read = |part, what| {
        object(&lenient_base64(part)).ok_or_else(|| format!("its {what} is not a JSON object"))
    };
    let members = read(header, "header")?;
    check_header(&members)?;
    let claims = read(payload, "payload")?;
    let signed = Signed {
        members,
        text: format!("{header}.{payload}"),
        signature: lenient_base64(signature),
    };
    Ok((signed, claims))
}

/// What no token may ask for.
fn check_header(members: &Map<String, Value>) -> Checked<()> {
    if let Some(critical) = members.get("crit") {
        return Err(format!(
            "its header has crit: {critical}, none of which is known"
        ));
    }
    let is_nested = members.get("cty").and_then(Value::as_str);
    if is_nested.is_some_and(|kind| kind.to_ascii_lowercase().ends_with("jwt")) {
        return Err("it has another JWT in it".to_owned());
    }
    if members.get("b64") == Some(&Value::Bool(false)) {
        return Err("its payload is not in base64".to_owned());
    }
    Ok(())
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Checked<Option<&'a str>> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(format!("the '{name}' claim is not a text"))
        }
    }
}

/// A time, in whole seconds.
fn seconds(claims: &Map<String, Value>, name: &str) -> Checked<Option<i64>> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            // What no long can hold: jose4j would take it only if it is written with an exponent or a fraction.
            let held = |float: &f64| float.abs() < LONG_MAX;
            let float = || number.as_f64().filter(held).map(truncated);
            let whole = number.as_i64().or_else(float);
            let unreasonable = || format!("{number} is unreasonable for a NumericDate");
            whole.map(Some).ok_or_else(unreasonable)
        }
        Some(Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            Err(format!("the '{name}' claim is not a number"))
        }
    }
}

/// As Java makes a whole number of another.
#[expect(clippy::cast_possible_truncation, reason = "that is what is wanted")]
const fn truncated(number: f64) -> i64 {
    number as i64
}
