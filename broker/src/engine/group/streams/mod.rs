//! Streams groups (KIP-1071): the coordinator knows the topology of an application, makes its internal topics and assigns its tasks.
//!
//! As in a consumer group, an input is answered from the group as it is and leaves [`change::Change`]s, which are the records that
//! Kafka writes. What no record tells is [`Soft`]: a new coordinator does not know it. Oracle: neither does the coordinator that made
//! the group, whose first heartbeat works on a group of its own and is thrown away.

mod assignor;
mod change;
mod current;
mod endpoints;
mod heartbeat;
mod leave;
mod loading;
pub(crate) mod member;
mod offsets;
mod owners;
mod requests;
mod speaking;
mod status;
mod target;
pub(crate) mod tasks;
mod telling;
#[cfg(test)]
mod tests;
pub(crate) mod topics;
pub(crate) mod topology;
mod view;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::refusals::not_a_member;
use super::turn::{GroupTimer, GroupTimerKind, Turn};
use crate::engine::api_error::ApiError;
use crate::engine::java::timeline::TimelineMap;
use crate::wire::units::Offset;
use member::{Current, Description, Member};
use owners::Owners;
use tasks::Tasks;
use topics::Configured;
use topology::Topology;

pub(crate) use assignor::STICKY;
pub(crate) use heartbeat::HeartbeatReply;
pub(crate) use requests::is_enabled;
pub(crate) use status::Status;
pub(crate) use words::{HeartbeatUpdate, TaskOffset};

/// A streams group.
#[derive(Debug, Clone)]
pub(crate) struct StreamsGroup {
    pub(crate) id: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) members: BTreeMap<Arc<str>, Member>,
    /// The order in which Kafka's table of them walks them.
    member_order: TimelineMap<Arc<str>, ()>,
    /// Who holds an instance id.
    static_members: BTreeMap<String, Arc<str>>,
    pub(crate) target_epoch: i32,
    /// When the target was computed; 0 if it never was.
    assigned_at: i64,
    pub(crate) target: BTreeMap<Arc<str>, Tasks>,
    owners: Owners,
    pub(crate) topology: Option<Arc<Topology>>,
    /// The epoch of the topology whose topics are all there; -1 if they are not.
    validated_topology_epoch: i32,
    metadata_hash: i64,
    /// The settings by which tasks were assigned.
    assignment_settings: BTreeMap<String, String>,
    /// Epochs of the topology whose description a plug-in has, or refused (KIP-1331). Fauxka has none, as a broker has none by default.
    stored_description_epoch: i32,
    failed_description_epoch: i32,
    /// Whether the first assignment waits for further members.
    is_delayed: bool,
    /// Why the epoch rose, for who reads of an assignment; empty after a load, since no record tells it.
    epoch_why: String,
    soft: Box<Soft>,
}

/// What a coordinator remembers of a group that no record tells.
#[derive(Debug, Clone, Default)]
struct Soft {
    configured: Option<Arc<Configured>>,
    /// What it was before, and where the coordinator's log ended when it became something else: it is shown once there is a record
    /// after that.
    configured_before: Option<Arc<Configured>>,
    configured_at: Offset,
    /// The cluster's metadata that the hash was last compared with.
    metadata_seen: Option<u64>,
    /// The member that asked for the application to be shut down.
    shutdown_by: Option<Arc<str>>,
    /// Rises with every change of where members are found, and of what they run.
    endpoint_epoch: i32,
    offsets: BTreeMap<Arc<str>, Offsets>,
}

/// How far a member's state has come, and how far it could, by task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    pub(crate) reached: TaskOffsets,
    pub(crate) ends: TaskOffsets,
}

/// Offsets by subtopology and partition.
pub(crate) type TaskOffsets = BTreeMap<String, BTreeMap<i32, i64>>;

/// How far a group has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupState {
    Empty,
    NotReady,
    Assigning,
    Reconciling,
    Stable,
}

impl GroupState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::NotReady => "NotReady",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
        }
    }
}

