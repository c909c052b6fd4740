//! What offsets ask of a consumer group: who may commit and fetch them, and when they go.

use uuid::Uuid;

use super::member::Member;
use super::{ConsumerGroup, GroupState};
use crate::engine::group::offsets::{Committer, OffsetToCommit};
use crate::wire::error::ErrorCode;
use crate::wire::state_records::{StateKey, StateRecord};

/// The first version of OffsetCommit that members may use.
const MEMBER_EPOCHS_SINCE: i16 = 9;

impl ConsumerGroup {
    /// Whether these partitions may be committed by who says to be this member. An older epoch will
    /// do for partitions that the member has had since then (KIP-1251); one that will not spoils all.
    pub(crate) fn check_committer(
        &self,
        committer: &Committer<'_>,
        offsets: &[OffsetToCommit],
    ) -> Result<(), ErrorCode> {
        let is_transactional = committer.producer.is_some();
        if committer.generation < 0 && self.members.is_empty() {
            return Ok(());
        }
        let claims_nothing = committer.member.is_empty() && committer.instance.is_none();
        if is_transactional && committer.generation == -1 && claims_nothing {
            return Ok(());
        }
        let member = self.known(committer.member)?;
        let is_too_old = committer.version < MEMBER_EPOCHS_SINCE && !is_transactional;
        if is_too_old && !member.is_classic() {
            return Err(ErrorCode::UnsupportedVersion);
        }
        if committer.generation == member.current.epoch {
            return Ok(());
        }
        let had = |offset: &OffsetToCommit| {
            let since = since(member, offset.committed.topic_id, offset.partition);
            since.is_some_and(|epoch| committer.generation >= epoch)
        };
        if committer.generation > member.current.epoch || !offsets.iter().all(had) {
            return Err(stale(member));
        }
        Ok(())
    }

    /// Whether offsets may be fetched by who says to be this member.
    pub(crate) fn check_fetcher(&self, member: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        let member = match member {
            None if epoch < 0 => return Ok(()),
            // As in Kafka, which has no member without an id to look up.
            None => return Err(ErrorCode::UnknownServerError),
            Some(member) => self.known(member)?,
        };
        if epoch != member.current.epoch {
            return Err(stale(member));
        }
        Ok(())
    }

    pub(crate) fn check_delete(&self) -> Result<(), ErrorCode> {
        if self.state() == GroupState::Empty {
            Ok(())
        } else {
            Err(ErrorCode::NonEmptyGroup)
        }
    }

    /// Whether a member names a topic, or a regular expression of one matches it.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        let mut members = self.members.values();
        members.any(|member| member.description.topics.contains(topic))
            || self
                .resolved
                .values()
                .any(|found| found.topics.contains(topic))
    }

    /// What takes back a group without members.
    pub(crate) fn tombstones(&self) -> Vec<StateRecord> {
        let group = &*self.id;
        vec![
            StateKey::ConsumerGroupTargetAssignmentMetadata { group }.tombstone(),
            StateKey::ConsumerGroupPartitionMetadata { group }.tombstone(),
            StateKey::ConsumerGroupMetadata { group }.tombstone(),
        ]
    }

    fn known(&self, member: &str) -> Result<&Member, ErrorCode> {
        self.members.get(member).ok_or(ErrorCode::UnknownMemberId)
    }
}

/// The epoch in which a member was given a partition that it has, or is giving up.
fn since(member: &Member, topic: Uuid, index: i32) -> Option<i32> {
    let current = &member.current;
    let mut both = [&current.assigned, &current.revoking].into_iter();
    both.find_map(|owned| owned.get(&topic)?.get(&index).copied())
}

/// What a wrong epoch is to a member of either protocol.
const fn stale(member: &Member) -> ErrorCode {
    if member.is_classic() {
        ErrorCode::IllegalGeneration
    } else {
        ErrorCode::StaleMemberEpoch
    }
}
