//! Reading records out of a stream exactly as Kafka does, for streams with which something is wrong.
//!
//! When Kafka checks a batch it reads the records that the header announces, and then one byte more to see that
//! nothing is left. It does so through a buffer (`ChunkedBytesStream`), which is filled with one read of at most 2 KiB (lz4
//! and snappy) or 16 KiB, and it does so in two ways:
//!
//! - A batch that stays as it is: keys, values and headers are skipped. lz4 skips blocks by itself, the others
//!   skip inside the buffer.
//! - A batch whose records are needed: each record is read whole; one that is at least as large as the buffer is read past it.
//!
//! So damage behind what is read is never seen, a record that is wrong may be met before the damage or not, and
//! an end is not always the end: a read that gives nothing counts as the byte 255 inside a record, and as the end behind the last.
//!
//! Exceptions of the stream itself are an unknown error to Kafka. What a record's own form meets makes the record
//! invalid.

use super::stream::Stream;
use super::{Codec, CodecError, UNFOLDED_BYTES_MAX, damaged, open};

/// How Kafka reads the records of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Only what is needed to check them.
    InPart,
    Whole,
}

/// Why the records cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Codec(CodecError),
    /// A record ends too early, or says something of itself that cannot be.
    Record,
    /// Something follows the last record.
    Remaining,
}

impl From<CodecError> for Refusal {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}

/// The records that are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) count: i32,
    /// The most bytes that each may have.
    pub(crate) length_max: usize,
    /// Whether bytes, without their length, are a record.
    pub(crate) is_record: fn(&[u8]) -> bool,
}

/// Reads records, and gives the bytes that Kafka saw.
pub(crate) fn replay(
    codec: Codec,
    input: &[u8],
    reading: Reading,
    wanted: Wanted,
) -> Result<Vec<u8>, Refusal> {
    // Nearly always that is refused, and what it unfolds to need not be there twice.
    read(codec, input, (reading, false), wanted)?;
    read(codec, input, (reading, true), wanted)
}

fn read(
    codec: Codec,
    input: &[u8],
    (reading, keeps): (Reading, bool),
    wanted: Wanted,
) -> Result<Vec<u8>, Refusal> {
    let mut chunked = Chunked {
        stream: open(codec, input, UNFOLDED_BYTES_MAX, true).map_err(opening)?,
        chunk: codec.chunk_bytes(),
        is_lz4: codec == Codec::Lz4,
        buffer: Vec::new(),
        at: 0,
        notes: keeps || reading == Reading::Whole,
        seen: Vec::new(),
    };
    for _ in 0..wanted.count {
        if !keeps {
            chunked.seen.clear();
        }
        match reading {
            Reading::InPart => chunked.read_part(wanted.length_max)?,
            Reading::Whole => chunked.read_whole(wanted)?,
        }
    }
    match chunked.next()? {
        None => Ok(chunked.seen),
        Some(_) => Err(Refusal::Remaining),
    }
}

/// Kafka expects nothing of a stream that cannot even be opened.
fn opening(error: CodecError) -> CodecError {
    match error {
        CodecError::Underflow => damaged("Stream ended prematurely"),
        CodecError::Damaged(_) | CodecError::TooLarge(_) => error,
    }
}

/// Kafka's buffer in front of a stream.
struct Chunked<'a> {
    stream: Box<dyn Stream + 'a>,
    chunk: usize,
    /// It skips by itself, and answers 0 instead of -1 where it pauses.
    is_lz4: bool,
    buffer: Vec<u8>,
    /// How much of the buffer is gone.
    at: usize,
    /// Whether what is read is kept, in the order in which it is read.
    notes: bool,
    seen: Vec<u8>,
}

