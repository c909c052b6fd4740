//! What an input changes of a streams group: each change is a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StreamsGroup;
use super::member::{Current, Description};
use super::tasks::{ActiveTasks, TaskIds, Tasks};
use super::topology::Topology;
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::{Note, Turn};
use crate::wire::messages::str_bytes;
use crate::wire::state_records::{
    StateKey, StateRecord, StreamsGroupCurrentMemberAssignmentValue,
    StreamsGroupMemberMetadataValue, StreamsGroupMetadataValue,
    StreamsGroupTargetAssignmentMemberValue, StreamsGroupTargetAssignmentMetadataValue,
    StreamsGroupTopologyValue, streams_group_current_member_assignment_value as current,
    streams_group_member_metadata_value as metadata, streams_group_metadata_value as group,
    streams_group_target_assignment_member_value as target, value_bytes,
};

/// One change.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Description(Arc<str>, Description),
    MemberGone(Arc<str>),
    Topology(StreamsGroupTopologyValue),
    Epoch(Epoch),
    Target(Arc<str>, Tasks),
    TargetGone(Arc<str>),
    TargetEpoch { epoch: i32, assigned_at: i64 },
    Current(Arc<str>, Current),
    CurrentGone(Arc<str>),
}

/// What the group's own record holds.
#[derive(Debug, Clone)]
pub(super) struct Epoch {
    pub(super) epoch: i32,
    pub(super) metadata_hash: i64,
    pub(super) validated_topology_epoch: i32,
    pub(super) assignment_settings: BTreeMap<String, String>,
    pub(super) stored_description_epoch: i32,
    pub(super) failed_description_epoch: i32,
}

impl StreamsGroup {
    /// Makes the changes, and writes their records.
    pub(super) fn commit(&mut self, turn: &mut Turn<'_>, changes: Vec<Change>) {
        let why = self.reason(&changes);
        self.commit_because(turn, changes, why);
    }

    /// The same, for this reason.
    pub(super) fn commit_because(
        &mut self,
        turn: &mut Turn<'_>,
        changes: Vec<Change>,
        why: String,
    ) {
        if changes.is_empty() {
            return;
        }
        let before = (self.state(), self.epoch);
        let targets = self.targets_before(&changes);
        let why_assigned = self.why_assigned(&changes, &why).to_owned();
        if (changes.iter()).any(|change| matches!(change, Change::Epoch(_))) {
            self.epoch_why.clone_from(&why);
        }
        for change in changes {
            turn.append(&self.id, change.record(&self.id));
            if let Change::MemberGone(id) = &change {
                self.cancel_timers(turn, id);
            }
            self.apply(change);
        }
        self.note_assigned(turn, targets, &why_assigned);
        self.expect_assignment(turn);
        if before != (self.state(), self.epoch) {
            turn.note(Note {
                group: Arc::clone(&self.id),
                from: before.0.name(),
                to: self.state().name(),
                generation: self.epoch,
                why,
            });
        }
    }

    /// Refuses changes whose records `__consumer_offsets` does not take.
    pub(super) fn check_size(&self, turn: &Turn<'_>, changes: &[Change]) -> Result<(), ApiError> {
        let records = changes.iter().map(|change| change.record(&self.id));
        let checked = turn.check_size(&records.collect::<Vec<_>>());
        checked.map_err(ApiError::from)
    }

    /// The group's own record, in another epoch.
    pub(super) fn at_epoch(&self, epoch: i32) -> Epoch {
        Epoch {
            epoch,
            metadata_hash: self.metadata_hash,
            validated_topology_epoch: self.validated_topology_epoch,
            assignment_settings: self.assignment_settings.clone(),
            stored_description_epoch: self.stored_description_epoch,
            failed_description_epoch: self.failed_description_epoch,
        }
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Description(id, description) => self.set_description(&id, description),
            Change::MemberGone(id) => self.remove_member(&id),
            // A topology that cannot be is never written.
            Change::Topology(value) => self.topology = Topology::of(&value).ok().map(Arc::new),
            Change::Epoch(group) => {
                self.epoch = group.epoch;
                self.metadata_hash = group.metadata_hash;
                self.validated_topology_epoch = group.validated_topology_epoch;
                self.assignment_settings = group.assignment_settings;
                self.stored_description_epoch = group.stored_description_epoch;
                self.failed_description_epoch = group.failed_description_epoch;
            }
            Change::Target(id, tasks) => {
                self.target.insert(id, tasks);
            }
            Change::TargetGone(id) => {
                self.target.remove(&id);
            }
            Change::TargetEpoch { epoch, assigned_at } => {
                self.target_epoch = epoch;
                self.assigned_at = assigned_at;
            }
            Change::Current(id, current) => self.set_current(&id, current),
            Change::CurrentGone(id) => {
                let gone = Current {
                    epoch: -1,
                    previous_epoch: -1,
                    ..Current::default()
                };
                if self.members.contains_key(&id) {
                    self.set_current(&id, gone);
                }
            }
        }
    }
}

