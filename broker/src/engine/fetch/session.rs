//! One fetch session: its partitions, and what the client was last told of each.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::engine::time::Now;
use crate::wire::units::Offset;

/// What identifies a partition in a session: by name before Fetch v13, by id from then on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FetchedPartition {
    /// The topic's name; unknown while no topic has the id.
    pub(crate) topic: Option<String>,
    /// The topic's id; nil while no topic has the name.
    pub(crate) topic_id: Uuid,
    pub(crate) partition: i32,
}

/// What a request asks of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartitionRequest {
    pub(crate) offset: Offset,
    pub(crate) max_bytes: i32,
    /// The leader epoch that the client knows; none if it does not say.
    pub(crate) current_leader_epoch: Option<i32>,
    /// The epoch of the last record that the client has; none if it does not say.
    pub(crate) last_fetched_epoch: Option<i32>,
}

/// What an answer says of a partition, as far as a session looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartitionResponse {
    pub(crate) high_watermark: i64,
    pub(crate) log_start: i64,
    pub(crate) has_records: bool,
    pub(crate) is_error: bool,
    /// A preferred read replica or a diverging epoch is named.
    pub(crate) has_hint: bool,
}

/// Partitions with what is wanted of each, in the order of the request; a repeated one keeps its
/// place and its last values.
pub(crate) type RequestedPartitions = Vec<(FetchedPartition, PartitionRequest)>;

/// A partition of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CachedPartition {
    pub(super) partition: FetchedPartition,
    pub(super) wanted: PartitionRequest,
    /// What the client was last told; -1 for nothing.
    high_watermark: i64,
    log_start: i64,
}

impl CachedPartition {
    pub(super) const fn new(partition: FetchedPartition, wanted: PartitionRequest) -> Self {
        Self {
            partition,
            wanted,
            high_watermark: -1,
            log_start: -1,
        }
    }

    /// Whether the answer says something new; an error is told every time.
    pub(super) const fn is_news(&self, answer: PartitionResponse) -> bool {
        let changed =
            self.high_watermark != answer.high_watermark || self.log_start != answer.log_start;
        changed || answer.has_records || answer.is_error || answer.has_hint
    }

    /// Notes what the client is told; once an error is over the partition is told again.
    pub(super) const fn note(&mut self, answer: PartitionResponse) {
        self.high_watermark = if answer.is_error {
            -1
        } else {
            answer.high_watermark
        };
        self.log_start = answer.log_start;
    }
}

/// One session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) epoch: i32,
    pub(super) by_id: bool,
    /// In the order in which they are served: who got records goes to the end.
    pub(super) partitions: Vec<CachedPartition>,
    pub(super) last_used: Now,
    /// The request that waits for records, if one does; its session is already up to date.
    pub(super) waiting: Option<u64>,
}

impl Session {
    pub(super) fn update(&mut self, wanted: RequestedPartitions, forgotten: &[FetchedPartition]) {
        let known = self.partitions.iter().enumerate();
        let places: BTreeMap<_, _> = known.map(|(at, c)| (c.partition.key(), at)).collect();
        for (partition, wanted) in wanted {
            let place = places.get(&partition.key());
            match place.and_then(|place| self.partitions.get_mut(*place)) {
                Some(cached) => {
                    cached.wanted = wanted;
                    if partition.topic.is_some() {
                        cached.partition.topic = partition.topic;
                    }
                }
                None => self
                    .partitions
                    .push(CachedPartition::new(partition, wanted)),
            }
        }
        let gone: BTreeSet<_> = forgotten.iter().map(FetchedPartition::key).collect();
        self.partitions
            .retain(|cached| !gone.contains(&cached.partition.key()));
    }
}

impl FetchedPartition {
    pub(crate) const fn is_nameless(&self) -> bool {
        self.topic.is_none() && self.topic_id.is_nil()
    }

    /// What tells partitions apart: the topic's id if there is one, else its name.
    fn key(&self) -> (Uuid, Option<String>, i32) {
        let name = self.topic.clone().filter(|_| self.topic_id.is_nil());
        (self.topic_id, name, self.partition)
    }
}

/// Epochs go up to the largest number, then on from 1.
pub(super) const fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX {
        1
    } else {
        epoch.saturating_add(1)
    }
}
