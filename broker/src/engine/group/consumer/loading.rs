//! A consumer group as the records of `__consumer_offsets` tell of it: each record is a change.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::ConsumerGroup;
use super::change::{Change, Resolved};
use super::member::{ClassicMember, Current, Description, MemberState, OwnedPartitions};
use crate::engine::group::turn::Turn;
use crate::wire::state_records::{
    ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataValue,
    ConsumerGroupMetadataValue, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupTargetAssignmentMetadataValue,
    CurrentTopicPartitions, StateKey, Unreadable,
};

/// The epoch of a target that was taken back.
const NO_TARGET: i32 = -1;

impl ConsumerGroup {
    /// Makes the change that a record stands for.
    pub(crate) fn replay(
        &mut self,
        key: StateKey<'_>,
        value: Option<&[u8]>,
    ) -> Result<(), Unreadable> {
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
            rejoining: std::collections::BTreeSet::new(),
            metadata_seen: None,
            ..self.clone()
        }
    }

    /// Expects to hear of everyone, and of who has something to give up.
    pub(crate) fn on_loaded(&self, turn: &mut Turn<'_>) {
        for member in self.members.values() {
            self.expect_heartbeat(turn, &member.id);
            if member.current.state == MemberState::UnrevokedPartitions {
                self.expect_revocation(turn, member);
            }
        }
    }
}

fn set(key: StateKey<'_>, value: &[u8]) -> Result<Option<Change>, Unreadable> {
    Ok(Some(match key {
        StateKey::ConsumerGroupMetadata { .. } => {
            let value = ConsumerGroupMetadataValue::read(value)?;
            Change::Epoch {
                epoch: value.epoch,
                metadata_hash: value.metadata_hash,
            }
        }
        StateKey::ConsumerGroupMemberMetadata { member, .. } => {
            let value = ConsumerGroupMemberMetadataValue::read(value)?;
            Change::Description(member.into(), description(&value))
        }
        StateKey::ConsumerGroupTargetAssignmentMetadata { .. } => {
            let value = ConsumerGroupTargetAssignmentMetadataValue::read(value)?;
            Change::TargetEpoch {
                epoch: value.assignment_epoch,
                assigned_at: value.assignment_timestamp.0,
            }
        }
        StateKey::ConsumerGroupTargetAssignmentMember { member, .. } => {
            let value = ConsumerGroupTargetAssignmentMemberValue::read(value)?;
            let topics = value.topic_partitions.into_iter();
            let target = topics.map(|(topic, indexes)| (topic, indexes.into_iter().collect()));
            Change::Target(member.into(), target.collect())
        }
        StateKey::ConsumerGroupCurrentMemberAssignment { member, .. } => {
            let value = ConsumerGroupCurrentMemberAssignmentValue::read(value)?;
            Change::Current(member.into(), current(&value)?)
        }
        StateKey::ConsumerGroupRegularExpression { expression, .. } => {
            let value = ConsumerGroupRegularExpressionValue::read(value)?;
            let resolved = Resolved {
                topics: value.topics.into_iter().map(str::to_owned).collect(),
                version: value.version,
                resolved_at: value.timestamp.0,
            };
            Change::Pattern(expression.to_owned(), resolved)
        }
        StateKey::ConsumerGroupPartitionMetadata { .. }
        | StateKey::GroupMetadata { .. }
        | StateKey::OffsetCommit { .. }
        | StateKey::ShareGroupMemberMetadata { .. }
        | StateKey::ShareGroupMetadata { .. }
        | StateKey::ShareGroupTargetAssignmentMetadata { .. }
        | StateKey::ShareGroupTargetAssignmentMember { .. }
        | StateKey::ShareGroupCurrentMemberAssignment { .. }
        | StateKey::ShareGroupStatePartitionMetadata { .. }
        | StateKey::StreamsGroupMetadata { .. }
        | StateKey::StreamsGroupMemberMetadata { .. }
        | StateKey::StreamsGroupTargetAssignmentMetadata { .. }
        | StateKey::StreamsGroupTargetAssignmentMember { .. }
        | StateKey::StreamsGroupCurrentMemberAssignment { .. }
        | StateKey::StreamsGroupTopology { .. } => return Ok(None),
    }))
}

