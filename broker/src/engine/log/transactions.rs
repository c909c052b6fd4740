//! Open and ended transactions of a partition, and what readers of committed data must know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wire::units::{Offset, ProducerId};

/// A transaction whose records must be skipped by readers of committed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AbortedTransaction {
    pub(crate) producer_id: ProducerId,
    pub(crate) first_offset: Offset,
    /// Offset of the marker.
    pub(crate) last_offset: Offset,
    /// Last stable offset after the marker was written.
    pub(crate) last_stable_offset: Offset,
}

/// Transactions by where they began.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transactions {
    open: BTreeMap<Offset, ProducerId>,
    /// Ended ones whose marker may lie at or beyond the high watermark; start to marker.
    unreplicated: BTreeMap<Offset, Offset>,
    /// In the order of their markers.
    aborted: Vec<AbortedTransaction>,
}

impl Transactions {
    pub(super) fn begin(&mut self, start: Offset, producer: ProducerId) {
        self.open.insert(start, producer);
    }

    /// Ends the transaction that began at `start` with a marker at `marker`.
    pub(super) fn end(&mut self, start: Offset, marker: Offset, abort: bool) {
        let Some(producer_id) = self.open.remove(&start) else {
            return;
        };
        let next_open = self.open.keys().next().copied();
        let last_stable_offset = next_open.unwrap_or_else(|| marker.plus(1));
        self.unreplicated.insert(start, marker);
        if abort {
            self.aborted.push(AbortedTransaction {
                producer_id,
                first_offset: start,
                last_offset: marker,
                last_stable_offset,
            });
        }
    }

    /// The first offset whose outcome is not yet known to everybody.
    pub(super) fn first_unstable(&self, high_watermark: Offset) -> Option<Offset> {
        let undecided = self.open.keys().next().copied();
        let unreplicated = self
            .unreplicated
            .iter()
            .find(|(_, marker)| **marker >= high_watermark)
            .map(|(s, _)| *s);
        undecided.into_iter().chain(unreplicated).min()
    }

    /// Whose transaction began at `start` and is open.
    pub(super) fn open_at(&self, start: Offset) -> Option<ProducerId> {
        self.open.get(&start).copied()
    }

    /// Forgets ended transactions whose markers lie below the high watermark.
    pub(super) fn settle(&mut self, high_watermark: Offset) {
        self.unreplicated
            .retain(|_, marker| *marker >= high_watermark);
    }

    pub(super) fn has_aborted(&self) -> bool {
        !self.aborted.is_empty()
    }

    /// Aborted transactions that overlap `from..up_to`.
    pub(super) fn aborted_between(&self, from: Offset, up_to: Offset) -> Vec<AbortedTransaction> {
        let overlaps =
            |entry: &&AbortedTransaction| entry.last_offset >= from && entry.first_offset < up_to;
        self.aborted.iter().filter(overlaps).copied().collect()
    }

    /// Keeps only the aborted transactions for which `keep` holds.
    pub(super) fn retain_aborted(&mut self, keep: impl FnMut(&AbortedTransaction) -> bool) {
        self.aborted.retain(keep);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
