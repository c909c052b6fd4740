//! Groups: classic (KIP-62, KIP-345, KIP-394, KIP-429) and consumer groups (KIP-848).
//!
//! A group is a machine of its own: an enum of its kinds, driven by requests and timers through
//! [`turn::Turn`], which lends it the moment, the settings and chance, and takes its replies, timers
//! and records.

pub(crate) mod offsets;
pub(crate) mod turn;

use std::collections::BTreeMap;

use super::cluster::Cluster;
use super::context::Context;
use super::time::Now;
use super::{Engine, TimerKey};
use crate::wire::units::NodeId;
use turn::{GroupTimer, Outcome, TimerChange, Turn};

/// Every group, by its id.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_id: BTreeMap<String, Group>,
}

/// A group of one of the kinds.
#[derive(Debug)]
pub(crate) enum Group {}

impl Context<'_> {
    /// Lets a request act on the groups.
    pub(crate) fn with_groups<T>(
        &mut self,
        act: impl FnOnce(&mut Groups, &mut Turn<'_>) -> T,
    ) -> T {
        let node = self.call.node;
        self.engine.with_groups(self.now, node, act)
    }
}

impl Engine {
    /// Lets something act on the groups, then does what they ask for.
    pub(super) fn with_groups<T>(
        &mut self,
        now: Now,
        node: NodeId,
        act: impl FnOnce(&mut Groups, &mut Turn<'_>) -> T,
    ) -> T {
        let mut turn = Turn {
            now,
            config: self.configs.broker(node),
            cluster: &self.cluster,
            rng: &mut self.rng,
            outcome: Outcome::default(),
        };
        let result = act(&mut self.groups, &mut turn);
        let outcome = turn.outcome;
        self.settle(now, outcome);
        result
    }

    pub(super) fn on_group_timer(&mut self, now: Now, timer: &GroupTimer) {
        let node = coordinator(&self.cluster, &timer.group);
        self.with_groups(now, node, |_groups, _turn| {});
    }

    fn settle(&mut self, now: Now, outcome: Outcome) {
        for change in outcome.timers {
            match change {
                TimerChange::Schedule(timer, wait) => {
                    let at = now.plus(wait).elapsed;
                    self.timers.schedule(TimerKey::Group(timer), at);
                }
                TimerChange::Cancel(timer) => self.timers.cancel(&TimerKey::Group(timer)),
            }
        }
        self.write_records(now, outcome.records);
        for (ticket, reply) in outcome.replies {
            self.held.reply(ticket, reply);
        }
    }
}

/// The node that coordinates a group; the controller's while the group's partition has no leader.
fn coordinator(cluster: &Cluster, group: &str) -> NodeId {
    use super::state_topic::{StateTopic, partition_of};
    let leader = || {
        let index = partition_of(cluster, StateTopic::Groups, group)?;
        let topic = cluster.topic(StateTopic::Groups.name())?;
        topic.partition(index)?.leader
    };
    leader().unwrap_or_else(|| cluster.controller())
}
