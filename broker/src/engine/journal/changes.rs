//! Changes of state as rows.

use std::collections::BTreeMap;

use super::Journal;
use super::row::Event;
use crate::engine::Engine;
use crate::engine::cluster::Topic;
use crate::engine::group::turn::Note;
use crate::engine::state_topic::StateTopic;
use crate::engine::time::Now;
use crate::engine::transaction::Transaction;
use crate::wire::units::{LeaderEpoch, NodeId, WallMillis};

/// A topic as the last rows about it have it: who leads its partitions, in which epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    id: uuid::Uuid,
    leaders: Vec<(Option<NodeId>, LeaderEpoch)>,
}

impl Seen {
    fn of(topic: &Topic) -> Self {
        let partitions = topic.partitions.iter();
        Self {
            id: topic.id,
            leaders: partitions.map(|p| (p.leader, p.leader_epoch)).collect(),
        }
    }
}

impl Engine {
    /// Writes rows for what has become of topics and their leaders since the last look, if anything
    /// has.
    pub(crate) fn journal_cluster(&mut self, now: Now) {
        if self.journal.seen_version != self.cluster.version() {
            self.journal_leaders(now);
        }
    }

    /// The same, where the cluster's version does not tell.
    pub(in crate::engine) fn journal_leaders(&mut self, now: Now) {
        if self.journal.settings.rows == 0 {
            return;
        }
        self.journal.seen_version = self.cluster.version();
        let topics = self.cluster.topics().map(|t| (t.name.clone(), Seen::of(t)));
        let after: BTreeMap<String, Seen> = topics.collect();
        let before = std::mem::take(&mut self.journal.seen);
        for (topic, seen) in &before {
            if after.get(topic).is_none_or(|now| now.id != seen.id) {
                let topic = topic.clone();
                self.journal.push(now, Event::TopicDeleted { topic });
            }
        }
        for (topic, seen) in &after {
            let old = before.get(topic).filter(|old| old.id == seen.id);
            self.journal.compare(now, topic, old, seen);
        }
        self.journal.seen = after;
    }

    /// A node went out of service, or came back; elections follow from it.
    pub(in crate::engine) fn journal_node(&mut self, now: Now, node: NodeId, up: bool) {
        let node = node.0;
        let event = if up {
            Event::NodeStarted { node }
        } else {
            Event::NodeStopped { node }
        };
        self.journal.push(now, event);
        self.journal_leaders(now);
    }

    /// A snapshot was put back.
    pub(in crate::engine) fn journal_restored(&mut self, now: Now, taken_at: WallMillis) {
        self.journal_cluster(now);
        let taken_at_ms = taken_at.0;
        self.journal.push(now, Event::Restored { taken_at_ms });
    }

    pub(in crate::engine) fn journal_groups(&mut self, now: Now, notes: &[Note]) {
        for note in notes {
            self.journal.counts.group(note);
            let event = Event::GroupState {
                group: note.group.to_string(),
                from: note.from,
                to: note.to,
                generation: note.generation,
                why: note.why.clone(),
            };
            self.journal.push(now, event);
        }
    }

    /// A transactional id is about to be kept in this state.
    pub(in crate::engine) fn journal_transaction(
        &mut self,
        now: Now,
        id: &str,
        transaction: &Transaction,
    ) {
        let before = self.transactions.known(id);
        let from = before.map(|before| before.state().name());
        let to = transaction.state().name();
        let producer = transaction.producer();
        if from == Some(to) && before.is_some_and(|before| before.producer() == producer) {
            return;
        }
        let event = Event::TransactionState {
            transactional_id: id.to_owned(),
            from,
            to,
            producer_id: producer.id.0,
            producer_epoch: producer.epoch.0,
        };
        self.journal.push(now, event);
    }
}

impl Journal {
    fn compare(&mut self, now: Now, topic: &str, old: Option<&Seen>, seen: &Seen) {
        let partitions = seen.leaders.len();
        let Some(old) = old else {
            let topic = topic.to_owned();
            self.push(now, Event::TopicCreated { topic, partitions });
            return;
        };
        let leaders = old.leaders.iter().zip(&seen.leaders);
        for (partition, ((from, _), (to, epoch))) in (0_i32..).zip(leaders) {
            if from != to {
                let (from, to) = (from.map(|node| node.0), to.map(|node| node.0));
                self.moved(now, topic, partition, (from, to), *epoch);
            }
        }
        if partitions > old.leaders.len() {
            let topic = topic.to_owned();
            self.push(now, Event::PartitionsAdded { topic, partitions });
        }
    }

    fn moved(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        (from, to): (Option<i32>, Option<i32>),
        epoch: LeaderEpoch,
    ) {
        let event = Event::LeaderMoved {
            topic: topic.to_owned(),
            partition,
            from,
            to,
            leader_epoch: epoch.0,
        };
        self.push(now, event);
        let keeps_state = [StateTopic::Groups, StateTopic::Transactions];
        if keeps_state.iter().any(|state| state.name() == topic) {
            let event = Event::CoordinatorMoved {
                topic: topic.to_owned(),
                partition,
                from,
                to,
                coordinator_epoch: epoch.0,
            };
            self.push(now, event);
        }
    }

    /// The end of a partition's log is another one; what is appended is no change of this kind.
    pub(in crate::engine) fn log_truncated(
        &mut self,
        now: Now,
        (topic, partition): (&str, i32),
        (from, to): (i64, i64),
    ) {
        if to < from {
            let topic = topic.to_owned();
            let event = Event::LogTruncated {
                topic,
                partition,
                from,
                to,
            };
            self.push(now, event);
        }
    }

    /// The beginning of a partition's log is another one.
    pub(in crate::engine) fn log_start_moved(
        &mut self,
        now: Now,
        (topic, partition): (&str, i32),
        (from, to): (i64, i64),
    ) {
        if from != to {
            let topic = topic.to_owned();
            let event = Event::LogStartMoved {
                topic,
                partition,
                from,
                to,
            };
            self.push(now, event);
        }
    }
}
