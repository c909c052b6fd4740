//! Finding records by their timestamps.

use crate::wire::units::WallMillis;

use super::PartitionLog;
use super::segment::Segment;
use super::timestamped::{TimestampedOffset, first_record, newest_record};

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
