//! Compaction under a share partition: records that a group has in flight, or is yet to be given, are gone from the log.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::members::{Shared, Sharer, sharing};
use crate::case::{Area, cases};
use crate::clock;
use crate::context::Context;
use crate::profile::Profile;
use crate::records::{Batch, Record};

pub(super) fn area() -> Area {
    Area::new("share_compaction")
        .on(Profile::Shares)
        .cases(cases![
            before_the_first_fetch,
            of_released_records,
            of_acquired_records,
            within_a_batch,
            of_released_records_within_a_batch,
            at_the_end_of_a_batch,
        ])
}

/// A member of a group that shares a compacted topic whose segments end after a second of its records.
fn compacted(cx: &mut Context) -> Result<(Sharer, Shared)> {
    // What is acquired stays so while the cleaner comes to this topic.
    let (m, t) = sharing(cx, 1, &[("share.record.lock.duration.ms", "60000")])?;
    let entries = [
        ("cleanup.policy", "compact"),
        ("segment.ms", "1000"),
        ("min.cleanable.dirty.ratio", "0.001"),
    ];
    let entries =
        entries.map(|(name, value)| json!({"name": name, "configOperation": 0, "value": value}));
    let resource = json!({"resourceType": 2, "resourceName": t.name, "configs": entries});
    cx.ask(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": [resource], "validateOnly": false}),
    )?;
    cx.until("the settings", |cx| {
        let body = json!({"resources": [{"resourceType": 2, "resourceName": t.name, "configurationKeys": ["segment.ms"]}]});
        let answer = cx.call("DescribeConfigs", 4, body)?;
        Ok(answer["results"][0]["configs"][0]["value"] == "1000")
    })?;
    Ok((m, t))
}

/// Writes a batch of records with these keys, so many seconds after the start of the run.
fn write(cx: &mut Context, t: &Shared, seconds: i64, keys: &[&str]) -> Result<()> {
    let mut batch = Batch::new(keys.iter().map(|key| Record::keyed(key, "v")).collect());
    batch.base_timestamp = clock::base_millis() + seconds * 1000;
    let partition = json!({"index": 0, "records": batch.json()});
    let body = json!({"acks": -1, "timeoutMs": 10_000, "topicData": [{"name": t.name, "partitionData": [partition]}]});
    let answer = cx.ask("Produce", 9, body)?;
    let row = &answer["responses"][0]["partitionResponses"][0];
    ensure!(row["errorCode"] == 0, "Produce answered {answer}");
    cx.note(&format!("{keys:?} from offset {}", row["baseOffset"]));
    Ok(())
}

/// Ends the segment with two records of other keys, and waits until the log has only so many records of before.
fn compact(cx: &mut Context, m: &mut Sharer, t: &Shared, left: usize) -> Result<()> {
    write(cx, t, 10, &["y"])?;
    write(cx, t, 20, &["z"])?;
    let mut is_compacted = |cx: &mut Context| {
        m.idle(cx)?;
        Ok(count(cx, t)? == left + 2)
    };
    // The cleaner looks every 15 seconds, which is longer than anything else takes, and Kafka's has other topics, too.
    let mut waited = Ok(());
    for _ in 0..6 {
        waited = cx.until("the compaction", &mut is_compacted);
        if waited.is_ok() {
            cx.note("compacted");
            break;
        }
    }
    waited
}

/// How many records the log has. A fetch reads no further than a segment.
fn count(cx: &mut Context, t: &Shared) -> Result<usize> {
    let (mut count, mut next) = (0, 0);
    loop {
        let partition = json!({"partition": 0, "fetchOffset": next, "partitionMaxBytes": 1_000_000, "currentLeaderEpoch": -1, "lastFetchedEpoch": -1});
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 1_000_000, "topics": [{"topic": t.name, "topicId": t.id, "partitions": [partition]}]});
        let answer = cx.call("Fetch", 12, body)?;
        let batches = answer["responses"][0]["partitions"][0]["records"].as_array();
        let Some(last) = batches.and_then(|batches| batches.last()) else {
            return Ok(count);
        };
        let records = batches.into_iter().flatten();
        let records = records.filter_map(|batch| batch["records"].as_array());
        count += records.map(Vec::len).sum::<usize>();
        let number = |name: &str| last[name].as_i64().unwrap_or_default();
        next = number("baseOffset") + number("lastOffsetDelta") + 1;
    }
}

fn quick() -> Value {
    json!({"maxWaitMs": 100})
}

fn before_the_first_fetch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = compacted(cx)?;
    for keys in [&["a"][..], &["b"], &["a"], &["b", "c"]] {
        write(cx, &t, 0, keys)?;
    }
    compact(cx, &mut m, &t, 3)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.acknowledge(cx, t.said(&[(0, 6, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn of_released_records(cx: &mut Context) -> Result<()> {
    let (mut m, t) = compacted(cx)?;
    for keys in [["a"], ["b"], ["a"], ["b"]] {
        write(cx, &t, 0, &keys)?;
    }
    for _ in 0..4 {
        m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    }
    m.acknowledge(cx, t.said(&[(0, 3, &[2])]), json!({}))?;
    compact(cx, &mut m, &t, 2)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    let body = json!({"groupId": m.group, "topics": [{"topicId": t.id, "partitions": [{"partition": 0, "leaderEpoch": 0}]}]});
    cx.call("ReadShareGroupState", 0, body)?;
    m.acknowledge(cx, t.said(&[(2, 5, &[1])]), json!({}))?;
    let groups =
        json!([{"groupId": m.group, "topics": [{"topicName": t.name, "partitions": [0]}]}]);
    cx.call("DescribeShareGroupOffsets", 1, json!({"groups": groups}))?;
    Ok(())
}

fn of_acquired_records(cx: &mut Context) -> Result<()> {
    let (mut m, t) = compacted(cx)?;
    for keys in [["a"], ["b"], ["a"], ["b"]] {
        write(cx, &t, 0, &keys)?;
    }
    for _ in 0..2 {
        m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    }
    compact(cx, &mut m, &t, 2)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.acknowledge(cx, t.said(&[(0, 0, &[2]), (1, 1, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    m.acknowledge(cx, t.said(&[(2, 5, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn within_a_batch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = compacted(cx)?;
    write(cx, &t, 0, &["a", "b", "a", "c"])?;
    compact(cx, &mut m, &t, 3)?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    m.acknowledge(cx, t.said(&[(0, 3, &[0, 1, 2, 1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn of_released_records_within_a_batch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = compacted(cx)?;
    write(cx, &t, 0, &["a", "b", "a", "c"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.acknowledge(cx, t.said(&[(0, 3, &[2, 1, 2, 2])]), json!({}))?;
    compact(cx, &mut m, &t, 3)?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    m.acknowledge(cx, t.said(&[(0, 0, &[0])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

/// The last record of a batch is gone: the batch still ends where it ended.
fn at_the_end_of_a_batch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = compacted(cx)?;
    write(cx, &t, 0, &["a", "b"])?;
    write(cx, &t, 0, &["c", "b"])?;
    write(cx, &t, 0, &["b", "a"])?;
    compact(cx, &mut m, &t, 3)?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 2}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}
