//! UnregisterBroker (key 64) and UnregisterController (key 94), v0.

use anyhow::Result;
use serde_json::{Value, json};

use super::stopped_nodes::{await_isr, topics};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("unregister")
        .each("broker", [99, -1, i32::MAX, i32::MIN], |cx, id| {
            broker(cx, id.into())
        })
        .each("controller", [99, -1, i32::MAX, i32::MIN], |cx, id| {
            controller(cx, id.into())
        })
        .case("controller_that_is_active", |cx| controller(cx, 1))
        .on(Profile::Three)
        .cases(cases![controllers])
        .on(Profile::Stopping)
        .cases(cases![stopped_broker])
        .alone()
        .cases(cases![live_broker])
        .alone()
        .cases(cases![stopped_controller])
        .alone()
}

fn broker(cx: &mut Context, id: i64) -> Result<()> {
    cx.call("UnregisterBroker", 0, json!({"brokerId": id}))?;
    Ok(())
}

fn controller(cx: &mut Context, id: i64) -> Result<()> {
    cx.call("UnregisterController", 0, json!({"controllerId": id}))?;
    Ok(())
}

/// The active controller's id.
fn active(cx: &mut Context) -> Result<Option<i64>> {
    let topics =
        json!([{"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0}]}]);
    let answer = cx.ask("DescribeQuorum", 2, json!({"topics": topics}))?;
    let leader = answer["topics"][0]["partitions"][0]["leaderId"].as_i64();
    Ok(leader.filter(|id| *id >= 0))
}

/// All but the active controller can go, and are there again at once, as they run.
fn controllers(cx: &mut Context) -> Result<()> {
    let active = active(cx)?;
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        let mut lines = Vec::new();
        for id in 1..=3 {
            let body = json!({"controllerId": id});
            let answer = cx.quietly(|cx| cx.call_on(conn, "UnregisterController", 0, body))?;
            let is_active = Some(id) == active;
            let which = if is_active { "the active" } else { "another" };
            let (code, text) = (&answer["errorCode"], &answer["errorMessage"]);
            lines.push(format!("{which} controller: {code} {text}"));
        }
        // Which one is active differs.
        lines.sort();
        lines.iter().for_each(|line| cx.note(line));
        cx.call_on(conn, "UnregisterController", 0, json!({"controllerId": 99}))?;
        cx.call_on(conn, "UnregisterBroker", 0, json!({"brokerId": 99}))?;
    }
    Ok(())
}

fn describe(cx: &mut Context, topics: &[String]) -> Result<()> {
    let named: Vec<Value> = topics.iter().map(|name| json!({"name": name})).collect();
    cx.call(
        "DescribeTopicPartitions",
        0,
        json!({"topics": named, "responsePartitionLimit": 100}),
    )?;
    cx.call(
        "DescribeCluster",
        2,
        json!({"endpointType": 1, "includeFencedBrokers": true}),
    )?;
    Ok(())
}

fn await_gone(cx: &mut Context, at: usize) -> Result<()> {
    let conn = cx.connect(at)?;
    cx.until("the node is gone", |cx| {
        let body = json!({"endpointType": 1, "includeFencedBrokers": true});
        let answer = cx.call_on(conn, "DescribeCluster", 2, body)?;
        let metadata = cx.call_on(conn, "Metadata", 9, json!({"topics": []}))?;
        let two = |rows: &Value| rows.as_array().is_some_and(|rows| rows.len() == 2);
        Ok(two(&answer["brokers"]) && two(&metadata["brokers"]))
    })?;
    cx.forget_last_connection();
    Ok(())
}

fn stopped_broker(cx: &mut Context) -> Result<()> {
    let topics = topics(cx)?;
    cx.stop_node(3)?;
    await_isr(cx, &topics, false)?;
    broker(cx, 3)?;
    await_gone(cx, 1)?;
    describe(cx, &topics)?;
    broker(cx, 3)?;
    create_on_it(cx)?;
    cx.start_node(3)?;
    await_isr(cx, &topics, true)?;
    describe(cx, &topics)
}

fn create_on_it(cx: &mut Context) -> Result<()> {
    let d = cx.topic("d");
    let assigned = json!([{"partitionIndex": 0, "brokerIds": [3, 1]}]);
    let topic =
        json!({"name": d, "numPartitions": -1, "replicationFactor": -1, "assignments": assigned});
    cx.call(
        "CreateTopics",
        7,
        json!({"timeoutMs": 10000, "topics": [topic]}),
    )?;
    let topic = json!({"name": d, "numPartitions": 1, "replicationFactor": 3});
    cx.call(
        "CreateTopics",
        7,
        json!({"timeoutMs": 10000, "topics": [topic]}),
    )?;
    Ok(())
}

/// A broker that runs on is out of the cluster until it is started again; it still answers.
fn live_broker(cx: &mut Context) -> Result<()> {
    let topics = topics(cx)?;
    broker(cx, 3)?;
    for node in [1, 3] {
        await_gone(cx, node)?;
    }
    await_isr(cx, &topics, false)?;
    describe(cx, &topics)?;
    broker(cx, 3)?;
    create_on_it(cx)?;
    let there = cx.connect(3)?;
    let [a, _, c] = &topics[..] else {
        anyhow::bail!("three topics")
    };
    cx.call_on(there, "Metadata", 9, json!({"topics": [{"name": a}]}))?;
    for topic in [a, c] {
        let partition = json!({"index": 0, "records": Batch::of(&["x"]).json()});
        let data = json!([{"name": topic, "partitionData": [partition]}]);
        let body = json!({"acks": 1, "timeoutMs": 5000, "topicData": data});
        cx.call_on(there, "Produce", 9, body)?;
        let partitions = json!([{"partitionIndex": 0, "timestamp": -1}]);
        let body = json!({"replicaId": -1, "topics": [{"name": topic, "partitions": partitions}]});
        cx.call_on(there, "ListOffsets", 7, body)?;
    }
    cx.call_on(there, "UnregisterBroker", 0, json!({"brokerId": 3}))?;
    cx.stop_node(3)?;
    cx.start_node(3)?;
    await_isr(cx, &topics, true)?;
    describe(cx, &topics)
}

/// The controller of a node that is stopped goes once; it is there again with its node.
fn stopped_controller(cx: &mut Context) -> Result<()> {
    cx.until("another node is active", |cx| Ok(active(cx)?.is_some()))?;
    let id = if active(cx)? == Some(3) { 2 } else { 3 };
    cx.quietly(|cx| cx.stop_node(id))?;
    let unregister = |cx: &mut Context| {
        let id = i64::try_from(id)?;
        let answer = cx.ask("UnregisterController", 0, json!({"controllerId": id}))?;
        cx.note(&format!("of a stopped node: error {}", answer["errorCode"]));
        Ok::<_, anyhow::Error>(())
    };
    unregister(cx)?;
    unregister(cx)?;
    cx.quietly(|cx| cx.start_node(id))?;
    let body = json!({"controllerId": i64::try_from(id)?});
    cx.until("it is registered", |cx| {
        let answer = cx.ask("UnregisterController", 0, body.clone())?;
        Ok(answer["errorCode"] == 0)
    })?;
    cx.note("registered again");
    Ok(())
}
