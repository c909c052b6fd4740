//! What is copied of records to a dead-letter topic: key and value, without headers.
//!
//! Oracle: no more is read at once than a batch of the dead-letter topic holds. A record that is larger than that by
//! itself, and a compressed batch that is larger once it is unfolded, are not copied at all.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::engine::log::{PartitionLog, ReadLimits};
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::records::{NewRecord, Record};
use crate::wire::units::Offset;

/// How much Kafka reads of a log at once.
const READ_BYTES: usize = 1 << 20;

/// A record's key and value.
pub(super) type Original = (Option<Bytes>, Option<Bytes>);

/// What could be read of some offsets.
#[derive(Debug)]
pub(super) struct Originals {
    pub(super) by_offset: BTreeMap<i64, Original>,
    /// The last offset that was looked at; what lies behind comes with the next batch.
    pub(super) looked_at: i64,
}

impl Originals {
    /// None of them, and nothing more to look at.
    pub(super) const fn none(last: i64) -> Self {
        Self {
            by_offset: BTreeMap::new(),
            looked_at: last,
        }
    }

    /// Reads offsets, up to so many bytes of records.
    pub(super) fn read(log: &PartitionLog, (first, last): (i64, i64), bytes_max: usize) -> Self {
        let mut reading = Reading {
            found: Self {
                by_offset: BTreeMap::new(),
                looked_at: first - 1,
            },
            last,
            bytes: 0,
            bytes_max,
            is_full: false,
        };
        let mut next = first;
        while next <= last && !reading.is_done() {
            let limits = ReadLimits {
                from: Offset(next),
                up_to: log.high_watermark(),
                max_bytes: READ_BYTES,
                at_least_one: true,
            };
            let batches = log.read(&limits).map_or(&[][..], |slice| slice.batches);
            let advanced = reading.take_all(batches, next);
            if advanced <= next {
                if !reading.is_full {
                    reading.found.looked_at = last;
                }
                break;
            }
            next = advanced;
        }
        reading.found
    }
}

struct Reading {
    found: Originals,
    last: i64,
    bytes: usize,
    bytes_max: usize,
    /// The next record has no room.
    is_full: bool,
}

impl Reading {
    const fn is_done(&self) -> bool {
        self.is_full || self.bytes >= self.bytes_max
    }

    /// Takes what it needs of batches, from an offset on; says where to go on.
    fn take_all(&mut self, batches: &[BatchView], mut next: i64) -> i64 {
        for batch in batches {
            if self.is_done() {
                break;
            }
            next = self.take(batch, next);
        }
        next
    }

    fn take(&mut self, batch: &BatchView, from: i64) -> i64 {
        let Ok(unfolded) = batch.unfold() else {
            return from;
        };
        let is_compressed = batch.codec() != Codec::None;
        let records: Vec<Record<'_>> = unfolded.iter().map_while(Result::ok).collect();
        let base = batch.header().base_timestamp.0;
        let size = |record: &Record<'_>| {
            let delta = record.timestamp.0.wrapping_sub(base);
            NewRecord::from(record).size(record.offset_delta, delta)
        };
        if is_compressed && records.iter().map(size).sum::<usize>() > self.bytes_max {
            let end = batch.last_offset().0.min(self.last);
            self.found.looked_at = self.found.looked_at.max(end);
            return from.max(end.saturating_add(1));
        }
        let mut next = from;
        for record in &records {
            let offset = batch.base_offset().0 + i64::from(record.offset_delta);
            if offset < from {
                continue;
            }
            if offset > self.last {
                break;
            }
            let size = size(record);
            if size <= self.bytes_max {
                if self.bytes.saturating_add(size) > self.bytes_max {
                    self.is_full = true;
                    break;
                }
                let [key, value] =
                    [record.key, record.value].map(|f| f.map(Bytes::copy_from_slice));
                self.found.by_offset.insert(offset, (key, value));
                self.bytes = self.bytes.saturating_add(size);
            }
            next = next.max(offset + 1);
            self.found.looked_at = self.found.looked_at.max(offset);
        }
        next
    }
}
