//! Dead-letter topics of share groups (KIP-1191): what gets there, with which headers, and what becomes of records that
//! do not.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::fetch::{at, produce};
use super::members::{Shared, Sharer, set, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::Shares;
use crate::profile::Profile;
use crate::records::{Batch, Codec, Record};

pub(super) fn area() -> Area {
    Area::new("share_dead_letters")
        .on(Profile::Shares)
        .cases(cases![
            rejected,
            rejected_by_a_fetch,
            rejected_among_others,
            copied,
            copied_from_a_compressed_batch,
            copied_without_a_value,
            copied_into_small_batches,
            copied_but_for_large_records,
            limit_by_releases,
            limit_by_locks,
            limit_by_the_end_of_a_session,
            other_partition,
            made,
            not_enabled,
            other_prefix,
            compacted,
            setting_taken_back,
            sent_again,
            written_states,
            settings,
        ])
}

const TOPIC: &str = "errors.deadletterqueue.topic.name";
const COPIES: (&str, &str) = ("errors.deadletterqueue.copy.record.enable", "true");
const ENABLED: &str = "errors.deadletterqueue.group.enable";

/// A topic that may have dead letters, with these settings.
fn dead_letter_topic(cx: &mut Context, partitions: i32, settings: Value) -> Result<String> {
    let mut all = settings;
    all[ENABLED] = json!("true");
    cx.create_topic_with("dlq.d", partitions, all)
}

/// A member that has acquired records of `t`, whose dead letters go to a topic.
fn acquired(
    cx: &mut Context,
    topic: &str,
    values: &[&str],
    settings: &[(&str, &str)],
) -> Result<(Sharer, Shared)> {
    acquired_batch(cx, topic, &Batch::of(values), settings)
}

fn acquired_batch(
    cx: &mut Context,
    topic: &str,
    batch: &Batch,
    settings: &[(&str, &str)],
) -> Result<(Sharer, Shared)> {
    let mut all = vec![(TOPIC, topic)];
    all.extend(settings);
    let (mut m, t) = sharing(cx, 1, &all)?;
    let row = json!({"index": 0, "records": batch.json()});
    let data = json!([{"name": t.name, "partitionData": [row]}]);
    cx.ask(
        "Produce",
        9,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": data}),
    )?;
    cx.labels.hidden.push("records");
    cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({})))?;
    Ok((m, t))
}

fn say(cx: &mut Context, m: &mut Sharer, t: &Shared, batches: &[(i64, i64, &[i8])]) -> Result<()> {
    m.acknowledge(cx, t.said(batches), json!({}))?;
    Ok(())
}

/// The records of a dead-letter topic, once there are so many.
fn letters(cx: &mut Context, topic: &str, partition: i32, count: usize) -> Result<()> {
    let mut found = Vec::new();
    cx.until("the dead letters", |cx| {
        let rows = json!([{"topic": topic, "partitions": [at(partition, 0)]}]);
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "topics": rows});
        let answer = cx.ask("Fetch", 12, body)?;
        let batches = &answer["responses"][0]["partitions"][0]["records"];
        let batches = batches.as_array().cloned().unwrap_or_default();
        let records = batches
            .iter()
            .filter_map(|batch| batch["records"].as_array());
        found = records.flatten().cloned().collect();
        Ok(found.len() >= count)
    })?;
    for record in found {
        let (key, value) = (&record["key"], &record["value"]);
        let headers = record["headers"].as_array().into_iter().flatten();
        let headers: Vec<String> = headers
            .map(|header| {
                let text = |value: &Value| value.as_str().unwrap_or("null").to_owned();
                format!("{}={}", text(&header[0]), text(&header[1]))
            })
            .collect();
        cx.note(&format!(
            "{topic}-{partition}: {key} {value} {}",
            headers.join(", ")
        ));
    }
    Ok(())
}

/// What is written down, once nothing is on its way.
fn settled(cx: &mut Context, m: &Sharer, t: &Shared) -> Result<()> {
    let rows = json!([{"partition": 0, "leaderEpoch": 0}]);
    let body = json!({"groupId": m.group, "topics": [{"topicId": t.id, "partitions": rows}]});
    cx.until("the archived records", |cx| {
        let answer = cx.ask("ReadShareGroupState", 0, body.clone())?;
        let batches = answer["results"][0]["partitions"][0]["stateBatches"].as_array();
        let mut batches = batches.context("batches")?.iter();
        Ok(batches.all(|batch| batch["deliveryState"] != 3))
    })?;
    cx.call("ReadShareGroupState", 0, body)?;
    Ok(())
}

