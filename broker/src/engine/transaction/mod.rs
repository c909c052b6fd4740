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
mod loading;
mod markers;
mod metadata;
#[cfg(test)]
mod tests;
mod verification;

use std::collections::{BTreeMap, BTreeSet};

use crate::wire::error::ErrorCode;

pub(crate) use decisions::{End, Initialize};
pub(crate) use markers::TransactionMarker;
pub(crate) use metadata::{Open, Producer, Transaction, TransactionState, TransactionVersion};
pub(crate) use verification::{Support, Writer};

/// Every transactional id, and which of them wait for markers.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    by_id: BTreeMap<String, Transaction>,
    ending: BTreeSet<String>,
    markers_are_held: bool,
}

impl Transactions {
    /// Every transactional id by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Transaction)> {
        let all = self.by_id.iter();
        all.map(|(id, transaction)| (id.as_str(), transaction))
    }

    /// A transactional id as it was last kept.
    pub(super) fn known(&self, id: &str) -> Option<&Transaction> {
        self.by_id.get(id)
    }

    /// Whether markers are kept back.
    pub(crate) const fn are_markers_held(&self) -> bool {
        let Self {
            by_id: _,
            ending: _,
            markers_are_held,
        } = self;
        *markers_are_held
    }

    /// Lets transactions stay between their end and their markers, or go on.
    pub(crate) const fn hold_markers(&mut self, hold: bool) {
        self.markers_are_held = hold;
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
