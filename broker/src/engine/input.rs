//! What can happen to a cluster, as values. [`Engine::handle`](super::Engine::handle) is the only way in: nothing else changes
//! an engine.

use std::sync::Arc;

use bytes::Bytes;

use super::authorizer::Acl;
use super::commands::Command;
use super::context::{Call, ConnectionId};
use super::fault::FaultId;
use super::listeners::ListenerId;
use super::sasl::oauth::SourceId;
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
        /// By which of the node's listeners.
        listener: ListenerId,
        /// The client's address as Java writes it.
        client_host: Arc<str>,
    },
    /// A connection goes through TLS from now on.
    Secured {
        connection: ConnectionId,
        node: NodeId,
        /// The distinguished name in the client's certificate, as Java writes it, if it has shown one.
        certificate: Option<Arc<str>>,
    },
    /// The keys that the next request of a connection names cannot be used; why, in Java's words.
    KeysRefused {
        connection: ConnectionId,
        why: String,
    },
    /// A set of keys was asked for, and has come: its text, or why not.
    KeySetCame {
        set: SourceId,
        came: Result<String, String>,
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
    /// A test does something.
    Command(Command),
}

impl Input {
    /// Has what a client sent arrive at another moment.
    pub(crate) fn set_arrived(&mut self, now: Now) {
        if let Self::Request(call, _) | Self::Token(call, _) | Self::FrameRefused(call, _) = self {
            call.arrived = now;
        }
    }
}

/// What an input comes to, beside its effects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Done,
    Is(bool),
    /// The node that was added.
    Node(NodeId),
    /// Where each record was written: its partition and offset.
    Written(Vec<(i32, i64)>),
    /// The rule that was mounted.
    Rule(FaultId),
    /// How many it was done to.
    Count(usize),
    /// The ACLs that were removed.
    Acls(Vec<Acl>),
}

impl Reply {
    /// Whether it is so.
    pub(crate) fn is(self) -> bool {
        matches!(self, Self::Is(true))
    }

    /// Where each record was written.
    pub(crate) fn written(self) -> Vec<(i32, i64)> {
        match self {
            Self::Written(places) => places,
            Self::Done
            | Self::Is(_)
            | Self::Node(_)
            | Self::Rule(_)
            | Self::Count(_)
            | Self::Acls(_) => Vec::new(),
        }
    }

    /// How many it was done to.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Done
            | Self::Is(_)
            | Self::Node(_)
            | Self::Written(_)
            | Self::Rule(_)
            | Self::Acls(_) => 0,
        }
    }

    /// The rule that was mounted.
    pub(crate) fn rule(self) -> FaultId {
        match self {
            Self::Rule(id) => id,
            Self::Done
            | Self::Is(_)
            | Self::Node(_)
            | Self::Written(_)
            | Self::Count(_)
            | Self::Acls(_) => FaultId(0),
        }
    }

    /// The ACLs that were removed.
    pub(crate) fn acls(self) -> Vec<Acl> {
        match self {
            Self::Acls(acls) => acls,
            Self::Done
            | Self::Is(_)
            | Self::Node(_)
            | Self::Written(_)
            | Self::Rule(_)
            | Self::Count(_) => Vec::new(),
        }
    }
}
