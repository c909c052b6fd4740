//! A committed offset.

use uuid::Uuid;

use super::reader::{Reader, Unreadable};
use super::writer::Writer;
use super::{StateKey, StateRecord};
use crate::wire::units::WallMillis;

/// An offset and what was committed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OffsetCommitValue<'a> {
    pub(crate) offset: i64,
    /// -1 if the client gave none.
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: &'a str,
    pub(crate) commit_timestamp: WallMillis,
    /// Only from clients that give a retention of their own.
    pub(crate) expire_timestamp: Option<WallMillis>,
    pub(crate) topic_id: Uuid,
}

impl<'a> OffsetCommitValue<'a> {
    /// Versions 0 to 3 are those of Kafka before 4.0, but for version 1.
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Unreadable> {
        let (version, mut from) = Reader::of_version(value, 0..=4, 4)?;
        let mut read = Self {
            offset: from.int64()?,
            leader_epoch: if version >= 3 { from.int32()? } else { -1 },
            metadata: from.string()?,
            commit_timestamp: WallMillis(from.int64()?),
            expire_timestamp: None,
            topic_id: Uuid::nil(),
        };
        if version == 1 {
            let at = WallMillis(from.int64()?);
            read.expire_timestamp = (at.0 != -1).then_some(at);
        }
        from.tagged(|tag, field| {
            if tag == 0 {
                read.topic_id = field.uuid()?;
            }
            Ok(())
        })?;
        Ok(read)
    }
}

impl OffsetCommitValue<'_> {
    pub(crate) fn record(&self, group: &str, topic: &str, partition: i32) -> StateRecord {
        let key = StateKey::OffsetCommit {
            group,
            topic,
            partition,
        };
        // Version 1 alone has room for an expire timestamp, and none for epoch and topic id.
        let to = match self.expire_timestamp {
            Some(expire_timestamp) => self.version_1(expire_timestamp),
            None => self.version_4(),
        };
        key.with(to.finish())
    }

    fn version_1(&self, expire_timestamp: WallMillis) -> Writer {
        let mut to = Writer::plain(1);
        to.int64(self.offset)
            .string(self.metadata)
            .int64(self.commit_timestamp.0)
            .int64(expire_timestamp.0);
        to
    }

    fn version_4(&self) -> Writer {
        let mut to = Writer::flexible(4);
        to.int64(self.offset)
            .int32(self.leader_epoch)
            .string(self.metadata)
            .int64(self.commit_timestamp.0);
        if self.topic_id.is_nil() {
            to.tagged(&[]);
        } else {
            let mut id = Writer::field();
            id.uuid(self.topic_id);
            to.tagged(&[(0, id)]);
        }
        to
    }
}
