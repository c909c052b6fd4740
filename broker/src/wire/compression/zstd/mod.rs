//! Zstandard, as zstd-jni's `ZstdInputStreamNoFinalizer` reads it with `ZSTD_decompressStream` of libzstd 1.5.7:
//!
//! - Frames follow each other, skippable ones among them, until the bytes end. Where a frame is due, anything but a
//!   frame, or the beginning of one, is an error.
//! - Bytes that end inside a frame are an error only if no frame has ended in the same 128 KiB of input: else Java
//!   takes them for the end.
//! - A window may have up to 128 MiB. It is a bound on what a frame may reach back to and on the size of its blocks
//!   and reserves nothing here: memory grows with what is really unfolded.
//! - A content checksum must fit. A content size must be met by what the last block makes; an empty last block is not
//!   looked at. Reserved bits are 0, and a frame that names a dictionary is refused.
//! - A frame that says how long it is, lies there whole, and fits into the room that the reader has is unfolded at
//!   one go, by laxer rules: its window may be of any size, a stored or repeated block too. But an empty compressed
//!   block is an error then, and a content size is always looked at.
//! - Distances may reach as far as libzstd's ring of output does, which is a little larger than the window.
//!
//! Formats before zstd 0.8 are not read.

mod bits;
mod block;
mod frame;
mod fse;
mod huffman;
mod huffman_fast;
mod huffman_streams;
mod ring;
mod sequences;
mod whole;

use std::hash::Hasher;

use super::stream::{Stream, Unfolded};
use super::{CodecError, damaged};
use block::{Entropy, Limits};
use frame::{BLOCK_HEADER_BYTES, BLOCK_MAX, Head, Header, Kind};
use ring::Ring;

/// The largest window that libzstd unfolds as a stream by itself.
const WINDOW_MAX: u64 = (1 << 27) + 1;
/// How much input Java takes at a time.
const INPUT_BYTES: usize = BLOCK_MAX + BLOCK_HEADER_BYTES;
const CHECKSUM_BYTES: usize = 4;

fn corrupt() -> CodecError {
    damaged("Data corruption detected")
}

/// The frames as they are read.
#[derive(Debug)]
pub(super) struct Zstd<'a> {
    input: &'a [u8],
    at: usize,
    frame: Option<Frame>,
    /// Where the last whole frame ended.
    frame_end: usize,
    ring: Ring,
    over: bool,
    unfolded: Unfolded,
}

/// A frame that has begun.
#[derive(Debug)]
struct Frame {
    header: Header,
    /// Where its bytes begin in what was unfolded.
    start: usize,
    stage: Stage,
    entropy: Entropy,
    hash: twox_hash::XxHash64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Block,
    /// Inside a stored block: bytes to come, and whether it is the last.
    Raw(usize, bool),
    Checksum,
    End,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Done,
    FrameEnded,
    /// More input is needed.
    CutOff,
}

