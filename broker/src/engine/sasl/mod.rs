//! Authentication by SASL: who may do what before a client has said who it is, and how it proves that.
//!
//! The exchanges (`exchange.rs`, `plain.rs`, `scram.rs`, `messages.rs`) and what a connection may send
//! (`session.rs`) are functions of their input; `sessions.rs` keeps the sessions, and the passage goes by what they say.

pub(crate) mod aws;
mod carried;
mod claimed;
mod exchange;
mod known;
mod messages;
pub(crate) mod oauth;
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

pub(crate) use super::mechanism::{Mechanism, Scram};
pub(crate) use carried::CarriedSasl;
pub(in crate::engine) use session::Gate;
pub(crate) use session::Reads;
pub(in crate::engine) use sessions::LetIn;
pub(crate) use sessions::{Authenticated, Shaken};
pub(crate) use users::{ScramCredential, Users};
pub(crate) use verdict::Verdict;

use super::context::ConnectionId;
use super::listeners::ListenerId;
use super::rng::Rng;
use aws::{AccessKeys, Aws};
use exchange::Exchange;
#[cfg(feature = "oauth")]
use oauth::KeySets;
use oauth::{Oauth, Validator};
use session::{Phase, Session};

/// Who clients are that have not said who they are.
pub(crate) const ANONYMOUS: &str = "User:ANONYMOUS";

/// Nonces and salts are drawn beside all else: fault rules count from 1, and resets from the end.
const STREAM: u64 = 1 << 63;

/// Everything about authentication.
#[derive(Debug)]
pub(crate) struct Sasl {
    pub(crate) users: Users,
    pub(crate) aws: Aws,
    /// By what tokens are checked that are not AWS's, where a listener takes such.
    pub(crate) validators: BTreeMap<ListenerId, Validator>,
    /// The keys for that which come over HTTP.
    #[cfg(feature = "oauth")]
    pub(crate) key_sets: KeySets,
    /// What the token endpoint goes by; it has none to give if there is none.
    pub(crate) oauth: Option<Oauth>,
    /// By connection, where listeners want authentication.
    sessions: BTreeMap<ConnectionId, Session>,
    /// Who showed a certificate, on listeners that want no other authentication.
    certified: BTreeMap<ConnectionId, Arc<str>>,
    anonymous: Arc<str>,
    rng: Rng,
    /// Tokens are verdicts: a recording is run again, which has no tokens.
    tokens_are_verdicts: bool,
    /// What came of the token that the latest input brought.
    verdict: Option<Verdict>,
}

impl Sasl {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            users: Users::default(),
            aws: Aws::default(),
            validators: BTreeMap::new(),
            #[cfg(feature = "oauth")]
            key_sets: KeySets::default(),
            oauth: None,
            sessions: BTreeMap::new(),
            certified: BTreeMap::new(),
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
        self.aws.keys = AccessKeys::default();
    }

    /// Who the client of a connection is.
    pub(crate) fn principal(&self, connection: ConnectionId) -> &Arc<str> {
        let session = self.sessions.get(&connection);
        let identity = session.and_then(|session| session.identity.as_ref());
        let certified = self.certified.get(&connection);
        identity.map_or_else(
            || certified.unwrap_or(&self.anonymous),
            |known| &known.principal,
        )
    }

    /// Whether nobody knows who the client of a connection is.
    pub(crate) fn is_anonymous(&self, connection: ConnectionId) -> bool {
        **self.principal(connection) == *ANONYMOUS
    }

    /// The exchange of tokens that a connection is in, if it is in one.
    fn exchange(&self, connection: ConnectionId) -> Option<&Exchange> {
        match &self.sessions.get(&connection)?.phase {
            Phase::Exchange { exchange, .. } => Some(exchange),
            Phase::Opening
            | Phase::Handshake
            | Phase::OtherMechanism(_)
            | Phase::Open
            | Phase::Refused { .. }
            | Phase::Over => None,
        }
    }

    /// The mechanism by which a connection exchanges tokens.
    fn exchanged(&self, connection: ConnectionId) -> Option<String> {
        let exchange = self.exchange(connection)?;
        Some(exchange.mechanism().name().to_owned())
    }

    /// Whether the client of a connection has logged in by a delegation token.
    pub(crate) fn is_by_token(&self, connection: ConnectionId) -> bool {
        let session = self.sessions.get(&connection);
        let identity = session.and_then(|session| session.identity.as_ref());
        identity.is_some_and(|known| known.by_token)
    }

    /// What may be read of a connection next.
    pub(crate) fn reads(&self, connection: ConnectionId) -> Reads {
        let session = self.sessions.get(&connection);
        session.map_or(Reads::Requests, Session::reads)
    }

    /// A client has connected that is to log in.
    pub(super) fn opened(&mut self, connection: ConnectionId) {
        self.sessions.insert(connection, Session::default());
    }

    /// A client need not log in, since its certificate says who it is.
    pub(super) fn certify(&mut self, connection: ConnectionId, principal: Arc<str>) {
        self.certified.insert(connection, principal);
    }

    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.sessions.remove(&connection);
        self.certified.remove(&connection);
    }
}
