//! Gzip, as Java's `GZIPInputStream` reads it over a buffer of 8 KiB:
//!
//! - A member's header is its magic, the method 8, flags, six bytes that are passed over, then what the flags say:
//!   an extra field, a name and a comment, each ended by a zero, and a checksum of the header, which must fit. The
//!   flags' reserved bits are not looked at, neither is the bit for text.
//! - The trailer's checksum and size must fit.
//! - Another member may follow. Java looks for one if there are bytes beyond the buffer, or at least 27 in it, of
//!   which eight are the trailer that was just read. If these are no header, they are passed over, whatever they
//!   are. If they are one, all that is wrong behind it is an error.
//! - Bytes that end inside a member are an error.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::stream::{Stream, Unfolded, take};
use super::{CodecError, damaged};

/// The buffer that Kafka gives to `GZIPInputStream`.
const BUFFER_BYTES: usize = 8 * 1024;
/// The most that is made room for at once.
const ROOM_MAX: usize = 64 * 1024;
const TRAILER_BYTES: usize = 8;
/// What must be left in Java's buffer for it to look for another member, if nothing lies beyond: a
/// trailer, the shortest header, and another trailer.
const ANOTHER_BYTES: usize = 26;

const HEADER_CHECKSUM: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// The members as they are read.
#[derive(Debug)]
pub(super) struct Gzip<'a> {
    input: &'a [u8],
    /// What has been unfolded, and what is in Java's buffer.
    at: usize,
    filled: usize,
    /// Java's buffer is filled as it fills it; else all input is there, and only what Java would have is remembered.
    step_by_step: bool,
    inflater: Decompress,
    checksum: Crc,
    over: bool,
    unfolded: Unfolded,
}

impl<'a> Gzip<'a> {
    pub(super) fn open(
        input: &'a [u8],
        cap: usize,
        step_by_step: bool,
    ) -> Result<Self, CodecError> {
        let at = header_bytes(input)?;
        Ok(Self {
            input,
            at,
            filled: at,
            step_by_step,
            inflater: Decompress::new(false),
            checksum: Crc::new(),
            over: false,
            unfolded: Unfolded::up_to(cap),
        })
    }

    /// Inflates once, as far as the buffer and `max` go. Says whether the member has ended.
    fn inflate(&mut self, max: usize) -> Result<(usize, bool), CodecError> {
        let end = if self.step_by_step {
            self.filled
        } else {
            self.input.len()
        };
        let buffered = self.input.get(self.at..end).unwrap_or_default();
        let start = self.unfolded.bytes.len();
        self.unfolded.bytes.resize(start + max.min(ROOM_MAX), 0);
        let room = self.unfolded.bytes.get_mut(start..).unwrap_or_default();
        let (consumed, produced) = (self.inflater.total_in(), self.inflater.total_out());
        let status = self
            .inflater
            .decompress(buffered, room, FlushDecompress::None);
        let consumed = usize::try_from(self.inflater.total_in() - consumed).map_err(damaged)?;
        let produced = usize::try_from(self.inflater.total_out() - produced).map_err(damaged)?;
        self.unfolded.bytes.truncate(start + produced);
        self.at += consumed;
        while self.filled < self.at {
            self.fill();
        }
        let ended = status.map_err(damaged)? == Status::StreamEnd;
        let fresh = self.unfolded.bytes.get(start..).unwrap_or_default();
        self.checksum.update(fresh);
        self.unfolded.check(0)?;
        Ok((produced, ended))
    }

    fn fill(&mut self) {
        self.filled = self.input.len().min(self.filled + BUFFER_BYTES);
    }

    /// Reads a trailer, and the header of the member behind it if Java takes it for one.
    fn end_member(&mut self) -> Result<(), CodecError> {
        let mut rest = self.input.get(self.at..).unwrap_or_default();
        let cut_off = || damaged("Unexpected end of the GZIP trailer");
        let checksum = take(&mut rest)
            .map(u32::from_le_bytes)
            .ok_or_else(cut_off)?;
        let size = take(&mut rest)
            .map(u32::from_le_bytes)
            .ok_or_else(cut_off)?;
        let unfolded = self.inflater.total_out() & u64::from(u32::MAX);
        if checksum != self.checksum.sum() || u64::from(size) != unfolded {
            return Err(damaged("Corrupt GZIP trailer"));
        }
        let buffered = self.filled - self.at;
        let behind = self.at + TRAILER_BYTES;
        let beyond = self.input.len() > self.filled.max(behind);
        let header = header_bytes(rest);
        let Some(header) = header.ok().filter(|_| beyond || buffered > ANOTHER_BYTES) else {
            self.over = true;
            return Ok(());
        };
        self.at = behind + header;
        self.filled = self.filled.max(self.at);
        self.inflater.reset(false);
        self.checksum.reset();
        Ok(())
    }
}

impl Stream for Gzip<'_> {
    fn read(&mut self, max: usize) -> Result<usize, CodecError> {
        while !self.over {
            let before = self.at;
            let (produced, ended) = self.inflate(max)?;
            if produced > 0 {
                // The end of a member is found out by the next read.
                self.unfolded.hand_out(produced);
                return Ok(produced);
            }
            if ended {
                self.end_member()?;
            } else if self.at == self.filled {
                if self.filled == self.input.len() {
                    return Err(damaged("Unexpected end of ZLIB input stream"));
                }
                self.fill();
            } else if self.at == before {
                return Err(damaged("Invalid ZLIB data format"));
            }
        }
        Ok(0)
    }

    fn has_available(&mut self) -> Result<bool, CodecError> {
        Ok(!self.over)
    }

    fn is_over(&self) -> bool {
        self.over
    }

    fn unfolded(&mut self) -> &mut Unfolded {
        &mut self.unfolded
    }
}

/// The length of the header that `input` begins with.
fn header_bytes(input: &[u8]) -> Result<usize, CodecError> {
    let cut_off = || damaged("Unexpected end of the GZIP header");
    let mut rest = input;
    let [first, second, method, flags, ..] = take::<10>(&mut rest).ok_or_else(|| {
        if input.starts_with(&[0x1f, 0x8b]) || input.len() < 2 {
            cut_off()
        } else {
            damaged("Not in GZIP format")
        }
    })?;
    if [first, second] != [0x1f, 0x8b] {
        return Err(damaged("Not in GZIP format"));
    }
    if method != 8 {
        return Err(damaged("Unsupported compression method"));
    }
    if flags & EXTRA != 0 {
        let length = take(&mut rest)
            .map(u16::from_le_bytes)
            .ok_or_else(cut_off)?;
        rest = rest.get(usize::from(length)..).ok_or_else(cut_off)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0);
            rest = end
                .and_then(|end| rest.get(end + 1..))
                .ok_or_else(cut_off)?;
        }
    }
    if flags & HEADER_CHECKSUM != 0 {
        let mut checksum = Crc::new();
        checksum.update(input.get(..input.len() - rest.len()).unwrap_or_default());
        let expected = take(&mut rest)
            .map(u16::from_le_bytes)
            .ok_or_else(cut_off)?;
        if u32::from(expected) != checksum.sum() & 0xffff {
            return Err(damaged("Corrupt GZIP header"));
        }
    }
    Ok(input.len() - rest.len())
}
