//! Produce (key 0): what a leader refuses in a batch, and in which order it looks.

use anyhow::Result;
use serde_json::{Value, json};

use super::batch_structure as structure;
use crate::case::{Area, cases};
use crate::clock;
use crate::context::Context;
use crate::records::{Batch, Codec, Record};

pub(super) fn area() -> Area {
    Area::new("batch_validation")
        .case("structure", structure::structure)
        .case("structure_old_version", structure::structure_old_version)
        .case("header", structure::header)
        .case("records", structure::records)
        .case("compressed_records", structure::compressed_records)
        .cases(cases![
            compacted_topic,
            timestamps,
            log_append_time,
            sizes,
            compression_type,
            acks,
            unknown_topics,
            duplicate_partitions,
            internal_topic,
            decompressed_size,
            acks_zero,
        ])
}

/// Produces to partition 0 of a topic.
pub(super) fn produce(
    cx: &mut Context,
    version: i16,
    topic: &str,
    records: Value,
) -> Result<Value> {
    let partition = json!({"index": 0, "records": records});
    let topic = json!({"name": topic, "partitionData": [partition]});
    cx.call(
        "Produce",
        version,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
    )
}

pub(super) fn configured(
    cx: &mut Context,
    short: &str,
    configs: &[(&str, &str)],
) -> Result<String> {
    let name = cx.topic(short);
    let configs: Vec<_> = configs
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let topic =
        json!({"name": name, "numPartitions": 1, "replicationFactor": 1, "configs": configs});
    cx.ask(
        "CreateTopics",
        7,
        json!({"topics": [topic], "timeoutMs": 10000}),
    )?;
    cx.await_topic(&name, 1)?;
    Ok(name)
}

pub(super) fn fetch(cx: &mut Context, topic: &str) -> Result<()> {
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1_000_000});
    cx.call("Fetch", 12, json!({"maxWaitMs": 500, "minBytes": 1, "topics": [{"topic": topic, "partitions": [partition]}]}))?;
    Ok(())
}

fn compacted_topic(cx: &mut Context) -> Result<()> {
    let a = configured(cx, "a", &[("cleanup.policy", "compact")])?;
    let null = Record::of("x");
    for records in [
        vec![null.clone()],
        vec![Record::keyed("k", "v"), null.clone(), null.clone()],
        vec![
            null.clone(),
            null.clone(),
            null.clone(),
            null.clone(),
            null.clone(),
        ],
        vec![Record::tombstone("k")],
        vec![null.clone().after(-20_000_000_000), null],
    ] {
        for version in [7, 9, 12] {
            produce(cx, version, &a, Batch::new(records.clone()).json())?;
        }
    }
    Ok(())
}

fn timestamps(cx: &mut Context) -> Result<()> {
    // They name the bounds, which move with the time.
    cx.labels.hidden.push("batchIndexErrorMessage");
    let a = configured(
        cx,
        "a",
        &[
            ("message.timestamp.before.max.ms", "100000000"),
            ("message.timestamp.after.max.ms", "100000000"),
        ],
    )?;
    let base = clock::base_millis();
    for version in [7, 8, 9] {
        for (what, batch) in [
            (
                "too old",
                Batch {
                    base_timestamp: 5,
                    ..Batch::of(&["x", "y"])
                },
            ),
            (
                "too new",
                Batch {
                    base_timestamp: base + 200_000_000,
                    ..Batch::of(&["x"])
                },
            ),
            (
                "none",
                Batch {
                    base_timestamp: -1,
                    ..Batch::of(&["x"])
                },
            ),
            (
                "negative",
                Batch {
                    base_timestamp: -2,
                    ..Batch::of(&["x"])
                },
            ),
            (
                "log append bit",
                Batch {
                    attributes: 8,
                    ..Batch::of(&["x"])
                },
            ),
            (
                "log append bit and no timestamp",
                Batch {
                    attributes: 8,
                    base_timestamp: -1,
                    ..Batch::of(&["x"])
                },
            ),
        ] {
            cx.note(what);
            produce(cx, version, &a, batch.json())?;
        }
    }
    fetch(cx, &a)
}

fn log_append_time(cx: &mut Context) -> Result<()> {
    let a = configured(cx, "a", &[("message.timestamp.type", "LogAppendTime")])?;
    for (what, batch) in [
        (
            "old",
            Batch {
                base_timestamp: 5,
                ..Batch::of(&["x", "y"])
            },
        ),
        (
            "gzip",
            Batch {
                codec: Codec::Gzip,
                ..Batch::of(&["x"])
            },
        ),
        (
            "log append bit",
            Batch {
                attributes: 8,
                ..Batch::of(&["x", "y"])
            },
        ),
        (
            "log append bit, gzip",
            Batch {
                attributes: 8,
                codec: Codec::Gzip,
                ..Batch::of(&["x", "y"])
            },
        ),
    ] {
        cx.note(what);
        produce(cx, 9, &a, batch.json())?;
    }
    fetch(cx, &a)
}

fn sizes(cx: &mut Context) -> Result<()> {
    let a = configured(cx, "a", &[("max.message.bytes", "100")])?;
    for (what, batch) in [
        ("fits", Batch::of(&["x"])),
        ("100", Batch::of(&["12345678901234567890123456789012"])),
        ("101", Batch::of(&["123456789012345678901234567890123"])),
        (
            "too large and wrong crc",
            Batch {
                crc: Some(1),
                ..Batch::of(&["123456789012345678901234567890123"; 3])
            },
        ),
        (
            "too large and base offset",
            Batch {
                base_offset: 1,
                ..Batch::of(&["123456789012345678901234567890123"; 3])
            },
        ),
    ] {
        cx.note(what);
        produce(cx, 9, &a, batch.json())?;
    }
    Ok(())
}

