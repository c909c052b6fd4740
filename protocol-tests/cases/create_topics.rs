//! CreateTopics (key 19), v2–v7.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("create_topics")
        .cases_at(2..=7, cases![create, validate_only, defaults, existing_topic])
        .cases(cases![
            existing_topic_validate_only,
            invalid_names,
            name_lengths,
            colliding_names,
            colliding_names_in_one_request,
            repeated_name,
        ])
        .case("no_topics", |cx| topics(cx, json!([])))
        .cases_for([0, -1, -2, 10_000, 10_001], cases![partitions])
        .cases_for([0, -1, -2, 2, 32_767], cases![replication_factor])
        .cases(cases![
            one_good_one_bad,
            too_many_partitions_in_one_request,
            clusters_own_topic,
        ])
        .case("assignment", |cx| assigned(cx, -1, -1, json!([[1], [1]])))
        .cases(cases![assignment_and_counts, assignment_with_a_gap])
        .case("assignment_from_one", |cx| indexed(cx, json!([{"partitionIndex": 1, "brokerIds": [1]}])))
        .case("assignment_of_a_negative_partition", |cx| indexed(cx, json!([{"partitionIndex": -1, "brokerIds": [1]}])))
        .case("assignment_twice", |cx| indexed(cx, json!([{"partitionIndex": 0, "brokerIds": [1]}, {"partitionIndex": 0, "brokerIds": [1]}])))
        .case("assignment_to_no_broker", |cx| assigned(cx, -1, -1, json!([[]])))
        .case("assignment_to_unknown_brokers", |cx| assigned(cx, -1, -1, json!([[99]])))
        .case("assignment_to_a_negative_broker", |cx| assigned(cx, -1, -1, json!([[-1]])))
        .case("assignment_to_a_broker_twice", |cx| assigned(cx, -1, -1, json!([[1, 1]])))
        .case("assignment_of_different_sizes", |cx| assigned(cx, -1, -1, json!([[1], [1, 99]])))
        .cases(cases![no_time, uses_the_id_that_metadata_shows, configs_are_answered])
}

/// One request with one topic; the configs in the answer are another case's subject.
fn one(cx: &mut Context, version: i16, topic: Value) -> Result<Value> {
    if !cx.labels.hidden.contains(&"configs") {
        cx.labels.hidden.push("configs");
    }
    cx.call(
        "CreateTopics",
        version,
        json!({"topics": [topic], "timeoutMs": 10000}),
    )
}

fn topics(cx: &mut Context, topics: Value) -> Result<()> {
    cx.labels.hidden.push("configs");
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": topics, "timeoutMs": 10000}),
    )?;
    Ok(())
}

fn create(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    one(
        cx,
        version,
        json!({"name": a, "numPartitions": 2, "replicationFactor": 1}),
    )?;
    cx.await_topic(&a, 2)?;
    cx.call("Metadata", 9, json!({"topics": [{"name": a}]}))?;
    Ok(())
}

fn validate_only(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    cx.labels.hidden.push("configs");
    let topic = json!({"name": a, "numPartitions": 2, "replicationFactor": 1});
    cx.call(
        "CreateTopics",
        version,
        json!({"topics": [topic], "timeoutMs": 10000, "validateOnly": true}),
    )?;
    cx.call(
        "Metadata",
        9,
        json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

/// KIP-464: −1 stands for the broker's defaults from v4 on.
fn defaults(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    one(
        cx,
        version,
        json!({"name": a, "numPartitions": -1, "replicationFactor": -1}),
    )?;
    Ok(())
}

fn existing_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    one(
        cx,
        version,
        json!({"name": a, "numPartitions": 1, "replicationFactor": 1}),
    )?;
    Ok(())
}

fn existing_topic_validate_only(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let topic = json!({"name": a, "numPartitions": 1, "replicationFactor": 1});
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": [topic], "validateOnly": true}),
    )?;
    Ok(())
}

fn invalid_names(cx: &mut Context) -> Result<()> {
    for name in [
        "", ".", "..", "a b", "a/b", "ä", "a\u{0}b", "a:b", "a*", "a,b", "a\nb",
    ] {
        one(
            cx,
            7,
            json!({"name": name, "numPartitions": 1, "replicationFactor": 1}),
        )?;
    }
    Ok(())
}

fn name_lengths(cx: &mut Context) -> Result<()> {
    for length in [249, 250] {
        let mut name = cx.topic("long");
        name.extend(std::iter::repeat_n('n', length - name.len()));
        cx.labels.text(&name, &format!("<{length} characters>"));
        one(
            cx,
            7,
            json!({"name": name, "numPartitions": 1, "replicationFactor": 1}),
        )?;
    }
    Ok(())
}

/// Dots and underscores are one in the names of metrics.
fn colliding_names(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a.b", 1)?;
    let twin = a.replacen("a.b", "a_b", 1);
    cx.labels.topic(&twin, "a_b");
    one(
        cx,
        7,
        json!({"name": twin, "numPartitions": 1, "replicationFactor": 1}),
    )?;
    Ok(())
}