fn taken_back(key: StateKey<'_>) -> Option<Change> {
    Some(match key {
        StateKey::ConsumerGroupMemberMetadata { member, .. } => Change::MemberGone(member.into()),
        StateKey::ConsumerGroupTargetAssignmentMetadata { .. } => Change::TargetEpoch {
            epoch: NO_TARGET,
            assigned_at: 0,
        },
        StateKey::ConsumerGroupTargetAssignmentMember { member, .. } => {
            Change::TargetGone(member.into())
        }
        StateKey::ConsumerGroupCurrentMemberAssignment { member, .. } => {
            Change::CurrentGone(member.into())
        }
        StateKey::ConsumerGroupRegularExpression { expression, .. } => {
            Change::PatternGone(expression.to_owned())
        }
        StateKey::ConsumerGroupMetadata { .. }
        | StateKey::ConsumerGroupPartitionMetadata { .. }
        | StateKey::GroupMetadata { .. }
        | StateKey::OffsetCommit { .. }
        | StateKey::ShareGroupMemberMetadata { .. }
        | StateKey::ShareGroupMetadata { .. }
        | StateKey::ShareGroupTargetAssignmentMetadata { .. }
        | StateKey::ShareGroupTargetAssignmentMember { .. }
        | StateKey::ShareGroupCurrentMemberAssignment { .. }
        | StateKey::ShareGroupStatePartitionMetadata { .. }
        | StateKey::StreamsGroupMetadata { .. }
        | StateKey::StreamsGroupMemberMetadata { .. }
        | StateKey::StreamsGroupTargetAssignmentMetadata { .. }
        | StateKey::StreamsGroupTargetAssignmentMember { .. }
        | StateKey::StreamsGroupCurrentMemberAssignment { .. }
        | StateKey::StreamsGroupTopology { .. } => return None,
    })
}

fn description(value: &ConsumerGroupMemberMetadataValue<'_>) -> Description {
    let own = |text: Option<&str>| text.map(str::to_owned);
    let topics = value.subscribed_topic_names.iter();
    let classic = value.classic.as_ref().map(|classic| {
        let protocols = classic.supported_protocols.iter();
        let protocol = |(name, metadata): &(&str, &[u8])| {
            ((*name).to_owned(), Bytes::copy_from_slice(metadata))
        };
        ClassicMember {
            session_timeout_ms: classic.session_timeout_ms,
            protocols: protocols.map(protocol).collect(),
        }
    });
    Description {
        instance_id: own(value.instance_id),
        rack_id: own(value.rack_id),
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        client_id: value.client_id.to_owned(),
        client_host: Arc::from(value.client_host),
        topics: topics.map(|name| (*name).to_owned()).collect(),
        pattern: own(value.subscribed_topic_regex).unwrap_or_default(),
        assignor: own(value.server_assignor),
        classic,
    }
}

fn current(value: &ConsumerGroupCurrentMemberAssignmentValue) -> Result<Current, Unreadable> {
    let state = MemberState::numbered(value.state).ok_or(Unreadable::Number(value.state))?;
    let owned = |topics| owned(topics, value.member_epoch);
    Ok(Current {
        epoch: value.member_epoch,
        previous_epoch: value.previous_member_epoch,
        state,
        assigned: owned(&value.assigned_partitions),
        revoking: owned(&value.partitions_pending_revocation),
    })
}

/// Partitions with the epochs in which they were given out; brokers before KIP-1251 did not tell these.
fn owned(topics: &[CurrentTopicPartitions], member_epoch: i32) -> OwnedPartitions {
    let row = |topic: &CurrentTopicPartitions| -> (Uuid, _) {
        let count = topic.partitions.len();
        let told = topic.assignment_epochs.as_ref();
        let epochs = told.filter(|epochs| epochs.len() == count);
        let epochs = epochs.cloned();
        let epochs = epochs.unwrap_or_else(|| vec![member_epoch.max(0); count]);
        let indexes = topic.partitions.iter().copied();
        (topic.topic_id, indexes.zip(epochs).collect())
    };
    topics.iter().map(row).collect()
}
