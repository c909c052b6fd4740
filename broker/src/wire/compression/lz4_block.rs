//! One LZ4 block, taken or refused as `LZ4_decompress_safe` takes or refuses it, which lz4-java calls.
//!
//! Besides what the format asks for it has rules of its own, since it copies more than it has to:
//!
//! - The block ends with literals. Those that are not the last leave 8 bytes of input behind them, and their end is
//!   at least 12 bytes before the end of the room for output; short ones are not looked at as closely, far from
//!   both ends.
//! - A match ends at least 5 bytes before the end of that room.
//! - A match at distance 0 is zeros.
//!
//! The room for output is the frame's largest block, whatever this one holds.

use super::stream::Unfolded;
use super::{CodecError, damaged};

const MATCH_MIN: usize = 4;
/// What a length in a token says if more of it follows.
const MORE: usize = 15;
/// Bytes at the end of the output that are never a match's.
const LAST_LITERALS: usize = 5;
/// A match begins at least as many bytes before the end of the output.
const MATCH_FIND_LIMIT: usize = 12;
/// While there is as much room, literals and matches are copied by large steps.
const FAST_LOOP_ROOM: usize = 64;
/// How far beyond the end literals are copied in large steps.
const WILD_COPY: usize = 32;
/// What one byte of input can at most become.
const EXPANSION_MAX: usize = 255;

struct Block<'a> {
    input: &'a [u8],
    at: usize,
    /// Bytes that this block may unfold to, and has.
    room: usize,
    done: usize,
    /// Both ends are far, so copies go by large steps. Once this is over it stays so.
    fast: bool,
}

/// Appends what `input` unfolds to.
pub(super) fn decode(input: &[u8], room: usize, to: &mut Unfolded) -> Result<(), CodecError> {
    let start = to.bytes.len();
    to.bytes
        .reserve(room.min(input.len().saturating_mul(EXPANSION_MAX)).min(1 << 16));
    let mut block = Block {
        input,
        at: 0,
        room,
        done: 0,
        fast: room >= FAST_LOOP_ROOM,
    };
    loop {
        let token = usize::from(*block.input.get(block.at).ok_or_else(|| block.error())?);
        block.at += 1;
        let literals = block.literals(token >> 4)?;
        let is_last = literals.is_last;
        let copied = block
            .input
            .get(block.at..block.at + literals.length)
            .ok_or_else(|| block.error())?;
        to.check(copied.len())?;
        to.bytes.extend_from_slice(copied);
        block.at += copied.len();
        block.done += copied.len();
        if is_last {
            return Ok(());
        }
        let (distance, length) = block.distance_and_length(token & MORE)?;
        to.check(length)?;
        copy_match(&mut to.bytes, start, distance, length).ok_or_else(|| block.error())?;
        block.done += length;
    }
}

struct Literals {
    length: usize,
    is_last: bool,
}

impl Block<'_> {
    fn error(&self) -> CodecError {
        damaged(format!("Error decoding offset {} of input buffer", self.at))
    }

    /// The literals of a sequence, and whether they end the block.
    fn literals(&mut self, in_token: usize) -> Result<Literals, CodecError> {
        let mut length = in_token;
        if in_token == MORE {
            if self.at >= self.input.len().saturating_sub(MORE) {
                return Err(self.error());
            }
            length += self.more(self.input.len().saturating_sub(MORE))?;
        }
        let left = self.input.len().saturating_sub(self.at);
        let room = self.room - self.done;
        let unwatched = if self.fast {
            // Far from both ends: 17 bytes of input for short literals, 32 of both for long ones.
            if in_token == MORE {
                length + WILD_COPY <= room && length + WILD_COPY <= left
            } else {
                left > 16
            }
        } else {
            in_token != MORE && left > 16 && room >= WILD_COPY
        };
        if unwatched {
            return Ok(Literals {
                length,
                is_last: false,
            });
        }
        self.fast = false;
        let is_last = length + MATCH_FIND_LIMIT > room || length + 3 + LAST_LITERALS > left;
        if is_last && (length != left || length > room) {
            return Err(self.error());
        }
        Ok(Literals { length, is_last })
    }

    fn distance_and_length(&mut self, in_token: usize) -> Result<(usize, usize), CodecError> {
        let bytes = self
            .input
            .get(self.at..)
            .and_then(|rest| rest.first_chunk::<2>())
            .ok_or_else(|| self.error())?;
        self.at += 2;
        let mut length = in_token;
        if in_token == MORE {
            length += self.more((self.input.len() + 1).saturating_sub(LAST_LITERALS))?;
        }
        length += MATCH_MIN;
        let distance = usize::from(u16::from_le_bytes(*bytes));
        if distance > self.done || length + LAST_LITERALS > self.room - self.done {
            return Err(self.error());
        }
        self.fast &= self.done + length + FAST_LOOP_ROOM < self.room;
        Ok((distance, length))
    }

    /// The rest of a length; none of it may lie beyond `limit`.
    fn more(&mut self, limit: usize) -> Result<usize, CodecError> {
        let mut length = 0_usize;
        loop {
            let byte = *self.input.get(self.at).ok_or_else(|| self.error())?;
            self.at += 1;
            length += usize::from(byte);
            if self.at > limit {
                return Err(self.error());
            }
            if byte != 255 {
                return Ok(length);
            }
        }
    }
}

/// Repeats what stands `distance` bytes before the end.
#[inline]
fn copy_match(out: &mut Vec<u8>, start: usize, distance: usize, length: usize) -> Option<()> {
    if distance == 0 {
        out.resize(out.len() + length, 0);
        return Some(());
    }
    let from = out.len().checked_sub(distance).filter(|at| *at >= start)?;
    repeat(out, from, length);
    Some(())
}

/// Appends `length` bytes of `out` from `from` on, which may be some that are only being appended.
#[inline]
pub(super) fn repeat(out: &mut Vec<u8>, from: usize, length: usize) {
    let mut left = length;
    while left > 0 {
        // Each round at least doubles what can be copied at once.
        let now = left.min(out.len() - from);
        if now == 0 {
            return;
        }
        out.extend_from_within(from..from + now);
        left -= now;
    }
}
