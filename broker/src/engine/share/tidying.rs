//! What share coordinators do from time to time: a state that has not changed for long is written once more, so that the
//! records before it can go, and those go that nobody needs. Kafka's `ShareCoordinatorService`.

use std::collections::BTreeMap;

use super::SharePartitionKey;
use super::coordinator::Written;
use super::kept::KeptState;
use crate::engine::coordinators::StatePartition;
use crate::engine::java::{hash, timeline};
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, partition_of};
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::Offset;

impl State {
    fn is_share_coordinator_ready(&self, index: i32) -> bool {
        let topic = StateTopic::Shares;
        let place = StatePartition { topic, index };
        self.has_share_groups() && self.coordinators.is_active(place)
    }

    /// Deletes the records of the state topic that come before all that is needed.
    pub(in crate::engine) fn prune_share_states(&mut self) {
        let snapshots = self.shares.states.snapshots.iter();
        let meant = snapshots.filter_map(|(index, snapshots)| {
            let needed_from = snapshots.needed_from();
            let is_new = needed_from != snapshots.pruned_to;
            Some((*index, needed_from.filter(|_| is_new)?))
        });
        for (index, before) in meant.collect::<Vec<_>>() {
            if !self.is_share_coordinator_ready(index) {
                continue;
            }
            let name = StateTopic::Shares.name();
            let Some(partition) = self.cluster.partition_mut(name, index) else {
                continue;
            };
            let start = partition.log.start();
            if partition.log.delete_records(Offset(before)).is_err() {
                // Not all of it is replicated yet.
                continue;
            }
            let moved = (start.0, partition.log.start().0);
            let place = TopicPartition::at(name, index);
            self.outbox.log_start_moved(place, moved);
            self.appended(name, index);
            if let Some(snapshots) = self.shares.states.snapshots.get_mut(&index) {
                snapshots.pruned_to = Some(before);
            }
        }
    }

    /// Writes snapshots of states whose last one is old, unless each state of the coordinator has been written again
    /// already since it last changed.
    pub(in crate::engine) fn snapshot_cold_shares(&mut self, now: Now) {
        let mut by_index: BTreeMap<i32, Vec<(SharePartitionKey, KeptState)>> = BTreeMap::new();
        for (key, state) in self.shares.states.iter() {
            if let Some(index) = partition_of(&self.cluster, StateTopic::Shares, &key.text()) {
                let states = by_index.entry(index).or_default();
                states.push((key.clone(), state.clone()));
            }
        }
        for (index, states) in by_index {
            let all_cold = states
                .iter()
                .all(|(_, state)| state.created_at != state.written_at);
            if !all_cold && self.is_share_coordinator_ready(index) {
                self.snapshot_cold(now, index, states);
            }
        }
    }

    fn snapshot_cold(
        &mut self,
        now: Now,
        index: i32,
        mut states: Vec<(SharePartitionKey, KeptState)>,
    ) {
        let node = self.cluster.controller();
        let config = self.broker_config(node);
        let patience = config.share_coordinator_cold_snapshot_interval.as_millis();
        let patience = i64::try_from(patience).unwrap_or(i64::MAX);
        states.retain(|(_, state)| now.wall.0.saturating_sub(state.written_at.0) >= patience);
        timeline::sort(&mut states, |(key, _)| hash_of(key));
        let written = states.into_iter().map(|(key, state)| {
            let snapshot = KeptState {
                snapshot_epoch: state.snapshot_epoch.saturating_add(1),
                written_at: now.wall,
                ..state
            };
            (key, Written::Snapshot(snapshot))
        });
        let written: Vec<_> = written.collect();
        if written.is_empty() {
            return;
        }
        let place = (StateTopic::Shares, index);
        let topic = self.cluster.topic(StateTopic::Shares.name());
        let partition = topic.and_then(|topic| topic.partition(index));
        let Some(end) = partition.map(|partition| partition.log.end().0) else {
            return;
        };
        let records: Vec<_> = written.iter().map(|(key, one)| one.record(key)).collect();
        if self.append_state(now, place, &records, None).is_err() {
            // It is tried again next time.
            return;
        }
        let updates_max = self.share_updates_max();
        let states = &mut self.shares.states;
        for (offset, (key, one)) in (end..).zip(&written) {
            if let Ok(after) = states.after(key, one, updates_max) {
                states.apply((index, offset), (key, one), after);
            }
        }
    }
}

/// The hash code of Kafka's `SharePartitionKey`, which does not know the topic's name.
fn hash_of(key: &SharePartitionKey) -> u32 {
    let group = hash::of_str(&key.group).wrapping_add(31);
    group
        .wrapping_mul(31)
        .wrapping_add(hash::of_id_partition(key.topic, "", key.partition))
}