fn compression_type(cx: &mut Context) -> Result<()> {
    for target in ["uncompressed", "gzip", "snappy", "lz4", "zstd"] {
        let a = configured(cx, target, &[("compression.type", target)])?;
        for codec in [Codec::None, Codec::Gzip] {
            let records = vec![Record::keyed("k", "v"), Record::of("w").after(-5)];
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
        fetch(cx, &a)?;
    }
    Ok(())
}

fn acks(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for acks in [2, -2, 1, -1] {
        let partition = json!({"index": 0, "records": Batch::of(&["x"]).json()});
        let topic = json!({"name": a, "partitionData": [partition]});
        cx.call(
            "Produce",
            9,
            json!({"acks": acks, "timeoutMs": 10000, "topicData": [topic]}),
        )?;
    }
    Ok(())
}

fn unknown_topics(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for version in [9, 10, 12] {
        let good = json!({"index": 0, "records": Batch::of(&["x"]).json()});
        let beyond = json!({"index": 1, "records": Batch::of(&["x"]).json()});
        let none = cx.topic("none");
        let topics = json!([{"name": a, "partitionData": [good, beyond]}, {"name": none, "partitionData": [good]}]);
        cx.call(
            "Produce",
            version,
            json!({"acks": -1, "timeoutMs": 10000, "topicData": topics}),
        )?;
        let topics = json!([{"name": "", "partitionData": [good]}]);
        cx.call(
            "Produce",
            version,
            json!({"acks": -1, "timeoutMs": 10000, "topicData": topics}),
        )?;
    }
    let good = json!({"index": 0, "records": Batch::of(&["x"]).json()});
    let topics = json!([{"topicId": "AAAAAAAAAAAAAAAAAAAAAA", "partitionData": [good]}]);
    cx.call(
        "Produce",
        13,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": topics}),
    )?;
    let topics = json!([{"topicId": "AAAAAAAAAAAAAAAAAAAABQ", "partitionData": [good]}]);
    cx.call(
        "Produce",
        13,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": topics}),
    )?;
    cx.call(
        "Produce",
        13,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": []}),
    )?;
    cx.call(
        "Produce",
        9,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": [{"name": a, "partitionData": []}]}),
    )?;
    Ok(())
}

fn duplicate_partitions(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let x = json!({"index": 0, "records": Batch::of(&["x"]).json()});
    let y = json!({"index": 0, "records": Batch::of(&["y"]).json()});
    let topics = json!([{"name": a, "partitionData": [x, y]}]);
    cx.call(
        "Produce",
        9,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": topics}),
    )?;
    let topics = json!([{"name": a, "partitionData": [x]}, {"name": a, "partitionData": [y]}]);
    cx.call(
        "Produce",
        9,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": topics}),
    )?;
    fetch(cx, &a)
}

fn internal_topic(cx: &mut Context) -> Result<()> {
    cx.ask(
        "FindCoordinator",
        4,
        json!({"keyType": 0, "coordinatorKeys": ["g"]}),
    )?;
    cx.await_topic("__consumer_offsets", 50)?;
    produce(cx, 9, "__consumer_offsets", Batch::of(&["x"]).json())?;
    Ok(())
}

fn decompressed_size(cx: &mut Context) -> Result<()> {
    let a = configured(cx, "a", &[("max.decompressed.message.bytes", "100")])?;
    let long = "x".repeat(150);
    for codec in [Codec::None, Codec::Gzip, Codec::Zstd] {
        for values in [vec!["x"; 30], vec!["x", &long], vec![&long]] {
            cx.note(&format!("{}, {} records", codec.name(), values.len()));
            produce(
                cx,
                9,
                &a,
                Batch {
                    codec,
                    ..Batch::of(&values)
                }
                .json(),
            )?;
        }
    }
    for length in [80, 85, 90, 93, 94, 95, 96, 97, 98, 99, 100] {
        cx.note(&format!("{length}"));
        produce(
            cx,
            9,
            &a,
            Batch {
                codec: Codec::Gzip,
                ..Batch::of(&[&"x".repeat(length)])
            }
            .json(),
        )?;
    }
    let target = configured(
        cx,
        "target",
        &[
            ("max.decompressed.message.bytes", "100"),
            ("compression.type", "lz4"),
        ],
    )?;
    for codec in [Codec::None, Codec::Gzip, Codec::Lz4] {
        produce(
            cx,
            9,
            &target,
            Batch {
                codec,
                ..Batch::of(&["x", &long])
            }
            .json(),
        )?;
    }
    Ok(())
}

fn acks_zero(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for (what, index) in [("acks 0", 0), ("acks 0, unknown partition", 7)] {
        let partition = json!({"index": index, "records": Batch::of(&["x"]).json()});
        let topic = json!({"name": a, "partitionData": [partition]});
        let frame = cx.frame(
            "Produce",
            9,
            &json!({"acks": 0, "timeoutMs": 10000, "topicData": [topic]}),
        )?;
        cx.send_frame(Context::A, &format!("Produce v9, {what}"), &frame)?;
        if index == 0 {
            cx.call("ListOffsets", 1, json!({"replicaId": -1, "topics": []}))?;
        }
    }
    cx.expect_closed(Context::A)?;
    fetch(cx, &a)
}
