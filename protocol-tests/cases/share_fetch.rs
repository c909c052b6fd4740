//! ShareFetch (key 78): what is acquired, and in which runs.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Shared, Sharer, configured, member, set, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("share_fetch")
        .on(Profile::Shares)
        .cases_at(1..=2, cases![one_partition, max_records])
        .cases(cases![
            empty_partition,
            from_the_latest,
            from_the_earliest,
            by_duration,
            by_duration_without_records,
            nothing_twice,
            two_members,
            two_groups,
            batches,
            batch_size,
            batch_size_within_batches,
            record_limit_mode,
            record_limit_mode_within_a_batch,
            unknown_mode,
            no_records_wanted,
            no_bytes_wanted,
            few_bytes,
            min_bytes,
            waits_for_records,
            max_wait_over,
            several_partitions,
            unknown_topic,
            unknown_partition,
            deleted_topic,
            not_assigned,
            without_a_group,
            group_of_another_kind,
            lock_runs_out,
            delivery_limit_by_locks,
            in_flight_limit,
            released_come_first,
            released_in_the_middle,
            compressed,
            transaction_aborted_committed,
            transaction_aborted_uncommitted,
            transaction_open_committed,
            control_records_only,
            records_deleted,
            records_deleted_under_locks,
            lock_duration,
            lock_duration_changed,
            member_leaves,
        ])
}

fn one_partition(cx: &mut Context, version: i16) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["x", "y"])?;
    m.fetch_at(cx, version, t.of(&[0]), json!({}))?;
    m.fetch_at(cx, version, t.of(&[]), json!({"maxWaitMs": 50}))?;
    Ok(())
}

fn max_records(cx: &mut Context, version: i16) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    for value in ["a", "b", "c"] {
        produce(cx, &t.name, 0, &[value, value])?;
    }
    for _ in 0..3 {
        m.fetch_at(
            cx,
            version,
            t.of(&[0]),
            json!({"maxRecords": 3, "maxWaitMs": 200}),
        )?;
    }
    Ok(())
}

fn quick() -> Value {
    json!({"maxWaitMs": 100})
}

fn empty_partition(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    m.fetch(cx, t.of(&[0]), quick())?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn from_the_latest(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    produce(cx, &t.name, 0, &["before"])?;
    let mut m = member(cx, &group, "m", &t)?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1000}))?;
    produce(cx, &t.name, 0, &["after"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn from_the_earliest(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a", "b", "c"])?;
    let partitions = json!([{"partitionIndex": 0, "offset": 2}]);
    let topics = json!([{"name": t.name, "partitions": partitions}]);
    cx.ask(
        "DeleteRecords",
        2,
        json!({"topics": topics, "timeoutMs": 10_000}),
    )?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn by_duration(cx: &mut Context) -> Result<()> {
    let group = configured(cx, "g", &[("share.auto.offset.reset", "by_duration:PT1H")])?;
    let t = Shared::new(cx, "t", 1)?;
    let now = crate::clock::millis();
    for (time, value) in [(now - 7_200_000, "old"), (now - 60_000, "new")] {
        let batch = Batch {
            base_timestamp: time,
            ..Batch::of(&[value])
        };
        let partition = json!({"index": 0, "records": batch.json()});
        let topic = json!({"name": t.name, "partitionData": [partition]});
        cx.ask(
            "Produce",
            9,
            json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
        )?;
    }
    let mut m = member(cx, &group, "m", &t)?;
    cx.labels.hidden.push("records");
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn by_duration_without_records(cx: &mut Context) -> Result<()> {
    let group = configured(cx, "g", &[("share.auto.offset.reset", "by_duration:PT1H")])?;
    let t = Shared::new(cx, "t", 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1000}))?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1000}))?;
    Ok(())
}

