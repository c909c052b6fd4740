//! Two listeners (KIP-103): which addresses clients are told by either, and what is said of nodes that have only one.
//! Nodes 1 and 2 have the other listener, node 3 has not.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::coordinator_records::CoordinatorTopic;
use crate::profile::{OTHER, Profile};
use crate::records::Batch;

const A: Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("listeners")
        .on(Profile::Listeners)
        .cases_at(0..=2, cases![describe_cluster])
        .cases_at([0, 1, 4, 5, 6, 9, 12, 13], cases![metadata])
        .cases_at([3, 4, 6], cases![find_coordinator])
        .cases_at([9, 10, 13], cases![produce_hints])
        .cases_at([15, 16, 18], cases![fetch_hints])
        .cases(cases![
            describe_topic_partitions,
            describe_quorum,
            internal_topic_by_either
        ])
        .cases(cases![limit_of_one])
        .alone()
        .cases(cases![limit_of_all])
        .alone()
        .cases(cases![limit_of_one_is_described])
        .alone()
}

/// A connection to node 1 by the other listener.
fn other(cx: &mut Context) -> Result<Conn> {
    cx.labels.hidden.push("controllerId");
    cx.connect_by(1, OTHER)
}

fn describe_cluster(cx: &mut Context, version: i16) -> Result<()> {
    let b = other(cx)?;
    for conn in [A, b] {
        cx.call_on(conn, "DescribeCluster", version, json!({}))?;
    }
    if version == 2 {
        let body = json!({"includeFencedBrokers": true});
        cx.call_on(b, "DescribeCluster", version, body)?;
    }
    Ok(())
}

/// Each node leads a partition.
fn topic(cx: &mut Context) -> Result<String> {
    cx.create_topic_on("a", &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2]])
}

fn metadata(cx: &mut Context, version: i16) -> Result<()> {
    let a = topic(cx)?;
    let b = other(cx)?;
    let topics = json!({"topics": [{"name": a}]});
    for conn in [A, b] {
        cx.call_on(conn, "Metadata", version, topics.clone())?;
    }
    Ok(())
}

/// A group's coordinator on each node.
fn find_coordinator(cx: &mut Context, version: i16) -> Result<()> {
    let b = other(cx)?;
    for node in 1..=3 {
        let (short, groups) = (format!("g{node}"), CoordinatorTopic::Groups);
        let key = cx.key_led_by(groups, &short, |row| row.first() == Some(&node))?;
        let body = json!({"key": key, "keyType": 0, "coordinatorKeys": [key]});
        for conn in [A, b] {
            cx.call_on(conn, "FindCoordinator", version, body.clone())?;
        }
    }
    Ok(())
}

fn produce(topic: &str, id: &str, index: i32) -> Value {
    let partition = json!({"index": index, "records": Batch::of(&["x"]).json()});
    json!({"acks": -1, "timeoutMs": 5000, "topicData": [{"name": topic, "topicId": id, "partitionData": [partition]}]})
}

fn produce_hints(cx: &mut Context, version: i16) -> Result<()> {
    let a = topic(cx)?;
    let id = cx.topic_id(&a)?;
    let b = other(cx)?;
    for (conn, index) in [(A, 1), (A, 2), (b, 1), (b, 2)] {
        cx.call_on(conn, "Produce", version, produce(&a, &id, index))?;
    }
    Ok(())
}

fn fetch_hints(cx: &mut Context, version: i16) -> Result<()> {
    let a = topic(cx)?;
    let id = cx.topic_id(&a)?;
    let b = other(cx)?;
    for (conn, index) in [(A, 1), (A, 2), (b, 1), (b, 2)] {
        let partition = json!({"partition": index, "fetchOffset": 0, "currentLeaderEpoch": 0, "partitionMaxBytes": 1000});
        let topics = json!([{"topic": a, "topicId": id, "partitions": [partition]}]);
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "topics": topics});
        cx.call_on(conn, "Fetch", version, body)?;
    }
    Ok(())
}

