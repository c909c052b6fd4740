//! What holds of a whole cluster after every input, no matter who sent it. A broken one is a defect of the engine.

use std::collections::BTreeSet;

use super::Engine;
use super::cluster::{Partition, Topic};
use super::passage::PassageTimer;
use super::state::{State, StateTimer};
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
        let Self { state, passage, .. } = self;
        ensure!(state.outbox.is_empty(), "the state was not heard");
        ensure!(!passage.has_woken(), "woken requests were not run");
        let owes_nothing = passage.held.owes_nothing();
        ensure!(owes_nothing, "groups' replies were not sent");
        state.check(depth)?;
        self.check_waiting()?;
        self.check_timers()
    }

    /// A connection has one request in flight, so it waits for one thing at most.
    fn check_waiting(&self) -> Result<(), String> {
        let mut waiting = BTreeSet::<ConnectionId>::new();
        let passage = &self.passage;
        let all = passage.parked.connections();
        for connection in all.chain(passage.held.connections()).chain(passage.kept()) {
            let is_first = waiting.insert(connection);
            ensure!(is_first, "connection {} waits twice", connection.0);
        }
        for ticket in self.state.replicating.keys() {
            ensure!(
                passage.parked.get(*ticket).is_some(),
                "what waits for replicas under ticket {} is not parked",
                ticket.0
            );
        }
        for ticket in self.state.shares.tickets() {
            ensure!(
                passage.parked.get(ticket).is_some(),
                "what waits for a share partition under ticket {} is not parked",
                ticket.0
            );
        }
        let is_awaited = self.state.outbox.is_awaited();
        let waits = !passage.parked.is_empty();
        ensure!(
            is_awaited == waits,
            "wakes are noted: {is_awaited}, requests are parked: {waits}"
        );
        Ok(())
    }

    /// A timer has its reason, or it would fire for nothing; and what waits for a moment has its timer, or it would
    /// wait for ever.
    fn check_timers(&self) -> Result<(), String> {
        for (at, key) in self.state.timers.iter() {
            let has_reason = self.state.has_reason(key);
            ensure!(has_reason, "a timer without a reason at {at:?}: {key:?}");
        }
        let passage = &self.passage;
        let mut parked = 0_usize;
        for (at, key) in passage.timers.iter() {
            let has_reason = passage.has_reason(key);
            ensure!(has_reason, "a timer without a reason at {at:?}: {key:?}");
            if matches!(key, PassageTimer::Parked(_)) {
                parked = parked.saturating_add(1);
            }
        }
        let rows = passage.parked.timed();
        ensure!(
            parked == rows,
            "{rows} requests wait for a moment, {parked} have a timer"
        );
        Ok(())
    }
}

impl State {
    /// Looks for what must not be in the cluster itself.
    fn check(&self, depth: Depth) -> Result<(), String> {
        let mut counted = 0_u64;
        for topic in self.cluster.topics() {
            for (index, partition) in (0_i32..).zip(&topic.partitions) {
                let broken = |why: String| format!("{}-{index}: {why}", topic.name);
                self.check_partition(topic, partition).map_err(broken)?;
                partition.log.check_sound(depth).map_err(broken)?;
                counted = counted.saturating_add(partition.counted_bytes);
            }
        }
        let partitions = self.cluster.topics().map(|topic| topic.partitions.len());
        ensure!(
            partitions.sum::<usize>() == self.cluster.partition_count(),
            "partitions are miscounted"
        );
        let known = self.log_bytes();
        ensure!(
            counted == known,
            "logs hold {counted} bytes, counted {known}"
        );
        self.check_shares()
    }

    /// KIP-932: who has a record has it alone and for a while, and no record is delivered too often.
    fn check_shares(&self) -> Result<(), String> {
        for (key, share) in &self.shares.partitions {
            let terms = self.share_terms(share.node, &key.group);
            let broken = |why: String| format!("share partition {}: {why}", key.text());
            share.check(&terms).map_err(broken)?;
        }
        Ok(())
    }

    fn has_reason(&self, timer: &StateTimer) -> bool {
        match timer {
            StateTimer::Group(timer) => self.groups.get(&timer.group).is_some(),
            StateTimer::NewTopic(name) => self.cluster.coming().any(|topic| topic.name == *name),
            StateTimer::Copy(place) => {
                let topic = self.cluster.topic(&place.topic);
                topic.is_some_and(|topic| topic.partition(place.partition).is_some())
            }
            StateTimer::Load(place) => self.coordinators.is_held(*place),
            StateTimer::ShareLock(key) => self.has_share_locks(key),
            StateTimer::ShareRetry(number) => self.shares.retries.has(*number),
            #[cfg(feature = "oauth")]
            StateTimer::KeySet(id) => self.sasl.key_sets.get(*id).is_some(),
            StateTimer::Chore(_) => true,
        }
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
}
