//! Fetch (key 1): limits, offsets, epochs, topic ids, sessions.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("fetch")
        .cases_at(4..=18, cases![one_partition])
        .cases(cases![
            offsets,
            limits,
            unknown,
            leader_epochs,
            last_fetched_epoch,
            replica_id,
            isolation,
            duplicates,
            long_poll_error,
            zstd_topic,
        ])
}

pub(super) fn produce(
    cx: &mut Context,
    topic: &str,
    partition: i32,
    values: &[&str],
) -> Result<Value> {
    let partition = json!({"index": partition, "records": Batch::of(values).json()});
    let topic = json!({"name": topic, "partitionData": [partition]});
    cx.ask(
        "Produce",
        9,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
    )
}

pub(super) fn at(partition: i32, offset: i64) -> Value {
    json!({"partition": partition, "fetchOffset": offset, "partitionMaxBytes": 1_000_000, "currentLeaderEpoch": -1, "lastFetchedEpoch": -1})
}

fn one_partition(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    produce(cx, &a, 0, &["x"])?;
    for offset in [0, 1, 2] {
        cx.call("Fetch", version, json!({"maxWaitMs": 50, "minBytes": 1, "topics": [{"topic": a, "topicId": id, "partitions": [at(0, offset)]}]}))?;
    }
    Ok(())
}

fn offsets(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, 0, &["x", "y", "z"])?;
    produce(cx, &a, 0, &["w"])?;
    for offset in [-2, -1, 0, 1, 3, 4, 5] {
        cx.note(&format!("offset {offset}"));
        cx.call("Fetch", 12, json!({"maxWaitMs": 0, "minBytes": 1, "topics": [{"topic": a, "partitions": [at(0, offset)]}]}))?;
    }
    cx.ask("DeleteRecords", 2, json!({"topics": [{"name": a, "partitions": [{"partitionIndex": 0, "offset": 2}]}], "timeoutMs": 10000}))?;
    for offset in [0, 1, 2, 3] {
        cx.note(&format!("offset {offset} after deletion"));
        cx.call("Fetch", 12, json!({"maxWaitMs": 0, "minBytes": 1, "topics": [{"topic": a, "partitions": [at(0, offset)]}]}))?;
    }
    Ok(())
}

fn limits(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    for partition in 0..3 {
        produce(cx, &a, partition, &["first"])?;
        produce(cx, &a, partition, &["second"])?;
    }
    for (max, partition_max) in [
        (1_000_000, 1_000_000),
        (0, 1_000_000),
        (1_000_000, 0),
        (1, 1),
        (100, 1_000_000),
        (200, 1_000_000),
        (1_000_000, 100),
        (-1, 1000),
        (1000, -1),
    ] {
        cx.note(&format!("max bytes {max}, for a partition {partition_max}"));
        let of = |partition| json!({"partition": partition, "fetchOffset": 0, "partitionMaxBytes": partition_max});
        cx.call("Fetch", 12, json!({"maxWaitMs": 0, "minBytes": 1, "maxBytes": max, "topics": [{"topic": a, "partitions": [of(2), of(0), of(1)]}]}))?;
    }
    Ok(())
}

fn unknown(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let none = cx.topic("none");
    for version in [11, 12] {
        cx.call("Fetch", version, json!({"maxWaitMs": 30, "minBytes": 1, "topics": [{"topic": a, "partitions": [at(0, 0), at(7, 0), at(-1, 0)]}, {"topic": none, "partitions": [at(0, 0)]}]}))?;
    }
    for unknown in ["AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAABQ"] {
        cx.call("Fetch", 13, json!({"maxWaitMs": 30, "minBytes": 1, "topics": [{"topicId": id, "partitions": [at(0, 0)]}, {"topicId": unknown, "partitions": [at(0, 0)]}]}))?;
    }
    cx.call(
        "Fetch",
        12,
        json!({"maxWaitMs": 30, "minBytes": 1, "topics": []}),
    )?;
    cx.call(
        "Fetch",
        12,
        json!({"maxWaitMs": 30, "minBytes": 1, "sessionEpoch": 0, "topics": []}),
    )?;
    Ok(())
}

