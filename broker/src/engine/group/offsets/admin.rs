//! Deleting: offsets, the groups that held them, and what was committed to topics that are gone.

use uuid::Uuid;

use super::tombstone;
use crate::engine::group::turn::Turn;
use crate::engine::group::{Group, Groups};
use crate::wire::error::ErrorCode;

impl Groups {
    /// Deletes offsets of a group (KIP-496). Answers each partition in its place; a topic that the
    /// group consumes keeps its offsets.
    pub(crate) fn delete_offsets(
        &mut self,
        turn: &mut Turn<'_>,
        group: &str,
        topics: &[(&str, &[i32])],
    ) -> Result<Vec<ErrorCode>, ErrorCode> {
        let known = self.get(group).ok_or(ErrorCode::GroupIdNotFound)?;
        known.check_offset_delete()?;
        let mut subscribed = Vec::with_capacity(topics.len());
        for (topic, _) in topics {
            subscribed.push(known.is_subscribed_to(topic));
        }
        let mut answers = Vec::new();
        let mut doomed = Vec::new();
        for ((topic, partitions), subscribed) in topics.iter().zip(subscribed) {
            for partition in *partitions {
                let kept = subscribed.then_some(ErrorCode::GroupSubscribedToTopic);
                answers.push(kept.unwrap_or(ErrorCode::None));
                if kept.is_none() && self.offsets.is_known(group, topic, *partition) {
                    doomed.push((*topic, *partition));
                }
            }
        }
        let tombstones = doomed.iter();
        let tombstones = tombstones.map(|(topic, partition)| tombstone(group, topic, *partition));
        turn.check_size(&tombstones.collect::<Vec<_>>())?;
        for (topic, partition) in doomed {
            self.forget_offset(turn, group, topic, partition);
        }
        Ok(answers)
    }

    /// Deletes a group that has no members, and its offsets.
    pub(crate) fn delete_group(&mut self, turn: &mut Turn<'_>, id: &str) -> Result<(), ErrorCode> {
        let group = self.get(id).ok_or(ErrorCode::GroupIdNotFound)?;
        group.check_delete()?;
        let doomed = self.offsets.partitions_of_group(id);
        let mut tombstones = group.tombstones();
        let offsets = doomed.iter();
        tombstones.extend(offsets.map(|at| tombstone(id, &at.topic, at.partition)));
        turn.check_size(&tombstones)?;
        for at in doomed {
            self.forget_offset(turn, id, &at.topic, at.partition);
        }
        self.bury(turn, id);
        Ok(())
    }

    /// Forgets what was committed to a topic that is gone.
    pub(crate) fn forget_topic(&mut self, turn: &mut Turn<'_>, topic: &str, id: Uuid) {
        for (group, partition) in self.offsets.of_topic(topic, id) {
            self.forget_offset(turn, &group, topic, partition);
        }
    }

    pub(super) fn forget_offset(
        &mut self,
        turn: &mut Turn<'_>,
        group: &str,
        topic: &str,
        partition: i32,
    ) {
        turn.append(group, tombstone(group, topic, partition));
        self.offsets.remove(group, topic, partition);
    }

    /// Takes a group away and writes that down.
    pub(in crate::engine::group) fn bury(&mut self, turn: &mut Turn<'_>, id: &str) {
        let Some(group) = self.remove(id) else {
            return;
        };
        if let Group::Streams(group) = &group {
            group.cancel_delay(turn);
        }
        for record in group.tombstones() {
            turn.append(id, record);
        }
    }
}

impl Group {
    /// As Kafka names it.
    pub(crate) fn state_name(&self) -> &'static str {
        match self {
            Self::Classic(group) => group.state().name(),
            Self::Consumer(group) => group.state().name(),
            Self::Share(group) => group.state_name(),
            Self::Streams(group) => group.state().name(),
        }
    }

    /// As filters of states name it. Oracle: `NotReady` is another word there, so that its own name does not find it.
    pub(crate) fn state_in_filters(&self) -> &'static str {
        match self.state_name() {
            "NotReady" => "not_ready",
            name => name,
        }
    }

    /// As Kafka names it.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Classic(_) => "classic",
            Self::Consumer(_) => "consumer",
            Self::Share(_) => "share",
            Self::Streams(_) => "streams",
        }
    }

    /// What its members do together; empty if it never had any.
    pub(crate) fn protocol_type(&self) -> &str {
        match self {
            Self::Classic(group) => group.protocol_type().unwrap_or_default(),
            Self::Consumer(_) => "consumer",
            Self::Share(_) => "share",
            Self::Streams(_) => "streams",
        }
    }

    fn check_offset_delete(&self) -> Result<(), ErrorCode> {
        match self {
            Self::Classic(group) => group.check_offset_delete(),
            Self::Consumer(_) | Self::Streams(_) => Ok(()),
            Self::Share(_) => Err(ErrorCode::GroupIdNotFound),
        }
    }

    fn check_delete(&self) -> Result<(), ErrorCode> {
        match self {
            Self::Classic(group) => group.check_delete(),
            Self::Consumer(group) => group.check_delete(),
            Self::Share(group) => group.check_empty().map_err(|error| error.code),
            Self::Streams(group) => group.check_delete(),
        }
    }
}
