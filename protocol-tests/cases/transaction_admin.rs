//! DescribeTransactions (key 65), ListTransactions (key 66), DescribeProducers (key 61) with transactions (KIP-664).

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("transaction_admin")
        .cases(cases![
            describe_unknown,
            describe_each_state,
            describe_twice,
            describe_nothing,
            describe_empty_id,
        ])
        .cases_at(
            0..=2,
            cases![
                list,
                list_by_state,
                list_by_unknown_state,
                list_by_producer,
                list_by_both,
            ],
        )
        .cases_at(1..=2, cases![list_by_duration])
        .cases(cases![
            list_by_pattern,
            list_by_invalid_pattern,
            open_producers
        ])
        .case("producers_after_v4", |cx| producers_after(cx, 4))
        .case("producers_after_v5", |cx| producers_after(cx, 5))
        .cases(cases![
            producers_after_a_new_producer,
            producers_of_markers_alone
        ])
}

fn describe(cx: &mut Context, ids: &[&str]) -> Result<Value> {
    cx.call("DescribeTransactions", 0, json!({"transactionalIds": ids}))
}

fn describe_unknown(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    let none = cx.transactional_id("none")?;
    let answer = describe(cx, &[&none, &producer.transactional_id])?;
    let rows = answer["transactionStates"].as_array().into_iter().flatten();
    let unknown = rows.into_iter().find(|row| row["errorCode"] != 0);
    let id = unknown.map_or(Value::Null, |row| row["producerId"].clone());
    cx.note(&format!("the producer id of none is {id}"));
    Ok(())
}

/// Empty, Ongoing, CompleteCommit, CompleteAbort.
fn stage(cx: &mut Context) -> Result<Vec<Producer>> {
    let (a, b) = (cx.create_topic("a", 2)?, cx.create_topic("b", 1)?);
    let mut producers = Vec::new();
    for short in ["empty", "ongoing", "committed", "aborted"] {
        producers.push(Producer::new(cx, short)?);
    }
    cx.quietly(|cx| {
        producers[1].add(cx, 3, &a, &[1, 0])?;
        producers[1].add(cx, 3, &b, &[0])
    })?;
    for (at, commits) in [(2, true), (3, false)] {
        cx.quietly(|cx| {
            producers[at].add(cx, 3, &b, &[0])?;
            producers[at].complete(cx, commits)
        })?;
    }
    cx.labels.own_topics_only = true;
    Ok(producers)
}

fn describe_each_state(cx: &mut Context) -> Result<()> {
    let producers = stage(cx)?;
    let ids: Vec<_> = producers
        .iter()
        .map(|producer| producer.transactional_id.as_str())
        .collect();
    describe(cx, &ids)?;
    Ok(())
}

fn describe_twice(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    describe(
        cx,
        &[&producer.transactional_id, &producer.transactional_id],
    )?;
    Ok(())
}

fn describe_nothing(cx: &mut Context) -> Result<()> {
    cx.transactional_id("t")?;
    describe(cx, &[])?;
    Ok(())
}

fn describe_empty_id(cx: &mut Context) -> Result<()> {
    cx.transaction_coordinator("")?;
    describe(cx, &[""])?;
    Ok(())
}

fn list(cx: &mut Context, version: i16) -> Result<()> {
    stage(cx)?;
    cx.call("ListTransactions", version, json!({}))?;
    Ok(())
}

fn list_by_state(cx: &mut Context, version: i16) -> Result<()> {
    stage(cx)?;
    for states in [
        json!(["Ongoing"]),
        json!(["Empty"]),
        json!(["CompleteCommit", "CompleteAbort"]),
        json!(["PrepareCommit", "PrepareAbort"]),
        json!(["PrepareEpochFence", "Dead"]),
        json!(["Ongoing", "Ongoing"]),
    ] {
        cx.call("ListTransactions", version, json!({"stateFilters": states}))?;
    }
    Ok(())
}

