//! ElectLeaders (key 43), v0–v2.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("elect_leaders")
        .cases_at(0..=2, cases![not_needed, unknown_topic, unknown_partition])
        .cases_at(1..=2, cases![unclean_not_needed, unknown_type])
        .versions("no_topics", 0..=2, |cx, version| {
            elect(cx, version, 0, json!([]))
        })
        .cases_at(0..=2, cases![all_topics])
        .cases(cases![several_partitions, partition_twice, no_time])
        .cases_on(Profile::Three, cases![preferred])
        .cases_on(Profile::Three, cases![preferred_for_all_topics])
        .alone()
}

fn elect(cx: &mut Context, version: i16, kind: i8, topics: Value) -> Result<()> {
    cx.call(
        "ElectLeaders",
        version,
        json!({"electionType": kind, "topicPartitions": topics, "timeoutMs": 10000}),
    )?;
    Ok(())
}

fn not_needed(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    elect(cx, version, 0, json!([{"topic": a, "partitions": [0]}]))
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    elect(cx, version, 0, json!([{"topic": a, "partitions": [0]}]))
}

fn unknown_partition(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    elect(cx, version, 0, json!([{"topic": a, "partitions": [5, -1]}]))
}

fn unclean_not_needed(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    elect(cx, version, 1, json!([{"topic": a, "partitions": [0]}]))
}

fn unknown_type(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for kind in [2, -1] {
        elect(cx, version, kind, json!([{"topic": a, "partitions": [0]}]))?;
    }
    Ok(())
}

fn all_topics(cx: &mut Context, version: i16) -> Result<()> {
    cx.create_topic("a", 2)?;
    cx.labels.own_topics_only = true;
    elect(cx, version, 0, Value::Null)
}

fn several_partitions(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    let b = cx.topic("b");
    elect(
        cx,
        2,
        0,
        json!([{"topic": a, "partitions": [2, 0]}, {"topic": b, "partitions": [0]}]),
    )
}

fn partition_twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    elect(cx, 2, 0, json!([{"topic": a, "partitions": [0, 0]}]))
}

fn no_time(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let topics = json!([{"topic": a, "partitions": [0]}]);
    cx.call(
        "ElectLeaders",
        2,
        json!({"electionType": 0, "topicPartitions": topics, "timeoutMs": 0}),
    )?;
    Ok(())
}

/// A topic led by its second replica: the order of its replicas was changed after node 2 became the leader.
fn led_by_the_second(cx: &mut Context, short: &str) -> Result<String> {
    let a = cx.create_topic_on(short, &[&[2, 1]])?;
    let ids = json!([cx.node(1)?, cx.node(2)?]);
    let partitions = json!([{"partitionIndex": 0, "replicas": ids}]);
    cx.ask(
        "AlterPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": [{"name": a, "partitions": partitions}]}),
    )?;
    let body = json!({"topics": [{"name": a}]});
    cx.until("the new order", |cx| {
        Ok(
            cx.call("Metadata", 9, body.clone())?["topics"][0]["partitions"][0]["replicaNodes"]
                == ids,
        )
    })?;
    cx.note("its replicas are now [1, 2]");
    Ok(a)
}

fn preferred(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("controllerId");
    let a = led_by_the_second(cx, "a")?;
    let body = json!({"topics": [{"name": a}]});
    cx.call("Metadata", 9, body.clone())?;
    elect(cx, 2, 0, json!([{"topic": a, "partitions": [0]}]))?;
    let first = cx.node(1)?;
    cx.until("the preferred leader", |cx| {
        Ok(
            cx.call("Metadata", 9, body.clone())?["topics"][0]["partitions"][0]["leaderId"]
                == first,
        )
    })?;
    cx.call("Metadata", 9, body)?;
    elect(cx, 2, 0, json!([{"topic": a, "partitions": [0]}]))
}

/// Only partitions that another leader was elected for are answered.
fn preferred_for_all_topics(cx: &mut Context) -> Result<()> {
    led_by_the_second(cx, "a")?;
    let b = cx.create_topic_on("b", &[&[1, 2]])?;
    drop(b);
    cx.labels.own_topics_only = true;
    elect(cx, 2, 0, Value::Null)
}
