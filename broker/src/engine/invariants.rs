//! What holds of a whole cluster after every input, whoever sent it. A broken one is a defect of the engine.

use std::collections::BTreeSet;

use super::cluster::{Partition, Topic};
use super::{Engine, TimerKey};
use crate::engine::ids::ConnectionId;

/// Says why it is broken unless it holds.
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}

/// How much of the logs is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Bounds only, whose cost does not grow with what the logs hold.
    Bounds,
    /// Every batch.
    Batches,
}

impl Engine {
    /// Panics if something is that must not be.
    #[expect(
        clippy::panic,
        reason = "the engine itself is wrong, and who asks wants to know where"
    )]
    pub(super) fn assert_sound(&self) {
        if let Err(broken) = self.check_invariants(if cfg!(test) {
            Depth::Bounds
        } else {
            Depth::Batches
        }) {
            panic!("the cluster is not sound after an input: {broken}");
        }
    }

    /// Looks for what must not be.
    ///
    /// # Errors
    /// The first of it, in words.
    pub(crate) fn check_invariants(&self, depth: Depth) -> Result<(), String> {
        ensure!(self.woken.is_empty(), "woken requests were not run");
        ensure!(self.held.owes_nothing(), "groups' replies were not sent");
        let mut counted = 0_u64;
        for topic in self.cluster.topics() {
            for (index, partition) in (0_i32..).zip(&topic.partitions) {
                let broken = |why: String| format!("{}-{index}: {why}", topic.name);
                self.check_partition(topic, partition).map_err(broken)?;
                partition.log.check_sound(depth).map_err(broken)?;
                counted = counted.saturating_add(partition.counted_bytes);
            }
        }
        let known = self.log_bytes;
        ensure!(
            counted == known,
            "logs hold {counted} bytes, counted {known}"
        );
        self.check_waiting()?;
        self.check_timers()
    }

    /// KIP-631, KIP-966: who leads is a replica in service that is in sync; nobody is eligible and in sync at once.
    fn check_partition(&self, topic: &Topic, partition: &Partition) -> Result<(), String> {
        let replicas = &partition.replicas;
        ensure!(!replicas.is_empty(), "no replicas");
        let distinct: BTreeSet<_> = replicas.iter().collect();
        ensure!(
            distinct.len() == replicas.len(),
            "replicas repeat: {replicas:?}"
        );
        let isr = &partition.isr;
        ensure!(
            isr.iter().all(|node| replicas.contains(node)),
            "in sync {isr:?}, replicas {replicas:?}"
        );
        if let Some(leader) = partition.leader {
            ensure!(
                isr.contains(&leader),
                "leader {leader} is not in sync: {isr:?}"
            );
            ensure!(self.cluster.is_up(leader), "leader {leader} is stopped");
        }
        let held = partition.log.held_bytes();
        let counted = partition.counted_bytes;
        ensure!(
            held == counted,
            "{} holds {held} bytes, counted {counted}",
            topic.name
        );
        Ok(())
    }

    /// A connection has one request in flight, so it waits for one thing at most.
    fn check_waiting(&self) -> Result<(), String> {
        let mut waiting = BTreeSet::<ConnectionId>::new();
        let parked = self.parked.connections();
        let all = parked.chain(self.held.connections());
        for connection in all.chain(self.faults.connections_kept()) {
            let is_first = waiting.insert(connection);
            ensure!(is_first, "connection {} waits twice", connection.0);
        }
        for ticket in self.replicating.keys() {
            ensure!(
                self.parked.get(*ticket).is_some(),
                "what waits for replicas under ticket {} is not parked",
                ticket.0
            );
        }
        Ok(())
    }

    /// A timer has its reason, or it would fire for nothing; and what waits for a moment has its timer, or it would
    /// wait for ever.
    fn check_timers(&self) -> Result<(), String> {
        let mut parked = 0_usize;
        for (at, key) in self.timers.iter() {
            let has_reason = match key {
                TimerKey::Parked(ticket) => {
                    parked = parked.saturating_add(1);
                    self.parked.get(*ticket).is_some()
                }
                TimerKey::Fault(ticket) => self.faults.keeps_ticket(*ticket),
                TimerKey::Mute(connection) => self.faults.is_muted(*connection),
                TimerKey::Refusal(connection) => self.sasl.is_refused(*connection),
                TimerKey::Group(timer) => self.groups.get(&timer.group).is_some(),
                TimerKey::NewTopic(name) => self.cluster.coming().any(|topic| topic.name == *name),
                TimerKey::Copy(topic, index) => self
                    .cluster
                    .topic(topic)
                    .is_some_and(|topic| topic.partition(*index).is_some()),
                TimerKey::Load(place) => self.coordinators.is_held(*place),
                TimerKey::Chore(_) => true,
            };
            ensure!(has_reason, "a timer without a reason at {at:?}: {key:?}");
        }
        let rows = self.parked.len();
        ensure!(
            parked == rows,
            "{rows} requests wait, {parked} have a timer"
        );
        Ok(())
    }
}
