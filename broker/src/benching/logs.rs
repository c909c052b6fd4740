//! A partition's log.

use std::time::Duration;

use super::Batch;
use crate::engine::log::{AppendContext, LogConfig, Origin, PartitionLog, ReadLimits};
use crate::engine::testing::START;
use crate::engine::time::Now;
use crate::wire::batch::{BatchView, Survey};
use crate::wire::units::{LeaderEpoch, Offset};

const NOW: Now = Now {
    elapsed: Duration::ZERO,
    wall: START,
};

/// When a log begins anew, so that measuring takes no more memory the longer it lasts.
const HELD_BYTES_MAX: u64 = 64 << 20;

/// A log to which the same batch is appended.
#[derive(Debug)]
pub struct Log {
    log: PartitionLog,
    config: LogConfig,
    batch: Batch,
}

/// A batch that can be appended.
#[derive(Debug)]
pub struct ReadyBatch(BatchView, Option<Survey>);

impl Log {
    /// An empty log.
    pub fn new(batch: Batch) -> Self {
        Self {
            log: PartitionLog::new(START),
            config: LogConfig {
                max_message_bytes: usize::MAX,
                ..LogConfig::default()
            },
            batch,
        }
    }

    /// A log of so many batches.
    pub fn filled(batch: Batch, batches: u32) -> Self {
        let mut filled = Self::new(batch);
        for _ in 0..batches {
            let (batch, survey) = filled.batch.verified();
            filled.append(ReadyBatch(batch, survey));
        }
        filled
    }

    /// Verifies a batch. Begins the log anew if it has become large.
    pub fn ready(&mut self) -> ReadyBatch {
        if self.log.held_bytes() > HELD_BYTES_MAX {
            self.log = PartitionLog::new(START);
        }
        let (batch, survey) = self.batch.verified();
        ReadyBatch(batch, survey)
    }

    /// Appends a batch, as a Produce request does. Says at which offset.
    pub fn append(&mut self, ReadyBatch(batch, survey): ReadyBatch) -> i64 {
        let cx = AppendContext {
            config: &self.config,
            topic: "orders",
            partition: 0,
            leader_epoch: LeaderEpoch(0),
            origin: Origin::Client,
            now: NOW,
            record_bytes_max: usize::MAX,
            transaction_v2: true,
        };
        let appended = self.log.append_surveyed(batch, survey, &cx).unwrap();
        appended.base_offset.0
    }

    /// Reads what fits from an offset on, as it goes into an answer.
    pub fn read(&self, offset: i64, max_bytes: usize) -> impl Sized + use<> {
        let limits = ReadLimits {
            from: Offset(offset),
            up_to: Offset(i64::MAX),
            max_bytes,
            at_least_one: true,
        };
        let slice = self.log.read(&limits).unwrap();
        assert!(!slice.batches.is_empty(), "nothing to read");
        slice.to_rope()
    }
}