fn colliding_names_in_one_request(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a.b");
    let twin = a.replacen("a.b", "a_b", 1);
    cx.labels.topic(&twin, "a_b");
    let topic = |name: &str| json!({"name": name, "numPartitions": 1, "replicationFactor": 1});
    topics(cx, json!([topic(&a), topic(&twin)]))
}

fn repeated_name(cx: &mut Context) -> Result<()> {
    let (a, b) = (cx.topic("a"), cx.topic("b"));
    let topic = |name: &str| json!({"name": name, "numPartitions": 1, "replicationFactor": 1});
    topics(cx, json!([topic(&a), topic(&b), topic(&a)]))?;
    cx.await_topic(&b, 1)?;
    cx.call(
        "Metadata",
        9,
        json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

fn partitions(cx: &mut Context, count: i32) -> Result<()> {
    let a = cx.topic("a");
    cx.labels.hidden.push("configs");
    let topic = json!({"name": a, "numPartitions": count, "replicationFactor": 1});
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": [topic], "timeoutMs": 10000, "validateOnly": true}),
    )?;
    Ok(())
}

fn replication_factor(cx: &mut Context, factor: i32) -> Result<()> {
    let a = cx.topic("a");
    one(
        cx,
        7,
        json!({"name": a, "numPartitions": 1, "replicationFactor": factor}),
    )?;
    Ok(())
}

fn one_good_one_bad(cx: &mut Context) -> Result<()> {
    let (a, b, c) = (cx.topic("a"), cx.topic("b"), cx.topic("c"));
    topics(
        cx,
        json!([
            {"name": a, "numPartitions": 0, "replicationFactor": 1},
            {"name": b, "numPartitions": 1, "replicationFactor": 1},
            {"name": c, "numPartitions": 1, "replicationFactor": 1, "configs": [{"name": "no.such.config", "value": "1"}]},
        ]),
    )?;
    cx.await_topic(&b, 1)
}

fn too_many_partitions_in_one_request(cx: &mut Context) -> Result<()> {
    let (a, b) = (cx.topic("a"), cx.topic("b"));
    let topic = |name: &str| json!({"name": name, "numPartitions": 6000, "replicationFactor": 1});
    cx.labels.hidden.push("configs");
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": [topic(&a), topic(&b)], "validateOnly": true}),
    )?;
    Ok(())
}

/// Where KRaft keeps what it knows.
fn clusters_own_topic(cx: &mut Context) -> Result<()> {
    let topic = |name: &str| json!({"name": name, "numPartitions": 1, "replicationFactor": 1});
    let a = cx.topic("a");
    cx.labels.hidden.push("configs");
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": [topic("__cluster_metadata"), topic(&a)], "timeoutMs": 10000}),
    )?;
    Ok(())
}

fn assigned(cx: &mut Context, partitions: i32, factor: i32, brokers: Value) -> Result<()> {
    let brokers = brokers.as_array().cloned().unwrap_or_default();
    let rows = brokers
        .iter()
        .enumerate()
        .map(|(index, ids)| json!({"partitionIndex": index, "brokerIds": ids}));
    let rows: Vec<_> = rows.collect();
    let a = cx.topic("a");
    one(
        cx,
        7,
        json!({"name": a, "numPartitions": partitions, "replicationFactor": factor, "assignments": rows}),
    )?;
    Ok(())
}

fn indexed(cx: &mut Context, rows: Value) -> Result<()> {
    let a = cx.topic("a");
    one(
        cx,
        7,
        json!({"name": a, "numPartitions": -1, "replicationFactor": -1, "assignments": rows}),
    )?;
    Ok(())
}

fn assignment_and_counts(cx: &mut Context) -> Result<()> {
    assigned(cx, 1, -1, json!([[1]]))?;
    assigned(cx, -1, 1, json!([[1]]))?;
    assigned(cx, 1, 1, json!([[1]]))
}

fn assignment_with_a_gap(cx: &mut Context) -> Result<()> {
    indexed(
        cx,
        json!([{"partitionIndex": 0, "brokerIds": [1]}, {"partitionIndex": 2, "brokerIds": [1]}]),
    )
}

fn no_time(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    let topic = json!({"name": a, "numPartitions": 1, "replicationFactor": 1});
    cx.labels.hidden.push("configs");
    for time in [0, -1] {
        cx.call(
            "CreateTopics",
            7,
            json!({"topics": [topic], "timeoutMs": time}),
        )?;
    }
    Ok(())
}

fn uses_the_id_that_metadata_shows(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    one(
        cx,
        7,
        json!({"name": a, "numPartitions": 1, "replicationFactor": 1}),
    )?;
    cx.await_topic(&a, 1)?;
    cx.call("Metadata", 12, json!({"topics": [{"name": a}]}))?;
    Ok(())
}

/// KIP-525: from v5 on the answer holds the new topic's configs.
fn configs_are_answered(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    let configs = json!([{"name": "retention.ms", "value": "1000"}, {"name": "cleanup.policy", "value": "compact"}]);
    let topic = json!({"name": a, "numPartitions": 1, "replicationFactor": 1, "configs": configs});
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": [topic], "timeoutMs": 10000}),
    )?;
    Ok(())
}
