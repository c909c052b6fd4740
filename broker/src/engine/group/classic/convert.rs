//! A classic group as the heir or the ancestor of a consumer group (KIP-848).

use std::sync::Arc;

use bytes::Bytes;

use super::{CONSUMER, ClassicGroup, ErrorCode, Member, State, Turn};
use super::{JoinReply, Reply, SyncReply};
use crate::engine::group::turn::GroupTimerKind;
use crate::wire::state_records::StateKey;

impl ClassicGroup {
    /// A stable group of consumers that came from a consumer group. `assignment` gives a member its
    /// bytes, by its id and its metadata. It begins a rebalance if there is a reason.
    pub(crate) fn of_consumers(
        turn: &mut Turn<'_>,
        (id, generation): (&Arc<str>, i32),
        members: Vec<Member>,
        assignment: impl Fn(&str, &Bytes) -> Bytes,
        rebalance: Option<&str>,
    ) -> Self {
        let mut group = Self::new(Arc::clone(id), turn.now);
        group.generation = generation;
        group.state = State::Stable(Default::default());
        for member in members {
            group.add(member, CONSUMER.into());
        }
        group.protocol = group.elect_protocol();
        group.subscribed_topics = group.topics_of_members();
        let protocol = group.protocol.clone().unwrap_or_default();
        for member in group.members.values_mut() {
            member.assignment = assignment(&member.id, &member.metadata(&protocol));
        }
        let _ = group.persist(turn);
        for member in group.members.values() {
            group.expect(turn, &member.id, member.session_timeout);
        }
        if let Some(why) = rebalance {
            group.prepare_rebalance(turn, why);
        }
        group
    }

    /// Lets go of everything that was to happen to the group.
    pub(crate) fn cancel_timers(&self, turn: &mut Turn<'_>) {
        for id in self.members.keys().chain(&self.pending) {
            turn.cancel(self.timer(GroupTimerKind::Session(Arc::clone(id))));
        }
        turn.cancel(self.timer(GroupTimerKind::Join));
        turn.cancel(self.timer(GroupTimerKind::Sync));
    }

    /// Tells everyone who waits for a generation or an assignment to join again.
    pub(crate) fn send_all_back(&mut self, turn: &mut Turn<'_>) {
        self.refuse_all(turn, ErrorCode::RebalanceInProgress);
    }

    /// Answers everyone who waits for a generation or an assignment.
    pub(super) fn refuse_all(&mut self, turn: &mut Turn<'_>, error: ErrorCode) {
        for member in self.members.values_mut() {
            if let Some(ticket) = member.waiting_join.take() {
                let reply = JoinReply::refused(error, Arc::clone(&member.id));
                turn.reply(ticket, Reply::Join(reply));
            }
            if let Some(ticket) = member.waiting_sync.take() {
                turn.reply(ticket, Reply::Sync(SyncReply::refused(error)));
            }
        }
    }

    /// Ends the group for another kind that takes its name.
    pub(crate) fn dissolve(&self, turn: &mut Turn<'_>) {
        self.cancel_timers(turn);
        turn.append(
            &self.id,
            StateKey::GroupMetadata { group: &self.id }.tombstone(),
        );
    }
}
