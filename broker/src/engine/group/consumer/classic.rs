//! Members of a consumer group that speak the classic protocol: their generation is the member's epoch,
//! and a rebalance is in progress for them while they have something to give up or to get.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::change::Change;
use super::current::{Reported, Step};
use super::heartbeat::{Heard, check_not_fenced, millis};
use super::member::{ClassicMember, Description, Member, MemberState, has, without_epochs};
use super::migrate::{Policy, as_millis, by_name, names_and_metadata};
use super::patterns::Renewed;
use super::{ConsumerGroup, Refusal, topic_id};
use crate::engine::group::classic::{
    ClassicGroup, HeartbeatRequest, JoinRequest, LeaveRequest, Left, SyncRequest,
};
use crate::engine::group::turn::{GroupTimerKind, JoinReply, Reply, SyncReply, Turn};
use crate::wire::consumer_protocol::{Subscription, assignment_for};
use crate::wire::error::ErrorCode;

const CONSUMER: &str = "consumer";

impl ConsumerGroup {
    /// Takes a JoinGroup, which is answered at once; also, the classic group that comes of it when the last
    /// member that spoke the consumer protocol is the one that comes back.
    pub(crate) fn classic_join(
        &mut self,
        turn: &mut Turn<'_>,
        request: &JoinRequest,
    ) -> Option<ClassicGroup> {
        let mut changes = Vec::new();
        match self.classic_joined(turn, request, &mut changes) {
            Ok(heir) => heir,
            Err((error, member)) => {
                request.refuse(turn, error, member);
                None
            }
        }
    }

    fn classic_joined(
        &mut self,
        turn: &mut Turn<'_>,
        request: &JoinRequest,
        changes: &mut Vec<Change>,
    ) -> Result<Option<ClassicGroup>, (ErrorCode, Arc<str>)> {
        let plain = |error: ErrorCode| (error, Arc::from(""));
        let refused = |refusal: Refusal| (refusal.code, Arc::from(""));
        if Policy::of(turn).is_disabled() {
            return Err(plain(ErrorCode::InconsistentGroupProtocol));
        }
        let is_new = request.member.is_empty();
        let id = if is_new {
            turn.new_member_id()
        } else {
            Arc::clone(&request.member)
        };
        let instance = request.instance.as_deref();
        self.check_room(turn, &id, instance).map_err(refused)?;
        if !self.supports(request) {
            return Err(plain(ErrorCode::InconsistentGroupProtocol));
        }
        if is_new && instance.is_none() && request.takes_id_first {
            return Err((ErrorCode::MemberIdRequired, id));
        }
        let old = self
            .classic_joining(&id, instance, is_new, changes)
            .map_err(refused)?;
        let before = instance.and_then(|instance| self.static_member(instance));
        let replaces = before.map(|before| Arc::clone(&before.id));
        let downgrades = before.is_some_and(|before| !before.is_classic())
            && replaces
                .as_ref()
                .is_some_and(|id| self.may_downgrade(turn, std::slice::from_ref(id), 1));
        let metadata = request.protocols.first().map(|protocol| &protocol.metadata);
        let subscription = metadata
            .and_then(Subscription::read)
            .ok_or_else(|| plain(ErrorCode::InconsistentGroupProtocol))?;
        let reported = reported(turn, &subscription);
        let new = Member {
            description: described(&old.description, request, subscription),
            ..old.clone()
        };
        let heard = Heard { old, new };
        let topics_changed = self.note_description(&heard, changes);
        let patterns = self.note_pattern(&heard, changes).map_err(refused)?;
        let due = self.patterns_due(turn, &heard, patterns);
        let bump = topics_changed || patterns != Renewed::No;
        if downgrades {
            return Ok(Some(self.downgraded_by(
                turn,
                request,
                (heard, bump),
                &reported,
                changes,
            )));
        }
        let target = self
            .renewed_target(turn, bump, &heard, changes)
            .map_err(refused)?;
        let step = Step {
            cluster: turn.cluster,
            target_epoch: target.epoch,
            target: &target.partitions,
            subscription_changed: bump,
            reported: Some(&reported),
        };
        let member = self.step(turn, &heard.new, &step, changes);
        self.check_size(turn, changes).map_err(refused)?;
        self.commit(turn, std::mem::take(changes));
        self.welcome(turn, request, &member);
        self.resolve_patterns(turn, due);
        Ok(None)
    }

    /// The last member that spoke the consumer protocol comes back with the classic one.
    fn downgraded_by(
        &mut self,
        turn: &mut Turn<'_>,
        request: &JoinRequest,
        (heard, bump): (Heard, bool),
        reported: &Reported,
        changes: &mut Vec<Change>,
    ) -> ClassicGroup {
        let mut epoch = self.epoch;
        if bump || self.is_metadata_stale(turn.cluster) {
            let pair = (&heard.old, &heard.new);
            (epoch, _) = self.renewed_subscription(turn.cluster, bump, pair, changes);
        }
        let rebalances = self.target_epoch < epoch;
        let mut member = heard.new;
        if !rebalances {
            let target = self.target_of(&member);
            let step = Step {
                cluster: turn.cluster,
                target_epoch: self.target_epoch,
                target: &target,
                subscription_changed: bump,
                reported: Some(reported),
            };
            member = self.step(turn, &member, &step, changes);
        }
        for change in changes.drain(..) {
            turn.append(&self.id, change.record(&self.id));
        }
        let why = format!(
            "Downgrade group {} from consumer to classic with stale assignment.",
            self.id
        );
        let why = rebalances.then_some(why.as_str());
        let heir = self.downgraded(turn, &[], Some(&member), why);
        turn.reply(request.ticket, Reply::Join(joined(&member)));
        heir
    }

