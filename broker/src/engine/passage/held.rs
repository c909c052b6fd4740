//! Requests that a group answers when it comes to that: JoinGroup and SyncGroup.
//!
//! Kafka's coordinator keeps the response's future with the member, and completes it. So does this: a
//! held request is not run again, as a parked one is; its ticket stands with the member, and the
//! machine replies to the ticket. A reply whose connection is gone goes nowhere, and changes nothing
//! for the member, as in Kafka.

use foldhash::HashMap;

use crate::engine::context::{Call, ConnectionId, Ticket};
use crate::engine::group::turn::Reply;
use crate::engine::handlers::{join_group, sync_group};
use crate::wire::apis::Response;

/// All held requests, and the replies that are on their way out.
#[derive(Debug, Default)]
pub(crate) struct Held {
    calls: HashMap<Ticket, Call>,
    by_connection: HashMap<ConnectionId, Ticket>,
    replies: Vec<(Ticket, Reply)>,
}

impl Held {
    pub(crate) fn hold(&mut self, call: Call) {
        self.by_connection.insert(call.connection, call.ticket);
        self.calls.insert(call.ticket, call);
    }

    /// Answers a ticket once the present input is done with.
    pub(crate) fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.replies.push((ticket, reply));
    }

    /// Drops what a connection that is gone waited for.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        if let Some(ticket) = self.by_connection.remove(&connection) {
            self.calls.remove(&ticket);
        }
    }

    /// Drops a request that is never answered; its connection goes on waiting.
    pub(crate) fn abandon(&mut self, ticket: Ticket) {
        if let Some(call) = self.calls.remove(&ticket) {
            self.by_connection.remove(&call.connection);
        }
    }

    /// Whose connections wait.
    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.by_connection.keys().copied()
    }

    /// The requests that are held.
    #[cfg(test)]
    pub(crate) fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.calls.keys().copied()
    }

    /// Whether no reply waits to go out.
    pub(crate) const fn owes_nothing(&self) -> bool {
        self.replies.is_empty()
    }

    /// Takes out the replies that are due, with what they answer.
    pub(crate) fn flush(&mut self) -> Vec<(Call, Response)> {
        let replies = std::mem::take(&mut self.replies).into_iter();
        let answers = replies.filter_map(|(ticket, reply)| {
            let call = self.calls.remove(&ticket)?;
            self.by_connection.remove(&call.connection);
            let response = response(reply, call.version);
            Some((call, response))
        });
        answers.collect()
    }
}

/// The response as the request's version has it.
fn response(reply: Reply, version: i16) -> Response {
    match reply {
        Reply::Join(reply) => join_group::response(reply, version).into(),
        Reply::Sync(reply) => sync_group::response(reply).into(),
    }
}
