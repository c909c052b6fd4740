//! The records of `__transaction_state`.

use super::StateRecord;
use super::reader::{Reader, Unreadable};
use super::writer::Writer;
use crate::wire::units::{ProducerEpoch, ProducerId, WallMillis};

/// The partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TransactionPartitions<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partitions: Vec<i32>,
}

/// What is known of a transactional id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TransactionLogValue<'a> {
    pub(crate) producer_id: ProducerId,
    pub(crate) previous_producer_id: ProducerId,
    pub(crate) next_producer_id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
    pub(crate) timeout_ms: i32,
    pub(crate) status: i8,
    /// None in the state Empty alone.
    pub(crate) partitions: Option<Vec<TransactionPartitions<'a>>>,
    pub(crate) updated: WallMillis,
    pub(crate) started: WallMillis,
    /// 0 or 2.
    pub(crate) client_version: i16,
}

impl<'a> TransactionLogValue<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Unreadable> {
        let (_, mut from) = Reader::of_version(value, 0..=1, 1)?;
        let mut read = Self {
            producer_id: ProducerId(from.int64()?),
            previous_producer_id: ProducerId::NONE,
            next_producer_id: ProducerId::NONE,
            epoch: ProducerEpoch(from.int16()?),
            timeout_ms: from.int32()?,
            status: from.int8()?,
            partitions: from.nullable_array(|from| {
                let topic = TransactionPartitions {
                    topic: from.string()?,
                    partitions: from.array(Reader::int32)?,
                };
                from.end()?;
                Ok(topic)
            })?,
            updated: WallMillis(from.int64()?),
            started: WallMillis(from.int64()?),
            client_version: 0,
        };
        from.tagged(|tag, field| {
            match tag {
                0 => read.previous_producer_id = ProducerId(field.int64()?),
                1 => read.next_producer_id = ProducerId(field.int64()?),
                2 => read.client_version = field.int16()?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(read)
    }
}

impl TransactionLogValue<'_> {
    /// The record, with version 1 of the value or, while the feature `transaction.version` is not in
    /// use, with version 0.
    pub(crate) fn record(&self, transactional_id: &str, version: i16) -> StateRecord {
        let mut to = if version >= 1 {
            Writer::flexible(1)
        } else {
            Writer::plain(0)
        };
        to.int64(self.producer_id.0)
            .int16(self.epoch.0)
            .int32(self.timeout_ms)
            .int8(self.status)
            .nullable_array(self.partitions.as_deref(), |to, topic| {
                to.string(topic.topic);
                to.array(&topic.partitions, |to, partition| {
                    to.int32(*partition);
                });
                if version >= 1 {
                    to.tagged(&[]);
                }
            })
            .int64(self.updated.0)
            .int64(self.started.0);
        if version >= 1 {
            to.tagged(&self.tagged());
        }
        StateRecord {
            key: tombstone(transactional_id).key,
            value: Some(to.finish()),
        }
    }

    fn tagged(&self) -> Vec<(u32, Writer)> {
        let ids = [(0, self.previous_producer_id), (1, self.next_producer_id)];
        let ids = ids.into_iter().filter(|(_, id)| *id != ProducerId::NONE);
        let mut fields: Vec<_> = ids
            .map(|(tag, id)| {
                let mut field = Writer::field();
                field.int64(id.0);
                (tag, field)
            })
            .collect();
        if self.client_version != 0 {
            let mut field = Writer::field();
            field.int16(self.client_version);
            fields.push((2, field));
        }
        fields
    }
}

/// The transactional id that a key names; none if a later Kafka wrote it.
pub(crate) fn transactional_id(key: &[u8]) -> Result<Option<&str>, Unreadable> {
    let (kind, mut from) = Reader::begin(key)?;
    if kind != 0 {
        return Ok(None);
    }
    from.string().map(Some)
}

/// Takes back what is known of a transactional id.
pub(crate) fn tombstone(transactional_id: &str) -> StateRecord {
    let mut key = Writer::plain(0);
    key.string(transactional_id);
    StateRecord {
        key: key.finish(),
        value: None,
    }
}
