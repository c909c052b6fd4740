//! What a coordinator knows of its groups: nothing but what it has read in its partition of
//! `__consumer_offsets`, and nothing any more once another one coordinates.
//!
//! Oracle: a rebalance that was under way is forgotten with all that was not written, as are ids that
//! were handed out; the members have their whole session again. Who waits is told NOT_COORDINATOR.

use std::sync::Arc;

use super::classic::ClassicGroup;
use super::consumer::ConsumerGroup;
use super::offsets::CommittedOffset;
use super::share::ShareGroup;
use super::streams::StreamsGroup;
use super::turn::Turn;
use super::{Group, Groups};
use crate::engine::cluster::Cluster;
use crate::engine::coordinators::LoadError;
use crate::engine::log::Marker;
use crate::engine::state::{State, StateTimer};
use crate::engine::state_topic::{StateTopic, partition_of};
use crate::engine::time::Now;
use crate::wire::batch::BatchView;
use crate::wire::state_records::{GroupMetadataValue, OffsetCommitValue, StateKey};
use crate::wire::units::{NodeId, ProducerId};

impl State {
    /// Forgets the groups of a partition that `node` coordinated.
    pub(in crate::engine) fn unload_groups(&mut self, now: Now, index: i32, node: NodeId) {
        self.with_groups(now, node, |groups, turn| groups.unload(turn, index));
        let cluster = &self.cluster;
        self.timers.cancel_all(|key| match key {
            StateTimer::Group(timer) => is_in(cluster, index, &timer.group),
            StateTimer::Chore(_)
            | StateTimer::Load(_)
            | StateTimer::NewTopic(_)
            | StateTimer::Copy(..)
            | StateTimer::ShareLock(_)
            | StateTimer::ShareRetry(_) => false,
            #[cfg(feature = "oauth")]
            StateTimer::KeySet(_) => false,
        });
    }

    /// Reads the groups of a partition that `node` coordinates now.
    pub(in crate::engine) fn load_groups(
        &mut self,
        now: Now,
        (index, node): (i32, NodeId),
        batches: &[BatchView],
    ) -> Result<(), LoadError> {
        self.with_groups(now, node, |groups, turn| {
            for batch in batches {
                groups.replay_batch(turn, index, batch)?;
            }
            groups.on_loaded(turn, index);
            Ok(())
        })
    }
}

/// Whether a partition holds a group.
fn is_in(cluster: &Cluster, index: i32, group: &str) -> bool {
    partition_of(cluster, StateTopic::Groups, group) == Some(index)
}

impl Groups {
    fn unload(&mut self, turn: &mut Turn<'_>, index: i32) {
        let cluster = turn.cluster;
        let is_meant = |group: &str| is_in(cluster, index, group);
        self.by_id.retain(|id, group| {
            if !is_meant(id) {
                return true;
            }
            if let Group::Classic(group) = group {
                group.unload(turn);
            }
            false
        });
        self.offsets.forget_groups(is_meant);
    }

    fn on_loaded(&mut self, turn: &mut Turn<'_>, index: i32) {
        let cluster = turn.cluster;
        let groups = self.by_id.iter_mut();
        for (id, group) in groups.filter(|(id, _)| is_in(cluster, index, id)) {
            // Whom the records name was not sent away after all.
            for (member, _) in group.member_ids() {
                self.former.returned(id, &member);
            }
            match group {
                Group::Classic(group) => group.on_loaded(turn),
                Group::Consumer(group) => group.on_loaded(turn),
                Group::Share(group) => group.on_loaded(turn),
                Group::Streams(group) => group.on_loaded(turn),
            }
        }
    }

    fn replay_batch(
        &mut self,
        turn: &Turn<'_>,
        index: i32,
        batch: &BatchView,
    ) -> Result<(), LoadError> {
        let producer = batch.header().producer_id;
        if batch.is_control() {
            if let Some(marker) = Marker::of(batch) {
                let is_meant = |group: &str| is_in(turn.cluster, index, group);
                self.offsets
                    .end_transaction(producer, marker.kind, is_meant);
            }
            return Ok(());
        }
        let producer = batch.is_transactional().then_some(producer);
        let unfolded = batch.unfold()?;
        for record in unfolded.iter() {
            let record = record?;
            let key = record.key.ok_or(LoadError::NoKey)?;
            // What a later Kafka has written means nothing here.
            if let Some(key) = StateKey::read(key)? {
                self.replay(turn.now, key, record.value, producer)?;
            }
        }
        Ok(())
    }

