//! A partition's log: segments of batches, and the bookkeeping that Kafka's leader keeps with them.
//!
//! Nothing here knows of requests, nodes or a clock. Time is an argument, settings are a
//! [`LogConfig`], failures are types of their own that the handlers turn into Kafka's codes.

mod append;
mod append_context;
mod compaction;
mod config;
mod epochs;
mod producers;
mod read;
mod retention;
mod saved;
mod segment;
#[cfg(test)]
mod tests;
mod timestamped;
mod timestamps;
mod transactions;
mod validate;

pub(crate) use append::{AppendError, Appended, Marker, MarkerKind};
pub(crate) use append_context::{AppendContext, Origin};
#[cfg(test)]
pub(crate) use compaction::Compacted;
pub(crate) use config::LogConfig;
pub(crate) use epochs::LeaderEpochs;
pub(crate) use producers::{FirstWrite, ProducerError, ProducerState, Producers};
pub(crate) use read::{ReadLimits, Slice};
pub(crate) use transactions::AbortedTransaction;
pub(crate) use validate::{RecordErrors, ValidationError};

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use segment::Segment;
use transactions::Transactions;

use super::invariants::Depth;
use super::time::Now;
use crate::wire::batch::BatchView;
use crate::wire::units::{LeaderEpoch, Offset, ProducerId, WallMillis};

/// The log of one partition.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartitionLog {
    /// Never empty; the last one is active.
    segments: VecDeque<Segment>,
    start: Offset,
    end: Offset,
    /// Where the high watermark is held back, if it is.
    held_at: Option<Offset>,
    epochs: LeaderEpochs,
    producers: Producers,
    transactions: Transactions,
    /// Up to where compaction has been.
    cleaned_to: Offset,
    #[serde(skip)]
    held_bytes: u64,
}

/// An offset that the log does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the offset is not in the log")]
pub(crate) struct OutOfRange;

impl PartitionLog {
    /// An empty log.
    pub(crate) fn new(created: WallMillis) -> Self {
        Self {
            segments: VecDeque::from([Segment::new(Offset(0), created)]),
            start: Offset(0),
            end: Offset(0),
            held_at: None,
            epochs: LeaderEpochs::default(),
            producers: Producers::default(),
            transactions: Transactions::default(),
            cleaned_to: Offset(0),
            held_bytes: 0,
        }
    }

    /// The first offset that can be read.
    pub(crate) const fn start(&self) -> Offset {
        self.start
    }

    /// The offset that the next record gets.
    pub(crate) const fn end(&self) -> Offset {
        self.end
    }

    /// The offset up to which consumers may read: the end, unless it is held back.
    pub(crate) fn high_watermark(&self) -> Offset {
        self.held_at.map_or(self.end, |held| held.min(self.end))
    }

    /// The offset up to which readers of committed data may read.
    pub(crate) fn last_stable_offset(&self) -> Offset {
        let high_watermark = self.high_watermark();
        self.transactions
            .first_unstable(high_watermark)
            .map_or(high_watermark, |first| {
                first.max(self.start).min(high_watermark)
            })
    }

    /// Holds the high watermark where it is, as when no follower keeps up.
    pub(crate) fn hold_high_watermark(&mut self) {
        self.held_at = Some(self.high_watermark());
    }

    /// Lets the high watermark follow the end again.
    pub(crate) fn release_high_watermark(&mut self) {
        self.held_at = None;
        self.transactions.settle(self.end);
    }

    /// Where each leader epoch begins.
    pub(crate) const fn epochs(&self) -> &LeaderEpochs {
        &self.epochs
    }

    /// A leader of `epoch` takes over: the epoch begins at the end of the log.
    pub(crate) fn begin_epoch(&mut self, epoch: LeaderEpoch) {
        self.epochs.assign(epoch, self.end);
    }

    pub(crate) const fn producers(&self) -> &Producers {
        &self.producers
    }

    /// Whether the coordinator must be asked about a transactional write (KIP-890): not if the
    /// producer's transaction is open here.
    pub(crate) fn begin_verification(
        &mut self,
        write: FirstWrite,
        now: Now,
    ) -> Result<bool, ProducerError> {
        self.producers.begin_verification(write, now.wall)
    }

    /// Forgets idle producers (`producer.id.expiration.ms`). Returns how many.
    pub(crate) fn expire_producers(&mut self, now: Now, after: Duration) -> usize {
        self.producers.expire(now.wall, after)
    }

    /// Forgets one producer, as if it had been idle for too long; all of them without an id.
    pub(crate) fn forget_producers(&mut self, id: Option<ProducerId>) {
        self.producers.forget(id);
    }

    /// Bytes as Kafka reports them: the sum of the segments' files.
    pub(crate) fn size(&self) -> u64 {
        self.segments.iter().map(|segment| segment.size).sum()
    }

