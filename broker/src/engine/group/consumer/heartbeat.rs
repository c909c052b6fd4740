//! A member's heartbeat: join, changed fields, reconciliation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::ConsumerGroup;
use super::change::Change;
use super::current::{Reported, Step};
use super::member::{
    Current, Description, LEAVING_STATIC, Member, MemberState, MemberUpdate, OwnedPartitions, has,
};
use super::patterns::Renewed;
use super::target::Target;
use crate::engine::api_error::ApiError;
use crate::engine::context::Call;
use crate::engine::group::refusals::full;
use crate::engine::group::turn::{GroupTimerKind, Turn, millis};
use crate::engine::java::hash_set;
use crate::wire::error::ErrorCode;

/// The fields of a heartbeat; none where it has not changed since the last one (KIP-848).
#[derive(Debug, Clone, Default)]
pub(crate) struct HeartbeatUpdate {
    pub(crate) member: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    pub(crate) rebalance_timeout_ms: Option<i32>,
    pub(crate) topics: Option<BTreeSet<String>>,
    pub(crate) pattern: Option<String>,
    pub(crate) assignor: Option<String>,
    pub(crate) reported: Option<Reported>,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeartbeatReply {
    pub(crate) member: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) heartbeat_interval_ms: i32,
    /// None if it has not changed and the member did not ask.
    pub(crate) assigned: Option<Vec<(Uuid, Vec<i32>)>>,
}

