//! Reassignments that take their time because they are throttled (KIP-455).

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::case::{Area, Named, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;

/// More than two fetches of a replica: throttled to a byte a second it takes half a minute and more.
const BATCHES: usize = 4;
const BATCH_BYTES: usize = 800_000;

type Run = fn(&mut Context) -> Result<()>;

pub(super) fn area() -> Area {
    let throttled: &[Named<Run>] = cases![
        listed,
        log_dirs,
        cancelled,
        asked_for_again,
        superseded,
        superseded_by_where_it_was,
        superseded_then_cancelled,
        factor_not_allowed,
        one_of_two_is_throttled,
        leader_throttles,
        leader_moves,
        partitions_are_added,
        preferred_leader_is_not_in_sync,
        topic_is_deleted,
        throttle_is_removed,
        rate_is_raised,
        order_and_fewer_are_done_at_once,
        nothing_to_copy,
        other_replicas_are_throttled,
    ];
    let area = Area::new("reassignments_under_way");
    throttled.iter().fold(area, |area, (name, run)| {
        area.case_on(Profile::Three, name, *run).alone()
    })
}

pub(super) fn ids(cx: &Context, nodes: &[usize]) -> Result<Value> {
    let ids = nodes.iter().map(|node| cx.node(*node));
    Ok(json!(ids.collect::<Result<Vec<_>>>()?))
}

/// Each broker lets throttled replicas have so many bytes a second, or all.
fn rate(cx: &mut Context, bytes_per_second: Option<u64>) -> Result<()> {
    let sides = ["leader", "follower"];
    let set = |side| match bytes_per_second {
        Some(rate) => {
            json!({"name": format!("{side}.replication.throttled.rate"), "configOperation": 0, "value": rate.to_string()})
        }
        None => json!({"name": format!("{side}.replication.throttled.rate"), "configOperation": 1}),
    };
    let configs: Vec<_> = sides.into_iter().map(set).collect();
    let before = cx.connection_count();
    for node in 1..=cx.node_count() {
        // Each takes its own settings only.
        let conn = cx.connect(node)?;
        let name = cx.node(node)?.to_string();
        let resource = json!({"resourceType": 4, "resourceName": name, "configs": configs});
        let body = json!({"resources": [resource]});
        let answer =
            cx.quietly(|cx| cx.call_on(conn, "IncrementalAlterConfigs", 1, body.clone()))?;
        ensure!(answer["responses"][0]["errorCode"] == 0, "a rate: {answer}");
    }
    cx.forget_connections(before);
    Ok(())
}

/// Which of a topic's replicas are throttled, as leaders and as followers.
fn throttle(cx: &mut Context, topic: &str, leaders: &str, followers: &str) -> Result<()> {
    let set = |side, value| json!({"name": format!("{side}.replication.throttled.replicas"), "configOperation": 0, "value": value});
    let configs = [set("leader", leaders), set("follower", followers)];
    let resource = json!({"resourceType": 2, "resourceName": topic, "configs": configs});
    cx.ask(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": [resource]}),
    )?;
    cx.note(&format!(
        "throttled: leaders {leaders:?}, followers {followers:?}"
    ));
    Ok(())
}

fn fill(cx: &mut Context, topic: &str) -> Result<()> {
    let value = "x".repeat(BATCH_BYTES);
    let partition = json!({"index": 0, "records": Batch::of(&[&value]).json()});
    let body = json!({"acks": -1, "timeoutMs": 10000, "topicData": [{"name": topic, "partitionData": [partition]}]});
    for _ in 0..BATCHES {
        cx.ask("Produce", 9, body.clone())?;
    }
    cx.note("it has records");
    Ok(())
}

/// A topic of one partition, led by the first of these nodes, that nobody gets quickly.
fn slow_topic(cx: &mut Context, nodes: &[usize]) -> Result<String> {
    cx.labels.hidden = vec!["controllerId"];
    cx.labels.own_topics_only = true;
    let a = cx.create_topic_on("a", &[nodes])?;
    rate(cx, Some(1))?;
    throttle(cx, &a, "*", "*")?;
    fill(cx, &a)?;
    Ok(a)
}

pub(super) fn alter(
    cx: &mut Context,
    topic: &str,
    nodes: Option<&[usize]>,
    any_factor: bool,
) -> Result<()> {
    let replicas = nodes.map(|nodes| ids(cx, nodes)).transpose()?;
    let partitions = json!([{"partitionIndex": 0, "replicas": replicas}]);
    let mut body =
        json!({"timeoutMs": 10000, "topics": [{"name": topic, "partitions": partitions}]});
    if !any_factor {
        body["allowReplicationFactorChange"] = json!(false);
    }
    cx.call("AlterPartitionReassignments", 1, body)?;
    Ok(())
}

pub(super) fn to(cx: &mut Context, topic: &str, nodes: &[usize]) -> Result<()> {
    alter(cx, topic, Some(nodes), true)
}

pub(super) fn list(cx: &mut Context, topic: &str) -> Result<Value> {
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    let body = json!({"timeoutMs": 10000, "topics": topics});
    cx.call("ListPartitionReassignments", 0, body)
}

/// Waits until the first node knows of these replicas and in-sync replicas, and shows what it says.
pub(super) fn shown(
    cx: &mut Context,
    topic: &str,
    replicas: &[usize],
    isr: &[usize],
) -> Result<()> {
    let body = json!({"topics": [{"name": topic}]});
    let (replicas, mut isr) = (ids(cx, replicas)?, ids(cx, isr)?);
    let sorted = |list: &mut Value| {
        if let Some(list) = list.as_array_mut() {
            list.sort_by_key(Value::as_i64);
        }
    };
    sorted(&mut isr);
    cx.until("the replicas", |cx| {
        let answer = cx.ask("Metadata", 12, body.clone())?;
        let mut partition = answer["topics"][0]["partitions"][0].clone();
        sorted(&mut partition["isrNodes"]);
        Ok(partition["replicaNodes"] == replicas && partition["isrNodes"] == isr)
    })?;
    cx.call("Metadata", 12, body.clone())?;
    Ok(())
}

/// Waits until nothing is under way.
pub(super) fn over(cx: &mut Context, topic: &str) -> Result<()> {
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    let body = json!({"timeoutMs": 10000, "topics": topics});
    cx.until("the reassignment is over", |cx| {
        let answer = cx.call("ListPartitionReassignments", 0, body.clone())?;
        Ok(answer["topics"].as_array().is_some_and(Vec::is_empty))
    })?;
    cx.note("once it is over");
    Ok(())
}

/// Leaves nothing to other cases.
fn leave(cx: &mut Context, topic: &str) -> Result<()> {
    let topics = json!([{"name": topic, "topicId": "AAAAAAAAAAAAAAAAAAAAAA"}]);
    cx.ask(
        "DeleteTopics",
        6,
        json!({"topics": topics, "timeoutMs": 10000}),
    )?;
    rate(cx, None)
}

fn listed(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1, 2])?;
    to(cx, &a, &[3, 1])?;
    list(cx, &a)?;
    cx.call(
        "ListPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": null}),
    )?;
    for (topics, timeout) in [
        (json!([]), 10000),
        (json!([{"name": a, "partitionIndexes": []}]), 10000),
        (json!([{"name": a, "partitionIndexes": [7, 0]}]), 0),
    ] {
        let body = json!({"timeoutMs": timeout, "topics": topics});
        cx.call("ListPartitionReassignments", 0, body)?;
    }
    shown(cx, &a, &[3, 1, 2], &[1, 2])?;
    let body = json!({"topics": [{"name": a}], "responsePartitionLimit": 10});
    cx.call("DescribeTopicPartitions", 0, body)?;
    leave(cx, &a)
}

