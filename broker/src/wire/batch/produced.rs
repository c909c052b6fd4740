//! Batches as producers send them: found, then verified, in the order in which Kafka looks.

use bytes::{Buf, Bytes};

use super::header::{BatchHeader, HEADER_BYTES, LENGTH_OVERHEAD};
use super::{BatchError, BatchView, Survey};
use crate::wire::compression::Codec;
use crate::wire::units::ProducerId;

/// The smallest length field that Kafka reads on from: the overhead of its oldest format.
const LENGTH_MIN: i32 = 14;

/// Where the format byte stands; up to it all formats agree.
const MAGIC_AT: usize = 16;

/// The first Produce version that may carry zstd (KIP-110).
const ZSTD_SINCE: i16 = 7;

/// The records that a Produce request holds for a partition. What takes time is found out at once,
/// by anyone who decodes the request; where Kafka's order asks for it, only the verdict is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ProducedRecords {
    bytes: Option<Bytes>,
    /// Boxed so that a row of a request takes no more memory than the guard counts for it.
    verdict: Option<Box<Verdict>>,
}

/// What is known of a batch before it is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The checksum or the codec is wrong.
    Unsound(BatchError),
    Sound(Option<Survey>),
}

impl From<Option<Bytes>> for ProducedRecords {
    fn from(bytes: Option<Bytes>) -> Self {
        let first = bytes.as_ref().and_then(|bytes| split_first(bytes).ok()?);
        let verdict = first
            .and_then(|(batch, _)| UnverifiedBatch::of_current_format(batch).ok())
            .map(|batch| match batch.verify_checksum() {
                Ok(batch) => Verdict::Sound(Survey::of(&batch)),
                Err(error) => Verdict::Unsound(error),
            })
            .map(Box::new);
        Self { bytes, verdict }
    }
}

impl ProducedRecords {
    /// The records as they came.
    pub(crate) const fn bytes(&self) -> Option<&Bytes> {
        self.bytes.as_ref()
    }

    /// The header of the first batch, whatever is wrong with the rest.
    pub(crate) fn header(&self) -> Option<BatchHeader> {
        let (batch, _) = split_first(self.bytes()?).ok()??;
        BatchHeader::read(&batch)
    }

    /// Whether the records begin with a batch that claims to belong to a transaction.
    pub(crate) fn looks_transactional(&self) -> bool {
        self.header()
            .is_some_and(|header| header.attributes.is_transactional())
    }
}

/// The one batch that a Produce request holds for a partition; nothing has been asked of its
/// checksum yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnverifiedBatch {
    bytes: Bytes,
    verdict: Option<Verdict>,
}

impl UnverifiedBatch {
    /// Finds the one batch in the records that a Produce request of `version` has for a partition.
    pub(crate) fn from_produce(
        records: &ProducedRecords,
        version: i16,
    ) -> Result<Self, BatchError> {
        let bytes = records.bytes().ok_or(BatchError::Empty)?;
        let (batch, rest) = split_first(bytes)?.ok_or(BatchError::Empty)?;
        let mut found = Self::of_current_format(batch)?;
        found.verdict = records.verdict.as_deref().copied();
        if version < ZSTD_SINCE
            && let Some(header) = BatchHeader::read(&found.bytes)
            && header.attributes.codec()? == Codec::Zstd
        {
            return Err(BatchError::CodecTooNew);
        }
        match split_first(&rest) {
            Ok(None) => Ok(found),
            Ok(Some(_)) => Err(BatchError::Several),
            // Kafka does not say what is wrong with what follows.
            Err(_) => Err(BatchError::Checksum),
        }
    }

    /// What a walk over the records found, if that is known and their form is right.
    pub(crate) const fn survey(&self) -> Option<Survey> {
        match self.verdict {
            Some(Verdict::Sound(survey)) => survey,
            Some(Verdict::Unsound(_)) | None => None,
        }
    }

    /// The header, if the batch claims to belong to a transaction of a producer.
    pub(crate) fn header_of_transaction(&self) -> Option<BatchHeader> {
        BatchHeader::read(&self.bytes).filter(|header| {
            header.attributes.is_transactional() && header.producer_id > ProducerId::NONE
        })
    }

    pub(super) fn of_current_format(bytes: Bytes) -> Result<Self, BatchError> {
        match magic(&bytes) {
            Some(2) => Ok(Self {
                bytes,
                verdict: None,
            }),
            other => Err(BatchError::OldMagic(other.unwrap_or_default())),
        }
    }

    /// A batch that is in a log already, whatever its checksum.
    pub(super) fn trusted(bytes: Bytes) -> Result<Self, BatchError> {
        let mut found = Self::of_current_format(bytes)?;
        found.verdict = Some(Verdict::Sound(None));
        Ok(found)
    }

    /// What a leader checks in a client's batch before it looks at the records: the base offset,
    /// the size, the checksum, the codec.
    pub(crate) fn verify(self, bytes_max: usize) -> Result<BatchView, BatchError> {
        match self.bytes.clone().get_i64() {
            0 => {}
            other => return Err(BatchError::BaseOffset(other)),
        }
        if self.bytes.len() > bytes_max {
            return Err(BatchError::TooLarge(self.bytes.len()));
        }
        self.verify_checksum()
    }

