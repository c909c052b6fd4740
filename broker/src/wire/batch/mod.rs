//! Record batches of message format v2, seen through their 61-byte header.
//!
//! A batch is parsed once; afterwards nothing about its header can fail. The records stay the bytes
//! they arrived in: only the header is taken apart, so that the base offset, the leader epoch and
//! the timestamps can be set without touching (or copying) the records.

mod header;
mod produced;
mod survey;

pub(crate) use header::{BatchHeader, HEADER_BYTES, TimestampType};
pub(crate) use produced::{ProducedRecords, UnverifiedBatch};
pub(crate) use survey::Survey;

use bytes::{BufMut, Bytes, BytesMut};

use super::compression::Codec;
use super::region::{PAGES_FROM_BYTES, Region};
use super::rope::RopeMut;
use super::units::{LeaderEpoch, Offset, ProducerId, Sequence, WallMillis};

/// Why bytes are not an acceptable batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BatchError {
    #[error("no batch in the records")]
    Empty,
    #[error("message format {0} where only format 2 is accepted")]
    OldMagic(i8),
    #[error("unknown message format {0}")]
    UnknownMagic(i8),
    #[error("more than one batch for one partition")]
    Several,
    #[error("the length field says {0}, which no batch can have")]
    Length(i32),
    #[error("the checksum does not match")]
    Checksum,
    #[error("zstd is accepted from Produce v7 on")]
    CodecTooNew,
    #[error("unknown compression codec {0}")]
    UnknownCodec(i16),
    #[error("the base offset is {0}, not 0")]
    BaseOffset(i64),
    #[error("{0} bytes are more than the topic allows")]
    TooLarge(usize),
}

/// One batch: its header, taken apart, and the bytes of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchView {
    header: BatchHeader,
    codec: Codec,
    records: Bytes,
}

impl BatchView {
    /// A batch made here. The checksum is computed; `header.crc` is ignored.
    pub(crate) fn new(header: BatchHeader, records: Bytes) -> Result<Self, BatchError> {
        let codec = header.attributes.codec()?;
        let mut view = Self {
            header,
            codec,
            records,
        };
        view.seal();
        Ok(view)
    }

    /// Takes apart the first batch in `bytes`, with length, format, checksum and codec checked.
    #[cfg(test)]
    pub(crate) fn parse(bytes: &Bytes) -> Result<Self, BatchError> {
        let (batch, _) = produced::split_first(bytes)?.ok_or(BatchError::Empty)?;
        UnverifiedBatch::of_current_format(batch)?.verify_checksum()
    }

