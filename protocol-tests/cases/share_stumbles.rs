//! Acknowledgements (keys 78 and 79) at which Kafka's broker stumbles, and such as are too many.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Shared, Sharer, configured, member};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_stumbles")
        .on(Profile::Shares)
        .cases(cases![
            across_the_start,
            across_the_start_as_a_session_ends,
            across_the_start_with_a_fetch,
            across_the_start_of_one_of_two,
            across_the_start_with_a_record_behind,
            many_batches_before_the_start,
            many_batches_of_a_record,
            many_batches_of_a_fetch,
            ranges_at_the_limits,
        ])
}

/// A member whose share partitions begin behind three records, with nothing in flight.
fn behind_records(cx: &mut Context, partitions: i32) -> Result<(Sharer, Shared)> {
    let group = configured(cx, "g", &[])?;
    let t = Shared::new(cx, "t", partitions)?;
    let mut m = member(cx, &group, "m", &t)?;
    for partition in 0..partitions {
        produce(cx, &t.name, partition, &["a", "b", "c"])?;
    }
    let all: Vec<i32> = (0..partitions).collect();
    m.fetch(cx, t.of(&all), json!({"maxWaitMs": 500}))?;
    cx.labels.hidden.push("records");
    Ok((m, t))
}

fn across_the_start(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    for (first, last) in [(2, 4), (0, i64::MAX), (2, 3)] {
        m.acknowledge(cx, t.said(&[(first, last, &[1])]), json!({}))?;
        // The session went on.
        m.session += 1;
    }
    for (first, last) in [(0, 2), (3, 4)] {
        m.acknowledge(cx, t.said(&[(first, last, &[1])]), json!({}))?;
    }
    produce(cx, &t.name, 0, &["d"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn across_the_start_as_a_session_ends(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    let session = m.session;
    m.session = -1;
    m.acknowledge(cx, t.said(&[(2, 4, &[1])]), json!({}))?;
    m.session = session;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

fn across_the_start_with_a_fetch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    m.fetch(cx, t.said(&[(2, 4, &[1])]), json!({"maxWaitMs": 100}))?;
    m.session += 1;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

fn across_the_start_of_one_of_two(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 2)?;
    produce(cx, &t.name, 1, &["d"])?;
    m.fetch(cx, t.of(&[1]), json!({}))?;
    let batch = json!([{"firstOffset": 2, "lastOffset": 4, "acknowledgeTypes": [1]}]);
    let rows =
        [0, 1].map(|index| json!({"partitionIndex": index, "acknowledgementBatches": batch}));
    m.acknowledge(
        cx,
        json!([{"topicId": t.id, "partitions": rows}]),
        json!({}),
    )?;
    Ok(())
}

/// With something in flight behind the start there is nothing up to it either, until the start has moved there.
fn across_the_start_with_a_record_behind(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    produce(cx, &t.name, 0, &["d", "e"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.acknowledge(cx, t.said(&[(2, 4, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

/// So many that a frame of them is far from the largest one.
const MANY: usize = 50_000;

/// Partition 0 with as many acknowledgements of one range.
fn many(t: &Shared, (first, last): (i64, i64)) -> Value {
    let mut rows = t.said(&[(first, last, &[1])]);
    let batches = &mut rows[0]["partitions"][0]["acknowledgementBatches"];
    let one = batches[0].clone();
    *batches = vec![one; MANY].into();
    rows
}

fn told(cx: &mut Context, m: &mut Sharer, api: &str, topics: Value) -> Result<()> {
    let mut body = m.fetch_body(topics, json!({"maxWaitMs": 100}));
    if api == "ShareAcknowledge" {
        body = json!({"groupId": m.group, "memberId": m.id, "shareSessionEpoch": m.session, "topics": body["topics"]});
    }
    let answer = cx.ask(api, 2, body)?;
    m.session += 1;
    let row = &answer["responses"][0]["partitions"][0];
    let shown = |name: &str| row[name].to_string();
    cx.note(&format!(
        "{api} of {MANY} batches: {}, {} {}, {} {}",
        answer["errorCode"],
        shown("errorCode"),
        shown("errorMessage"),
        shown("acknowledgeErrorCode"),
        shown("acknowledgeErrorMessage"),
    ));
    Ok(())
}

fn many_batches_before_the_start(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    let rows = many(&t, (0, 0));
    told(cx, &mut m, "ShareAcknowledge", rows)?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

fn many_batches_of_a_record(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    produce(cx, &t.name, 0, &["d"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    let rows = many(&t, (3, 3));
    told(cx, &mut m, "ShareAcknowledge", rows)?;
    m.acknowledge(cx, t.said(&[(3, 3, &[1])]), json!({}))?;
    Ok(())
}

fn many_batches_of_a_fetch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    let rows = many(&t, (3, 3));
    told(cx, &mut m, "ShareFetch", rows)?;
    let rows = many(&t, (0, 0));
    told(cx, &mut m, "ShareFetch", rows)?;
    Ok(())
}

fn ranges_at_the_limits(cx: &mut Context) -> Result<()> {
    let (mut m, t) = behind_records(cx, 1)?;
    produce(cx, &t.name, 0, &["d"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    let ranges = [
        (i64::MIN, i64::MIN),
        (i64::MIN, i64::MAX),
        (i64::MAX, i64::MAX),
        (i64::MAX, i64::MIN),
        (3, i64::MAX),
        (-1, 3),
    ];
    for (first, last) in ranges {
        m.acknowledge(cx, t.said(&[(first, last, &[1])]), json!({}))?;
        m.acknowledge(cx, t.said(&[(first, last, &[1, 1])]), json!({}))?;
    }
    Ok(())
}
