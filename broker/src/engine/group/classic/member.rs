//! A member of a classic group.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::engine::context::{ConnectionId, Ticket};

/// A member, by the id that the coordinator gave it.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: Arc<str>,
    /// Set for a static member (KIP-345).
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    /// As Java writes the client's address.
    pub(crate) client_host: Arc<str>,
    /// Where it last joined; none if its coordinator only read of it.
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) session_timeout: Duration,
    /// In the order of its preference.
    pub(crate) protocols: Vec<Protocol>,
    /// What the leader gave it; empty before that.
    pub(crate) assignment: Bytes,
    /// The JoinGroup that waits for the rebalance.
    pub(crate) waiting_join: Option<Ticket>,
    /// The SyncGroup that waits for the leader's.
    pub(crate) waiting_sync: Option<Ticket>,
    /// It has not been part of a generation yet.
    pub(crate) is_new: bool,
}

/// One of the protocols that a member offers; compared by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Protocol {
    pub(crate) name: Arc<str>,
    pub(crate) metadata: Bytes,
}

impl Member {
    /// Whether its silence is no reason to drop it: anyone who waits for an answer need not send
    /// heartbeats. A new member does not know its id yet and may be gone while it waits.
    pub(super) const fn is_excused(&self) -> bool {
        !self.is_new && (self.waiting_join.is_some() || self.waiting_sync.is_some())
    }

    /// How often it names a protocol.
    pub(super) fn offers_of(&self, protocol: &str) -> usize {
        let own = self.protocols.iter();
        own.filter(|own| &*own.name == protocol).count()
    }

    /// What it says with a protocol; empty for one that it does not offer.
    pub(crate) fn metadata(&self, protocol: &str) -> Bytes {
        let own = self.protocols.iter().find(|own| &*own.name == protocol);
        own.map(|own| own.metadata.clone()).unwrap_or_default()
    }
}
