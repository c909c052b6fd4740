//! Who has logged in, and who can, as a recording that begins in the middle carries it over: without passwords and
//! salts. Anyone who is in the middle of an exchange of tokens is turned away before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::aws::AccessKey;
use super::session::{Identity, Phase, Session};
use super::users::ScramCredential;
use super::{ConnectionId, Sasl};
use crate::engine::mechanism::{Mechanism, Scram};

/// What stands for every password: anyone who looks at a recorded cluster logs in with it.
pub(in crate::engine) const HIDDEN: &str = "hidden";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedSasl {
    sessions: BTreeMap<ConnectionId, CarriedSession>,
    /// Who showed a certificate.
    #[serde(default)]
    certified: BTreeMap<ConnectionId, Arc<str>>,
    /// Who can log in by PLAIN.
    passwords: Vec<String>,
    /// Who can log in by SCRAM, by which hash, and with how many iterations.
    credentials: Vec<(i8, String, i32)>,
    /// Who can log in as AWS's clients do.
    #[serde(default)]
    access_keys: Vec<AccessKey>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CarriedSession {
    phase: CarriedPhase,
    identity: Option<CarriedIdentity>,
    #[serde(default)]
    is_ended: bool,
    began_again: Option<Duration>,
}

/// The phases in which no tokens are exchanged.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CarriedPhase {
    Opening,
    Handshake,
    Open,
    Over,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CarriedIdentity {
    mechanism: String,
    name: String,
    principal: String,
    until: Option<Duration>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_token: bool,
}

impl Sasl {
    /// Ends the exchanges of tokens that are under way, and says whose they were.
    pub(in crate::engine) fn end_exchanges(&mut self) -> Vec<ConnectionId> {
        let mut ended = Vec::new();
        for (connection, session) in &mut self.sessions {
            if session.phase.carry().is_none() {
                session.phase = Phase::Over;
                ended.push(*connection);
            }
        }
        ended
    }

    /// Who has logged in, and who can.
    pub(in crate::engine) fn carry(&self) -> CarriedSasl {
        let Self {
            users,
            aws,
            // By the settings.
            validators: _,
            // Nobody who runs it again has tokens to check.
            #[cfg(feature = "oauth")]
                key_sets: _,
            oauth: _,
            sessions,
            certified,
            anonymous: _,
            // Salts and nonces show in tokens alone.
            rng: _,
            tokens_are_verdicts: _,
            verdict: _,
        } = self;
        let sessions = sessions.iter().map(|(id, known)| (*id, known.carry()));
        let credentials = users.all_credentials();
        let credentials =
            credentials.map(|(hash, name, known)| (hash.number(), name.to_owned(), known));
        CarriedSasl {
            sessions: sessions.collect(),
            certified: certified.clone(),
            passwords: users.with_passwords().map(str::to_owned).collect(),
            credentials: credentials.collect(),
            access_keys: aws.keys.iter().cloned().collect(),
        }
    }

    /// Has those logged in who were, and lets everybody log in who could.
    pub(in crate::engine) fn go_on_with(&mut self, carried: &CarriedSasl) {
        let CarriedSasl {
            sessions,
            certified,
            passwords,
            credentials,
            access_keys,
        } = carried;
        self.certified.clone_from(certified);
        for key in access_keys {
            self.aws.keys.add(key.clone());
        }
        let sessions = sessions.iter().map(|(id, known)| (*id, known.resume()));
        self.sessions = sessions.collect();
        for name in passwords {
            self.users.set_password(name, HIDDEN);
        }
        for (number, name, iterations) in credentials {
            let hash = Scram::from_number(*number);
            let salt = self.rng.next_base36().into_bytes();
            let made = hash.and_then(|hash| {
                let made = ScramCredential::of_password(hash, HIDDEN, salt, *iterations);
                Some((hash, made?))
            });
            if let Some((hash, credential)) = made {
                self.users.upsert(hash, name, credential);
            }
        }
    }

    /// Has tokens be tokens again.
    pub(crate) const fn read_tokens(&mut self) {
        self.tokens_are_verdicts = false;
    }
}

impl Phase {
    const fn carry(&self) -> Option<CarriedPhase> {
        match self {
            Self::Opening => Some(CarriedPhase::Opening),
            Self::Handshake => Some(CarriedPhase::Handshake),
            Self::Open => Some(CarriedPhase::Open),
            Self::Over => Some(CarriedPhase::Over),
            Self::Exchange { .. } | Self::OtherMechanism(_) | Self::Refused { .. } => None,
        }
    }
}

impl Session {
    fn carry(&self) -> CarriedSession {
        let identity = self.identity.as_ref().map(|known| CarriedIdentity {
            mechanism: known.mechanism.name().to_owned(),
            name: known.name.clone(),
            principal: known.principal.to_string(),
            until: known.until,
            by_token: known.by_token,
        });
        CarriedSession {
            phase: self.phase.carry().unwrap_or(CarriedPhase::Over),
            identity,
            is_ended: self.is_ended,
            began_again: self.began_again,
        }
    }
}

impl CarriedSession {
    fn resume(&self) -> Session {
        let identity = self.identity.as_ref().map(|known| Identity {
            mechanism: known.mechanism.parse().unwrap_or(Mechanism::Plain),
            name: known.name.clone(),
            principal: known.principal.as_str().into(),
            until: known.until,
            by_token: known.by_token,
        });
        Session {
            phase: match self.phase {
                CarriedPhase::Opening => Phase::Opening,
                CarriedPhase::Handshake => Phase::Handshake,
                CarriedPhase::Open => Phase::Open,
                CarriedPhase::Over => Phase::Over,
            },
            identity,
            is_ended: self.is_ended,
            began_again: self.began_again,
        }
    }
}
