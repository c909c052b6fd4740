//! Readers of what is committed: the last stable offset, aborted transactions, markers in the log.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("read_committed")
        .cases_at([4, 5, 11, 12, 13, 18], cases![open])
        .versions("committed", [4, 11, 12, 13, 18], |cx, version| {
            ended(cx, version, true)
        })
        .versions("aborted", [4, 11, 12, 13, 18], |cx, version| {
            ended(cx, version, false)
        })
        .case("markers_of_v4", |cx| markers(cx, 4))
        .case("markers_of_v5", |cx| markers(cx, 5))
        .cases(cases![
            interleaved,
            aborted_before_the_range,
            aborted_within_a_small_answer,
            aborted_twice,
            beyond_the_last_stable_offset,
            waits_for_the_marker,
        ])
        .case(
            "plain_records_behind_an_open_transaction",
            plain_records_behind,
        )
        .cases(cases![deleted_records, log_append_time])
        .cases_at([2, 4, 7, 10], cases![list_offsets])
        .cases_at([2, 7], cases![list_offsets_by_time])
        .cases(cases![new_producer_aborts, session])
}

fn begin(cx: &mut Context) -> Result<(String, Producer)> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    Ok((a, producer))
}

fn plain(cx: &mut Context, topic: &str, value: &str) -> Result<()> {
    let partition = json!({"index": 0, "records": Batch::of(&[value]).json()});
    let body = json!({"acks": -1, "timeoutMs": 10_000, "topicData": [{"name": topic, "partitionData": [partition]}]});
    cx.ask("Produce", 9, body)?;
    let short = cx.labels.replaced(topic);
    cx.note(&format!("a plain record to {short}"));
    Ok(())
}

fn fetch(cx: &mut Context, version: i16, topic: &str, offset: i64, isolation: i8) -> Result<Value> {
    let id = cx.topic_id(topic)?;
    let partition = json!({"partition": 0, "fetchOffset": offset, "partitionMaxBytes": 1_000_000});
    let body = json!({"maxWaitMs": 0, "minBytes": 0, "isolationLevel": isolation,
        "topics": [{"topic": topic, "topicId": id, "partitions": [partition]}]});
    cx.call("Fetch", version, body)
}

fn open(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    plain(cx, &a, "before")?;
    producer.write(cx, &a, 0, &["x"])?;
    for isolation in [0, 1] {
        fetch(cx, version, &a, 0, isolation)?;
    }
    Ok(())
}

fn ended(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, commits)?;
    for isolation in [0, 1] {
        fetch(cx, version, &a, 0, isolation)?;
    }
    Ok(())
}

/// Every partition of the transaction gets one, whether something was written to it or not.
fn markers(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let b = cx.create_topic("b", 1)?;
    cx.quietly(|cx| producer.add(cx, 3, &b, &[0]))?;
    producer.write(cx, &a, 0, &["x"])?;
    let answer = producer.end(cx, version, false)?;
    producer.settle(cx)?;
    for topic in [&a, &b] {
        cx.fetch_isolated(topic, 0, 0)?;
    }
    let mut producer = producer;
    if version > 4 {
        producer.follow(&answer)?;
    }
    producer.write(cx, &b, 0, &["y"])?;
    producer.end(cx, version, true)?;
    producer.settle(cx)?;
    cx.fetch_isolated(&b, 1, 1)?;
    let topics =
        json!([{"name": a, "partitionIndexes": [0]}, {"name": b, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    Ok(())
}

/// The first open transaction holds readers back, whatever ends after it.
fn interleaved(cx: &mut Context) -> Result<()> {
    let (a, mut one) = begin(cx)?;
    let mut two = Producer::new(cx, "u")?;
    one.write(cx, &a, 0, &["1a"])?;
    two.write(cx, &a, 0, &["2a"])?;
    plain(cx, &a, "p")?;
    one.write(cx, &a, 1, &["1b"])?;
    cx.note_ends(&a)?;
    two.complete(cx, false)?;
    cx.note_ends(&a)?;
    fetch(cx, 12, &a, 0, 1)?;
    one.complete(cx, true)?;
    cx.note_ends(&a)?;
    cx.labels.exact_order = true;
    fetch(cx, 12, &a, 0, 1)?;
    Ok(())
}

fn aborted_before_the_range(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.write(cx, &a, 1, &["y"])?;
    producer.complete(cx, false)?;
    plain(cx, &a, "p")?;
    for offset in 0..=4 {
        fetch(cx, 12, &a, offset, 1)?;
    }
    Ok(())
}

/// Only transactions that the records in the answer may be part of are named.
fn aborted_within_a_small_answer(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    for value in ["x", "y", "z"] {
        producer.write(cx, &a, 0, &[value])?;
        producer.complete(cx, false)?;
    }
    for offset in 0..=5 {
        let partition = json!({"partition": 0, "fetchOffset": offset, "partitionMaxBytes": 1});
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "isolationLevel": 1, "topics": [{"topic": a, "partitions": [partition]}]});
        cx.call("Fetch", 12, body)?;
    }
    Ok(())
}

fn aborted_twice(cx: &mut Context) -> Result<()> {
    let (a, mut one) = begin(cx)?;
    let mut two = Producer::new(cx, "u")?;
    one.write(cx, &a, 0, &["1"])?;
    two.write(cx, &a, 0, &["2"])?;
    two.complete(cx, false)?;
    two.write(cx, &a, 0, &["2"])?;
    one.complete(cx, false)?;
    cx.note_ends(&a)?;
    two.complete(cx, false)?;
    cx.labels.exact_order = true;
    fetch(cx, 12, &a, 0, 1)?;
    Ok(())
}

fn beyond_the_last_stable_offset(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    plain(cx, &a, "p")?;
    producer.write(cx, &a, 0, &["x", "y"])?;
    for offset in [1, 2, 3, 4] {
        fetch(cx, 12, &a, offset, 1)?;
    }
    Ok(())
}

fn waits_for_the_marker(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    let reader = cx.connect(1)?;
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1_000_000});
    let body = json!({"maxWaitMs": 15_000, "minBytes": 1, "isolationLevel": 1, "topics": [{"topic": a, "partitions": [partition]}]});
    cx.send_on(reader, "Fetch", 12, body)?;
    producer.complete(cx, true)?;
    cx.receive_on(reader)?;
    Ok(())
}

