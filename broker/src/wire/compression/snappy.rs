//! Snappy, as snappy-java's `SnappyInputStream` reads it:
//!
//! - What begins with the eight bytes of magic is framed, if there are sixteen bytes at all; the two versions that
//!   follow are not looked at. Everything else is one raw block, whole.
//! - Framed are chunks, each a size and a raw block. Less than four bytes of a size are the end, so up to three bytes
//!   behind the last chunk are passed over.
//! - Where a size is due the magic of another stream may stand; that one's version must be 1 at least. Four bytes of
//!   magic with something else behind them are a pause: Java says that the stream has ended, and goes on behind them
//!   if asked again.
//! - A negative size, a chunk that is cut off, and a block that does not unfold to what it announces are errors.
//!
//! A read goes on over chunks until it has all that was asked for.

use super::stream::{Stream, Unfolded, take, take_slice};
use super::{CodecError, damaged};

const MAGIC: &[u8; 8] = &[0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
/// Where a chunk's size is due, this is the beginning of the magic.
const MAGIC_HEAD: i32 = i32::from_be_bytes([0x82, b'S', b'N', b'A']);
const VERSION: i32 = 1;
/// How much input goes into one block; the block size of the Java library.
const BLOCK_BYTES: usize = 32 * 1024;
/// A snappy element of three bytes makes at most 64, so a block that announces more than this
/// many times its own size lies.
const EXPANSION_MAX: usize = 64;

/// A stream as it is read.
#[derive(Debug)]
pub(super) struct Snappy<'a> {
    rest: &'a [u8],
    over: bool,
    paused: bool,
    unfolded: Unfolded,
}

impl<'a> Snappy<'a> {
    pub(super) fn open(input: &'a [u8], cap: usize) -> Result<Self, CodecError> {
        let mut unfolded = Unfolded::up_to(cap);
        if input.is_empty() {
            return Err(damaged("Cannot decompress empty stream"));
        }
        if let Some((preamble, rest)) = input.split_first_chunk::<16>()
            && preamble.starts_with(MAGIC)
        {
            return Ok(Self {
                rest,
                over: false,
                paused: false,
                unfolded,
            });
        }
        append_block(input, &mut unfolded)?;
        Ok(Self {
            rest: &[],
            over: true,
            paused: false,
            unfolded,
        })
    }

    /// Unfolds the next chunk. Nothing if there is none, or if Java thinks so.
    fn next_chunk(&mut self) -> Result<bool, CodecError> {
        loop {
            if self.over {
                return Ok(false);
            }
            let Some(size) = take(&mut self.rest).map(i32::from_be_bytes) else {
                self.over = true;
                return Ok(false);
            };
            if size != MAGIC_HEAD {
                let size = usize::try_from(size)
                    .map_err(|_| damaged(format!("chunkSize is too big or negative : {size}")))?;
                let block = take_slice(&mut self.rest, size, "failed to read chunk")?;
                append_block(block, &mut self.unfolded)?;
                return Ok(true);
            }
            let missing = "Insufficient header size in a concatenated block";
            let header = take_slice(&mut self.rest, 12, missing)?;
            if !header.starts_with(MAGIC.get(4..).unwrap_or_default()) {
                self.paused = true;
                return Ok(false);
            }
            let mut versions = header.get(4..).unwrap_or_default();
            let version = take(&mut versions).map_or(0, i32::from_be_bytes);
            if version < VERSION {
                return Err(damaged(format!(
                    "Compressed with an incompatible codec version {version}"
                )));
            }
        }
    }
}

impl Stream for Snappy<'_> {
    fn read(&mut self, max: usize) -> Result<usize, CodecError> {
        let mut handed_out = 0;
        while handed_out < max {
            if self.unfolded.waiting() == 0 && !self.next_chunk()? {
                break;
            }
            handed_out += self.unfolded.hand_out(max - handed_out);
        }
        Ok(handed_out)
    }

    fn has_available(&mut self) -> Result<bool, CodecError> {
        if self.unfolded.waiting() == 0 && !self.next_chunk()? {
            return Ok(false);
        }
        Ok(self.unfolded.waiting() > 0)
    }

    fn is_over(&self) -> bool {
        self.over && self.unfolded.waiting() == 0
    }

    fn is_steady(&self) -> bool {
        !self.paused
    }

    fn unfolded(&mut self) -> &mut Unfolded {
        &mut self.unfolded
    }
}

/// The length that a block announces: at most five bytes, and 32 bits.
fn announced(block: &[u8]) -> Option<usize> {
    let mut value = 0_u64;
    for (index, byte) in block.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return usize::try_from(u32::try_from(value).ok()?).ok();
        }
    }
    None
}

fn append_block(block: &[u8], to: &mut Unfolded) -> Result<(), CodecError> {
    let length = announced(block).ok_or_else(|| damaged("a block without its length"))?;
    if length > block.len().saturating_mul(EXPANSION_MAX) {
        return Err(damaged("a block announces more than it can hold"));
    }
    to.check(length)?;
    let start = to.bytes.len();
    to.bytes.resize(start + length, 0);
    let room = to.bytes.get_mut(start..).unwrap_or_default();
    let unfolded = snap::raw::Decoder::new().decompress(block, room);
    if unfolded.is_err() {
        to.bytes.truncate(start);
    }
    unfolded.map_err(damaged).map(drop)
}

/// Compresses as snappy-java's `SnappyOutputStream` does.
pub(super) fn compress(input: &[u8]) -> Result<Vec<u8>, CodecError> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_be_bytes());
    out.extend(VERSION.to_be_bytes());
    let mut encoder = snap::raw::Encoder::new();
    for chunk in input.chunks(BLOCK_BYTES) {
        let block = encoder.compress_vec(chunk).map_err(damaged)?;
        out.extend(u32::try_from(block.len()).map_err(damaged)?.to_be_bytes());
        out.extend(block);
    }
    Ok(out)
}