/// One read of a stream.
fn pull<'s>(stream: &'s mut (dyn Stream + '_), max: usize) -> Result<&'s [u8], CodecError> {
    let count = stream.read(max)?;
    let unfolded = stream.unfolded();
    let end = unfolded.handed_out;
    Ok(unfolded.bytes.get(end - count..end).unwrap_or_default())
}

impl Chunked<'_> {
    fn fill(&mut self) -> Result<(), CodecError> {
        self.buffer.clear();
        self.at = 0;
        let pulled = pull(&mut *self.stream, self.chunk)?;
        self.buffer.extend_from_slice(pulled);
        Ok(())
    }

    const fn buffered(&self) -> usize {
        self.buffer.len() - self.at
    }

    /// Takes what is in the buffer, up to `max` bytes.
    fn take_buffered(&mut self, max: usize) -> usize {
        let count = max.min(self.buffered());
        let taken = self.buffer.get(self.at..self.at + count);
        if self.notes {
            self.seen.extend_from_slice(taken.unwrap_or_default());
        }
        self.at += count;
        count
    }

    /// Takes bytes from the stream, past the buffer.
    fn take_directly(&mut self, max: usize) -> Result<usize, CodecError> {
        let taken = pull(&mut *self.stream, max)?;
        if self.notes {
            self.seen.extend_from_slice(taken);
        }
        Ok(taken.len())
    }

    /// Java's `read` of one byte.
    fn next(&mut self) -> Result<Option<u8>, CodecError> {
        if self.buffered() == 0 {
            self.fill()?;
        }
        let byte = self.buffer.get(self.at).copied();
        self.take_buffered(1);
        Ok(byte)
    }

    /// The same where nobody looks for the end, which is -1: all bits set.
    fn byte(&mut self) -> Result<u8, CodecError> {
        let byte = self.next()?;
        if byte.is_none() {
            self.seen.push(u8::MAX);
        }
        Ok(byte.unwrap_or(u8::MAX))
    }

    /// A number of at most five bytes, the last of which does not have the highest bit.
    fn varint(&mut self) -> Result<i32, Refusal> {
        let mut value = 0_u32;
        for index in 0..5 {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()));
            }
        }
        Err(Refusal::Record)
    }

    fn skip_varlong(&mut self) -> Result<(), Refusal> {
        for _ in 0..10 {
            if self.byte()? & 0x80 == 0 {
                return Ok(());
            }
        }
        Err(Refusal::Record)
    }

    /// A record's length. Nothing is caught here, so a missing checksum is an unknown error.
    fn length(&mut self, length_max: usize) -> Result<usize, Refusal> {
        let length = self.varint()?;
        let length = usize::try_from(length).map_err(|_| Refusal::Record)?;
        if length > length_max {
            return Err(Refusal::Record);
        }
        Ok(length)
    }

    fn read_part(&mut self, length_max: usize) -> Result<(), Refusal> {
        self.length(length_max)?;
        self.read_fields().map_err(|refusal| match refusal {
            Refusal::Codec(CodecError::Underflow) => Refusal::Record,
            Refusal::Codec(_) | Refusal::Record | Refusal::Remaining => refusal,
        })
    }

    fn read_fields(&mut self) -> Result<(), Refusal> {
        self.byte()?;
        self.skip_varlong()?;
        self.varint()?;
        self.skip_field()?;
        self.skip_field()?;
        let headers = self.varint()?;
        if headers < 0 {
            return Err(Refusal::Record);
        }
        for _ in 0..headers {
            let key = self.varint()?;
            self.skip(usize::try_from(key).map_err(|_| Refusal::Record)?)?;
            self.skip_field()?;
        }
        Ok(())
    }

    /// A length and as many bytes; a negative one is null.
    fn skip_field(&mut self) -> Result<(), Refusal> {
        let length = self.varint()?;
        self.skip(usize::try_from(length).unwrap_or(0))
    }

    /// `DefaultRecord.skipBytes`: one byte is read where nothing could be skipped.
    fn skip(&mut self, count: usize) -> Result<(), Refusal> {
        let mut left = count;
        while left > 0 {
            let skipped = self.skip_some(left)?;
            left -= skipped;
            if skipped == 0 {
                self.next()?.ok_or(Refusal::Record)?;
                left -= 1;
            }
        }
        Ok(())
    }

    /// `ChunkedBytesStream.skip`. A stream that skips by itself does so past what is in the buffer meanwhile, which is
    /// read afterwards.
    fn skip_some(&mut self, count: usize) -> Result<usize, CodecError> {
        let mut left = count;
        left -= self.take_buffered(left);
        while left > 0 {
            if !self.is_lz4 {
                if self.buffered() == 0 {
                    self.fill()?;
                }
                if self.buffered() == 0 {
                    break;
                }
                left -= self.take_buffered(left);
                continue;
            }
            let skipped = self.take_directly(left)?;
            left -= skipped;
            if skipped == 0 {
                if self.next()?.is_none() {
                    break;
                }
                left -= 1;
            }
        }
        Ok(count - left)
    }

    fn read_whole(&mut self, wanted: Wanted) -> Result<(), Refusal> {
        let length = self.length(wanted.length_max)?;
        let start = self.seen.len();
        let mut left = length;
        while left > 0 {
            left -= self.read_some(left)?.ok_or(Refusal::Record)?;
        }
        let body = self.seen.get(start..).unwrap_or_default();
        if (wanted.is_record)(body) {
            Ok(())
        } else {
            Err(Refusal::Record)
        }
    }

    /// `ChunkedBytesStream.read` of many bytes; nothing at the end.
    fn read_some(&mut self, count: usize) -> Result<Option<usize>, CodecError> {
        let mut done = 0;
        loop {
            let wanted = count - done;
            let past_buffer = self.buffered() == 0 && wanted >= self.chunk;
            let now = if past_buffer {
                self.take_directly(wanted)?
            } else {
                if self.buffered() == 0 {
                    self.fill()?;
                }
                self.take_buffered(wanted)
            };
            done += now;
            if now == 0 && done == 0 {
                let pauses = past_buffer && self.is_lz4 && !self.stream.is_over();
                return Ok(pauses.then_some(0));
            }
            if now == 0 || done >= count || !self.stream.has_available()? {
                return Ok(Some(done));
            }
        }
    }
}
