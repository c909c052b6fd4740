//! A classic group: members join, one of them assigns, all sync (KIP-62, KIP-345, KIP-394, KIP-814).
//!
//! The rules are those of Kafka's coordinator. Every state owns what only it has ([`State`]), and
//! [`ClassicGroup::enter`] is the only way from one to another.

mod admin;
mod commit;
mod convert;
mod heartbeat;
mod join;
mod leave;
mod loading;
mod member;
mod protocols;
mod rebalance;
mod record;
mod rejoin;
mod state;
mod sync;
#[cfg(test)]
mod tests;
mod waits;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::turn::{GroupTimer, GroupTimerKind, JoinReply, Note, Reply, SyncReply, Turn};
use crate::engine::java::hash_order::HashOrder;
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;
use crate::wire::units::WallMillis;

pub(crate) use heartbeat::HeartbeatRequest;
pub(crate) use join::JoinRequest;
pub(crate) use leave::{LeaveRequest, Leaving, Left};
pub(crate) use member::{Member, Protocol};
pub(crate) use state::State;
pub(crate) use sync::SyncRequest;

/// The protocol type of consumers, whose metadata Kafka can read.
const CONSUMER: &str = "consumer";

/// A classic group, with members or without.
#[derive(Debug)]
pub(crate) struct ClassicGroup {
    pub(crate) id: Arc<str>,
    state: State,
    /// When it entered its state.
    since: WallMillis,
    generation: i32,
    protocol_type: Option<Arc<str>>,
    /// The one that the present generation uses.
    protocol: Option<Arc<str>>,
    leader: Option<Arc<str>>,
    members: BTreeMap<Arc<str>, Member>,
    /// The order in which Kafka's table walks them.
    order: HashOrder<Arc<str>>,
    /// Static members' ids by their instance ids.
    instances: BTreeMap<Arc<str>, Arc<str>>,
    /// Ids that were given out and not used yet (KIP-394).
    pending: BTreeSet<Arc<str>>,
    /// What the members consume; none where that cannot be known.
    subscribed_topics: Option<BTreeSet<String>>,
    /// Someone came during the initial wait. As in Kafka, it stays set from one first rebalance to
    /// the next if nothing asked for it.
    new_member_added: bool,
}

impl ClassicGroup {
    /// A group without members, as a commit or the first JoinGroup makes it.
    pub(crate) fn new(id: Arc<str>, now: Now) -> Self {
        Self {
            id,
            state: State::Empty,
            since: now.wall,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            order: HashOrder::default(),
            instances: BTreeMap::new(),
            pending: BTreeSet::new(),
            subscribed_topics: None,
            new_member_added: false,
        }
    }

    /// Whether it is `Empty`: it has no members.
    pub(crate) fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    pub(crate) const fn state(&self) -> &State {
        &self.state
    }

    /// When the group entered its state.
    pub(crate) const fn since(&self) -> WallMillis {
        self.since
    }

    pub(crate) const fn generation(&self) -> i32 {
        self.generation
    }

    pub(crate) fn protocol_type(&self) -> Option<&str> {
        self.protocol_type.as_deref()
    }

    /// The protocol of the present generation.
    pub(crate) fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    pub(crate) fn leader(&self) -> Option<&str> {
        self.leader.as_deref()
    }

    pub(crate) fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    /// Whether an id was given out and not used yet.
    #[cfg(test)]
    pub(crate) fn is_pending(&self, id: &str) -> bool {
        self.pending.contains(id)
    }

    /// All members, in the order of Kafka's table of them.
    pub(crate) fn members_as_kept(&self) -> Vec<&Member> {
        let ids = self.order.walk().into_iter();
        ids.filter_map(|id| self.members.get(id)).collect()
    }

    /// All members, by id.
    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    /// Whether its protocol is that of consumers.
    pub(crate) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type() == Some(CONSUMER)
    }

    /// What the members consume; none where that cannot be known.
    pub(crate) const fn subscribed_topics(&self) -> Option<&BTreeSet<String>> {
        self.subscribed_topics.as_ref()
    }

    /// The member with this id or group instance id; also one whose id was only given out.
    pub(crate) fn id_of(&self, name: &str) -> Option<Arc<str>> {
        let member = self.members.get(name).map(|member| &member.id);
        let static_member = || self.instances.get(name);
        let pending = || self.pending.get(name);
        member.or_else(static_member).or_else(pending).cloned()
    }

    /// Refuses who is not a member, or whose instance is another member's by now.
    pub(crate) fn check_member(&self, id: &str, instance: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance) = instance {
            let known = self.instances.get(instance);
            let known = known.ok_or(ErrorCode::UnknownMemberId)?;
            if &**known != id {
                return Err(ErrorCode::FencedInstanceId);
            }
        }
        if !self.members.contains_key(id) {
            return Err(ErrorCode::UnknownMemberId);
        }
        Ok(())
    }

    /// Changes the state; nothing else does.
    fn enter(&mut self, turn: &mut Turn<'_>, next: State, why: &str) {
        debug_assert!(
            self.state.may_become(&next),
            "{} must not go from {} to {}",
            self.id,
            self.state.name(),
            next.name()
        );
        turn.note(Note {
            group: self.id.clone(),
            from: self.state.name(),
            to: next.name(),
            generation: self.generation,
            why: why.to_owned(),
        });
        self.since = turn.now.wall;
        self.state = next;
    }

    fn is_leader(&self, id: &str) -> bool {
        self.leader() == Some(id)
    }

    /// The largest rebalance timeout of its members.
    fn rebalance_timeout(&self) -> Duration {
        let timeouts = self.members().map(|member| member.rebalance_timeout);
        timeouts.max().unwrap_or_default()
    }

    fn waiting_joins(&self) -> usize {
        let joining = |member: &&Member| member.waiting_join.is_some();
        self.members().filter(joining).count()
    }

    fn have_all_joined(&self) -> bool {
        self.pending.is_empty() && self.members().all(|member| member.waiting_join.is_some())
    }

    fn add(&mut self, member: Member, protocol_type: Arc<str>) {
        if let Some(instance) = &member.instance_id {
            self.instances.insert(instance.clone(), member.id.clone());
        }
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type);
        }
        if self.leader.is_none() {
            self.leader = Some(member.id.clone());
        }
        self.pending.remove(&member.id);
        self.order.insert(&member.id);
        self.members.insert(member.id.clone(), member);
    }

    /// Forgets a member, or an id that was given out, and all that stands for it.
    fn remove(&mut self, turn: &mut Turn<'_>, id: &str) {
        self.order.remove(id);
        if let Some(member) = self.members.remove(id) {
            if let Some(instance) = &member.instance_id {
                self.instances.remove(instance);
            }
            self.refuse_join(turn, &member, ErrorCode::UnknownMemberId);
            if let Some(ticket) = member.waiting_sync {
                turn.abandon(ticket);
            }
        }
        if self.is_leader(id) {
            self.leader = self.order.walk().first().map(|id| Arc::clone(id));
        }
        self.pending.remove(id);
        if let Some(unsynced) = self.state.unsynced() {
            unsynced.remove(id);
        }
        turn.cancel(self.timer(GroupTimerKind::Session(id.into())));
    }

    fn timer(&self, kind: GroupTimerKind) -> GroupTimer {
        GroupTimer {
            group: self.id.clone(),
            kind,
        }
    }

    /// Expects to hear of a member within `wait`.
    fn expect(&self, turn: &mut Turn<'_>, id: &Arc<str>, wait: Duration) {
        turn.schedule(self.timer(GroupTimerKind::Session(id.clone())), wait);
    }
}
