//! What a request or a timer changes about a group: each change is a record of `__consumer_offsets`.
//!
//! As in Kafka, an input is answered from the group as it was, and leaves a list of records; the
//! group becomes what the records say. So an input that fails half-way has changed nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ConsumerGroup;
use super::member::{Current, Description, OwnedPartitions, TopicPartitions};
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::{Note, Turn};
use crate::wire::state_records::{
    ClassicMemberMetadata, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataValue,
    ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataValue, CurrentTopicPartitions, StateKey, StateRecord,
};
use crate::wire::units::WallMillis;

/// What a regular expression matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) topics: BTreeSet<String>,
    /// Of the cluster's metadata that was looked through.
    pub(crate) version: i64,
    pub(crate) resolved_at: i64,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Description(Arc<str>, Description),
    MemberGone(Arc<str>),
    Epoch { epoch: i32, metadata_hash: i64 },
    Target(Arc<str>, TopicPartitions),
    TargetGone(Arc<str>),
    TargetEpoch { epoch: i32, assigned_at: i64 },
    Current(Arc<str>, Current),
    CurrentGone(Arc<str>),
    Pattern(String, Resolved),
    PatternGone(String),
}

impl ConsumerGroup {
    /// Makes the changes, and writes their records.
    pub(super) fn commit(&mut self, turn: &mut Turn<'_>, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let before = (self.state(), self.epoch);
        let why = self.reason(&changes);
        for change in changes {
            turn.append(&self.id, change.record(&self.id));
            // A static member's successor has another id, and timers of its own.
            if let Change::MemberGone(id) = &change {
                self.cancel_timers(turn, id);
            }
            self.apply(change);
        }
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

    /// What changes come from, as people say it.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the telling changes are looked for among all"
    )]
    fn reason(&self, changes: &[Change]) -> String {
        let of_members = changes.iter().find_map(|change| match change {
            Change::MemberGone(id) => Some(format!("member {id} is gone")),
            Change::Description(id, _) if !self.members.contains_key(id) => {
                Some(format!("member {id} joined"))
            }
            Change::Description(id, _) => Some(format!("member {id} says something else")),
            _ => None,
        });
        let of_assignment = || {
            changes.iter().find_map(|change| match change {
                Change::TargetEpoch { .. } => Some("partitions were assigned again".to_owned()),
                Change::Pattern(..) | Change::PatternGone(_) => {
                    Some("a pattern has other topics".to_owned())
                }
                Change::Current(id, _) => Some(format!("member {id} follows its assignment")),
                _ => None,
            })
        };
        let reason = of_members.or_else(of_assignment);
        reason.unwrap_or_else(|| "topics or partitions are others".to_owned())
    }

    /// Refuses changes whose records `__consumer_offsets` does not take.
    pub(super) fn check_size(&self, turn: &Turn<'_>, changes: &[Change]) -> Result<(), ApiError> {
        let records = changes.iter().map(|change| change.record(&self.id));
        let checked = turn.check_size(&records.collect::<Vec<_>>());
        checked.map_err(ApiError::from)
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Description(id, description) => self.set_description(&id, description),
            Change::MemberGone(id) => self.remove_member(&id),
            Change::Epoch {
                epoch,
                metadata_hash,
            } => {
                self.epoch = epoch;
                self.metadata_hash = metadata_hash;
            }
            Change::Target(id, partitions) => {
                self.target.insert(id, partitions);
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
                    ..Current::default()
                };
                if self.members.contains_key(&id) {
                    self.set_current(&id, gone);
                }
            }
            Change::Pattern(pattern, resolved) => {
                self.resolved.insert(pattern, resolved);
            }
            Change::PatternGone(pattern) => {
                self.resolved.remove(&pattern);
            }
        }
    }
}

impl Change {
    /// As it is written.
    pub(super) fn record(&self, group: &str) -> StateRecord {
        match self {
            Self::Description(member, description) => described(group, member, description),
            Self::MemberGone(member) => {
                StateKey::ConsumerGroupMemberMetadata { group, member }.tombstone()
            }
            Self::Epoch {
                epoch,
                metadata_hash,
            } => ConsumerGroupMetadataValue {
                epoch: *epoch,
                metadata_hash: *metadata_hash,
            }
            .record(group),
            Self::Target(member, partitions) => ConsumerGroupTargetAssignmentMemberValue {
                topic_partitions: partitions
                    .iter()
                    .map(|(topic, partitions)| (*topic, partitions.iter().copied().collect()))
                    .collect(),
            }
            .record(group, member),
            Self::TargetGone(member) => {
                StateKey::ConsumerGroupTargetAssignmentMember { group, member }.tombstone()
            }
            Self::TargetEpoch { epoch, assigned_at } => {
                ConsumerGroupTargetAssignmentMetadataValue {
                    assignment_epoch: *epoch,
                    assignment_timestamp: WallMillis(*assigned_at),
                }
                .record(group)
            }
            Self::Current(member, current) => ConsumerGroupCurrentMemberAssignmentValue {
                member_epoch: current.epoch,
                previous_member_epoch: current.previous_epoch,
                state: current.state.number(),
                assigned_partitions: owned(&current.assigned),
                partitions_pending_revocation: owned(&current.revoking),
            }
            .record(group, member),
            Self::CurrentGone(member) => {
                StateKey::ConsumerGroupCurrentMemberAssignment { group, member }.tombstone()
            }
            Self::Pattern(expression, resolved) => ConsumerGroupRegularExpressionValue {
                topics: resolved.topics.iter().map(String::as_str).collect(),
                version: resolved.version,
                timestamp: WallMillis(resolved.resolved_at),
            }
            .record(group, expression),
            Self::PatternGone(expression) => {
                StateKey::ConsumerGroupRegularExpression { group, expression }.tombstone()
            }
        }
    }
}

fn described(group: &str, member: &str, description: &Description) -> StateRecord {
    let classic = description.classic.as_ref();
    ConsumerGroupMemberMetadataValue {
        instance_id: description.instance_id.as_deref(),
        rack_id: description.rack_id.as_deref(),
        client_id: &description.client_id,
        client_host: &description.client_host,
        subscribed_topic_names: description.topics.iter().map(String::as_str).collect(),
        subscribed_topic_regex: Some(&description.pattern),
        rebalance_timeout_ms: description.rebalance_timeout_ms,
        server_assignor: description.assignor.as_deref(),
        classic: classic.map(|classic| ClassicMemberMetadata {
            session_timeout_ms: classic.session_timeout_ms,
            supported_protocols: classic
                .protocols
                .iter()
                .map(|(name, metadata)| (name.as_str(), metadata.as_ref()))
                .collect(),
        }),
    }
    .record(group, member)
}

fn owned(topics: &OwnedPartitions) -> Vec<CurrentTopicPartitions> {
    let topics = topics.iter();
    topics
        .map(|(topic, partitions)| CurrentTopicPartitions {
            topic_id: *topic,
            partitions: partitions.keys().copied().collect(),
            assignment_epochs: Some(partitions.values().copied().collect()),
        })
        .collect()
}