impl Change {
    /// As it is written.
    pub(super) fn record(&self, group: &str) -> StateRecord {
        match self {
            Self::Description(member, description) => {
                StateKey::StreamsGroupMemberMetadata { group, member }.with(described(description))
            }
            Self::MemberGone(member) => {
                StateKey::StreamsGroupMemberMetadata { group, member }.tombstone()
            }
            Self::Topology(value) => {
                StateKey::StreamsGroupTopology { group }.with(value_bytes(value))
            }
            Self::Epoch(epoch) => StateKey::StreamsGroupMetadata { group }.with(epoch.to_bytes()),
            Self::Target(member, tasks) => {
                let value = StreamsGroupTargetAssignmentMemberValue {
                    active_tasks: target_ids(&tasks.active),
                    standby_tasks: target_ids(&tasks.standby),
                    warmup_tasks: target_ids(&tasks.warmup),
                };
                let key = StateKey::StreamsGroupTargetAssignmentMember { group, member };
                key.with(value_bytes(&value))
            }
            Self::TargetGone(member) => {
                StateKey::StreamsGroupTargetAssignmentMember { group, member }.tombstone()
            }
            Self::TargetEpoch { epoch, assigned_at } => {
                let value = StreamsGroupTargetAssignmentMetadataValue {
                    assignment_epoch: *epoch,
                    assignment_timestamp: *assigned_at,
                };
                let key = StateKey::StreamsGroupTargetAssignmentMetadata { group };
                key.with(value_bytes(&value))
            }
            Self::Current(member, current) => {
                StateKey::StreamsGroupCurrentMemberAssignment { group, member }
                    .with(current.to_bytes())
            }
            Self::CurrentGone(member) => {
                StateKey::StreamsGroupCurrentMemberAssignment { group, member }.tombstone()
            }
        }
    }
}

impl Epoch {
    fn to_bytes(&self) -> bytes::Bytes {
        let settings = self.assignment_settings.iter();
        let settings = settings.map(|(key, value)| group::LastAssignmentConfig {
            key: str_bytes(key.as_str()),
            value: str_bytes(value.as_str()),
        });
        value_bytes(&StreamsGroupMetadataValue {
            epoch: self.epoch,
            metadata_hash: self.metadata_hash,
            validated_topology_epoch: self.validated_topology_epoch,
            last_assignment_configs: Some(settings.collect()),
            stored_description_topology_epoch: self.stored_description_epoch,
            failed_description_topology_epoch: self.failed_description_epoch,
        })
    }
}

fn described(description: &Description) -> bytes::Bytes {
    let optional = |text: &Option<String>| text.as_deref().map(str_bytes);
    let tags = description.client_tags.iter();
    let tags = tags.map(|(key, value)| metadata::KeyValue {
        key: str_bytes(key.as_str()),
        value: str_bytes(value.as_str()),
    });
    let endpoint = description.endpoint.as_ref();
    value_bytes(&StreamsGroupMemberMetadataValue {
        instance_id: optional(&description.instance_id),
        rack_id: optional(&description.rack_id),
        client_id: str_bytes(description.client_id.as_str()),
        client_host: str_bytes(&*description.client_host),
        rebalance_timeout_ms: description.rebalance_timeout_ms,
        topology_epoch: description.topology_epoch,
        process_id: str_bytes(description.process_id.as_str()),
        user_endpoint: endpoint.map(|(host, port)| metadata::Endpoint {
            host: str_bytes(host.as_str()),
            port: *port,
        }),
        client_tags: tags.collect(),
    })
}

impl Current {
    fn to_bytes(&self) -> bytes::Bytes {
        value_bytes(&StreamsGroupCurrentMemberAssignmentValue {
            member_epoch: self.epoch,
            previous_member_epoch: self.previous_epoch,
            state: self.state.number(),
            active_tasks: with_epochs(&self.assigned.active),
            standby_tasks: without_epochs(&self.assigned.standby),
            warmup_tasks: without_epochs(&self.assigned.warmup),
            active_tasks_pending_revocation: with_epochs(&self.revoking.active),
            standby_tasks_pending_revocation: without_epochs(&self.revoking.standby),
            warmup_tasks_pending_revocation: without_epochs(&self.revoking.warmup),
        })
    }
}

fn target_ids(tasks: &TaskIds) -> Vec<target::TaskIds> {
    let rows = tasks.iter().map(|(id, indexes)| target::TaskIds {
        subtopology_id: str_bytes(id.as_str()),
        partitions: indexes.iter().copied().collect(),
    });
    rows.collect()
}

fn with_epochs(tasks: &ActiveTasks) -> Vec<current::TaskIds> {
    let rows = tasks.iter().map(|(id, indexes)| current::TaskIds {
        subtopology_id: str_bytes(id.as_str()),
        partitions: indexes.keys().copied().collect(),
        assignment_epochs: Some(indexes.values().copied().collect()),
    });
    rows.collect()
}

fn without_epochs(tasks: &TaskIds) -> Vec<current::TaskIds> {
    let rows = tasks.iter().map(|(id, indexes)| current::TaskIds {
        subtopology_id: str_bytes(id.as_str()),
        partitions: indexes.iter().copied().collect(),
        ..Default::default()
    });
    rows.collect()
}
