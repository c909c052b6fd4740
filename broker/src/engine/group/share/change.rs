//! What a request or a timer changes about a share group: each change is a record of `__consumer_offsets`.

use std::sync::Arc;

use super::{Current, Description, ShareGroup, States, TopicPartitions};
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::{Note, Turn, UNKNOWN_REASON};
use crate::engine::journal::{Event, TopicKeys};
use crate::wire::state_records::{
    ShareGroupCurrentMemberAssignmentValue, ShareGroupMemberMetadataValue, ShareGroupMetadataValue,
    ShareGroupTargetAssignmentMemberValue, ShareGroupTargetAssignmentMetadataValue, StateKey,
    StateRecord,
};
use crate::wire::units::WallMillis;

/// The only state in which a share group's member can be, by Kafka's number.
const STABLE: i8 = 0;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Description(Arc<str>, Description),
    MemberGone(Arc<str>),
    Epoch { epoch: i32, metadata_hash: i64 },
    Target(Arc<str>, TopicPartitions),
    TargetGone(Arc<str>),
    TargetEpoch { epoch: i32, assigned_at: i64 },
    Current(Arc<str>, Current),
    CurrentGone(Arc<str>),
    States(States),
}

impl ShareGroup {
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
        let before = (self.state_name(), self.epoch);
        if changes
            .iter()
            .any(|change| matches!(change, Change::Epoch { .. }))
        {
            self.epoch_why.clone_from(&why);
        }
        self.note_assigned(turn, &changes);
        for change in changes {
            turn.append(&self.id, change.record(&self.id));
            self.apply(change);
        }
        self.expect_assignment(turn);
        if before != (self.state_name(), self.epoch) {
            turn.note(Note {
                group: Arc::clone(&self.id),
                from: before.0,
                to: self.state_name(),
                generation: self.epoch,
                why,
            });
        }
    }

    /// Tells of members that get other partitions than they were to have.
    fn note_assigned(&self, turn: &mut Turn<'_>, changes: &[Change]) {
        let epoch = changes.iter().find_map(Change::target_epoch);
        let none = TopicPartitions::new();
        for change in changes {
            let Change::Target(member, new) = change else {
                continue;
            };
            if self.target.get(member).unwrap_or(&none) == new {
                continue;
            }
            let why = if self.epoch_why.is_empty() {
                UNKNOWN_REASON
            } else {
                &self.epoch_why
            };
            let topics = new.iter().map(|(id, partitions)| {
                let topic = turn.cluster.topic_by_id(*id);
                TopicKeys {
                    topic: topic.map_or_else(|| id.to_string(), |topic| topic.name.to_string()),
                    partitions: partitions.iter().copied().collect(),
                }
            });
            let assigned = Event::Assigned {
                group: self.id.to_string(),
                member: member.to_string(),
                epoch: epoch.unwrap_or(self.target_epoch),
                topics: topics.collect(),
                why: why.to_owned(),
            };
            turn.note_assigned(assigned);
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
        let is_same = changes.iter().any(|change| {
            matches!(change, Change::Epoch { metadata_hash, .. } if *metadata_hash == self.metadata_hash)
        });
        of_members.unwrap_or_else(|| {
            let why = if is_same {
                "share partitions have begun, or are gone"
            } else {
                "topics or partitions are others"
            };
            why.to_owned()
        })
    }

    /// Refuses changes whose records `__consumer_offsets` does not take.
    pub(super) fn check_size(&self, turn: &Turn<'_>, changes: &[Change]) -> Result<(), ApiError> {
        let records = changes.iter().map(|change| change.record(&self.id));
        let checked = turn.check_size(&records.collect::<Vec<_>>());
        checked.map_err(ApiError::from)
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Description(id, description) => self.member_mut(&id).description = description,
            Change::MemberGone(id) => self.remove_member(&id),
            Change::Epoch {
                epoch,
                metadata_hash,
            } => {
                self.epoch = epoch;
                self.metadata_hash = metadata_hash;
            }
            Change::Target(id, partitions) => drop(self.target.insert(id, partitions)),
            Change::TargetGone(id) => drop(self.target.remove(&id)),
            Change::TargetEpoch { epoch, assigned_at } => {
                self.target_epoch = epoch;
                self.assigned_at = assigned_at;
            }
            Change::Current(id, current) => self.member_mut(&id).current = current,
            Change::CurrentGone(id) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.current = Current {
                        epoch: -1,
                        previous_epoch: -1,
                        assigned: TopicPartitions::new(),
                    };
                }
            }
            Change::States(states) => self.states = Some(states),
        }
    }
}

impl Change {
    /// The epoch of a new target assignment.
    const fn target_epoch(&self) -> Option<i32> {
        if let Self::TargetEpoch { epoch, .. } = self {
            return Some(*epoch);
        }
        None
    }

    /// As it is written.
    pub(super) fn record(&self, group: &str) -> StateRecord {
        match self {
            Self::Description(member, description) => ShareGroupMemberMetadataValue {
                rack_id: description.rack_id.as_deref(),
                client_id: &description.client_id,
                client_host: &description.client_host,
                subscribed_topic_names: description.topics.iter().map(String::as_str).collect(),
            }
            .record(group, member),
            Self::MemberGone(member) => {
                StateKey::ShareGroupMemberMetadata { group, member }.tombstone()
            }
            Self::Epoch {
                epoch,
                metadata_hash,
            } => ShareGroupMetadataValue {
                epoch: *epoch,
                metadata_hash: *metadata_hash,
            }
            .record(group),
            Self::Target(member, partitions) => ShareGroupTargetAssignmentMemberValue {
                topic_partitions: rows(partitions),
            }
            .record(group, member),
            Self::TargetGone(member) => {
                StateKey::ShareGroupTargetAssignmentMember { group, member }.tombstone()
            }
            Self::TargetEpoch { epoch, assigned_at } => ShareGroupTargetAssignmentMetadataValue {
                assignment_epoch: *epoch,
                assignment_timestamp: WallMillis(*assigned_at),
            }
            .record(group),
            Self::Current(member, current) => ShareGroupCurrentMemberAssignmentValue {
                member_epoch: current.epoch,
                previous_member_epoch: current.previous_epoch,
                state: STABLE,
                assigned_partitions: rows(&current.assigned),
            }
            .record(group, member),
            Self::CurrentGone(member) => {
                StateKey::ShareGroupCurrentMemberAssignment { group, member }.tombstone()
            }
            Self::States(states) => states.value().record(group),
        }
    }
}

fn rows(topics: &TopicPartitions) -> Vec<(uuid::Uuid, Vec<i32>)> {
    let topics = topics.iter();
    topics
        .map(|(topic, partitions)| (*topic, partitions.iter().copied().collect()))
        .collect()
}
