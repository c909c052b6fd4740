//! Messages without what is secret in them: for whatever keeps or shows them.

use bytes::Bytes;

use crate::wire::api::Api;
use crate::wire::dynamic::{Misfit, Shape, Value};

/// What stands for a password.
pub(super) const HIDDEN: &str = "hidden";

/// A request's body without passwords, keys and tokens: bytes are zeros, as many as there were. `is_password` says of which
/// settings nobody may know the value. What cannot be read is left out whole.
#[expect(clippy::wildcard_enum_match_arm, reason = "a few have secrets")]
pub(super) fn request(
    (api, version): (Api, i16),
    body: &Bytes,
    is_password: fn(&str) -> bool,
) -> Bytes {
    let shape = || Shape::request(api.key(), version).ok();
    let hidden = match api {
        Api::AlterUserScramCredentials => changed(shape(), body, |body| {
            for row in elements(body, "upsertions") {
                for field in ["salt", "saltedPassword"] {
                    zero(row.get_mut(field));
                }
            }
        }),
        Api::AlterConfigs | Api::IncrementalAlterConfigs => changed(shape(), body, |body| {
            for resource in elements(body, "resources") {
                for config in elements(resource, "configs") {
                    let name = config.get("name").and_then(Value::as_text);
                    if name.is_some_and(is_password)
                        && let Some(value @ Value::Text(_)) = config.get_mut("value")
                    {
                        *value = Value::Text(HIDDEN.to_owned());
                    }
                }
            }
        }),
        Api::SaslAuthenticate => changed(shape(), body, |body| zero(body.get_mut("authBytes"))),
        Api::RenewDelegationToken | Api::ExpireDelegationToken => {
            changed(shape(), body, |body| zero(body.get_mut("hmac")))
        }
        _ => return body.clone(),
    };
    hidden.unwrap_or_default()
}

/// An answer's body without tokens, in the same way.
#[expect(clippy::wildcard_enum_match_arm, reason = "a few have secrets")]
pub(super) fn response((api, version): (Api, i16), body: &Bytes) -> Bytes {
    let shape = || Shape::response(api.key(), version).ok();
    let hidden = match api {
        Api::SaslAuthenticate => changed(shape(), body, |body| zero(body.get_mut("authBytes"))),
        Api::CreateDelegationToken => changed(shape(), body, |body| zero(body.get_mut("hmac"))),
        Api::DescribeDelegationToken => changed(shape(), body, |body| {
            for token in elements(body, "tokens") {
                zero(token.get_mut("hmac"));
            }
        }),
        _ => return body.clone(),
    };
    hidden.unwrap_or_default()
}

fn changed(shape: Option<Shape>, body: &Bytes, change: impl FnOnce(&mut Value)) -> Option<Bytes> {
    let shape = shape?;
    let mut value = shape.decode(body).ok()?;
    change(&mut value);
    let encoded: Result<Bytes, Misfit> = shape.encode(&value);
    encoded.ok()
}

fn elements<'a>(value: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = match value.get_mut(name) {
        Some(Value::Array(list)) => Some(list),
        _ => None,
    };
    list.into_iter().flatten()
}

fn zero(value: Option<&mut Value>) {
    if let Some(Value::Bytes(bytes)) = value {
        *bytes = vec![0; bytes.len()].into();
    }
}
