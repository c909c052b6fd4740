//! The idempotent producer: InitProducerId (key 22) without a transactional id, Produce, DescribeProducers (key 61).

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::clock;
use crate::context::Context;
use crate::records::{Batch, Record};

pub(super) fn area() -> Area {
    Area::new("idempotence")
        .cases_at(0..=5, cases![init_producer_id])
        .cases(cases![
            init_producer_id_arguments,
            sequences,
            wrap,
            epochs,
            unknown_producer,
            deleted_records,
            transactional_batches,
            describe_producers,
        ])
}

/// A broker that has just started has no producer ids yet.
fn await_producer_ids(cx: &mut Context) -> Result<()> {
    cx.until("producer ids", |cx| Ok(producer(cx)? >= 0))
}

fn init_producer_id(cx: &mut Context, version: i16) -> Result<()> {
    await_producer_ids(cx)?;
    let body = json!({"transactionalId": null, "transactionTimeoutMs": 60000, "producerId": -1, "producerEpoch": -1});
    cx.call("InitProducerId", version, body.clone())?;
    cx.call("InitProducerId", version, body)?;
    Ok(())
}

fn init_producer_id_arguments(cx: &mut Context) -> Result<()> {
    await_producer_ids(cx)?;
    for body in [
        json!({"transactionalId": "", "transactionTimeoutMs": 60000, "producerId": -1, "producerEpoch": -1}),
        json!({"transactionalId": null, "transactionTimeoutMs": 0, "producerId": -1, "producerEpoch": -1}),
        json!({"transactionalId": null, "transactionTimeoutMs": -1, "producerId": 5, "producerEpoch": 3}),
        json!({"transactionalId": null, "transactionTimeoutMs": 60000, "producerId": 5, "producerEpoch": -1}),
        json!({"transactionalId": null, "transactionTimeoutMs": 60000, "producerId": -1, "producerEpoch": 5}),
        json!({"transactionalId": null, "transactionTimeoutMs": 60000, "producerId": -2, "producerEpoch": -2}),
    ] {
        cx.call("InitProducerId", 5, body)?;
    }
    Ok(())
}

fn produce(cx: &mut Context, topic: &str, batch: &Batch) -> Result<Value> {
    let partition = json!({"index": 0, "records": batch.json()});
    let topic = json!({"name": topic, "partitionData": [partition]});
    cx.call(
        "Produce",
        11,
        json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]}),
    )
}

fn producer(cx: &mut Context) -> Result<i64> {
    let body = json!({"transactionalId": null, "transactionTimeoutMs": 60000, "producerId": -1, "producerEpoch": -1});
    let answer = cx.ask("InitProducerId", 4, body)?;
    Ok(answer
        .pointer("/producerId")
        .and_then(Value::as_i64)
        .unwrap_or(-1))
}

fn each(cx: &mut Context, batches: &[(i64, i64, &[&str])]) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = producer(cx)?;
    for (epoch, sequence, values) in batches {
        cx.note(&format!(
            "epoch {epoch}, sequence {sequence}, {} records",
            values.len()
        ));
        produce(
            cx,
            &a,
            &Batch::of(values).from_producer(id, *epoch, *sequence),
        )?;
    }
    let describe = json!({"topics": [{"name": a, "partitionIndexes": [0]}]});
    cx.call("DescribeProducers", 0, describe)?;
    Ok(())
}

fn sequences(cx: &mut Context) -> Result<()> {
    each(
        cx,
        &[
            (0, 0, &["a"]),
            (0, 1, &["b", "c"]),
            (0, 3, &["d"]),
            (0, 4, &["e"]),
            (0, 5, &["f"]),
            (0, 0, &["a"]),
            (0, 6, &["g"]),
            (0, 0, &["a"]),
            (0, 1, &["b", "c"]),
            (0, 1, &["b"]),
            (0, 2, &["c", "d"]),
            (0, 9, &["z"]),
            (0, 7, &["h"]),
        ],
    )
}

fn wrap(cx: &mut Context) -> Result<()> {
    let top = i64::from(i32::MAX);
    each(
        cx,
        &[
            (0, top - 1, &["a", "b", "c"]),
            (0, 1, &["d"]),
            (0, top - 1, &["a", "b", "c"]),
            (0, top, &["e"]),
        ],
    )
}

fn epochs(cx: &mut Context) -> Result<()> {
    each(
        cx,
        &[
            (3, 0, &["a"]),
            (2, 1, &["b"]),
            (4, 1, &["b"]),
            (4, 0, &["b"]),
            (3, 1, &["c"]),
            (4, 0, &["b"]),
            (5, 0, &["b"]),
        ],
    )
}

fn unknown_producer(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, &Batch::of(&["x"]).from_producer(987_654_321, 7, 41))?;
    produce(
        cx,
        &a,
        &Batch::of(&["x"]).from_producer(987_654_321, -1, 42),
    )?;
    produce(cx, &a, &Batch::of(&["x"]).from_producer(987_654_322, -1, 0))?;
    produce(cx, &a, &Batch::of(&["x"]).from_producer(-5, 0, 0))?;
    Ok(())
}

/// A producer is known beyond its records: what was deleted still counts for its sequence.
fn deleted_records(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = producer(cx)?;
    let batch = |sequence| Batch::of(&["x"]).from_producer(id, 0, sequence);
    for sequence in 0..3 {
        produce(cx, &a, &batch(sequence))?;
    }
    let all = json!({"partitionIndex": 0, "offset": -1});
    let body = json!({"topics": [{"name": a, "partitions": [all]}], "timeoutMs": 10000});
    cx.call("DeleteRecords", 2, body)?;
    for sequence in [4, 1, 3, 2] {
        produce(cx, &a, &batch(sequence))?;
    }
    cx.call(
        "DescribeProducers",
        0,
        json!({"topics": [{"name": a, "partitionIndexes": [0]}]}),
    )?;
    Ok(())
}

fn transactional_batches(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = producer(cx)?;
    let unknown = cx.transactional_id("t")?;
    let transactional = Batch {
        attributes: 0x10,
        ..Batch::of(&["x"])
    };
    for version in [9, 11, 12, 13] {
        for transactional_id in [Value::Null, json!(unknown)] {
            for batch in [
                transactional.clone(),
                transactional.clone().from_producer(id, 0, 0),
                Batch::of(&["x"]),
            ] {
                let topic_id = cx.topic_id(&a)?;
                let partition = json!({"index": 0, "records": batch.json()});
                let topic = json!({"name": a, "topicId": topic_id, "partitionData": [partition]});
                cx.call("Produce", version, json!({"transactionalId": transactional_id, "acks": -1, "timeoutMs": 10000, "topicData": [topic]}))?;
            }
        }
    }
    Ok(())
}

fn describe_producers(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let id = producer(cx)?;
    let other = producer(cx)?;
    cx.call("DescribeProducers", 0, json!({"topics": [{"name": a, "partitionIndexes": [0, 1, 2]}, {"name": "none", "partitionIndexes": [0]}, {"name": "", "partitionIndexes": [0]}]}))?;
    produce(cx, &a, &Batch::of(&["x", "y"]).from_producer(id, 3, 0))?;
    produce(
        cx,
        &a,
        &Batch {
            base_timestamp: clock::base_millis() - 500,
            ..Batch::new(vec![Record::of("x")])
        }
        .from_producer(other, 0, 5),
    )?;
    cx.call(
        "DescribeProducers",
        0,
        json!({"topics": [{"name": a, "partitionIndexes": [0, 0, 1]}]}),
    )?;
    cx.call("DescribeProducers", 0, json!({"topics": []}))?;
    Ok(())
}
