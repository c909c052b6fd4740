//! What the journal says of a streams group: why its state changed, and who was assigned which tasks for what reason.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the telling changes are looked for among all"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StreamsGroup;
use super::change::{Change, Epoch};
use super::tasks::{self, TaskIds, Tasks};
use crate::engine::cluster::Cluster;
use crate::engine::group::turn::{Turn, UNKNOWN_REASON};
use crate::engine::journal::{Event, TopicKeys};

/// What members were to have before changes that assign to them.
pub(super) type TargetsBefore = BTreeMap<Arc<str>, Option<Tasks>>;

impl StreamsGroup {
    /// What the members whose targets change are to have until then.
    pub(super) fn targets_before(&self, changes: &[Change]) -> TargetsBefore {
        let targets = changes.iter().filter_map(|change| match change {
            Change::Target(id, _) => Some((Arc::clone(id), self.target.get(id).cloned())),
            _ => None,
        });
        targets.collect()
    }

    /// Tells of members that are to have other tasks than before.
    pub(super) fn note_assigned(&self, turn: &mut Turn<'_>, before: TargetsBefore, why: &str) {
        for (member, before) in before {
            let target = self.target.get(&member).cloned().unwrap_or_default();
            if before.unwrap_or_default() == target {
                continue;
            }
            let topics = self.partitions_read(&target.active, turn.cluster);
            let topics = topics
                .into_iter()
                .map(|(topic, partitions)| TopicKeys { topic, partitions });
            let assigned = Event::TasksAssigned {
                group: self.id.to_string(),
                member: member.to_string(),
                epoch: self.target_epoch,
                active: named(&target.active),
                standby: named(&target.standby),
                warmup: named(&target.warmup),
                topics: topics.collect(),
                why: why.to_owned(),
            };
            turn.note_assigned(assigned);
        }
    }

    /// The partitions that active tasks read, by topic.
    pub(crate) fn partitions_read(
        &self,
        active: &TaskIds,
        cluster: &Cluster,
    ) -> BTreeMap<String, Vec<i32>> {
        let mut read: BTreeMap<String, Vec<i32>> = BTreeMap::new();
        for (id, index) in tasks::each(active) {
            for topic in self.sources_of(id) {
                let known = cluster.topic(&topic);
                if known.is_some_and(|known| known.partition(index).is_some()) {
                    let partitions = read.entry(topic).or_default();
                    if !partitions.contains(&index) {
                        partitions.push(index);
                    }
                }
            }
        }
        read
    }

    /// What the target is computed for: whatever raised the epoch, which may have been long before.
    pub(super) fn why_assigned<'a>(&'a self, changes: &[Change], why: &'a str) -> &'a str {
        let is_computed =
            (changes.iter()).any(|change| matches!(change, Change::TargetEpoch { .. }));
        let is_raised = changes
            .iter()
            .any(|change| matches!(change, Change::Epoch(_)));
        if is_raised || !is_computed {
            why
        } else if self.epoch_why.is_empty() {
            UNKNOWN_REASON
        } else {
            &self.epoch_why
        }
    }

    /// What changes come from, as people say it.
    pub(super) fn reason(&self, changes: &[Change]) -> String {
        self.of_members(changes)
            .or_else(|| changes.iter().find_map(|change| self.of_epoch(change)))
            .or_else(|| changes.iter().find_map(of_assignment))
            .unwrap_or_else(|| "the topology came".to_owned())
    }

    fn of_members(&self, changes: &[Change]) -> Option<String> {
        let gone = changes.iter().find_map(|change| match change {
            Change::MemberGone(id) => Some(id),
            _ => None,
        });
        let told = changes.iter().find_map(|change| match change {
            Change::Description(id, _) => Some(id),
            _ => None,
        });
        Some(match (gone, told) {
            (Some(gone), Some(id)) => format!("member {id} takes the place of {gone}"),
            (Some(gone), None) => format!("member {gone} is gone"),
            (None, Some(id)) if self.members.contains_key(id) => {
                format!("member {id} says something else")
            }
            (None, Some(id)) => format!("member {id} joined"),
            (None, None) => return None,
        })
    }

    fn of_epoch(&self, change: &Change) -> Option<String> {
        let Change::Epoch(Epoch {
            metadata_hash,
            validated_topology_epoch,
            assignment_settings,
            ..
        }) = change
        else {
            return None;
        };
        let why = if *assignment_settings != self.assignment_settings {
            "settings of the group are others"
        } else if *validated_topology_epoch == self.validated_topology_epoch {
            "topics or partitions are others"
        } else if *validated_topology_epoch < 0 {
            "topics that the topology needs are missing"
        } else if *metadata_hash != self.metadata_hash {
            "all topics that the topology needs are there"
        } else {
            "the topology is another"
        };
        Some(why.to_owned())
    }
}

fn of_assignment(change: &Change) -> Option<String> {
    match change {
        Change::TargetEpoch { .. } => Some("tasks were assigned anew".to_owned()),
        Change::Current(id, _) => Some(format!("member {id} follows its assignment")),
        _ => None,
    }
}

/// Tasks as Kafka Streams writes them.
fn named(tasks: &TaskIds) -> Vec<String> {
    let tasks = tasks::each(tasks);
    tasks.map(|(id, index)| format!("{id}_{index}")).collect()
}