/// The new replica has what came with one fetch.
fn log_dirs(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    // At a byte a second a leader that has given something gives no more: empty answers count, too.
    throttle(cx, &a, "", "*")?;
    to(cx, &a, &[1, 3])?;
    let body = json!({"topics": [{"topic": a, "partitions": [0]}]});
    let third = cx.connect(3)?;
    cx.until("the first records", |cx| {
        let answer = cx.call_on(third, "DescribeLogDirs", 1, body.clone())?;
        let partition = &answer["results"][0]["topics"][0]["partitions"][0];
        Ok(partition["partitionSize"].as_i64() > Some(0))
    })?;
    cx.call_on(third, "DescribeLogDirs", 1, body)?;
    leave(cx, &a)
}

fn cancelled(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1, 2])?;
    to(cx, &a, &[3, 1])?;
    shown(cx, &a, &[3, 1, 2], &[1, 2])?;
    alter(cx, &a, None, true)?;
    list(cx, &a)?;
    shown(cx, &a, &[1, 2], &[1, 2])?;
    alter(cx, &a, None, true)?;
    leave(cx, &a)
}

fn asked_for_again(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    to(cx, &a, &[3, 2])?;
    to(cx, &a, &[3, 2])?;
    list(cx, &a)?;
    // The replicas that it has by now: nothing is added, and nothing goes.
    to(cx, &a, &[2, 3, 1])?;
    list(cx, &a)?;
    shown(cx, &a, &[2, 3, 1], &[1])?;
    alter(cx, &a, None, true)?;
    shown(cx, &a, &[1], &[1])?;
    leave(cx, &a)
}

