//! The headers of frames and blocks (RFC 8878, 3.1.1.1 and 3.1.1.2).

use super::{CodecError, corrupt, damaged};
use crate::wire::compression::stream::take;

const MAGIC: u32 = 0xFD2F_B528;
const SKIPPABLE: u32 = 0x184D_2A50;
const SKIPPABLE_MASK: u32 = 0xFFFF_FFF0;
/// The least that is looked at of a frame: the magic and the descriptor.
const PREFIX_BYTES: usize = 5;
const WINDOW_LOG_MIN: u32 = 10;
const WINDOW_LOG_MAX: u32 = 31;
/// The largest block.
pub(super) const BLOCK_MAX: usize = 128 * 1024;
/// Bytes of a block's header.
pub(super) const BLOCK_HEADER_BYTES: usize = 3;

/// What a frame begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    Frame(Header),
    /// Bytes that are passed over, the header among them.
    Skippable(u64),
    /// The bytes end inside the header.
    CutOff,
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) bytes: usize,
    pub(super) window: u64,
    pub(super) content: Option<u64>,
    pub(super) has_checksum: bool,
    pub(super) needs_dictionary: bool,
}

impl Header {
    /// The largest block that the frame may have.
    pub(super) fn block_max(&self) -> usize {
        usize::try_from(self.window).map_or(BLOCK_MAX, |window| window.min(BLOCK_MAX))
    }
}

/// Reads what a frame begins with.
pub(super) fn head(from: &[u8]) -> Result<Head, CodecError> {
    let unknown = || damaged("Unknown frame descriptor");
    let known = from.get(..from.len().min(4)).unwrap_or_default();
    let is_frame = MAGIC.to_le_bytes().starts_with(known);
    let mut magic = SKIPPABLE.to_le_bytes();
    for (to, byte) in magic.iter_mut().zip(known) {
        *to = *byte;
    }
    let is_skippable = u32::from_le_bytes(magic) & SKIPPABLE_MASK == SKIPPABLE;
    if !is_frame && !is_skippable {
        return Err(unknown());
    }
    if from.len() < PREFIX_BYTES {
        return Ok(Head::CutOff);
    }
    if is_skippable {
        let size = from.get(4..).and_then(<[u8]>::first_chunk::<4>);
        return Ok(size.map_or(Head::CutOff, |size| {
            Head::Skippable(8 + u64::from(u32::from_le_bytes(*size)))
        }));
    }
    header(from)
}

fn header(from: &[u8]) -> Result<Head, CodecError> {
    let descriptor = from.get(4).copied().unwrap_or_default();
    let is_single = descriptor & 0x20 != 0;
    let dictionary_bytes = match descriptor & 3 {
        3 => 4,
        width => usize::from(width),
    };
    let content_bytes = match descriptor >> 6 {
        0 => usize::from(is_single),
        width => 1 << width,
    };
    let mut rest = from.get(PREFIX_BYTES..).unwrap_or_default();
    let bytes = PREFIX_BYTES + usize::from(!is_single) + dictionary_bytes + content_bytes;
    if from.len() < bytes {
        return Ok(Head::CutOff);
    }
    if descriptor & 8 != 0 {
        return Err(damaged("Unsupported frame parameter"));
    }
    let mut window = 0;
    if !is_single {
        let [byte] = take(&mut rest).ok_or_else(corrupt)?;
        let log = u32::from(byte >> 3) + WINDOW_LOG_MIN;
        if log > WINDOW_LOG_MAX {
            return Err(too_large());
        }
        window = 1_u64 << log;
        window += (window >> 3) * u64::from(byte & 7);
    }
    let dictionary = number(&mut rest, dictionary_bytes);
    let content = number(&mut rest, content_bytes);
    let content = match content_bytes {
        0 => None,
        2 => Some(content + 256),
        // All bits set are libzstd's sign for an unknown size.
        _ => Some(content).filter(|content| *content != u64::MAX),
    };
    Ok(Head::Frame(Header {
        bytes,
        window: if is_single {
            content.unwrap_or(u64::MAX)
        } else {
            window
        },
        content,
        has_checksum: descriptor & 4 != 0,
        needs_dictionary: dictionary != 0,
    }))
}

/// What libzstd says of a window that it does not want.
pub(super) fn too_large() -> CodecError {
    damaged("Frame requires too much memory for decoding")
}

fn number(from: &mut &[u8], bytes: usize) -> u64 {
    let (taken, rest) = from.split_at_checked(bytes).unwrap_or_default();
    *from = rest;
    let bytes = taken.iter().rev();
    bytes.fold(0, |value, byte| (value << 8) | u64::from(*byte))
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Raw,
    Repeated,
    Compressed,
}

/// The header of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) is_last: bool,
    /// What the size field says: what is repeated is as long when unfolded.
    pub(super) size: usize,
}

impl Block {
    /// Bytes that follow the header.
    pub(super) const fn body(&self) -> usize {
        match self.kind {
            Kind::Repeated => 1,
            Kind::Raw | Kind::Compressed => self.size,
        }
    }
}

/// Reads the header of a block; nothing if the bytes end inside it.
pub(super) fn block(from: &[u8]) -> Result<Option<Block>, CodecError> {
    let Some(bytes) = from.first_chunk::<BLOCK_HEADER_BYTES>() else {
        return Ok(None);
    };
    let [low, middle, high] = *bytes;
    let kind = match (low >> 1) & 3 {
        0 => Kind::Raw,
        1 => Kind::Repeated,
        2 => Kind::Compressed,
        _ => return Err(corrupt()),
    };
    let size = u32::from_le_bytes([low, middle, high, 0]) >> 3;
    Ok(Some(Block {
        kind,
        is_last: low & 1 != 0,
        size: usize::try_from(size).map_err(damaged)?,
    }))
}

/// Whether `from`, behind a frame's header, holds the whole frame. Nothing is unfolded for it.
pub(super) fn is_whole(from: &[u8], header: &Header) -> bool {
    let mut at = header.bytes;
    loop {
        let Ok(Some(found)) = block(from.get(at..).unwrap_or_default()) else {
            return false;
        };
        at += BLOCK_HEADER_BYTES + found.body();
        if at > from.len() {
            return false;
        }
        if found.is_last {
            return !header.has_checksum || at + 4 <= from.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_taken_apart() {
        let single = [0x28, 0xb5, 0x2f, 0xfd, 0x24, 9, 1, 0, 0];
        let Ok(Head::Frame(header)) = head(&single) else {
            panic!("no header");
        };
        assert_eq!((header.window, header.content), (9, Some(9)));
        assert_eq!((header.bytes, header.has_checksum), (6, true));
        assert_eq!(head(&single[..5]), Ok(Head::CutOff));
        assert!(head(b"xyz").is_err());
        assert_eq!(head(&[0x28, 0xb5]), Ok(Head::CutOff));
        let skippable = [0x5f, 0x2a, 0x4d, 0x18, 4, 0, 0, 0];
        assert_eq!(head(&skippable), Ok(Head::Skippable(12)));
    }
}
