//! InitProducerId (key 22) with a transactional id: new ids, timeouts, the next epoch, KIP-360, fencing.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("transactional_ids")
        .cases_at(0..=5, cases![new])
        .versions("after_a_commit", 0..=5, |cx, version| {
            after(cx, version, true)
        })
        .versions("after_an_abort", [1, 5], |cx, version| {
            after(cx, version, false)
        })
        .cases_at(0..=5, cases![ongoing])
        .cases_at([0, 1, 4, 5], cases![timeouts])
        .cases(cases![changed_timeout])
        .cases_at(
            3..=5,
            cases![
                claims_the_current_epoch,
                claims_an_older_epoch,
                claims_a_later_epoch,
                claims_another_id,
                claims_during_a_transaction,
                claims_the_fenced_epoch,
                claims_of_a_new_id,
                half_a_claim,
            ],
        )
        .cases(cases![
            claims_after_a_bump,
            claims_before_the_end,
            fenced_producer,
            two_ids,
            nothing_is_written,
        ])
}

fn init(
    cx: &mut Context,
    version: i16,
    id: &str,
    claim: (i64, i64),
    timeout: i32,
) -> Result<Value> {
    let body = json!({"transactionalId": id, "transactionTimeoutMs": timeout, "producerId": claim.0, "producerEpoch": claim.1});
    cx.call("InitProducerId", version, body)
}

fn new(cx: &mut Context, version: i16) -> Result<()> {
    let id = cx.transactional_id("t")?;
    for _ in 0..3 {
        init(cx, version, &id, (-1, -1), 60_000)?;
    }
    cx.call("DescribeTransactions", 0, json!({"transactionalIds": [id]}))?;
    Ok(())
}

fn after(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, &a, &[0])?;
    producer.end(cx, 3, commits)?;
    producer.settle(cx)?;
    producer.init(cx, version)?;
    producer.describe(cx)?;
    Ok(())
}

/// The transaction is aborted, with an epoch that fences; the new producer gets the one after.
fn ongoing(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, &a, &[0])?;
    producer.produce(cx, 11, &a, &producer.batch(0, &["x"]))?;
    producer.init(cx, version)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    producer.init(cx, version)?;
    cx.fetch_isolated(&a, 0, 1)?;
    producer.end(cx, 3, true)?;
    Ok(())
}

fn timeouts(cx: &mut Context, version: i16) -> Result<()> {
    let id = cx.transactional_id("t")?;
    for timeout in [0, -1, i32::MIN, 900_001, i32::MAX] {
        init(cx, version, &id, (-1, -1), timeout)?;
    }
    cx.call("DescribeTransactions", 0, json!({"transactionalIds": [id]}))?;
    for timeout in [1, 900_000] {
        init(cx, version, &id, (-1, -1), timeout)?;
        cx.call("DescribeTransactions", 0, json!({"transactionalIds": [id]}))?;
    }
    Ok(())
}

fn changed_timeout(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    producer.init_with(cx, 4, 30_000)?;
    producer.describe(cx)?;
    cx.note("claiming the epoch changes it, too");
    let claim = (producer.id, producer.epoch + 1);
    init(cx, 4, &producer.transactional_id, claim, 20_000)?;
    producer.describe(cx)?;
    cx.note("so does a repetition");
    init(cx, 4, &producer.transactional_id, claim, 10_000)?;
    producer.describe(cx)?;
    cx.note("an invalid one changes nothing");
    producer.init_with(cx, 4, 0)?;
    producer.describe(cx)?;
    Ok(())
}

/// KIP-360: the answer to a repetition is the same.
fn claims_the_current_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let mut producer = Producer::new(cx, "t")?;
    let answer = producer.init_again(cx, version)?;
    producer.init_again(cx, version)?;
    cx.note("now the new epoch");
    producer.follow(&answer)?;
    producer.init_again(cx, version)?;
    producer.init_again(cx, version)?;
    Ok(())
}

