//! Groups: classic (KIP-62, KIP-345, KIP-394, KIP-429), consumer (KIP-848), share (KIP-932) and streams groups (KIP-1071).
//!
//! A group is a machine of its own: an enum of its kinds, driven by requests and timers through
//! [`turn::Turn`], which lends it the moment, the settings and chance, and takes its replies, timers
//! and records.

pub(crate) mod beating;
pub(crate) mod classic;
pub(crate) mod consumer;
pub(crate) mod coordinator;
mod dismissal;
mod former;
mod loading;
pub(crate) mod offsets;
mod refusals;
mod requests;
#[cfg(test)]
pub(crate) mod script;
pub(crate) mod share;
#[cfg(test)]
mod simulation;
pub(crate) mod streams;
pub(crate) mod turn;
pub(crate) mod wanted_states;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::authorizer::{Access, Deciders, Denials};
use super::context::{Call, Context};
use super::outbox::Notice;
use super::repeats::grouped;
use super::state::{State, StateTimer};
use super::state_topic::{StateTopic, partition_of};
use super::time::Now;
use crate::wire::units::NodeId;
use classic::ClassicGroup;
use consumer::ConsumerGroup;
pub(crate) use former::CarriedMember;
use former::FormerMembers;
use offsets::OffsetStore;
use share::ShareGroup;
use streams::StreamsGroup;
use streams::topics::TopicFaults;
use turn::{GroupTimer, Outcome, TimerChange, Turn, Written};

/// Every group, by its id.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_id: BTreeMap<Arc<str>, Group>,
    pub(crate) offsets: OffsetStore,
    /// Who was sent away by a reset or a restored snapshot.
    pub(crate) former: FormerMembers,
    /// Why internal topics of streams applications could not be made.
    pub(crate) topic_faults: TopicFaults,
}

/// A group of one of the kinds.
#[derive(Debug)]
pub(crate) enum Group {
    Classic(ClassicGroup),
    Consumer(ConsumerGroup),
    Share(ShareGroup),
    Streams(StreamsGroup),
}

impl Groups {
    pub(crate) fn get(&self, id: &str) -> Option<&Group> {
        self.by_id.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.by_id.get_mut(id)
    }

    /// Adds a group, in the place of one of the same name.
    pub(crate) fn insert(&mut self, id: Arc<str>, group: Group) {
        self.by_id.insert(id, group);
    }

    /// Takes a group away. Who calls this sees to it that it has no members.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Group> {
        self.by_id.remove(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// All groups, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Group)> {
        self.by_id.iter()
    }

    /// The classic group of that name, made without members if there is none; none if a group of
    /// another kind has the name.
    pub(crate) fn classic_or_new(&mut self, id: &Arc<str>, now: Now) -> Option<&mut ClassicGroup> {
        let group = self.by_id.entry(id.clone());
        match group.or_insert_with(|| Group::Classic(ClassicGroup::new(id.clone(), now))) {
            Group::Classic(group) => Some(group),
            Group::Consumer(_) | Group::Share(_) | Group::Streams(_) => None,
        }
    }

    /// The id of a group as it is kept; a classic one comes into being if there is none.
    fn known_or_new(&mut self, id: &str, now: Now) -> Arc<str> {
        if let Some((known, _)) = self.by_id.get_key_value(id) {
            return Arc::clone(known);
        }
        let id = id.into();
        self.classic_or_new(&id, now);
        id
    }

    fn on_timer(&mut self, turn: &mut Turn<'_>, timer: &GroupTimer) {
        match self.by_id.get_mut(&timer.group) {
            Some(Group::Classic(group)) => group.on_timer(turn, &timer.kind),
            Some(Group::Consumer(group)) => {
                let heir = group.on_timer(turn, &timer.kind);
                self.inherit(heir);
            }
            Some(Group::Share(group)) => group.on_timer(turn, &timer.kind),
            Some(Group::Streams(group)) => group.on_timer(turn, &timer.kind),
            None => {}
        }
    }
}

