//! CreateTopics: what each config of a topic may be.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

pub(super) fn area() -> Area {
    VALUES
        .iter()
        .fold(Area::new("create_topics_configs"), |area, (key, _)| {
            area.each("value_of", [*key], values_of)
        })
        .case("unknown_config", |cx| {
            configs(cx, json!([{"name": "no.such.config", "value": "1"}]))
        })
        .case("broker_config", |cx| {
            configs(cx, json!([{"name": "log.retention.ms", "value": "1"}]))
        })
        .case("empty_name", |cx| {
            configs(cx, json!([{"name": "", "value": "1"}]))
        })
        .case("null_value", |cx| {
            configs(cx, json!([{"name": "retention.ms", "value": null}]))
        })
        .case("null_value_of_an_unknown_config", |cx| {
            configs(cx, json!([{"name": "no.such.config", "value": null}]))
        })
        .cases(cases![
            repeated_config,
            two_wrong_configs,
            settings_that_contradict
        ])
}

/// Values to try; most of them wrong.
const VALUES: &[(&str, &[&str])] = &[
    (
        "cleanup.policy",
        &[
            "delete",
            "compact",
            "compact,delete",
            "delete, compact",
            "",
            "keep",
            "Delete",
            "delete,delete",
            "compact,keep",
        ],
    ),
    (
        "compression.type",
        &[
            "producer",
            "uncompressed",
            "none",
            "gzip",
            "snappy",
            "lz4",
            "zstd",
            "GZIP",
            "",
            "brotli",
        ],
    ),
    ("compression.gzip.level", &["-1", "1", "9", "0", "10", "x"]),
    ("compression.lz4.level", &["1", "17", "0", "18"]),
    (
        "compression.zstd.level",
        &["-131072", "22", "23", "-131073", "0"],
    ),
    (
        "delete.retention.ms",
        &["0", "-1", "9223372036854775807", "9223372036854775808"],
    ),
    ("file.delete.delay.ms", &["0", "-1"]),
    ("flush.messages", &["1", "0"]),
    ("flush.ms", &["0", "-1"]),
    (
        "follower.replication.throttled.replicas",
        &["*", "0:1", "0:1,1:1", "x", ""],
    ),
    ("index.interval.bytes", &["0", "-1"]),
    ("leader.replication.throttled.replicas", &["*", "0:x"]),
    ("local.retention.bytes", &["-2", "-1", "-3", "5"]),
    ("local.retention.ms", &["-2", "-1", "-3", "5"]),
    ("max.compaction.lag.ms", &["1", "0"]),
    (
        "max.message.bytes",
        &[
            "0",
            "-1",
            "2147483647",
            "2147483648",
            "1e3",
            " 5 ",
            "5k",
            "",
            "0x10",
            "1.5",
        ],
    ),
    ("message.timestamp.after.max.ms", &["0", "-1"]),
    ("message.timestamp.before.max.ms", &["0", "-1"]),
    (
        "message.timestamp.type",
        &["CreateTime", "LogAppendTime", "createtime", ""],
    ),
    ("message.timestamp.difference.max.ms", &["1"]),
    ("message.format.version", &["3.0"]),
    ("message.downconversion.enable", &["true"]),
    (
        "min.cleanable.dirty.ratio",
        &["0", "1", "0.5", "1.1", "-0.1", "x"],
    ),
    ("min.compaction.lag.ms", &["0", "-1"]),
    ("min.insync.replicas", &["1", "5", "0", "-1"]),
    ("preallocate", &["true", "false", "TRUE", "yes", "", "1"]),
    ("remote.storage.enable", &["false", "true"]),
    ("remote.log.copy.disable", &["true"]),
    ("remote.log.delete.on.disable", &["true"]),
    ("retention.bytes", &["-1", "-2", "0", "5"]),
    ("retention.ms", &["-1", "-2", "0", "5"]),
    ("segment.bytes", &["1048576", "1048575", "14", "2147483647"]),
    ("segment.index.bytes", &["4", "3"]),
    ("segment.jitter.ms", &["0", "-1"]),
    ("segment.ms", &["1", "0"]),
    ("unclean.leader.election.enable", &["true", "maybe"]),
];

fn configs(cx: &mut Context, configs: Value) -> Result<()> {
    let a = cx.topic("a");
    cx.labels.hidden.push("numPartitions");
    let topic = json!({"name": a, "numPartitions": 1, "replicationFactor": 1, "configs": configs});
    cx.call(
        "CreateTopics",
        4,
        json!({"topics": [topic], "validateOnly": true}),
    )?;
    Ok(())
}

fn values_of(cx: &mut Context, key: &'static str) -> Result<()> {
    let values = VALUES
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, values)| *values)
        .unwrap_or_default();
    let a = cx.topic("a");
    for value in values {
        let topic = json!({"name": a, "numPartitions": 1, "replicationFactor": 1, "configs": [{"name": key, "value": value}]});
        let answer = cx.ask(
            "CreateTopics",
            4,
            json!({"topics": [topic], "validateOnly": true}),
        )?;
        let topic = &answer["topics"][0];
        cx.note(&format!(
            "{value:?}: {} {}",
            topic["errorCode"], topic["errorMessage"]
        ));
    }
    Ok(())
}

fn repeated_config(cx: &mut Context) -> Result<()> {
    configs(
        cx,
        json!([{"name": "retention.ms", "value": "1"}, {"name": "retention.ms", "value": "2"}]),
    )
}

fn two_wrong_configs(cx: &mut Context) -> Result<()> {
    configs(
        cx,
        json!([{"name": "retention.ms", "value": "x"}, {"name": "flush.ms", "value": "y"}]),
    )
}

fn settings_that_contradict(cx: &mut Context) -> Result<()> {
    configs(
        cx,
        json!([{"name": "min.compaction.lag.ms", "value": "10"}, {"name": "max.compaction.lag.ms", "value": "5"}]),
    )?;
    configs(
        cx,
        json!([{"name": "local.retention.ms", "value": "10"}, {"name": "retention.ms", "value": "5"}]),
    )?;
    configs(
        cx,
        json!([{"name": "local.retention.bytes", "value": "10"}, {"name": "retention.bytes", "value": "5"}]),
    )?;
    configs(
        cx,
        json!([{"name": "remote.storage.enable", "value": "true"}, {"name": "cleanup.policy", "value": "compact"}]),
    )
}
