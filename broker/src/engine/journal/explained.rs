//! What is known besides what requests and answers say: who a client is, and what is behind an error.

use super::exchange::{Failure, Software};
use super::{ConnectionId, Journal};

/// The most errors of a request that more is said of.
const EXPLAINED_MAX: usize = 100;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Client<'a> {
    pub(crate) host: &'a str,
    pub(crate) id: &'a str,
    pub(crate) software: Option<&'a Software>,
}

impl Journal {
    /// Who is at the other end of a connection, as far as that is known.
    pub(crate) fn client(&self, connection: ConnectionId) -> Client<'_> {
        let known = self.connections.get(&connection);
        known.map_or_else(Client::default, |known| Client {
            host: &known.client_host,
            id: known.client_id.as_deref().unwrap_or_default(),
            software: known.software.as_deref(),
        })
    }

    /// Says more of an error that the request of a connection is answered with.
    pub(crate) fn explain(&mut self, connection: ConnectionId, failure: Failure) {
        let known = self.connections.get_mut(&connection);
        if let Some(waiting) = known.and_then(|known| known.waiting.as_mut())
            && waiting.explained.len() < EXPLAINED_MAX
        {
            waiting.explained.push(failure);
        }
    }
}

/// Adds what is known of errors to the errors of the answer, which may have none if it is a closed connection.
pub(super) fn explain(errors: &mut Vec<Failure>, explained: Vec<Failure>) {
    for known in explained {
        let place = |failure: &&mut Failure| {
            failure.topic == known.topic && failure.partition == known.partition
        };
        match errors.iter_mut().find(place) {
            Some(failure) => failure.reason = known.reason,
            None => errors.push(known),
        }
    }
}
