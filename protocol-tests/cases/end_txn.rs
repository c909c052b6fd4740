//! EndTxn (key 26), v0–v5: each verb in each state. v5 gives the epoch of the next transaction (KIP-890).

use anyhow::Result;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("end_txn")
        .versions("commit", 0..=5, |cx, version| end(cx, version, true))
        .versions("abort", 0..=5, |cx, version| end(cx, version, false))
        .versions("commit_of_nothing", 0..=5, |cx, version| {
            of_nothing(cx, version, true)
        })
        .versions("abort_of_nothing", 0..=5, |cx, version| {
            of_nothing(cx, version, false)
        })
        .versions("after_a_commit", 0..=5, |cx, version| {
            after(cx, version, true)
        })
        .versions("after_an_abort", 0..=5, |cx, version| {
            after(cx, version, false)
        })
        .cases_at(0..=5, cases![wrong_producer, unknown_id])
        .case("next_epoch_after_a_commit", |cx| next_epoch(cx, true))
        .case("next_epoch_after_an_abort", |cx| next_epoch(cx, false))
        .cases(cases![
            abort_of_nothing_again,
            older_epoch_than_the_last,
            v4_after_v5,
            v5_after_v4,
            v4_ends_what_v12_began,
            v5_ends_what_v3_began,
            after_a_new_producer_aborted,
            after_init,
            many_transactions,
        ])
}

fn begin(cx: &mut Context) -> Result<(String, Producer)> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    Ok((a, producer))
}

fn end(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.describe(cx)?;
    producer.end(cx, version, commits)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    cx.note_ends(&a)
}

fn of_nothing(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    producer.end(cx, version, commits)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    Ok(())
}

/// Both verbs once more, with the epoch that the transaction had.
fn after(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.end(cx, version, commits)?;
    producer.settle(cx)?;
    producer.end(cx, version, true)?;
    producer.settle(cx)?;
    producer.end(cx, version, false)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    cx.note_ends(&a)
}

fn wrong_producer(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let other = Producer::new(cx, "u")?;
    producer.write(cx, &a, 0, &["x"])?;
    for wrong in [
        producer.later(1),
        producer.later(-1),
        producer.later(2),
        producer.with_id(other.id),
    ] {
        wrong.end(cx, version, true)?;
        wrong.end(cx, version, false)?;
    }
    producer.describe(cx)?;
    Ok(())
}

fn unknown_id(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    let stranger = Producer {
        transactional_id: cx.transactional_id("none")?,
        ..producer
    };
    stranger.end(cx, version, true)?;
    cx.transaction_coordinator("")?;
    let nameless = Producer {
        transactional_id: String::new(),
        ..producer
    };
    nameless.end(cx, version, false)?;
    Ok(())
}

/// Both verbs with the epoch that EndTxn v5 has given, and nothing done in it.
fn next_epoch(cx: &mut Context, commits: bool) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, commits)?;
    producer.end(cx, 5, true)?;
    producer.end(cx, 5, false)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    producer.later(1).end(cx, 5, true)?;
    cx.note_ends(&a)
}

/// Each abort of nothing gives another epoch.
fn abort_of_nothing_again(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.complete(cx, false)?;
    producer.complete(cx, false)?;
    cx.note("the abort before, once more");
    producer.later(-1).end(cx, 5, false)?;
    producer.settle(cx)?;
    producer.later(-1).end(cx, 5, true)?;
    producer.describe(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, true)
}

fn older_epoch_than_the_last(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    for sequence in 0..2 {
        producer.write(cx, &a, 0, &[&format!("{sequence}")])?;
        producer.complete(cx, true)?;
    }
    for by in [-2, -3, 1] {
        producer.later(by).end(cx, 5, true)?;
        producer.later(by).end(cx, 5, false)?;
    }
    producer.describe(cx)?;
    Ok(())
}

fn v4_after_v5(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    let before = producer.clone();
    producer.complete(cx, true)?;
    for version in [4, 3, 1] {
        before.end(cx, version, true)?;
        before.end(cx, version, false)?;
        producer.end(cx, version, true)?;
        producer.end(cx, version, false)?;
    }
    producer.describe(cx)?;
    Ok(())
}

fn v5_after_v4(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    producer.end(cx, 5, true)?;
    producer.end(cx, 5, false)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    Ok(())
}

fn v4_ends_what_v12_began(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.produce(cx, 12, &a, &producer.batch(0, &["x"]))?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    cx.fetch_isolated(&a, 0, 1)?;
    Ok(())
}

fn v5_ends_what_v3_began(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.add(cx, 3, &a, &[0])?;
    producer.produce(cx, 11, &a, &producer.batch(0, &["x"]))?;
    producer.end(cx, 5, true)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    cx.fetch_isolated(&a, 0, 1)?;
    Ok(())
}

/// The zombie's verbs after its transaction has been aborted for a newer producer.
fn after_a_new_producer_aborted(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    cx.note("aborted, no producer has the new epoch yet");
    for version in [4, 5] {
        for by in [0, 1] {
            producer.later(by).end(cx, version, true)?;
            producer.later(by).end(cx, version, false)?;
            producer.settle(cx)?;
        }
    }
    producer.init(cx, 5)?;
    for version in [4, 5] {
        producer.end(cx, version, true)?;
        producer.end(cx, version, false)?;
    }
    producer.describe(cx)?;
    Ok(())
}

/// A new producer after a completed transaction: what the one before hears.
fn after_init(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, true)?;
    cx.quietly(|cx| producer.init(cx, 5))?;
    cx.note("another producer has come");
    for version in [4, 5] {
        for by in [-1, 0, 1] {
            producer.later(by).end(cx, version, true)?;
            producer.later(by).end(cx, version, false)?;
        }
    }
    producer.settle(cx)?;
    producer.describe(cx)?;
    Ok(())
}

fn many_transactions(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    for commits in [true, false, false, true] {
        producer.write(cx, &a, 0, &["x"])?;
        producer.complete(cx, commits)?;
    }
    producer.describe(cx)?;
    cx.fetch_isolated(&a, 0, 1)?;
    Ok(())
}