fn nothing_twice(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["x"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    produce(cx, &t.name, 0, &["y"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn two_members(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let mut n = Sharer::new(&m.group, "n");
    n.join(cx, &[&t.name])?;
    for value in ["a", "b"] {
        produce(cx, &t.name, 0, &[value])?;
    }
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    n.fetch(cx, t.of(&[0]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn two_groups(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let other = super::members::earliest(cx, "h", &[])?;
    let mut n = member(cx, &other, "m", &t)?;
    produce(cx, &t.name, 0, &["a", "b"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    n.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn three_batches(cx: &mut Context) -> Result<(Sharer, Shared)> {
    let (m, t) = sharing(cx, 1, &[])?;
    for values in [&["a", "b", "c"][..], &["d"], &["e", "f", "g", "h"]] {
        produce(cx, &t.name, 0, values)?;
    }
    Ok((m, t))
}

fn batches(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn batch_size(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({"batchSize": 4}))?;
    Ok(())
}

fn batch_size_within_batches(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({"batchSize": 1}))?;
    Ok(())
}

fn record_limit_mode(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    for _ in 0..3 {
        m.fetch(
            cx,
            t.of(&[0]),
            json!({"maxRecords": 3, "shareAcquireMode": 1}),
        )?;
    }
    Ok(())
}

fn record_limit_mode_within_a_batch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    let fields = json!({"maxRecords": 2, "batchSize": 1, "shareAcquireMode": 1});
    for _ in 0..4 {
        m.fetch(cx, t.of(&[0]), fields.clone())?;
    }
    Ok(())
}

fn unknown_mode(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(
        cx,
        t.of(&[0]),
        json!({"shareAcquireMode": 2, "maxWaitMs": 200}),
    )?;
    Ok(())
}

fn no_records_wanted(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    for records in [0, -1] {
        m.fetch(
            cx,
            t.of(&[0]),
            json!({"maxRecords": records, "maxWaitMs": 200}),
        )?;
    }
    m.fetch(cx, t.of(&[0]), json!({"batchSize": 0, "maxWaitMs": 200}))?;
    Ok(())
}

fn no_bytes_wanted(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({"maxBytes": 0, "maxWaitMs": 200}))?;
    Ok(())
}

fn few_bytes(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    for bytes in [1, 100, 200] {
        m.fetch(cx, t.of(&[0]), json!({"maxBytes": bytes, "maxWaitMs": 200}))?;
    }
    Ok(())
}

fn min_bytes(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["x"])?;
    m.fetch(
        cx,
        t.of(&[0]),
        json!({"minBytes": 100_000, "maxWaitMs": 300}),
    )?;
    Ok(())
}

fn waits_for_records(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    m.fetch(cx, t.of(&[0]), quick())?;
    let body = m.fetch_body(json!([]), json!({}));
    let b = cx.connect(1)?;
    cx.send_on(b, "ShareFetch", 2, body)?;
    cx.expect_silence(b, std::time::Duration::from_millis(200))?;
    produce(cx, &t.name, 0, &["x"])?;
    cx.receive_on(b)?;
    Ok(())
}

fn max_wait_over(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    for wait in [300, 0] {
        m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": wait}))?;
    }
    Ok(())
}

fn several_partitions(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 3, &[])?;
    m.fetch(cx, t.of(&[0, 1, 2]), json!({"maxWaitMs": 1000}))?;
    produce(cx, &t.name, 0, &["a"])?;
    produce(cx, &t.name, 2, &["b"])?;
    m.fetch(cx, json!([]), json!({"minBytes": 130}))?;
    Ok(())
}

fn unknown_topic(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a"])?;
    let mut rows = t.of(&[0]);
    let stranger = json!({"topicId": "AAAAAAAAAAAAAAAAAAAABQ", "partitions": [{"partitionIndex": 0, "acknowledgementBatches": []}]});
    if let Some(rows) = rows.as_array_mut() {
        rows.push(stranger.clone());
    }
    m.fetch(cx, rows, json!({}))?;
    Sharer {
        session: 0,
        id: "n".to_owned(),
        ..m
    }
    .fetch(cx, json!([stranger]), json!({"maxWaitMs": 300}))?;
    Ok(())
}

fn unknown_partition(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a"])?;
    m.fetch(cx, t.of(&[0, 7]), json!({}))?;
    m.fetch(cx, t.of(&[]), json!({"maxWaitMs": 200}))?;
    Ok(())
}

fn deleted_topic(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    m.fetch(cx, t.of(&[0]), quick())?;
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [t.name], "timeoutMs": 10_000}),
    )?;
    cx.quietly(|cx| m.await_partitions(cx, 0))?;
    m.fetch(cx, json!([]), quick())?;
    Ok(())
}

/// Who is no member of the group may still fetch, once the share partition has begun.
fn not_assigned(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a"])?;
    Sharer::new(&m.group, "stranger").fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn without_a_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    let mut m = Sharer::new(&group, "m");
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1000}))?;
    m.fetch(cx, json!([]), json!({"maxWaitMs": 1000}))?;
    Ok(())
}

fn group_of_another_kind(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    super::members::Consumer::new(&group, "c").join(cx, &[&t.name])?;
    Sharer::new(&group, "m").fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1000}))?;
    Ok(())
}

fn lock_runs_out(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[("share.record.lock.duration.ms", "1000")])?;
    produce(cx, &t.name, 0, &["a", "b"])?;
    for _ in 0..3 {
        m.fetch(cx, t.of(&[0]), json!({}))?;
    }
    Ok(())
}

