//! Committing: who may, and what it leaves.

use std::sync::Arc;

use super::CommittedOffset;
use crate::engine::context::ConnectionId;
use crate::engine::group::turn::Turn;
use crate::engine::group::{Group, Groups};
use crate::engine::state_log::TransactionalProducer;
use crate::wire::error::ErrorCode;

/// The first version of OffsetCommit that knows members of consumer groups (KIP-848).
const MEMBER_EPOCHS_SINCE: i16 = 9;

/// The first version of TxnOffsetCommit that knows them.
const TRANSACTIONS_MEMBER_EPOCHS_SINCE: i16 = 6;

/// Who commits offsets, by its own account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Committer<'a> {
    pub(crate) group: &'a str,
    pub(crate) connection: ConnectionId,
    pub(crate) member: &'a str,
    pub(crate) instance: Option<&'a str>,
    /// The generation, or the member's epoch; negative from clients that are no members.
    pub(crate) generation: i32,
    /// Of the request.
    pub(crate) version: i16,
    /// Set if the offsets are a transaction's.
    pub(crate) producer: Option<TransactionalProducer>,
}

/// An offset to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OffsetToCommit {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) committed: CommittedOffset,
}

impl Groups {
    /// Commits offsets, all or none. A group that only keeps offsets comes into being with its first.
    pub(crate) fn commit_offsets(
        &mut self,
        turn: &mut Turn<'_>,
        committer: &Committer<'_>,
        offsets: Vec<OffsetToCommit>,
    ) -> Result<(), ErrorCode> {
        self.check_committer(turn, committer, &offsets)?;
        if offsets.is_empty() {
            return Ok(());
        }
        let group = committer.group;
        let record = |offset: &OffsetToCommit| {
            let committed = &offset.committed;
            committed.record(group, &offset.topic, offset.partition)
        };
        let records: Vec<_> = offsets.iter().map(record).collect();
        turn.check_size(&records)?;
        // A group of another kind takes them as it is.
        let id = self.known_or_new(group, turn.now);
        for (offset, record) in offsets.into_iter().zip(records) {
            let OffsetToCommit {
                topic,
                partition,
                committed,
            } = offset;
            turn.append_for(Arc::clone(&id), record, committer.producer);
            let producer = committer.producer.map(|producer| producer.id);
            let place = (group, topic.as_str(), partition);
            self.offsets.commit(place, committed, producer);
        }
        Ok(())
    }

    fn check_committer(
        &self,
        turn: &mut Turn<'_>,
        committer: &Committer<'_>,
        offsets: &[OffsetToCommit],
    ) -> Result<(), ErrorCode> {
        self.check_former(committer)?;
        let epochs_since = if committer.producer.is_some() {
            TRANSACTIONS_MEMBER_EPOCHS_SINCE
        } else {
            MEMBER_EPOCHS_SINCE
        };
        match self.get(committer.group) {
            None if committer.generation < 0 => Ok(()),
            None if committer.version >= epochs_since => Err(ErrorCode::GroupIdNotFound),
            None => Err(ErrorCode::IllegalGeneration),
            Some(Group::Classic(group)) => group.check_committer(turn, committer),
            Some(Group::Consumer(group)) => group.check_committer(committer, offsets),
            Some(Group::Share(_)) => Err(ErrorCode::GroupIdNotFound),
            Some(Group::Streams(group)) => group.check_committer(committer, offsets),
        }
    }

    /// Whether a group's offsets may be fetched by who says to be this member (OffsetFetch v9 and
    /// later). No group, one that is dead, or a share group is one without offsets.
    pub(crate) fn check_fetcher(
        &self,
        group: &str,
        member: Option<&str>,
        epoch: i32,
    ) -> Result<(), ErrorCode> {
        match self.get(group) {
            None | Some(Group::Classic(_) | Group::Share(_)) => Ok(()),
            Some(Group::Consumer(group)) => group.check_fetcher(member, epoch),
            Some(Group::Streams(group)) => group.check_fetcher(member, epoch),
        }
    }
}