    /// Every whole batch in `bytes`, in order.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn parse_all(bytes: &Bytes) -> Result<Vec<Self>, BatchError> {
        let mut rest = bytes.clone();
        let mut batches = Vec::new();
        while let Some((batch, tail)) = produced::split_first(&rest)? {
            batches.push(UnverifiedBatch::of_current_format(batch)?.verify_checksum()?);
            rest = tail;
        }
        Ok(batches)
    }

    /// Takes apart the first batch in `bytes`, and gives what follows it. Its checksum is not looked at: a
    /// log may hold a batch that was damaged.
    pub(crate) fn split_kept(bytes: &Bytes) -> Result<(Self, Bytes), BatchError> {
        let (batch, rest) = produced::split_first(bytes)?.ok_or(BatchError::Empty)?;
        Ok((UnverifiedBatch::trusted(batch)?.verify_checksum()?, rest))
    }

    pub(crate) const fn header(&self) -> &BatchHeader {
        &self.header
    }

    pub(crate) const fn codec(&self) -> Codec {
        self.codec
    }

    /// The records as they were sent, compressed if the batch is.
    pub(crate) const fn records(&self) -> &Bytes {
        &self.records
    }

    /// Bytes of the whole batch on the wire and in the log.
    pub(crate) fn size(&self) -> usize {
        HEADER_BYTES + self.records.len()
    }

    pub(crate) const fn base_offset(&self) -> Offset {
        self.header.base_offset
    }

    pub(crate) const fn last_offset(&self) -> Offset {
        self.header
            .base_offset
            .plus(self.header.last_offset_delta as i64)
    }

    /// The offset that follows this batch.
    pub(crate) const fn next_offset(&self) -> Offset {
        self.last_offset().plus(1)
    }

    pub(crate) const fn max_timestamp(&self) -> WallMillis {
        self.header.max_timestamp
    }

    pub(crate) fn has_producer_id(&self) -> bool {
        self.header.producer_id > ProducerId::NONE
    }

    pub(crate) fn is_transactional(&self) -> bool {
        self.header.attributes.is_transactional()
    }

    pub(crate) fn is_control(&self) -> bool {
        self.header.attributes.is_control()
    }

    /// Sequence of the last record; wraps after the largest (KIP-98).
    pub(crate) fn last_sequence(&self) -> Sequence {
        match self.header.base_sequence {
            Sequence::NONE => Sequence::NONE,
            base => base.after(self.header.last_offset_delta.cast_unsigned()),
        }
    }

    /// Sets what the leader decides. Neither field is under the checksum.
    pub(crate) const fn place(&mut self, base_offset: Offset, leader_epoch: LeaderEpoch) {
        self.header.base_offset = base_offset;
        self.header.partition_leader_epoch = leader_epoch;
    }

    /// Sets timestamp type and largest timestamp; the checksum is made again only if either changes.
    pub(crate) fn stamp(&mut self, kind: TimestampType, max_timestamp: WallMillis) {
        let header = &mut self.header;
        if header.attributes.timestamp_type() == kind && header.max_timestamp == max_timestamp {
            return;
        }
        header.attributes = header.attributes.with_timestamp_type(kind);
        header.max_timestamp = max_timestamp;
        self.seal();
    }

    /// The same batch, holding on to no more memory than is fair: its records are copied out of a buffer of `arrived_with`
    /// bytes of which they are the smaller part, and out of those that short frames share.
    #[must_use]
    pub(crate) fn detached(mut self, arrived_with: usize) -> Self {
        if self.is_short() || self.size().saturating_mul(SLICE_WHEN_ONE_IN) < arrived_with {
            self.records = copied(&self.records);
        }
        self
    }

    /// Whether its records take little more to copy than to refer to.
    pub(crate) fn is_short(&self) -> bool {
        self.records.len() < PAGES_FROM_BYTES
    }

    /// Moves the records of short batches into memory that they share and nobody else has, so that it goes back to the
    /// system when they go.
    pub(crate) fn gather(batches: &mut [Self]) {
        let mut short: Vec<_> = batches
            .iter_mut()
            .filter(|batch| batch.is_short())
            .collect();
        let lengths = short.iter().map(|batch| batch.records.len());
        let mut region = Region::zeroed(lengths.sum());
        let mut free = region.as_mut_slice();
        for batch in &short {
            let Some((place, rest)) = free.split_at_mut_checked(batch.records.len()) else {
                return;
            };
            place.copy_from_slice(&batch.records);
            free = rest;
        }
        let mut gathered = region.freeze();
        for batch in &mut short {
            batch.records = gathered.split_to(batch.records.len());
        }
    }

    /// Appends what stands in front of the records on the wire.
    pub(crate) fn write_header_to(&self, out: &mut BytesMut) {
        self.header.write_to(self.size(), out);
    }

    /// Appends the batch as it looks on the wire, its records by reference.
    pub(crate) fn put_into(&self, out: &mut RopeMut) {
        self.write_header_to(out.written());
        out.put(&self.records);
    }

    /// Appends the batch as it looks on the wire.
    pub(crate) fn write_to(&self, out: &mut BytesMut) {
        self.write_header_to(out);
        out.put_slice(&self.records);
    }

    /// The batch as it looks on the wire.
    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.size());
        self.write_to(&mut out);
        out.freeze()
    }

    /// Turns all bits of the first byte of the records, and leaves the checksum as it was.
    pub(crate) fn damage(&mut self) {
        let mut records = BytesMut::from(&*self.records);
        if let Some(first) = records.first_mut() {
            *first = !*first;
        }
        self.records = records.freeze();
    }

    fn seal(&mut self) {
        self.header.crc = self.header.checksum(&self.records);
    }
}