fn delivery_limit_by_locks(cx: &mut Context) -> Result<()> {
    let settings = [
        ("share.record.lock.duration.ms", "1000"),
        ("share.delivery.count.limit", "2"),
    ];
    let (mut m, t) = sharing(cx, 1, &settings)?;
    produce(cx, &t.name, 0, &["a", "b"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1500}))?;
    produce(cx, &t.name, 0, &["c"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn in_flight_limit(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[("share.partition.max.record.locks", "100")])?;
    let values = ["v"; 60];
    for _ in 0..3 {
        produce(cx, &t.name, 0, &values)?;
    }
    cx.labels.hidden.push("records");
    for _ in 0..3 {
        m.fetch(
            cx,
            t.of(&[0]),
            json!({"maxRecords": 1000, "batchSize": 1000, "maxWaitMs": 300}),
        )?;
    }
    m.fetch(
        cx,
        t.said(&[(0, 59, &[1])]),
        json!({"maxRecords": 1000, "batchSize": 1000, "maxWaitMs": 300}),
    )?;
    Ok(())
}

fn released_come_first(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 4}))?;
    m.acknowledge(cx, t.said(&[(0, 2, &[2])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn released_in_the_middle(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.acknowledge(cx, t.said(&[(1, 5, &[2])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.acknowledge(
        cx,
        t.said(&[(1, 1, &[1]), (2, 2, &[2]), (5, 5, &[2])]),
        json!({}),
    )?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn compressed(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let batch = Batch {
        codec: crate::records::Codec::Gzip,
        ..Batch::of(&["a", "b", "c"])
    };
    let partition = json!({"index": 0, "records": batch.json()});
    let topic = json!({"name": t.name, "partitionData": [partition]});
    cx.ask(
        "Produce",
        9,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
    )?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 2}))?;
    Ok(())
}

/// A transaction that is aborted between records of no transaction.
fn aborted(cx: &mut Context, t: &Shared) -> Result<()> {
    produce(cx, &t.name, 0, &["before"])?;
    let mut producer = Producer::new(cx, "x")?;
    cx.quietly(|cx| producer.produce(cx, 12, &t.name, &producer.batch(0, &["a", "b"])))?;
    cx.quietly(|cx| producer.complete(cx, false))?;
    cx.await_markers(&producer.transactional_id)?;
    produce(cx, &t.name, 0, &["after"])?;
    Ok(())
}

fn transaction_aborted_committed(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[("share.isolation.level", "read_committed")])?;
    aborted(cx, &t)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1]), (4, 4, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn transaction_aborted_uncommitted(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    aborted(cx, &t)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn transaction_open_committed(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[("share.isolation.level", "read_committed")])?;
    produce(cx, &t.name, 0, &["before"])?;
    let mut producer = Producer::new(cx, "x")?;
    cx.quietly(|cx| producer.produce(cx, 12, &t.name, &producer.batch(0, &["a", "b"])))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    cx.quietly(|cx| producer.complete(cx, true))?;
    cx.await_markers(&producer.transactional_id)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn control_records_only(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["before"])?;
    let mut producer = Producer::new(cx, "x")?;
    cx.quietly(|cx| producer.produce(cx, 12, &t.name, &producer.batch(0, &["a"])))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    cx.quietly(|cx| producer.complete(cx, true))?;
    cx.await_markers(&producer.transactional_id)?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 300}))?;
    Ok(())
}

fn delete_records(cx: &mut Context, t: &Shared, before: i64) -> Result<()> {
    let partitions = json!([{"partitionIndex": 0, "offset": before}]);
    let topics = json!([{"name": t.name, "partitions": partitions}]);
    cx.ask(
        "DeleteRecords",
        2,
        json!({"topics": topics, "timeoutMs": 10_000}),
    )?;
    cx.note(&format!("the log starts at {before}"));
    Ok(())
}

fn records_deleted(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    delete_records(cx, &t, 6)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn records_deleted_under_locks(cx: &mut Context) -> Result<()> {
    let (mut m, t) = three_batches(cx)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    delete_records(cx, &t, 2)?;
    m.fetch(cx, t.of(&[0]), quick())?;
    m.acknowledge(cx, t.said(&[(0, 2, &[1])]), json!({}))?;
    m.acknowledge(cx, t.said(&[(3, 7, &[1])]), json!({}))?;
    Ok(())
}

fn lock_duration(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[("share.record.lock.duration.ms", "12345")])?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn lock_duration_changed(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    m.fetch(cx, t.of(&[0]), quick())?;
    let group = m.group.clone();
    set(cx, &group, &[("share.record.lock.duration.ms", "23456")])?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

/// Leaving the group leaves the session and what it has acquired.
fn member_leaves(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.leave(cx)?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}
