//! One node whose operator changed defaults: small limits, no automatic topics, no deletion.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    let limits = Profile::Limits;
    Area::new("limits").cases_on(
        limits,
        cases![
            no_topic_on_demand,
            no_deletion,
            default_partitions,
            static_settings_of_a_topic,
            batch_at_the_limit,
            topic_with_its_own_limit,
            frame_at_the_limit,
            frame_over_the_limit,
            page_limit,
            brokers_codec,
            fetch_over_the_brokers_limit,
            idle_connection,
            connections_of_an_address,
            fetch_sessions_without_room,
        ],
    )
}

fn no_topic_on_demand(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    for version in [0, 3, 4, 9, 13] {
        cx.call(
            "Metadata",
            version,
            json!({"topics": [{"name": a}], "allowAutoTopicCreation": true}),
        )?;
    }
    Ok(())
}

fn no_deletion(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    for version in 1..=5 {
        cx.call(
            "DeleteTopics",
            version,
            json!({"topicNames": [a], "timeoutMs": 10000}),
        )?;
    }
    cx.call(
        "DeleteTopics",
        6,
        json!({"topics": [{"name": a}, {"topicId": id, "name": null}], "timeoutMs": 10000}),
    )?;
    Ok(())
}

fn default_partitions(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    cx.labels.hidden.push("configs");
    cx.call("CreateTopics", 7, json!({"topics": [{"name": a, "numPartitions": -1, "replicationFactor": -1}], "timeoutMs": 10000}))?;
    Ok(())
}

fn static_settings_of_a_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let keys = json!([
        "retention.ms",
        "max.message.bytes",
        "compression.type",
        "cleanup.policy"
    ]);
    let resource = json!({"resourceType": 2, "resourceName": a, "configurationKeys": keys});
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": [resource], "includeSynonyms": true}),
    )?;
    Ok(())
}

fn produce(topic: &str, batch: &Batch) -> Value {
    let partition = json!({"index": 0, "records": batch.json()});
    json!({"acks": -1, "timeoutMs": 5000, "topicData": [{"name": topic, "partitionData": [partition]}]})
}

/// A batch of exactly this many bytes.
fn sized(cx: &mut Context, size: usize) -> Batch {
    // The lengths inside take more bytes when the value is longer.
    let overhead = Batch::of(&["x".repeat(size).as_str()]).bytes().len() - size;
    let value = "x".repeat(size - overhead);
    cx.labels.text(&value, "<long>");
    Batch::of(&[&value])
}

fn produced(cx: &mut Context, topic: &str, size: usize) -> Result<()> {
    let batch = sized(cx, size);
    cx.note(&format!("a batch of {} bytes", batch.bytes().len()));
    let answer = cx.ask("Produce", 9, produce(topic, &batch))?;
    let partition = &answer["responses"][0]["partitionResponses"][0];
    cx.note(&format!(
        "error {}, {}",
        partition["errorCode"], partition["errorMessage"]
    ));
    Ok(())
}

fn batch_at_the_limit(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_with("a", 1, json!({"compression.type": "producer"}))?;
    [9_999, 10_000, 10_001]
        .into_iter()
        .try_for_each(|size| produced(cx, &a, size))
}

fn topic_with_its_own_limit(cx: &mut Context) -> Result<()> {
    let configs = json!({"compression.type": "producer", "max.message.bytes": "20000"});
    let a = cx.create_topic_with("a", 1, configs)?;
    [10_001, 20_000, 20_001]
        .into_iter()
        .try_for_each(|size| produced(cx, &a, size))
}

/// One may have one connection, but this address more. Others than this case's may be open.
fn connections_of_an_address(cx: &mut Context) -> Result<()> {
    let mut answered = 0;
    for _ in 0..65 {
        let conn = cx.connect(1)?;
        let answer = cx.quietly(|cx| cx.call_on(conn, "ApiVersions", 0, json!({})));
        answered += usize::from(answer.is_ok_and(|answer| answer["errorCode"] == 0));
    }
    cx.note(&format!("several are answered: {}", answered > 1));
    cx.note(&format!("all are answered: {}", answered >= 60));
    Ok(())
}

fn padded(cx: &mut Context, size: usize) -> Result<()> {
    let mut frame = cx.frame("Metadata", 1, &json!({"topics": []}))?;
    frame.resize(size, 0);
    cx.send_frame(
        A,
        &format!("Metadata v1 in a frame of {size} bytes"),
        &frame,
    )?;
    cx.expect_answer(A, "Metadata", 1)
}

fn frame_at_the_limit(cx: &mut Context) -> Result<()> {
    padded(cx, 100_000)?;
    cx.receive_on(A).map(drop)
}

fn frame_over_the_limit(cx: &mut Context) -> Result<()> {
    padded(cx, 100_001)?;
    cx.expect_closed(A)
}

fn page_limit(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 5)?;
    cx.labels.exact_order = true;
    cx.call(
        "DescribeTopicPartitions",
        0,
        json!({"topics": [{"name": a}], "responsePartitionLimit": 2000, "cursor": null}),
    )?;
    Ok(())
}

fn fetch(topic: &str, partitions: i32, epoch: i32) -> Value {
    let partition =
        |index| json!({"partition": index, "fetchOffset": 0, "partitionMaxBytes": 100_000});
    let partitions: Vec<_> = (0..partitions).map(partition).collect();
    json!({"maxWaitMs": 500, "minBytes": 0, "maxBytes": 1_000_000, "sessionId": 0, "sessionEpoch": epoch,
        "topics": [{"topic": topic, "partitions": partitions}]})
}

fn brokers_codec(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.call("Produce", 9, produce(&a, &Batch::of(&["one", "two"])))?;
    cx.call("Fetch", 12, fetch(&a, 1, -1))?;
    Ok(())
}

fn fetch_over_the_brokers_limit(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_with("a", 1, json!({"compression.type": "producer"}))?;
    for _ in 0..4 {
        let batch = sized(cx, 900);
        cx.ask("Produce", 9, produce(&a, &batch))?;
    }
    cx.note("four batches of 900 bytes");
    let answer = cx.ask("Fetch", 12, fetch(&a, 1, -1))?;
    let batches = answer["responses"][0]["partitions"][0]["records"]
        .as_array()
        .map_or(0, Vec::len);
    cx.note(&format!("fetched: {batches}"));
    Ok(())
}

fn idle_connection(cx: &mut Context) -> Result<()> {
    cx.call("Metadata", 1, json!({"topics": []}))?;
    cx.expect_closed(A)
}

/// KIP-227: without room in the cache the session id is 0. Two slots are less than one for each of the
/// cache's eight parts, so there is none.
fn fetch_sessions_without_room(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    for partitions in [1, 3] {
        cx.call("Fetch", 12, fetch(&a, partitions, 0))?;
    }
    Ok(())
}