impl<'a> Zstd<'a> {
    pub(super) fn open(input: &'a [u8], cap: usize) -> Self {
        Self {
            input,
            at: 0,
            frame: None,
            frame_end: 0,
            ring: Ring::default(),
            over: false,
            unfolded: Unfolded::up_to(cap),
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    /// One of Java's calls, which may hand out nothing. It ends with a frame.
    fn read_once(&mut self, max: usize) -> Result<usize, CodecError> {
        let mut handed_out = 0;
        loop {
            let now = self.unfolded.hand_out(max - handed_out);
            handed_out += now;
            if self.unfolded.waiting() > 0 {
                return Ok(handed_out);
            }
            match self.step(max - handed_out)? {
                Step::Done => {}
                Step::CutOff if handed_out == 0 => return self.end().map(|()| 0),
                Step::CutOff => return Ok(handed_out),
                // What was unfolded at one go fits.
                Step::FrameEnded => return Ok(handed_out + self.unfolded.hand_out(max)),
            }
        }
    }

    /// The input has ended: for Java, or too early.
    fn end(&mut self) -> Result<(), CodecError> {
        let last_input = self.input.len().saturating_sub(1) / INPUT_BYTES * INPUT_BYTES;
        if !self.input.is_empty() && self.frame_end <= last_input {
            return Err(damaged("Truncated source"));
        }
        self.over = true;
        Ok(())
    }

    /// Does what comes next. Everything was handed out before, and there is room for `room` bytes.
    fn step(&mut self, room: usize) -> Result<Step, CodecError> {
        let Some(mut frame) = self.frame.take() else {
            return self.begin(room);
        };
        let step = self.advance(&mut frame)?;
        if frame.stage == Stage::End && self.unfolded.waiting() == 0 {
            self.frame_end = self.at;
            return Ok(Step::FrameEnded);
        }
        self.frame = Some(frame);
        Ok(step)
    }

    fn begin(&mut self, room: usize) -> Result<Step, CodecError> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(Step::CutOff);
        }
        let header = match frame::head(rest)? {
            Head::CutOff => return Ok(Step::CutOff),
            Head::Skippable(bytes) => {
                let Some(bytes) = usize::try_from(bytes).ok().filter(|b| *b <= rest.len()) else {
                    return Ok(Step::CutOff);
                };
                self.at += bytes;
                self.frame_end = self.at;
                return Ok(Step::FrameEnded);
            }
            Head::Frame(header) => header,
        };
        if header.needs_dictionary {
            return Err(damaged("Dictionary mismatch"));
        }
        let start = self.unfolded.bytes.len();
        let mut frame = Frame {
            header,
            start,
            stage: Stage::Block,
            entropy: Entropy::default(),
            hash: twox_hash::XxHash64::with_seed(0),
        };
        let fits = header
            .content
            .is_some_and(|content| usize::try_from(content).is_ok_and(|bytes| bytes <= room));
        let input_end = (self.at / INPUT_BYTES + 1) * INPUT_BYTES;
        let at_hand = rest.get(..input_end - self.at).unwrap_or(rest);
        if fits && frame::is_whole(at_hand, &header) {
            return self.unfold_whole(&mut frame, room);
        }
        if header.window > WINDOW_MAX {
            return Err(frame::too_large());
        }
        self.at += header.bytes;
        self.ring.begin(&header, start);
        self.frame = Some(frame);
        Ok(Step::Done)
    }

    fn advance(&mut self, frame: &mut Frame) -> Result<Step, CodecError> {
        match frame.stage {
            Stage::Block => self.begin_block(frame),
            Stage::Raw(left, is_last) => {
                let rest = self.rest();
                if rest.is_empty() {
                    return Ok(Step::CutOff);
                }
                let now = left.min(rest.len());
                if now > self.ring.room() {
                    return Err(corrupt());
                }
                self.append(frame, now, |bytes| {
                    bytes.extend_from_slice(rest.get(..now).unwrap_or_default());
                    Ok(())
                })?;
                self.at += now;
                if now < left {
                    frame.stage = Stage::Raw(left - now, is_last);
                    return Ok(Step::Done);
                }
                self.end_block(frame, is_last)
            }
            Stage::Checksum => {
                let Some(bytes) = self.rest().first_chunk::<CHECKSUM_BYTES>() else {
                    return Ok(Step::CutOff);
                };
                frame.check(*bytes)?;
                self.at += CHECKSUM_BYTES;
                frame.stage = Stage::End;
                Ok(Step::Done)
            }
            Stage::End => Ok(Step::Done),
        }
    }