impl ConsumerGroup {
    /// Takes a heartbeat of a member that joins or stays.
    pub(crate) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        update: &HeartbeatUpdate,
    ) -> Result<HeartbeatReply, ApiError> {
        let mut changes = Vec::new();
        let (reply, patterns) = self.take_heartbeat(turn, call, update, &mut changes)?;
        if let Err(error) = self.check_size(turn, &changes) {
            self.forget_heartbeat(turn, &reply.member);
            return Err(error);
        }
        self.commit(turn, changes);
        self.resolve_patterns(turn, patterns);
        Ok(reply)
    }

    /// What a heartbeat would have changed cannot be written.
    fn forget_heartbeat(&mut self, turn: &mut Turn<'_>, member: &Arc<str>) {
        self.metadata_seen = None;
        if !self.members.contains_key(member) {
            self.cancel_timers(turn, member);
        }
    }

    /// Takes a heartbeat, on top of changes that are to be made with it; also, which regular expressions
    /// are to be looked up after that.
    pub(super) fn take_heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        update: &HeartbeatUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<(HeartbeatReply, Vec<String>), ApiError> {
        self.check_room(turn, &update.member, update.instance_id.as_deref())?;
        let old = self.subscribing(update, changes)?;
        let new = Member {
            description: described(&old.description, call, update),
            ..old.clone()
        };
        let heard = MemberUpdate { old, new };
        let topics_changed = self.note_description(&heard, changes);
        let patterns = self.note_pattern(&heard, changes)?;
        let due = self.patterns_due(turn, &heard, patterns);
        // A pattern that is still to be looked up moves the epoch only when it is (`consumer_group_regex`); until
        // then it counts as another subscription for the member alone.
        let assignor_changed = self.changes_assignor(turn, &heard.new);
        let bump = topics_changed || patterns == Renewed::Resolved || assignor_changed;
        let target = self.renewed_target(turn, bump, &heard, changes)?;
        let subscription_changed = topics_changed || patterns != Renewed::No;
        let step = Step {
            cluster: turn.cluster,
            target_epoch: target.epoch,
            target: &target.partitions,
            subscription_changed,
            reported: update.reported.as_ref(),
        };
        let member = self.step(turn, &heard.new, &step, changes);
        self.expect_heartbeat(turn, &member.id);
        Ok((self.reply(turn, update, &heard.old, member), due))
    }

    fn reply(
        &self,
        turn: &Turn<'_>,
        update: &HeartbeatUpdate,
        old: &Member,
        member: Member,
    ) -> HeartbeatReply {
        // KIP-848: a member that sends all its fields, as after an error, is told its assignment again.
        let full = update.rebalance_timeout_ms.is_some()
            && (update.topics.is_some() || update.pattern.is_some())
            && update.reported.is_some();
        let changed = member.current.assigned != old.current.assigned;
        let interval = turn.group_setting(&self.id, "consumer.heartbeat.interval.ms");
        HeartbeatReply {
            epoch: member.current.epoch,
            heartbeat_interval_ms: i32::try_from(interval).unwrap_or(i32::MAX),
            assigned: (update.epoch == 0 || full || changed).then(|| in_order(old, &member)),
            member: member.id,
        }
    }

    /// The target after the subscriptions were looked at, if there is a reason to.
    pub(super) fn renewed_target(
        &mut self,
        turn: &Turn<'_>,
        bump: bool,
        heard: &MemberUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Target, ApiError> {
        let pair = (&heard.old, &heard.new);
        let (epoch, kind) = if bump || self.is_metadata_stale(turn.cluster) {
            let (epoch, kind) = self.renewed_subscription(turn.cluster, bump, pair, changes);
            (epoch, Some(kind))
        } else {
            (self.epoch, None)
        };
        self.target_for(turn, (epoch, kind), &heard.new, changes)
    }

    /// A step of the member towards its target, with its record and the timer of its revocation.
    pub(super) fn step(
        &self,
        turn: &mut Turn<'_>,
        member: &Member,
        step: &Step<'_>,
        changes: &mut Vec<Change>,
    ) -> Member {
        let after = self.reconciled(member, step);
        if after == *member {
            return after;
        }
        changes.push(Change::Current(
            Arc::clone(&after.id),
            after.current.clone(),
        ));
        if !after.is_classic() {
            if after.current.state == MemberState::UnrevokedPartitions {
                self.expect_revocation(turn, &after);
            } else {
                turn.cancel(self.timer(GroupTimerKind::Revocation(Arc::clone(&after.id))));
            }
        }
        after
    }

    pub(super) fn check_room(
        &self,
        turn: &Turn<'_>,
        member: &str,
        instance: Option<&str>,
    ) -> Result<(), ApiError> {
        let known = instance.is_some_and(|instance| self.static_members.contains_key(instance))
            || self.members.contains_key(member);
        let most = turn.config.consumer_group_max_size;
        if known || self.members.len() < most {
            return Ok(());
        }
        Err(full("consumer", most))
    }

    /// The member that speaks, made if it joins.
    fn subscribing(
        &self,
        update: &HeartbeatUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Member, ApiError> {
        let joins = update.epoch == 0;
        let Some(instance) = update.instance_id.as_deref() else {
            let member = match self.members.get(&update.member) {
                None if joins => Member::new(Arc::clone(&update.member)),
                _ => self.member(&update.member)?.clone(),
            };
            check_epoch(&member, update)?;
            return Ok(member);
        };
        if !joins {
            let member = self.owner_of(instance, &update.member)?;
            check_epoch(member, update)?;
            return Ok(member.clone());
        }
        let Some(before) = self.static_member(instance) else {
            let known = self.members.get(&update.member);
            return Ok(known
                .cloned()
                .unwrap_or_else(|| Member::new(Arc::clone(&update.member))));
        };
        // Who speaks the consumer protocol must have left for a while first (`consumer_group_static/unreleased`); a
        // classic member is replaced at once (`consumer_group_join/consumer_member_takes_over_static`).
        if !before.is_classic() && before.current.epoch != LEAVING_STATIC {
            let message = format!(
                "Static member {} with instance id {instance} cannot join the group because the \
                 instance id is owned by {} member.",
                update.member, before.id
            );
            return Err(ApiError::new(ErrorCode::UnreleasedInstanceId, message));
        }
        Ok(self.replaced(before, &update.member, changes))
    }

    /// Who holds an instance id, if that is the member that speaks.
    pub(super) fn owner_of(&self, instance: &str, member: &str) -> Result<&Member, ApiError> {
        let owner = self.static_member(instance).ok_or_else(|| {
            let message = format!("Instance id {instance} is unknown.");
            ApiError::new(ErrorCode::UnknownMemberId, message)
        })?;
        check_not_fenced(owner, instance, member)?;
        Ok(owner)
    }

    /// A static member under a new id, with all that it had under the old one.
    pub(super) fn replaced(
        &self,
        before: &Member,
        id: &Arc<str>,
        changes: &mut Vec<Change>,
    ) -> Member {
        let member = Member {
            id: Arc::clone(id),
            description: before.description.clone(),
            current: Current {
                epoch: 0,
                previous_epoch: 0,
                ..before.current.clone()
            },
        };
        changes.extend(gone(&before.id));
        let target = self.target.get(&before.id).cloned().unwrap_or_default();
        changes.push(Change::Description(
            Arc::clone(id),
            member.description.clone(),
        ));
        changes.push(Change::Target(Arc::clone(id), target));
        changes.push(Change::Current(Arc::clone(id), member.current.clone()));
        member
    }

    /// Notes a new description; whether the topics in it are new.
    pub(super) fn note_description(&self, heard: &MemberUpdate, changes: &mut Vec<Change>) -> bool {
        let MemberUpdate { old, new } = heard;
        if old.description == new.description {
            return false;
        }
        let id = Arc::clone(&new.id);
        changes.push(Change::Description(id, new.description.clone()));
        old.description.topics != new.description.topics
    }

    /// Restarts a member's session.
    /// Expects a member to give up what it was told to.
    pub(super) fn expect_revocation(&self, turn: &mut Turn<'_>, member: &Member) {
        let timer = self.timer(GroupTimerKind::Revocation(Arc::clone(&member.id)));
        let timeout = member.description.rebalance_timeout_ms;
        turn.schedule(timer, millis(timeout.into()));
    }

    /// Expects to hear of a member within its session.
    pub(super) fn expect_heartbeat(&self, turn: &mut Turn<'_>, member: &Arc<str>) {
        let session = turn.group_setting(&self.id, "consumer.session.timeout.ms");
        let timer = self.timer(GroupTimerKind::Session(Arc::clone(member)));
        turn.schedule(timer, millis(session));
    }
}

/// A member's partitions in the order in which it is told them.
fn in_order(before: &Member, member: &Member) -> Vec<(Uuid, Vec<i32>)> {
    let stepped = before.current != member.current;
    let topics = member.current.assigned.iter();
    let topics = topics.map(|(topic, partitions)| {
        let before = before.current.assigned.get(topic).filter(|_| stepped);
        let before: Vec<i32> = before
            .into_iter()
            .flat_map(BTreeMap::keys)
            .copied()
            .collect();
        let after = partitions.keys().copied().collect();
        (*topic, hash_set::after_step(&before, &after))
    });
    topics.collect()
}

/// The records that take a member back.
pub(super) fn gone(id: &Arc<str>) -> [Change; 3] {
    [
        Change::CurrentGone(Arc::clone(id)),
        Change::TargetGone(Arc::clone(id)),
        Change::MemberGone(Arc::clone(id)),
    ]
}

pub(super) fn check_not_fenced(
    owner: &Member,
    instance: &str,
    member: &str,
) -> Result<(), ApiError> {
    if &*owner.id == member {
        return Ok(());
    }
    let message = format!(
        "Static member {member} with instance id {instance} was fenced by member {}.",
        owner.id
    );
    Err(ApiError::new(ErrorCode::FencedInstanceId, message))
}

/// The member's own epoch is right, and so is the one before while it reports no more than it has: then
/// the last answer was lost.
fn check_epoch(member: &Member, update: &HeartbeatUpdate) -> Result<(), ApiError> {
    let known = member.current.epoch;
    let lost_answer = || {
        let reported = update.reported.as_ref();
        update.epoch == member.current.previous_epoch
            && reported.is_some_and(|reported| is_within(reported, &member.current.assigned))
    };
    let compared = match update.epoch {
        0 => return Ok(()),
        epoch if epoch > known => "greater",
        epoch if epoch < known && !lost_answer() => "smaller",
        _ => return Ok(()),
    };
    let message = format!(
        "The consumer group member has a {compared} member epoch ({}) than the one known by the \
         group coordinator ({known}). The member must abandon all its partitions and rejoin.",
        update.epoch
    );
    Err(ApiError::new(ErrorCode::FencedMemberEpoch, message))
}

fn is_within(reported: &Reported, assigned: &OwnedPartitions) -> bool {
    let mut topics = reported.iter();
    topics.all(|(topic, indexes)| {
        assigned.contains_key(topic) && indexes.iter().all(|index| has(assigned, *topic, *index))
    })
}

fn described(old: &Description, call: &Call, update: &HeartbeatUpdate) -> Description {
    let or = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    Description {
        instance_id: or(&update.instance_id, &old.instance_id),
        rack_id: or(&update.rack_id, &old.rack_id),
        rebalance_timeout_ms: update
            .rebalance_timeout_ms
            .unwrap_or(old.rebalance_timeout_ms),
        client_id: call.client_id.to_string(),
        client_host: call.client_host.clone(),
        topics: update.topics.clone().unwrap_or_else(|| old.topics.clone()),
        pattern: update
            .pattern
            .clone()
            .unwrap_or_else(|| old.pattern.clone()),
        assignor: or(&update.assignor, &old.assignor),
        classic: None,
    }
}
