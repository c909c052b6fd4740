//! What a partition knows of its idempotent and transactional producers (KIP-98, KIP-360, KIP-854).

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::wire::batch::BatchView;
use crate::wire::units::{Offset, ProducerEpoch, ProducerId, Sequence, WallMillis};

use super::config::millis;

/// How many batches a producer may have in flight, so how far back a retry can be recognised.
const BATCHES_REMEMBERED: usize = 5;

/// Why a batch does not follow from what its producer wrote before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProducerError {
    #[error("the producer's epoch is older than the last seen")]
    StaleEpoch,
    #[error("the sequence does not follow the last one")]
    OutOfOrder,
    #[error("a transaction is open and the batch does not belong to it")]
    TransactionOpen,
    #[error("the marker comes from an older coordinator")]
    CoordinatorFenced,
}

/// One of the remembered batches of a producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RememberedBatch {
    pub(crate) first_sequence: Sequence,
    pub(crate) last_sequence: Sequence,
    pub(crate) first_offset: Offset,
    pub(crate) last_offset: Offset,
    pub(crate) timestamp: WallMillis,
}

impl RememberedBatch {
    pub(super) fn of(batch: &BatchView) -> Self {
        Self {
            first_sequence: batch.header().base_sequence,
            last_sequence: batch.last_sequence(),
            first_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            timestamp: batch.max_timestamp(),
        }
    }
}

/// The state of one producer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProducerState {
    pub(crate) epoch: ProducerEpoch,
    /// Epoch of the transaction coordinator that wrote the last marker, -1 before any.
    pub(crate) coordinator_epoch: i32,
    pub(crate) last_timestamp: WallMillis,
    /// Where the open transaction began.
    pub(crate) transaction_start: Option<Offset>,
    batches: VecDeque<RememberedBatch>,
}

impl ProducerState {
    const fn new() -> Self {
        Self {
            epoch: ProducerEpoch(-1),
            coordinator_epoch: -1,
            last_timestamp: WallMillis(-1),
            transaction_start: None,
            batches: VecDeque::new(),
        }
    }

    /// The last sequence, -1 when none is remembered.
    pub(crate) fn last_sequence(&self) -> Sequence {
        self.batches
            .back()
            .map_or(Sequence::NONE, |batch| batch.last_sequence)
    }

    /// Offset of the last data record that is remembered.
    pub(super) fn last_data_offset(&self) -> Option<Offset> {
        self.batches.back().map(|batch| batch.last_offset)
    }

    fn enter_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.batches.clear();
            self.epoch = epoch;
        }
    }
}

/// A transaction's first write that its coordinator has been asked about, and that is not here yet
/// (KIP-890).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verification {
    epoch: ProducerEpoch,
    /// The first of the sequences that have been tried: none after it may come before it.
    lowest: Sequence,
    /// The write adds its partition itself, and every transaction has its own epoch.
    is_v2: bool,
    since: WallMillis,
}

/// Kafka writes markers of negative ids, and remembers nothing of them.
const fn is_a_producer(id: ProducerId) -> bool {
    id.0 >= 0
}

/// How many a partition remembers. Kafka has no bound but `producer.id.expiration.ms`, a day by default; one that is
/// forgotten goes on as after that.
#[cfg(not(test))]
const PRODUCERS_MAX: usize = 200_000;
#[cfg(test)]
const PRODUCERS_MAX: usize = 2_000;

/// All producers that a partition remembers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Producers {
    by_id: BTreeMap<ProducerId, ProducerState>,
    /// In memory alone, as in Kafka.
    #[serde(skip)]
    verifications: BTreeMap<ProducerId, Verification>,
}

/// A transactional write that is about to be verified.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstWrite {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
    pub(crate) sequence: Sequence,
    pub(crate) is_v2: bool,
}

