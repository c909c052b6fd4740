//! Kafka's five codecs, in pure Rust, behind one cap on what a batch may unfold to.

use std::io::{Read, Write};

use super::batch::BatchError;

/// The most bytes that the records of one batch may unfold to. Kafka knows no such limit; without
/// one, 16 KiB of zstd ask for half a gigabyte.
pub(crate) const UNFOLDED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// How a batch's records are compressed; the values are those of the batch attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Codec {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    pub(crate) const fn from_id(id: i16) -> Result<Self, BatchError> {
        match id {
            0 => Ok(Self::None),
            1 => Ok(Self::Gzip),
            2 => Ok(Self::Snappy),
            3 => Ok(Self::Lz4),
            4 => Ok(Self::Zstd),
            other => Err(BatchError::UnknownCodec(other)),
        }
    }

    pub(crate) const fn id(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }
}

/// Why compressed bytes could not be unfolded, or bytes not be compressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodecError {
    #[error("the compressed records are damaged: {0}")]
    Damaged(String),
    #[error("the records unfold to more than {0} bytes")]
    TooLarge(usize),
}

fn damaged(error: impl std::fmt::Display) -> CodecError {
    CodecError::Damaged(error.to_string())
}

/// Unfolds `input`, giving up beyond [`UNFOLDED_BYTES_MAX`].
pub(crate) fn decompress(codec: Codec, input: &[u8]) -> Result<Vec<u8>, CodecError> {
    decompress_up_to(codec, input, UNFOLDED_BYTES_MAX)
}

fn decompress_up_to(codec: Codec, input: &[u8], cap: usize) -> Result<Vec<u8>, CodecError> {
    match codec {
        Codec::Gzip | Codec::Snappy | Codec::Lz4 if input.is_empty() => {
            Err(damaged("there is not even a header"))
        }
        Codec::None if input.len() > cap => Err(CodecError::TooLarge(cap)),
        Codec::None => Ok(input.to_vec()),
        Codec::Gzip => {
            let mut out = Vec::new();
            read_capped(flate2::read::MultiGzDecoder::new(input), &mut out, cap)?;
            Ok(out)
        }
        Codec::Snappy => snappy::decompress(input, cap),
        Codec::Lz4 => {
            let mut out = Vec::new();
            read_capped(lz4_flex::frame::FrameDecoder::new(input), &mut out, cap)?;
            Ok(out)
        }
        Codec::Zstd => zstd::decompress(input, cap),
    }
}

/// Reads to the end, growing with what really comes.
fn read_capped(source: impl Read, out: &mut Vec<u8>, cap: usize) -> Result<(), CodecError> {
    let room = cap.saturating_sub(out.len());
    let limit = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    let read = source.take(limit).read_to_end(out).map_err(damaged)?;
    if read > room {
        Err(CodecError::TooLarge(cap))
    } else {
        Ok(())
    }
}

/// Compresses `input`. `gzip_level` is Kafka's `compression.gzip.level`, -1 for the default; the
/// other codecs have one level here.
pub(crate) fn compress(codec: Codec, input: &[u8], gzip_level: i32) -> Result<Vec<u8>, CodecError> {
    match codec {
        Codec::None => Ok(input.to_vec()),
        Codec::Gzip => {
            let level = u32::try_from(gzip_level)
                .map_or_else(|_| flate2::Compression::default(), flate2::Compression::new);
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(input).map_err(damaged)?;
            encoder.finish().map_err(damaged)
        }
        Codec::Snappy => snappy::compress(input),
        Codec::Lz4 => {
            let info = lz4_flex::frame::FrameInfo::new()
                .block_size(lz4_flex::frame::BlockSize::Max64KB)
                .block_mode(lz4_flex::frame::BlockMode::Independent);
            let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
            encoder.write_all(input).map_err(damaged)?;
            encoder.finish().map_err(damaged)
        }
        Codec::Zstd => Ok(ruzstd::encoding::compress_to_vec(
            input,
            ruzstd::encoding::CompressionLevel::Fastest,
        )),
    }
}

/// Snappy as Java writes it (the xerial framing: a magic, two versions, then blocks that each carry
/// their length) and as some other clients do (one raw block).
mod snappy {
    use bytes::Buf;

    use super::{CodecError, damaged};

    const MAGIC: &[u8] = &[0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
    const VERSION: u32 = 1;
    /// Bytes of the magic and the two version fields.
    const PREAMBLE_BYTES: usize = 16;
    /// How much input goes into one block; the block size of the Java library.
    const BLOCK_BYTES: usize = 32 * 1024;
    /// A snappy element of three bytes makes at most 64, so a block that announces more than this
    /// many times its own size lies.
    const EXPANSION_MAX: usize = 64;

    pub(super) fn decompress(input: &[u8], cap: usize) -> Result<Vec<u8>, CodecError> {
        let mut out = Vec::new();
        if !input.starts_with(MAGIC) {
            append_block(input, &mut out, cap)?;
            return Ok(out);
        }
        let mut blocks = input
            .get(PREAMBLE_BYTES..)
            .ok_or_else(|| damaged("short preamble"))?;
        while !blocks.is_empty() {
            let length = blocks.try_get_u32().map_err(damaged)?;
            let length = usize::try_from(length).map_err(damaged)?;
            let (block, rest) = blocks
                .split_at_checked(length)
                .ok_or_else(|| damaged("short block"))?;
            append_block(block, &mut out, cap)?;
            blocks = rest;
        }
        Ok(out)
    }

    fn append_block(block: &[u8], out: &mut Vec<u8>, cap: usize) -> Result<(), CodecError> {
        let announced = snap::raw::decompress_len(block).map_err(damaged)?;
        if announced > block.len().saturating_mul(EXPANSION_MAX) {
            return Err(damaged("a block announces more than it can hold"));
        }
        if out.len().saturating_add(announced) > cap {
            return Err(CodecError::TooLarge(cap));
        }
        out.extend(
            snap::raw::Decoder::new()
                .decompress_vec(block)
                .map_err(damaged)?,
        );
        Ok(())
    }

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
}

/// Zstandard; a decoder reserves the window that a frame announces, so that is looked at first.
mod zstd {
    use ruzstd::decoding::{StreamingDecoder, errors::FrameDecoderError};