fn leader_epochs(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    produce(cx, &a, 0, &["x"])?;
    for version in [9, 12, 16] {
        for epoch in [-2, -1, 0, 1] {
            cx.note(&format!("current leader epoch {epoch}"));
            let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000, "currentLeaderEpoch": epoch, "lastFetchedEpoch": -1});
            cx.call("Fetch", version, json!({"maxWaitMs": 0, "minBytes": 1, "topics": [{"topic": a, "topicId": id, "partitions": [partition]}]}))?;
        }
    }
    Ok(())
}

fn last_fetched_epoch(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, 0, &["x", "y"])?;
    for (epoch, offset) in [(0, 0), (0, 2), (0, 3), (1, 0), (5, 2), (-2, 0)] {
        cx.note(&format!("last fetched epoch {epoch}, offset {offset}"));
        let partition = json!({"partition": 0, "fetchOffset": offset, "partitionMaxBytes": 1000, "currentLeaderEpoch": -1, "lastFetchedEpoch": epoch});
        cx.call("Fetch", 12, json!({"maxWaitMs": 0, "minBytes": 1, "topics": [{"topic": a, "partitions": [partition]}]}))?;
    }
    Ok(())
}

fn replica_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for replica in [-2, -1, 0, 1, 99] {
        cx.note(&format!("replica {replica}"));
        cx.call("Fetch", 12, json!({"replicaId": replica, "maxWaitMs": 0, "minBytes": 1, "topics": [{"topic": a, "partitions": [at(0, 0)]}]}))?;
    }
    Ok(())
}

fn isolation(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, 0, &["x"])?;
    for version in [4, 12] {
        for level in [0, 1, 2, -1] {
            cx.note(&format!("isolation {level}"));
            cx.call("Fetch", version, json!({"maxWaitMs": 0, "minBytes": 1, "isolationLevel": level, "topics": [{"topic": a, "partitions": [at(0, 0), at(5, 0)]}]}))?;
        }
    }
    Ok(())
}

fn duplicates(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    produce(cx, &a, 0, &["x"])?;
    cx.call("Fetch", 12, json!({"maxWaitMs": 0, "minBytes": 1, "topics": [{"topic": a, "partitions": [at(0, 0), at(1, 0), at(0, 1)]}, {"topic": a, "partitions": [at(0, 0)]}]}))?;
    cx.call("Fetch", 12, json!({"maxWaitMs": 0, "minBytes": 1, "sessionEpoch": 0, "topics": [{"topic": a, "partitions": [at(0, 0), at(1, 0), at(0, 1)]}]}))?;
    Ok(())
}

fn long_poll_error(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, 0, &["x"])?;
    cx.call("Fetch", 12, json!({"maxWaitMs": 60000, "minBytes": 1_000_000, "topics": [{"topic": a, "partitions": [at(0, 0), at(0, 7)]}]}))?;
    cx.call("Fetch", 12, json!({"maxWaitMs": 50, "minBytes": 1_000_000, "topics": [{"topic": a, "partitions": [at(0, 0)]}]}))?;
    cx.call("Fetch", 12, json!({"maxWaitMs": -5, "minBytes": 1_000_000, "topics": [{"topic": a, "partitions": [at(0, 0)]}]}))?;
    cx.call("Fetch", 12, json!({"maxWaitMs": 60000, "minBytes": 0, "topics": [{"topic": a, "partitions": [at(0, 1)]}]}))?;
    cx.call("Fetch", 12, json!({"maxWaitMs": 60000, "minBytes": -1, "topics": [{"topic": a, "partitions": [at(0, 1)]}]}))?;
    Ok(())
}

fn zstd_topic(cx: &mut Context) -> Result<()> {
    let name = cx.topic("a");
    let topic = json!({"name": name, "numPartitions": 1, "replicationFactor": 1, "configs": [{"name": "compression.type", "value": "zstd"}]});
    cx.ask(
        "CreateTopics",
        7,
        json!({"topics": [topic], "timeoutMs": 10000}),
    )?;
    cx.await_topic(&name, 1)?;
    produce(cx, &name, 0, &["x"])?;
    for version in [4, 9, 10] {
        cx.call("Fetch", version, json!({"maxWaitMs": 0, "minBytes": 1, "topics": [{"topic": name, "partitions": [at(0, 0)]}]}))?;
    }
    Ok(())
}
