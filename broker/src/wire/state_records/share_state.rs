//! What a share group has made of a partition, in `__share_group_state`: snapshots, and updates that follow them.

use bytes::Bytes;
use uuid::Uuid;

use super::StateRecord;
use super::consumer_group::first_tagged;
use super::reader::{Reader, Unreadable};
use super::writer::Writer;
use crate::wire::units::WallMillis;

/// A count that nobody knows.
const UNKNOWN: i32 = -1;

/// What a record of `__share_group_state` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShareStateKey<'a> {
    Snapshot {
        group: &'a str,
        topic_id: Uuid,
        partition: i32,
    },
    Update {
        group: &'a str,
        topic_id: Uuid,
        partition: i32,
    },
}

/// Offsets whose records fare alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShareStateBatch {
    pub(crate) first_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) delivery_state: i8,
    pub(crate) delivery_count: i16,
}

/// All there is to know of a share partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareSnapshotValue {
    pub(crate) snapshot_epoch: i32,
    pub(crate) state_epoch: i32,
    pub(crate) leader_epoch: i32,
    pub(crate) start_offset: i64,
    /// -1 if that is not known.
    pub(crate) delivery_complete_count: i32,
    pub(crate) create_timestamp: WallMillis,
    pub(crate) write_timestamp: WallMillis,
    pub(crate) state_batches: Vec<ShareStateBatch>,
}

/// What is new since the last snapshot or update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareUpdateValue {
    pub(crate) snapshot_epoch: i32,
    pub(crate) leader_epoch: i32,
    pub(crate) start_offset: i64,
    /// -1 if that is not known.
    pub(crate) delivery_complete_count: i32,
    pub(crate) state_batches: Vec<ShareStateBatch>,
}

impl<'a> ShareStateKey<'a> {
    /// What a record is about; nothing that is kept here if a later Kafka wrote it.
    pub(crate) fn read(key: &'a [u8]) -> Result<Option<Self>, Unreadable> {
        let (kind, mut from) = Reader::begin(key)?;
        if !matches!(kind, 0 | 1) {
            return Ok(None);
        }
        let (group, topic_id, partition) = (from.string()?, from.uuid()?, from.int32()?);
        Ok(Some(if kind == 0 {
            Self::Snapshot {
                group,
                topic_id,
                partition,
            }
        } else {
            Self::Update {
                group,
                topic_id,
                partition,
            }
        }))
    }
}

impl ShareStateKey<'_> {
    /// The record that takes back what the key stands for.
    pub(crate) fn tombstone(self) -> StateRecord {
        StateRecord {
            key: self.to_bytes(),
            value: None,
        }
    }

    fn with(self, value: Bytes) -> StateRecord {
        StateRecord {
            key: self.to_bytes(),
            value: Some(value),
        }
    }

    fn to_bytes(self) -> Bytes {
        let (kind, group, topic_id, partition) = match self {
            Self::Snapshot {
                group,
                topic_id,
                partition,
            } => (0, group, topic_id, partition),
            Self::Update {
                group,
                topic_id,
                partition,
            } => (1, group, topic_id, partition),
        };
        let mut to = Writer::plain(kind);
        to.string(group).uuid(topic_id).int32(partition);
        to.finish()
    }
}

impl ShareSnapshotValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        Ok(Self {
            snapshot_epoch: from.int32()?,
            state_epoch: from.int32()?,
            leader_epoch: from.int32()?,
            start_offset: from.int64()?,
            create_timestamp: WallMillis(from.int64()?),
            write_timestamp: WallMillis(from.int64()?),
            state_batches: from.array(ShareStateBatch::read)?,
            delivery_complete_count: first_tagged(&mut from, Reader::int32)?.unwrap_or(UNKNOWN),
        })
    }

    pub(crate) fn record(&self, (group, topic_id, partition): (&str, Uuid, i32)) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.int32(self.snapshot_epoch)
            .int32(self.state_epoch)
            .int32(self.leader_epoch)
            .int64(self.start_offset)
            .int64(self.create_timestamp.0)
            .int64(self.write_timestamp.0)
            .array(&self.state_batches, ShareStateBatch::write);
        tagged_count(&mut to, self.delivery_complete_count);
        let key = ShareStateKey::Snapshot {
            group,
            topic_id,
            partition,
        };
        key.with(to.finish())
    }
}

impl ShareUpdateValue {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=0, 0)?;
        Ok(Self {
            snapshot_epoch: from.int32()?,
            leader_epoch: from.int32()?,
            start_offset: from.int64()?,
            state_batches: from.array(ShareStateBatch::read)?,
            delivery_complete_count: first_tagged(&mut from, Reader::int32)?.unwrap_or(UNKNOWN),
        })
    }

    pub(crate) fn record(&self, (group, topic_id, partition): (&str, Uuid, i32)) -> StateRecord {
        let mut to = Writer::flexible(0);
        to.int32(self.snapshot_epoch)
            .int32(self.leader_epoch)
            .int64(self.start_offset)
            .array(&self.state_batches, ShareStateBatch::write);
        tagged_count(&mut to, self.delivery_complete_count);
        let key = ShareStateKey::Update {
            group,
            topic_id,
            partition,
        };
        key.with(to.finish())
    }
}

impl ShareStateBatch {
    fn read(from: &mut Reader<'_>) -> Result<Self, Unreadable> {
        let batch = Self {
            first_offset: from.int64()?,
            last_offset: from.int64()?,
            delivery_state: from.int8()?,
            delivery_count: from.int16()?,
        };
        from.end()?;
        Ok(batch)
    }

    fn write(to: &mut Writer, batch: &Self) {
        to.int64(batch.first_offset)
            .int64(batch.last_offset)
            .int8(batch.delivery_state)
            .int16(batch.delivery_count)
            .tagged(&[]);
    }
}

fn tagged_count(to: &mut Writer, count: i32) {
    if count == UNKNOWN {
        to.tagged(&[]);
        return;
    }
    let mut field = Writer::field();
    field.int32(count);
    to.tagged(&[(0, field)]);
}
