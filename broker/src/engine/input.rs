//! What can happen to a cluster, as values. [`Engine::handle`] is the only way in: nothing else changes an engine.

use std::sync::Arc;

use bytes::Bytes;

use super::Engine;
use super::commands::{Command, Refused};
use super::context::{Call, ConnectionId, Effects};
use super::deadlines::Due;
use super::fault::FaultId;
use super::passage::PassageTimer;
use super::time::Now;
use crate::wire::apis::Request;
use crate::wire::units::NodeId;

/// One thing that happens.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every input is a request, and none is kept"
)]
pub(crate) enum Input {
    /// A client has connected to a node.
    Opened {
        connection: ConnectionId,
        node: NodeId,
        /// The client's address as Java writes it.
        client_host: Arc<str>,
    },
    /// A client asks for something.
    Request(Call, Request),
    /// A token comes without a request around it, after SaslHandshake v0.
    Token(Call, Bytes),
    /// A frame is too long to be of a client that has yet to authenticate; why, in words.
    FrameRefused(Call, String),
    /// A client sends no more, or is gone, while its request waits. [`Reply::Is`] says whether it is owed an answer.
    Departed(ConnectionId),
    /// A connection ends because of what its client sent; why, in words.
    Misbehaved {
        connection: ConnectionId,
        why: String,
    },
    /// A connection is gone; why, in words.
    Closed {
        connection: ConnectionId,
        why: String,
    },
    /// The long poll of a connection has waited as long as its client's own clock lets it.
    LongPollOver(ConnectionId),
    /// A rule about bytes could be about a connection. [`Reply::Is`] says whether it takes it.
    LinkOffered(FaultId),
    /// A rule about bytes has acted.
    LinkActed(FaultId),
    /// Time has come for the first thing that is due. [`Reply::Is`] says whether anything was.
    Deadline,
    /// Whoever tests does something.
    Command(Command),
}

/// What an input comes to, beside its effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Done,
    Is(bool),
    /// The node that was added.
    Node(NodeId),
    /// Where the record was written.
    Offset(i64),
    /// The rule that was mounted.
    Rule(FaultId),
}

impl Reply {
    /// Whether it is so.
    pub(crate) const fn is(self) -> bool {
        matches!(self, Self::Is(true))
    }

    /// Where the record was written.
    pub(crate) const fn offset(self) -> i64 {
        match self {
            Self::Offset(offset) => offset,
            Self::Done | Self::Is(_) | Self::Node(_) | Self::Rule(_) => -1,
        }
    }

    /// The rule that was mounted.
    pub(crate) const fn rule(self) -> FaultId {
        match self {
            Self::Rule(id) => id,
            Self::Done | Self::Is(_) | Self::Node(_) | Self::Offset(_) => FaultId(0),
        }
    }
}

impl Engine {
    /// Lets something happen. What clients are to hear of it goes to `effects`, after what is there.
    ///
    /// # Errors
    /// A command cannot be done; nothing has changed, unless it says so itself.
    pub(crate) fn handle(
        &mut self,
        now: Now,
        input: Input,
        effects: &mut Effects,
    ) -> Result<Reply, Refused> {
        // What follows an input looks at its own effects alone.
        let mut own = Effects::default();
        self.state.sasl.forget_verdict();
        let reply = self.take(now, input, &mut own);
        self.finish(now, &mut own);
        effects.0.append(&mut own.0);
        if self.checks_invariants {
            self.assert_sound();
        }
        reply
    }

    fn take(&mut self, now: Now, input: Input, effects: &mut Effects) -> Result<Reply, Refused> {
        match input {
            Input::Opened {
                connection,
                node,
                client_host,
            } => {
                self.state.sasl.opened(connection);
                self.passage
                    .journal
                    .opened(now, connection, node, &client_host);
            }
            Input::Request(call, request) => self.request(now, call, request, effects),
            Input::Token(call, token) => {
                self.passage
                    .token(&mut self.state, now, (&call, &token), effects);
            }
            Input::FrameRefused(call, why) => {
                self.passage
                    .refuse(&mut self.state, now, (&call, None), why, effects);
            }
            Input::Departed(connection) => return Ok(Reply::Is(self.passage.departed(connection))),
            Input::Misbehaved { connection, why } => {
                self.passage.warn_closed(now, connection, &why);
            }
            Input::Closed { connection, why } => self.closed(now, connection, &why),
            Input::LongPollOver(connection) => self.end_long_poll(now, connection, effects),
            Input::LinkOffered(rule) => {
                return Ok(Reply::Is(self.passage.faults.takes_connection(rule)));
            }
            Input::LinkActed(rule) => self.passage.faults.hit(rule),
            Input::Deadline => return Ok(Reply::Is(self.fire_next(now, effects))),
            Input::Command(command) => return self.command(now, command, effects),
        }
        Ok(Reply::Done)
    }

    /// Does the first thing that is due, if anything is.
    fn fire_next(&mut self, now: Now, effects: &mut Effects) -> bool {
        let Some(due) = self.pop_due(now) else {
            return false;
        };
        match due {
            Due::State(timer) => self.state.on_timer(now, timer),
            Due::Passage(PassageTimer::Fault(ticket)) => self.go_on(now, ticket, effects),
            Due::Passage(PassageTimer::Mute(connection)) => {
                self.end_mute(now, connection, effects);
            }
            Due::Passage(PassageTimer::Refusal(connection)) => {
                self.passage
                    .tell_refused(&self.state, now, connection, effects);
            }
            Due::Passage(PassageTimer::Parked(ticket)) => {
                self.run_again(now, ticket, true, effects);
            }
        }
        true
    }
}
