//! Topics that are made because somebody asked about them: the brokers hear of them some time after the answer.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("new_topics")
        .on(Profile::NewTopics)
        .cases_at(0..=13, cases![metadata])
        .cases(cases![
            all_topics,
            two_clients,
            several,
            named_twice,
            colliding_names,
            collides_with_a_new_one,
            produce,
            fetch,
            list_offsets,
            leader_epochs,
            describe_configs,
            describe_topic_partitions,
            describe_producers,
            describe_log_dirs,
            delete_records,
            commit,
            create,
            create_another,
            create_partitions,
            alter_configs,
            reassign,
            elect,
            delete,
        ])
}

fn ask_for(names: &[&String]) -> Value {
    let topics: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"topics": topics, "allowAutoTopicCreation": true})
}

/// A topic that was just asked for.
fn just_asked_for(cx: &mut Context, short: &str) -> Result<String> {
    let name = cx.topic(short);
    cx.call("Metadata", 12, ask_for(&[&name]))?;
    Ok(name)
}

fn there(cx: &mut Context, name: &str) -> Result<()> {
    cx.await_topic(name, 1)?;
    cx.note("once it is there");
    Ok(())
}

fn before_and_after(
    cx: &mut Context,
    topic: &str,
    (api, version): (&str, i16),
    body: &Value,
) -> Result<()> {
    cx.call(api, version, body.clone())?;
    there(cx, topic)?;
    cx.call(api, version, body.clone())?;
    Ok(())
}

/// Before version 4 every request makes topics.
fn metadata(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    cx.call("Metadata", version, ask_for(&[&a]))?;
    cx.call("Metadata", version, ask_for(&[&a]))?;
    cx.call(
        "Metadata",
        12,
        json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
    )?;
    there(cx, &a)?;
    cx.call("Metadata", version, ask_for(&[&a]))?;
    Ok(())
}

fn all_topics(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let a = just_asked_for(cx, "a")?;
    cx.call("Metadata", 12, json!({"topics": null}))?;
    there(cx, &a)?;
    cx.call("Metadata", 12, json!({"topics": null}))?;
    Ok(())
}

fn two_clients(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    let other = cx.connect(1)?;
    cx.send_on(Context::A, "Metadata", 12, ask_for(&[&a]))?;
    cx.send_on(other, "Metadata", 12, ask_for(&[&a]))?;
    cx.receive_on(Context::A)?;
    cx.receive_on(other)?;
    there(cx, &a)?;
    cx.call_on(other, "Metadata", 12, ask_for(&[&a]))?;
    Ok(())
}

fn several(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let (b, c) = (cx.topic("b"), cx.topic("c"));
    let bad = "not/a/name".to_owned();
    cx.call("Metadata", 12, ask_for(&[&b, &a, &bad, &c]))?;
    cx.call("Metadata", 12, ask_for(&[&c, &a]))?;
    cx.await_topic(&b, 1)?;
    there(cx, &c)?;
    cx.call("Metadata", 12, ask_for(&[&b, &a, &bad, &c]))?;
    Ok(())
}

fn named_twice(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    cx.call("Metadata", 12, ask_for(&[&a, &a]))?;
    there(cx, &a)?;
    cx.call("Metadata", 12, ask_for(&[&a, &a]))?;
    Ok(())
}

/// Names that are one in the names of metrics.
fn twins(cx: &mut Context) -> (String, String) {
    let a = cx.topic("a.b");
    let b = a.replacen("a.b", "a_b", 1);
    cx.labels.topic(&b, "a_b");
    (a, b)
}

