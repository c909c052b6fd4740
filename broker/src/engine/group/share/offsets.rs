//! Where a group begins in a partition: somebody sets that, or has it forgotten, while the group has no members.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::change::Change;
use super::states::named;
use super::topic_states::TopicStates;
use super::{ShareGroup, States, TopicPartitions, WantedState, WantedStates};
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::Turn;
use crate::engine::group::{Group, Groups};
use crate::wire::error::ErrorCode;
use crate::wire::state_records::{StateKey, StateRecord};

/// A topic in which a group is to begin elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct AlteredTopic {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// Partitions that there are, with where to begin.
    pub(crate) starts: BTreeMap<i32, i64>,
}

/// Of which topics the states end, and which have none.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeletedTopics {
    pub(crate) partitions: TopicPartitions,
    /// With why nothing can be deleted.
    pub(crate) refused: Vec<(String, ApiError)>,
}

impl Groups {
    /// Has a group begin elsewhere, once the share coordinator has heard of it. Who asks may make the group.
    pub(crate) fn alter_share_offsets(
        &mut self,
        turn: &mut Turn<'_>,
        id: &Arc<str>,
        topics: &[AlteredTopic],
    ) -> Result<WantedStates, ApiError> {
        if self.get(id).is_none() {
            let group = ShareGroup::new(Arc::clone(id));
            if topics.is_empty() {
                return Ok(group.altered(turn, topics).1);
            }
            self.insert(Arc::clone(id), Group::Share(group));
        }
        let group = self.share_mut(id)?;
        group.check_empty()?;
        let (change, wanted) = group.altered(turn, topics);
        let changes: Vec<Change> = change.into_iter().collect();
        group.check_size(turn, &changes)?;
        group.commit(turn, changes);
        Ok(wanted)
    }

    /// Begins to forget where a group is in these topics.
    pub(crate) fn begin_deleting_share_offsets(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        topics: &[String],
    ) -> Result<DeletedTopics, ApiError> {
        let group = self.share_mut(id)?;
        group.check_empty()?;
        let (change, deleted) = group.deleted(turn, topics);
        group.commit(turn, change.into_iter().collect());
        Ok(deleted)
    }

    /// The share coordinator has forgotten where a group is in these topics.
    pub(crate) fn end_deleting_share_offsets(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        topics: &[Uuid],
    ) {
        let Ok(group) = self.share_mut(id) else {
            return;
        };
        let Some(mut states) = group.states.clone() else {
            return;
        };
        states.deleting.retain(|topic, _| !topics.contains(topic));
        states.deleting = named(turn.cluster, &states.deleting);
        group.commit(turn, vec![Change::States(states)]);
    }

    /// Begins to delete a group: the states that have to end first. None if it is not a share group, or has none.
    pub(crate) fn begin_deleting_share_group(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
    ) -> Result<Option<TopicPartitions>, ErrorCode> {
        let Ok(group) = self.share_mut(id) else {
            return Ok(None);
        };
        group.check_empty().map_err(|error| error.code)?;
        let Some(states) = group.states.clone() else {
            return Ok(None);
        };
        let mut partitions = states.initialized();
        for (topic, initializing) in &states.initializing {
            partitions
                .entry(*topic)
                .or_default()
                .extend(&initializing.partitions);
        }
        let deleting = states.deleting.keys();
        for topic in deleting.filter_map(|id| turn.cluster.topic_by_id(*id)) {
            let all = (0_i32..).take(topic.partitions.len());
            partitions.entry(topic.id).or_default().extend(all);
        }
        let ids = partitions.keys().map(|id| (*id, String::new())).collect();
        let known = [&states.initialized, &states.initializing];
        let mut deleting: BTreeMap<Uuid, String> = named(turn.cluster, &ids);
        for (id, topic) in known.into_iter().flatten() {
            deleting.insert(*id, topic.name.clone());
        }
        let states = States {
            deleting,
            ..States::default()
        };
        group.commit(turn, vec![Change::States(states)]);
        Ok(Some(partitions).filter(|partitions| !partitions.is_empty()))
    }

    /// Forgets the states of a topic that is gone.
    pub(crate) fn forget_share_states(&mut self, turn: &mut Turn<'_>, topic: Uuid) {
        for group in self.by_id.values_mut() {
            if let Group::Share(group) = group
                && let Some(states) = group
                    .states
                    .as_ref()
                    .and_then(|states| states.without(topic))
            {
                group.commit(turn, vec![Change::States(states)]);
            }
        }
    }
}

impl ShareGroup {
    pub(crate) fn check_empty(&self) -> Result<(), ApiError> {
        if self.members.is_empty() {
            return Ok(());
        }
        let text = ErrorCode::NonEmptyGroup.text().unwrap_or_default();
        Err(ApiError::new(ErrorCode::NonEmptyGroup, text))
    }

    fn altered(&self, turn: &Turn<'_>, topics: &[AlteredTopic]) -> (Option<Change>, WantedStates) {
        let now = turn.now.wall.0;
        let new: BTreeMap<Uuid, TopicStates> = topics
            .iter()
            .map(|topic| {
                let states = TopicStates {
                    name: topic.name.clone(),
                    partitions: topic.starts.keys().copied().collect(),
                    since: now,
                };
                (topic.id, states)
            })
            .collect();
        let wanted = topics.iter().flat_map(|topic| {
            let starts = topic.starts.iter();
            starts.map(|(partition, start)| WantedState {
                topic: topic.id,
                partition: *partition,
                start: *start,
            })
        });
        let wanted = WantedStates {
            group: Arc::clone(&self.id),
            epoch: self.epoch,
            states: wanted.collect(),
        };
        let states = self.states.clone().unwrap_or_default();
        let change = (!new.is_empty()).then(|| Change::States(states.with_initializing(&new)));
        (change, wanted)
    }

    fn deleted(&self, turn: &Turn<'_>, topics: &[String]) -> (Option<Change>, DeletedTopics) {
        let mut deleted = DeletedTopics::default();
        let Some(mut states) = self.states.clone() else {
            return (None, deleted);
        };
        for name in topics {
            let unknown = |message: &str| {
                let error = ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
                (name.clone(), error)
            };
            let Some(topic) = turn.cluster.topic(name) else {
                let text = ErrorCode::UnknownTopicOrPartition
                    .text()
                    .unwrap_or_default();
                deleted.refused.push(unknown(text));
                continue;
            };
            if let Some(gone) = states.initialized.remove(&topic.id) {
                deleted.partitions.insert(topic.id, gone.partitions);
                states.deleting.insert(topic.id, name.clone());
            } else if states.deleting.contains_key(&topic.id) {
                let all = (0_i32..).take(topic.partitions.len());
                deleted.partitions.insert(topic.id, all.collect());
            } else {
                let refused = unknown("There is no offset information to delete.");
                deleted.refused.push(refused);
            }
        }
        states.deleting = named(turn.cluster, &states.deleting);
        (Some(Change::States(states)), deleted)
    }

    /// What is written when the group is no more; it has no members then.
    pub(crate) fn tombstones(&self) -> Vec<StateRecord> {
        let group = &*self.id;
        let keys = [
            StateKey::ShareGroupTargetAssignmentMetadata { group },
            StateKey::ShareGroupStatePartitionMetadata { group },
            StateKey::ShareGroupMetadata { group },
        ];
        keys.into_iter().map(StateKey::tombstone).collect()
    }
}
