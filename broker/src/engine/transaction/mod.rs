//! The transaction coordinator (KIP-98, KIP-360, KIP-890).
//!
//! [`metadata`] is what is known of a transactional id, [`decisions`] what each request does to it, as
//! values without an engine. [`coordinator`] finds the id at the node that coordinates it and writes
//! every change to `__transaction_state`; [`markers`] ends transactions in the partitions, and
//! [`expiry`] does what is due.
//!
//! Markers are written as soon as the request that ended the transaction has been answered. Kafka
//! needs some milliseconds for that, in which requests see CONCURRENT_TRANSACTIONS; they see it here,
//! too, while a partition has no leader or while the markers are held.

mod coordinator;
mod decisions;
mod expiry;
mod markers;
mod metadata;
#[cfg(test)]
mod tests;
mod verification;

use std::collections::{BTreeMap, BTreeSet};

use crate::wire::error::ErrorCode;
use crate::wire::units::LeaderEpoch;

pub(crate) use decisions::{End, Initialize};
pub(crate) use markers::TransactionMarker;
pub(crate) use metadata::{Producer, State, TopicPartition, Transaction, TransactionVersion};
pub(crate) use verification::{Support, Writer};

/// Every transactional id, and which of them wait for markers.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    by_id: BTreeMap<String, Coordinated>,
    ending: BTreeSet<String>,
    markers_are_held: bool,
}

/// A transactional id, and in which epoch its coordinator began to coordinate it.
#[derive(Debug)]
struct Coordinated {
    transaction: Transaction,
    epoch: LeaderEpoch,
}

impl Transactions {
    /// Every transactional id by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Transaction)> {
        let all = self.by_id.iter();
        all.map(|(id, known)| (id.as_str(), &known.transaction))
    }

    /// A transactional id as it was last kept.
    pub(super) fn known(&self, id: &str) -> Option<&Transaction> {
        self.by_id.get(id).map(|known| &known.transaction)
    }

    /// Lets transactions stay between their end and their markers, or go on.
    pub(crate) const fn hold_markers(&mut self, hold: bool) {
        self.markers_are_held = hold;
    }

    /// Forgets everything, as when the state topic goes.
    pub(super) fn clear(&mut self) {
        self.by_id.clear();
        self.ending.clear();
    }
}

/// What a client of `version` is told: PRODUCER_FENCED came in with `fenced_since`.
pub(crate) fn told(code: ErrorCode, version: i16, fenced_since: i16) -> ErrorCode {
    if code == ErrorCode::ProducerFenced && version < fenced_since {
        ErrorCode::InvalidProducerEpoch
    } else {
        code
    }
}
