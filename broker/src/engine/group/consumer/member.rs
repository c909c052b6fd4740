//! A member of a consumer group: how it described itself, and what it owns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

/// Partitions by topic.
pub(crate) type TopicPartitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// Partitions by topic, each with the epoch in which it was assigned (KIP-1251).
pub(crate) type OwnedPartitions = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// The epoch of a static member that is away for a while.
pub(crate) const LEAVING_STATIC: i32 = -2;

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: Arc<str>,
    pub(crate) description: Description,
    pub(crate) current: Current,
}

/// How a member described itself: what its metadata record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) client_id: String,
    pub(crate) client_host: Arc<str>,
    pub(crate) topics: BTreeSet<String>,
    /// A regular expression over topic names; empty stands for none.
    pub(crate) pattern: String,
    pub(crate) assignor: Option<String>,
    /// Only of a member that speaks the classic protocol.
    pub(crate) classic: Option<ClassicMember>,
}

/// What a member that speaks the classic protocol joined with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassicMember {
    pub(crate) session_timeout_ms: i32,
    /// Names and metadata, as the member prefers them.
    pub(crate) protocols: Vec<(String, Bytes)>,
}

/// Where a member stands: what its current assignment record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) state: MemberState,
    pub(crate) assigned: OwnedPartitions,
    /// Told to give up, and not yet given up.
    pub(crate) revoking: OwnedPartitions,
}

/// How far a member has come towards its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberState {
    Stable,
    /// It has to give up partitions first.
    UnrevokedPartitions,
    /// It waits for partitions that others have to give up.
    UnreleasedPartitions,
}

impl Member {
    /// A member of which nothing is known yet.
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            description: Description::default(),
            current: Current::default(),
        }
    }

    pub(crate) const fn is_classic(&self) -> bool {
        self.description.classic.is_some()
    }

    /// Whether it has what the target of this epoch gives it.
    pub(crate) fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.current.state == MemberState::Stable && self.current.epoch == epoch
    }

    /// The regular expression, if it gave one.
    pub(crate) fn pattern(&self) -> Option<&str> {
        Some(self.description.pattern.as_str()).filter(|pattern| !pattern.is_empty())
    }

    pub(crate) fn instance_id(&self) -> Option<&str> {
        self.description.instance_id.as_deref()
    }
}

impl Default for Description {
    fn default() -> Self {
        Self {
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            client_id: String::new(),
            client_host: "".into(),
            topics: BTreeSet::new(),
            pattern: String::new(),
            assignor: None,
            classic: None,
        }
    }
}

impl Default for Current {
    fn default() -> Self {
        Self {
            epoch: 0,
            previous_epoch: -1,
            state: MemberState::Stable,
            assigned: OwnedPartitions::new(),
            revoking: OwnedPartitions::new(),
        }
    }
}

impl Current {
    /// Goes to an epoch, remembering the one before.
    #[must_use]
    pub(super) fn at_epoch(mut self, epoch: i32) -> Self {
        self.previous_epoch = self.epoch;
        self.epoch = epoch;
        self
    }
}

impl MemberState {
    /// By Kafka's number.
    pub(super) const fn numbered(number: i8) -> Option<Self> {
        Some(match number {
            0 => Self::Stable,
            1 => Self::UnrevokedPartitions,
            2 => Self::UnreleasedPartitions,
            _ => return None,
        })
    }

    /// Kafka's number.
    pub(crate) const fn number(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::UnrevokedPartitions => 1,
            Self::UnreleasedPartitions => 2,
        }
    }
}

/// Whether `owned` has the partition.
pub(super) fn has(owned: &OwnedPartitions, topic: Uuid, partition: i32) -> bool {
    owned
        .get(&topic)
        .is_some_and(|partitions| partitions.contains_key(&partition))
}

/// The partitions without their epochs.
pub(crate) fn without_epochs(owned: &OwnedPartitions) -> TopicPartitions {
    let topics = owned.iter();
    topics
        .map(|(topic, partitions)| (*topic, partitions.keys().copied().collect()))
        .collect()
}

/// A member before and after a heartbeat or a join.
pub(super) struct MemberUpdate {
    pub(super) old: Member,
    pub(super) new: Member,
}
