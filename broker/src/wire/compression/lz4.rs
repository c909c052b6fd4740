//! LZ4 frames, as `Lz4BlockInputStream` of Kafka's clients reads them:
//!
//! - Four bytes of magic, then FLG and BD. The version is 1, the reserved bits (the dictionary's flag is one to
//!   Kafka) are 0, and blocks are independent: a frame with linked blocks is refused. A block has up to 64 KiB,
//!   256 KiB, 1 MiB or 4 MiB. The header's checksum must fit.
//! - A content size is passed over, whatever it says.
//! - Block after block: its size, with the highest bit for a stored one, at most the frame's maximum, also when it
//!   is stored; then a checksum of its bytes if the frame has them, which must fit. A block that unfolds to nothing
//!   is a pause to anyone who reads: Kafka takes it for the end where it looks for the end, and reads on elsewhere.
//! - A size of 0 ends the frame; without it the frame is cut off. Then four bytes of a content checksum if the frame
//!   has one: they must be there, but are not looked at. What follows is not read.
//!
//! What a missing checksum of a block or of the content meets is Java's `BufferUnderflowException`, which Kafka takes
//! for an invalid record inside a record, and for an unknown error elsewhere.

use std::hash::Hasher;

use super::lz4_block;
use super::stream::{Stream, Unfolded, take, take_slice};
use super::{CodecError, damaged};

const MAGIC: u32 = 0x184D_2204;
const PREMATURE_END: &str = "Stream ended prematurely";

/// The bit of a block's size that says that the block is stored.
const STORED: u32 = 1 << 31;

/// One frame as it is read.
#[derive(Debug)]
pub(super) struct Lz4<'a> {
    rest: &'a [u8],
    block_max: usize,
    block_checksums: bool,
    content_checksum: bool,
    over: bool,
    paused: bool,
    unfolded: Unfolded,
}

impl<'a> Lz4<'a> {
    pub(super) fn open(input: &'a [u8], cap: usize) -> Result<Self, CodecError> {
        let mut rest = input;
        if input.len() < 6 {
            return Err(damaged(PREMATURE_END));
        }
        if take(&mut rest).map(u32::from_le_bytes) != Some(MAGIC) {
            return Err(damaged("Stream unsupported (invalid magic bytes)"));
        }
        let described = rest;
        let [flags, sizes] = take(&mut rest).ok_or_else(|| damaged(PREMATURE_END))?;
        check_flags(flags)?;
        let block_max = block_max(sizes)?;
        if flags & 8 != 0 {
            take_slice(&mut rest, 8, PREMATURE_END)?;
        }
        let described = described
            .get(..described.len() - rest.len())
            .unwrap_or_default();
        let [checksum] = take(&mut rest).ok_or(CodecError::Underflow)?;
        let [_, second, ..] = hash(described).to_le_bytes();
        if checksum != second {
            return Err(damaged("Stream frame descriptor corrupted"));
        }
        Ok(Self {
            rest,
            block_max,
            block_checksums: flags & 16 != 0,
            content_checksum: flags & 4 != 0,
            over: false,
            paused: false,
            unfolded: Unfolded::up_to(cap),
        })
    }

    fn read_block(&mut self) -> Result<(), CodecError> {
        let size = take(&mut self.rest).ok_or_else(|| damaged(PREMATURE_END))?;
        let field = u32::from_le_bytes(size);
        let size = usize::try_from(field & !STORED).map_err(damaged)?;
        if size == 0 {
            self.over = true;
            if self.content_checksum {
                take::<4>(&mut self.rest).ok_or(CodecError::Underflow)?;
            }
            return Ok(());
        }
        if size > self.block_max {
            let max = self.block_max;
            return Err(damaged(format!("Block size {size} exceeded max: {max}")));
        }
        let block = take_slice(&mut self.rest, size, PREMATURE_END)?;
        if field & STORED != 0 {
            self.unfolded.check(size)?;
            self.unfolded.bytes.extend_from_slice(block);
        } else {
            lz4_block::decode(block, self.block_max, &mut self.unfolded)?;
        }
        if self.block_checksums {
            let checksum = take(&mut self.rest).ok_or(CodecError::Underflow)?;
            if u32::from_le_bytes(checksum) != hash(block) {
                return Err(damaged("Block checksum mismatch"));
            }
        }
        Ok(())
    }
}

impl Stream for Lz4<'_> {
    fn read(&mut self, max: usize) -> Result<usize, CodecError> {
        if !self.over && self.unfolded.waiting() == 0 {
            self.read_block()?;
            self.paused |= !self.over && self.unfolded.waiting() == 0;
        }
        Ok(if self.over {
            0
        } else {
            self.unfolded.hand_out(max)
        })
    }

    fn has_available(&mut self) -> Result<bool, CodecError> {
        Ok(self.unfolded.waiting() > 0)
    }

    fn is_over(&self) -> bool {
        self.over
    }

    fn is_steady(&self) -> bool {
        !self.paused
    }

    fn unfolded(&mut self) -> &mut Unfolded {
        &mut self.unfolded
    }
}

fn check_flags(flags: u8) -> Result<(), CodecError> {
    if flags & 3 != 0 {
        return Err(damaged("Reserved bits must be 0"));
    }
    if flags & 0x20 == 0 {
        return Err(damaged("Dependent block stream is unsupported"));
    }
    match flags >> 6 {
        1 => Ok(()),
        version => Err(damaged(format!("Version {version} is unsupported"))),
    }
}

fn block_max(sizes: u8) -> Result<usize, CodecError> {
    if sizes & 15 != 0 {
        return Err(damaged("Reserved2 field must be 0"));
    }
    let value = (sizes >> 4) & 7;
    if value < 4 {
        return Err(damaged("Block size value must be between 4 and 7"));
    }
    if sizes & 0x80 != 0 {
        return Err(damaged("Reserved3 field must be 0"));
    }
    Ok(1 << (2 * value + 8))
}

fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = twox_hash::XxHash32::with_seed(0);
    hasher.write(bytes);
    hasher.finish_32()
}
