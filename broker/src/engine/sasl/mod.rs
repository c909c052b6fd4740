//! Authentication by SASL: who may do what before a client has said who it is, and how it proves that.
//!
//! The exchanges (`exchange.rs`, `plain.rs`, `scram.rs`, `messages.rs`) and what a connection may send
//! (`session.rs`) are functions of their input; `sessions.rs` keeps the sessions, and the passage goes by what they say.

mod carried;
mod exchange;
mod mechanism;
mod messages;
mod outcome;
mod plain;
mod scram;
mod session;
mod sessions;
#[cfg(test)]
mod tests;
mod users;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use carried::CarriedSasl;
pub(crate) use mechanism::{Mechanism, Scram};
pub(in crate::engine) use session::Gate;
pub(crate) use session::Reads;
pub(crate) use sessions::{Authenticated, Shaken};
pub(crate) use users::{ScramCredential, Users};
pub(crate) use verdict::Verdict;

use super::context::ConnectionId;
use super::java::hash_map::sort_by_name;
use super::rng::Rng;
use session::Session;

/// Who clients are that have not said who they are.
pub(crate) const ANONYMOUS: &str = "User:ANONYMOUS";

/// Nonces and salts are drawn beside all else: fault rules count from 1, and resets from the end.
const STREAM: u64 = 1 << 63;

/// Everything about authentication.
#[derive(Debug)]
pub(crate) struct Sasl {
    /// What listeners offer, in the order in which Kafka lists it; empty if they want no authentication.
    mechanisms: Vec<Mechanism>,
    pub(crate) users: Users,
    /// By connection, where listeners want authentication.
    sessions: BTreeMap<ConnectionId, Session>,
    anonymous: Arc<str>,
    rng: Rng,
    /// Tokens are verdicts: a recording is run again, which has no tokens.
    tokens_are_verdicts: bool,
    /// What came of the token that the latest input brought.
    verdict: Option<Verdict>,
}

impl Sasl {
    pub(crate) fn new(mut mechanisms: Vec<Mechanism>, seed: u64) -> Self {
        sort_by_name(&mut mechanisms, |mechanism| mechanism.name());
        Self {
            mechanisms,
            users: Users::default(),
            sessions: BTreeMap::new(),
            anonymous: ANONYMOUS.into(),
            rng: Rng::stream(seed, STREAM),
            tokens_are_verdicts: false,
            verdict: None,
        }
    }

    /// Has what comes in the place of tokens say what came of them.
    pub(crate) const fn believe_verdicts(&mut self) {
        self.tokens_are_verdicts = true;
    }

    /// What came of the token that the latest input brought.
    pub(crate) const fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// Another input has come.
    pub(in crate::engine) fn forget_verdict(&mut self) {
        self.verdict = None;
    }

    /// Whether clients have to say who they are.
    pub(crate) const fn is_wanted(&self) -> bool {
        !self.mechanisms.is_empty()
    }

    /// What listeners offer, in the order in which Kafka lists it.
    pub(crate) fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    /// Lets somebody log in with a password. Connections that are open stay as they are.
    pub(crate) fn add_user(&mut self, name: &str, password: &str) {
        let rng = &mut self.rng;
        let salt = || rng.next_base36().into_bytes();
        self.users.add(name, password, salt);
    }

    /// Lets somebody log in no more. Says whether they could.
    pub(crate) fn remove_user(&mut self, name: &str) -> bool {
        self.users.remove(name)
    }

    /// Nobody can log in any more; who has stays so.
    pub(crate) fn forget_users(&mut self) {
        self.users = Users::default();
    }

    /// Who the client of a connection is.
    pub(crate) fn principal(&self, connection: ConnectionId) -> &Arc<str> {
        let session = self.sessions.get(&connection);
        let identity = session.and_then(|session| session.identity.as_ref());
        identity.map_or(&self.anonymous, |known| &known.principal)
    }

    /// What may be read of a connection next.
    pub(crate) fn reads(&self, connection: ConnectionId) -> Reads {
        let session = self.sessions.get(&connection);
        session.map_or(Reads::Requests, Session::reads)
    }

    pub(super) fn opened(&mut self, connection: ConnectionId) {
        if self.is_wanted() {
            self.sessions.insert(connection, Session::default());
        }
    }

    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.sessions.remove(&connection);
    }
}
