//! Committed offsets, by group, topic and partition, and those of transactions that are not over.
//!
//! As in Kafka, a group's own state says nothing of its offsets: both are kept by the group's id.
//! Offsets that a transaction commits wait under its producer's id until the marker comes. A marker is
//! written to one partition of `__consumer_offsets` at a time, and ends the transaction for the groups
//! of that partition only.

mod admin;
mod book;
mod commit;
mod retention;
#[cfg(test)]
mod retention_tests;
#[cfg(test)]
mod tests;
mod transactions;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use uuid::Uuid;

use crate::engine::inspect::CommitView;
use crate::engine::log::MarkerKind;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::messages::{StrBytes, str_bytes};
use crate::wire::state_records::{OffsetCommitValue, StateKey, StateRecord};
use crate::wire::units::{ProducerId, WallMillis};
use book::Book;

pub(crate) use commit::{Committer, OffsetToCommit};
pub(crate) use retention::Expiry;

/// An offset that a group has committed, with what was committed along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommittedOffset {
    pub(crate) offset: i64,
    /// -1 if the client gave none.
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: StrBytes,
    pub(crate) commit_timestamp: WallMillis,
    /// Set by clients that give a retention of their own (OffsetCommit v2–v4).
    pub(crate) expire_timestamp: Option<WallMillis>,
    /// Of the topic that was meant, whatever bears its name later.
    pub(crate) topic_id: Uuid,
}

impl CommittedOffset {
    /// What a record says.
    pub(crate) fn of(value: &OffsetCommitValue<'_>) -> Self {
        Self {
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: str_bytes(value.metadata),
            commit_timestamp: value.commit_timestamp,
            expire_timestamp: value.expire_timestamp,
            topic_id: value.topic_id,
        }
    }

    /// The record that says so.
    pub(crate) fn record(&self, group: &str, topic: &str, partition: i32) -> StateRecord {
        let value = OffsetCommitValue {
            offset: self.offset,
            leader_epoch: self.leader_epoch,
            metadata: &self.metadata,
            commit_timestamp: self.commit_timestamp,
            expire_timestamp: self.expire_timestamp,
            topic_id: self.topic_id,
        };
        value.record(group, topic, partition)
    }
}

/// A committed offset and its place among all commits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    committed: CommittedOffset,
    order: u64,
}

/// All offsets of all groups.
#[derive(Debug, Default)]
pub(crate) struct OffsetStore {
    committed: Book,
    /// Those of open transactions.
    pending: BTreeMap<ProducerId, Book>,
    last_order: u64,
    /// The latest commits, for anyone who looks in.
    history: VecDeque<CommitView>,
}

/// How many commits of all groups are remembered.
const HISTORY: usize = 10_000;

impl OffsetStore {
    /// The latest commits of all groups, from the oldest on.
    pub(crate) fn history(&self) -> impl Iterator<Item = &CommitView> {
        self.history.iter()
    }

