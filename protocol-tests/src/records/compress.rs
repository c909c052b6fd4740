//! The codecs of record batches, in the frames that Kafka's clients write.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, Result, bail};

use crate::codec::bytes::Reader;

/// How a batch's records are compressed: the lowest three attribute bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the codecs' names")]
pub enum Codec {
    None = 0,
    Gzip = 1,
    Snappy = 2,
    Lz4 = 3,
    Zstd = 4,
}

impl Codec {
    /// Every codec, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The name in Kafka's configs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The codec that attribute bits name.
    #[must_use]
    pub fn of(attributes: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|codec| *codec as i64 == attributes & 7)
    }

    /// Compresses the records of a batch.
    ///
    /// # Errors
    /// When the compressor fails.
    pub fn compress(self, plain: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::None => Ok(plain.to_vec()),
            Self::Gzip => {
                let mut encoder =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(plain)?;
                Ok(encoder.finish()?)
            }
            Self::Snappy => {
                let block = snap::raw::Encoder::new().compress_vec(plain)?;
                let mut framed = XERIAL.to_vec();
                framed.extend(u32::try_from(block.len())?.to_be_bytes());
                framed.extend(block);
                Ok(framed)
            }
            Self::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(plain)?;
                encoder.finish().context("lz4")
            }
            Self::Zstd => Ok(ruzstd::encoding::compress_to_vec(
                plain,
                ruzstd::encoding::CompressionLevel::Fastest,
            )),
        }
    }

    /// Takes the records of a batch out of their frame.
    ///
    /// # Errors
    /// When the frame is damaged.
    pub fn decompress(self, packed: &[u8]) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        match self {
            Self::None => plain.extend(packed),
            Self::Gzip => drop(flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut plain)?),
            Self::Snappy => return unsnap(packed),
            Self::Lz4 => drop(lz4_flex::frame::FrameDecoder::new(packed).read_to_end(&mut plain)?),
            Self::Zstd => {
                let Ok(mut decoder) = ruzstd::decoding::StreamingDecoder::new(packed) else {
                    bail!("no zstd frame");
                };
                decoder.read_to_end(&mut plain)?;
            }
        }
        Ok(plain)
    }
}

/// What snappy-java's stream starts with: magic, version 1, compatible with version 1.
const XERIAL: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";

fn unsnap(packed: &[u8]) -> Result<Vec<u8>> {
    let Some(blocks) = packed.strip_prefix(&XERIAL) else {
        return Ok(snap::raw::Decoder::new().decompress_vec(packed)?);
    };
    let (mut blocks, mut plain) = (Reader(blocks), Vec::new());
    while !blocks.0.is_empty() {
        let length = usize::try_from(blocks.int(4)?)?;
        plain.extend(snap::raw::Decoder::new().decompress_vec(blocks.take(length)?)?);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_round_trip() {
        let plain = b"an ordinary line, an ordinary line".repeat(100);
        for codec in Codec::ALL {
            let packed = codec.compress(&plain).unwrap();
            assert_eq!(codec.decompress(&packed).unwrap(), plain, "{codec:?}");
        }
    }
}