/// Both are asked for at once; the controller makes one of them.
fn colliding_names(cx: &mut Context) -> Result<()> {
    let (a, b) = twins(cx);
    let last = cx.topic("c");
    cx.call("Metadata", 12, ask_for(&[&a]))?;
    cx.call("Metadata", 12, ask_for(&[&b]))?;
    cx.call("Metadata", 12, ask_for(&[&last]))?;
    there(cx, &last)?;
    cx.call(
        "Metadata",
        12,
        json!({"topics": [{"name": a}, {"name": b}], "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

fn collides_with_a_new_one(cx: &mut Context) -> Result<()> {
    let (a, b) = twins(cx);
    cx.call("Metadata", 12, ask_for(&[&a]))?;
    create_topic(cx, &b, -1)
}

fn produce(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let partition = json!({"index": 0, "records": Batch::of(&["x"]).json()});
    let body = json!({"acks": -1, "timeoutMs": 10000, "topicData": [{"name": a, "partitionData": [partition]}]});
    before_and_after(cx, &a, ("Produce", 9), &body)
}

fn fetch(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1_000_000, "currentLeaderEpoch": -1});
    let body = json!({"replicaId": -1, "maxWaitMs": 0, "minBytes": 1, "maxBytes": 1_000_000,
        "sessionId": 0, "sessionEpoch": -1, "topics": [{"topic": a, "partitions": [partition]}]});
    before_and_after(cx, &a, ("Fetch", 12), &body)
}

fn list_offsets(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let partitions = json!([{"partitionIndex": 0, "timestamp": -1, "currentLeaderEpoch": -1}]);
    let body = json!({"replicaId": -1, "topics": [{"name": a, "partitions": partitions}]});
    before_and_after(cx, &a, ("ListOffsets", 6), &body)
}

fn leader_epochs(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let partitions = json!([{"partition": 0, "currentLeaderEpoch": -1, "leaderEpoch": 0}]);
    let body = json!({"replicaId": -1, "topics": [{"topic": a, "partitions": partitions}]});
    before_and_after(cx, &a, ("OffsetForLeaderEpoch", 4), &body)
}

fn describe_configs(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let resource =
        json!({"resourceType": 2, "resourceName": a, "configurationKeys": ["retention.ms"]});
    let body = json!({"resources": [resource]});
    before_and_after(cx, &a, ("DescribeConfigs", 4), &body)
}

fn describe_topic_partitions(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let body = json!({"topics": [{"name": a}], "responsePartitionLimit": 10});
    before_and_after(cx, &a, ("DescribeTopicPartitions", 0), &body)
}

fn describe_producers(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let body = json!({"topics": [{"name": a, "partitionIndexes": [0]}]});
    before_and_after(cx, &a, ("DescribeProducers", 0), &body)
}

fn describe_log_dirs(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let body = json!({"topics": [{"topic": a, "partitions": [0]}]});
    before_and_after(cx, &a, ("DescribeLogDirs", 1), &body)
}

fn delete_records(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let partitions = json!([{"partitionIndex": 0, "offset": 0}]);
    let body = json!({"topics": [{"name": a, "partitions": partitions}], "timeoutMs": 10000});
    cx.call("DeleteRecords", 2, body)?;
    Ok(())
}

fn commit(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = just_asked_for(cx, "a")?;
    let body = json!({"groupId": group, "generationIdOrMemberEpoch": -1, "memberId": "",
        "topics": [{"name": a, "partitions": [{"partitionIndex": 0, "committedOffset": 0, "committedMetadata": ""}]}]});
    before_and_after(cx, &a, ("OffsetCommit", 8), &body)
}

fn create_topic(cx: &mut Context, name: &str, partitions: i32) -> Result<()> {
    let topic = json!({"name": name, "numPartitions": partitions, "replicationFactor": -1});
    let body = json!({"topics": [topic], "timeoutMs": 10000});
    cx.call("CreateTopics", 7, body)?;
    Ok(())
}

/// The controller knows it at once.
fn create(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    create_topic(cx, &a, 2)?;
    there(cx, &a)?;
    cx.call("Metadata", 12, ask_for(&[&a]))?;
    Ok(())
}

/// What the controller answers, it answers after what came before.
fn create_another(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let b = cx.topic("b");
    create_topic(cx, &b, 1)?;
    there(cx, &b)?;
    cx.call("Metadata", 12, ask_for(&[&a]))?;
    Ok(())
}

fn create_partitions(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let topics = json!([{"name": a, "count": 2, "assignments": null}]);
    cx.call(
        "CreatePartitions",
        3,
        json!({"topics": topics, "timeoutMs": 10000, "validateOnly": false}),
    )?;
    cx.await_topic(&a, 2)?;
    cx.call("Metadata", 12, ask_for(&[&a]))?;
    Ok(())
}

fn alter_configs(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let configs = json!([{"name": "retention.ms", "configOperation": 0, "value": "1000"}]);
    let resources = json!([{"resourceType": 2, "resourceName": a, "configs": configs}]);
    cx.call(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": resources}),
    )?;
    Ok(())
}

fn reassign(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let node = cx.node(1)?;
    let partitions = json!([{"partitionIndex": 0, "replicas": [node]}]);
    let topics = json!([{"name": a, "partitions": partitions}]);
    cx.call(
        "AlterPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": topics}),
    )?;
    Ok(())
}

fn elect(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let partitions = json!([{"topic": a, "partitions": [0]}]);
    let body = json!({"electionType": 0, "topicPartitions": partitions, "timeoutMs": 10000});
    cx.call("ElectLeaders", 2, body)?;
    Ok(())
}

fn delete(cx: &mut Context) -> Result<()> {
    let a = just_asked_for(cx, "a")?;
    let topics = json!([{"name": a, "topicId": "AAAAAAAAAAAAAAAAAAAAAA"}]);
    cx.call(
        "DeleteTopics",
        6,
        json!({"topics": topics, "timeoutMs": 10000}),
    )?;
    cx.until("it is gone", |cx| {
        let body = json!({"topics": [{"name": a}], "allowAutoTopicCreation": false});
        let answer = cx.ask("Metadata", 12, body)?;
        Ok(answer["topics"][0]["errorCode"] == 3)
    })?;
    cx.note("once it is gone");
    cx.call(
        "Metadata",
        12,
        json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}