fn plain_records_behind(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    plain(cx, &a, "p")?;
    fetch(cx, 12, &a, 0, 1)?;
    producer.complete(cx, true)?;
    fetch(cx, 12, &a, 1, 1)?;
    Ok(())
}

fn deleted_records(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, false)?;
    producer.write(cx, &a, 0, &["y"])?;
    for offset in [2, -1] {
        let partition = json!({"partitionIndex": 0, "offset": offset});
        let body = json!({"topics": [{"name": a, "partitions": [partition]}], "timeoutMs": 10_000});
        cx.call("DeleteRecords", 2, body)?;
        cx.note_ends(&a)?;
    }
    producer.complete(cx, false)?;
    fetch(cx, 12, &a, 3, 1)?;
    Ok(())
}

fn log_append_time(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_with("a", 1, json!({"message.timestamp.type": "LogAppendTime"}))?;
    let mut producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, true)?;
    fetch(cx, 12, &a, 0, 1)?;
    Ok(())
}

fn list(cx: &mut Context, version: i16, topic: &str, timestamp: i64) -> Result<()> {
    for isolation in [0, 1] {
        let rows = json!([{"partitionIndex": 0, "timestamp": timestamp}]);
        let body = json!({"replicaId": -1, "isolationLevel": isolation, "topics": [{"name": topic, "partitions": rows}]});
        cx.call("ListOffsets", version, body)?;
    }
    Ok(())
}

fn list_offsets(cx: &mut Context, version: i16) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    plain(cx, &a, "p")?;
    producer.write(cx, &a, 0, &["x"])?;
    let timestamps: &[i64] = if version < 7 {
        &[-1, -2]
    } else {
        &[-1, -2, -3]
    };
    for timestamp in timestamps {
        list(cx, version, &a, *timestamp)?;
    }
    producer.complete(cx, false)?;
    for timestamp in timestamps {
        list(cx, version, &a, *timestamp)?;
    }
    Ok(())
}

/// An offset that is not stable yet is none.
fn list_offsets_by_time(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let base = crate::clock::base_millis();
    for (sequence, later) in [(0, 0), (1, 10)] {
        let batch = Batch {
            base_timestamp: base + later,
            ..producer.batch(sequence, &["x"])
        };
        cx.quietly(|cx| producer.produce(cx, 12, &a, &batch))?;
    }
    for timestamp in [base, base + 5, base + 10, base + 11] {
        list(cx, version, &a, timestamp)?;
    }
    Ok(())
}

fn new_producer_aborts(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    let answer = producer.init(cx, 5)?;
    let mut producer = producer;
    producer.follow(&answer)?;
    producer.write(cx, &a, 0, &["y"])?;
    producer.complete(cx, true)?;
    fetch(cx, 12, &a, 0, 1)?;
    Ok(())
}

/// An incremental fetch names a partition again when its last stable offset has moved.
fn session(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1_000_000});
    let body = json!({"maxWaitMs": 0, "minBytes": 0, "isolationLevel": 1, "sessionEpoch": 0, "topics": [{"topic": a, "partitions": [partition]}]});
    let answer = cx.call("Fetch", 12, body)?;
    let next = |epoch: i32| json!({"maxWaitMs": 0, "minBytes": 0, "isolationLevel": 1, "sessionId": answer["sessionId"], "sessionEpoch": epoch});
    cx.call("Fetch", 12, next(1))?;
    producer.complete(cx, true)?;
    cx.call("Fetch", 12, next(2))?;
    Ok(())
}
