//! A member's heartbeat: it joins, says to which topics it subscribes, and is told what it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::change::Change;
use super::target::{Subscriptions, Target};
use super::{Current, Description, Member, ShareGroup, TopicPartitions, WantedStates};
use crate::engine::api_error::ApiError;
use crate::engine::context::Call;
use crate::engine::group::consumer::hash;
use crate::engine::group::refusals::full;
use crate::engine::group::turn::Turn;
use crate::engine::java::hash_set;
use crate::wire::error::ErrorCode;

/// The fields of a heartbeat; none where it has not changed since the last one.
#[derive(Debug, Clone)]
pub(crate) struct ShareHeartbeat {
    pub(crate) member: Arc<str>,
    /// 0 joins.
    pub(crate) epoch: i32,
    pub(crate) rack_id: Option<String>,
    pub(crate) topics: Option<BTreeSet<String>>,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareHeartbeatReply {
    pub(crate) member: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) heartbeat_interval_ms: i32,
    /// None if it has not changed and the member did not ask.
    pub(crate) assigned: Option<Vec<(Uuid, Vec<i32>)>>,
}

impl ShareGroup {
    /// Takes a heartbeat of a member that joins or stays; also, which states are to begin after that.
    pub(super) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        update: &ShareHeartbeat,
    ) -> Result<(ShareHeartbeatReply, Option<WantedStates>), ApiError> {
        self.check_room(turn, &update.member)?;
        let old = self.heard_of(update)?;
        let new = Member {
            description: described(&old.description, call, update),
            ..old.clone()
        };
        let mut changes = Vec::new();
        let subscriptions = self.subscriptions_with(&new);
        let (bump, epoch) = self.renewed_epoch(turn, (&old, &new), &subscriptions, &mut changes);
        let target = self.renewed_target(turn, epoch, (&new, &subscriptions), &mut changes)?;
        let current = reconciled(turn, &new, &target, bump);
        if current != new.current {
            changes.push(Change::Current(Arc::clone(&new.id), current.clone()));
        }
        let topics = subscriptions.counts.keys();
        let wanted = self.want_states(turn, epoch, topics, &mut changes);
        self.check_size(turn, &changes)?;
        self.metadata_seen = Some(turn.cluster.version());
        self.commit(turn, changes);
        self.expect_heartbeat(turn, &new.id);
        Ok((self.reply(turn, update, &old, &current), wanted))
    }

    fn check_room(&self, turn: &Turn<'_>, member: &str) -> Result<(), ApiError> {
        let size_max = turn.config.share_group_max_size;
        if self.members.len() < size_max || self.members.contains_key(member) {
            return Ok(());
        }
        Err(full("share", size_max))
    }

    /// The member as it was, if its epoch is one that it may have.
    fn heard_of(&self, update: &ShareHeartbeat) -> Result<Member, ApiError> {
        if update.epoch == 0 && !self.members.contains_key(&update.member) {
            return Ok(Member::new(Arc::clone(&update.member)));
        }
        let member = self.member(&update.member)?;
        let Current {
            epoch,
            previous_epoch,
            ..
        } = member.current;
        let heard = update.epoch;
        let fenced = |message| Err(ApiError::new(ErrorCode::FencedMemberEpoch, message));
        if heard == 0 || heard == epoch || (heard < epoch && heard == previous_epoch) {
            return Ok(member.clone());
        }
        if heard > epoch {
            return fenced(format!(
                "The share group member has a greater member epoch ({heard}) than the one known by the group \
                 coordinator ({epoch}). The member must abandon all its partitions and rejoin."
            ));
        }
        fenced(format!(
            "The share group member has a smaller member epoch ({heard}) than the one known by the group coordinator \
             ({epoch}), and it does not match the previous member epoch ({previous_epoch}). The member must abandon \
             all its partitions and rejoin."
        ))
    }

    /// Whether the epoch rises, and to what.
    fn renewed_epoch(
        &self,
        turn: &Turn<'_>,
        (old, new): (&Member, &Member),
        subscriptions: &Subscriptions,
        changes: &mut Vec<Change>,
    ) -> (bool, i32) {
        let is_new = !self.members.contains_key(&new.id);
        if is_new || old.description != new.description {
            let description = new.description.clone();
            changes.push(Change::Description(Arc::clone(&new.id), description));
        }
        let mut bump = old.description.topics != new.description.topics;
        bump |= self.target_epoch >= self.epoch && self.has_unassigned_states();
        if !bump && self.metadata_seen == Some(turn.cluster.version()) {
            return (false, self.epoch);
        }
        let metadata_hash = hash::of_topics(turn.cluster, subscriptions.counts.keys());
        bump |= metadata_hash != self.metadata_hash;
        if !bump {
            return (false, self.epoch);
        }
        let epoch = self.epoch.saturating_add(1);
        changes.push(Change::Epoch {
            epoch,
            metadata_hash,
        });
        (true, epoch)
    }

    fn reply(
        &self,
        turn: &Turn<'_>,
        update: &ShareHeartbeat,
        old: &Member,
        current: &Current,
    ) -> ShareHeartbeatReply {
        let asked = update.epoch == 0 || update.topics.is_some();
        let interval = turn.group_setting(&self.id, "share.heartbeat.interval.ms");
        ShareHeartbeatReply {
            member: Arc::clone(&update.member),
            epoch: current.epoch,
            heartbeat_interval_ms: i32::try_from(interval).unwrap_or(i32::MAX),
            assigned: (asked || old.current.assigned != current.assigned)
                .then(|| in_order(&current.assigned)),
        }
    }

    /// Removes the member unless it is heard of within its session.
    pub(super) fn expect_heartbeat(&self, turn: &mut Turn<'_>, member: &Arc<str>) {
        let timeout = turn.group_setting(&self.id, "share.session.timeout.ms");
        let timeout = Duration::from_millis(u64::try_from(timeout).unwrap_or_default());
        turn.schedule(self.session_of(member), timeout);
    }
}

fn described(old: &Description, call: &Call, update: &ShareHeartbeat) -> Description {
    Description {
        rack_id: update.rack_id.clone().or_else(|| old.rack_id.clone()),
        client_id: call.client_id.to_string(),
        client_host: Arc::clone(&call.client_host),
        topics: update.topics.clone().unwrap_or_else(|| old.topics.clone()),
    }
}

/// Where a member stands once it has followed the target.
fn reconciled(turn: &Turn<'_>, member: &Member, target: &Target, bump: bool) -> Current {
    let current = &member.current;
    if target.epoch == current.epoch && !bump {
        return current.clone();
    }
    let ids = member.description.topics.iter();
    let ids: BTreeSet<Uuid> = ids
        .filter_map(|name| Some(turn.cluster.topic(name)?.id))
        .collect();
    let mut assigned = target.partitions.clone();
    assigned.retain(|topic, _| ids.contains(topic));
    if target.epoch == current.epoch {
        return Current {
            assigned,
            ..current.clone()
        };
    }
    Current {
        epoch: target.epoch,
        previous_epoch: current.epoch,
        assigned,
    }
}

/// Partitions as Kafka's tables of them are walked.
fn in_order(assigned: &TopicPartitions) -> Vec<(Uuid, Vec<i32>)> {
    let by_topic: BTreeMap<_, _> = assigned.iter().collect();
    let topics = hash_set::topics(assigned.keys()).into_iter();
    let rows = topics.filter_map(|topic| {
        let partitions = by_topic.get(&topic)?;
        Some((topic, hash_set::partitions(partitions.iter().copied())))
    });
    rows.collect()
}
