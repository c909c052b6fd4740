//! What a handler gets and what it gives back.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::authorizer::{Access, Denials};
pub(crate) use super::ids::{ConnectionId, FaultId, Ticket};
use super::listeners::Listener;
use super::state::State;
use super::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::api::Api;
use crate::wire::apis::{Request, Response};
use crate::wire::messages::TooNew;
use crate::wire::units::NodeId;

/// A request's circumstances.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Set by the engine.
    pub(crate) ticket: Ticket,
    pub(crate) connection: ConnectionId,
    /// The node that was asked.
    pub(crate) node: NodeId,
    /// The version that the request is read and answered in.
    pub(crate) version: i16,
    /// The version that it really has, if that cannot be read.
    pub(crate) too_new: Option<TooNew>,
    /// By which the client tells its requests apart.
    pub(crate) correlation_id: i32,
    /// Bytes of the whole request, its header included, as quotas count them.
    pub(crate) bytes: usize,
    /// The request's body as it came, for anyone who reads it as a tree.
    pub(crate) body: Bytes,
    pub(crate) client_id: Arc<str>,
    /// The client's address as Java writes it.
    pub(crate) client_host: Arc<str>,
    /// The local address of the connection, which the client dialled.
    pub(crate) dialled_host: Arc<str>,
    /// When the request came; long polls count from here.
    pub(crate) arrived: Now,
    /// The request has waited as long as it may.
    pub(crate) expired: bool,
    /// The last fault rule that was there when it came. Set by the engine.
    pub(crate) last_rule: FaultId,
    /// Partitions of a share session that a fault rule has fail: nothing is acquired of them. Set by the engine.
    pub(crate) withheld: Vec<(Uuid, i32)>,
}

/// Where a node is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: i32,
    pub(crate) rack: Option<String>,
}

/// What a handler works with.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) now: Now,
    pub(crate) call: &'a Call,
    /// For how long quotas throttle the connection once this is answered.
    pub(crate) throttle_ms: i32,
    /// What Fetch asks about the answer that it is to give.
    pub(crate) throttles: &'a mut dyn Throttles,
    /// What the client may not do of what it asks for.
    pub(crate) denials: &'a Denials,
}

/// What a handler may know of what becomes of its answer.
pub(crate) trait Throttles: fmt::Debug {
    /// Whether a fault rule will throttle the connection by this answer, which carries nothing then.
    fn will_throttle(&mut self, state: &State, call: &Call, api: Api) -> bool;
}

/// What a handler looks at that changes nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadContext<'a> {
    pub(crate) state: &'a State,
    pub(crate) now: Now,
    pub(crate) call: &'a Call,
    pub(crate) denials: &'a Denials,
}

impl<'a> ReadContext<'a> {
    /// The listener by which the client came.
    pub(crate) fn listener(self) -> &'a Listener {
        self.state.listeners.of(self.call.connection)
    }

    /// The nodes in service that this client can reach: a node may lack its listener.
    pub(crate) fn reachable(self) -> Vec<NodeId> {
        let mut nodes = self.state.cluster.live_ids();
        nodes.retain(|node| self.has_listener(*node));
        nodes
    }

    /// Whether a node has the listener by which the client came.
    pub(crate) fn has_listener(self, node: NodeId) -> bool {
        let listener = self.state.listeners.id_of(self.call.connection);
        self.state.has_listener(node, listener)
    }

    /// What the client may do.
    pub(crate) fn access(self) -> Access<'a> {
        let state = self.state;
        let client = (self.call.connection, &*self.call.client_host);
        let principal = state.sasl.principal(client.0);
        Access::of(state.deciders(), principal, client, self.denials)
    }

    /// Where this client should reach a node that is in service.
    pub(crate) fn endpoint(self, node: NodeId) -> Option<Endpoint> {
        let up = self.state.cluster.is_up(node);
        up.then(|| self.registered_endpoint(node)).flatten()
    }

    /// Where a node is, or was when it was last in service.
    pub(crate) fn registered_endpoint(self, node: NodeId) -> Option<Endpoint> {
        let listener = self.state.listeners.id_of(self.call.connection);
        self.state.endpoint(node, listener, &self.call.dialled_host)
    }
}

impl Context<'_> {
    /// All of it, to look at.
    pub(crate) const fn read_only(&self) -> ReadContext<'_> {
        ReadContext {
            state: self.state,
            now: self.now,
            call: self.call,
            denials: self.denials,
        }
    }

    /// What the client may do.
    pub(crate) fn access(&self) -> Access<'_> {
        self.read_only().access()
    }

    /// Says that a topic is gone, or that something about its partitions other than records is new.
    pub(crate) fn changed_topic(&mut self, topic: &str) {
        self.state.changed_topic(self.now, topic);
    }
}

/// What wakes a waiting request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum WakeOn {
    /// Records, or other news, of a partition.
    Partition(TopicPartition),
    /// A change of the topic itself.
    Topic(String),
    /// What the request of this ticket has asked for is known.
    Told(Ticket),
}

/// How long a request waits, and for what.
#[derive(Debug)]
pub(crate) struct Parking {
    /// None if it waits until it is woken.
    pub(crate) until: Option<Now>,
    pub(crate) wake: Vec<WakeOn>,
}

impl Parking {
    /// Until what the request of a ticket has asked for is known.
    pub(crate) fn until_told(ticket: Ticket) -> Self {
        Self {
            until: None,
            wake: vec![WakeOn::Told(ticket)],
        }
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Answer<R> {
    Reply(R),
    /// Run it again when woken or when the time is over.
    Park(Parking, Box<Request>),
    /// Answered later by its ticket, when the group says so.
    Held,
    /// Not answered: Produce with acks=0.
    Nothing,
    /// Kafka closes the connection for this.
    Close(String),
    /// Answered after the delay of failed authentications, and then closed, for that reason.
    Refuse(R, String),
}

impl<R: Into<Response>> Answer<R> {
    pub(crate) fn into_any(self) -> Answer<Response> {
        match self {
            Self::Reply(response) => Answer::Reply(response.into()),
            Self::Park(parking, request) => Answer::Park(parking, request),
            Self::Held => Answer::Held,
            Self::Nothing => Answer::Nothing,
            Self::Close(reason) => Answer::Close(reason),
            Self::Refuse(response, reason) => Answer::Refuse(response.into(), reason),
        }
    }
}

/// What the shell has to do.
#[derive(Debug)]
pub(crate) enum Effect {
    Reply {
        connection: ConnectionId,
        response: Response,
    },
    /// A body that is encoded already.
    Encoded {
        connection: ConnectionId,
        body: Bytes,
    },
    /// Read the next request without answering this one.
    Nothing { connection: ConnectionId },
    Close {
        connection: ConnectionId,
        reason: String,
    },
}

/// What came of one input, in order.
#[derive(Debug, Default)]
pub(crate) struct Effects(pub(crate) Vec<Effect>);
