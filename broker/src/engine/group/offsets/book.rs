//! Offsets by group, topic and partition.

use std::collections::BTreeMap;

use super::Entry;
use crate::engine::java::timeline::TimelineMap;

type Partitions = TimelineMap<i32, Entry>;

/// Nothing empty is kept: a group that is here has an offset.
#[derive(Debug, Default)]
pub(super) struct Book {
    by_group: BTreeMap<String, TimelineMap<String, Partitions>>,
}

impl Book {
    pub(super) fn is_empty(&self) -> bool {
        self.by_group.is_empty()
    }

    pub(super) fn has_group(&self, group: &str) -> bool {
        self.by_group.contains_key(group)
    }

    pub(super) fn get(&self, group: &str, topic: &str, partition: i32) -> Option<&Entry> {
        self.by_group.get(group)?.get(topic)?.get(&partition)
    }

    pub(super) fn put(&mut self, group: &str, topic: &str, partition: i32, entry: Entry) {
        let topics = match self.by_group.get_mut(group) {
            Some(topics) => topics,
            None => self.by_group.entry(group.to_owned()).or_default(),
        };
        if topics.get(topic).is_none() {
            topics.insert(topic.to_owned(), Partitions::default());
        }
        if let Some(partitions) = topics.get_mut(topic) {
            partitions.insert(partition, entry);
        }
    }

    pub(super) fn remove(&mut self, group: &str, topic: &str, partition: i32) {
        let Some(topics) = self.by_group.get_mut(group) else {
            return;
        };
        if let Some(partitions) = topics.get_mut(topic) {
            partitions.remove(&partition);
            if partitions.is_empty() {
                topics.remove(topic);
            }
        }
        if topics.is_empty() {
            self.by_group.remove(group);
        }
    }

    /// Topic, partition and offset of one group, in the order of Kafka's tables, which shows in what
    /// is fetched and in the order of tombstones.
    pub(super) fn of_group<'a>(
        &'a self,
        group: &str,
    ) -> impl Iterator<Item = (&'a str, i32, &'a Entry)> + use<'a> {
        let topics = self.by_group.get(group).map(TimelineMap::walk);
        topics
            .into_iter()
            .flatten()
            .flat_map(|(topic, partitions)| {
                let entries = partitions.walk().into_iter();
                entries.map(|(partition, entry)| (topic.as_str(), *partition, entry))
            })
    }

    /// Group, partition and offset of one topic.
    pub(super) fn of_topic(&self, topic: &str) -> impl Iterator<Item = (&str, i32, &Entry)> {
        self.by_group.iter().flat_map(move |(group, topics)| {
            let partitions = topics.get(topic).into_iter().flat_map(TimelineMap::iter);
            partitions.map(|(partition, entry)| (group.as_str(), *partition, entry))
        })
    }

    /// Drops all offsets of some groups.
    pub(super) fn forget_groups(&mut self, is_meant: impl Fn(&str) -> bool) {
        self.by_group.retain(|group, _| !is_meant(group));
    }

    /// Takes all offsets of some groups out, those of each group in the order of Kafka's tables.
    pub(super) fn take_groups(
        &mut self,
        is_meant: impl Fn(&str) -> bool,
    ) -> Vec<(String, String, i32, Entry)> {
        let groups = std::mem::take(&mut self.by_group);
        let (meant, kept) = groups.into_iter().partition(|(group, _)| is_meant(group));
        self.by_group = kept;
        let meant: BTreeMap<_, _> = meant;
        let mut taken = Vec::new();
        for (group, topics) in meant {
            for (topic, partitions) in topics.into_walk() {
                let entries = partitions.into_walk().into_iter();
                taken
                    .extend(entries.map(|(partition, entry)| {
                        (group.clone(), topic.clone(), partition, entry)
                    }));
            }
        }
        taken
    }
}
