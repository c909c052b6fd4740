//! Members of a consumer group that speak the classic protocol: their generation is the member's epoch,
//! and a rebalance is in progress for them while they have something to give up or to get.

mod join;

use std::sync::Arc;

use bytes::Bytes;

use super::ConsumerGroup;
use super::heartbeat::check_not_fenced;
use super::member::{Member, MemberState, has, without_epochs};
use super::migrate::by_name;
use crate::engine::api_error::ApiError;
use crate::engine::group::classic::{
    ClassicGroup, HeartbeatRequest, LeaveRequest, Left, SyncRequest,
};
use crate::engine::group::turn::millis;
use crate::engine::group::turn::{GroupTimerKind, Reply, SyncReply, Turn};
use crate::wire::consumer_protocol::assignment_for;
use crate::wire::error::ErrorCode;

const CONSUMER: &str = "consumer";

impl ConsumerGroup {
    /// Takes a SyncGroup, which is answered at once.
    pub(crate) fn classic_sync(&mut self, turn: &mut Turn<'_>, request: &SyncRequest) {
        let reply = match self.classic_synced(turn, request) {
            Ok(assignment) => SyncReply {
                error: ErrorCode::None,
                protocol_type: request.protocol_type.clone(),
                protocol: request.protocol.clone(),
                assignment,
            },
            Err(error) => SyncReply::refused(error),
        };
        turn.reply(request.ticket, Reply::Sync(reply));
    }

    fn classic_synced(
        &mut self,
        turn: &mut Turn<'_>,
        request: &SyncRequest,
    ) -> Result<Bytes, ErrorCode> {
        let member = self.classic_member(
            &request.member,
            request.instance.as_deref(),
            request.generation,
        )?;
        let (classic, member) = (member.description.classic.clone(), member.clone());
        let classic = classic.ok_or(ErrorCode::UnknownMemberId)?;
        let (name, metadata) = classic
            .protocols
            .first()
            .ok_or(ErrorCode::UnknownServerError)?;
        let other_type = request
            .protocol_type
            .as_deref()
            .is_some_and(|given| given != CONSUMER);
        let other_name = request
            .protocol
            .as_deref()
            .is_some_and(|given| given != name);
        if other_type || other_name {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        // A member that has something to give up has joined again already, and learns what it is only from this
        // SyncGroup; its next rejoin follows once it has given that up (`consumer_group_join/join_owned`).
        if self.target_epoch > member.current.epoch
            && member.current.state != MemberState::UnrevokedPartitions
        {
            self.expect_rejoin(turn, &member);
            return Err(ErrorCode::RebalanceInProgress);
        }
        turn.cancel(self.timer(GroupTimerKind::ClassicSync(Arc::clone(&member.id))));
        self.expect_classic_heartbeat(turn, &member);
        let partitions = by_name(turn.cluster, &without_epochs(&member.current.assigned));
        assignment_for(metadata, &partitions).ok_or(ErrorCode::UnknownServerError)
    }

    /// Takes a heartbeat; that the member should join again is an error that does not end its session.
    pub(crate) fn classic_heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        request: HeartbeatRequest<'_>,
    ) -> Result<(), ErrorCode> {
        let member = self
            .classic_member(request.member, request.instance, request.generation)?
            .clone();
        self.expect_classic_heartbeat(turn, &member);
        let current = &member.current;
        // Somebody who waits for partitions that others hold has no reason to come back yet
        // (`consumer_group_classic/heartbeat_while_it_waits`).
        let in_progress = current.epoch < self.target_epoch
            || current.state == MemberState::UnrevokedPartitions
            || current.state == MemberState::UnreleasedPartitions
                && !self.waits_for_others(&member);
        if in_progress {
            self.expect_rejoin(turn, &member);
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    /// Takes a LeaveGroup; also, the classic group that comes of it.
    pub(crate) fn classic_leave(
        &mut self,
        turn: &mut Turn<'_>,
        request: LeaveRequest,
    ) -> (Vec<Left>, Option<ClassicGroup>) {
        let mut leaving: Vec<Arc<str>> = Vec::new();
        let mut answers = Vec::with_capacity(request.members.len());
        for one in request.members {
            let found = match one.instance.as_deref() {
                None => self.member(&one.member),
                Some(instance) if one.member.is_empty() => {
                    let unknown = || ApiError::without_message(ErrorCode::UnknownMemberId);
                    self.static_member(instance).ok_or_else(unknown)
                }
                Some(instance) => self.owner_of(instance, &one.member),
            };
            let found = found.map(|member| Arc::clone(&member.id));
            if let Some(id) = found.as_ref().ok().filter(|id| !leaving.contains(id)) {
                leaving.push(Arc::clone(id));
            }
            answers.push(one.with(found.map(|_| ()).map_err(|error| error.code)));
        }
        let heir = self.remove(turn, &leaving);
        (answers, heir)
    }

    /// A member of that generation that speaks the classic protocol.
    fn classic_member(
        &self,
        id: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Result<&Member, ErrorCode> {
        let member = match instance {
            None => self.members.get(id),
            Some(instance) => self.static_member(instance),
        };
        let member = member.ok_or(ErrorCode::UnknownMemberId)?;
        if let Some(instance) = instance {
            check_not_fenced(member, instance, id).map_err(|error| error.code)?;
        }
        if !member.is_classic() {
            return Err(ErrorCode::UnknownMemberId);
        }
        if member.current.epoch != generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(member)
    }

    /// Whether some of what the member is to get is still another's.
    fn waits_for_others(&self, member: &Member) -> bool {
        let target = self.target.get(&member.id).into_iter().flatten();
        let mut wanted =
            target.flat_map(|(topic, indexes)| indexes.iter().map(|index| (*topic, *index)));
        wanted.any(|(topic, index)| {
            !has(&member.current.assigned, topic, index)
                && self.partition_epoch(topic, index).is_some()
        })
    }

    /// Expects to hear of all members that speak the classic protocol, but for one that was just heard.
    pub(super) fn expect_classic_heartbeats(&self, turn: &mut Turn<'_>, heard: &str) {
        for member in self.members.values().filter(|member| &*member.id != heard) {
            self.expect_classic_heartbeat(turn, member);
        }
    }

    fn expect_classic_heartbeat(&self, turn: &mut Turn<'_>, member: &Member) {
        let classic = member.description.classic.as_ref();
        let session = classic.map_or(0, |classic| classic.session_timeout_ms);
        let timer = self.timer(GroupTimerKind::Session(Arc::clone(&member.id)));
        turn.schedule(timer, millis(session.into()));
    }

    /// Expects a member to join again, from when it was first told.
    fn expect_rejoin(&mut self, turn: &mut Turn<'_>, member: &Member) {
        if self.rejoining.insert(Arc::clone(&member.id)) {
            let timer = self.timer(GroupTimerKind::ClassicRejoin(Arc::clone(&member.id)));
            turn.schedule(
                timer,
                millis(member.description.rebalance_timeout_ms.into()),
            );
        }
    }

    fn rejoined(&mut self, turn: &mut Turn<'_>, member: &Arc<str>) {
        self.rejoining.remove(member);
        turn.cancel(self.timer(GroupTimerKind::ClassicRejoin(Arc::clone(member))));
    }
}
