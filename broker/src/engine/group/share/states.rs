//! For which partitions the share coordinator keeps a state of the group, is asked to begin one, or to end it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::change::Change;
use super::{ShareGroup, TopicPartitions, WantedState, WantedStates};
use crate::engine::cluster::Cluster;
use crate::engine::group::turn::Turn;
use crate::wire::state_records::{
    ShareGroupStatePartitionMetadataValue, TopicInfo, TopicPartitionsInfo,
};

/// A topic whose partitions have a state, or are to have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicStates {
    pub(crate) name: String,
    pub(crate) partitions: BTreeSet<i32>,
    /// Since when, in milliseconds of the wall clock; it is not written down.
    pub(crate) since: i64,
}

/// Those that are begun, those that there are, and those that end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct States {
    pub(crate) initializing: BTreeMap<Uuid, TopicStates>,
    pub(crate) initialized: BTreeMap<Uuid, TopicStates>,
    pub(crate) deleting: BTreeMap<Uuid, String>,
}

impl States {
    pub(super) fn value(&self) -> ShareGroupStatePartitionMetadataValue<'_> {
        ShareGroupStatePartitionMetadataValue {
            initializing_topics: rows(&self.initializing),
            initialized_topics: rows(&self.initialized),
            deleting_topics: self
                .deleting
                .iter()
                .map(|(id, name)| TopicInfo {
                    topic_id: *id,
                    topic_name: name,
                })
                .collect(),
        }
    }

    pub(super) fn of(value: &ShareGroupStatePartitionMetadataValue<'_>, now: i64) -> Self {
        let topics = |infos: &[TopicPartitionsInfo<'_>]| {
            let topics = infos.iter().map(|info| {
                let topic = TopicStates {
                    name: info.topic_name.to_owned(),
                    partitions: info.partitions.iter().copied().collect(),
                    since: now,
                };
                (info.topic_id, topic)
            });
            topics.collect()
        };
        let deleting = value.deleting_topics.iter();
        Self {
            initializing: topics(&value.initializing_topics),
            initialized: topics(&value.initialized_topics),
            deleting: deleting
                .map(|info| (info.topic_id, info.topic_name.to_owned()))
                .collect(),
        }
    }

    /// The same with other states that are to begin; what was to end and begins again no longer ends.
    pub(super) fn with_initializing(&self, new: &BTreeMap<Uuid, TopicStates>) -> Self {
        let initializing = combined(&self.initializing, new);
        let mut deleting = self.deleting.clone();
        deleting.retain(|topic, _| !initializing.contains_key(topic));
        Self {
            initializing,
            initialized: self.initialized.clone(),
            deleting,
        }
    }

    /// The same without topics that are gone; none if nothing is about them.
    pub(super) fn without(&self, topic: Uuid) -> Option<Self> {
        let mut states = self.clone();
        let had = [
            states.initializing.remove(&topic).is_some(),
            states.initialized.remove(&topic).is_some(),
            states.deleting.remove(&topic).is_some(),
        ];
        had.contains(&true).then_some(states)
    }

    /// The partitions that have a state, by topic.
    pub(crate) fn initialized(&self) -> TopicPartitions {
        let topics = self.initialized.iter();
        topics
            .map(|(id, topic)| (*id, topic.partitions.clone()))
            .collect()
    }
}

fn rows(topics: &BTreeMap<Uuid, TopicStates>) -> Vec<TopicPartitionsInfo<'_>> {
    let topics = topics.iter().map(|(id, topic)| TopicPartitionsInfo {
        topic_id: *id,
        topic_name: &topic.name,
        partitions: topic.partitions.iter().copied().collect(),
    });
    topics.collect()
}

/// Partitions of both; what `new` says of a topic's name and time counts.
fn combined(
    old: &BTreeMap<Uuid, TopicStates>,
    new: &BTreeMap<Uuid, TopicStates>,
) -> BTreeMap<Uuid, TopicStates> {
    let mut both = old.clone();
    for (id, topic) in new {
        let known = both.entry(*id).or_insert_with(|| topic.clone());
        known.partitions.extend(&topic.partitions);
        known.name.clone_from(&topic.name);
        known.since = topic.since;
    }
    both
}

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
