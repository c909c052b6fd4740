//! Batches with something wrong in their structure; the cases belong to `batch_validation`.

use anyhow::Result;

use super::batch_validation::{fetch, produce};
use crate::context::Context;
use crate::records::{Batch, Codec, Record};

/// What is wrong, and how it is brought about.
type Edit = (&'static str, Change);

type Change = fn(&mut Batch);

const STRUCTURE: [Edit; 19] = [
    ("two batches", |b| b.trailer = b.bytes()),
    ("trailing garbage", |b| b.trailer = vec![1; 5]),
    ("trailing garbage, long", |b| b.trailer = vec![1; 80]),
    ("magic 0", |b| b.magic = 0),
    ("magic 1", |b| b.magic = 1),
    ("magic 3", |b| b.magic = 3),
    ("magic -1", |b| b.magic = -1),
    ("length 9", |b| b.length = Some(9)),
    ("length 14", |b| b.length = Some(14)),
    ("length 30", |b| b.length = Some(30)),
    ("length -1", |b| b.length = Some(-1)),
    ("length 1000", |b| b.length = Some(1000)),
    ("wrong crc", |b| b.crc = Some(1)),
    ("base offset", |b| b.base_offset = 77),
    ("base offset and crc", |b| {
        (b.base_offset, b.crc) = (77, Some(1))
    }),
    ("codec 5", |b| b.attributes = 5),
    ("codec 7", |b| b.attributes = 7),
    ("unknown attribute bits", |b| b.attributes = 0x7f80),
    ("delete horizon", |b| b.attributes = 0x40),
];

const HEADER: [Edit; 12] = [
    ("count 1", |b| b.count = Some(1)),
    ("count 3", |b| b.count = Some(3)),
    ("count 3 and delta 2", |b| {
        (b.count, b.last_offset_delta) = (Some(3), Some(2))
    }),
    ("count 1 and delta 0", |b| {
        (b.count, b.last_offset_delta) = (Some(1), Some(0))
    }),
    ("count 0", |b| {
        (b.count, b.last_offset_delta) = (Some(0), Some(-1))
    }),
    ("count -1", |b| b.count = Some(-1)),
    ("huge count", |b| {
        (b.count, b.last_offset_delta) = (Some(i64::from(i32::MAX)), Some(i64::from(i32::MAX) - 1));
    }),
    ("delta 7", |b| b.last_offset_delta = Some(7)),
    ("control", |b| b.attributes = 0x20),
    ("producer without sequence", |b| {
        (b.producer_id, b.producer_epoch, b.base_sequence) = (5, 0, -1);
    }),
    ("sequence without producer", |b| b.base_sequence = 7),
    ("wrong max timestamp", |b| b.max_timestamp = Some(5)),
];

fn each(cx: &mut Context, topic: &str, good: &Batch, edits: &[Edit]) -> Result<()> {
    for (what, edit) in edits {
        let mut batch = good.clone();
        edit(&mut batch);
        cx.note(what);
        produce(cx, 9, topic, batch.json())?;
    }
    Ok(())
}

pub(super) fn structure(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    each(cx, &a, &Batch::of(&["x"]), &STRUCTURE)
}

pub(super) fn structure_old_version(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let edits: [(&str, i16, Change); 4] = [
        ("zstd in v6", 6, |b| b.codec = Codec::Zstd),
        ("zstd in v7", 7, |b| b.codec = Codec::Zstd),
        ("codec 7 in v6", 6, |b| b.attributes = 7),
        ("magic 1 in v3", 3, |b| b.magic = 1),
    ];
    for (what, version, edit) in edits {
        let mut batch = Batch::of(&["x"]);
        edit(&mut batch);
        cx.note(what);
        produce(cx, version, &a, batch.json())?;
    }
    Ok(())
}

pub(super) fn header(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for codec in [Codec::None, Codec::Gzip] {
        let good = Batch {
            codec,
            ..Batch::of(&["x", "y"])
        };
        each(cx, &a, &good, &HEADER)?;
    }
    fetch(cx, &a)
}

fn record_variants() -> Vec<(&'static str, Vec<Record>)> {
    let good = Record::keyed("k", "v");
    vec![
        (
            "length too long",
            vec![Record {
                length: Some(100),
                ..good.clone()
            }],
        ),
        (
            "length too short",
            vec![Record {
                length: Some(3),
                ..good.clone()
            }],
        ),
        (
            "length negative",
            vec![Record {
                length: Some(-1),
                ..good.clone()
            }],
        ),
        (
            "offset delta 5",
            vec![Record {
                offset_delta: Some(5),
                ..good.clone()
            }],
        ),
        (
            "attributes",
            vec![Record {
                attributes: 7,
                ..good
            }],
        ),
    ]
}

pub(super) fn records(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for (what, records) in record_variants() {
        cx.note(what);
        produce(cx, 9, &a, Batch::new(records).json())?;
    }
    for (what, body) in [
        ("no body", vec![]),
        ("garbage", vec![0xff; 20]),
        (
            "good and five bytes",
            [12, 0, 0, 0, 1, 1, 0]
                .iter()
                .chain(&[0; 5])
                .copied()
                .collect(),
        ),
        ("header count negative", vec![12, 0, 0, 0, 1, 1, 1]),
        ("header count too large", vec![12, 0, 0, 0, 1, 1, 40]),
        ("header with null key", vec![16, 0, 0, 0, 1, 1, 2, 1, 1]),
    ] {
        cx.note(what);
        let batch = Batch {
            body: Some(body),
            count: Some(1),
            last_offset_delta: Some(0),
            ..Batch::of(&["x"])
        };
        produce(cx, 9, &a, batch.json())?;
    }
    fetch(cx, &a)
}

pub(super) fn compressed_records(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        for (what, records) in record_variants() {
            cx.note(&format!("{}, {what}", codec.name()));
            produce(
                cx,
                9,
                &a,
                Batch {
                    codec,
                    ..Batch::new(records)
                }
                .json(),
            )?;
        }
        for (what, body) in [("no body", vec![]), ("garbage", vec![0x55; 40])] {
            cx.note(&format!("{}, {what}", codec.name()));
            let batch = Batch {
                codec,
                body: Some(body),
                ..Batch::of(&["x"])
            };
            produce(cx, 9, &a, batch.json())?;
        }
    }
    fetch(cx, &a)
}