fn superseded(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    to(cx, &a, &[2])?;
    list(cx, &a)?;
    to(cx, &a, &[3])?;
    list(cx, &a)?;
    shown(cx, &a, &[3, 1, 2], &[1])?;
    leave(cx, &a)
}

fn superseded_by_where_it_was(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1, 2])?;
    to(cx, &a, &[3])?;
    to(cx, &a, &[1, 2])?;
    // Added by the one and taken away by the other: this does not end by itself.
    list(cx, &a)?;
    shown(cx, &a, &[1, 2, 3], &[1, 2])?;
    alter(cx, &a, None, true)?;
    list(cx, &a)?;
    shown(cx, &a, &[1, 2], &[1, 2])?;
    leave(cx, &a)
}

fn superseded_then_cancelled(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    to(cx, &a, &[2])?;
    to(cx, &a, &[1, 3])?;
    list(cx, &a)?;
    alter(cx, &a, None, true)?;
    list(cx, &a)?;
    shown(cx, &a, &[1, 2], &[1])?;
    leave(cx, &a)
}

/// KIP-860: replicas that go are not counted.
fn factor_not_allowed(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1, 2])?;
    to(cx, &a, &[3])?;
    list(cx, &a)?;
    for nodes in [&[1, 2][..], &[1, 2, 3], &[2]] {
        alter(cx, &a, Some(nodes), false)?;
        list(cx, &a)?;
    }
    alter(cx, &a, None, false)?;
    leave(cx, &a)
}

/// The second node joins, the third does not.
fn one_of_two_is_throttled(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    throttle(cx, &a, "", &format!("0:{}", cx.node(3)?))?;
    to(cx, &a, &[2, 3])?;
    shown(cx, &a, &[2, 3, 1], &[1, 2])?;
    list(cx, &a)?;
    alter(cx, &a, None, true)?;
    shown(cx, &a, &[1], &[1])?;
    leave(cx, &a)
}

fn leader_throttles(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    throttle(cx, &a, &format!("0:{}", cx.node(1)?), "")?;
    to(cx, &a, &[2])?;
    shown(cx, &a, &[2, 1], &[1])?;
    list(cx, &a)?;
    leave(cx, &a)
}

/// Neither the replica's broker nor the partition is that of the list.
fn other_replicas_are_throttled(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    let (first, second) = (cx.node(1)?, cx.node(2)?);
    throttle(
        cx,
        &a,
        &format!("0:{second},1:{first}"),
        &format!("0:{first},1:{second}"),
    )?;
    to(cx, &a, &[2])?;
    over(cx, &a)?;
    shown(cx, &a, &[2], &[2])?;
    leave(cx, &a)
}