fn list_by_unknown_state(cx: &mut Context, version: i16) -> Result<()> {
    stage(cx)?;
    for states in [
        json!(["Bogus"]),
        json!(["ongoing"]),
        json!(["Bogus", "Ongoing", "ONGOING"]),
        json!([""]),
    ] {
        cx.call("ListTransactions", version, json!({"stateFilters": states}))?;
    }
    Ok(())
}

fn list_by_producer(cx: &mut Context, version: i16) -> Result<()> {
    let producers = stage(cx)?;
    for ids in [
        json!([producers[0].id, producers[2].id]),
        json!([987_654_321]),
        json!([-1]),
        json!([producers[1].id, 987_654_321]),
    ] {
        cx.call(
            "ListTransactions",
            version,
            json!({"producerIdFilters": ids}),
        )?;
    }
    Ok(())
}

fn list_by_both(cx: &mut Context, version: i16) -> Result<()> {
    let producers = stage(cx)?;
    let ids = json!([producers[0].id, producers[1].id]);
    for states in [json!(["Ongoing"]), json!(["CompleteCommit"])] {
        let body = json!({"stateFilters": states, "producerIdFilters": ids});
        cx.call("ListTransactions", version, body)?;
    }
    Ok(())
}

/// Those that began longer ago, ended or not; one that never began counts as very old.
fn list_by_duration(cx: &mut Context, version: i16) -> Result<()> {
    let producers = stage(cx)?;
    let body = |duration: i64| json!({"durationFilter": duration});
    cx.until("all have begun a while ago", |cx| {
        let answer = cx.call("ListTransactions", 1, body(20))?;
        let rows = answer["transactionStates"].as_array().into_iter().flatten();
        let found: Vec<_> = rows
            .filter_map(|row| row["transactionalId"].as_str())
            .collect();
        let listed = |producer: &Producer| found.contains(&producer.transactional_id.as_str());
        Ok(producers.iter().all(listed))
    })?;
    for duration in [-1, -2, 0, 20, 900_000, i64::MAX] {
        cx.call("ListTransactions", version, body(duration))?;
    }
    Ok(())
}

fn list_by_pattern(cx: &mut Context) -> Result<()> {
    let producers = stage(cx)?;
    let id = producers[0].transactional_id.clone();
    for pattern in [
        json!(id),
        json!("empty"),
        json!("(empty|ongoing)-.*"),
        json!(".*"),
        json!(""),
        json!(null),
        json!("none"),
    ] {
        cx.call(
            "ListTransactions",
            2,
            json!({"transactionalIdPattern": pattern}),
        )?;
    }
    Ok(())
}

fn list_by_invalid_pattern(cx: &mut Context) -> Result<()> {
    stage(cx)?;
    for pattern in ["[", "(?<=a)b", "*"] {
        cx.call(
            "ListTransactions",
            2,
            json!({"transactionalIdPattern": pattern}),
        )?;
    }
    Ok(())
}

fn producers(cx: &mut Context, topic: &str) -> Result<()> {
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    Ok(())
}

fn open_producers(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let (one, two) = (Producer::new(cx, "t")?, Producer::new(cx, "u")?);
    one.write(cx, &a, 0, &["x", "y"])?;
    two.write(cx, &a, 0, &["z"])?;
    one.write(cx, &a, 2, &["x"])?;
    producers(cx, &a)
}

fn producers_after(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x", "y"])?;
    let answer = producer.end(cx, version, true)?;
    producer.settle(cx)?;
    producers(cx, &a)?;
    let mut producer = producer;
    if version > 4 {
        producer.follow(&answer)?;
    }
    producer.write(cx, &a, if version > 4 { 0 } else { 2 }, &["z"])?;
    producers(cx, &a)?;
    producer.end(cx, version, false)?;
    producer.settle(cx)?;
    producers(cx, &a)
}

fn producers_after_a_new_producer(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    producers(cx, &a)
}

fn producers_of_markers_alone(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, &a, &[0])?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    producers(cx, &a)
}
