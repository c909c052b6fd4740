//! What offsets ask of a streams group: who may commit and fetch them, and when they go.

use super::member::Member;
use super::{GroupState, StreamsGroup};
use crate::engine::group::offsets::{Committer, OffsetToCommit};
use crate::wire::error::ErrorCode;
use crate::wire::state_records::{StateKey, StateRecord};

/// The first version of OffsetCommit that members may use.
const MEMBER_EPOCHS_SINCE: i16 = 9;

impl StreamsGroup {
    /// Whether these partitions may be committed by who says to be this member. An older epoch will do for partitions whose tasks the
    /// member has had since then (KIP-1251); one that will not spoils all.
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
        if committer.version < MEMBER_EPOCHS_SINCE && !is_transactional {
            return Err(ErrorCode::UnsupportedVersion);
        }
        if committer.generation == member.current.epoch {
            return Ok(());
        }
        let had = |offset: &OffsetToCommit| {
            let since = self.since(member, &offset.topic, offset.partition);
            since.is_some_and(|epoch| committer.generation >= epoch)
        };
        if committer.generation > member.current.epoch || !offsets.iter().all(had) {
            return Err(ErrorCode::StaleMemberEpoch);
        }
        Ok(())
    }

    /// The epoch in which a member was given the task that reads a partition, and that it has or is giving up.
    fn since(&self, member: &Member, topic: &str, partition: i32) -> Option<i32> {
        let reader = self.topology.as_ref()?.reader_of(topic)?;
        let current = &member.current;
        let mut both = [&current.assigned, &current.revoking].into_iter();
        both.find_map(|tasks| {
            tasks
                .active
                .get(&*reader.subtopology_id)?
                .get(&partition)
                .copied()
        })
    }

    /// Whether offsets may be fetched by who says to be this member.
    pub(crate) fn check_fetcher(&self, member: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        let member = match member {
            None if epoch < 0 => return Ok(()),
            // As in Kafka, which has no member without an id to look up.
            None => return Err(ErrorCode::UnknownServerError),
            Some(member) => self.known(member)?,
        };
        if epoch == member.current.epoch {
            Ok(())
        } else {
            Err(ErrorCode::StaleMemberEpoch)
        }
    }

    pub(crate) fn check_delete(&self) -> Result<(), ErrorCode> {
        if self.state() == GroupState::Empty {
            Ok(())
        } else {
            Err(ErrorCode::NonEmptyGroup)
        }
    }

    /// Whether its members read a topic.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        let topology = self.topology.as_ref();
        !self.members.is_empty()
            && topology.is_some_and(|topology| topology.reader_of(topic).is_some())
    }

    /// What takes back a group without members.
    pub(crate) fn tombstones(&self) -> Vec<StateRecord> {
        let group = &*self.id;
        vec![
            StateKey::StreamsGroupTargetAssignmentMetadata { group }.tombstone(),
            StateKey::StreamsGroupMetadata { group }.tombstone(),
            StateKey::StreamsGroupTopology { group }.tombstone(),
        ]
    }

    fn known(&self, member: &str) -> Result<&Member, ErrorCode> {
        self.members.get(member).ok_or(ErrorCode::UnknownMemberId)
    }
}