    /// Answers who joined, and expects to hear of it.
    fn welcome(&mut self, turn: &mut Turn<'_>, request: &JoinRequest, member: &Member) {
        self.rejoined(turn, &member.id);
        let id = || Arc::clone(&member.id);
        turn.schedule(
            self.timer(GroupTimerKind::Session(id())),
            request.session_timeout,
        );
        turn.schedule(
            self.timer(GroupTimerKind::ClassicSync(id())),
            request.rebalance_timeout,
        );
        turn.reply(request.ticket, Reply::Join(joined(member)));
    }

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
        request: &HeartbeatRequest,
    ) -> Result<(), ErrorCode> {
        let member = self
            .classic_member(
                &request.member,
                request.instance.as_deref(),
                request.generation,
            )?
            .clone();
        self.expect_classic_heartbeat(turn, &member);
        let current = &member.current;
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
                    let unknown = || Refusal::new(ErrorCode::UnknownMemberId, "");
                    self.static_member(instance).ok_or_else(unknown)
                }
                Some(instance) => self.owner_of(instance, &one.member),
            };
            let found = found.map(|member| Arc::clone(&member.id));
            if let Some(id) = found.as_ref().ok().filter(|id| !leaving.contains(id)) {
                leaving.push(Arc::clone(id));
            }
            answers.push(one.with(found.map(|_| ()).map_err(|refusal| refusal.code)));
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
            check_not_fenced(member, instance, id).map_err(|refusal| refusal.code)?;
        }
        if !member.is_classic() {
            return Err(ErrorCode::UnknownMemberId);
        }
        if member.current.epoch != generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(member)
    }

    fn classic_joining(
        &self,
        id: &Arc<str>,
        instance: Option<&str>,
        is_new: bool,
        changes: &mut Vec<Change>,
    ) -> Result<Member, Refusal> {
        let known = || self.members.get(id).cloned();
        let new = || Member::new(Arc::clone(id));
        match instance {
            None => Ok(known().unwrap_or_else(new)),
            Some(instance) if !is_new => self.owner_of(instance, id).cloned(),
            Some(instance) => Ok(match self.static_member(instance) {
                Some(before) => self.replaced(before, id, changes),
                None => known().unwrap_or_else(new),
            }),
        }
    }

    /// Whether all members that speak the classic protocol support one of the protocols.
    fn supports(&self, request: &JoinRequest) -> bool {
        let classic = || {
            let members = self.members.values();
            members.filter_map(|member| member.description.classic.as_ref())
        };
        let by_all = |name: &str| {
            classic().all(|member| member.protocols.iter().any(|(own, _)| own == name))
        };
        &*request.protocol_type == CONSUMER
            && request
                .protocols
                .iter()
                .any(|protocol| by_all(&protocol.name))
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

fn joined(member: &Member) -> JoinReply {
    let classic = member.description.classic.as_ref();
    let protocol = classic.and_then(|classic| classic.protocols.first());
    JoinReply {
        error: ErrorCode::None,
        generation: member.current.epoch,
        protocol_type: Some(CONSUMER.into()),
        protocol: protocol.map(|(name, _)| name.as_str().into()),
        ..JoinReply::refused(ErrorCode::None, Arc::clone(&member.id))
    }
}

fn described(old: &Description, request: &JoinRequest, subscription: Subscription) -> Description {
    let instance = request.instance.as_deref().map(str::to_owned);
    let rack = subscription.rack_id.filter(|rack| !rack.is_empty());
    Description {
        instance_id: instance.or_else(|| old.instance_id.clone()),
        rack_id: rack.or_else(|| old.rack_id.clone()),
        rebalance_timeout_ms: as_millis(request.rebalance_timeout),
        client_id: request.client_id.to_string(),
        client_host: Arc::clone(&request.client_host),
        topics: subscription.topics.into_iter().collect(),
        pattern: String::new(),
        assignor: old.assignor.clone(),
        classic: Some(ClassicMember {
            session_timeout_ms: as_millis(request.session_timeout),
            protocols: names_and_metadata(&request.protocols),
        }),
    }
}

fn reported(turn: &Turn<'_>, subscription: &Subscription) -> Reported {
    let owned = subscription.owned.iter();
    let owned = owned
        .filter_map(|(topic, indexes)| Some((topic_id(turn.cluster, topic)?, indexes.clone())));
    owned.collect::<BTreeMap<_, _>>()
}
