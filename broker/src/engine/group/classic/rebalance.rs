//! A rebalance: gathering the members, the next generation, and what time does to a member.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::state::{Gathering, Unsynced};
use super::{ClassicGroup, ErrorCode, JoinReply, Reply, State, SyncReply, Turn};
use crate::engine::group::classic::Member;
use crate::engine::group::turn::{GroupTimerKind, JoinedMember};

/// The tick of Kafka's timer.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The first end of a period that is not over at this moment.
fn end_of_period(since: Duration, period: Duration, now: Duration) -> Duration {
    let passed = now.saturating_sub(since).as_nanos();
    let periods = passed.div_ceil(period.as_nanos().max(1));
    let periods = u32::try_from(periods).unwrap_or(u32::MAX);
    since
        .saturating_add(period.saturating_mul(periods))
        .max(now)
}

impl ClassicGroup {
    /// Begins a rebalance where one may begin, else sees whether the present one has all it waits for.
    pub(super) fn rebalance_or_complete(&mut self, turn: &mut Turn<'_>, why: &str) {
        if self.state.may_rebalance() {
            self.prepare_rebalance(turn, why);
        } else {
            self.complete_join_if_possible(turn);
        }
    }

    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn<'_>, why: &str) {
        if matches!(self.state, State::CompletingRebalance(_)) {
            self.forget_assignments(turn, ErrorCode::RebalanceInProgress);
        }
        turn.cancel(self.timer(GroupTimerKind::Sync));
        if self.state != State::Empty {
            self.enter(turn, State::PreparingRebalance(Gathering::Rejoining), why);
            if self.have_all_joined() {
                self.complete_join(turn);
            } else {
                turn.schedule(self.timer(GroupTimerKind::Join), self.rebalance_timeout());
            }
            return;
        }
        let delay = turn.config.group_initial_rebalance_delay;
        let remaining = self.rebalance_timeout().saturating_sub(delay);
        self.enter(
            turn,
            State::PreparingRebalance(Gathering::Initial { delay, remaining }),
            why,
        );
        turn.schedule(self.timer(GroupTimerKind::Join), delay);
    }

    /// Ends the gathering if nobody is missing and no initial wait is due.
    pub(super) fn complete_join_if_possible(&mut self, turn: &mut Turn<'_>) {
        let gathers = self.state.is_preparing() && !self.state.is_initial();
        if gathers && self.have_all_joined() {
            self.complete_join(turn);
        } else {
            self.mind_overdue(turn);
        }
    }

    /// Nobody is there to go on with: only static members, of whom none is back.
    fn become_overdue(&mut self, turn: &Turn<'_>) {
        let period = self.rebalance_timeout().max(SHORTEST_WAIT);
        let is_initial = self.state.is_initial();
        if let State::PreparingRebalance(gathering) = &mut self.state {
            *gathering = Gathering::Overdue {
                since: turn.now.elapsed,
                period,
                is_initial,
            };
        }
    }

    /// Lets time go on only when its passing would end the gathering. In Kafka a timer fires at the end of each
    /// period, of 1 ms if need be, until a session ends or somebody comes.
    fn mind_overdue(&mut self, turn: &mut Turn<'_>) {
        let next_period = self.rebalance_timeout().max(SHORTEST_WAIT);
        let may_end = self.members.is_empty() || self.waiting_joins() > 0;
        let State::PreparingRebalance(Gathering::Overdue { since, period, .. }) = &mut self.state
        else {
            return;
        };
        let now = turn.now.elapsed;
        let end = end_of_period(*since, *period, now);
        if may_end {
            let timer = self.timer(GroupTimerKind::Join);
            turn.schedule(timer, end.saturating_sub(now));
        } else if next_period != *period {
            (*since, *period) = (end, next_period);
        }
    }

    /// The time for joining is over.
    pub(super) fn on_join_due(&mut self, turn: &mut Turn<'_>) {
        let State::PreparingRebalance(gathering) = &mut self.state else {
            return;
        };
        if let Gathering::Initial { delay, remaining } = gathering
            && self.new_member_added
            && !remaining.is_zero()
        {
            let next = turn.config.group_initial_rebalance_delay.min(*remaining);
            *remaining = remaining.saturating_sub(*delay);
            *delay = next;
            self.new_member_added = false;
            turn.schedule(self.timer(GroupTimerKind::Join), next);
            return;
        }
        self.complete_join(turn);
    }

    /// Goes on to the next generation with those who have joined, and with the static members.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(self.timer(GroupTimerKind::Join));
        let missing =
            |member: &&Member| member.waiting_join.is_none() && member.instance_id.is_none();
        let missing: Vec<_> = self
            .members()
            .filter(missing)
            .map(|m| m.id.clone())
            .collect();
        for id in missing {
            self.remove(turn, &id);
        }
        if !self.members.is_empty() && !self.elect_joined_leader() {
            self.become_overdue(turn);
            return;
        }
        self.generation = self.generation.wrapping_add(1);
        self.protocol = self.elect_protocol();
        self.subscribed_topics = self.topics_of_members();
        if self.members.is_empty() {
            self.enter(turn, State::Empty, "no member is left");
            // Kafka does no more than log that this failed.
            let _ = self.persist(turn);
            return;
        }
        let unsynced: Unsynced = self.members.keys().cloned().collect();
        self.enter(
            turn,
            State::CompletingRebalance(unsynced),
            "all have joined",
        );
        self.answer_joins(turn);
        turn.schedule(self.timer(GroupTimerKind::Sync), self.rebalance_timeout());
    }

    /// Whether the leader has joined, or another could take its place.
    fn elect_joined_leader(&mut self) -> bool {
        let has_joined = |member: &Member| member.waiting_join.is_some();
        let leader = self.leader.as_ref().and_then(|id| self.members.get(id));
        if leader.is_some_and(has_joined) {
            return true;
        }
        let members = self.members_as_kept();
        let Some(next) = members.into_iter().find(|member| has_joined(member)) else {
            return false;
        };
        self.leader = Some(next.id.clone());
        true
    }

    fn answer_joins(&mut self, turn: &mut Turn<'_>) {
        let ids: Vec<_> = self.members.keys().cloned().collect();
        for id in ids {
            let reply = self.present_generation(&id);
            let Some(member) = self.members.get_mut(&id) else {
                continue;
            };
            member.is_new = false;
            let session = member.session_timeout;
            if let Some(ticket) = member.waiting_join.take() {
                turn.reply(ticket, Reply::Join(reply));
            }
            self.expect(turn, &id, session);
        }
    }

    /// What a member is told of the generation; the leader learns of all members.
    pub(super) fn present_generation(&self, id: &Arc<str>) -> JoinReply {
        let members = if self.is_leader(id) {
            self.joined_members()
        } else {
            Vec::new()
        };
        JoinReply {
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            members,
            ..JoinReply::refused(ErrorCode::None, id.clone())
        }
    }

    fn joined_members(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol().unwrap_or_default();
        let joined = |member: &Member| JoinedMember {
            id: member.id.clone(),
            instance_id: member.instance_id.clone(),
            metadata: member.metadata(protocol),
        };
        self.members_as_kept().into_iter().map(joined).collect()
    }

    pub(super) fn refuse_join(&self, turn: &mut Turn<'_>, member: &Member, error: ErrorCode) {
        if let Some(ticket) = member.waiting_join {
            turn.reply(ticket, Reply::Join(JoinReply::refused(error, "".into())));
        }
    }

    /// Nobody has an assignment any more, and who waits for one is told why.
    pub(super) fn forget_assignments(&mut self, turn: &mut Turn<'_>, error: ErrorCode) {
        for member in self.members.values_mut() {
            member.assignment = Bytes::new();
        }
        self.propagate(turn, error);
    }

    /// Answers everyone who waits for its assignment.
    pub(super) fn propagate(&mut self, turn: &mut Turn<'_>, error: ErrorCode) {
        let mut heard = Vec::new();
        for member in self.members.values_mut() {
            let Some(ticket) = member.waiting_sync.take() else {
                continue;
            };
            let reply = if error == ErrorCode::None {
                SyncReply {
                    error,
                    protocol_type: self.protocol_type.clone(),
                    protocol: self.protocol.clone(),
                    assignment: member.assignment.clone(),
                }
            } else {
                SyncReply::refused(error)
            };
            turn.reply(ticket, Reply::Sync(reply));
            heard.push((member.id.clone(), member.session_timeout));
        }
        for (id, session) in heard {
            self.expect(turn, &id, session);
        }
    }

    /// Some members have not asked for their assignment in time.
    pub(super) fn on_sync_due(&mut self, turn: &mut Turn<'_>) {
        let Some(unsynced) = self.state.unsynced() else {
            return;
        };
        if unsynced.is_empty() {
            return;
        }
        for id in std::mem::take(unsynced) {
            self.remove(turn, &id);
        }
        self.prepare_rebalance(turn, "members did not sync");
    }

    /// Nothing was heard of a member, or of an id that was given out.
    pub(super) fn on_session_due(&mut self, turn: &mut Turn<'_>, id: &str) {
        if !self.pending.contains(id) {
            let Some(member) = self.members.get(id) else {
                return;
            };
            if member.is_excused() {
                return;
            }
        }
        self.evict(turn, id);
    }

    /// Begins a rebalance, unless one is under way or there is nobody to take part.
    pub(crate) fn rebalance(&mut self, turn: &mut Turn<'_>, why: &str) -> bool {
        let may = !self.members.is_empty() && self.state.may_rebalance();
        if may {
            self.prepare_rebalance(turn, why);
        }
        may
    }

    /// Ends the session of a member, or of an id that was given out.
    pub(crate) fn evict(&mut self, turn: &mut Turn<'_>, id: &str) {
        let was_member = self.members.contains_key(id);
        self.remove(turn, id);
        if self.state.is_preparing() {
            // As in Kafka, even an empty group's first wait ends where none is left to wait for.
            if self.have_all_joined() {
                self.complete_join(turn);
            } else {
                self.mind_overdue(turn);
            }
        } else if was_member && self.state.may_rebalance() {
            self.prepare_rebalance(turn, "a member's session ended");
        }
    }

    /// Does what is due.
    pub(crate) fn on_timer(&mut self, turn: &mut Turn<'_>, kind: &GroupTimerKind) {
        match kind {
            GroupTimerKind::Session(id) => self.on_session_due(turn, id),
            GroupTimerKind::Join => self.on_join_due(turn),
            GroupTimerKind::Sync => self.on_sync_due(turn),
            GroupTimerKind::Revocation(_)
            | GroupTimerKind::InitialRebalance
            | GroupTimerKind::ClassicRejoin(_)
            | GroupTimerKind::ClassicSync(_)
            | GroupTimerKind::Assignment => {}
        }
    }
}
