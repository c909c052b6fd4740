//! Which consumer group takes a request, and what is said where there is none.

use std::sync::Arc;

use super::member::{LEAVING_STATIC, Member};
use super::migrate;
use super::{ConsumerGroup, HeartbeatReply, HeartbeatUpdate};
use crate::engine::api_error::ApiError;
use crate::engine::context::{Call, Context};
use crate::engine::group::classic::{ClassicGroup, State};
use crate::engine::group::refusals::{no_group, no_group_of_kind, not_a_member, other_kind};
use crate::engine::group::turn::{GroupTimerKind, Turn};
use crate::engine::group::{Group, Groups};

/// Whether consumer groups are in use: by the broker's settings, and by the cluster's feature.
pub(crate) fn is_enabled(cx: &Context<'_>) -> bool {
    let protocols = &cx.state.broker_config(cx.call.node).group_protocols;
    protocols.iter().any(|name| name == "consumer") && cx.state.features.level("group.version") > 0
}

impl Groups {
    /// Takes a heartbeat of a member that joins or stays. Who joins may make the group.
    pub(crate) fn consumer_heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        id: &Arc<str>,
        mut update: HeartbeatUpdate,
    ) -> Result<HeartbeatReply, ApiError> {
        let joins = update.epoch == 0;
        if joins {
            self.former.returned(id, &update.member);
        }
        if update.member.is_empty() {
            update.member = turn.new_member_id();
        }
        let is_former = self.former.has(id, &update.member);
        match self.get_mut(id) {
            Some(Group::Consumer(group)) => group.heartbeat(turn, call, &update),
            Some(Group::Classic(_)) if joins => self.upgrade(turn, call, id, &update),
            Some(Group::Classic(_) | Group::Share(_) | Group::Streams(_)) | None if is_former => {
                Err(not_a_member(id, &update.member))
            }
            Some(Group::Classic(_) | Group::Share(_) | Group::Streams(_)) => {
                Err(other_kind(id, "consumer"))
            }
            None if joins => {
                let mut group = ConsumerGroup::new(Arc::clone(id));
                let reply = group.heartbeat(turn, call, &update)?;
                self.insert(Arc::clone(id), Group::Consumer(group));
                Ok(reply)
            }
            None => Err(no_group_of_kind(id, "Consumer")),
        }
    }

    /// Takes a member's good-bye.
    pub(crate) fn consumer_leave(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        member: &str,
        instance: Option<&str>,
        epoch: i32,
    ) -> Result<(), ApiError> {
        let is_former = self.former.has(id, member);
        match self.get_mut(id) {
            Some(Group::Consumer(group)) => {
                let heir = group.leave(turn, member, instance, epoch)?;
                self.inherit(heir);
                Ok(())
            }
            Some(Group::Classic(_) | Group::Share(_) | Group::Streams(_)) | None if is_former => {
                Err(not_a_member(id, member))
            }
            Some(Group::Classic(_) | Group::Share(_) | Group::Streams(_)) => {
                Err(other_kind(id, "consumer"))
            }
            None => Err(no_group(id)),
        }
    }

    /// A member joins a classic group with the consumer protocol.
    fn upgrade(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        id: &Arc<str>,
        update: &HeartbeatUpdate,
    ) -> Result<HeartbeatReply, ApiError> {
        let Some(Group::Classic(classic)) = self.get_mut(id) else {
            return Err(other_kind(id, "consumer"));
        };
        let (mut group, made) = if *classic.state() == State::Empty {
            (ConsumerGroup::new(Arc::clone(id)), Vec::new())
        } else {
            migrate::may_upgrade(turn, classic)?;
            // Who waits is told even if the group then stays as it is.
            classic.send_all_back(turn);
            migrate::upgraded(turn, classic)?
        };
        let mut changes = Vec::new();
        let (reply, patterns) = group.take_heartbeat(turn, call, update, &mut changes)?;
        group.check_size(turn, &[made.clone(), changes.clone()].concat())?;
        classic.dissolve(turn);
        for change in &made {
            turn.append(id, change.record(id));
        }
        group.expect_classic_heartbeats(turn, &reply.member);
        group.commit(turn, changes);
        group.resolve_patterns(turn, patterns);
        self.insert(Arc::clone(id), Group::Consumer(group));
        Ok(reply)
    }

    /// Puts a classic group into the place of the consumer group from which it comes.
    pub(crate) fn inherit(&mut self, heir: Option<ClassicGroup>) {
        if let Some(heir) = heir {
            self.insert(Arc::clone(&heir.id), Group::Classic(heir));
        }
    }

    /// The consumer group of that name.
    pub(crate) fn consumer(&self, id: &str) -> Result<&ConsumerGroup, ApiError> {
        match self.get(id) {
            Some(Group::Consumer(group)) => Ok(group),
            Some(Group::Classic(_) | Group::Share(_) | Group::Streams(_)) => {
                Err(other_kind(id, "consumer"))
            }
            None => Err(no_group(id)),
        }
    }
}

impl ConsumerGroup {
    /// Does what is due.
    /// Also, the classic group that comes of it.
    pub(crate) fn on_timer(
        &mut self,
        turn: &mut Turn<'_>,
        kind: &GroupTimerKind,
    ) -> Option<ClassicGroup> {
        match kind {
            GroupTimerKind::Session(member)
            | GroupTimerKind::Revocation(member)
            | GroupTimerKind::ClassicRejoin(member)
            | GroupTimerKind::ClassicSync(member) => {
                // Who is away for a while need not give up anything.
                let spared = |member: &Member| {
                    matches!(kind, GroupTimerKind::Revocation(_))
                        && member.current.epoch == LEAVING_STATIC
                };
                if self
                    .members
                    .get(member)
                    .is_some_and(|member| !spared(member))
                {
                    return self.remove(turn, &[Arc::clone(member)]);
                }
                None
            }
            GroupTimerKind::Join
            | GroupTimerKind::Sync
            | GroupTimerKind::InitialRebalance
            | GroupTimerKind::Assignment => None,
        }
    }
}
