//! The exchange of tokens by which a client logs in.

use super::known::Known;
use super::outcome::{Failed, Turn};
use super::{plain, scram};
use crate::engine::mechanism::Mechanism;
use crate::engine::rng::Rng;

/// How far it has come.
#[derive(Debug)]
pub(super) enum Exchange {
    Plain,
    Scram(scram::Server),
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
        known: Known<'_>,
        rng: &mut Rng,
    ) -> Result<Turn, Failed> {
        match self {
            Self::Plain => plain::answer(token, known.users),
            Self::Scram(server) => server.take(token, known, || rng.next_base36()),
        }
    }
}
