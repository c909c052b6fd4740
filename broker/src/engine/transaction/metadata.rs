//! One transactional id: which producer holds it, and how far its transaction is.

use std::collections::BTreeSet;

use crate::engine::java::{hash, hash_map};
use crate::engine::log::MarkerKind;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::{ProducerEpoch, ProducerId, WallMillis};

/// By which protocol a transaction is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionVersion {
    /// Partitions are added before they are written to; one epoch for all transactions.
    V1,
    /// Each transaction has an epoch of its own (KIP-890).
    V2,
}

impl TransactionVersion {
    /// From the level of the feature `transaction.version`.
    pub(crate) const fn of_level(level: i16) -> Self {
        if level >= 2 { Self::V2 } else { Self::V1 }
    }

    /// As the state topic's records name it: Kafka does not tell its first two apart there.
    pub(crate) const fn level(self) -> i16 {
        match self {
            Self::V1 => 0,
            Self::V2 => 2,
        }
    }
}

/// A producer's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Producer {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
}

/// What a transaction has written to so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) partitions: BTreeSet<TopicPartition>,
    pub(crate) started: WallMillis,
}

impl Open {
    /// Topics with their partitions as a `java.util.HashSet` of all of them has them, in which they show in the state
    /// topic's records and in DescribeTransactions: a topic comes with its first partition.
    pub(crate) fn by_topic(&self) -> Vec<(&str, Vec<i32>)> {
        let mut places: Vec<&TopicPartition> = self.partitions.iter().collect();
        hash_map::sort(&mut places, |place| {
            hash::of_partition(&place.topic, place.partition)
        });
        let mut topics: Vec<(&str, Vec<i32>)> = Vec::new();
        for TopicPartition { topic, partition } in places {
            match topics.iter_mut().find(|(known, _)| known == topic) {
                Some((_, partitions)) => partitions.push(*partition),
                None => topics.push((topic, vec![*partition])),
            }
        }
        topics
    }

    /// The same, with the topics in the order of a `java.util.HashMap` by name.
    pub(super) fn by_topic_name(&self) -> Vec<(&str, Vec<i32>)> {
        let mut topics = self.by_topic();
        hash_map::sort_by_name(&mut topics, |(topic, _)| topic);
        topics
    }
}

/// A transaction whose outcome is certain; its partitions are those without a marker yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) open: Open,
    /// Who holds the transactional id afterwards, when the epochs of its producer id are used up.
    pub(crate) next_producer_id: Option<ProducerId>,
}

/// How far the transaction is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TransactionState {
    Empty,
    Ongoing(Open),
    PrepareCommit(Ending),
    PrepareAbort(Ending),
    /// Since when the ended transaction had been open.
    CompleteCommit(WallMillis),
    CompleteAbort(WallMillis),
    Dead,
}

impl TransactionState {
    /// What the state is on its way to once a transaction has ended so.
    pub(super) const fn prepare(kind: MarkerKind, ending: Ending) -> Self {
        match kind {
            MarkerKind::Commit => Self::PrepareCommit(ending),
            MarkerKind::Abort => Self::PrepareAbort(ending),
        }
    }

    /// As Kafka's tools name it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing(_) => "Ongoing",
            Self::PrepareCommit(_) => "PrepareCommit",
            Self::PrepareAbort(_) => "PrepareAbort",
            Self::CompleteCommit(_) => "CompleteCommit",
            Self::CompleteAbort(_) => "CompleteAbort",
            Self::Dead => "Dead",
        }
    }

    /// As the state topic's records number it.
    pub(super) const fn id(&self) -> i8 {
        match self {
            Self::Empty => 0,
            Self::Ongoing(_) => 1,
            Self::PrepareCommit(_) => 2,
            Self::PrepareAbort(_) => 3,
            Self::CompleteCommit(_) => 4,
            Self::CompleteAbort(_) => 5,
            Self::Dead => 6,
        }
    }

    /// Kafka's table of transitions.
    const fn may_become(&self, next: &Self) -> bool {
        let is_idle = matches!(
            self,
            Self::Empty | Self::CompleteCommit(_) | Self::CompleteAbort(_)
        );
        let is_ongoing = matches!(self, Self::Ongoing(_));
        match next {
            Self::Empty | Self::Dead => is_idle,
            Self::Ongoing(_) | Self::PrepareAbort(_) => is_idle || is_ongoing,
            Self::PrepareCommit(_) => is_ongoing,
            Self::CompleteCommit(_) => matches!(self, Self::PrepareCommit(_)),
            Self::CompleteAbort(_) => matches!(self, Self::PrepareAbort(_)),
        }
    }
}