fn describe_topic_partitions(cx: &mut Context) -> Result<()> {
    let a = topic(cx)?;
    let b = other(cx)?;
    let body = json!({"topics": [{"name": a}]});
    cx.call_on(b, "DescribeTopicPartitions", 0, body)?;
    Ok(())
}

/// The controllers have a listener of their own.
fn describe_quorum(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec![
        "leaderId",
        "leaderEpoch",
        "highWatermark",
        "logEndOffset",
        "lastFetchTimestamp",
        "lastCaughtUpTimestamp",
        "replicaDirectoryId",
    ];
    let b = cx.connect_by(1, OTHER)?;
    let partition = json!({"partitionIndex": 0});
    let body = json!({"topics": [{"topicName": "__cluster_metadata", "partitions": [partition]}]});
    cx.call_on(b, "DescribeQuorum", 2, body)?;
    Ok(())
}

/// An admin client that came by the other listener has the same cluster.
fn internal_topic_by_either(cx: &mut Context) -> Result<()> {
    let a = topic(cx)?;
    let b = other(cx)?;
    let partitions =
        json!([{"partitionIndex": 0, "timestamp": -1}, {"partitionIndex": 2, "timestamp": -1}]);
    let body = json!({"replicaId": -1, "topics": [{"name": a, "partitions": partitions}]});
    for conn in [A, b] {
        cx.call_on(conn, "ListOffsets", 7, body.clone())?;
    }
    Ok(())
}

fn set(cx: &mut Context, key: &str, value: Option<&str>) -> Result<()> {
    let operation = i32::from(value.is_none());
    let changes = json!([{"name": key, "configOperation": operation, "value": value}]);
    let resources = json!([{"resourceType": 4, "resourceName": "1", "configs": changes}]);
    cx.call(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": resources, "validateOnly": false}),
    )?;
    let row = json!({"resourceType": 4, "resourceName": "1", "configurationKeys": [key]});
    cx.until("the setting", |cx| {
        let answer = cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
        let shown = &answer["results"][0]["configs"][0];
        // Set on one broker while it runs.
        let is_set = shown["configSource"] == 2;
        Ok(is_set == value.is_some())
    })
}

fn asks(cx: &mut Context, conn: Conn) -> Result<()> {
    cx.labels.hidden = vec!["apiKeys", "supportedFeatures", "finalizedFeatures"];
    cx.send_on(conn, "ApiVersions", 0, json!({}))
}

/// Who comes beyond the limit waits until another one goes.
fn limit_of_one(cx: &mut Context) -> Result<()> {
    let key = "listener.name.other.max.connections";
    set(cx, key, Some("1"))?;
    let b = cx.connect_by(1, OTHER)?;
    asks(cx, b)?;
    cx.receive_on(b)?;
    let c = cx.connect_by(1, OTHER)?;
    asks(cx, c)?;
    cx.receive_within(c, std::time::Duration::from_millis(300))?;
    let d = cx.connect(1)?;
    asks(cx, d)?;
    cx.receive_on(d)?;
    set(cx, key, None)?;
    cx.receive_on(c)?;
    Ok(())
}

/// The limit of a broker does not bind the listener that brokers use (KIP-402).
fn limit_of_all(cx: &mut Context) -> Result<()> {
    let key = "max.connections";
    set(cx, key, Some("1"))?;
    let b = cx.connect_by(1, OTHER)?;
    asks(cx, b)?;
    cx.receive_within(b, std::time::Duration::from_millis(300))?;
    let c = cx.connect(1)?;
    asks(cx, c)?;
    cx.receive_on(c)?;
    set(cx, key, None)?;
    cx.receive_on(b)?;
    Ok(())
}

fn limit_of_one_is_described(cx: &mut Context) -> Result<()> {
    let key = "listener.name.other.max.connections";
    set(cx, key, Some("77"))?;
    let row = json!({"resourceType": 4, "resourceName": "1", "configurationKeys": [key, "max.connections"]});
    let body = json!({"resources": [row], "includeSynonyms": true});
    cx.call("DescribeConfigs", 4, body)?;
    set(cx, key, None)
}
