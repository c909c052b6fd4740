//! Assignors: from members, subscriptions and the target so far to a new target. They know nothing of
//! groups, and no racks: the oracle's look at none.

mod balance;
mod balancer;
mod range;
mod uniform;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::member::TopicPartitions;

/// An assignor that the broker has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assignor {
    Uniform,
    Range,
}

/// A member as an assignor sees it.
#[derive(Debug, Clone)]
pub(crate) struct MemberSpec {
    pub(crate) id: Arc<str>,
    pub(crate) instance_id: Option<String>,
    pub(crate) topics: BTreeSet<Uuid>,
    /// What the last target gave it.
    pub(crate) target: TopicPartitions,
}

/// Whether all members subscribe to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubscriptionType {
    Homogeneous,
    Heterogeneous,
}

/// What there is to assign.
pub(crate) struct Spec<'a> {
    /// In the order in which Kafka's assignor walks them.
    pub(crate) members: &'a [MemberSpec],
    pub(crate) kind: SubscriptionType,
    /// The partitions that the last target gave to anybody.
    pub(crate) taken: &'a BTreeSet<(Uuid, i32)>,
    pub(crate) partition_count: &'a dyn Fn(Uuid) -> Option<i32>,
}

/// A target for every member that gets one.
pub(crate) type Assigned = BTreeMap<Arc<str>, TopicPartitions>;

impl Assignor {
    /// The names by which clients and settings know an assignor, or its class.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "uniform" | "org.apache.kafka.coordinator.group.assignor.UniformAssignor" => {
                Some(Self::Uniform)
            }
            "range" | "org.apache.kafka.coordinator.group.assignor.RangeAssignor" => {
                Some(Self::Range)
            }
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Range => "range",
        }
    }

    /// Why it failed, otherwise.
    pub(crate) fn assign(self, spec: &Spec<'_>) -> Result<Assigned, String> {
        if spec.members.is_empty() {
            return Ok(Assigned::new());
        }
        match (self, spec.kind) {
            (Self::Range, _) => range::assign(spec),
            (Self::Uniform, SubscriptionType::Homogeneous) => uniform::assign(spec),
            (Self::Uniform, SubscriptionType::Heterogeneous) => balance::assign(spec),
        }
    }
}

impl Spec<'_> {
    fn partitions_of(&self, topic: Uuid) -> Result<i32, String> {
        (self.partition_count)(topic).ok_or_else(|| {
            format!(
                "Members are subscribed to topic {topic} which doesn't exist in the topic metadata."
            )
        })
    }
}
