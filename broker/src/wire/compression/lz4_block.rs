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
/// How much is copied at a time, which may be more than is meant.
const STEP: usize = 16;

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
    let space = room.min(input.len().saturating_mul(EXPANSION_MAX));
    to.bytes.resize(start + space + STEP, 0);
    let out = to.bytes.get_mut(start..).unwrap_or_default();
    let mut block = Block {
        input,
        at: 0,
        room,
        done: 0,
        fast: room >= FAST_LOOP_ROOM,
    };
    let outcome = block.unfold(out);
    to.bytes.truncate(start + block.done);
    outcome?;
    to.check(0)
}

struct Literals {
    length: usize,
    is_last: bool,
}

impl Block<'_> {
    fn unfold(&mut self, out: &mut [u8]) -> Result<(), CodecError> {
        loop {
            if self.fast {
                self.hurry(out);
            }
            let token = usize::from(*self.input.get(self.at).ok_or_else(|| self.error())?);
            self.at += 1;
            let literals = self.literals(token >> 4)?;
            self.copy_literals(literals.length, out)
                .ok_or_else(|| self.error())?;
            if literals.is_last {
                return Ok(());
            }
            let (distance, length) = self.distance_and_length(token & MORE)?;
            copy_match(out, self.done, distance, length).ok_or_else(|| self.error())?;
            self.done += length;
        }
    }

    /// Does as many sequences as are short, far from both ends and reach back over 32 bytes or more; there is nothing to
    /// check in them but their distance.
    #[inline]
    fn hurry(&mut self, out: &mut [u8]) {
        let (mut at, mut done) = (self.at, self.done);
        let limit = self.room.saturating_sub(FAST_LOOP_ROOM + 2 * STEP);
        while done < limit {
            let Some(head) = self.input.get(at..).and_then(<[u8]>::first_chunk::<18>) else {
                break;
            };
            let [token, copied @ .., _] = head;
            let (literals, in_token) = (usize::from(token >> 4), usize::from(token & 15));
            let Some([low, high]) = head.get(literals + 1..).and_then(<[u8]>::first_chunk::<2>)
            else {
                break;
            };
            let distance = usize::from(u16::from_le_bytes([*low, *high]));
            let Some((past, future)) = out.split_at_mut_checked(done) else {
                break;
            };
            let from = (done + literals).wrapping_sub(distance);
            let source = past
                .get(from..)
                .and_then(<[u8]>::first_chunk::<{ 2 * STEP }>);
            let (Some(source), Some(room)) = (source, future.first_chunk_mut::<64>()) else {
                break;
            };
            if literals == MORE || in_token == MORE {
                break;
            }
            if let Some(to) = room.first_chunk_mut::<STEP>() {
                *to = *copied;
            }
            if let Some(to) = room
                .get_mut(literals..)
                .and_then(<[u8]>::first_chunk_mut::<{ 2 * STEP }>)
            {
                *to = *source;
            }
            at += literals + 3;
            done += literals + in_token + MATCH_MIN;
        }
        (self.at, self.done) = (at, done);
    }

    #[inline]
    fn copy_literals(&mut self, length: usize, out: &mut [u8]) -> Option<()> {
        let from = self.input.get(self.at..)?;
        let to = out.get_mut(self.done..)?;
        match (from.first_chunk::<STEP>(), to.first_chunk_mut::<STEP>()) {
            (Some(from), Some(to)) if length <= STEP => *to = *from,
            _ => to.get_mut(..length)?.copy_from_slice(from.get(..length)?),
        }
        self.at += length;
        self.done += length;
        Some(())
    }

    #[cold]
    fn error(&self) -> CodecError {
        damaged(format!("Error decoding offset {} of input buffer", self.at))
    }

    /// The literals of a sequence, and whether they end the block.
    #[inline]
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

    #[inline]
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

/// Repeats what stands `distance` bytes before `at`; nothing is zeros.
#[inline]
fn copy_match(out: &mut [u8], at: usize, distance: usize, length: usize) -> Option<()> {
    let end = at + length;
    if distance >= STEP && end + STEP <= out.len() {
        let (mut from, mut to) = (at - distance, at);
        while to < end {
            let step = *out.get(from..)?.first_chunk::<STEP>()?;
            *out.get_mut(to..)?.first_chunk_mut::<STEP>()? = step;
            from += STEP;
            to += STEP;
        }
        return Some(());
    }
    if distance == 0 {
        out.get_mut(at..end)?.fill(0);
        return Some(());
    }
    let from = at.checked_sub(distance)?;
    let mut done = 0;
    while done < length {
        // Each round at least doubles what can be copied at once.
        let now = (length - done).min(distance + done);
        out.get(from..at + done + now)?;
        out.copy_within(from..from + now, at + done);
        done += now;
    }
    Some(())
}
