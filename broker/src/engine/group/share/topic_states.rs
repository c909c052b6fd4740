//! Which partitions of a share group's topics have a state, are to have one, or lose it: what its record says.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::TopicPartitions;
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
pub(super) fn combined(
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
