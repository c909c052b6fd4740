//! A streams group as the records of `__consumer_offsets` tell of it: each record is a change.

use std::collections::BTreeMap;

use super::StreamsGroup;
use super::change::{Change, Epoch};
use super::member::{Current, Description, MemberState};
use super::tasks::{ActiveTasks, OwnedTasks, TaskIds, Tasks};
use crate::engine::group::turn::Turn;
use crate::wire::state_records::{
    StateKey, StreamsGroupCurrentMemberAssignmentValue, StreamsGroupMemberMetadataValue,
    StreamsGroupMetadataValue, StreamsGroupTargetAssignmentMemberValue,
    StreamsGroupTargetAssignmentMetadataValue, Unreadable, read_value,
    streams_group_current_member_assignment_value as current,
    streams_group_target_assignment_member_value as target,
};

/// The epoch of a target that was taken back.
const NO_TARGET: i32 = -1;

impl StreamsGroup {
    /// Makes the change that a record stands for.
    pub(crate) fn replay(
        &mut self,
        key: StateKey<'_>,
        value: Option<&[u8]>,
    ) -> Result<(), Unreadable> {
        if matches!(key, StateKey::StreamsGroupTopology { .. }) && value.is_none() {
            self.topology = None;
            return Ok(());
        }
        let change = match value {
            Some(value) => set(key, value)?,
            None => taken_back(key),
        };
        if let Some(change) = change {
            self.apply(change);
        }
        Ok(())
    }

    /// The group without what no record tells.
    #[cfg(test)]
    pub(crate) fn as_written(&self) -> Self {
        Self {
            is_delayed: false,
            epoch_why: String::new(),
            soft: Box::default(),
            ..self.clone()
        }
    }

    /// Expects to hear of everyone, of who has something to give up, and of an assignment that is put off.
    pub(crate) fn on_loaded(&self, turn: &mut Turn<'_>) {
        for member in self.members.values() {
            self.expect_heartbeat(turn, &member.id);
            if member.current.state == MemberState::UnrevokedTasks {
                self.expect_revocation(turn, member);
            }
        }
        self.expect_assignment(turn);
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the records of other groups are none of this one's"
)]
fn set(key: StateKey<'_>, value: &[u8]) -> Result<Option<Change>, Unreadable> {
    Ok(match key {
        StateKey::StreamsGroupMetadata { .. } => Some(Change::Epoch(epoch(read_value(value)?))),
        StateKey::StreamsGroupMemberMetadata { member, .. } => {
            let value: StreamsGroupMemberMetadataValue = read_value(value)?;
            Some(Change::Description(member.into(), description(&value)))
        }
        StateKey::StreamsGroupTargetAssignmentMetadata { .. } => {
            let value: StreamsGroupTargetAssignmentMetadataValue = read_value(value)?;
            Some(Change::TargetEpoch {
                epoch: value.assignment_epoch,
                assigned_at: value.assignment_timestamp,
            })
        }
        StateKey::StreamsGroupTargetAssignmentMember { member, .. } => {
            let value: StreamsGroupTargetAssignmentMemberValue = read_value(value)?;
            let tasks = Tasks {
                active: targets(&value.active_tasks),
                standby: targets(&value.standby_tasks),
                warmup: targets(&value.warmup_tasks),
            };
            Some(Change::Target(member.into(), tasks))
        }
        StateKey::StreamsGroupCurrentMemberAssignment { member, .. } => {
            Some(Change::Current(member.into(), owned(&read_value(value)?)))
        }
        StateKey::StreamsGroupTopology { .. } => Some(Change::Topology(read_value(value)?)),
        _ => None,
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the records of other groups are none of this one's"
)]
fn taken_back(key: StateKey<'_>) -> Option<Change> {
    Some(match key {
        StateKey::StreamsGroupMemberMetadata { member, .. } => Change::MemberGone(member.into()),
        StateKey::StreamsGroupTargetAssignmentMetadata { .. } => Change::TargetEpoch {
            epoch: NO_TARGET,
            assigned_at: 0,
        },
        StateKey::StreamsGroupTargetAssignmentMember { member, .. } => {
            Change::TargetGone(member.into())
        }
        StateKey::StreamsGroupCurrentMemberAssignment { member, .. } => {
            Change::CurrentGone(member.into())
        }
        _ => return None,
    })
}

fn epoch(value: StreamsGroupMetadataValue) -> Epoch {
    let settings = value
        .last_assignment_configs
        .unwrap_or_default()
        .into_iter();
    Epoch {
        epoch: value.epoch,
        metadata_hash: value.metadata_hash,
        validated_topology_epoch: value.validated_topology_epoch,
        assignment_settings: settings
            .map(|setting| (setting.key.to_string(), setting.value.to_string()))
            .collect(),
        stored_description_epoch: value.stored_description_topology_epoch,
        failed_description_epoch: value.failed_description_topology_epoch,
    }
}

fn description(value: &StreamsGroupMemberMetadataValue) -> Description {
    let own = |text: &Option<crate::wire::messages::StrBytes>| text.as_deref().map(str::to_owned);
    let endpoint = value.user_endpoint.as_ref();
    let tags = value.client_tags.iter();
    Description {
        instance_id: own(&value.instance_id),
        rack_id: own(&value.rack_id),
        client_id: value.client_id.to_string(),
        client_host: (*value.client_host).into(),
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        topology_epoch: value.topology_epoch,
        process_id: value.process_id.to_string(),
        endpoint: endpoint.map(|endpoint| (endpoint.host.to_string(), endpoint.port)),
        client_tags: tags
            .map(|tag| (tag.key.to_string(), tag.value.to_string()))
            .collect(),
    }
}

fn owned(value: &StreamsGroupCurrentMemberAssignmentValue) -> Current {
    let epoch = value.member_epoch;
    Current {
        epoch,
        previous_epoch: value.previous_member_epoch,
        state: MemberState::numbered(value.state),
        assigned: OwnedTasks {
            active: with_epochs(&value.active_tasks, epoch),
            standby: without_epochs(&value.standby_tasks),
            warmup: without_epochs(&value.warmup_tasks),
        },
        revoking: OwnedTasks {
            active: with_epochs(&value.active_tasks_pending_revocation, epoch),
            standby: without_epochs(&value.standby_tasks_pending_revocation),
            warmup: without_epochs(&value.warmup_tasks_pending_revocation),
        },
    }
}

fn targets(rows: &[target::TaskIds]) -> TaskIds {
    let rows = rows.iter();
    rows.map(|row| {
        (
            row.subtopology_id.to_string(),
            row.partitions.iter().copied().collect(),
        )
    })
    .collect()
}

fn without_epochs(rows: &[current::TaskIds]) -> TaskIds {
    let rows = rows.iter();
    rows.map(|row| {
        (
            row.subtopology_id.to_string(),
            row.partitions.iter().copied().collect(),
        )
    })
    .collect()
}

/// Tasks with the epochs in which they were given out; brokers before KIP-1251 did not tell these.
fn with_epochs(rows: &[current::TaskIds], member_epoch: i32) -> ActiveTasks {
    let row = |row: &current::TaskIds| -> (String, BTreeMap<i32, i32>) {
        let count = row.partitions.len();
        let told = row.assignment_epochs.as_ref();
        let epochs = told.filter(|epochs| epochs.len() == count).cloned();
        let epochs = epochs.unwrap_or_else(|| vec![member_epoch; count]);
        let indexes = row.partitions.iter().copied().zip(epochs);
        (row.subtopology_id.to_string(), indexes.collect())
    };
    rows.iter().map(row).collect()
}