    fn begin_block(&mut self, frame: &mut Frame) -> Result<Step, CodecError> {
        let Some(block) = frame::block(self.rest())? else {
            return Ok(Step::CutOff);
        };
        let body = block.body();
        if body > frame.header.block_max() {
            return Err(corrupt());
        }
        if body == 0 {
            self.at += BLOCK_HEADER_BYTES;
            // Neither is a content size looked at here.
            frame.stage = frame.behind(block.is_last);
            return Ok(Step::Done);
        }
        if block.kind == Kind::Raw {
            self.at += BLOCK_HEADER_BYTES;
            frame.stage = Stage::Raw(body, block.is_last);
            return Ok(Step::Done);
        }
        let rest = self.rest().get(BLOCK_HEADER_BYTES..).unwrap_or_default();
        let Some(body) = rest.get(..body) else {
            return Ok(Step::CutOff);
        };
        if block.kind == Kind::Repeated {
            let byte = body.first().copied().unwrap_or_default();
            let room = frame.header.block_max().min(self.ring.room());
            if block.size > room {
                return Err(corrupt());
            }
            self.append(frame, block.size, |bytes| {
                bytes.resize(bytes.len() + block.size, byte);
                Ok(())
            })?;
        } else {
            let limits = Limits {
                block_max: frame.header.block_max(),
                room: frame.header.block_max().min(self.ring.room()),
                at_one_go: false,
                history: self.ring.history,
            };
            let before = self.unfolded.bytes.len();
            frame.entropy.unfold(body, limits, &mut self.unfolded)?;
            self.note(frame, before);
        }
        self.at += BLOCK_HEADER_BYTES + body.len();
        self.end_block(frame, block.is_last)
    }

    fn end_block(&self, frame: &mut Frame, is_last: bool) -> Result<Step, CodecError> {
        frame.stage = frame.behind(is_last);
        if is_last {
            frame.check_size(self.unfolded.bytes.len())?;
        }
        Ok(Step::Done)
    }

    fn append(
        &mut self,
        frame: &mut Frame,
        count: usize,
        add: impl FnOnce(&mut Vec<u8>) -> Result<(), CodecError>,
    ) -> Result<(), CodecError> {
        self.unfolded.check(count)?;
        let before = self.unfolded.bytes.len();
        add(&mut self.unfolded.bytes)?;
        self.note(frame, before);
        Ok(())
    }

    /// Takes note of what was unfolded since `before`.
    fn note(&mut self, frame: &mut Frame, before: usize) {
        let fresh = self.unfolded.bytes.get(before..).unwrap_or_default();
        if frame.header.has_checksum {
            frame.hash.write(fresh);
        }
        let end = self.unfolded.bytes.len();
        self.ring.flush(fresh.len(), &frame.header, end);
    }
}

impl Frame {
    const fn behind(&self, is_last: bool) -> Stage {
        if !is_last {
            Stage::Block
        } else if self.header.has_checksum {
            Stage::Checksum
        } else {
            Stage::End
        }
    }

    fn check_size(&self, end: usize) -> Result<(), CodecError> {
        let size = u64::try_from(end - self.start).unwrap_or(u64::MAX);
        match self.header.content {
            Some(content) if content != size => Err(corrupt()),
            Some(_) | None => Ok(()),
        }
    }

    fn check(&self, bytes: [u8; CHECKSUM_BYTES]) -> Result<(), CodecError> {
        let hash = self.hash.finish().to_le_bytes();
        if hash.starts_with(&bytes) {
            Ok(())
        } else {
            Err(damaged("Restored data doesn't match checksum"))
        }
    }
}

impl Stream for Zstd<'_> {
    fn read(&mut self, max: usize) -> Result<usize, CodecError> {
        loop {
            let handed_out = self.read_once(max)?;
            if handed_out > 0 || self.over {
                return Ok(handed_out);
            }
        }
    }

    fn has_available(&mut self) -> Result<bool, CodecError> {
        Ok(self.unfolded.waiting() > 0 || self.at < self.input.len())
    }

    fn is_over(&self) -> bool {
        self.over
    }

    fn unfolded(&mut self) -> &mut Unfolded {
        &mut self.unfolded
    }
}
