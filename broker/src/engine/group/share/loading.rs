//! A share group as the records of `__consumer_offsets` tell of it: each record is a change.

use std::sync::Arc;

use uuid::Uuid;

use super::change::Change;
use super::{Current, Description, ShareGroup, States, TopicPartitions};
use crate::engine::group::turn::Turn;
use crate::engine::time::Now;
use crate::wire::state_records::{
    ShareGroupCurrentMemberAssignmentValue, ShareGroupMemberMetadataValue, ShareGroupMetadataValue,
    ShareGroupStatePartitionMetadataValue, ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetAssignmentMetadataValue, StateKey, Unreadable,
};

/// The epoch of a target that was taken back.
const NO_TARGET: i32 = -1;

impl ShareGroup {
    /// Makes the change that a record stands for.
    pub(crate) fn replay(
        &mut self,
        now: Now,
        key: StateKey<'_>,
        value: Option<&[u8]>,
    ) -> Result<(), Unreadable> {
        let change = match value {
            Some(value) => set(now, key, value)?,
            None => {
                if matches!(key, StateKey::ShareGroupStatePartitionMetadata { .. }) {
                    self.states = None;
                }
                taken_back(key)
            }
        };
        if let Some(change) = change {
            self.apply(change);
        }
        Ok(())
    }

    /// The group without what no record tells.
    #[cfg(test)]
    pub(crate) fn as_written(&self) -> Self {
        let mut group = self.clone();
        group.metadata_seen = None;
        group.epoch_why = String::new();
        if let Some(states) = &mut group.states {
            let topics = states
                .initializing
                .values_mut()
                .chain(states.initialized.values_mut());
            topics.for_each(|topic| topic.since = 0);
        }
        group
    }

    /// Expects to hear of everyone.
    pub(crate) fn on_loaded(&self, turn: &mut Turn<'_>) {
        for member in self.members.values() {
            self.expect_heartbeat(turn, &member.id);
        }
        self.expect_assignment(turn);
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the records of other groups are none of this one's"
)]
fn set(now: Now, key: StateKey<'_>, value: &[u8]) -> Result<Option<Change>, Unreadable> {
    Ok(Some(match key {
        StateKey::ShareGroupMetadata { .. } => {
            let value = ShareGroupMetadataValue::read(value)?;
            Change::Epoch {
                epoch: value.epoch,
                metadata_hash: value.metadata_hash,
            }
        }
        StateKey::ShareGroupMemberMetadata { member, .. } => {
            let value = ShareGroupMemberMetadataValue::read(value)?;
            let topics = value.subscribed_topic_names.iter();
            let description = Description {
                rack_id: value.rack_id.map(str::to_owned),
                client_id: value.client_id.to_owned(),
                client_host: Arc::from(value.client_host),
                topics: topics.map(|name| (*name).to_owned()).collect(),
            };
            Change::Description(member.into(), description)
        }
        StateKey::ShareGroupTargetAssignmentMetadata { .. } => {
            let value = ShareGroupTargetAssignmentMetadataValue::read(value)?;
            Change::TargetEpoch {
                epoch: value.assignment_epoch,
                assigned_at: value.assignment_timestamp.0,
            }
        }
        StateKey::ShareGroupTargetAssignmentMember { member, .. } => {
            let value = ShareGroupTargetAssignmentMemberValue::read(value)?;
            Change::Target(member.into(), by_topic(value.topic_partitions))
        }
        StateKey::ShareGroupCurrentMemberAssignment { member, .. } => {
            let value = ShareGroupCurrentMemberAssignmentValue::read(value)?;
            let current = Current {
                epoch: value.member_epoch,
                previous_epoch: value.previous_member_epoch,
                assigned: by_topic(value.assigned_partitions),
            };
            Change::Current(member.into(), current)
        }
        StateKey::ShareGroupStatePartitionMetadata { .. } => {
            let value = ShareGroupStatePartitionMetadataValue::read(value)?;
            Change::States(States::of(&value, now.wall.0))
        }
        _ => return Ok(None),
    }))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the records of other groups are none of this one's"
)]
fn taken_back(key: StateKey<'_>) -> Option<Change> {
    Some(match key {
        StateKey::ShareGroupMemberMetadata { member, .. } => Change::MemberGone(member.into()),
        StateKey::ShareGroupTargetAssignmentMetadata { .. } => Change::TargetEpoch {
            epoch: NO_TARGET,
            assigned_at: 0,
        },
        StateKey::ShareGroupTargetAssignmentMember { member, .. } => {
            Change::TargetGone(member.into())
        }
        StateKey::ShareGroupCurrentMemberAssignment { member, .. } => {
            Change::CurrentGone(member.into())
        }
        _ => return None,
    })
}

fn by_topic(topics: Vec<(Uuid, Vec<i32>)>) -> TopicPartitions {
    let topics = topics.into_iter();
    topics
        .map(|(topic, partitions)| (topic, partitions.into_iter().collect()))
        .collect()
}
