//! Transactional ids and producers that nobody uses are forgotten.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::clock;
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::profile::Profile;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("forgotten_producers")
        .on(Profile::Forgetful)
        .cases(cases![empty_id])
        .case("id_after_a_commit", |cx| id_after(cx, 5, true))
        .case("id_after_an_abort", |cx| id_after(cx, 4, false))
        .cases(cases![open_transaction, late_requests, records])
        .cases_at([9, 11, 12, 13], cases![idempotent_producer])
        .cases(cases![older_epoch, producer_with_an_open_transaction])
        .cases_at([11, 12], cases![transactional_producer])
}

fn await_forgotten_id(cx: &mut Context, producer: &Producer) -> Result<()> {
    let numbers = cx.labels.numbers.clone();
    let body = json!({"transactionalIds": [producer.transactional_id]});
    cx.until("a forgotten id", |cx| {
        let answer = cx.call("DescribeTransactions", 0, body.clone())?;
        Ok(answer["transactionStates"][0]["errorCode"] == 105)
    })?;
    cx.labels.numbers = numbers;
    let id = cx.labels.replaced(&producer.transactional_id);
    cx.note(&format!("{id} is forgotten"));
    Ok(())
}

fn await_forgotten_producers(cx: &mut Context, topic: &str) -> Result<()> {
    let numbers = cx.labels.numbers.clone();
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    cx.until("forgotten producers", |cx| {
        let answer = cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
        let producers = &answer["topics"][0]["partitions"][0]["activeProducers"];
        Ok(producers.as_array().is_some_and(Vec::is_empty))
    })?;
    cx.labels.numbers = numbers;
    cx.note("the producers are forgotten");
    Ok(())
}

fn empty_id(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    await_forgotten_id(cx, &producer)?;
    producer.describe(cx)?;
    cx.labels.own_topics_only = true;
    cx.call("ListTransactions", 2, json!({}))?;
    producer.init(cx, 4)?;
    producer.init(cx, 4)?;
    Ok(())
}

fn id_after(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.end(cx, version, commits)?;
    producer.settle(cx)?;
    await_forgotten_id(cx, &producer)?;
    producer.init(cx, 4)?;
    Ok(())
}

fn open_transaction(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    let other = Producer::new(cx, "u")?;
    await_forgotten_id(cx, &other)?;
    producer.describe(cx)?;
    cx.note_ends(&a)
}

fn late_requests(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    await_forgotten_id(cx, &producer)?;
    for version in [0, 3] {
        producer.add(cx, version, &a, &[0])?;
    }
    for version in [0, 4] {
        producer.add_offsets(cx, version, "g")?;
    }
    for version in [1, 4, 5] {
        producer.end(cx, version, true)?;
        producer.end(cx, version, false)?;
    }
    for version in [10, 11, 12, 13] {
        producer.produce(cx, version, &a, &producer.batch(0, &["x"]))?;
    }
    cx.note("it may claim its id and epoch, which count for nothing");
    producer.init_again(cx, 5)?;
    producer.init_again(cx, 5)?;
    Ok(())
}

fn records(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    await_forgotten_id(cx, &producer)?;
    cx.quietly(|cx| producer.init(cx, 4))?;
    cx.coordinator_records(CoordinatorTopic::Transactions, &producer.transactional_id)
}

fn produce(cx: &mut Context, version: i16, topic: &str, batch: &Batch) -> Result<Value> {
    let id = match version {
        13.. => cx.topic_id(topic)?,
        _ => "A".repeat(22),
    };
    let partition = json!({"index": 0, "records": batch.json()});
    let topic = json!({"name": topic, "topicId": id, "partitionData": [partition]});
    let body = json!({"acks": -1, "timeoutMs": 10_000, "topicData": [topic]});
    cx.call("Produce", version, body)
}

/// A batch of this moment: a producer is as old as its last batch says.
fn recent(id: i64, epoch: i64, sequence: i64) -> Batch {
    Batch {
        base_timestamp: clock::millis(),
        ..Batch::of(&["x"]).from_producer(id, epoch, sequence)
    }
}

/// Any sequence follows, and a repetition is none.
fn idempotent_producer(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = Producer::new(cx, "t")?.id;
    let batch = |epoch, sequence| recent(id, epoch, sequence);
    produce(cx, version, &a, &batch(3, 0))?;
    await_forgotten_producers(cx, &a)?;
    produce(cx, version, &a, &batch(3, 0))?;
    await_forgotten_producers(cx, &a)?;
    produce(cx, version, &a, &batch(3, 7))?;
    produce(cx, version, &a, &batch(3, 7))?;
    produce(cx, version, &a, &batch(3, 9))?;
    cx.note_ends(&a)
}

fn older_epoch(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = Producer::new(cx, "t")?.id;
    let batch = |epoch, sequence| recent(id, epoch, sequence);
    produce(cx, 12, &a, &batch(3, 0))?;
    produce(cx, 12, &a, &batch(2, 1))?;
    await_forgotten_producers(cx, &a)?;
    produce(cx, 12, &a, &batch(2, 1))?;
    cx.note_ends(&a)
}

fn producer_with_an_open_transaction(cx: &mut Context) -> Result<()> {
    let (a, b) = (cx.create_topic("a", 1)?, cx.create_topic("b", 1)?);
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    let plain = Batch::of(&["y"]).from_producer(producer.id, 0, 0);
    produce(cx, 12, &b, &plain)?;
    await_forgotten_producers(cx, &b)?;
    let topics = json!([{"name": a, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    producer.produce(cx, 12, &a, &producer.batch(1, &["z"]))?;
    producer.end(cx, 5, true)?;
    producer.settle(cx)?;
    cx.fetch_isolated(&a, 0, 1)?;
    Ok(())
}

fn transactional_producer(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let mut producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, true)?;
    await_forgotten_producers(cx, &a)?;
    cx.quietly(|cx| producer.add(cx, 3, &a, &[0]))?;
    for sequence in [3, 0] {
        producer.produce(cx, version, &a, &producer.batch(sequence, &["y"]))?;
    }
    cx.note_ends(&a)
}
