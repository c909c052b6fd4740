//! The 61 bytes in front of a batch's records.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::BatchError;
use crate::wire::compression::Codec;
use crate::wire::units::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, WallMillis};

/// Bytes in front of the records of a v2 batch.
pub(crate) const HEADER_BYTES: usize = 61;

/// Bytes that the length field does not count: the base offset and the field itself.
pub(super) const LENGTH_OVERHEAD: usize = 12;

/// The message format written here, the only one since Kafka 4.0 (KIP-724).
const MAGIC: i8 = 2;

/// Who set the timestamps of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TimestampType {
    #[default]
    CreateTime,
    LogAppendTime,
}

/// The flags of a batch: codec in bits 0-2, then timestamp type, transactional, control, and
/// whether the base timestamp is a delete horizon (KIP-534).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Attributes(pub(crate) i16);

impl Attributes {
    const CODEC: i16 = 0x07;
    const LOG_APPEND_TIME: i16 = 0x08;
    const TRANSACTIONAL: i16 = 0x10;
    const CONTROL: i16 = 0x20;
    const DELETE_HORIZON: i16 = 0x40;

    pub(crate) const fn codec(self) -> Result<Codec, BatchError> {
        let id = self.0 & Self::CODEC;
        match Codec::from_id(id) {
            Some(codec) => Ok(codec),
            None => Err(BatchError::UnknownCodec(id)),
        }
    }

    pub(crate) const fn with_codec(self, codec: Codec) -> Self {
        Self((self.0 & !Self::CODEC) | codec.id())
    }

    pub(crate) const fn timestamp_type(self) -> TimestampType {
        if self.0 & Self::LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    pub(crate) const fn with_timestamp_type(self, kind: TimestampType) -> Self {
        match kind {
            TimestampType::CreateTime => Self(self.0 & !Self::LOG_APPEND_TIME),
            TimestampType::LogAppendTime => Self(self.0 | Self::LOG_APPEND_TIME),
        }
    }

    pub(crate) const fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    pub(crate) const fn with_transactional(self) -> Self {
        Self(self.0 | Self::TRANSACTIONAL)
    }

    pub(crate) const fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    pub(crate) const fn with_control(self) -> Self {
        Self(self.0 | Self::CONTROL)
    }

    pub(crate) const fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }

    pub(crate) const fn with_delete_horizon(self) -> Self {
        Self(self.0 | Self::DELETE_HORIZON)
    }
}

/// A batch's header, field by field in wire order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    pub(crate) base_offset: Offset,
    pub(crate) partition_leader_epoch: LeaderEpoch,
    /// CRC-32C over everything from the attributes to the end of the batch.
    pub(crate) crc: u32,
    pub(crate) attributes: Attributes,
    pub(crate) last_offset_delta: i32,
    pub(crate) base_timestamp: WallMillis,
    pub(crate) max_timestamp: WallMillis,
    pub(crate) producer_id: ProducerId,
    pub(crate) producer_epoch: ProducerEpoch,
    pub(crate) base_sequence: Sequence,
    pub(crate) record_count: i32,
}

impl Default for BatchHeader {
    fn default() -> Self {
        Self {
            base_offset: Offset(0),
            partition_leader_epoch: LeaderEpoch(-1),
            crc: 0,
            attributes: Attributes::default(),
            last_offset_delta: 0,
            base_timestamp: WallMillis(-1),
            max_timestamp: WallMillis(-1),
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch(-1),
            base_sequence: Sequence::NONE,
            record_count: 0,
        }
    }
}

impl BatchHeader {
    /// Reads a header; the caller has seen to the length and the format.
    pub(super) fn read(bytes: &Bytes) -> Option<Self> {
        let mut from = bytes.get(..HEADER_BYTES)?;
        let base_offset = Offset(from.get_i64());
        from.advance(4);
        let partition_leader_epoch = LeaderEpoch(from.get_i32());
        from.advance(1);
        Some(Self {
            base_offset,
            partition_leader_epoch,
            crc: from.get_u32(),
            attributes: Attributes(from.get_i16()),
            last_offset_delta: from.get_i32(),
            base_timestamp: WallMillis(from.get_i64()),
            max_timestamp: WallMillis(from.get_i64()),
            producer_id: ProducerId(from.get_i64()),
            producer_epoch: ProducerEpoch(from.get_i16()),
            base_sequence: Sequence(from.get_i32()),
            record_count: from.get_i32(),
        })
    }

    /// Writes the header of a batch that takes `batch_bytes` in all.
    pub(super) fn write_to(&self, batch_bytes: usize, out: &mut BytesMut) {
        out.put_i64(self.base_offset.0);
        out.put_u32(u32::try_from(batch_bytes.saturating_sub(LENGTH_OVERHEAD)).unwrap_or(u32::MAX));
        out.put_i32(self.partition_leader_epoch.0);
        out.put_i8(MAGIC);
        out.put_u32(self.crc);
        self.write_checked_part(out);
    }

    pub(crate) fn checksum(&self, records: &[u8]) -> u32 {
        let mut checked = [0; HEADER_BYTES];
        let mut rest = checked.as_mut_slice();
        self.write_checked_part(&mut rest);
        let unused = rest.len();
        let (written, _) = checked.split_at(HEADER_BYTES - unused);
        crc32c::crc32c_append(crc32c::crc32c(written), records)
    }

    fn write_checked_part(&self, out: &mut impl BufMut) {
        out.put_i16(self.attributes.0);
        out.put_i32(self.last_offset_delta);
        out.put_i64(self.base_timestamp.0);
        out.put_i64(self.max_timestamp.0);
        out.put_i64(self.producer_id.0);
        out.put_i16(self.producer_epoch.0);
        out.put_i32(self.base_sequence.0);
        out.put_i32(self.record_count);
    }

    /// Until when tombstones and markers in this batch are kept (KIP-534).
    pub(crate) fn delete_horizon(&self) -> Option<WallMillis> {
        self.attributes
            .has_delete_horizon()
            .then_some(self.base_timestamp)
    }
}
