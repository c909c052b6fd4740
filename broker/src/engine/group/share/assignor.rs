//! The simple assignor (KIP-932): every member gets about as many partitions, every partition about as many members,
//! and anyone who has something keeps it if that allows it.
//!
//! Members are told apart by their index here, as in Kafka. Where Kafka's assignor walks tables, so does this one,
//! by the same buckets: who gets what follows from it.

mod heterogeneous;
mod homogeneous;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::TopicPartitions;

/// By which clients know it.
pub(crate) const NAME: &str = "simple";

/// A member as the assignor sees it.
#[derive(Debug, Clone)]
pub(crate) struct MemberSpec {
    pub(crate) id: Arc<str>,
    pub(crate) topics: BTreeSet<Uuid>,
    /// What the last target gave it.
    pub(crate) target: TopicPartitions,
}

/// What there is to assign.
pub(crate) struct Spec<'a> {
    /// In the order in which Kafka's assignor walks them.
    pub(crate) members: &'a [MemberSpec],
    pub(crate) is_homogeneous: bool,
    /// Partitions whose state was begun.
    pub(crate) assignable: &'a TopicPartitions,
}

/// A target for every member.
pub(crate) type Assigned = BTreeMap<Arc<str>, TopicPartitions>;

/// Who is to have what.
pub(crate) fn assign(spec: &Spec<'_>) -> Assigned {
    let targets = if spec.is_homogeneous {
        homogeneous::assign(spec)
    } else {
        heterogeneous::assign(spec)
    };
    let Some(targets) = targets else {
        return Assigned::new();
    };
    let members = spec.members.iter().map(|member| Arc::clone(&member.id));
    members.zip(targets).collect()
}

/// With how many members a partition is shared.
const fn sharing(members: usize, partitions: usize) -> usize {
    if partitions == 0 {
        0
    } else {
        members.div_ceil(partitions)
    }
}

/// How many partitions the member of an index is to have, so that all assignments are spread over all members.
fn desired(assignments: usize, members: usize, index: usize) -> usize {
    // Kafka computes with doubles and rounds up; whole numbers give the same.
    let up_to = |index: usize| assignments.saturating_mul(index).div_ceil(members.max(1));
    up_to(index.saturating_add(1)).saturating_sub(up_to(index))
}