    pub(super) fn verify_checksum(self) -> Result<BatchView, BatchError> {
        let header = BatchHeader::read(&self.bytes).ok_or(BatchError::Checksum)?;
        let records = self.bytes.slice(HEADER_BYTES..);
        match self.verdict {
            Some(Verdict::Sound(_)) => {}
            Some(Verdict::Unsound(error)) => return Err(error),
            None if header.checksum(&records) != header.crc => return Err(BatchError::Checksum),
            None => {}
        }
        let codec = header.attributes.codec()?;
        Ok(BatchView {
            header,
            codec,
            records,
        })
    }
}

/// The first batch in `records` and what follows it; nothing if the bytes end inside it.
pub(super) fn split_first(records: &Bytes) -> Result<Option<(Bytes, Bytes)>, BatchError> {
    if records.len() < LENGTH_OVERHEAD {
        return Ok(None);
    }
    let mut from = records.clone();
    from.advance(8);
    let length = from.get_i32();
    if length < LENGTH_MIN {
        return Err(BatchError::Length(length));
    }
    let Some(magic) = magic(records) else {
        return Ok(None);
    };
    if !(0..=2).contains(&magic) {
        return Err(BatchError::UnknownMagic(magic));
    }
    let size = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .saturating_add(LENGTH_OVERHEAD);
    if records.len() < size {
        return Ok(None);
    }
    Ok(Some((records.slice(..size), records.slice(size..))))
}

fn magic(bytes: &Bytes) -> Option<i8> {
    bytes.get(MAGIC_AT).map(|byte| byte.cast_signed())
}

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};

    use super::*;
    use crate::wire::records::{BatchBuilder, NewRecord};
    use crate::wire::units::{Offset, WallMillis};

    fn batch(codec: Codec) -> BytesMut {
        let mut builder = BatchBuilder::default();
        builder.append(0, WallMillis(1), &NewRecord::new(None, Some(b"value")));
        BytesMut::from(builder.build(codec).unwrap().to_bytes().as_ref())
    }

    fn check(records: BytesMut, version: i16, want: Result<(), BatchError>) {
        let records = ProducedRecords::from(Some(records.freeze()));
        let got = UnverifiedBatch::from_produce(&records, version)
            .and_then(|batch| batch.verify(1000))
            .map(|_| ());
        assert_eq!(got, want);
    }

    fn with(edit: impl FnOnce(&mut BytesMut)) -> BytesMut {
        let mut bytes = batch(Codec::None);
        edit(&mut bytes);
        bytes
    }

    #[test]
    fn a_leader_refuses_as_kafka_does() {
        check(batch(Codec::None), 3, Ok(()));
        check(batch(Codec::Zstd), 7, Ok(()));
        check(batch(Codec::Zstd), 6, Err(BatchError::CodecTooNew));
        check(BytesMut::new(), 9, Err(BatchError::Empty));
        check(BytesMut::from(&b"garbage"[..]), 9, Err(BatchError::Empty));
        check(with(|b| b.truncate(b.len() - 1)), 9, Err(BatchError::Empty));
        check(with(|b| b[16] = 0), 9, Err(BatchError::OldMagic(0)));
        check(with(|b| b[16] = 1), 9, Err(BatchError::OldMagic(1)));
        check(with(|b| b[16] = 3), 9, Err(BatchError::UnknownMagic(3)));
        check(with(|b| b[7] = 77), 9, Err(BatchError::BaseOffset(77)));
        check(with(|b| b[20] ^= 1), 9, Err(BatchError::Checksum));
        check(
            with(|b| b[8..12].copy_from_slice(&[0, 0, 0, 9])),
            9,
            Err(BatchError::Length(9)),
        );
        check(
            with(|b| b[8..12].copy_from_slice(&[255; 4])),
            9,
            Err(BatchError::Length(-1)),
        );
        check(
            with(|b| b.put_slice(&b.clone())),
            9,
            Err(BatchError::Several),
        );
        check(with(|b| b.put_bytes(1, 5)), 9, Ok(()));
        let short = |b: &mut BytesMut| {
            b[8..12].copy_from_slice(&[0, 0, 0, 20]);
            b.truncate(32);
        };
        check(with(short), 9, Err(BatchError::Checksum));
    }

    #[test]
    fn a_batch_over_the_limit_is_too_large_before_it_is_corrupt() {
        let mut builder = BatchBuilder::default();
        builder.append(0, WallMillis(1), &NewRecord::new(None, Some(&[0; 2000])));
        let mut bytes = BytesMut::from(builder.build(Codec::None).unwrap().to_bytes().as_ref());
        bytes[20] ^= 1;
        let size = bytes.len();
        check(bytes, 9, Err(BatchError::TooLarge(size)));
    }

    #[test]
    fn an_unknown_codec_is_named() {
        let mut builder = BatchBuilder::default();
        builder.append(0, WallMillis(1), &NewRecord::new(None, None));
        let mut header = *builder.build(Codec::None).unwrap().header();
        header.attributes.0 |= 7;
        header.base_offset = Offset(0);
        let mut bytes = BytesMut::new();
        header.crc = header.checksum(b"");
        header.write_to(HEADER_BYTES, &mut bytes);
        check(bytes.clone(), 9, Err(BatchError::UnknownCodec(7)));
        check(bytes, 3, Err(BatchError::UnknownCodec(7)));
    }
}
