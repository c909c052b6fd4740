//! `__transaction_state`: a record for each change of a transactional id, by both protocols.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::coordinators::committed;
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("transaction_log")
        .on(Profile::Transactions)
        .cases(cases![
            new_ids,
            claims,
            first_protocol,
            second_protocol,
            abort_of_nothing,
            partitions_one_by_one,
            offsets,
            fenced,
            fenced_twice,
            refused,
            changed_timeout,
            both_protocols,
            deleted_topic,
            verification,
        ])
}

fn begin(cx: &mut Context) -> Result<(String, Producer)> {
    let a = cx.create_topic("a", 3)?;
    let producer = Producer::new(cx, "t")?;
    Ok((a, producer))
}

fn records(cx: &mut Context, producer: &Producer) -> Result<()> {
    producer.settle(cx)?;
    cx.coordinator_records(CoordinatorTopic::Transactions, &producer.transactional_id)
}

fn new_ids(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    for version in [0, 5] {
        producer.init(cx, version)?;
    }
    records(cx, &producer)
}

fn claims(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    for _ in 0..2 {
        producer.init_again(cx, 4)?;
    }
    producer.later(1).init_again(cx, 4)?;
    producer.later(7).init_again(cx, 4)?;
    records(cx, &producer)
}

fn first_protocol(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for commits in [true, false] {
        producer.add(cx, 3, &a, &[0])?;
        producer.end(cx, 4, commits)?;
        producer.settle(cx)?;
        producer.end(cx, 4, commits)?;
    }
    producer.init(cx, 4)?;
    records(cx, &producer)
}

fn second_protocol(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    for commits in [true, false] {
        producer.write(cx, &a, 0, &["x"])?;
        let before = producer.clone();
        producer.complete(cx, commits)?;
        before.end(cx, 5, commits)?;
    }
    producer.init(cx, 5)?;
    records(cx, &producer)
}

fn abort_of_nothing(cx: &mut Context) -> Result<()> {
    let (_, mut producer) = begin(cx)?;
    producer.complete(cx, false)?;
    producer.complete(cx, false)?;
    records(cx, &producer)
}

fn partitions_one_by_one(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for partitions in [&[2][..], &[0], &[2], &[1, 0], &[]] {
        producer.add(cx, 3, &a, partitions)?;
    }
    producer.end(cx, 4, true)?;
    records(cx, &producer)
}

fn offsets(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    let group = cx.group("g")?;
    producer.add_offsets(cx, 3, &group)?;
    let topics = json!([{"name": a, "partitions": [committed(0, 5)]}]);
    producer.commit_offsets(cx, 3, &group, topics.clone())?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    producer.commit_offsets(cx, 5, &group, topics)?;
    producer.complete(cx, true)?;
    records(cx, &producer)
}

fn fenced(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    producer.init(cx, 5)?;
    records(cx, &producer)
}

fn fenced_twice(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for by in [0, 2] {
        let producer = producer.later(by);
        producer.write(cx, &a, 0, &["x"])?;
        producer.init_again(cx, 5)?;
        producer.settle(cx)?;
        producer.init(cx, 5)?;
    }
    records(cx, &producer)
}

/// What is refused leaves no record.
fn refused(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.later(1).add(cx, 3, &a, &[0])?;
    producer.later(1).end(cx, 5, true)?;
    producer.end(cx, 5, true)?;
    producer.end(cx, 4, false)?;
    producer.init_with(cx, 4, 0)?;
    let none = cx.topic("none");
    producer.add(cx, 3, &none, &[0])?;
    records(cx, &producer)
}

fn changed_timeout(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.init_with(cx, 4, 20_000)?;
    producer.later(1).write(cx, &a, 0, &["x"])?;
    producer.later(1).end(cx, 5, true)?;
    producer.settle(cx)?;
    producer.init_with(cx, 4, 30_000)?;
    records(cx, &producer)
}

fn both_protocols(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.add(cx, 3, &a, &[0])?;
    producer.end(cx, 5, true)?;
    producer.settle(cx)?;
    let producer = producer.later(1);
    producer.write(cx, &a, 0, &["x"])?;
    producer.end(cx, 4, false)?;
    records(cx, &producer)
}

fn deleted_topic(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let b = cx.create_topic("b", 1)?;
    producer.write(cx, &b, 0, &["x"])?;
    producer.write(cx, &a, 0, &["x"])?;
    let gone = json!({"topicNames": [b], "timeoutMs": 10_000});
    cx.call("DeleteTopics", 5, gone)?;
    cx.until("the topic goes", |cx| {
        let answer = cx.call(
            "Metadata",
            9,
            json!({"topics": [{"name": b}], "allowAutoTopicCreation": false}),
        )?;
        Ok(answer["topics"][0]["errorCode"] == 3)
    })?;
    producer.end(cx, 5, true)?;
    records(cx, &producer)
}

/// Asking changes nothing.
fn verification(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.produce(cx, 11, &a, &producer.batch(0, &["x"]))?;
    producer.produce(cx, 12, &a, &producer.batch(3, &["x"]))?;
    producer.describe(cx)?;
    records(cx, &producer)
}
