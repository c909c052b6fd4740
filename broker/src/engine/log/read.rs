//! Reading batches, and what goes with them for readers of committed data.

use crate::wire::batch::BatchView;
use crate::wire::rope::{Rope, RopeMut};
use crate::wire::units::Offset;

use super::segment::size_of;
use super::transactions::AbortedTransaction;
use super::{OutOfRange, PartitionLog};

/// `index.interval.bytes`: an index has an entry for the batch that comes after more than that many
/// bytes.
const INDEX_INTERVAL_BYTES: u64 = 4096;

/// What a reader asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadLimits {
    pub(crate) from: Offset,
    /// Batches that reach this offset stay hidden: the high watermark or the last stable offset.
    pub(crate) up_to: Offset,
    pub(crate) max_bytes: usize,
    /// Return the first batch even if it is larger than `max_bytes` (KIP-74).
    pub(crate) at_least_one: bool,
}

/// The batches that were found; nothing is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice<'a> {
    pub(crate) batches: &'a [BatchView],
    /// What follows when more was to be had than was asked for: Kafka fills the reader's room with
    /// the beginning of the next batch.
    pub(crate) cut: Option<(&'a BatchView, usize)>,
}

impl Slice<'_> {
    /// Bytes on the wire.
    pub(crate) fn bytes(&self) -> usize {
        let whole: usize = self.batches.iter().map(BatchView::size).sum();
        whole.saturating_add(self.cut.map_or(0, |(_, bytes)| bytes))
    }

    /// The batches as they look on the wire, one after the other; records by reference.
    pub(crate) fn to_rope(self) -> Rope {
        let cut = self.cut.map(|(batch, _)| batch);
        let mut out = RopeMut::default();
        for batch in self.batches.iter().chain(cut) {
            batch.put_into(&mut out);
        }
        let mut rope = out.freeze();
        rope.truncate(self.bytes());
        rope
    }

    /// The offset after the last whole batch.
    #[cfg(test)]
    pub(crate) fn next_offset(&self) -> Option<Offset> {
        self.batches.last().map(BatchView::next_offset)
    }
}

impl PartitionLog {
    /// The batches from the one that holds `limits.from` on. As in Kafka, one read stays within
    /// one segment.
    pub(crate) fn read(&self, limits: &ReadLimits) -> Result<Slice<'_>, OutOfRange> {
        if limits.from < self.start || limits.from > self.end {
            return Err(OutOfRange);
        }
        let first = self
            .segments
            .partition_point(|segment| segment.base_offset <= limits.from);
        let visible = self
            .segments
            .iter()
            .skip(first.saturating_sub(1))
            .filter_map(|segment| segment.batches.get(segment.position(limits.from)..))
            .find(|batches| !batches.is_empty())
            .map(|batches| {
                let hidden = batches.partition_point(|batch| batch.last_offset() < limits.up_to);
                batches.get(..hidden).unwrap_or_default()
            });
        Ok(cut(visible.unwrap_or_default(), limits))
    }

    /// Aborted transactions that overlap the offsets from `from` up to, not including, `up_to`.
    pub(crate) fn aborted_transactions(
        &self,
        from: Offset,
        up_to: Offset,
    ) -> Vec<AbortedTransaction> {
        self.transactions.aborted_between(from, up_to)
    }

    /// The aborted transactions that a reader of `slice` is told. Kafka asks its index where the slice
    /// ends, which names transactions that begin a little later, too.
    pub(crate) fn aborted_in(&self, from: Offset, slice: &Slice<'_>) -> Vec<AbortedTransaction> {
        if slice.batches.is_empty() || !self.transactions.has_aborted() {
            return Vec::new();
        }
        let up_to = self.indexed_end(slice).unwrap_or(self.end);
        self.transactions.aborted_between(from, up_to)
    }

    /// The first offset in the index of the slice's segment whose batch lies behind the slice; the
    /// next segment's first offset if there is none.
    fn indexed_end(&self, slice: &Slice<'_>) -> Option<Offset> {
        let first = slice.batches.first()?.base_offset();
        let next = self
            .segments
            .partition_point(|segment| segment.base_offset <= first);
        let segment = self.segments.get(next.checked_sub(1)?)?;
        let released = segment.size.saturating_sub(segment.held());
        let size = u64::try_from(slice.bytes()).unwrap_or(u64::MAX);
        let (mut at, mut since_entry, mut end) = (released, 0_u64, u64::MAX);
        for batch in &segment.batches {
            if since_entry > INDEX_INTERVAL_BYTES {
                since_entry = 0;
                if at >= end {
                    return Some(batch.last_offset());
                }
            }
            if batch.base_offset() == first {
                end = at.saturating_add(size);
            }
            at = at.saturating_add(size_of(batch));
            since_entry = since_entry.saturating_add(size_of(batch));
        }
        Some(self.segments.get(next)?.base_offset)
    }

    /// Bytes that a reader at `from` could get below `up_to`, for long polls. Counts as Kafka does:
    /// whole segments beyond the reader's own count in full.
    #[cfg(test)]
    pub(crate) fn bytes_between(&self, from: Offset, up_to: Offset) -> u64 {
        let first = self
            .segments
            .partition_point(|segment| segment.base_offset <= from);
        self.segments
            .iter()
            .skip(first.saturating_sub(1))
            .flat_map(|segment| segment.batches.iter().skip(segment.position(from)))
            .take_while(|batch| batch.last_offset() < up_to)
            .map(size_of)
            .sum()
    }
}

fn cut<'a>(visible: &'a [BatchView], limits: &ReadLimits) -> Slice<'a> {
    let mut whole = 0_usize;
    let mut bytes = 0_usize;
    for batch in visible {
        let with = bytes.saturating_add(batch.size());
        let first_allowed = whole == 0 && limits.at_least_one;
        if with > limits.max_bytes && !first_allowed {
            let room = limits.max_bytes.saturating_sub(bytes);
            let cut = (whole > 0 && room > 0).then_some((batch, room));
            return Slice {
                batches: visible.get(..whole).unwrap_or_default(),
                cut,
            };
        }
        whole = whole.saturating_add(1);
        bytes = with;
    }
    Slice {
        batches: visible,
        cut: None,
    }
}
