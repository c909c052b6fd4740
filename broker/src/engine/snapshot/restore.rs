//! Putting a snapshot back, into a cluster that runs or one that starts.
//!
//! To clients a restore is what a restart of the whole cluster is. Connections that wait for an answer are
//! closed. Coordinators read what their partitions say: members that the records name have their whole session
//! again, all others are unknown; a rebalance that was under way is forgotten, and a transaction that was open
//! goes on. A partition that clients may know further than it now reaches is led in a new epoch, so that they
//! notice, as after records were lost in an unclean election.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Kept, Snapshot};
use crate::engine::Engine;
use crate::engine::cluster::{Cluster, KeptTopic, Node, Partition};
use crate::engine::commands::CommandFailure;
use crate::engine::context::Effects;
use crate::engine::quota::Quotas;
use crate::engine::reset::Kind;
use crate::engine::state::State;
use crate::engine::state_topic::StateTopic;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::releases::Release;
use crate::wire::units::{LeaderEpoch, Offset};

/// What hears who waits for an answer.
const REASON: &str = "the cluster was restored from a snapshot";

/// How far the logs of partitions reached before something was put into their place.
#[derive(Debug, Default)]
pub(crate) struct PreviousExtents(BTreeMap<(Uuid, i32), LogExtent>);

#[derive(Debug, Clone, Copy)]
struct LogExtent {
    epoch: LeaderEpoch,
    start: Offset,
    end: Offset,
}

impl PreviousExtents {
    pub(crate) fn of(cluster: &Cluster) -> Self {
        let mut extents = BTreeMap::new();
        for topic in cluster.topics() {
            for (index, partition) in (0..).zip(&topic.partitions) {
                let extent = LogExtent {
                    epoch: partition.leader_epoch,
                    start: partition.log.start(),
                    end: partition.log.end(),
                };
                extents.insert((topic.id, index), extent);
            }
        }
        Self(extents)
    }
}

impl Engine {
    /// Makes the cluster what it was when the snapshot was taken: all of it, or nothing.
    ///
    /// # Errors
    /// The snapshot needs what is not here; nothing has changed.
    pub(in crate::engine) fn restore(
        &mut self,
        now: Now,
        snapshot: &Snapshot,
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        self.state.can_restore(snapshot)?;
        let members = self.dismiss_members(now, effects);
        self.turn_away_all(now, REASON, effects);
        let previous = PreviousExtents::of(&self.state.cluster);
        self.start_over(now);
        self.state.take_over(now, &snapshot.kept, &previous);
        self.state.ready_for_members(now, members);
        self.state.tell_restored(snapshot.taken_at());
        Ok(())
    }
}

impl State {
    /// Asks whether all that a snapshot needs is here.
    ///
    /// # Errors
    /// What is missing, and what to do about it.
    pub(crate) fn can_restore(&self, snapshot: &Snapshot) -> Result<(), CommandFailure> {
        let kept = &snapshot.kept;
        let is_here = |node: &&Node| self.cluster.all_ids().contains(&node.id);
        let missing = kept.nodes.iter().find(|node| !is_here(node));
        if let (Some(missing), [first, .., last] | [first @ last]) = (missing, &*kept.nodes) {
            let (first, span) = (first.id, last.id.0.saturating_sub(first.id.0));
            let why = format!(
                "the snapshot is of a cluster with node {}, which is not here: start this one with --nodes {} \
                 --first-node-id {first}, or from the snapshot itself",
                missing.id,
                span.saturating_add(1),
            );
            return Err(CommandFailure::Impossible(why));
        }
        for (name, level) in &kept.features {
            let known = self.features.find(name);
            let may_be = known.is_some_and(|feature| feature.supported.contains(level));
            // Earlier versions wrote down levels of what Kafka has and they did not.
            let is_not_here_yet = known.is_none() && Release::is_yet_to_come(name);
            if *level != 0 && !may_be && !is_not_here_yet {
                let why = format!(
                    "the snapshot has {name} at level {level}, which brokers of this release do not know: start the \
                     cluster with the --as-version that the snapshot was taken with"
                );
                return Err(CommandFailure::Impossible(why));
            }
        }
        Ok(())
    }

