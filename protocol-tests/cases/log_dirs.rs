//! DescribeLogDirs (key 35), v1–v5, and ListConfigResources (key 74), v0–v1.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::Area;
use crate::context::Context;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("log_dirs")
        .versions("of_a_topic", 1..=5, of_a_topic)
        .versions("of_all_topics", 1..=5, of_all_topics)
        .versions("of_no_topics", 1..=5, |cx, version| {
            describe(cx, version, &json!([]))
        })
        .versions("unknown_topic", 1..=5, unknown_topic)
        .case("unknown_partition", unknown_partition)
        .case("size_is_that_of_the_batches", size_is_that_of_the_batches)
        .versions("config_resources_without_types", 0..=1, |cx, version| {
            resources(cx, version, &json!([]))
        })
        .with("config_resources_of_type_2", 2, of_type)
        .with("config_resources_of_type_4", 4, of_type)
        .with("config_resources_of_type_8", 8, of_type)
        .with("config_resources_of_type_16", 16, of_type)
        .with("config_resources_of_type_32", 32, of_type)
        .with("config_resources_of_type_99", 99, of_type)
        .case("config_resources_of_two_types", |cx| {
            resources(cx, 1, &json!([8, 4]))
        })
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

/// What other cases made is left out.
fn resources(cx: &mut Context, version: i16, types: &Value) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let metrics = cx.topic("m");
    let configs = json!([{"name": "interval.ms", "configOperation": 0, "value": "60000"}]);
    let group =
        json!([{"name": "consumer.session.timeout.ms", "configOperation": 0, "value": "50000"}]);
    let rows = json!([
        {"resourceType": 16, "resourceName": metrics, "configs": configs},
        {"resourceType": 32, "resourceName": metrics, "configs": group},
    ]);
    cx.ask("IncrementalAlterConfigs", 1, json!({"resources": rows}))?;
    let row =
        json!({"resourceType": 16, "resourceName": metrics, "configurationKeys": ["interval.ms"]});
    cx.until("the subscription", |cx| {
        let answer = cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
        Ok(answer["results"][0]["configs"][0]["value"] == "60000")
    })?;
    let answer = cx.ask(
        "ListConfigResources",
        version,
        json!({"resourceTypes": types}),
    )?;
    cx.note(&format!("types {types}: error {}", answer["errorCode"]));
    let rows = answer["configResources"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut own: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["resourceName"].as_str().unwrap_or_default(),
                &row["resourceType"],
            )
        })
        .filter(|(name, _)| [a.as_str(), metrics.as_str(), "1", ""].contains(name))
        .map(|(name, kind)| format!("type {kind}, {name:?}"))
        .collect();
    own.sort();
    own.iter().for_each(|line| cx.note(line));
    for (kind, key) in [(16, "interval.ms"), (32, "consumer.session.timeout.ms")] {
        let configs = json!([{"name": key, "configOperation": 1}]);
        let rows = json!([{"resourceType": kind, "resourceName": metrics, "configs": configs}]);
        cx.ask("IncrementalAlterConfigs", 1, json!({"resources": rows}))?;
    }
    Ok(())
}

fn of_type(cx: &mut Context, kind: i8) -> Result<()> {
    resources(cx, 1, &json!([kind]))
}