    /// Every batch, in order; the first may begin before the log does.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &BatchView> {
        self.segments.iter().flat_map(|segment| &segment.batches)
    }

    /// Bytes of batches that are in memory.
    pub(crate) const fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    /// Number of segments, the active one included.
    #[cfg(test)]
    pub(crate) fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Makes `before` the first offset (DeleteRecords). Nothing happens if it already lies behind.
    pub(crate) fn delete_records(&mut self, before: Offset) -> Result<(), OutOfRange> {
        if before > self.high_watermark() || before < Offset(0) {
            return Err(OutOfRange);
        }
        self.move_start(before);
        Ok(())
    }

    fn move_start(&mut self, start: Offset) {
        if start <= self.start {
            return;
        }
        self.start = start;
        self.epochs.truncate_start(start);
        self.transactions
            .retain_aborted(|entry| entry.last_offset >= start);
        let mut released = 0_u64;
        for segment in self
            .segments
            .iter_mut()
            .take_while(|segment| segment.base_offset < start)
        {
            released = released.saturating_add(segment.release_before(start));
        }
        self.held_bytes = self.held_bytes.saturating_sub(released);
    }

    /// Cuts the log so that `end` is the next offset; a batch that reaches it goes as a whole.
    pub(crate) fn truncate(&mut self, end: Offset) {
        if end >= self.end {
            return;
        }
        let keep = self
            .segments
            .partition_point(|segment| segment.base_offset <= end)
            .max(1);
        for gone in self.segments.drain(keep..) {
            self.held_bytes = self.held_bytes.saturating_sub(gone.held());
        }
        if let Some(active) = self.segments.back_mut() {
            self.held_bytes = self.held_bytes.saturating_sub(active.truncate(end));
            active.base_offset = active.base_offset.min(end);
        }
        self.end = end;
        self.start = self.start.min(end);
        self.cleaned_to = self.cleaned_to.min(end);
        self.held_at = self.held_at.map(|held| held.min(end));
        self.epochs.truncate_end(end);
        self.replay_producers();
    }

    /// Damages the batch that has this offset: its first record byte is no longer what was written.
    pub(crate) fn damage(&mut self, offset: Offset) -> Result<(), OutOfRange> {
        let batches = self.segments.iter_mut().flat_map(|s| &mut s.batches);
        let mut batches = batches.filter(|batch| batch.next_offset() > offset);
        let found = batches.next().filter(|_| offset >= self.start);
        found.ok_or(OutOfRange)?.damage();
        Ok(())
    }

    /// Learns the producers again from the batches that are left.
    fn replay_producers(&mut self) {
        let aborted = self.transactions.aborted_between(Offset(0), self.end);
        self.producers.forget(None);
        self.transactions.clear();
        let batches = self.segments.iter().flat_map(|segment| &segment.batches);
        for batch in batches.filter(|batch| batch.has_producer_id()) {
            if !batch.is_control() {
                if self.producers.note(batch) {
                    self.transactions
                        .begin(batch.base_offset(), batch.header().producer_id);
                }
            } else if let Some(marker) = Marker::of(batch)
                && let Some(start) = self.producers.note_marker(batch, marker.coordinator_epoch)
            {
                let was_aborted = aborted
                    .iter()
                    .any(|entry| entry.last_offset == batch.base_offset());
                self.transactions
                    .end(start, batch.base_offset(), was_aborted);
            }
        }
        self.transactions.settle(self.high_watermark());
    }

    fn active(&mut self) -> Option<&mut Segment> {
        self.segments.back_mut()
    }

    /// Starts a new segment at the end of the log.
    fn roll(&mut self, wall: WallMillis) {
        let empty = self
            .segments
            .back()
            .is_some_and(|last| last.base_offset == self.end);
        if !empty {
            if let Some(active) = self.segments.back_mut() {
                active.gather();
            }
            self.segments.push_back(Segment::new(self.end, wall));
        }
    }

    /// Looks for what must not be; the bounds alone cost nothing that grows with the log.
    ///
    /// # Errors
    /// The first of it, in words.
    pub(crate) fn check_sound(&self, depth: Depth) -> Result<(), String> {
        let (start, watermark, end) = (self.start, self.high_watermark(), self.end);
        let stable = self.last_stable_offset();
        if !(start <= watermark && stable <= watermark && watermark <= end) {
            return Err(format!(
                "start {start}, last stable offset {stable}, high watermark {watermark}, end {end}"
            ));
        }
        if self.segments.is_empty() {
            return Err("no active segment".to_owned());
        }
        if depth == Depth::Bounds {
            return Ok(());
        }
        let held: u64 = self.segments.iter().map(Segment::held).sum();
        if held != self.held_bytes {
            let counted = self.held_bytes;
            return Err(format!("segments hold {held} bytes, counted {counted}"));
        }
        self.check().map_err(|unsound| unsound.to_string())
    }

    /// Asserts what always holds; for tests.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        assert!(!self.segments.is_empty());
        assert!(self.start <= self.high_watermark() && self.high_watermark() <= self.end);
        assert!(self.last_stable_offset() <= self.high_watermark());
        let held: u64 = self.segments.iter().map(Segment::held).sum();
        assert_eq!(held, self.held_bytes);
        self.check().unwrap();
        let batches: Vec<_> = self.segments.iter().flat_map(|s| &s.batches).collect();
        for pair in batches.windows(2) {
            assert!(pair[0].last_offset() < pair[1].base_offset());
        }
        assert!(
            batches
                .last()
                .is_none_or(|last| last.next_offset() <= self.end)
        );
    }
}