/// A copy that goes back to the system when it goes, if it is long.
fn copied(records: &[u8]) -> Bytes {
    let mut region = Region::zeroed(records.len());
    region.as_mut_slice().copy_from_slice(records);
    region.freeze()
}

/// A batch keeps the buffer it arrived in alive only if it is at least one part in this many of it;
/// otherwise a few small batches would pin a large receive buffer.
const SLICE_WHEN_ONE_IN: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::{BatchBuilder, NewRecord};

    fn sample() -> BatchView {
        let mut builder = BatchBuilder::default();
        builder.header.producer_id = ProducerId(7);
        builder.header.base_sequence = Sequence(i32::MAX);
        builder.append(0, WallMillis(1000), &NewRecord::new(Some(b"k"), Some(b"v")));
        builder.append(1, WallMillis(900), &NewRecord::new(None, Some(b"w")));
        builder.build(Codec::None).unwrap()
    }

    #[test]
    fn a_batch_survives_the_wire() {
        let batch = sample();
        assert_eq!(BatchView::parse(&batch.to_bytes()).unwrap(), batch);
        assert_eq!(batch.size(), batch.to_bytes().len());
        assert_eq!(batch.last_sequence(), Sequence(0));
        assert_eq!(batch.max_timestamp(), WallMillis(1000));
    }

    #[test]
    fn placing_keeps_the_checksum_and_stamping_renews_it() {
        let mut batch = sample();
        let crc = batch.header().crc;
        batch.place(Offset(40), LeaderEpoch(3));
        assert_eq!(batch.header().crc, crc);
        batch.stamp(TimestampType::CreateTime, WallMillis(1000));
        assert_eq!(batch.header().crc, crc);
        batch.stamp(TimestampType::LogAppendTime, WallMillis(5000));
        assert_ne!(batch.header().crc, crc);
        let read = BatchView::parse(&batch.to_bytes()).unwrap();
        assert_eq!(read, batch);
        assert_eq!(read.next_offset(), Offset(42));
    }

    #[test]
    fn small_batches_let_go_of_large_buffers() {
        // A buffer of 8 KiB, of which the frame was a part, is not to be seen in the frame's length.
        let wire = sample().to_bytes();
        assert!(!is_slice(
            &BatchView::parse(&wire).unwrap().detached(wire.len()),
            &wire
        ));
        let wire = long().to_bytes();
        let kept = BatchView::parse(&wire).unwrap();
        assert!(is_slice(&kept.detached(wire.len()), &wire));
        let copied = BatchView::parse(&wire).unwrap();
        assert!(!is_slice(&copied.detached(wire.len() * 3), &wire));
    }

    fn is_slice(batch: &BatchView, of: &Bytes) -> bool {
        of.as_ptr_range().contains(&batch.records().as_ptr())
    }

    /// A batch whose records are not copied for being few.
    fn long() -> BatchView {
        let mut builder = BatchBuilder::default();
        let value = vec![7; PAGES_FROM_BYTES];
        builder.append(0, WallMillis(1000), &NewRecord::new(None, Some(&value)));
        builder.build(Codec::None).unwrap()
    }

    #[test]
    fn short_batches_are_gathered_and_stay_what_they_are() {
        let wire = sample().to_bytes();
        let mut batches = vec![BatchView::parse(&wire).unwrap(), long(), sample()];
        let before = batches.clone();
        let place = batches[1].records().as_ptr();
        BatchView::gather(&mut batches);
        assert_eq!(batches, before);
        assert!(!is_slice(&batches[0], &wire));
        assert_eq!(
            batches[1].records().as_ptr(),
            place,
            "long ones stay where they are"
        );
        let behind = batches[0].records().as_ptr_range().end;
        assert_eq!(batches[2].records().as_ptr(), behind);
    }

    #[test]
    fn several_batches_are_all_found() {
        let mut wire = BytesMut::new();
        sample().write_to(&mut wire);
        sample().write_to(&mut wire);
        wire.put_slice(b"torn");
        assert_eq!(BatchView::parse_all(&wire.freeze()).unwrap().len(), 2);
    }
}
