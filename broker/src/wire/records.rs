//! The records inside a batch: reading them as slices, and writing new batches.

mod build;

pub(crate) use build::{BatchBuilder, NewRecord};

use std::borrow::Cow;

use bytes::Buf;

use super::batch::{BatchHeader, BatchView, TimestampType};
use super::compression::replay::{self, Reading, Refusal, Wanted};
use super::compression::{self, Codec, CodecError, Unfolding};
use super::units::{Offset, WallMillis};
use build::{put_field, put_varint};

/// Why the records of a batch cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordsError {
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error("a record's length is not a number")]
    Number,
    #[error("found an invalid record structure")]
    Structure,
    #[error("fewer records than the batch declares")]
    Fewer,
    #[error("bytes remain after the declared records")]
    Remaining,
}

/// One record, its fields slices of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) offset_delta: i32,
    pub(crate) timestamp: WallMillis,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    /// The header count and the headers, as they stand in the batch.
    raw_headers: &'a [u8],
}

impl<'a> Record<'a> {
    /// The headers in order; a key may come more than once (KIP-82).
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        let mut from = self.raw_headers;
        let count = get_varint(&mut from).unwrap_or(0);
        (0..count).map_while(move |_| {
            let key = get_field(&mut from)??;
            Some((key, get_field(&mut from)?))
        })
    }

    /// The headers as Kafka writes them again, if that is not as they are: it reads keys as UTF-8, and
    /// puts a replacement where they are not.
    pub(crate) fn headers_rewritten(&self) -> Option<Vec<u8>> {
        if self
            .headers()
            .all(|(key, _)| std::str::from_utf8(key).is_ok())
        {
            return None;
        }
        let mut out = Vec::with_capacity(self.raw_headers.len());
        put_varint(&mut out, i64::try_from(self.headers().count()).ok()?);
        for (key, value) in self.headers() {
            put_field(&mut out, Some(String::from_utf8_lossy(key).as_bytes()));
            put_field(&mut out, value);
        }
        Some(out)
    }
}

/// The unfolded records of a batch; [`iter`](Self::iter) walks them.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    bytes: Cow<'a, [u8]>,
    header: &'a BatchHeader,
}

impl From<Refusal> for RecordsError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Codec(error) => Self::Codec(error),
            Refusal::Record => Self::Structure,
            Refusal::Remaining => Self::Remaining,
        }
    }
}

impl BatchView {
    /// Unfolds the records, as Kafka does where it needs them whole; those of an uncompressed batch are borrowed.
    pub(crate) fn unfold(&self) -> Result<Records<'_>, RecordsError> {
        self.unfold_for(Reading::Whole, usize::MAX)
    }

    /// Unfolds the records as Kafka does for `reading`, which refuses records of more than `length_max` bytes.
    pub(crate) fn unfold_for(
        &self,
        reading: Reading,
        length_max: usize,
    ) -> Result<Records<'_>, RecordsError> {
        let header = self.header();
        let (codec, records) = (self.codec(), self.records());
        if codec == Codec::None {
            let bytes = Cow::Borrowed(records.as_ref());
            return Ok(Records { bytes, header });
        }
        let bytes = match compression::unfold(codec, records)? {
            Unfolding::Whole(bytes) => bytes,
            Unfolding::Uneven => {
                let wanted = Wanted {
                    count: header.record_count,
                    length_max,
                    is_record,
                };
                replay::replay(codec, records, reading, wanted)?
            }
        };
        Ok(Records {
            bytes: Cow::Owned(bytes),
            header,
        })
    }
}

impl Drop for Records<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(bytes) = std::mem::take(&mut self.bytes) {
            compression::scratch::give_back(bytes);
        }
    }
}

impl Records<'_> {
    /// Walks the records that the header declares; the walk ends at the first that is malformed,
    /// and with an error if bytes remain.
    pub(crate) fn iter(&self) -> RecordIter<'_> {
        self.walk(Bounds::Length)
    }

    /// Walks the records as Kafka does when it validates a compressed batch: each ends where its
    /// fields end, whatever its length says.
    pub(crate) fn iter_fields(&self) -> RecordIter<'_> {
        self.walk(Bounds::Fields)
    }

    fn walk(&self, bounds: Bounds) -> RecordIter<'_> {
        RecordIter {
            rest: &self.bytes,
            left: Some(self.header.record_count),
            header: self.header,
            bounds,
            compressed: matches!(self.bytes, Cow::Owned(_)),
            length_max: usize::MAX,
            longest: 0,
        }
    }
}

/// Where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bounds {
    Length,
    Fields,
}

/// See [`Records::iter`].
#[derive(Debug)]
pub(crate) struct RecordIter<'a> {
    rest: &'a [u8],
    /// Records to come; none once the walk is over.
    left: Option<i32>,
    header: &'a BatchHeader,
    bounds: Bounds,
    /// To Kafka a stream of records, in which a length that is no number is a record that ends too early.
    compressed: bool,
    length_max: usize,
    longest: usize,
}