impl Producers {
    pub(crate) fn get(&self, id: ProducerId) -> Option<&ProducerState> {
        self.by_id.get(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ProducerId, &ProducerState)> {
        self.by_id.iter().map(|(id, state)| (*id, state))
    }

    /// Whether a transactional write must be verified, because the producer has no transaction here.
    pub(super) fn begin_verification(
        &mut self,
        write: FirstWrite,
        now: WallMillis,
    ) -> Result<bool, ProducerError> {
        if let Some(state) = self.by_id.get(&write.id) {
            if write.epoch < state.epoch {
                return Err(ProducerError::StaleEpoch);
            }
            if state.transaction_start.is_some() && write.epoch == state.epoch {
                return Ok(false);
            }
        }
        let fresh = Verification {
            epoch: write.epoch,
            lowest: write.sequence,
            is_v2: write.is_v2,
            since: now,
        };
        let known = self.verifications.entry(write.id).or_insert(fresh);
        if write.epoch > known.epoch {
            (known.epoch, known.lowest) = (write.epoch, write.sequence);
        } else if write.epoch == known.epoch {
            known.lowest = known.lowest.min(write.sequence);
        }
        Ok(true)
    }

    /// The remembered batch that `batch` repeats: same epoch, same first and last sequence.
    pub(super) fn duplicate_of(&self, batch: &BatchView) -> Option<RememberedBatch> {
        let header = batch.header();
        let state = self.by_id.get(&header.producer_id)?;
        let same = |known: &&RememberedBatch| {
            known.first_sequence == header.base_sequence
                && known.last_sequence == batch.last_sequence()
        };
        let in_epoch = state.epoch == header.producer_epoch;
        in_epoch
            .then(|| state.batches.iter().find(same).copied())
            .flatten()
    }

    /// Checks a client's data batch; `transaction_v2` is KIP-890's rule that a transaction's first
    /// batch from an unknown producer starts at 0.
    pub(super) fn check(
        &self,
        batch: &BatchView,
        transaction_v2: bool,
    ) -> Result<(), ProducerError> {
        let header = batch.header();
        let first = header.base_sequence;
        let verification = self.verifications.get(&header.producer_id);
        let leaves_gap = verification.is_some_and(|known| first > known.lowest);
        let Some(state) = self.by_id.get(&header.producer_id) else {
            let must_start_at_zero = transaction_v2 && batch.is_transactional();
            return match first {
                Sequence(0) => Ok(()),
                _ if must_start_at_zero || leaves_gap => Err(ProducerError::OutOfOrder),
                _ => Ok(()),
            };
        };
        if header.producer_epoch < state.epoch {
            return Err(ProducerError::StaleEpoch);
        }
        let follows = if header.producer_epoch == state.epoch {
            first == state.last_sequence().after(1)
        } else {
            first == Sequence(0) || state.epoch == ProducerEpoch(-1)
        };
        if !follows || leaves_gap {
            return Err(ProducerError::OutOfOrder);
        }
        if state.transaction_start.is_some() && !batch.is_transactional() {
            return Err(ProducerError::TransactionOpen);
        }
        Ok(())
    }

    /// Remembers an appended data batch. Returns whether it opened a transaction.
    pub(super) fn note(&mut self, batch: &BatchView) -> bool {
        let header = batch.header();
        if batch.is_transactional() {
            self.verifications.remove(&header.producer_id);
        }
        self.make_room(header.producer_id);
        let state = self
            .by_id
            .entry(header.producer_id)
            .or_insert_with(ProducerState::new);
        state.enter_epoch(header.producer_epoch);
        if state.batches.len() == BATCHES_REMEMBERED {
            state.batches.pop_front();
        }
        state.batches.push_back(RememberedBatch::of(batch));
        state.last_timestamp = batch.max_timestamp();
        let opens = batch.is_transactional() && state.transaction_start.is_none();
        if opens {
            state.transaction_start = Some(batch.base_offset());
        }
        opens
    }

    /// Checks the end of a transaction. By the second protocol it comes with an epoch of its own, so
    /// that the same epoch again is only a repetition (KIP-1228).
    pub(super) fn check_marker(
        &self,
        (id, epoch): (ProducerId, ProducerEpoch),
        coordinator_epoch: i32,
        transaction_v2: bool,
    ) -> Result<(), ProducerError> {
        if !is_a_producer(id) {
            return Ok(());
        }
        let unknown = ProducerState::new();
        let state = self.by_id.get(&id).unwrap_or(&unknown);
        let is_repetition = state.transaction_start.is_none() || epoch.0 == i16::MAX;
        let is_late = transaction_v2 && epoch == state.epoch && !is_repetition;
        if epoch < state.epoch || is_late {
            return Err(ProducerError::StaleEpoch);
        }
        if coordinator_epoch < state.coordinator_epoch {
            return Err(ProducerError::CoordinatorFenced);
        }
        Ok(())
    }

    /// Ends the producer's transaction. Returns where it began, if one was open.
    pub(super) fn note_marker(
        &mut self,
        marker: &BatchView,
        coordinator_epoch: i32,
    ) -> Option<Offset> {
        let header = marker.header();
        if !is_a_producer(header.producer_id) {
            return None;
        }
        let verification = self.verifications.get(&header.producer_id);
        // The next transaction may have begun before this one's marker came.
        let is_of_next =
            verification.is_some_and(|known| known.is_v2 && known.epoch == header.producer_epoch);
        if !is_of_next {
            self.verifications.remove(&header.producer_id);
        }
        let state = self
            .by_id
            .entry(header.producer_id)
            .or_insert_with(ProducerState::new);
        state.enter_epoch(header.producer_epoch);
        state.coordinator_epoch = coordinator_epoch;
        state.last_timestamp = marker.max_timestamp();
        state.transaction_start.take()
    }

    /// Forgets the tenth of the producers that wrote longest ago, if one more would be too many.
    fn make_room(&mut self, id: ProducerId) {
        if self.by_id.len() < PRODUCERS_MAX || self.by_id.contains_key(&id) {
            return;
        }
        let idle = self.by_id.iter();
        let idle = idle.filter(|(_, state)| state.transaction_start.is_none());
        let mut idle: Vec<_> = idle
            .map(|(id, state)| (state.last_timestamp, *id))
            .collect();
        idle.sort_unstable();
        for (_, id) in idle.into_iter().take(PRODUCERS_MAX / 10) {
            self.by_id.remove(&id);
        }
    }

    /// Forgets producers that have been idle for `producer.id.expiration.ms`; an open transaction
    /// keeps its producer.
    pub(super) fn expire(&mut self, wall: WallMillis, after: Duration) -> usize {
        let before = self.by_id.len();
        self.by_id.retain(|_, state| {
            let idle = wall.0.saturating_sub(state.last_timestamp.0);
            state.transaction_start.is_some() || idle < millis(after)
        });
        let is_recent = |since: WallMillis| wall.0.saturating_sub(since.0) < millis(after);
        self.verifications.retain(|_, known| is_recent(known.since));
        before.saturating_sub(self.by_id.len())
    }

    /// Forgets what is only known of writes that are under way.
    pub(super) fn forget_verifications(&mut self) {
        self.verifications.clear();
    }

    /// Forgets one producer, or all of them.
    pub(super) fn forget(&mut self, id: Option<ProducerId>) {
        match id {
            Some(id) => {
                self.by_id.remove(&id);
            }
            None => self.by_id.clear(),
        }
    }
}
