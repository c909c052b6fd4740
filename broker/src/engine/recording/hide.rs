//! What is not written down: passwords, and the tokens of anyone who logs in.

use bytes::Bytes;

use crate::engine::cluster::configs::is_password;
use crate::engine::commands::Command;
use crate::engine::context::Call;
use crate::engine::origin::Origin;
use crate::engine::sasl::Verdict;
use crate::engine::snapshot::Snapshot;
use crate::wire::api::Api;
use crate::wire::dynamic::{Misfit, Shape, Value};

/// What stands for a password.
const HIDDEN: &str = "hidden";

/// A command without its password.
#[expect(clippy::wildcard_enum_match_arm, reason = "two have passwords")]
pub(super) fn command(command: &Command) -> Command {
    match command {
        Command::AddUser { name, .. } => Command::AddUser {
            name: name.clone(),
            password: HIDDEN.to_owned(),
        },
        Command::Restore { snapshot: kept } => Command::Restore {
            snapshot: snapshot(kept),
        },
        other => other.clone(),
    }
}

/// A snapshot without the passwords in its settings.
pub(super) fn snapshot(kept: &Snapshot) -> Snapshot {
    kept.with_passwords(HIDDEN)
}

/// What a cluster has from its start, without the passwords in its snapshot.
pub(super) fn origin(origin: &Origin) -> Origin {
    let mut origin = origin.clone();
    if let Some(said) = &mut origin.snapshot {
        said.what = snapshot(&said.what);
    }
    origin
}

/// A request's body without passwords and tokens. What cannot be read is left out whole.
pub(super) fn body(api: Option<Api>, call: &Call) -> Bytes {
    let hidden = match api {
        Some(Api::AlterUserScramCredentials) => {
            changed(Api::AlterUserScramCredentials, call, |body| {
                for row in elements(body, "upsertions") {
                    for field in ["salt", "saltedPassword"] {
                        zero(row.get_mut(field));
                    }
                }
            })
        }
        Some(api @ (Api::AlterConfigs | Api::IncrementalAlterConfigs)) => {
            changed(api, call, |body| {
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
            })
        }
        // What came of its token is known only later.
        Some(Api::SaslAuthenticate) | None => return Bytes::new(),
        Some(_) => return call.body.clone(),
    };
    hidden.unwrap_or_default()
}

/// The body of a SaslAuthenticate with what came of its token in the place of that.
pub(super) fn authenticate(version: i16, verdict: &Verdict) -> Option<Bytes> {
    let shape = Shape::request(Api::SaslAuthenticate.key(), version).ok()?;
    let mut body = shape.initial();
    let token = Value::Bytes(verdict.to_token().into());
    shape.set(&mut body, "authBytes", token).ok()?;
    shape.encode(&body).ok()
}

fn changed(api: Api, call: &Call, change: impl FnOnce(&mut Value)) -> Option<Bytes> {
    let shape = Shape::request(api.key(), call.version).ok()?;
    let mut body = shape.decode(&call.body).ok()?;
    change(&mut body);
    let encoded: Result<Bytes, Misfit> = shape.encode(&body);
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
