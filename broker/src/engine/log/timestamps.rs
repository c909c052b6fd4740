//! Finding records by their timestamps.

use serde::{Deserialize, Serialize};

use crate::wire::batch::BatchView;
use crate::wire::records::Record;
use crate::wire::units::{LeaderEpoch, Offset, WallMillis};

use super::PartitionLog;
use super::segment::Segment;

/// A record's place and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimestampedOffset {
    pub(crate) timestamp: WallMillis,
    pub(crate) offset: Offset,
    pub(crate) leader_epoch: LeaderEpoch,
}

impl PartitionLog {
    /// The first record whose timestamp is `target` or later.
    ///
    /// As in Kafka only one segment is looked at: the first that has such a timestamp. If all its
    /// matching records lie before the log start, there is no answer.
    pub(crate) fn offset_at(&self, target: WallMillis) -> Option<TimestampedOffset> {
        let segment = self
            .segments
            .iter()
            .find(|segment| segment.largest_timestamp() >= target)?;
        let batches = segment
            .batches
            .iter()
            .filter(|batch| batch.max_timestamp() >= target);
        batches.into_iter().find_map(|batch| {
            first_record(batch, |record| {
                record.timestamp >= target && batch.offset_of(record) >= self.start
            })
        })
    }

    /// The first record with the largest timestamp of the log (KIP-734). As in Kafka it may lie before the log
    /// start, as long as its segment is there.
    pub(crate) fn offset_of_max_timestamp(&self) -> Option<TimestampedOffset> {
        let largest = self.segments.iter().map(Segment::max_timestamp).max()?;
        let segment = self
            .segments
            .iter()
            .find(|segment| segment.max_timestamp() == largest)?;
        let released = segment.newest_released;
        if let Some(found) = released.filter(|found| found.timestamp == largest) {
            return Some(found);
        }
        let batch = segment
            .batches
            .iter()
            .find(|batch| batch.max_timestamp() == largest)?;
        newest_record(batch)
    }
}

/// The first record with the largest timestamp of a batch.
pub(super) fn newest_record(batch: &BatchView) -> Option<TimestampedOffset> {
    first_record(batch, |record| record.timestamp == batch.max_timestamp())
}

fn first_record(
    batch: &BatchView,
    wanted: impl Fn(&Record<'_>) -> bool,
) -> Option<TimestampedOffset> {
    let unfolded = batch.unfold().ok()?;
    let record = unfolded
        .iter()
        .map_while(Result::ok)
        .find(|record| wanted(record))?;
    Some(TimestampedOffset {
        timestamp: record.timestamp,
        offset: batch.offset_of(&record),
        leader_epoch: batch.header().partition_leader_epoch,
    })
}
