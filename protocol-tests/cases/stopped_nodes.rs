//! A node that is stopped and started again: who leads, who is in sync, who may still lead (KIP-966).

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("stopped_nodes")
        .on(Profile::Stopping)
        .cases(cases![metadata])
        .alone()
        .cases(cases![records])
        .alone()
        .cases(cases![new_topics])
        .alone()
        .cases(cases![elections])
        .alone()
}

/// Topics that the third node leads, follows and has alone.
pub(super) fn topics(cx: &mut Context) -> Result<Vec<String>> {
    // Any node may be told to be the controller.
    cx.labels.hidden.push("controllerId");
    Ok(vec![
        cx.create_topic_on("a", &[&[3, 1, 2]])?,
        cx.create_topic_on("b", &[&[1, 3]])?,
        cx.create_topic_on("c", &[&[3]])?,
    ])
}

/// Waits until the third node is in no in-sync set, or in all of them.
pub(super) fn await_isr(cx: &mut Context, topics: &[String], inside: bool) -> Result<()> {
    let wanted: Vec<Value> = topics.iter().map(|name| json!({"name": name})).collect();
    cx.until("in-sync replicas", |cx| {
        let answer = cx.call("Metadata", 9, json!({"topics": wanted}))?;
        let rows = answer["topics"].as_array().into_iter().flatten();
        let mut partitions =
            rows.flat_map(|row| row["partitions"].as_array().into_iter().flatten());
        let has = |row: &Value| {
            let isr = row["isrNodes"].as_array();
            isr.is_some_and(|nodes| nodes.iter().any(|node| *node == 3))
        };
        Ok(partitions.all(|row| has(row) == inside))
    })
}

fn describe(cx: &mut Context, topics: &[String]) -> Result<()> {
    let named: Vec<Value> = topics.iter().map(|name| json!({"name": name})).collect();
    for version in [0, 4, 9] {
        cx.call("Metadata", version, json!({"topics": named}))?;
    }
    cx.call(
        "DescribeTopicPartitions",
        0,
        json!({"topics": named, "responsePartitionLimit": 100}),
    )?;
    Ok(())
}

fn metadata(cx: &mut Context) -> Result<()> {
    let topics = topics(cx)?;
    cx.stop_node(3)?;
    await_isr(cx, &topics, false)?;
    describe(cx, &topics)?;
    for fenced in [false, true] {
        cx.call(
            "DescribeCluster",
            2,
            json!({"endpointType": 1, "includeFencedBrokers": fenced}),
        )?;
    }
    cx.start_node(3)?;
    await_isr(cx, &topics, true)?;
    describe(cx, &topics)
}

fn produce(topic: &str, acks: i8) -> Value {
    let partition = json!({"index": 0, "records": Batch::of(&["x"]).json()});
    json!({"acks": acks, "timeoutMs": 5000, "topicData": [{"name": topic, "partitionData": [partition]}]})
}

fn records(cx: &mut Context) -> Result<()> {
    let topics = topics(cx)?;
    let (b, c) = (&topics[1], &topics[2]);
    let two = json!({"resources": [{"resourceType": 2, "resourceName": b, "configs": [
        {"name": "min.insync.replicas", "configOperation": 0, "value": "2"}]}]});
    cx.call("IncrementalAlterConfigs", 1, two)?;
    cx.call("Produce", 9, produce(b, -1))?;
    cx.stop_node(3)?;
    await_isr(cx, &topics, false)?;
    describe(cx, &topics)?;
    cx.call("Produce", 9, produce(b, -1))?;
    cx.call("Produce", 9, produce(b, 1))?;
    cx.call("Produce", 9, produce(c, 1))?;
    let latest = json!({"replicaId": -1, "isolationLevel": 0, "topics": [
        {"name": c, "partitions": [{"partitionIndex": 0, "currentLeaderEpoch": -1, "timestamp": -1}]}]});
    cx.call("ListOffsets", 7, latest)?;
    cx.start_node(3)?;
    await_isr(cx, &topics, true)?;
    cx.call("Produce", 9, produce(b, -1))?;
    Ok(())
}

fn new_topics(cx: &mut Context) -> Result<()> {
    let known = topics(cx)?;
    cx.stop_node(3)?;
    await_isr(cx, &known, false)?;
    let names = [cx.topic("d"), cx.topic("e"), cx.topic("f")];
    let [d, e, f] = &names;
    let assigned = |name: &str, nodes: &[i32]| {
        json!({"name": name, "numPartitions": -1, "replicationFactor": -1,
            "assignments": [{"partitionIndex": 0, "brokerIds": nodes}]})
    };
    cx.labels.hidden.push("configs");
    for topic in [
        assigned(d, &[3, 1]),
        assigned(e, &[3]),
        assigned(f, &[2, 3, 1]),
    ] {
        cx.call(
            "CreateTopics",
            7,
            json!({"topics": [topic], "timeoutMs": 10000}),
        )?;
    }
    let made = [d.clone(), f.clone()];
    cx.until("new topics", |cx| {
        let wanted: Vec<Value> = made.iter().map(|name| json!({"name": name})).collect();
        let answer = cx.call("Metadata", 9, json!({"topics": wanted}))?;
        let rows = answer["topics"].as_array().cloned().unwrap_or_default();
        Ok(rows.iter().all(|row| row["errorCode"] == 0))
    })?;
    describe(cx, &made)?;
    cx.start_node(3)?;
    await_isr(cx, &made, true)?;
    await_isr(cx, &known, true)?;
    describe(cx, &made)
}

fn elections(cx: &mut Context) -> Result<()> {
    let topics = topics(cx)?;
    cx.stop_node(3)?;
    await_isr(cx, &topics, false)?;
    let elect = |kind: i8, name: &str| json!({"electionType": kind, "timeoutMs": 10000, "topicPartitions": [{"topic": name, "partitions": [0]}]});
    for kind in [0, 1] {
        for name in [&topics[0], &topics[2]] {
            cx.call("ElectLeaders", 2, elect(kind, name))?;
        }
    }
    cx.start_node(3)?;
    await_isr(cx, &topics, true)?;
    describe(cx, &topics)?;
    cx.call("ElectLeaders", 2, elect(0, &topics[0]))?;
    cx.until("the preferred leader", |cx| {
        let answer = cx.call("Metadata", 9, json!({"topics": [{"name": topics[0]}]}))?;
        Ok(answer["topics"][0]["partitions"][0]["leaderId"] == 3)
    })?;
    describe(cx, &topics)
}