fn claims_an_older_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    for _ in 0..2 {
        cx.quietly(|cx| producer.init(cx, version))?;
    }
    producer.init_again(cx, version)?;
    producer.later(1).init_again(cx, version)?;
    cx.note("the current one");
    producer.later(2).init_again(cx, version)?;
    cx.note("the one before is a repetition");
    producer.later(2).init_again(cx, version)?;
    producer.later(1).init_again(cx, version)?;
    producer.describe(cx)?;
    Ok(())
}

fn claims_a_later_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    for by in [1, 5, i64::from(i16::MAX)] {
        producer.later(by).init_again(cx, version)?;
    }
    Ok(())
}

fn claims_another_id(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    let other = Producer::new(cx, "u")?;
    producer.with_id(other.id).init_again(cx, version)?;
    producer.with_id(987_654_321).init_again(cx, version)?;
    producer.with_id(0).init_again(cx, version)?;
    producer.describe(cx)?;
    Ok(())
}

fn claims_during_a_transaction(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, &a, &[0])?;
    producer.init_again(cx, version)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    producer.init_again(cx, version)?;
    producer.later(1).init_again(cx, version)?;
    producer.later(2).init_again(cx, version)?;
    Ok(())
}

/// A newer producer has come meanwhile.
fn claims_the_fenced_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    cx.quietly(|cx| producer.init(cx, 4))?;
    cx.note("another producer has come");
    producer.init_again(cx, version)?;
    producer.describe(cx)?;
    Ok(())
}

fn claims_of_a_new_id(cx: &mut Context, version: i16) -> Result<()> {
    let id = cx.transactional_id("t")?;
    init(cx, version, &id, (987_654_321, 5), 60_000)?;
    init(cx, version, &id, (987_654_321, 5), 60_000)?;
    init(cx, version, &id, (-1, -1), 60_000)?;
    Ok(())
}

fn half_a_claim(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    let id = producer.transactional_id.clone();
    for claim in [
        (producer.id, -1),
        (-1, 0),
        (-2, 0),
        (producer.id, -2),
        (-2, -2),
    ] {
        init(cx, version, &id, claim, 60_000)?;
    }
    producer.describe(cx)?;
    Ok(())
}

/// EndTxn v5 has given the next epoch; the last one may be claimed once more, as if it had not been heard of.
fn claims_after_a_bump(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let mut producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    let before = producer.clone();
    producer.complete(cx, true)?;
    before.init_again(cx, 5)?;
    producer.init_again(cx, 5)?;
    producer.init_again(cx, 5)?;
    producer.describe(cx)?;
    Ok(())
}

fn claims_before_the_end(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.init_again(cx, 5)?;
    producer.settle(cx)?;
    producer.init_again(cx, 5)?;
    cx.fetch_isolated(&a, 0, 1)?;
    producer.describe(cx)?;
    Ok(())
}

/// What the producer hears that a newer one has taken the place of.
fn fenced_producer(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    let old = Producer::new(cx, "t")?;
    cx.quietly(|cx| old.init(cx, 4))?;
    cx.note("another producer has come");
    for version in 0..=3 {
        old.add(cx, version, &a, &[0])?;
    }
    for version in 0..=4 {
        old.add_offsets(cx, version, &group)?;
    }
    for version in 0..=5 {
        old.end(cx, version, true)?;
        old.end(cx, version, false)?;
    }
    for version in [11, 12, 13] {
        old.produce(cx, version, &a, &old.batch(0, &["x"]))?;
    }
    Ok(())
}

fn two_ids(cx: &mut Context) -> Result<()> {
    let (one, two) = (Producer::new(cx, "t")?, Producer::new(cx, "u")?);
    cx.note(&format!("producer ids of their own: {}", one.id != two.id));
    one.init(cx, 4)?;
    two.describe(cx)?;
    Ok(())
}

/// Transactions in which nothing was written: an added partition gets a marker all the same.
fn nothing_is_written(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, &a, &[0])?;
    producer.end(cx, 3, true)?;
    producer.settle(cx)?;
    cx.fetch_isolated(&a, 0, 0)?;
    Ok(())
}