/// The leader goes away with the reassignment: it may be elected, and leads until then.
fn leader_moves(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1, 2])?;
    to(cx, &a, &[2, 3])?;
    shown(cx, &a, &[2, 3, 1], &[1, 2])?;
    let partitions = json!([{"topic": a, "partitions": [0]}]);
    let body = json!({"electionType": 0, "topicPartitions": partitions, "timeoutMs": 10000});
    cx.call("ElectLeaders", 2, body)?;
    list(cx, &a)?;
    cx.until("the new leader", |cx| {
        let answer = cx.ask("Metadata", 12, json!({"topics": [{"name": a}]}))?;
        Ok(answer["topics"][0]["partitions"][0]["leaderId"] == cx.node(2)?)
    })?;
    shown(cx, &a, &[2, 3, 1], &[1, 2])?;
    rate(cx, None)?;
    over(cx, &a)?;
    shown(cx, &a, &[2, 3], &[2, 3])?;
    leave(cx, &a)
}

fn partitions_are_added(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    to(cx, &a, &[2, 3])?;
    shown(cx, &a, &[2, 3, 1], &[1])?;
    let topics = json!([{"name": a, "count": 2, "assignments": null}]);
    let body = json!({"topics": topics, "timeoutMs": 10000, "validateOnly": false});
    cx.call("CreatePartitions", 3, body)?;
    cx.until("the new partition", |cx| {
        let answer = cx.ask("Metadata", 12, json!({"topics": [{"name": a}]}))?;
        let partitions = answer["topics"][0]["partitions"].as_array();
        Ok(partitions.is_some_and(|partitions| partitions.len() == 2))
    })?;
    let answer = cx.ask("Metadata", 12, json!({"topics": [{"name": a}]}))?;
    let rows = answer["topics"][0]["partitions"].as_array();
    let new = rows
        .into_iter()
        .flatten()
        .find(|row| row["partitionIndex"] == 1);
    let replicas = new.and_then(|row| row["replicaNodes"].as_array());
    let replicas = replicas.map_or(0, Vec::len);
    cx.note(&format!("the new partition has {replicas} replicas"));
    list(cx, &a)?;
    leave(cx, &a)
}

fn preferred_leader_is_not_in_sync(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    to(cx, &a, &[3])?;
    shown(cx, &a, &[3, 1], &[1])?;
    let partitions = json!([{"topic": a, "partitions": [0]}]);
    let body = json!({"electionType": 0, "topicPartitions": partitions, "timeoutMs": 10000});
    cx.call("ElectLeaders", 2, body)?;
    leave(cx, &a)
}

fn topic_is_deleted(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    to(cx, &a, &[3])?;
    list(cx, &a)?;
    leave(cx, &a)?;
    cx.note("it is deleted");
    list(cx, &a)?;
    alter(cx, &a, None, true)
}

fn throttle_is_removed(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1, 2])?;
    to(cx, &a, &[3, 2])?;
    shown(cx, &a, &[3, 2, 1], &[1, 2])?;
    throttle(cx, &a, "", "")?;
    over(cx, &a)?;
    shown(cx, &a, &[3, 2], &[2, 3])?;
    alter(cx, &a, None, true)?;
    leave(cx, &a)
}

fn rate_is_raised(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1])?;
    to(cx, &a, &[1, 3])?;
    shown(cx, &a, &[1, 3], &[1])?;
    fill(cx, &a)?;
    rate(cx, Some(1_000_000_000))?;
    over(cx, &a)?;
    shown(cx, &a, &[1, 3], &[1, 3])?;
    leave(cx, &a)
}

fn order_and_fewer_are_done_at_once(cx: &mut Context) -> Result<()> {
    let a = slow_topic(cx, &[1, 2, 3])?;
    to(cx, &a, &[2, 3, 1])?;
    list(cx, &a)?;
    shown(cx, &a, &[2, 3, 1], &[1, 2, 3])?;
    to(cx, &a, &[3])?;
    list(cx, &a)?;
    shown(cx, &a, &[3], &[3])?;
    leave(cx, &a)
}

fn nothing_to_copy(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec!["controllerId"];
    let a = cx.create_topic_on("a", &[&[1]])?;
    rate(cx, Some(1))?;
    throttle(cx, &a, "*", "*")?;
    to(cx, &a, &[3])?;
    over(cx, &a)?;
    shown(cx, &a, &[3], &[3])?;
    leave(cx, &a)
}
