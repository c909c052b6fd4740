//! What nodes and group coordinators ask of the share coordinator, and what follows once it has answered.

use super::SharePartitionKey;
use super::coordinator::Write;
use super::kept::KeptState;
use super::partition::{AcknowledgementBatch, Step};
use crate::engine::api_error::ApiError;
use crate::engine::context::Ticket;
use crate::wire::error::ErrorCode;
use crate::wire::units::{LeaderEpoch, NodeId};

/// Something that is asked about a share partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    /// The node that asks.
    pub(super) node: NodeId,
    pub(super) key: SharePartitionKey,
    pub(super) what: Ask,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// What is written down, for a leader of this epoch that begins.
    Read {
        leader_epoch: i32,
    },
    Write(Write),
    Begin {
        state_epoch: i32,
        start: i64,
    },
    End,
    /// What is written down, for who wants to know.
    Summary,
}

/// What the share coordinator has to say: what is written down, if that was asked and there is anything.
pub(super) type Told = Option<KeptState>;

/// What follows an errand that had to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Then {
    /// A share partition begins.
    Begin(Beginning),
    /// A change is written down, or not.
    Settle(Pending),
    /// It is one of several errands that were begun together, by their number and its place.
    Gather(u64, usize),
}

/// A share partition that begins: its state is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beginning {
    pub(super) number: u64,
    pub(super) node: NodeId,
    pub(super) leader_epoch: LeaderEpoch,
    /// The name that its topic had.
    pub(super) name: String,
    /// Who asked first, and is told if it fails. Oracle: the others get nothing of it, and no error.
    pub(super) ticket: Ticket,
}

/// A change that is on its way to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    /// Which share partition it is about: another one may have begun in its place.
    pub(super) born: u64,
    pub(super) steps: Vec<Step>,
    pub(super) why: Why,
}

/// Whose change it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// A member has acknowledged records, and waits.
    Acknowledged(Acknowledgement),
    /// A member has given up what it had.
    Released,
    /// Locks have ended. That counts whether or not it is written.
    Expired,
    /// Records are done with that went to a dead-letter topic. That counts whether or not it is written.
    Archived,
}

/// A member's acknowledgements of one share partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Acknowledgement {
    /// Who is answered.
    pub(super) ticket: Ticket,
    /// The topic's name.
    pub(super) name: String,
    /// Where the share partition began.
    pub(super) start: i64,
    pub(super) batches: Vec<AcknowledgementBatch>,
}

impl Then {
    /// The number of the errands that it is one of.
    pub(super) const fn gathering(&self) -> Option<u64> {
        match self {
            Self::Gather(number, _) => Some(*number),
            Self::Begin(_) | Self::Settle(_) => None,
        }
    }
}

impl Ask {
    /// What Kafka's errors call it.
    const fn name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read state",
            Self::Write(_) => "write state",
            Self::Begin { .. } => "initialize state",
            Self::End => "delete state",
            Self::Summary => "read state summary",
        }
    }

    /// What goes on while it is asked, in words for people.
    pub(super) const fn describe(&self) -> &'static str {
        match self {
            Self::Read { .. } => "reading the state",
            Self::Write(_) => "writing the state",
            Self::Begin { .. } => "initializing the state",
            Self::End => "deleting the state",
            Self::Summary => "reading a summary of the state",
        }
    }

    /// An error as Kafka's nodes tell of it that asked the share coordinator.
    pub(super) fn failed(&self, code: ErrorCode, message: &str) -> ApiError {
        ApiError::new(code, format!("Error in {} RPC. {message}", self.name()))
    }

    pub(super) fn exhausted(&self, code: ErrorCode) -> ApiError {
        let name = self.name();
        let why = format!("Exhausted max retries to complete {name} RPC without success.");
        self.failed(code, &why)
    }
}
