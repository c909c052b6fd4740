//! Kafka's five codecs, in pure Rust, behind one cap on what a batch may unfold to.
//!
//! A batch is taken or refused as the four Java libraries take or refuse it that Kafka reads it with; each decoder
//! says at its head what those do. How Kafka reads them decides as well: see [`replay`].

mod gzip;
mod lz4;
mod lz4_block;
pub(crate) mod replay;
pub(crate) mod scratch;
mod snappy;
mod stream;
#[cfg(test)]
mod tests;
mod zstd;

use std::io::Write;

use self::stream::Stream;

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
    /// The codec of this number, if there is one.
    pub(crate) const fn from_id(id: i16) -> Option<Self> {
        match id {
            0 => Some(Self::None),
            1 => Some(Self::Gzip),
            2 => Some(Self::Snappy),
            3 => Some(Self::Lz4),
            4 => Some(Self::Zstd),
            _ => None,
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

    /// What Kafka calls it in settings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// How much Kafka unfolds at a time: the buffer of its `ChunkedBytesStream`.
    const fn chunk_bytes(self) -> usize {
        match self {
            Self::None | Self::Gzip | Self::Zstd => 16 * 1024,
            Self::Snappy | Self::Lz4 => 2 * 1024,
        }
    }
}

/// Why compressed bytes could not be unfolded, or bytes not be compressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodecError {
    #[error("the compressed records are damaged: {0}")]
    Damaged(String),
    /// A checksum that is not there. Java meets it with another exception than all other damage.
    #[error("the compressed records are damaged: a checksum is missing")]
    Underflow,
    #[error("the records unfold to more than {0} bytes")]
    TooLarge(usize),
}

fn damaged(error: impl std::fmt::Display) -> CodecError {
    CodecError::Damaged(error.to_string())
}

/// Bytes that were unfolded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfolding {
    /// All of them: it does not matter how they are read.
    Whole(Vec<u8>),
    /// There is something wrong in them. What Kafka makes of it depends on how far it reads.
    Uneven,
}

/// Unfolds `input`, giving up beyond [`UNFOLDED_BYTES_MAX`].
pub(crate) fn unfold(codec: Codec, input: &[u8]) -> Result<Unfolding, CodecError> {
    unfold_up_to(codec, input, UNFOLDED_BYTES_MAX)
}

fn unfold_up_to(codec: Codec, input: &[u8], cap: usize) -> Result<Unfolding, CodecError> {
    let mut bytes = Vec::new();
    let outcome = drain(codec, input, cap, &mut bytes);
    match outcome {
        Ok(true) => Ok(Unfolding::Whole(bytes)),
        Ok(false) | Err(CodecError::Damaged(_) | CodecError::Underflow) => Ok(Unfolding::Uneven),
        Err(error) => Err(error),
    }
}

/// Reads `input` to its end, as Java's `readAllBytes` does.
pub(crate) fn decompress(codec: Codec, input: &[u8]) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    drain(codec, input, UNFOLDED_BYTES_MAX, &mut bytes)?;
    // Whoever asks may keep it, and the buffer may be far larger.
    let exact = bytes.as_slice().to_vec();
    scratch::give_back(bytes);
    Ok(exact)
}

/// Reads up to where Java says that the stream has ended. Says whether it really has, without a pause.
fn drain(codec: Codec, input: &[u8], cap: usize, to: &mut Vec<u8>) -> Result<bool, CodecError> {
    if codec == Codec::None {
        if input.len() > cap {
            return Err(CodecError::TooLarge(cap));
        }
        to.extend_from_slice(input);
        return Ok(true);
    }
    let mut stream = open(codec, input, cap, false)?;
    let chunk = match codec {
        Codec::Gzip => usize::MAX,
        Codec::None | Codec::Snappy | Codec::Lz4 | Codec::Zstd => codec.chunk_bytes(),
    };
    let outcome = loop {
        match stream.read(chunk) {
            Ok(0) => break Ok(stream.is_over() && stream.is_steady()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    let unfolded = stream.unfolded();
    unfolded.bytes.truncate(unfolded.handed_out);
    *to = std::mem::take(&mut unfolded.bytes);
    outcome
}

/// A decoder; `step_by_step` is one that takes its input as Java does.
fn open(
    codec: Codec,
    input: &[u8],
    cap: usize,
    step_by_step: bool,
) -> Result<Box<dyn Stream + '_>, CodecError> {
    Ok(match codec {
        Codec::Gzip => Box::new(gzip::Gzip::open(input, cap, step_by_step)?),
        Codec::Snappy => Box::new(snappy::Snappy::open(input, cap)?),
        Codec::Lz4 => Box::new(lz4::Lz4::open(input, cap)?),
        Codec::Zstd => Box::new(zstd::Zstd::open(input, cap)),
        Codec::None => return Err(damaged("not compressed")),
    })
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