fn rejected(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let (mut m, t) = acquired(cx, &d, &["a", "b", "c"], &[])?;
    say(cx, &mut m, &t, &[(0, 1, &[3])])?;
    letters(cx, &d, 0, 2)?;
    settled(cx, &m, &t)
}

fn rejected_by_a_fetch(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let (mut m, t) = acquired(cx, &d, &["a", "b", "c"], &[])?;
    m.fetch(cx, t.said(&[(1, 1, &[3])]), json!({"maxWaitMs": 0}))?;
    letters(cx, &d, 0, 1)?;
    settled(cx, &m, &t)
}

fn rejected_among_others(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let (mut m, t) = acquired(cx, &d, &["a", "b", "c", "d", "e"], &[])?;
    say(cx, &mut m, &t, &[(0, 4, &[2, 3, 1, 3, 0])])?;
    letters(cx, &d, 0, 2)?;
    settled(cx, &m, &t)
}

fn copied(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let batch = Batch {
        records: vec![
            Record::keyed("k", "a"),
            Record {
                headers: vec![("h".to_owned(), Some(b"x".to_vec()))],
                ..Record::of("b")
            },
        ],
        ..Batch::of(&[])
    };
    let (mut m, t) = acquired_batch(cx, &d, &batch, &[COPIES])?;
    say(cx, &mut m, &t, &[(0, 1, &[3])])?;
    letters(cx, &d, 0, 2)?;
    settled(cx, &m, &t)
}

fn copied_from_a_compressed_batch(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({"max.message.bytes": "600"}))?;
    let batch = Batch {
        codec: Codec::Gzip,
        ..Batch::of(&["a", "b", "c"])
    };
    let (mut m, t) = acquired_batch(cx, &d, &batch, &[COPIES])?;
    say(cx, &mut m, &t, &[(0, 2, &[3])])?;
    letters(cx, &d, 0, 3)?;
    settled(cx, &m, &t)
}

fn copied_without_a_value(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let batch = Batch {
        records: vec![Record::tombstone("k"), Record::of("")],
        ..Batch::of(&[])
    };
    let (mut m, t) = acquired_batch(cx, &d, &batch, &[COPIES])?;
    say(cx, &mut m, &t, &[(0, 1, &[3])])?;
    letters(cx, &d, 0, 2)?;
    settled(cx, &m, &t)
}

fn copied_into_small_batches(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({"max.message.bytes": "900"}))?;
    let long = "x".repeat(300);
    let (mut m, t) = acquired(cx, &d, &[&long, "b", &long, &long, "e"], &[COPIES])?;
    say(cx, &mut m, &t, &[(0, 4, &[3])])?;
    letters(cx, &d, 0, 5)?;
    settled(cx, &m, &t)
}

fn copied_but_for_large_records(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({"max.message.bytes": "900"}))?;
    let large = "x".repeat(1000);
    let (mut m, t) = acquired(cx, &d, &["a", &large, "c"], &[COPIES])?;
    say(cx, &mut m, &t, &[(0, 2, &[3])])?;
    letters(cx, &d, 0, 3)?;
    settled(cx, &m, &t)
}

fn limit_by_releases(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let limit = ("share.delivery.count.limit", "2");
    let (mut m, t) = acquired(cx, &d, &["a", "b"], &[limit])?;
    say(cx, &mut m, &t, &[(0, 0, &[2])])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    say(cx, &mut m, &t, &[(0, 0, &[2])])?;
    letters(cx, &d, 0, 1)?;
    settled(cx, &m, &t)
}

fn limit_by_locks(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let settings = [
        ("share.delivery.count.limit", "2"),
        ("share.record.lock.duration.ms", "1000"),
    ];
    let (mut m, t) = acquired(cx, &d, &["a", "b"], &settings)?;
    cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 2000})))?;
    letters(cx, &d, 0, 1)?;
    settled(cx, &m, &t)
}

fn limit_by_the_end_of_a_session(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let limit = ("share.delivery.count.limit", "2");
    let (mut m, t) = acquired(cx, &d, &["a", "b"], &[limit])?;
    say(cx, &mut m, &t, &[(0, 1, &[2])])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.session = -1;
    m.acknowledge(cx, json!([]), json!({}))?;
    letters(cx, &d, 0, 1)?;
    settled(cx, &m, &t)
}

