//! Share groups (KIP-932): the coordinator assigns, and has the share coordinator begin a state for each partition
//! before somebody gets it. Nobody has to give anything up: several members may have one partition.
//!
//! As with consumer groups, an input is answered from the group as it is and leaves [`change::Change`]s, which are the
//! records that Kafka writes. A group begins in epoch 1 with an empty target of epoch 1.

pub(crate) mod assignor;
mod change;
mod heartbeat;
mod leave;
mod loading;
mod offsets;
mod requests;
mod states;
mod target;
mod topic_states;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::refusals::not_a_member;
use super::turn::{GroupTimer, GroupTimerKind};
use super::wanted_states::{WantedState, WantedStates};
use crate::engine::api_error::ApiError;
use crate::engine::java::timeline::TimelineMap;

pub(crate) use assignor::NAME as ASSIGNOR;
pub(crate) use heartbeat::{ShareHeartbeat, ShareHeartbeatReply};
pub(crate) use offsets::AlteredTopic;
pub(crate) use topic_states::States;

/// Partitions by topic.
pub(crate) type TopicPartitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// A share group.
#[derive(Debug, Clone)]
pub(crate) struct ShareGroup {
    pub(crate) id: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) members: BTreeMap<Arc<str>, Member>,
    /// The order in which Kafka's table of them walks them.
    member_order: TimelineMap<Arc<str>, ()>,
    pub(crate) target_epoch: i32,
    /// When the target was computed; 0 if it never was.
    assigned_at: i64,
    pub(crate) target: BTreeMap<Arc<str>, TopicPartitions>,
    /// For which partitions there is a state; none before the first.
    pub(crate) states: Option<States>,
    metadata_hash: i64,
    /// The cluster's metadata that the hash was last compared with.
    metadata_seen: Option<u64>,
    /// Why the epoch rose, for who reads of an assignment; empty after a load, since no record tells it.
    epoch_why: String,
}

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
    pub(crate) rack_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: Arc<str>,
    pub(crate) topics: BTreeSet<String>,
}

/// Where a member stands: what its current assignment record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) assigned: TopicPartitions,
}

impl ShareGroup {
    pub(crate) const fn new(id: Arc<str>) -> Self {
        Self {
            id,
            epoch: 1,
            members: BTreeMap::new(),
            member_order: TimelineMap::new(),
            target_epoch: 1,
            assigned_at: 0,
            target: BTreeMap::new(),
            states: None,
            metadata_hash: 0,
            metadata_seen: None,
            epoch_why: String::new(),
        }
    }

    /// `Empty` or `Stable`.
    pub(crate) fn state_name(&self) -> &'static str {
        if self.members.is_empty() {
            "Empty"
        } else {
            "Stable"
        }
    }

    /// A member that is there.
    pub(crate) fn member(&self, id: &str) -> Result<&Member, ApiError> {
        let member = self.members.get(id);
        member.ok_or_else(|| not_a_member(&self.id, id))
    }

    /// The members in the order of Kafka's table of them.
    pub(crate) fn members_as_kept(&self) -> Vec<&Member> {
        let order = self.member_order.walk().into_iter();
        order.filter_map(|(id, ())| self.members.get(id)).collect()
    }

    fn member_mut(&mut self, id: &Arc<str>) -> &mut Member {
        self.member_order.insert(Arc::clone(id), ());
        let new = || Member::new(Arc::clone(id));
        self.members.entry(Arc::clone(id)).or_insert_with(new)
    }

    fn remove_member(&mut self, id: &str) {
        self.members.remove(id);
        self.member_order.remove(id);
    }

    fn session_of(&self, member: &Arc<str>) -> GroupTimer {
        GroupTimer {
            group: Arc::clone(&self.id),
            kind: GroupTimerKind::Session(Arc::clone(member)),
        }
    }
}

impl Member {
    /// A member of which nothing is known yet.
    fn new(id: Arc<str>) -> Self {
        Self {
            id,
            description: Description {
                rack_id: None,
                client_id: String::new(),
                client_host: "".into(),
                topics: BTreeSet::new(),
            },
            current: Current {
                epoch: 0,
                previous_epoch: -1,
                assigned: TopicPartitions::new(),
            },
        }
    }
}
