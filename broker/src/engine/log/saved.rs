//! A log in a snapshot and out of its file: what lasts of it, and whether all of it fits together.

use bytes::{Buf as _, Bytes};

use super::PartitionLog;
use super::segment::{Segment, size_of};
use crate::wire::batch::{BatchError, BatchView};
use crate::wire::units::{LeaderEpoch, Offset, ProducerId};

/// Something that no log is like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsound {
    #[error("a segment's batches end early")]
    Ends,
    #[error("a batch cannot be read: {0}")]
    Batch(#[from] BatchError),
    #[error("the batch at offset {0} does not follow the one before it")]
    OutOfOrder(Offset),
    #[error("segment {0} does not begin after the one before it")]
    Segment(Offset),
    #[error("there is no segment")]
    NoSegment,
    #[error("start {0}, high watermark {1} and end {2} are not in this order")]
    Bounds(Offset, Offset, Offset),
    #[error("leader epoch {0} does not follow the one before it")]
    Epoch(LeaderEpoch),
    #[error("producer {0} cannot have a transaction that began there")]
    Transaction(ProducerId),
}

impl PartitionLog {
    /// The log without what a broker keeps in memory alone. The batches are shared.
    pub(crate) fn lasting(&self) -> Self {
        let mut log = self.clone();
        log.producers.forget_verifications();
        log
    }

    /// The batches of each segment.
    pub(crate) fn segment_batches(&self) -> impl Iterator<Item = &[BatchView]> {
        let segments = self.segments.iter();
        segments.map(|segment| segment.batches.as_slice())
    }

    /// Takes the batches of every segment from the front of `records`, each time behind their length,
    /// and sees whether the log can be.
    pub(crate) fn fill(&mut self, records: &mut Bytes) -> Result<(), Unsound> {
        for segment in &mut self.segments {
            segment.fill(records)?;
        }
        self.held_bytes = self.segments.iter().map(Segment::held).sum();
        self.check()
    }

    /// What holds of every log.
    pub(super) fn check(&self) -> Result<(), Unsound> {
        self.check_order()?;
        self.check_epochs()?;
        self.check_producers()
    }

    fn check_order(&self) -> Result<(), Unsound> {
        let (watermark, end) = (self.high_watermark(), self.end);
        let are_ordered = Offset(0) <= self.start && self.start <= watermark && watermark <= end;
        if !are_ordered || self.cleaned_to > end {
            return Err(Unsound::Bounds(self.start, watermark, end));
        }
        let mut next = Offset(0);
        let mut last_base = Offset(-1);
        for segment in &self.segments {
            if segment.base_offset <= last_base || segment.base_offset > end {
                return Err(Unsound::Segment(segment.base_offset));
            }
            last_base = segment.base_offset;
            next = next.max(segment.base_offset);
            for batch in &segment.batches {
                let base = batch.base_offset();
                let grows = batch.header().last_offset_delta >= 0 && batch.next_offset() > base;
                if base < next || !grows || batch.next_offset() > end {
                    return Err(Unsound::OutOfOrder(base));
                }
                next = batch.next_offset();
            }
        }
        if self.segments.is_empty() {
            return Err(Unsound::NoSegment);
        }
        Ok(())
    }

    fn check_epochs(&self) -> Result<(), Unsound> {
        let mut last = (LeaderEpoch(-1), Offset(-1));
        for (epoch, start) in self.epochs.iter() {
            if epoch <= last.0 || start <= last.1 || start > self.end {
                return Err(Unsound::Epoch(epoch));
            }
            last = (epoch, start);
        }
        Ok(())
    }

    /// A producer's open transaction is the partition's, too.
    fn check_producers(&self) -> Result<(), Unsound> {
        for (id, state) in self.producers.iter() {
            let is_open = |start| self.transactions.open_at(start) == Some(id);
            if id < ProducerId(0) || !state.transaction_start.is_none_or(is_open) {
                return Err(Unsound::Transaction(id));
            }
        }
        Ok(())
    }
}

impl Segment {
    fn fill(&mut self, records: &mut Bytes) -> Result<(), Unsound> {
        let length = records.try_get_u64().map_err(|_| Unsound::Ends)?;
        let length = usize::try_from(length).map_err(|_| Unsound::Ends)?;
        if length > records.len() {
            return Err(Unsound::Ends);
        }
        let mut own = records.split_to(length);
        while !own.is_empty() {
            let (batch, rest) = BatchView::split_kept(&own)?;
            self.batches.push(batch);
            own = rest;
        }
        // A segment's file keeps its size when records are deleted from its beginning.
        let held: u64 = self.batches.iter().map(size_of).sum();
        self.size = self.size.max(held);
        Ok(())
    }
}
