//! JoinGroup of someone whom the group knows, by member id or by instance id.

use std::sync::Arc;

use super::{
    ClassicGroup, ErrorCode, JoinReply, JoinRequest, Member, Reply, State, SyncReply, Turn,
};
use crate::engine::context::Ticket;

impl ClassicGroup {
    /// Takes a JoinGroup with a member id.
    pub(super) fn rejoin(&mut self, turn: &mut Turn<'_>, request: JoinRequest) {
        let id = request.member.clone();
        if self.pending.contains(&id) {
            if request.instance.is_some() {
                // Kafka's coordinator throws here.
                request.refuse(turn, ErrorCode::UnknownServerError, "".into());
                return;
            }
            self.admit(turn, request, id);
            return;
        }
        if let Err(error) = self.check_member(&id, request.instance.as_deref()) {
            request.refuse(turn, error, id);
            return;
        }
        let is_unchanged = self.has_same_protocols(&request);
        match self.state {
            State::PreparingRebalance(_) => self.update(turn, request, "a member joins"),
            State::CompletingRebalance(_) if is_unchanged => self.repeat_generation(turn, &request),
            // The leader may know of changes that its metadata does not show.
            State::Stable(_) if self.is_leader(&id) => {
                self.update(turn, request, "the leader joins again");
            }
            State::Stable(_) if is_unchanged => self.repeat_generation(turn, &request),
            State::CompletingRebalance(_) | State::Stable(_) => {
                self.update(turn, request, "a member's metadata changed");
            }
            State::Empty | State::Dead => request.refuse(turn, ErrorCode::UnknownMemberId, id),
        }
    }

    fn has_same_protocols(&self, request: &JoinRequest) -> bool {
        let member = self.members.get(&request.member);
        member.is_some_and(|member| member.protocols == request.protocols)
    }

    /// Tells a member what it may have missed.
    fn repeat_generation(&self, turn: &mut Turn<'_>, request: &JoinRequest) {
        let reply = self.present_generation(&request.member);
        turn.reply(request.ticket, Reply::Join(reply));
    }

    fn update(&mut self, turn: &mut Turn<'_>, request: JoinRequest, what: &str) {
        let why = request.why(what);
        let id = request.member.clone();
        self.renew(turn, request, &id);
        self.rebalance_or_complete(turn, &why);
    }

    /// Takes over what a member now says of itself, and lets its JoinGroup wait. One that it sent
    /// before is never answered, as in Kafka.
    fn renew(&mut self, turn: &mut Turn<'_>, request: JoinRequest, id: &str) {
        let Some(member) = self.members.get_mut(id) else {
            return;
        };
        member.protocols = request.protocols;
        member.connection = Some(request.connection);
        member.rebalance_timeout = request.rebalance_timeout;
        member.session_timeout = request.session_timeout;
        if let Some(ticket) = member.waiting_join.replace(request.ticket) {
            turn.abandon(ticket);
        }
    }

    /// A static member comes back without its member id: it gets a new one, and the old one is fenced.
    pub(super) fn replace_static(
        &mut self,
        turn: &mut Turn<'_>,
        request: JoinRequest,
        old: &Arc<str>,
        id: Arc<str>,
    ) {
        let old_leader = self.leader.clone();
        let before = self.members.get(old).cloned();
        self.rename(turn, old, &id);
        let why = request.why("a static member is back");
        let (ticket, may_skip) = (request.ticket, request.may_skip_assignment);
        self.renew(turn, request, &id);
        match self.state {
            State::Stable(_) if self.elect_protocol() == self.protocol => {
                let written = self.keep_assignment(turn, &id, old_leader.clone(), may_skip);
                if let (Err(error), Some(before)) = (written, before) {
                    self.put_back(turn, &id, before, old_leader, (ticket, error));
                }
            }
            State::Stable(_) | State::CompletingRebalance(_) => self.prepare_rebalance(turn, &why),
            State::PreparingRebalance(_) => self.complete_join_if_possible(turn),
            State::Empty | State::Dead => {
                let refused = JoinReply::refused(ErrorCode::UnknownServerError, "".into());
                turn.reply(ticket, Reply::Join(refused));
            }
        }
    }

    fn rename(&mut self, turn: &mut Turn<'_>, old: &Arc<str>, id: &Arc<str>) {
        self.order.remove(old);
        let Some(mut member) = self.members.remove(old) else {
            return;
        };
        let fenced = ErrorCode::FencedInstanceId;
        if let Some(ticket) = member.waiting_join.take() {
            turn.reply(ticket, Reply::Join(JoinReply::refused(fenced, old.clone())));
        }
        if let Some(ticket) = member.waiting_sync.take() {
            turn.reply(ticket, Reply::Sync(SyncReply::refused(fenced)));
        }
        if let Some(instance) = &member.instance_id {
            self.instances.insert(instance.clone(), id.clone());
        }
        if self.is_leader(old) {
            self.leader = Some(id.clone());
        }
        turn.cancel(self.timer(super::GroupTimerKind::Session(old.clone())));
        self.expect(turn, id, member.session_timeout);
        member.id = id.clone();
        member.is_new = false;
        self.order.insert(id);
        self.members.insert(id.clone(), member);
    }

    /// Answers a static member that is back and changes nothing for the others. Before KIP-814 a
    /// leader was told of the old leader, so that it took itself for a follower.
    fn keep_assignment(
        &mut self,
        turn: &mut Turn<'_>,
        id: &Arc<str>,
        old_leader: Option<Arc<str>>,
        may_skip: bool,
    ) -> Result<(), ErrorCode> {
        self.persist(turn)?;
        let mut reply = self.present_generation(id);
        if may_skip {
            reply.skip_assignment = self.is_leader(id);
        } else {
            reply.members.clear();
            reply.leader = old_leader;
        }
        let member = self.members.get_mut(id);
        if let Some(ticket) = member.and_then(|member| member.waiting_join.take()) {
            turn.reply(ticket, Reply::Join(reply));
        }
        Ok(())
    }

    /// A static member's return could not be written: it is who it was before.
    fn put_back(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        before: Member,
        leader: Option<Arc<str>>,
        (ticket, error): (Ticket, ErrorCode),
    ) {
        let reply = JoinReply {
            error,
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: leader.clone(),
            ..JoinReply::refused(error, "".into())
        };
        turn.reply(ticket, Reply::Join(reply));
        turn.cancel(self.timer(super::GroupTimerKind::Session(id.into())));
        self.order.remove(id);
        self.members.remove(id);
        self.leader = leader;
        if let Some(instance) = &before.instance_id {
            self.instances
                .insert(instance.clone(), Arc::clone(&before.id));
        }
        self.expect(turn, &before.id, before.session_timeout);
        let before = Member {
            waiting_join: None,
            waiting_sync: None,
            ..before
        };
        self.order.insert(&before.id);
        self.members.insert(Arc::clone(&before.id), before);
    }
}