    fn replay(
        &mut self,
        now: Now,
        key: StateKey<'_>,
        value: Option<&[u8]>,
        producer: Option<ProducerId>,
    ) -> Result<(), LoadError> {
        match key {
            StateKey::OffsetCommit {
                group,
                topic,
                partition,
            } => match value {
                Some(value) => {
                    let committed = CommittedOffset::of(&OffsetCommitValue::read(value)?);
                    // A group that only keeps offsets is written nowhere else.
                    self.classic_or_new(&group.into(), now);
                    let place = (group, topic, partition);
                    self.offsets.commit(place, committed, producer);
                }
                None => self.offsets.remove(group, topic, partition),
            },
            StateKey::GroupMetadata { group } => match value {
                Some(value) => {
                    let id: Arc<str> = group.into();
                    let value = GroupMetadataValue::read(value)?;
                    let group = ClassicGroup::restored(Arc::clone(&id), &value, now);
                    self.insert(id, Group::Classic(group));
                }
                None => drop(self.remove(group)),
            },
            StateKey::ConsumerGroupMetadata { group } | StateKey::ShareGroupMetadata { group }
                if value.is_none() =>
            {
                drop(self.remove(group));
            }
            StateKey::ShareGroupMetadata { group }
            | StateKey::ShareGroupMemberMetadata { group, .. }
            | StateKey::ShareGroupTargetAssignmentMetadata { group }
            | StateKey::ShareGroupTargetAssignmentMember { group, .. }
            | StateKey::ShareGroupCurrentMemberAssignment { group, .. }
            | StateKey::ShareGroupStatePartitionMetadata { group } => {
                if let Some(group) = self.share_to_replay(group, value.is_some()) {
                    group.replay(now, key, value)?;
                }
            }
            StateKey::ConsumerGroupMetadata { group }
            | StateKey::ConsumerGroupPartitionMetadata { group }
            | StateKey::ConsumerGroupMemberMetadata { group, .. }
            | StateKey::ConsumerGroupTargetAssignmentMetadata { group }
            | StateKey::ConsumerGroupTargetAssignmentMember { group, .. }
            | StateKey::ConsumerGroupCurrentMemberAssignment { group, .. }
            | StateKey::ConsumerGroupRegularExpression { group, .. } => {
                if let Some(group) = self.consumer_to_replay(group, value.is_some()) {
                    group.replay(key, value)?;
                }
            }
            StateKey::StreamsGroupMetadata { group } if value.is_none() => {
                drop(self.remove(group));
            }
            StateKey::StreamsGroupMetadata { group }
            | StateKey::StreamsGroupMemberMetadata { group, .. }
            | StateKey::StreamsGroupTargetAssignmentMetadata { group }
            | StateKey::StreamsGroupTargetAssignmentMember { group, .. }
            | StateKey::StreamsGroupCurrentMemberAssignment { group, .. }
            | StateKey::StreamsGroupTopology { group } => {
                if let Some(group) = self.streams_to_replay(group, value.is_some()) {
                    group.replay(key, value)?;
                }
            }
        }
        Ok(())
    }

    /// The consumer group that a record speaks of, made if the record sets something. A classic group that
    /// only its offsets have made gives way to it.
    fn consumer_to_replay(&mut self, id: &str, sets: bool) -> Option<&mut ConsumerGroup> {
        if sets && !matches!(self.get(id), Some(Group::Consumer(_))) {
            let id: Arc<str> = id.into();
            let group = Group::Consumer(ConsumerGroup::new(Arc::clone(&id)));
            self.insert(id, group);
        }
        match self.get_mut(id) {
            Some(Group::Consumer(group)) => Some(group),
            Some(Group::Classic(_) | Group::Share(_) | Group::Streams(_)) | None => None,
        }
    }

    /// The same of a share group.
    fn share_to_replay(&mut self, id: &str, sets: bool) -> Option<&mut ShareGroup> {
        if sets && !matches!(self.get(id), Some(Group::Share(_))) {
            let id: Arc<str> = id.into();
            let group = Group::Share(ShareGroup::new(Arc::clone(&id)));
            self.insert(id, group);
        }
        match self.get_mut(id) {
            Some(Group::Share(group)) => Some(group),
            Some(Group::Classic(_) | Group::Consumer(_) | Group::Streams(_)) | None => None,
        }
    }

    /// The same of streams groups.
    fn streams_to_replay(&mut self, id: &str, sets: bool) -> Option<&mut StreamsGroup> {
        if sets && !matches!(self.get(id), Some(Group::Streams(_))) {
            let id: Arc<str> = id.into();
            let group = Group::Streams(StreamsGroup::new(Arc::clone(&id)));
            self.insert(id, group);
        }
        match self.get_mut(id) {
            Some(Group::Streams(group)) => Some(group),
            Some(Group::Classic(_) | Group::Consumer(_) | Group::Share(_)) | None => None,
        }
    }
}