impl Context<'_> {
    /// Lets a request act on the groups.
    pub(crate) fn with_groups<T>(
        &mut self,
        act: impl FnOnce(&mut Groups, &mut Turn<'_>) -> T,
    ) -> T {
        self.state.with_groups_for(self.now, self.call, act)
    }
}

impl State {
    /// Lets something act on the groups, then does what they ask for.
    pub(super) fn with_groups<T>(
        &mut self,
        now: Now,
        node: NodeId,
        act: impl FnOnce(&mut Groups, &mut Turn<'_>) -> T,
    ) -> T {
        self.act_on_groups(now, (node, None), act)
    }

    /// The same for a client's request.
    fn with_groups_for<T>(
        &mut self,
        now: Now,
        call: &Call,
        act: impl FnOnce(&mut Groups, &mut Turn<'_>) -> T,
    ) -> T {
        self.act_on_groups(now, (call.node, Some(call)), act)
    }

    fn act_on_groups<T>(
        &mut self,
        now: Now,
        (node, call): (NodeId, Option<&Call>),
        act: impl FnOnce(&mut Groups, &mut Turn<'_>) -> T,
    ) -> T {
        // Which topics a regular expression finds is nothing to be noted.
        let denials = Denials::default();
        let access = call.map(|call| {
            let principal = self.sasl.principal(call.connection);
            let client = (call.connection, &*call.client_host);
            let deciders = Deciders {
                authorizer: &self.authorizer,
                policies: &self.policies,
                place: &self.sasl.aws.place,
            };
            Access::of(deciders, principal, client, &denials)
        });
        let batch_terms = self.batch_terms(StateTopic::Groups);
        let mut turn = Turn {
            now,
            node,
            batch_terms,
            config: self.configs.broker(node),
            configs: &self.configs,
            cluster: &self.cluster,
            rng: &mut self.rng,
            access,
            outcome: Outcome::default(),
        };
        let result = act(&mut self.groups, &mut turn);
        let mut outcome = turn.outcome;
        let wanted = std::mem::take(&mut outcome.wanted);
        self.settle(now, outcome);
        for wanted in wanted {
            self.begin_share_states(now, node, &wanted);
        }
        result
    }

    pub(super) fn on_group_timer(&mut self, now: Now, timer: &GroupTimer) {
        let leader = coordinator::leader(&self.cluster, &timer.group);
        let node = leader.unwrap_or_else(|| self.cluster.controller());
        self.with_groups(now, node, |groups, turn| groups.on_timer(turn, timer));
    }

    fn settle(&mut self, now: Now, outcome: Outcome) {
        for change in outcome.timers {
            match change {
                TimerChange::Schedule(timer, wait) => {
                    let at = now.plus(wait).elapsed;
                    self.timers.schedule(StateTimer::Group(timer), at);
                }
                TimerChange::Cancel(timer) => self.timers.cancel(&StateTimer::Group(timer)),
            }
        }
        self.write_records(now, outcome.records);
        #[cfg(test)]
        self.group_notes.extend_from_slice(&outcome.notes);
        for note in outcome.notes {
            self.outbox.push(Notice::Group(note));
        }
        for assigned in outcome.assigned {
            self.outbox.change(|| assigned);
        }
        for ticket in outcome.abandoned {
            self.outbox.push(Notice::Abandon(ticket));
        }
        for (ticket, reply) in outcome.replies {
            self.outbox.push(Notice::Reply(ticket, reply));
        }
    }

    /// Appends what groups wrote in one turn: a batch for each partition.
    fn write_records(&mut self, now: Now, records: Vec<Written>) {
        if records.is_empty() {
            return;
        }
        let placed = records.into_iter().filter_map(|written| {
            let index = partition_of(&self.cluster, StateTopic::Groups, &written.group)?;
            Some(((index, written.producer), written.record))
        });
        let batches = grouped(placed);
        for ((index, producer), records) in batches {
            // The coordinator never reads them back, so it does not depend on them.
            drop(self.append_state(now, (StateTopic::Groups, index), &records, producer));
        }
    }
}
