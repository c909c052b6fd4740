//! Produce (key 0), v3–v13: validation of batches and the answers' fields.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::records::{Batch, Record};

pub(super) fn area() -> Area {
    Area::new("produce")
        .cases_at(3..=13, cases![one_batch])
        .cases(cases![wrong_crc])
}

fn one_batch(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let batch = Batch::new(vec![Record::keyed("k", "v"), Record::of("w").after(5)]);
    let partition = json!({"index": 0, "records": batch.json()});
    let topic = json!({"name": a, "topicId": id, "partitionData": [partition]});
    cx.call(
        "Produce",
        version,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
    )?;
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1_000_000});
    cx.call("Fetch", 12, json!({"maxWaitMs": 500, "minBytes": 1, "topics": [{"topic": a, "partitions": [partition]}]}))?;
    Ok(())
}

fn wrong_crc(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let batch = Batch {
        crc: Some(1),
        ..Batch::of(&["x"])
    };
    let partition = json!({"index": 0, "records": batch.json()});
    let topic = json!({"name": a, "partitionData": [partition]});
    cx.call(
        "Produce",
        9,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
    )?;
    Ok(())
}
