//! The records of one batch by their timestamps.

use serde::{Deserialize, Serialize};

use crate::wire::batch::BatchView;
use crate::wire::records::Record;
use crate::wire::units::{LeaderEpoch, Offset, WallMillis};

/// A record's place and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimestampedOffset {
    pub(crate) timestamp: WallMillis,
    pub(crate) offset: Offset,
    pub(crate) leader_epoch: LeaderEpoch,
}

/// The first record with the largest timestamp of a batch.
pub(super) fn newest_record(batch: &BatchView) -> Option<TimestampedOffset> {
    first_record(batch, |record| record.timestamp == batch.max_timestamp())
}

/// The first record of a batch that is wanted.
pub(super) fn first_record(
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