impl Soft {
    fn configure(&mut self, configured: Arc<Configured>, end: Offset) {
        let before = self.configured.replace(configured);
        if end > self.configured_at {
            self.configured_before = before;
        }
        self.configured_at = end;
    }

    /// The topology as others see it. Oracle: what no record came after is not part of the coordinator's last snapshot.
    fn shown(&self, end: Offset) -> Option<&Configured> {
        if end > self.configured_at {
            self.configured.as_deref()
        } else {
            self.configured_before.as_deref()
        }
    }
}

impl StreamsGroup {
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            epoch: 1,
            members: BTreeMap::new(),
            member_order: TimelineMap::new(),
            static_members: BTreeMap::new(),
            target_epoch: 1,
            assigned_at: 0,
            target: BTreeMap::new(),
            owners: Owners::default(),
            topology: None,
            validated_topology_epoch: -1,
            metadata_hash: 0,
            assignment_settings: BTreeMap::new(),
            stored_description_epoch: -1,
            failed_description_epoch: -1,
            is_delayed: false,
            epoch_why: String::new(),
            soft: Box::default(),
        }
    }

    pub(crate) fn state(&self) -> GroupState {
        let topology = self.topology.as_ref();
        if self.members.is_empty() {
            GroupState::Empty
        } else if topology.is_none_or(|topology| topology.epoch != self.validated_topology_epoch) {
            GroupState::NotReady
        } else if self.epoch > self.target_epoch {
            GroupState::Assigning
        } else if (self.members.values()).any(|member| !member.is_reconciled_to(self.target_epoch))
        {
            GroupState::Reconciling
        } else {
            GroupState::Stable
        }
    }

    /// A member that is there.
    pub(crate) fn member(&self, id: &str) -> Result<&Member, ApiError> {
        let member = self.members.get(id);
        member.ok_or_else(|| not_a_member(&self.id, id))
    }

    /// Who holds an instance id.
    fn static_member(&self, instance: &str) -> Option<&Member> {
        self.members.get(self.static_members.get(instance)?)
    }

    /// The members in the order of Kafka's table of them.
    pub(crate) fn members_as_kept(&self) -> Vec<&Member> {
        let order = self.member_order.walk().into_iter();
        order.filter_map(|(id, ())| self.members.get(id)).collect()
    }

    fn timer(&self, kind: GroupTimerKind) -> GroupTimer {
        GroupTimer {
            group: Arc::clone(&self.id),
            kind,
        }
    }

    /// Lets go of everything that was to happen to a group without members.
    pub(crate) fn cancel_delay(&self, turn: &mut Turn<'_>) {
        turn.cancel(self.timer(GroupTimerKind::InitialRebalance));
    }

    fn set_description(&mut self, id: &Arc<str>, description: Description) {
        let old = self.members.get(id).cloned();
        let new = old.clone().unwrap_or_else(|| Member::new(Arc::clone(id)));
        self.set_member(old.as_ref(), Member { description, ..new });
    }

    fn set_current(&mut self, id: &Arc<str>, current: Current) {
        let old = self.members.get(id).cloned();
        let new = old.clone().unwrap_or_else(|| Member::new(Arc::clone(id)));
        self.set_member(old.as_ref(), Member { current, ..new });
    }

    fn set_member(&mut self, old: Option<&Member>, new: Member) {
        self.member_order.insert(Arc::clone(&new.id), ());
        self.owners.replace(old, Some(&new));
        if let Some(instance) = old.and_then(Member::instance_id) {
            self.static_members.remove(instance);
        }
        if let Some(instance) = new.instance_id() {
            self.static_members
                .insert(instance.to_owned(), Arc::clone(&new.id));
        }
        self.members.insert(Arc::clone(&new.id), new);
    }

    fn remove_member(&mut self, id: &str) {
        let Some(member) = self.members.remove(id) else {
            return;
        };
        self.member_order.remove(id);
        self.owners.replace(Some(&member), None);
        if let Some(instance) = member.instance_id() {
            self.static_members.remove(instance);
        }
        self.soft.offsets.remove(id);
        if self.members.is_empty() {
            self.soft.shutdown_by = None;
        }
    }
}
