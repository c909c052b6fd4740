//! The exchange of tokens by which a client logs in.

use super::mechanism::Mechanism;
use super::users::Users;
use super::{plain, scram};
use crate::engine::rng::Rng;

pub(super) const OTHER_AUTHORIZATION_ID: &str =
    "Authentication failed: Client requested an authorization id that is different from username";

/// How far it has come.
#[derive(Debug)]
pub(super) enum Exchange {
    Plain,
    Scram(scram::Server),
}

/// What the broker says to a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Another token is to come.
    Challenge(Vec<u8>),
    /// The client is who it says.
    Done { token: Vec<u8>, name: String },
}

/// Why the client is not let in. What Kafka makes of it depends on which of Java's exceptions it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// The client is told: a `SaslAuthenticationException`.
    Said(String),
    /// The client is told only that its credentials are not valid, so that it does not learn who
    /// exists: a `SaslException`.
    Hidden(String),
    /// The connection ends at once: an exception that nobody expected.
    Broken(String),
}

impl Failed {
    pub(super) fn said(why: impl Into<String>) -> Self {
        Self::Said(why.into())
    }

    pub(super) fn hidden(why: impl Into<String>) -> Self {
        Self::Hidden(why.into())
    }
}

impl Exchange {
    pub(super) const fn new(mechanism: Mechanism) -> Self {
        match mechanism {
            Mechanism::Plain => Self::Plain,
            Mechanism::Scram(hash) => Self::Scram(scram::Server::new(hash)),
        }
    }

    pub(super) const fn mechanism(&self) -> Mechanism {
        match self {
            Self::Plain => Mechanism::Plain,
            Self::Scram(server) => Mechanism::Scram(server.hash),
        }
    }

    /// Takes a token of the client's.
    pub(super) fn take(
        &mut self,
        token: &[u8],
        users: &Users,
        rng: &mut Rng,
    ) -> Result<Turn, Failed> {
        match self {
            Self::Plain => plain::answer(token, users),
            Self::Scram(server) => server.take(token, users, || rng.next_base36()),
        }
    }
}
