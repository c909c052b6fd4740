//! What is not written down: passwords, and the tokens of anyone who logs in.

use bytes::Bytes;

use crate::engine::cluster::configs::is_password;
use crate::engine::commands::Command;
use crate::engine::context::Call;
use crate::engine::origin::Origin;
use crate::engine::sasl::Verdict;
use crate::engine::secrets::{self, HIDDEN};
use crate::engine::snapshot::Snapshot;
use crate::wire::api::Api;
use crate::wire::dynamic::{Shape, Value};

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

/// A set of keys without those of its parts that are private, of which keys of HMAC have nothing else.
pub(super) fn key_set(text: &str) -> String {
    const PRIVATE: [&str; 8] = ["k", "d", "p", "q", "dp", "dq", "qi", "oth"];
    let Ok(mut set) = serde_json::from_str::<serde_json::Value>(text) else {
        return String::new();
    };
    let keys = set.get_mut("keys").and_then(|keys| keys.as_array_mut());
    for key in keys.into_iter().flatten() {
        let Some(members) = key.as_object_mut() else {
            continue;
        };
        for name in PRIVATE {
            if let Some(value) = members.get_mut(name) {
                *value = HIDDEN.into();
            }
        }
    }
    set.to_string()
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
    match api {
        // What came of its token is known only later.
        Some(Api::SaslAuthenticate) | None => Bytes::new(),
        Some(api) => secrets::request((api, call.version), &call.body, is_password),
    }
}

/// The body of a request about a delegation token with that in the place of its secret.
pub(super) fn hmac_as(api: Api, call: &Call, stands_for_it: &[u8]) -> Option<Bytes> {
    let shape = Shape::request(api.key(), call.version).ok()?;
    let mut body = shape.decode(&call.body).ok()?;
    let hmac = Value::Bytes(stands_for_it.to_vec().into());
    shape.set(&mut body, "hmac", hmac).ok()?;
    shape.encode(&body).ok()
}

/// The body of a SaslAuthenticate with what came of its token in the place of that.
pub(super) fn authenticate(version: i16, verdict: &Verdict, claims: Option<&str>) -> Option<Bytes> {
    let shape = Shape::request(Api::SaslAuthenticate.key(), version).ok()?;
    let mut body = shape.initial();
    let token = Value::Bytes(verdict.to_token(claims).into());
    shape.set(&mut body, "authBytes", token).ok()?;
    shape.encode(&body).ok()
}
