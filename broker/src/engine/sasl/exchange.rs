//! The exchange of tokens by which a client logs in.

use super::aws::Form;
use super::known::Known;
use super::oauth::{self, Judges};
use super::outcome::{Failed, Turn};
use super::{plain, scram};
use crate::engine::mechanism::Mechanism;
use crate::engine::rng::Rng;

/// How far it has come.
#[derive(Debug)]
pub(super) enum Exchange {
    Plain,
    Scram(scram::Server),
    OAuthBearer(oauth::Server),
    AwsMskIam,
}

impl Exchange {
    pub(super) const fn new(mechanism: Mechanism) -> Self {
        match mechanism {
            Mechanism::Plain => Self::Plain,
            Mechanism::Scram(hash) => Self::Scram(scram::Server::new(hash)),
            Mechanism::OAuthBearer => Self::OAuthBearer(oauth::Server::new()),
            Mechanism::AwsMskIam => Self::AwsMskIam,
        }
    }

    pub(super) const fn mechanism(&self) -> Mechanism {
        match self {
            Self::Plain => Mechanism::Plain,
            Self::Scram(server) => Mechanism::Scram(server.hash),
            Self::OAuthBearer(_) => Mechanism::OAuthBearer,
            Self::AwsMskIam => Mechanism::AwsMskIam,
        }
    }

    /// Takes a token of the client's.
    pub(super) fn take(
        &mut self,
        token: &[u8],
        known: Known<'_>,
        rng: &mut Rng,
    ) -> Result<Turn, Failed> {
        let Known {
            users,
            tokens: _,
            aws,
            validator,
            reached,
        } = known;
        match self {
            Self::Plain => plain::answer(token, users),
            Self::Scram(server) => server.take(token, known, || rng.next_base36()),
            Self::OAuthBearer(server) => {
                let judges = Judges {
                    validator,
                    aws,
                    reached,
                };
                server.take(token, judges, rng)
            }
            Self::AwsMskIam => aws.answer(Form::Payload, token, reached, rng),
        }
    }
}
