//! For which partitions the share coordinator keeps a state of the group, is asked to begin one, or to end it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::change::Change;
use super::topic_states::{States, TopicStates, combined};
use super::{ShareGroup, TopicPartitions, WantedState, WantedStates};
use crate::engine::cluster::Cluster;
use crate::engine::group::turn::Turn;

impl ShareGroup {
    /// Whether somebody is to get partitions whose state was begun since the last assignment, or is gone.
    pub(super) fn has_unassigned_states(&self) -> bool {
        let states = self.states.as_ref();
        let Some(states) = states.filter(|states| !states.initialized.is_empty()) else {
            return false;
        };
        if self.members.is_empty() {
            return false;
        }
        let mut assigned = TopicPartitions::new();
        for (topic, partitions) in self.target.values().flatten() {
            assigned.entry(*topic).or_default().extend(partitions);
        }
        let members = self.members.values();
        let subscribed: BTreeSet<&String> = members.flat_map(|m| &m.description.topics).collect();
        let mut wanted = states.initialized.iter();
        wanted.any(|(id, topic)| {
            subscribed.contains(&topic.name) && assigned.get(id) != Some(&topic.partitions)
        })
    }

    /// Notes which states have to begin for these topics, and asks for them.
    pub(super) fn want_states<'a>(
        &self,
        turn: &Turn<'_>,
        epoch: i32,
        topics: impl Iterator<Item = &'a String>,
        changes: &mut Vec<Change>,
    ) -> Option<WantedStates> {
        let missing = self.missing_states(turn, topics);
        if missing.is_empty() {
            return None;
        }
        let states = self.states.clone().unwrap_or_default();
        changes.push(Change::States(states.with_initializing(&missing)));
        let is_known = |topic: &Uuid| {
            states.initialized.contains_key(topic) || states.initializing.contains_key(topic)
        };
        let wanted = missing.iter().flat_map(|(topic, missing)| {
            // A partition that was added to a topic begins at its first record.
            let start = if is_known(topic) { 0 } else { -1 };
            let partitions = missing.partitions.iter();
            partitions.map(move |partition| WantedState {
                topic: *topic,
                partition: *partition,
                start,
            })
        });
        Some(WantedStates {
            group: Arc::clone(&self.id),
            epoch,
            states: wanted.collect(),
        })
    }

    fn missing_states<'a>(
        &self,
        turn: &Turn<'_>,
        topics: impl Iterator<Item = &'a String>,
    ) -> BTreeMap<Uuid, TopicStates> {
        let now = turn.now.wall.0;
        let none = States::default();
        let states = self.states.as_ref().unwrap_or(&none);
        let patience = turn.config.share_group_initialize_retry_interval;
        let patience = i64::try_from(patience.as_millis()).unwrap_or(i64::MAX);
        let mut begun = states.initializing.clone();
        begun.retain(|_, topic| now.saturating_sub(topic.since) < patience);
        let known = combined(&states.initialized, &begun);
        let mut missing = BTreeMap::new();
        for topic in topics.filter_map(|name| turn.cluster.topic(name)) {
            let count = topic.partitions.len();
            let has = known.get(&topic.id).map(|known| &known.partitions);
            if has.is_some_and(|has| !has.is_empty() && has.len() >= count) {
                continue;
            }
            let all = (0_i32..).take(count);
            let lacking = all.filter(|index| has.is_none_or(|has| !has.contains(index)));
            let lacking = TopicStates {
                name: topic.name.to_string(),
                partitions: lacking.collect(),
                since: now,
            };
            missing.insert(topic.id, lacking);
        }
        missing
    }

    /// The share coordinator has begun these states.
    pub(super) fn note_initialized(&mut self, turn: &mut Turn<'_>, partitions: &TopicPartitions) {
        let now = turn.now.wall.0;
        let new = partitions.iter().map(|(id, partitions)| {
            let topic = TopicStates {
                name: name_of(turn.cluster, *id),
                partitions: partitions.clone(),
                since: now,
            };
            (*id, topic)
        });
        let new = new.collect();
        let states = self.states.clone().unwrap_or_default();
        let states = States {
            initialized: combined(&states.initialized, &new),
            initializing: without(&states.initializing, partitions),
            deleting: named(turn.cluster, &states.deleting),
        };
        self.commit(turn, vec![Change::States(states)]);
    }

    /// The share coordinator could not begin these states.
    pub(super) fn note_uninitialized(&mut self, turn: &mut Turn<'_>, partitions: &TopicPartitions) {
        let Some(states) = &self.states else {
            return;
        };
        if states.initializing.is_empty() || partitions.is_empty() {
            return;
        }
        let states = States {
            initializing: without(&states.initializing, partitions),
            initialized: states.initialized.clone(),
            deleting: named(turn.cluster, &states.deleting),
        };
        self.commit(turn, vec![Change::States(states)]);
    }
}

fn without(
    topics: &BTreeMap<Uuid, TopicStates>,
    partitions: &TopicPartitions,
) -> BTreeMap<Uuid, TopicStates> {
    let mut left = topics.clone();
    for (id, gone) in partitions {
        if let Some(topic) = left.get_mut(id) {
            topic
                .partitions
                .retain(|partition| !gone.contains(partition));
        }
    }
    left.retain(|_, topic| !topic.partitions.is_empty());
    left
}

/// Topics by the names that they have now.
pub(super) fn named(cluster: &Cluster, topics: &BTreeMap<Uuid, String>) -> BTreeMap<Uuid, String> {
    let ids = topics.keys();
    ids.map(|id| (*id, name_of(cluster, *id))).collect()
}

fn name_of(cluster: &Cluster, id: Uuid) -> String {
    let topic = cluster.topic_by_id(id);
    topic.map_or_else(|| "<UNKNOWN>".to_owned(), |topic| topic.name.to_string())
}
