//! How long offsets are kept, and groups that hold nothing else.
//!
//! Oracle: offsets of a group that has emptied go when it has been empty for
//! `offsets.retention.minutes`; those of a group that never had members, or to a topic that its
//! members no longer consume, when they are that old. A client that gave a retention of its own gets
//! just that. A group without members and offsets goes at the next check.

use std::time::Duration;

use super::CommittedOffset;
use crate::engine::group::turn::Turn;
use crate::engine::group::{Group, Groups};
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::state_records::StateRecord;
use crate::wire::units::WallMillis;

/// From when on the offsets of a group are kept for their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// From each one's commit.
    AfterCommit,
    /// From one moment.
    After(WallMillis),
    /// Not while the group is as it is.
    Never,
}

impl Groups {
    /// Deletes what has been kept long enough.
    pub(crate) fn expire_offsets(&mut self, turn: &mut Turn<'_>) {
        let minutes = turn.config.offsets_retention_minutes;
        let retention = Duration::from_secs(u64::from(minutes.unsigned_abs()).saturating_mul(60));
        let ids: Vec<_> = self.iter().map(|(id, _)| id.clone()).collect();
        for id in ids {
            let Some(group) = self.get(&id) else {
                continue;
            };
            let (expired, is_bare) = self.expired(group, &id, turn.now, retention);
            // A share group has no offsets of its own, and stays until somebody deletes it.
            let lasts = matches!(group, Group::Share(_));
            let goes = is_bare && group.is_empty() && !lasts;
            for at in expired {
                self.forget_offset(turn, &id, &at.topic, at.partition);
            }
            if goes {
                self.bury(turn, &id);
            }
        }
    }

    /// The partitions whose offsets have expired, and whether the group is left with none.
    fn expired(
        &self,
        group: &Group,
        id: &str,
        now: Now,
        retention: Duration,
    ) -> (Vec<TopicPartition>, bool) {
        let expiry = group.expiry();
        let mut is_bare = !self.offsets.has_open_transaction(id);
        let mut expired = Vec::new();
        for (topic, partition, committed) in self.offsets.of_group(id) {
            let is_due = is_due(committed, expiry, now, retention)
                && !group.is_subscribed_to(topic)
                && !self.offsets.is_unstable(id, topic, partition);
            if is_due {
                expired.push(TopicPartition::new(topic, partition));
            }
            is_bare &= is_due;
        }
        (expired, is_bare)
    }
}

fn is_due(committed: &CommittedOffset, expiry: Expiry, now: Now, retention: Duration) -> bool {
    let from = match expiry {
        Expiry::Never => return false,
        Expiry::AfterCommit => committed.commit_timestamp,
        Expiry::After(moment) => moment,
    };
    if let Some(expire_timestamp) = committed.expire_timestamp {
        return now.wall >= expire_timestamp;
    }
    let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
    now.wall.0.saturating_sub(from.0) >= retention
}

impl Group {
    /// Whether it has no members.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Classic(group) => group.is_empty(),
            Self::Consumer(group) => group.members.is_empty(),
            Self::Share(group) => group.members.is_empty(),
            Self::Streams(group) => group.members.is_empty(),
        }
    }

    fn expiry(&self) -> Expiry {
        match self {
            Self::Classic(group) => group.expiry(),
            Self::Consumer(_) | Self::Streams(_) => Expiry::AfterCommit,
            Self::Share(_) => Expiry::Never,
        }
    }

    /// Whether its members consume a topic.
    pub(super) fn is_subscribed_to(&self, topic: &str) -> bool {
        match self {
            Self::Classic(group) => group.is_subscribed_to(topic),
            Self::Consumer(group) => group.is_subscribed_to(topic),
            Self::Share(_) => false,
            Self::Streams(group) => group.is_subscribed_to(topic),
        }
    }

    /// The records that take back what it wrote of itself.
    pub(super) fn tombstones(&self) -> Vec<StateRecord> {
        match self {
            Self::Classic(group) => group.tombstones(),
            Self::Consumer(group) => group.tombstones(),
            Self::Share(group) => group.tombstones(),
            Self::Streams(group) => group.tombstones(),
        }
    }
}
