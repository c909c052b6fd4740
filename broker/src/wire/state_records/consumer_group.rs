//! A consumer group (KIP-848), its members, its assignment and its regular expressions.

use bytes::Bytes;
use uuid::Uuid;

use super::reader::{Reader, Unreadable};
use super::writer::Writer;
use super::{StateKey, StateRecord};
use crate::wire::units::WallMillis;

/// A group's epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConsumerGroupMetadataValue {
    pub(crate) epoch: i32,
    /// Of the topics that the group subscribes to (KIP-1101); 0 if there are none.
    pub(crate) metadata_hash: i64,
}

/// A member as it described itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsumerGroupMemberMetadataValue<'a> {
    pub(crate) instance_id: Option<&'a str>,
    pub(crate) rack_id: Option<&'a str>,
    pub(crate) client_id: &'a str,
    pub(crate) client_host: &'a str,
    pub(crate) subscribed_topic_names: Vec<&'a str>,
    /// Empty, not null, if the member gave none since it joined.
    pub(crate) subscribed_topic_regex: Option<&'a str>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) server_assignor: Option<&'a str>,
    /// Of a member that speaks the classic protocol.
    pub(crate) classic: Option<ClassicMemberMetadata<'a>>,
}

/// What a member that speaks the classic protocol joined with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassicMemberMetadata<'a> {
    pub(crate) session_timeout_ms: i32,
    /// Names and metadata.
    pub(crate) supported_protocols: Vec<(&'a str, &'a [u8])>,
}

/// The epoch of the target assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConsumerGroupTargetAssignmentMetadataValue {
    pub(crate) assignment_epoch: i32,
    /// When it was computed (KIP-1263); 0 if never.
    pub(crate) assignment_timestamp: WallMillis,
}

/// What a member is to own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsumerGroupTargetAssignmentMemberValue {
    /// Partitions by topic, in the order in which they are to be written.
    pub(crate) topic_partitions: Vec<(Uuid, Vec<i32>)>,
}

/// What a member owns, and its epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsumerGroupCurrentMemberAssignmentValue {
    pub(crate) member_epoch: i32,
    pub(crate) previous_member_epoch: i32,
    /// Kafka's number of the member's state: 0 stable, 1 unrevoked, 2 unreleased.
    pub(crate) state: i8,
    pub(crate) assigned_partitions: Vec<CurrentTopicPartitions>,
    pub(crate) partitions_pending_revocation: Vec<CurrentTopicPartitions>,
}

/// A topic's partitions that a member owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CurrentTopicPartitions {
    pub(crate) topic_id: Uuid,
    pub(crate) partitions: Vec<i32>,
    /// Since which epoch, one for each partition (KIP-1251).
    pub(crate) assignment_epochs: Option<Vec<i32>>,
}

/// The topics that match a regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsumerGroupRegularExpressionValue<'a> {
    pub(crate) topics: Vec<&'a str>,
    /// Of the cluster's metadata that was looked through.
    pub(crate) version: i64,
    pub(crate) timestamp: WallMillis,
}

impl ConsumerGroupMetadataValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        Ok(Self {
            epoch: from.int32()?,
            metadata_hash: first_tagged(&mut from, Reader::int64)?.unwrap_or_default(),
        })
    }

    pub(crate) fn record(&self, group: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.int32(self.epoch);
        tagged_int64(&mut to, self.metadata_hash);
        StateKey::ConsumerGroupMetadata { group }.with(to.finish())
    }
}

impl<'a> ConsumerGroupMemberMetadataValue<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        Ok(Self {
            instance_id: from.nullable_string()?,
            rack_id: from.nullable_string()?,
            client_id: from.string()?,
            client_host: from.string()?,
            subscribed_topic_names: from.array(Reader::string)?,
            subscribed_topic_regex: from.nullable_string()?,
            rebalance_timeout_ms: from.int32()?,
            server_assignor: from.nullable_string()?,
            classic: first_tagged(&mut from, ClassicMemberMetadata::read)?.flatten(),
        })
    }
}

impl<'a> ClassicMemberMetadata<'a> {
    fn read(from: &mut Reader<'a>) -> Result<Option<Self>, Unreadable> {
        if from.int8()? <= 0 {
            return Ok(None);
        }
        let read = Self {
            session_timeout_ms: from.int32()?,
            supported_protocols: from.array(|from| {
                let protocol = (from.string()?, from.bytes()?);
                from.end()?;
                Ok(protocol)
            })?,
        };
        from.end()?;
        Ok(Some(read))
    }
}

impl ConsumerGroupMemberMetadataValue<'_> {
    pub(crate) fn record(&self, group: &str, member: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.nullable_string(self.instance_id)
            .nullable_string(self.rack_id)
            .string(self.client_id)
            .string(self.client_host)
            .array(&self.subscribed_topic_names, |to, name| {
                to.string(name);
            })
            .nullable_string(self.subscribed_topic_regex)
            .int32(self.rebalance_timeout_ms)
            .nullable_string(self.server_assignor);
        // Oracle: null is written out, for Kafka's code takes an empty struct for the default.
        let classic = self.classic.as_ref();
        to.tagged(&[(0, classic.map_or_else(null, ClassicMemberMetadata::field))]);
        StateKey::ConsumerGroupMemberMetadata { group, member }.with(to.finish())
    }
}

