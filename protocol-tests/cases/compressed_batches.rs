//! Produce (key 0): compressed records, whole and damaged, as fixtures/codecs has them from Kafka's classes. These are a few of
//! them through the broker, which must say the same: in a topic that leaves batches as they are, and in one that does not.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::batch_validation::{configured, fetch, produce};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::records::{Batch, Codec};

/// What is sent of each codec: bases of the fixture, and lengths to which the first of them is cut.
const GZIP: (Codec, &[&str], &[usize]) = (
    Codec::Gzip,
    &[
        "small",
        "two members",
        "flags 4",
        "flags 224",
        "header's checksum",
        "an empty member between",
        "only an empty member",
        "no name's end",
    ],
    &[0, 5, 20, 60, 66],
);
const SNAPPY: (Codec, &[&str], &[usize]) = (
    Codec::Snappy,
    &[
        "small",
        "raw",
        "two streams",
        "versions 0 0",
        "versions 0 1 in the second",
        "another header behind",
        "only a header",
        "chunk of 2147483647",
        "chunk of -1",
        "pause at 17",
        "pause behind",
        "empty block",
        "raw length 16384",
    ],
    &[0, 3, 16, 19, 40],
);
const LZ4: (Codec, &[&str], &[usize]) = (
    Codec::Lz4,
    &[
        "small",
        "FLG 64",
        "FLG 97",
        "FLG 100",
        "FLG 104",
        "BD 79",
        "block checksums",
        "content checksum and size",
        "empty block behind",
        "empty block at 17",
        "block of 65537 BD 64",
        "match 0 4 8 20",
        "match 1 4 0 20",
        "two frames",
        "skippable in front",
    ],
    &[0, 6, 7, 30, 62, 64],
);
const ZSTD: (Codec, &[&str], &[usize]) = (
    Codec::Zstd,
    &[
        "small",
        "window 117",
        "window 136",
        "window 137",
        "window 144",
        "window 176",
        "window 144 with a size",
        "window 144 with a large size",
        "descriptor 4 dictionary 0",
        "descriptor 8 dictionary 0",
        "descriptor 3 dictionary 5",
        "size 52",
        "size 16385, empty block behind",
        "two frames",
        "skippable 7 in front",
        "skippable of 4294967295 behind",
        "only skippable",
        "nothing",
        "repeated 2000 window 0",
        "repeated 2000 window 0 sized",
    ],
    &[0, 4, 5, 30, 59],
);

pub(super) fn area() -> Area {
    Area::new("compressed_batches")
        .case("gzip", |cx| frames(cx, GZIP))
        .case("snappy", |cx| frames(cx, SNAPPY))
        .case("lz4", |cx| frames(cx, LZ4))
        .case("zstd", |cx| frames(cx, ZSTD))
        .cases(cases![compressed_again])
}

/// What stands in a batch, and how many records it announces.
struct Base {
    body: Vec<u8>,
    count: i64,
}

/// A base of the fixture.
fn base(codec: Codec, name: &str) -> Result<Base> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/codecs/frames.txt");
    let text = std::fs::read_to_string(path).context(path)?;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut words = line.splitn(4, ' ');
        let found = words.next() == Some("==") && words.next() == Some(codec.name());
        let count = words.next().and_then(|count| count.parse().ok());
        if let (true, Some(count), Some(said)) = (found, count, words.next())
            && said == name
        {
            let body = STANDARD_NO_PAD.decode(lines.next().unwrap_or_default())?;
            return Ok(Base { body, count });
        }
    }
    anyhow::bail!("no {} frame {name:?} in {path}", codec.name())
}

impl Base {
    fn batch(&self, codec: Codec) -> Batch {
        Batch {
            codec,
            body: Some(self.body.clone()),
            base_timestamp: 1_000_000,
            max_timestamp: Some(1_000_000),
            count: Some(self.count),
            last_offset_delta: Some(self.count - 1),
            ..Batch::of(&[])
        }
    }
}

fn frames(cx: &mut Context, (codec, names, cuts): (Codec, &[&str], &[usize])) -> Result<()> {
    let kept = configured(cx, "kept", &[])?;
    let unfolded = configured(cx, "unfolded", &[("compression.type", "uncompressed")])?;
    let mut sent = Vec::new();
    for name in names {
        sent.push((String::from(*name), base(codec, name)?));
    }
    let first = base(codec, names.first().copied().unwrap_or_default())?;
    for cut in cuts {
        let body = first.body.iter().copied().take(*cut).collect();
        let count = first.count;
        sent.push((format!("cut to {cut} bytes"), Base { body, count }));
    }
    for count in [first.count - 1, first.count + 1] {
        let body = first.body.clone();
        sent.push((format!("{count} records announced"), Base { body, count }));
    }
    for (what, base) in sent {
        cx.note(&what);
        for topic in [&kept, &unfolded] {
            produce(cx, 9, topic, base.batch(codec).json())?;
        }
    }
    fetch(cx, &unfolded)
}

/// The broker compresses for itself, from each codec to each.
fn compressed_again(cx: &mut Context) -> Result<()> {
    for target in ["gzip", "snappy", "lz4", "zstd"] {
        let topic = configured(cx, target, &[("compression.type", target)])?;
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            produce(cx, 9, &topic, base(codec, "small")?.batch(codec).json())?;
        }
        fetch(cx, &topic)?;
    }
    Ok(())
}
