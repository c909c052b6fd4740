//! What happens when a producer id's epochs are used up: the last that clients have is 32766.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("exhausted_epochs").cases(cases![second_protocol, first_protocol, fenced])
}

/// The last epoch that clients have.
const LAST: i64 = 32_766;

const LOG: CoordinatorTopic = CoordinatorTopic::Transactions;

/// Where the records of tens of thousands of epochs end.
fn end(cx: &mut Context, producer: &Producer) -> Result<i64> {
    cx.coordinator_records_end(LOG, &producer.transactional_id)
}

/// How many requests are on their way at once.
const AHEAD: i64 = 200;

/// A producer that has come this far.
fn at_epoch(cx: &mut Context, epoch: i64) -> Result<Producer> {
    let mut producer = Producer::new(cx, "t")?;
    let body =
        json!({"transactionalId": producer.transactional_id, "transactionTimeoutMs": 60_000});
    let conn = cx.connect(1)?;
    cx.quietly(|cx| {
        for asked in 0..epoch + AHEAD {
            if asked < epoch {
                cx.send_on(conn, "InitProducerId", 1, body.clone())?;
            }
            if asked >= AHEAD {
                let answer = cx.receive_on(conn)?;
                producer.follow(&answer)?;
            }
        }
        ensure!(producer.epoch == epoch, "epoch {}", producer.epoch);
        Ok(())
    })?;
    cx.forget_last_connection();
    cx.note(&format!("epoch {epoch}"));
    Ok(producer)
}

fn look(cx: &mut Context, topic: &str, producer: &Producer) -> Result<()> {
    producer.describe(cx)?;
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    cx.fetch_isolated(topic, 0, 1)?;
    Ok(())
}

/// Each end of a transaction takes an epoch, and the last one a new producer id.
fn second_protocol(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let mut producer = at_epoch(cx, LAST - 1)?;
    let from = end(cx, &producer)?;
    for commits in [true, false] {
        producer.write(cx, &a, 0, &["x"])?;
        let before = producer.clone();
        producer.complete(cx, commits)?;
        cx.note("the same once more");
        before.end(cx, 5, commits)?;
        before.end(cx, 5, !commits)?;
        before.later(-1).end(cx, 5, commits)?;
        before.produce(cx, 12, &a, &before.batch(1, &["late"]))?;
        look(cx, &a, &producer)?;
    }
    cx.note("the new producer id goes on");
    producer.init_again(cx, 5)?;
    let producer = producer.later(1);
    producer.write(cx, &a, 0, &["y"])?;
    producer.end(cx, 5, true)?;
    producer.settle(cx)?;
    look(cx, &a, &producer)?;
    cx.coordinator_records_from(LOG, &producer.transactional_id, from)
}

/// The last epoch stays until the producer is initialized.
fn first_protocol(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = at_epoch(cx, LAST)?;
    let from = end(cx, &producer)?;
    for (sequence, commits) in [(0, true), (1, false)] {
        cx.quietly(|cx| {
            producer.add(cx, 3, &a, &[0])?;
            producer.produce(cx, 11, &a, &producer.batch(sequence, &["x"]))
        })?;
        producer.end(cx, 4, commits)?;
        producer.settle(cx)?;
    }
    look(cx, &a, &producer)?;
    producer.later(-1).init_again(cx, 4)?;
    producer.init_again(cx, 4)?;
    producer.init_again(cx, 4)?;
    producer.later(-1).init_again(cx, 4)?;
    producer.describe(cx)?;
    producer.init(cx, 4)?;
    cx.coordinator_records_from(LOG, &producer.transactional_id, from)
}

/// There is one more epoch, to abort the transaction of the last.
fn fenced(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = at_epoch(cx, LAST)?;
    let from = end(cx, &producer)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    look(cx, &a, &producer)?;
    producer.end(cx, 5, true)?;
    producer.end(cx, 5, false)?;
    producer.settle(cx)?;
    producer.produce(cx, 12, &a, &producer.batch(1, &["late"]))?;
    producer.init_again(cx, 5)?;
    producer.init(cx, 5)?;
    cx.coordinator_records_from(LOG, &producer.transactional_id, from)
}