    use super::{CodecError, damaged, read_capped};

    /// The largest window that any compression level up to 19 asks for.
    const WINDOW_BYTES: u64 = 8 * 1024 * 1024;
    /// Beyond that a window must be within reach of the bytes that are really there.
    const EXPANSION_MAX: u64 = 4096;

    pub(super) fn decompress(input: &[u8], cap: usize) -> Result<Vec<u8>, CodecError> {
        let mut rest = input;
        let mut out = Vec::new();
        while !rest.is_empty() {
            let held = u64::try_from(rest.len()).unwrap_or(u64::MAX);
            if window(rest)
                .is_some_and(|w| w > WINDOW_BYTES.max(held.saturating_mul(EXPANSION_MAX)))
            {
                return Err(damaged("a frame announces a window that it cannot fill"));
            }
            let decoder = StreamingDecoder::new(&mut rest)
                .map_err(|error: FrameDecoderError| damaged(error))?;
            read_capped(decoder, &mut out, cap)?;
        }
        Ok(out)
    }

    /// The window that a frame header announces (RFC 8878, 3.1.1.1), if there is a whole one.
    fn window(frame: &[u8]) -> Option<u64> {
        let descriptor = *frame.get(4)?;
        if descriptor & 0x20 == 0 {
            let byte = u64::from(*frame.get(5)?);
            let base = 1_u64 << (10 + (byte >> 3));
            return Some(base + (base / 8) * (byte & 7));
        }
        let dictionary = match descriptor & 3 {
            0 => 0,
            1 => 1,
            2 => 2,
            _ => 4,
        };
        let width = match descriptor >> 6 {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => 8,
        };
        let field = frame.get(5 + dictionary..5 + dictionary + width)?;
        Some(
            field
                .iter()
                .rev()
                .fold(0, |value, byte| (value << 8) | u64::from(*byte)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Codec; 5] = [
        Codec::None,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ];

    fn text(bytes: usize) -> Vec<u8> {
        b"some text that repeats, with a number "
            .iter()
            .copied()
            .cycle()
            .take(bytes)
            .collect()
    }

    #[test]
    fn what_was_compressed_comes_back() {
        for codec in ALL {
            for size in [0, 1, 100, 32 * 1024, 300_000] {
                let input = text(size);
                let folded = compress(codec, &input, -1).unwrap();
                assert_eq!(
                    decompress(codec, &folded).unwrap(),
                    input,
                    "{codec:?} {size}"
                );
            }
        }
    }

    #[test]
    fn nothing_unfolds_beyond_the_cap() {
        for codec in ALL {
            let folded = compress(codec, &text(300_000), 9).unwrap();
            let got = decompress_up_to(codec, &folded, 299_999);
            assert_eq!(got, Err(CodecError::TooLarge(299_999)), "{codec:?}");
            assert!(
                decompress_up_to(codec, &folded, 300_000).is_ok(),
                "{codec:?}"
            );
        }
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let mut folded = compress(codec, &text(50_000), -1).unwrap();
            folded.truncate(folded.len() / 2);
            assert!(
                matches!(decompress(codec, &folded), Err(CodecError::Damaged(_))),
                "{codec:?}"
            );
            assert!(matches!(
                decompress(codec, b"\x09garbage here"),
                Err(CodecError::Damaged(_))
            ));
        }
    }

    #[test]
    fn only_zstd_reads_nothing_from_nothing() {
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            assert_eq!(
                decompress(codec, b"").is_ok(),
                codec == Codec::Zstd,
                "{codec:?}"
            );
        }
    }

    #[test]
    fn announced_sizes_are_not_believed() {
        // A raw snappy block that claims 4 GiB, and a zstd frame that claims a window of 96 MiB.
        let snappy = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x01];
        assert!(matches!(
            decompress(Codec::Snappy, &snappy),
            Err(CodecError::Damaged(_))
        ));
        let zstd = [
            0x28,
            0xb5,
            0x2f,
            0xfd,
            0x00,
            (16 << 3) | 4,
            0x01,
            0x00,
            0x00,
        ];
        assert!(matches!(
            decompress(Codec::Zstd, &zstd),
            Err(CodecError::Damaged(_))
        ));
    }

    #[test]
    fn snappy_without_a_frame_is_read_too() {
        let raw = snap::raw::Encoder::new().compress_vec(&text(500)).unwrap();
        assert_eq!(decompress(Codec::Snappy, &raw).unwrap(), text(500));
    }

    #[test]
    fn frames_may_follow_each_other() {
        for codec in [Codec::Gzip, Codec::Zstd] {
            let mut folded = compress(codec, &text(100), -1).unwrap();
            folded.extend(compress(codec, &text(50), -1).unwrap());
            let mut both = text(100);
            both.extend(text(50));
            assert_eq!(decompress(codec, &folded).unwrap(), both, "{codec:?}");
        }
    }
}