    /// Takes everything from a snapshot, into a cluster that has nothing.
    pub(in crate::engine) fn begin_from(
        &mut self,
        now: Now,
        snapshot: &Snapshot,
        previous: &PreviousExtents,
    ) -> Result<(), CommandFailure> {
        self.can_restore(snapshot)?;
        self.take_over(now, &snapshot.kept, previous);
        Ok(())
    }

    /// Takes some of it from a snapshot, where that was forgotten before.
    pub(in crate::engine) fn take_again(
        &mut self,
        now: Now,
        snapshot: &Snapshot,
        kinds: &[Kind],
        previous: &PreviousExtents,
    ) -> Result<(), CommandFailure> {
        self.can_restore(snapshot)?;
        let kept = &snapshot.kept;
        if kinds.contains(&Kind::Configs) {
            self.configs.set_changes(kept.settings.clone());
            self.quotas = Quotas::of(&kept.quotas);
            self.authorizer.set_acls(&kept.acls);
        }
        let is_meant = |topic: &&KeptTopic| {
            kinds.contains(match StateTopic::named(&topic.name) {
                Some(StateTopic::Groups | StateTopic::Shares) => &Kind::Groups,
                Some(StateTopic::Transactions) => &Kind::Transactions,
                None => &Kind::Topics,
            })
        };
        for topic in kept.topics.iter().filter(is_meant) {
            self.take_topic(topic, previous);
            self.wake_topic(&topic.name);
        }
        self.settings_changed(now);
        self.follow_leaders(now);
        self.find_reassignments();
        Ok(())
    }

    fn take_over(&mut self, now: Now, kept: &Kept, previous: &PreviousExtents) {
        let Kept {
            taken_by: _,
            taken_at: _,
            cluster_id,
            nodes,
            observers,
            features,
            next_producer_id,
            holds_markers,
            settings,
            quotas,
            acls,
            delegation_tokens,
            topics,
        } = kept;
        self.cluster.id.clone_from(cluster_id);
        self.producer_ids.go_on_from(*next_producer_id);
        self.transactions.hold_markers(*holds_markers);
        for (name, level) in features {
            self.features.set(name, *level);
        }
        self.configs.set_changes(settings.clone());
        self.quotas = Quotas::of(quotas);
        self.authorizer.set_acls(acls);
        self.tokens.set(delegation_tokens);
        for topic in topics {
            self.take_topic(topic, previous);
        }
        self.cluster.set_observers(observers);
        for node in nodes {
            self.cluster.register(node.id);
            let here = self.cluster.nodes.get_mut(&node.id);
            if let Some(here) = here.filter(|here| here.up != node.up) {
                here.up = node.up;
                self.tell_node(node.id, node.up);
            }
        }
        self.settings_changed(now);
        self.follow_leaders(now);
        self.find_reassignments();
    }

    fn take_topic(&mut self, topic: &KeptTopic, previous: &PreviousExtents) {
        let mut topic = topic.clone();
        for (index, partition) in (0_i32..).zip(&mut topic.partitions) {
            let Some(was) = previous.0.get(&(topic.id, index)) else {
                continue;
            };
            partition.follow(*was);
            let at = TopicPartition::at(&topic.name, index);
            let log = &partition.log;
            let outbox = &mut self.outbox;
            outbox.log_start_moved(at, (was.start.0, log.start().0));
            outbox.log_truncated(at, (was.end.0, log.end().0));
        }
        let name = topic.name.clone();
        self.cluster.insert(topic.into_topic());
        self.count_topic(&name);
    }
}

impl Partition {
    /// Begins a new leader epoch if clients may know this partition further than it reaches.
    fn follow(&mut self, was: LogExtent) {
        if was.epoch > self.leader_epoch || was.end > self.log.end() {
            let last = was.epoch.max(self.leader_epoch);
            self.leader_epoch = LeaderEpoch(last.0.saturating_add(1));
            if self.leader.is_some() {
                self.log.begin_epoch(self.leader_epoch);
            }
        }
    }
}
