//! A share group (KIP-932): its members, its assignment, and which partitions have a state.

use uuid::Uuid;

use super::consumer_group::{indexes, put_topic, read_target, target, topic};
use super::reader::{Reader, Unreadable};
use super::writer::Writer;
use super::{StateKey, StateRecord};
use crate::wire::units::WallMillis;

/// A group's epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShareGroupMetadataValue {
    pub(crate) epoch: i32,
    /// Of the topics that the group subscribes to (KIP-1101); 0 if there are none.
    pub(crate) metadata_hash: i64,
}

/// A member as it described itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareGroupMemberMetadataValue<'a> {
    pub(crate) rack_id: Option<&'a str>,
    pub(crate) client_id: &'a str,
    pub(crate) client_host: &'a str,
    pub(crate) subscribed_topic_names: Vec<&'a str>,
}

/// The epoch of the target assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShareGroupTargetAssignmentMetadataValue {
    pub(crate) assignment_epoch: i32,
    /// When it was computed (KIP-1263); 0 if never.
    pub(crate) assignment_timestamp: WallMillis,
}

/// What a member is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareGroupTargetAssignmentMemberValue {
    /// Partitions by topic, in the order in which they are to be written.
    pub(crate) topic_partitions: Vec<(Uuid, Vec<i32>)>,
}

/// What a member has, and its epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareGroupCurrentMemberAssignmentValue {
    pub(crate) member_epoch: i32,
    pub(crate) previous_member_epoch: i32,
    /// Kafka's number of the member's state; share groups know 0, stable, alone.
    pub(crate) state: i8,
    /// Partitions by topic, in the order in which they are to be written.
    pub(crate) assigned_partitions: Vec<(Uuid, Vec<i32>)>,
}

/// A topic and some of its partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicPartitionsInfo<'a> {
    pub(crate) topic_id: Uuid,
    pub(crate) topic_name: &'a str,
    pub(crate) partitions: Vec<i32>,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicInfo<'a> {
    pub(crate) topic_id: Uuid,
    pub(crate) topic_name: &'a str,
}

/// For which partitions the share coordinator keeps a state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ShareGroupStatePartitionMetadataValue<'a> {
    pub(crate) initializing_topics: Vec<TopicPartitionsInfo<'a>>,
    pub(crate) initialized_topics: Vec<TopicPartitionsInfo<'a>>,
    pub(crate) deleting_topics: Vec<TopicInfo<'a>>,
}

impl ShareGroupMetadataValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let read = Self {
            epoch: from.int32()?,
            metadata_hash: from.int64()?,
        };
        from.end()?;
        Ok(read)
    }

    pub(crate) fn record(&self, group: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.int32(self.epoch).int64(self.metadata_hash).tagged(&[]);
        StateKey::ShareGroupMetadata { group }.with(to.finish())
    }
}

impl<'a> ShareGroupMemberMetadataValue<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let read = Self {
            rack_id: from.nullable_string()?,
            client_id: from.string()?,
            client_host: from.string()?,
            subscribed_topic_names: from.array(Reader::string)?,
        };
        from.end()?;
        Ok(read)
    }
}

impl ShareGroupMemberMetadataValue<'_> {
    pub(crate) fn record(&self, group: &str, member: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.nullable_string(self.rack_id)
            .string(self.client_id)
            .string(self.client_host)
            .array(&self.subscribed_topic_names, |to, name| {
                to.string(name);
            })
            .tagged(&[]);
        StateKey::ShareGroupMemberMetadata { group, member }.with(to.finish())
    }
}

impl ShareGroupTargetAssignmentMetadataValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (assignment_epoch, assignment_timestamp) = read_target(value)?;
        Ok(Self {
            assignment_epoch,
            assignment_timestamp,
        })
    }

    pub(crate) fn record(&self, group: &str) -> StateRecord {
        let value = target((self.assignment_epoch, self.assignment_timestamp));
        StateKey::ShareGroupTargetAssignmentMetadata { group }.with(value)
    }
}

impl ShareGroupTargetAssignmentMemberValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let topic_partitions = from.array(topic)?;
        from.end()?;
        Ok(Self { topic_partitions })
    }

    pub(crate) fn record(&self, group: &str, member: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.array(&self.topic_partitions, put_topic).tagged(&[]);
        StateKey::ShareGroupTargetAssignmentMember { group, member }.with(to.finish())
    }
}

impl ShareGroupCurrentMemberAssignmentValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let read = Self {
            member_epoch: from.int32()?,
            previous_member_epoch: from.int32()?,
            state: from.int8()?,
            assigned_partitions: from.array(topic)?,
        };
        from.end()?;
        Ok(read)
    }

    pub(crate) fn record(&self, group: &str, member: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.int32(self.member_epoch)
            .int32(self.previous_member_epoch)
            .int8(self.state)
            .array(&self.assigned_partitions, put_topic)
            .tagged(&[]);
        StateKey::ShareGroupCurrentMemberAssignment { group, member }.with(to.finish())
    }
}

impl<'a> ShareGroupStatePartitionMetadataValue<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let partitions = |from: &mut Reader<'a>| {
            let info = TopicPartitionsInfo {
                topic_id: from.uuid()?,
                topic_name: from.string()?,
                partitions: from.array(Reader::int32)?,
            };
            from.end()?;
            Ok(info)
        };
        let read = Self {
            initializing_topics: from.array(partitions)?,
            initialized_topics: from.array(partitions)?,
            deleting_topics: from.array(|from| {
                let info = TopicInfo {
                    topic_id: from.uuid()?,
                    topic_name: from.string()?,
                };
                from.end()?;
                Ok(info)
            })?,
        };
        from.end()?;
        Ok(read)
    }
}

impl ShareGroupStatePartitionMetadataValue<'_> {
    pub(crate) fn record(&self, group: &str) -> StateRecord {
        let partitions = |to: &mut Writer, info: &TopicPartitionsInfo<'_>| {
            to.uuid(info.topic_id).string(info.topic_name);
            indexes(to, &info.partitions).tagged(&[]);
        };
        let mut to = Writer::flexible(0);
        to.array(&self.initializing_topics, partitions)
            .array(&self.initialized_topics, partitions)
            .array(&self.deleting_topics, |to, info| {
                to.uuid(info.topic_id).string(info.topic_name).tagged(&[]);
            })
            .tagged(&[]);
        StateKey::ShareGroupStatePartitionMetadata { group }.with(to.finish())
    }
}
