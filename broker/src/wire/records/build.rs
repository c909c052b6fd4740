//! New records, and batches that are made of them.

use bytes::{BufMut, Bytes};

use super::Record;
use crate::wire::batch::{BatchHeader, BatchView};
use crate::wire::compression::{self, Codec, CodecError};
use crate::wire::units::WallMillis;

pub(super) fn put_varint(out: &mut Vec<u8>, value: i64) {
    let mut raw = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while raw >= 0x80 {
        out.put_u8(u8::try_from(raw & 0x7f).unwrap_or_default() | 0x80);
        raw >>= 7;
    }
    out.put_u8(u8::try_from(raw).unwrap_or_default());
}

pub(super) fn put_field(out: &mut Vec<u8>, field: Option<&[u8]>) {
    match field {
        None => put_varint(out, -1),
        Some(bytes) => {
            put_varint(out, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
            out.put_slice(bytes);
        }
    }
}

/// The most bytes that a length takes.
const VARINT_LENGTH_MAX: usize = 10;

const fn varint_length(value: i64) -> usize {
    let raw = ((value << 1) ^ (value >> 63)).cast_unsigned();
    let bits = (u64::BITS - (raw | 1).leading_zeros()) as usize;
    bits.div_ceil(7)
}

fn field_length(field: Option<&[u8]>) -> usize {
    let Some(bytes) = field else {
        return 1;
    };
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    varint_length(length).saturating_add(bytes.len())
}

/// What a new record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewRecord<'a> {
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) raw_headers: &'a [u8],
}

impl<'a> NewRecord<'a> {
    /// A record without headers.
    pub(crate) const fn new(key: Option<&'a [u8]>, value: Option<&'a [u8]>) -> Self {
        Self {
            key,
            value,
            raw_headers: &[0],
        }
    }

    /// The same with headers, as [`Self::raw_headers`] writes them.
    pub(crate) const fn with_headers(mut self, raw_headers: &'a [u8]) -> Self {
        self.raw_headers = raw_headers;
        self
    }

    /// How many bytes it takes in a batch.
    pub(crate) fn size(&self, offset_delta: i32, timestamp_delta: i64) -> usize {
        let length = self.length(offset_delta, timestamp_delta);
        varint_length(i64::try_from(length).unwrap_or(i64::MAX)).saturating_add(length)
    }

    /// The same without its length.
    fn length(&self, offset_delta: i32, timestamp_delta: i64) -> usize {
        let fields = [self.key, self.value].map(field_length);
        let lengths = fields.iter().fold(self.raw_headers.len(), |sum, length| {
            sum.saturating_add(*length)
        });
        let deltas =
            varint_length(timestamp_delta).saturating_add(varint_length(offset_delta.into()));
        // One byte of attributes.
        lengths.saturating_add(deltas).saturating_add(1)
    }

    /// Headers as they stand in a record.
    pub(crate) fn raw_headers(headers: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, i64::try_from(headers.len()).unwrap_or(i64::MAX));
        for (key, value) in headers {
            put_field(&mut out, Some(key.as_bytes()));
            put_field(&mut out, Some(value));
        }
        out
    }
}

impl<'a> From<&Record<'a>> for NewRecord<'a> {
    fn from(record: &Record<'a>) -> Self {
        Self {
            key: record.key,
            value: record.value,
            raw_headers: record.raw_headers,
        }
    }
}

/// Puts a batch together. The header's producer fields and attributes are the caller's; counts,
/// timestamps, codec and checksum are filled in.
#[derive(Debug, Default)]
pub(crate) struct BatchBuilder {
    pub(crate) header: BatchHeader,
    records: Vec<u8>,
    /// `compression.gzip.level` if that codec is used and not its default.
    pub(crate) gzip_level: Option<i32>,
}

impl BatchBuilder {
    /// A builder that keeps what `batch` says of itself, with none of its records.
    pub(crate) fn like(batch: &BatchView) -> Self {
        let header = BatchHeader {
            record_count: 0,
            max_timestamp: WallMillis(-1),
            ..*batch.header()
        };
        Self {
            header,
            ..Self::default()
        }
    }

    /// Adds a record. Deltas count from the first record's timestamp, unless the base timestamp has
    /// been given.
    pub(crate) fn append(
        &mut self,
        offset_delta: i32,
        timestamp: WallMillis,
        record: &NewRecord<'_>,
    ) {
        let header = &mut self.header;
        if header.record_count == 0 && header.base_timestamp.0 == -1 {
            header.base_timestamp = timestamp;
        }
        let timestamp_delta = timestamp.0.wrapping_sub(header.base_timestamp.0);
        header.record_count = header.record_count.saturating_add(1);
        header.last_offset_delta = header.last_offset_delta.max(offset_delta);
        header.max_timestamp = header.max_timestamp.max(timestamp);
        let length = record.length(offset_delta, timestamp_delta);
        let out = &mut self.records;
        out.reserve(length.saturating_add(VARINT_LENGTH_MAX));
        put_varint(out, i64::try_from(length).unwrap_or(i64::MAX));
        // Attributes, of which there are none.
        out.put_u8(0);
        put_varint(out, timestamp_delta);
        put_varint(out, offset_delta.into());
        put_field(out, record.key);
        put_field(out, record.value);
        out.put_slice(record.raw_headers);
    }

    /// Finishes the batch.
    pub(crate) fn build(mut self, codec: Codec) -> Result<BatchView, CodecError> {
        self.header.attributes = self.header.attributes.with_codec(codec);
        let records = if codec == Codec::None {
            Bytes::from(self.records)
        } else {
            compression::compress(codec, &self.records, self.gzip_level.unwrap_or(-1))?.into()
        };
        BatchView::new(self.header, records).map_err(|error| CodecError::Damaged(error.to_string()))
    }
}
