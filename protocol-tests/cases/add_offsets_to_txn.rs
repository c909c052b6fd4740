//! AddOffsetsToTxn (key 25), v0–v4.

use anyhow::Result;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    // With one partition for all groups, that partition can be shown.
    Area::new("add_offsets_to_txn")
        .on(Profile::Groups)
        .cases_at(
            0..=4,
            cases![added, wrong_producer, after_the_end, empty_ids],
        )
        .cases(cases![two_groups, beside_partitions])
}

fn added(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let producer = Producer::new(cx, "t")?;
    producer.add_offsets(cx, version, &group)?;
    producer.describe(cx)?;
    producer.add_offsets(cx, version, &group)?;
    producer.end(cx, 3, true)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    Ok(())
}

fn wrong_producer(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let (producer, other) = (Producer::new(cx, "t")?, Producer::new(cx, "u")?);
    for by in [1, -1] {
        producer.later(by).add_offsets(cx, version, &group)?;
    }
    producer
        .with_id(other.id)
        .add_offsets(cx, version, &group)?;
    let stranger = Producer {
        transactional_id: cx.transactional_id("none")?,
        ..producer
    };
    stranger.add_offsets(cx, version, &group)?;
    Ok(())
}

fn after_the_end(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut producer = Producer::new(cx, "t")?;
    producer.add_offsets(cx, version, &group)?;
    producer.complete(cx, true)?;
    producer.later(-1).add_offsets(cx, version, &group)?;
    producer.add_offsets(cx, version, &group)?;
    producer.describe(cx)?;
    Ok(())
}

fn empty_ids(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let producer = Producer::new(cx, "t")?;
    producer.add_offsets(cx, version, "")?;
    let nameless = Producer {
        transactional_id: String::new(),
        ..producer
    };
    cx.transaction_coordinator("")?;
    nameless.add_offsets(cx, version, &group)?;
    Ok(())
}

fn two_groups(cx: &mut Context) -> Result<()> {
    let (one, two) = (cx.group("g")?, cx.group("h")?);
    let producer = Producer::new(cx, "t")?;
    producer.add_offsets(cx, 4, &one)?;
    producer.add_offsets(cx, 4, &two)?;
    producer.describe(cx)?;
    Ok(())
}

fn beside_partitions(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let group = cx.group("g")?;
    let mut producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, &a, &[1])?;
    producer.add_offsets(cx, 3, &group)?;
    producer.describe(cx)?;
    producer.complete(cx, false)
}