    fn remember(
        &mut self,
        (group, topic, partition): (&str, &str, i32),
        committed: &CommittedOffset,
        producer: Option<ProducerId>,
    ) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(CommitView {
            group: group.to_owned(),
            topic: topic.to_owned(),
            partition,
            offset: committed.offset,
            committed_ms: committed.commit_timestamp.0,
            producer_id: producer.map(|id| id.0),
        });
    }

    /// The offset that a group has committed for a partition.
    pub(crate) fn get(&self, group: &str, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        let entry = self.committed.get(group, topic, partition)?;
        Some(&entry.committed)
    }

    /// What a group has committed, by topic and partition.
    pub(crate) fn of_group<'a>(
        &'a self,
        group: &str,
    ) -> impl Iterator<Item = (&'a str, i32, &'a CommittedOffset)> + use<'a> {
        let entries = self.committed.of_group(group);
        entries.map(|(topic, partition, entry)| (topic, partition, &entry.committed))
    }

    /// Keeps an offset: for good, or until the producer's transaction ends.
    pub(crate) fn commit(
        &mut self,
        (group, topic, partition): (&str, &str, i32),
        committed: CommittedOffset,
        producer: Option<ProducerId>,
    ) {
        self.last_order = self.last_order.saturating_add(1);
        if producer.is_none() {
            self.remember((group, topic, partition), &committed, None);
        }
        let entry = Entry {
            committed,
            order: self.last_order,
        };
        let book = match producer {
            None => &mut self.committed,
            Some(id) => self.pending.entry(id).or_default(),
        };
        book.put(group, topic, partition, entry);
    }

    /// Forgets what a group has committed for a partition, in transactions too.
    pub(crate) fn remove(&mut self, group: &str, topic: &str, partition: i32) {
        self.committed.remove(group, topic, partition);
        for book in self.pending.values_mut() {
            book.remove(group, topic, partition);
        }
    }

    /// Forgets all offsets of some groups, in transactions too.
    pub(crate) fn forget_groups(&mut self, is_meant: impl Fn(&str) -> bool) {
        self.committed.forget_groups(&is_meant);
        self.pending.retain(|_, book| {
            book.forget_groups(&is_meant);
            !book.is_empty()
        });
    }

    /// Whether the group has committed for a partition, be it in a transaction that is not over.
    pub(crate) fn is_known(&self, group: &str, topic: &str, partition: i32) -> bool {
        self.get(group, topic, partition).is_some() || self.is_unstable(group, topic, partition)
    }

    /// Whether a transaction that is not over has an offset for the partition (KIP-447).
    pub(crate) fn is_unstable(&self, group: &str, topic: &str, partition: i32) -> bool {
        let mut books = self.pending.values();
        books.any(|book| book.get(group, topic, partition).is_some())
    }

    /// Whether a transaction that is not over has offsets of the group.
    pub(crate) fn has_open_transaction(&self, group: &str) -> bool {
        self.pending.values().any(|book| book.has_group(group))
    }

    /// The partitions that a group has committed for, in transactions too.
    pub(crate) fn partitions_of_group(&self, group: &str) -> Vec<TopicPartition> {
        let books = std::iter::once(&self.committed).chain(self.pending.values());
        let entries = books.flat_map(|book| book.of_group(group));
        let mut seen = BTreeSet::new();
        entries
            .map(|(topic, partition, _)| TopicPartition::new(topic, partition))
            .filter(|found| seen.insert(found.clone()))
            .collect()
    }

    /// Groups and partitions of a topic, by its id, that offsets were committed for, and once more for each transaction
    /// that is not over: oracle, each has a tombstone of its own (`txn_offset_commit/topic_deleted_meanwhile`).
    pub(crate) fn of_topic(&self, topic: &str, id: Uuid) -> Vec<(String, i32)> {
        let books = std::iter::once(&self.committed).chain(self.pending.values());
        let meant = |entry: &Entry| {
            let topic_id = entry.committed.topic_id;
            topic_id == id || topic_id.is_nil()
        };
        let found = books.flat_map(|book| {
            let entries = book.of_topic(topic);
            let mut found: Vec<_> = entries
                .filter(|(_, _, entry)| meant(entry))
                .map(|(group, partition, _)| (group.to_owned(), partition))
                .collect();
            found.sort_unstable();
            found
        });
        found.collect()
    }

    /// Ends a producer's transaction for some groups: what it committed counts now, unless it is
    /// aborted, or a later commit outside of it has overtaken it.
    pub(crate) fn end_transaction(
        &mut self,
        producer: ProducerId,
        kind: MarkerKind,
        is_concerned: impl Fn(&str) -> bool,
    ) {
        let Some(book) = self.pending.get_mut(&producer) else {
            return;
        };
        let ended = book.take_groups(is_concerned);
        if book.is_empty() {
            self.pending.remove(&producer);
        }
        if kind == MarkerKind::Abort {
            return;
        }
        for (group, topic, partition, entry) in ended {
            let present = self.committed.get(&group, &topic, partition);
            if present.is_none_or(|present| present.order < entry.order) {
                let place = (group.as_str(), topic.as_str(), partition);
                self.remember(place, &entry.committed, Some(producer));
                self.committed.put(&group, &topic, partition, entry);
            }
        }
    }
}

/// The record that takes a committed offset back.
pub(crate) fn tombstone(group: &str, topic: &str, partition: i32) -> StateRecord {
    let key = StateKey::OffsetCommit {
        group,
        topic,
        partition,
    };
    key.tombstone()
}