// A walk over small records is most of what a Produce costs, and a program that is optimised for size would call each of
// these functions for each field.
impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<Record<'a>, RecordsError>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let left = self.left?;
        if left <= 0 {
            self.left = None;
            return (!self.rest.is_empty()).then_some(Err(RecordsError::Remaining));
        }
        let record = self.read();
        self.left = if record.is_ok() {
            Some(left.saturating_sub(1))
        } else {
            None
        };
        Some(record)
    }
}

impl<'a> RecordIter<'a> {
    /// Refuses records that are longer than `length_max`.
    pub(crate) const fn of_at_most(mut self, length_max: usize) -> Self {
        self.length_max = length_max;
        self
    }

    /// The length of the longest record so far.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    #[inline(always)]
    fn read(&mut self) -> Result<Record<'a>, RecordsError> {
        let length = match get_varint(&mut self.rest) {
            Some(length) => usize::try_from(length).map_err(|_| RecordsError::Structure)?,
            None if self.rest.is_empty() => return Err(RecordsError::Fewer),
            None if self.compressed => return Err(RecordsError::Structure),
            None => return Err(RecordsError::Number),
        };
        if length > self.length_max {
            return Err(RecordsError::Structure);
        }
        self.longest = self.longest.max(length);
        if self.bounds == Bounds::Fields {
            let mut from = self.rest;
            let record = self.read_fields(&mut from).ok_or(RecordsError::Structure)?;
            self.rest = from;
            return Ok(record);
        }
        let (mut body, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(RecordsError::Structure)?;
        self.rest = rest;
        let record = self.read_fields(&mut body);
        record
            .filter(|_| body.is_empty())
            .ok_or(RecordsError::Structure)
    }

    #[inline(always)]
    fn read_fields(&self, from: &mut &'a [u8]) -> Option<Record<'a>> {
        read_fields(self.header, from)
    }
}

/// Whether `body` is a record, without its length.
fn is_record(mut body: &[u8]) -> bool {
    read_fields(&BatchHeader::default(), &mut body).is_some() && body.is_empty()
}

#[inline(always)]
fn read_fields<'a>(header: &BatchHeader, from: &mut &'a [u8]) -> Option<Record<'a>> {
    from.try_get_i8().ok()?;
    let delta = get_varlong(from)?;
    let timestamp = match header.attributes.timestamp_type() {
        TimestampType::CreateTime => WallMillis(header.base_timestamp.0.wrapping_add(delta)),
        TimestampType::LogAppendTime => header.max_timestamp,
    };
    let offset_delta = get_varint(from)?;
    let key = get_field(from)?;
    let value = get_field(from)?;
    let headers_on = *from;
    skip_headers(from)?;
    let (raw_headers, _) = headers_on.split_at_checked(headers_on.len() - from.len())?;
    Some(Record {
        offset_delta,
        timestamp,
        key,
        value,
        raw_headers,
    })
}

fn skip_headers(from: &mut &[u8]) -> Option<()> {
    let count = usize::try_from(get_varint(from)?).ok()?;
    if count > from.len() {
        return None;
    }
    for _ in 0..count {
        get_field(from)??;
        get_field(from)?;
    }
    Some(())
}

/// A length and as many bytes; null if the length is negative. Nothing if the bytes end before.
#[inline(always)]
fn get_field<'a>(from: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let Ok(length) = usize::try_from(get_varint(from)?) else {
        return Some(None);
    };
    let (field, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(Some(field))
}

/// A zigzag number of at most five bytes.
#[inline(always)]
fn get_varint(from: &mut &[u8]) -> Option<i32> {
    let raw = get_unsigned(from, 5)?;
    let raw = u32::try_from(raw & u64::from(u32::MAX)).ok()?;
    Some((raw >> 1).cast_signed() ^ -((raw & 1).cast_signed()))
}

/// A zigzag number of at most ten bytes.
#[inline(always)]
fn get_varlong(from: &mut &[u8]) -> Option<i64> {
    let raw = get_unsigned(from, 10)?;
    Some((raw >> 1).cast_signed() ^ -((raw & 1).cast_signed()))
}

/// Nearly every number has one byte or two.
#[inline(always)]
fn get_unsigned(from: &mut &[u8], bytes_max: u32) -> Option<u64> {
    match **from {
        [only, ref rest @ ..] if only < 0x80 => {
            *from = rest;
            Some(u64::from(only))
        }
        [low, high, ref rest @ ..] if high < 0x80 => {
            *from = rest;
            Some(u64::from(low & 0x7f) | u64::from(high) << 7)
        }
        _ => get_long(from, bytes_max),
    }
}

#[inline(never)]
fn get_long(from: &mut &[u8], bytes_max: u32) -> Option<u64> {
    let mut value = 0_u64;
    for index in 0..bytes_max {
        let (&byte, rest) = from.split_first()?;
        *from = rest;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

impl BatchView {
    /// Where a record of this batch stands in the log.
    pub(crate) const fn offset_of(&self, record: &Record<'_>) -> Offset {
        self.base_offset().plus(record.offset_delta as i64)
    }
}

#[cfg(test)]
mod tests;