impl ClassicMemberMetadata<'_> {
    fn field(&self) -> Writer {
        let mut to = Writer::field();
        // A nullable struct says first that it is there.
        to.int8(1)
            .int32(self.session_timeout_ms)
            .array(&self.supported_protocols, |to, (name, metadata)| {
                to.string(name).bytes(metadata).tagged(&[]);
            })
            .tagged(&[]);
        to
    }
}

impl ConsumerGroupTargetAssignmentMetadataValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (assignment_epoch, assignment_timestamp) = read_target(value)?;
        Ok(Self {
            assignment_epoch,
            assignment_timestamp,
        })
    }

    pub(crate) fn record(&self, group: &str) -> StateRecord {
        let value = target((self.assignment_epoch, self.assignment_timestamp));
        StateKey::ConsumerGroupTargetAssignmentMetadata { group }.with(value)
    }
}

impl ConsumerGroupTargetAssignmentMemberValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let topic_partitions = from.array(topic)?;
        from.end()?;
        Ok(Self { topic_partitions })
    }

    pub(crate) fn record(&self, group: &str, member: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.array(&self.topic_partitions, put_topic).tagged(&[]);
        StateKey::ConsumerGroupTargetAssignmentMember { group, member }.with(to.finish())
    }
}

impl ConsumerGroupCurrentMemberAssignmentValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let read = Self {
            member_epoch: from.int32()?,
            previous_member_epoch: from.int32()?,
            state: from.int8()?,
            assigned_partitions: from.array(CurrentTopicPartitions::read)?,
            partitions_pending_revocation: from.array(CurrentTopicPartitions::read)?,
        };
        from.end()?;
        Ok(read)
    }

    pub(crate) fn record(&self, group: &str, member: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.int32(self.member_epoch)
            .int32(self.previous_member_epoch)
            .int8(self.state)
            .array(&self.assigned_partitions, |to, topic| topic.write(to))
            .array(&self.partitions_pending_revocation, |to, topic| {
                topic.write(to);
            })
            .tagged(&[]);
        StateKey::ConsumerGroupCurrentMemberAssignment { group, member }.with(to.finish())
    }
}

impl CurrentTopicPartitions {
    fn read(from: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            topic_id: from.uuid()?,
            partitions: from.array(Reader::int32)?,
            assignment_epochs: first_tagged(from, |field| field.nullable_array(Reader::int32))?
                .flatten(),
        })
    }

    fn write(&self, to: &mut Writer) {
        let epochs = self.assignment_epochs.iter().map(|epochs| {
            let mut field = Writer::field();
            indexes(&mut field, epochs);
            (0, field)
        });
        to.uuid(self.topic_id);
        indexes(to, &self.partitions).tagged(&epochs.collect::<Vec<_>>());
    }
}

impl<'a> ConsumerGroupRegularExpressionValue<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        let read = Self {
            topics: from.array(Reader::string)?,
            version: from.int64()?,
            timestamp: WallMillis(from.int64()?),
        };
        from.end()?;
        Ok(read)
    }
}

impl ConsumerGroupRegularExpressionValue<'_> {
    pub(crate) fn record(&self, group: &str, expression: &str) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.array(&self.topics, |to, name| {
            to.string(name);
        })
        .int64(self.version)
        .int64(self.timestamp.0)
        .tagged(&[]);
        StateKey::ConsumerGroupRegularExpression { group, expression }.with(to.finish())
    }
}

/// The end of a struct whose only tagged field is the first, if it has one.
pub(super) fn first_tagged<'a, T>(
    from: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, Unreadable>,
) -> Result<Option<T>, Unreadable> {
    let mut found = None;
    from.tagged(|tag, field| {
        if tag == 0 {
            found = Some(read(field)?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// A nullable struct that is not there.
fn null() -> Writer {
    let mut to = Writer::field();
    to.int8(0);
    to
}

/// The end of a struct whose only tagged field is a number with the default 0.
pub(super) fn tagged_int64(to: &mut Writer, value: i64) {
    if value == 0 {
        to.tagged(&[]);
        return;
    }
    let mut field = Writer::field();
    field.int64(value);
    to.tagged(&[(0, field)]);
}

pub(super) fn indexes<'a>(to: &'a mut Writer, numbers: &[i32]) -> &'a mut Writer {
    to.array(numbers, |to, number| {
        to.int32(*number);
    })
}

pub(super) fn topic(from: &mut Reader<'_>) -> Result<(Uuid, Vec<i32>), Unreadable> {
    let topic = (from.uuid()?, from.array(Reader::int32)?);
    from.end()?;
    Ok(topic)
}

pub(super) fn put_topic(to: &mut Writer, (topic_id, partitions): &(Uuid, Vec<i32>)) {
    to.uuid(*topic_id);
    indexes(to, partitions).tagged(&[]);
}

/// Of a target assignment: its epoch, and when it was made.
pub(super) fn read_target(value: &[u8]) -> Result<(i32, WallMillis), Unreadable> {
    let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
    let epoch = from.int32()?;
    let at = first_tagged(&mut from, Reader::int64)?;
    Ok((epoch, WallMillis(at.unwrap_or_default())))
}

pub(super) fn target((epoch, at): (i32, WallMillis)) -> Bytes {
    let mut to = Writer::flexible(0);
    to.int32(epoch);
    tagged_int64(&mut to, at.0);
    to.finish()
}
