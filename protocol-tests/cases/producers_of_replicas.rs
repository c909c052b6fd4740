//! DescribeProducers (key 61) on three nodes: every replica answers from its own log, leader or not.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::coordinator_records::CoordinatorTopic;
use crate::profile::Profile;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("producers_of_replicas")
        .on(Profile::Three)
        .cases(cases![
            of_each_node,
            unknown,
            open_transaction,
            after_a_change_of_leader,
            replica_moved_away,
        ])
        .cases_on(Profile::Stopping, cases![leader_stopped])
        .alone()
}

fn body(topic: &str, partitions: &[i32]) -> Value {
    json!({"topics": [{"name": topic, "partitionIndexes": partitions}]})
}

/// How many producers a node knows of the first partition.
fn known(cx: &mut Context, conn: Conn, topic: &str) -> Result<usize> {
    let answer = cx.call_on(conn, "DescribeProducers", 0, body(topic, &[0]))?;
    let rows = answer["topics"][0]["partitions"][0]["activeProducers"].as_array();
    Ok(rows.map_or(0, Vec::len))
}

/// Asks nodes, once each of those that have a replica knows so many producers.
fn ask_nodes(cx: &mut Context, topic: &str, replicas: &[usize], count: usize) -> Result<()> {
    let before = cx.node_count();
    for node in 1..=before {
        let conn = cx.connect(node)?;
        if replicas.contains(&node) {
            cx.until("the producers", |cx| Ok(known(cx, conn, topic)? == count))?;
        }
        cx.note(&format!("node {node}"));
        cx.call_on(conn, "DescribeProducers", 0, body(topic, &[0]))?;
        cx.forget_last_connection();
    }
    Ok(())
}

/// An idempotent producer's batch, written to all in-sync replicas by the leader.
fn write(cx: &mut Context, leader: usize, topic: &str, sequence: i64, id: i64) -> Result<()> {
    let batch = Batch::of(&["x", "y"]).from_producer(id, 0, sequence);
    let partition = json!({"index": 0, "records": batch.json()});
    let topics = json!([{"name": topic, "partitionData": [partition]}]);
    let conn = cx.connect(leader)?;
    let body = json!({"acks": -1, "timeoutMs": 10_000, "topicData": topics});
    let answer = cx.quietly(|cx| cx.call_on(conn, "Produce", 9, body))?;
    let row = &answer["responses"][0]["partitionResponses"][0];
    ensure!(row["errorCode"] == 0, "Produce answered {answer}");
    cx.forget_last_connection();
    Ok(())
}

fn producer(cx: &mut Context) -> Result<i64> {
    let body = json!({"transactionalId": null, "transactionTimeoutMs": 60_000});
    let mut id = None;
    // A broker that has just started has no producer ids yet.
    cx.until("a producer id", |cx| {
        let answer = cx.call("InitProducerId", 4, body.clone())?;
        id = answer["producerId"].as_i64().filter(|id| *id >= 0);
        Ok(id.is_some())
    })?;
    id.context("a producer id")
}

fn of_each_node(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    ask_nodes(cx, &a, &[1, 2], 0)?;
    let id = producer(cx)?;
    write(cx, 1, &a, 0, id)?;
    write(cx, 1, &a, 2, id)?;
    cx.note("a producer has written twice");
    ask_nodes(cx, &a, &[1, 2], 1)
}

fn unknown(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2, 3], &[1, 2], &[3, 1]])?;
    let none = cx.topic("none");
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        let topics = json!([{"name": a, "partitionIndexes": [2, 1, 0, 3, -1, 0]}, {"name": none, "partitionIndexes": [0]},
            {"name": "", "partitionIndexes": [0]}, {"name": "a b", "partitionIndexes": [0]}]);
        cx.labels.exact_order = true;
        cx.call_on(conn, "DescribeProducers", 0, json!({"topics": topics}))?;
        cx.forget_last_connection();
    }
    Ok(())
}

fn open_transaction(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 3]])?;
    let wanted = |replicas: &[i64]| replicas.first() == Some(&1);
    let mut t = Producer {
        transactional_id: cx.key_led_by(CoordinatorTopic::Transactions, "t", wanted)?,
        id: -1,
        epoch: -1,
    };
    let answer = cx.quietly(|cx| t.init(cx, 4))?;
    t.follow(&answer)?;
    t.write(cx, &a, 0, &["x"])?;
    ask_nodes(cx, &a, &[1, 3], 1)?;
    let answer = t.end(cx, 5, true)?;
    ensure!(answer["errorCode"] == 0, "EndTxn answered {answer}");
    t.settle(cx)?;
    for node in [1, 3] {
        let conn = cx.connect(node)?;
        cx.until("the marker", |cx| {
            let answer = cx.call_on(conn, "DescribeProducers", 0, body(&a, &[0]))?;
            let row = &answer["topics"][0]["partitions"][0]["activeProducers"][0];
            Ok(row["currentTxnStartOffset"] == -1)
        })?;
        cx.forget_last_connection();
    }
    ask_nodes(cx, &a, &[1, 3], 1)
}

fn after_a_change_of_leader(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let id = producer(cx)?;
    write(cx, 1, &a, 0, id)?;
    cx.lead(&a, &[2, 1])?;
    ask_nodes(cx, &a, &[1, 2], 1)?;
    let other = producer(cx)?;
    write(cx, 2, &a, 0, other)?;
    ask_nodes(cx, &a, &[1, 2], 2)
}

fn replica_moved_away(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let id = producer(cx)?;
    write(cx, 1, &a, 0, id)?;
    let partitions = json!([{"partitionIndex": 0, "replicas": [3, 2]}]);
    let moved = json!({"timeoutMs": 10_000, "topics": [{"name": a, "partitions": partitions}]});
    cx.call("AlterPartitionReassignments", 0, moved)?;
    let conn = cx.connect(1)?;
    cx.until("the replica is gone", |cx| {
        let answer = cx.call_on(conn, "DescribeProducers", 0, body(&a, &[0]))?;
        Ok(answer["topics"][0]["partitions"][0]["errorCode"] == 6)
    })?;
    cx.forget_last_connection();
    ask_nodes(cx, &a, &[2, 3], 1)
}

fn leader_stopped(cx: &mut Context) -> Result<()> {
    // Any node may be told to be the controller.
    cx.labels.hidden.push("controllerId");
    let a = cx.create_topic_on("a", &[&[3, 1]])?;
    let alone = cx.create_topic_on("b", &[&[3]])?;
    let id = producer(cx)?;
    write(cx, 3, &a, 0, id)?;
    write(cx, 3, &alone, 0, id)?;
    cx.stop_node(3)?;
    let conn = cx.connect(2)?;
    for topic in [&a, &alone] {
        cx.call("DescribeProducers", 0, body(topic, &[0]))?;
        cx.call_on(conn, "DescribeProducers", 0, body(topic, &[0]))?;
    }
    cx.forget_last_connection();
    cx.start_node(3)?;
    ask_nodes(cx, &a, &[1, 3], 1)?;
    ask_nodes(cx, &alone, &[3], 1)
}