fn other_partition(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 2, json!({}))?;
    let (mut m, t) = sharing(cx, 4, &[(TOPIC, &d)])?;
    produce(cx, &t.name, 3, &["a"])?;
    cx.labels.hidden.push("records");
    m.fetch(cx, t.of(&[3]), json!({}))?;
    let batch = json!({"firstOffset": 0, "lastOffset": 0, "acknowledgeTypes": [3]});
    let row = json!({"partitionIndex": 3, "acknowledgementBatches": [batch]});
    let topics = json!([{"topicId": t.id, "partitions": [row]}]);
    m.acknowledge(cx, topics, json!({}))?;
    letters(cx, &d, 1, 1)
}

fn made(cx: &mut Context) -> Result<()> {
    let d = cx.topic("dlq.d");
    let (mut m, t) = acquired(cx, &d, &["a"], &[])?;
    say(cx, &mut m, &t, &[(0, 0, &[3])])?;
    letters(cx, &d, 0, 1)?;
    settled(cx, &m, &t)?;
    let keys = json!([ENABLED, "message.timestamp.type"]);
    let resource = json!({"resourceType": 2, "resourceName": d, "configurationKeys": keys});
    cx.call("DescribeConfigs", 4, json!({"resources": [resource]}))?;
    Ok(())
}

/// What cannot be buried is archived all the same.
fn lost(cx: &mut Context, d: &str) -> Result<()> {
    let (mut m, t) = acquired(cx, d, &["a", "b"], &[])?;
    say(cx, &mut m, &t, &[(0, 0, &[3])])?;
    settled(cx, &m, &t)?;
    letters(cx, d, 0, 0)
}

fn not_enabled(cx: &mut Context) -> Result<()> {
    let d = cx.create_topic("dlq.d", 1)?;
    lost(cx, &d)
}

fn other_prefix(cx: &mut Context) -> Result<()> {
    let d = cx.create_topic_with("d", 1, json!({ENABLED: "true"}))?;
    lost(cx, &d)
}

fn compacted(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({"cleanup.policy": "compact"}))?;
    lost(cx, &d)
}

fn setting_taken_back(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let (mut m, t) = acquired(cx, &d, &["a", "b"], &[])?;
    set(cx, &m.group, &[(TOPIC, "")])?;
    say(cx, &mut m, &t, &[(0, 0, &[3])])?;
    settled(cx, &m, &t)?;
    letters(cx, &d, 0, 0)
}

/// What was on its way when its share partition went is sent again; why depends on how often it was delivered.
fn sent_again(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let limit = ("share.delivery.count.limit", "3");
    let (mut m, t) = sharing(cx, 1, &[(TOPIC, &d), limit])?;
    produce(cx, &t.name, 0, &["a", "b", "c", "d"])?;
    let rows = json!([{"partition": 0, "leaderEpoch": 0}]);
    let topics = json!([{"topicId": t.id, "partitions": rows}]);
    let body = json!({"groupId": m.group, "topics": topics});
    let known = cx.ask("ReadShareGroupState", 0, body)?;
    let epoch = &known["results"][0]["partitions"][0]["stateEpoch"];
    let batch = |first: i64, last: i64, count: i64| json!({"firstOffset": first, "lastOffset": last, "deliveryState": 3, "deliveryCount": count});
    let row = json!({"partition": 0, "stateEpoch": epoch, "leaderEpoch": 0, "startOffset": 0,
        "deliveryCompleteCount": 0, "stateBatches": [batch(0, 1, 1), batch(2, 2, 3)]});
    let topics = json!([{"topicId": t.id, "partitions": [row]}]);
    cx.ask(
        "WriteShareGroupState",
        1,
        json!({"groupId": m.group, "topics": topics}),
    )?;
    cx.labels.hidden.push("records");
    m.fetch(cx, t.of(&[0]), json!({}))?;
    letters(cx, &d, 0, 3)?;
    settled(cx, &m, &t)
}

fn written_states(cx: &mut Context) -> Result<()> {
    let d = dead_letter_topic(cx, 1, json!({}))?;
    let (mut m, t) = acquired(cx, &d, &["a", "b", "c"], &[])?;
    say(cx, &mut m, &t, &[(1, 1, &[3])])?;
    letters(cx, &d, 0, 1)?;
    settled(cx, &m, &t)?;
    cx.coordinator_records(Shares, &m.group)
}

fn settings(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for (name, value) in [
        (TOPIC, "__d"),
        (TOPIC, "d"),
        (TOPIC, "dlq./"),
        (TOPIC, ""),
        (COPIES.0, "maybe"),
    ] {
        let config = json!({"name": name, "configOperation": 0, "value": value});
        let resource = json!({"resourceType": 32, "resourceName": group, "configs": [config]});
        cx.call(
            "IncrementalAlterConfigs",
            1,
            json!({"resources": [resource]}),
        )?;
    }
    Ok(())
}
