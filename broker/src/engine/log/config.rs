//! The settings that a partition's log obeys, as plain values.

use std::time::Duration;

use crate::wire::batch::TimestampType;
use crate::wire::compression::Codec;

/// What the topic's configuration says to its logs. The names are Kafka's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogConfig {
    /// `max.message.bytes`: the largest batch, header included.
    pub(crate) max_message_bytes: usize,
    /// `message.timestamp.type`.
    pub(crate) timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub(crate) timestamp_before_max: Duration,
    /// `message.timestamp.after.max.ms`.
    pub(crate) timestamp_after_max: Duration,
    /// `compression.type`; none stands for `producer`: batches stay as they came.
    pub(crate) compression: Option<Codec>,
    /// `compression.gzip.level`, -1 for that codec's default.
    pub(crate) gzip_level: i32,
    /// `cleanup.policy` names `compact`.
    pub(crate) compact: bool,
    /// `cleanup.policy` names `delete`.
    pub(crate) delete: bool,
    /// `retention.ms`; none keeps records for ever.
    pub(crate) retention: Option<Duration>,
    /// `retention.bytes`; none sets no bound.
    pub(crate) retention_bytes: Option<u64>,
    /// `segment.bytes`.
    pub(crate) segment_bytes: usize,
    /// `segment.ms`.
    pub(crate) segment_age_max: Duration,
    /// `delete.retention.ms`: how long compaction keeps tombstones and markers.
    pub(crate) delete_retention: Duration,
    /// `min.compaction.lag.ms`.
    pub(crate) compaction_lag_min: Duration,
    /// `max.compaction.lag.ms`.
    pub(crate) compaction_lag_max: Duration,
    /// `min.cleanable.dirty.ratio`.
    pub(crate) dirty_ratio_min: f64,
}

/// The largest duration that Kafka's configurations express, `Long.MAX_VALUE` milliseconds.
const FOR_EVER: Duration = Duration::from_millis(i64::MAX.unsigned_abs());

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            max_message_bytes: 1_048_588,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max: FOR_EVER,
            timestamp_after_max: Duration::from_secs(3600),
            compression: None,
            gzip_level: -1,
            compact: false,
            delete: true,
            retention: Some(Duration::from_secs(7 * 24 * 3600)),
            retention_bytes: None,
            segment_bytes: 1 << 30,
            segment_age_max: Duration::from_secs(7 * 24 * 3600),
            delete_retention: Duration::from_secs(24 * 3600),
            compaction_lag_min: Duration::ZERO,
            compaction_lag_max: FOR_EVER,
            dirty_ratio_min: 0.5,
        }
    }
}

impl LogConfig {
    /// When a segment is rolled for its age; a compacted log must roll in time to be compacted.
    pub(super) fn roll_after(&self) -> Duration {
        if self.compact {
            self.segment_age_max.min(self.compaction_lag_max)
        } else {
            self.segment_age_max
        }
    }
}

/// A duration as Kafka counts it.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