/// A transactional id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) producer_id: ProducerId,
    /// Who held it before the last change.
    pub(super) previous_producer_id: ProducerId,
    /// `NONE` until the first InitProducerId is through.
    pub(crate) epoch: ProducerEpoch,
    /// The epoch that the producer itself gave up for the present one; `NONE` if it was fenced.
    pub(super) last_epoch: ProducerEpoch,
    pub(crate) timeout_ms: i32,
    state: TransactionState,
    pub(super) updated: WallMillis,
    /// The protocol of the client that last moved the transaction.
    pub(super) version: TransactionVersion,
    /// A change could not be written down, and Kafka's coordinator waits for it for good.
    pub(super) is_stuck: bool,
}

/// The first epoch that is not given to clients, so that there is always one to fence with.
const EPOCH_EXHAUSTED: ProducerEpoch = ProducerEpoch(i16::MAX - 1);

impl Transaction {
    /// A transactional id that nobody has used.
    pub(super) const fn new(producer_id: ProducerId, timeout_ms: i32, now: WallMillis) -> Self {
        Self {
            producer_id,
            previous_producer_id: ProducerId::NONE,
            epoch: ProducerEpoch::NONE,
            last_epoch: ProducerEpoch::NONE,
            timeout_ms,
            state: TransactionState::Empty,
            updated: now,
            version: TransactionVersion::V1,
            is_stuck: false,
        }
    }

    pub(crate) const fn state(&self) -> &TransactionState {
        &self.state
    }

    pub(crate) const fn producer(&self) -> Producer {
        Producer {
            id: self.producer_id,
            epoch: self.epoch,
        }
    }

    /// The only way from one state to another.
    pub(super) fn enter(&mut self, next: TransactionState) {
        let legal = self.state.may_become(&next);
        debug_assert!(legal, "{} -> {}", self.state.name(), next.name());
        self.state = next;
    }

    /// Takes note of who held it, before a change that may give it to another producer id.
    pub(super) const fn keep_previous(&mut self) {
        self.previous_producer_id = self.producer_id;
    }

    /// The transaction that clients may go on with.
    pub(super) const fn ongoing(&self) -> Option<&Open> {
        if let TransactionState::Ongoing(open) = &self.state {
            Some(open)
        } else {
            None
        }
    }

    /// The transaction whose outcome is certain but not yet known to all partitions.
    pub(super) const fn ending(&self) -> Option<(MarkerKind, &Ending)> {
        match &self.state {
            TransactionState::PrepareCommit(ending) => Some((MarkerKind::Commit, ending)),
            TransactionState::PrepareAbort(ending) => Some((MarkerKind::Abort, ending)),
            TransactionState::Empty
            | TransactionState::Ongoing(_)
            | TransactionState::CompleteCommit(_)
            | TransactionState::CompleteAbort(_)
            | TransactionState::Dead => None,
        }
    }

    pub(crate) const fn is_ending(&self) -> bool {
        self.ending().is_some()
    }

    /// Whether a change is under way, so that no other can begin.
    pub(super) const fn is_busy(&self) -> bool {
        self.is_stuck || self.is_ending()
    }

    pub(super) const fn epoch_is_exhausted(&self) -> bool {
        is_exhausted(self.epoch)
    }

    /// What the transaction has written to and is without a marker.
    pub(crate) fn open(&self) -> Option<&Open> {
        let ending = self.ending().map(|(_, ending)| &ending.open);
        self.ongoing().or(ending)
    }

    /// A partition has its marker, or is gone.
    pub(super) fn forget_partition(&mut self, partition: &TopicPartition) {
        if let TransactionState::PrepareCommit(ending) | TransactionState::PrepareAbort(ending) =
            &mut self.state
        {
            ending.open.partitions.remove(partition);
        }
    }

    /// When the transaction began, or the last one; -1 before the first.
    pub(crate) const fn started(&self) -> WallMillis {
        match &self.state {
            TransactionState::Empty | TransactionState::Dead => WallMillis(-1),
            TransactionState::Ongoing(open) => open.started,
            TransactionState::PrepareCommit(ending) | TransactionState::PrepareAbort(ending) => {
                ending.open.started
            }
            TransactionState::CompleteCommit(started)
            | TransactionState::CompleteAbort(started) => *started,
        }
    }

    /// Whether the transaction is open for longer than its producer allowed.
    pub(super) fn is_timed_out(&self, now: WallMillis) -> bool {
        !self.is_stuck
            && self.ongoing().is_some_and(|open| {
                now.0.saturating_sub(open.started.0) > i64::from(self.timeout_ms)
            })
    }

    /// Takes the state that was written down.
    pub(super) fn restore(&mut self, state: TransactionState) {
        self.state = state;
    }
}

pub(super) const fn is_exhausted(epoch: ProducerEpoch) -> bool {
    epoch.0 >= EPOCH_EXHAUSTED.0
}
