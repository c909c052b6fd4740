//! Logging in with AWS's credentials, as MSK has it: SigV4 verified with keys that the cluster knows.

mod keys;
mod moment;
mod request;
pub(crate) mod sigv4;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use keys::{AccessKey, AccessKeys};
pub(crate) use request::{Form, is_url};
pub(crate) use verify::{Denied, Reached};

use super::outcome::{Failed, Turn};
use crate::engine::authorizer::policy::{Action, Policies};
use crate::engine::msk::Place;
use crate::engine::rng::Rng;

/// What a cluster knows of AWS.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aws {
    pub(crate) place: Place,
    pub(crate) keys: AccessKeys,
}

impl Aws {
    /// The one token of a client, and what becomes of it.
    pub(in crate::engine::sasl) fn answer(
        &self,
        form: Form,
        sent: &[u8],
        reached: Reached<'_>,
        rng: &mut Rng,
    ) -> Result<Turn, Failed> {
        let id = rng.next_uuid();
        let verified = self.verify(form, sent, reached);
        match verified.and_then(|key| self.connects(key, reached.policies)) {
            Ok(key) => Ok(Turn::Done {
                token: match form {
                    Form::Payload => accepted(&id.to_string()),
                    Form::Token => Vec::new(),
                },
                name: key.arn.clone(),
                expires: key.expires,
                by_token: false,
            }),
            Err(denied) => Err(denied.failed(&id.to_string())),
        }
    }
}

impl Aws {
    /// The id of the key by which a client says that it has signed.
    pub(in crate::engine::sasl) fn key_named(&self, form: Form, sent: &[u8]) -> Option<String> {
        if self.keys.is_empty() {
            return None;
        }
        let request = request::SignedRequest::read(form, sent).ok()?;
        let credential = request.get("X-Amz-Credential")?;
        credential.split('/').next().map(str::to_owned)
    }

    /// Lets somebody in whom policies let.
    fn connects<'a>(
        &self,
        key: &'a AccessKey,
        policies: Option<&Policies>,
    ) -> Result<&'a AccessKey, Denied> {
        let Some(policies) = policies else {
            return Ok(key);
        };
        let decided = policies.decide(&self.place, &key.arn, Action::Connect, "");
        if decided.is_allowed {
            Ok(key)
        } else {
            Err(Denied::Policy(decided.why))
        }
    }
}

impl Denied {
    /// What the client hears, and what is behind it.
    pub(in crate::engine::sasl) fn failed(&self, id: &str) -> Failed {
        Failed::Masked {
            said: format!("[{id}]: {}", self.told()),
            why: self.to_string(),
        }
    }
}

/// What AWS's library for the JVM waits for.
fn accepted(id: &str) -> Vec<u8> {
    let version = request::VERSION;
    format!(r#"{{"version":"{version}","request-id":"{id}"}}"#).into_bytes()
}
