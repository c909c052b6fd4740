//! DescribeLogDirs (key 35), v1–v5.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("log_dirs")
        .cases_at(1..=5, cases![of_a_topic, of_all_topics])
        .versions("of_no_topics", 1..=5, |cx, version| {
            describe(cx, version, &json!([]))
        })
        .cases_at(1..=5, cases![unknown_topic])
        .cases(cases![unknown_partition, size_is_that_of_the_batches])
}

fn describe(cx: &mut Context, version: i16, topics: &Value) -> Result<()> {
    cx.labels.own_topics_only = true;
    cx.call("DescribeLogDirs", version, json!({"topics": topics}))?;
    Ok(())
}

fn of_a_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    describe(cx, version, &json!([{"topic": a, "partitions": [0, 1]}]))
}

fn of_all_topics(cx: &mut Context, version: i16) -> Result<()> {
    cx.create_topic("a", 1)?;
    cx.create_topic("b", 2)?;
    describe(cx, version, &Value::Null)
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    describe(cx, version, &json!([{"topic": a, "partitions": [0]}]))
}

fn unknown_partition(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    describe(cx, 4, &json!([{"topic": a, "partitions": [0, 7]}]))
}

fn size_is_that_of_the_batches(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let mut size = 0;
    for values in [&["one"][..], &["two", "three"]] {
        let batch = Batch::of(values);
        size += batch.bytes().len();
        let partition = json!({"index": 0, "records": batch.json()});
        let topic = json!({"name": a, "partitionData": [partition]});
        cx.ask(
            "Produce",
            9,
            json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
        )?;
    }
    cx.note(&format!("two batches of {size} bytes in all"));
    describe(cx, 4, &json!([{"topic": a, "partitions": [0]}]))
}
