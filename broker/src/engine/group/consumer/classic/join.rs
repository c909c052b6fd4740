//! JoinGroup of a member that speaks the classic protocol: the order of the checks is that of Kafka's
//! `classicGroupJoinToConsumerGroup`, and the cases named here are the conformance cases in `consumer_group_join`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::CONSUMER;
use crate::engine::api_error::ApiError;
use crate::engine::group::classic::{ClassicGroup, JoinRequest};
use crate::engine::group::consumer::change::Change;
use crate::engine::group::consumer::current::{Reported, Step};
use crate::engine::group::consumer::member::{ClassicMember, Description, Member, MemberUpdate};
use crate::engine::group::consumer::migrate::{Policy, as_millis, names_and_metadata};
use crate::engine::group::consumer::patterns::Renewed;
use crate::engine::group::consumer::{ConsumerGroup, topic_id};
use crate::engine::group::turn::{GroupTimerKind, JoinReply, Reply, Turn};
use crate::wire::consumer_protocol::Subscription;
use crate::wire::error::ErrorCode;

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
        let refused = |error: ApiError| (error.code, Arc::from(""));
        let id = self.admitted(turn, request)?;
        let old = self
            .classic_joining(&id, request, changes)
            .map_err(refused)?;
        let downgrades = self.downgrades_with(turn, request);
        // What it subscribes to is read only now, so garbage of a full group is GROUP_MAX_SIZE_REACHED. The first
        // protocol alone counts (`join_garbage`), and an unknown version is read as the newest (`join_newer_subscription`).
        let metadata = request.protocols.first().map(|protocol| &protocol.metadata);
        let subscription = metadata.and_then(Subscription::read).ok_or_else(|| {
            refused(ApiError::without_message(
                ErrorCode::InconsistentGroupProtocol,
            ))
        })?;
        let reported = reported(turn, &subscription);
        let new = Member {
            description: described(&old.description, request, subscription),
            ..old.clone()
        };
        let heard = MemberUpdate { old, new };
        let topics_changed = self.note_description(&heard, changes);
        let patterns = self.note_pattern(&heard, changes).map_err(refused)?;
        let due = self.patterns_due(turn, &heard, patterns);
        let bump = topics_changed || patterns != Renewed::No;
        // A downgrade ends here: no target is computed, and no pattern looked up, for a group that is no more
        // (`group_migration/downgrade_by_a_static_member`).
        if downgrades {
            let heir = self.downgraded_by(turn, request, (heard, bump), &reported, changes);
            return Ok(Some(heir));
        }
        let target = self
            .renewed_target(turn, bump, &heard, changes)
            .map_err(refused)?;
        // What it owns it says in its subscription, as a member of the consumer protocol says it in its heartbeat
        // (`join_owned`).
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

    /// The id under which a member may join, in Kafka's order of checks.
    fn admitted(
        &self,
        turn: &mut Turn<'_>,
        request: &JoinRequest,
    ) -> Result<Arc<str>, (ErrorCode, Arc<str>)> {
        let plain = |error: ErrorCode| (error, Arc::from(""));
        // Kafka takes classic members only if a group may change its kind one way or the other
        // (`group_migration_policies/disabled_classic_joins`, `upgrade_classic_joins`).
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
        // Room comes before protocols, and is asked for under the drawn id (`join_full`).
        self.check_room(turn, &id, instance)
            .map_err(|error| plain(error.code))?;
        if !self.supports(request) {
            return Err(plain(ErrorCode::InconsistentGroupProtocol));
        }
        // KIP-394: from version 4 on a dynamic member has to come again with the id (`join_v4`); a static one is
        // taken at once (`join_static`).
        if is_new && instance.is_none() && request.takes_id_first {
            return Err((ErrorCode::MemberIdRequired, id));
        }
        Ok(id)
    }

    /// Whether the group becomes a classic one with this member: it takes the place of a static member that is the
    /// last to speak the consumer protocol. A dynamic one that changes its protocol under its own id does not count
    /// (`group_migration_policies/bidirectional_consumer_becomes_classic`).
    fn downgrades_with(&self, turn: &Turn<'_>, request: &JoinRequest) -> bool {
        let instance = request.instance.as_deref();
        let before = instance.and_then(|instance| self.static_member(instance));
        before.is_some_and(|before| {
            !before.is_classic() && self.may_downgrade(turn, std::slice::from_ref(&before.id), 1)
        })
    }

    /// The last member that spoke the consumer protocol comes back with the classic one.
    fn downgraded_by(
        &mut self,
        turn: &mut Turn<'_>,
        request: &JoinRequest,
        (heard, bump): (MemberUpdate, bool),
        reported: &Reported,
        changes: &mut Vec<Change>,
    ) -> ClassicGroup {
        // The epoch goes up without a new target: the classic group rebalances instead.
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

    /// The member as it was, or as it is to begin with.
    fn classic_joining(
        &self,
        id: &Arc<str>,
        request: &JoinRequest,
        changes: &mut Vec<Change>,
    ) -> Result<Member, ApiError> {
        let known = || self.members.get(id).cloned();
        let new = || Member::new(Arc::clone(id));
        match request.instance.as_deref() {
            // A stranger's id is taken as it is, unlike in a classic group (`join_with_an_id_v4`).
            None => Ok(known().unwrap_or_else(new)),
            // With an id, that id must be the instance's (`join_static_fenced`).
            Some(instance) if !request.member.is_empty() => self.owner_of(instance, id).cloned(),
            // Without one it takes the place of who had the instance, whichever protocol that one speaks, and
            // gets its partitions (`join_static_again`, `join_static_for_a_consumer_member`).
            Some(instance) => Ok(match self.static_member(instance) {
                Some(before) => self.replaced(before, id, changes),
                None => known().unwrap_or_else(new),
            }),
        }
    }

    /// Whether all members that speak the classic protocol support one of the protocols. One in common is
    /// enough, though only the first is used afterwards (`join_protocols_of_others`).
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
