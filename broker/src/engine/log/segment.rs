//! A run of batches that is rolled, kept and deleted as one.

use serde::{Deserialize, Serialize};

use crate::engine::time::Now;
use crate::wire::batch::BatchView;
use crate::wire::units::{Offset, WallMillis};

use super::config::{LogConfig, millis};
use super::timestamped::{self, TimestampedOffset};

/// How many bytes of records share their memory: enough for pages of their own, and little to hold if few of them stay.
const GATHERED_BYTES: usize = 256 * 1024;

/// One segment; the last of a log is the active one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Segment {
    pub(super) base_offset: Offset,
    #[serde(skip)]
    pub(super) batches: Vec<BatchView>,
    /// Bytes that the segment's file would have.
    pub(super) size: u64,
    /// The largest record timestamp, -1 while there is none.
    max_timestamp: WallMillis,
    /// The first record with the largest timestamp of those that are gone, though their file would be there.
    pub(super) newest_released: Option<TimestampedOffset>,
    /// The largest timestamp of the first batch; the segment's age counts from there.
    first_timestamp: Option<WallMillis>,
    created: WallMillis,
    last_modified: WallMillis,
    /// Bytes of short batches at the end whose records are not gathered yet.
    #[serde(skip)]
    scattered: usize,
}

impl Segment {
    pub(super) const fn new(base_offset: Offset, created: WallMillis) -> Self {
        Self {
            base_offset,
            batches: Vec::new(),
            size: 0,
            max_timestamp: WallMillis(-1),
            newest_released: None,
            first_timestamp: None,
            created,
            last_modified: created,
            scattered: 0,
        }
    }

    pub(super) fn push(&mut self, batch: BatchView, wall: WallMillis) {
        if self.size == 0 && batch.max_timestamp().0 > -1 {
            self.first_timestamp = Some(batch.max_timestamp());
        }
        self.size = self.size.saturating_add(size_of(&batch));
        self.max_timestamp = self.max_timestamp.max(batch.max_timestamp());
        self.last_modified = wall;
        if batch.is_short() {
            self.scattered = self.scattered.saturating_add(batch.records().len());
        }
        self.batches.push(batch);
        if self.scattered >= GATHERED_BYTES {
            self.gather();
        }
    }

    /// Has the last short batches share memory that goes when they do, instead of pieces between whatever else there is.
    pub(super) fn gather(&mut self) {
        let mut left = std::mem::take(&mut self.scattered);
        let mut first = self.batches.len();
        for batch in self.batches.iter().rev() {
            if left == 0 {
                break;
            }
            first = first.saturating_sub(1);
            if batch.is_short() {
                left = left.saturating_sub(batch.records().len());
            }
        }
        BatchView::gather(self.batches.get_mut(first..).unwrap_or_default());
    }

    /// Takes over the batches of the segment that follows this one.
    pub(super) fn absorb(&mut self, next: Self) {
        if self.size == 0 {
            self.first_timestamp = next.first_timestamp;
        }
        self.size = self.size.saturating_add(next.size);
        self.max_timestamp = self.max_timestamp.max(next.max_timestamp);
        self.last_modified = next.last_modified;
        self.batches.extend(next.batches);
        self.scattered = next.scattered;
    }

    /// Bytes that are really in memory.
    pub(super) fn held(&self) -> u64 {
        self.batches.iter().map(size_of).sum()
    }

    pub(super) const fn max_timestamp(&self) -> WallMillis {
        self.max_timestamp
    }

    pub(super) const fn last_modified(&self) -> WallMillis {
        self.last_modified
    }

    pub(super) const fn keep_last_modified(&mut self, of: &Self) {
        self.last_modified = of.last_modified;
    }

    /// What retention and look-ups by time go by: the largest timestamp, or when the segment was
    /// last written if no record has one.
    pub(super) const fn largest_timestamp(&self) -> WallMillis {
        if self.max_timestamp.0 >= 0 {
            self.max_timestamp
        } else {
            self.last_modified
        }
    }

    /// When compaction counts the segment as written.
    pub(super) fn first_timestamp(&self) -> Option<WallMillis> {
        self.first_timestamp
    }

    /// Whether `batch` must go to a new segment.
    pub(super) fn must_roll(&self, batch: &BatchView, config: &LogConfig, now: Now) -> bool {
        let size_max = u64::try_from(config.segment_bytes).unwrap_or(u64::MAX);
        if self.size.saturating_add(size_of(batch)) > size_max {
            return true;
        }
        let age = match self.first_timestamp {
            Some(first) => batch.max_timestamp().0.saturating_sub(first.0),
            None => now.wall.0.saturating_sub(self.created.0),
        };
        let offsets = batch.last_offset().0.saturating_sub(self.base_offset.0);
        (self.size > 0 && age > millis(config.roll_after())) || offsets > i64::from(i32::MAX)
    }

    /// Index of the batch that holds `offset`, or of the first one after it.
    pub(super) fn position(&self, offset: Offset) -> usize {
        self.batches
            .partition_point(|batch| batch.last_offset() < offset)
    }

    /// Drops what lies wholly before `start`; the size stays that of the file.
    pub(super) fn release_before(&mut self, start: Offset) -> u64 {
        let before = self.position(start);
        for batch in self.batches.iter().take(before) {
            let released = self.newest_released.map(|found| found.timestamp);
            if released.is_none_or(|released| batch.max_timestamp() > released) {
                self.newest_released = timestamped::newest_record(batch);
            }
        }
        let released = self.batches.drain(..before);
        let released = released.map(|batch| size_of(&batch)).sum();
        if self.batches.capacity() / 4 > self.batches.len() {
            self.batches.shrink_to_fit();
        }
        released
    }

    /// Drops every batch that reaches `end` or beyond.
    pub(super) fn truncate(&mut self, end: Offset) -> u64 {
        let keep = self.position(end);
        let gone: u64 = self
            .batches
            .drain(keep..)
            .map(|batch| size_of(&batch))
            .sum();
        self.size = self.size.saturating_sub(gone);
        let newest = self.batches.iter().map(BatchView::max_timestamp).max();
        self.max_timestamp = newest.unwrap_or(WallMillis(-1));
        gone
    }
}

/// Bytes of a batch in a log.
pub(super) fn size_of(batch: &BatchView) -> u64 {
    u64::try_from(batch.size()).unwrap_or(u64::MAX)
}
