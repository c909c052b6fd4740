//! AddPartitionsToTxn (key 24): v0–v3 as clients send it, v4–v5 as brokers send it to a coordinator.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("add_partitions_to_txn")
        .cases_at(
            0..=3,
            cases![
                added,
                unknown_topic,
                unknown_partition,
                wrong_producer,
                after_the_end,
            ],
        )
        .cases(cases![
            nothing,
            again,
            repeated,
            internal_topic,
            invalid_topic_name,
            empty_transactional_id,
            several_topics,
        ])
        .cases_at(
            4..=5,
            cases![
                batched,
                batched_verification,
                batched_wrong_producer,
                batched_unknown_topic,
                batched_several,
                batched_nothing,
                batched_verification_without_state,
                batched_id_twice,
                batched_after_the_end,
            ],
        )
}

fn added(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, version, &a, &[2, 0])?;
    producer.describe(cx)?;
    Ok(())
}

/// All or nothing.
fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let none = cx.topic("none");
    let producer = Producer::new(cx, "t")?;
    let topics = json!([{"name": none, "partitions": [0, 1]}, {"name": a, "partitions": [0]}]);
    producer.add_topics(cx, version, topics)?;
    producer.describe(cx)?;
    Ok(())
}

fn unknown_partition(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, version, &a, &[1, 2, -1])?;
    producer.describe(cx)?;
    Ok(())
}

fn wrong_producer(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let (producer, other) = (Producer::new(cx, "t")?, Producer::new(cx, "u")?);
    cx.quietly(|cx| producer.init(cx, 4))?;
    cx.note("the epoch is 1");
    for by in [0, 2, -1] {
        producer.later(by).add(cx, version, &a, &[0])?;
    }
    producer
        .with_id(other.id)
        .later(1)
        .add(cx, version, &a, &[0])?;
    producer.with_id(-1).later(1).add(cx, version, &a, &[0])?;
    let stranger = Producer {
        transactional_id: cx.transactional_id("none")?,
        ..producer.clone()
    };
    stranger.add(cx, version, &a, &[0])?;
    cx.note("the partition is looked at first");
    producer.add(cx, version, &a, &[7])?;
    Ok(())
}

/// The transaction has ended, a new one begins.
fn after_the_end(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, version, &a, &[0])?;
    producer.end(cx, 3, true)?;
    producer.settle(cx)?;
    producer.add(cx, version, &a, &[1])?;
    producer.describe(cx)?;
    Ok(())
}

fn nothing(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.add_topics(cx, 3, json!([]))?;
    producer.add(cx, 3, &a, &[])?;
    producer.describe(cx)?;
    Ok(())
}

fn again(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, &a, &[0])?;
    producer.add(cx, 3, &a, &[0])?;
    producer.add(cx, 3, &a, &[0, 1])?;
    producer.describe(cx)?;
    Ok(())
}

fn repeated(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    let topics = json!([{"name": a, "partitions": [1, 1]}, {"name": a, "partitions": [0]}]);
    producer.add_topics(cx, 2, topics)?;
    producer.describe(cx)?;
    Ok(())
}

fn internal_topic(cx: &mut Context) -> Result<()> {
    cx.group("g")?;
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, "__consumer_offsets", &[3])?;
    producer.add(cx, 3, "__transaction_state", &[3])?;
    producer.describe(cx)?;
    Ok(())
}

fn invalid_topic_name(cx: &mut Context) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    producer.add(cx, 3, "", &[0])?;
    producer.add(cx, 3, "a/b", &[0])?;
    Ok(())
}

fn empty_transactional_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    let nameless = Producer {
        transactional_id: String::new(),
        ..producer
    };
    cx.transaction_coordinator("")?;
    nameless.add(cx, 3, &a, &[0])?;
    Ok(())
}

fn several_topics(cx: &mut Context) -> Result<()> {
    let (a, b) = (cx.create_topic("a", 2)?, cx.create_topic("b", 1)?);
    let producer = Producer::new(cx, "t")?;
    let topics = json!([{"name": b, "partitions": [0]}, {"name": a, "partitions": [1, 0]}]);
    producer.add_topics(cx, 3, topics)?;
    producer.describe(cx)?;
    Ok(())
}

/// A transaction as v4 and later name it.
fn row(producer: &Producer, verifies: bool, topics: &[(&str, &[i32])]) -> Value {
    let topics: Vec<_> = topics
        .iter()
        .map(|(name, partitions)| json!({"name": name, "partitions": partitions}))
        .collect();
    json!({"transactionalId": producer.transactional_id, "producerId": producer.id,
        "producerEpoch": producer.epoch, "verifyOnly": verifies, "topics": topics})
}

fn batch(cx: &mut Context, version: i16, rows: &[Value]) -> Result<()> {
    cx.call("AddPartitionsToTxn", version, json!({"transactions": rows}))?;
    Ok(())
}

fn batched(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    batch(cx, version, &[row(&producer, false, &[(&a, &[0, 1])])])?;
    producer.describe(cx)?;
    Ok(())
}

fn batched_verification(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    cx.note("nothing has been added");
    batch(cx, version, &[row(&producer, true, &[(&a, &[0])])])?;
    producer.add(cx, 3, &a, &[0])?;
    batch(cx, version, &[row(&producer, true, &[(&a, &[0])])])?;
    batch(cx, version, &[row(&producer, true, &[(&a, &[0, 1])])])?;
    producer.describe(cx)?;
    Ok(())
}

fn batched_wrong_producer(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let (producer, other) = (Producer::new(cx, "t")?, Producer::new(cx, "u")?);
    for verifies in [false, true] {
        for wrong in [
            producer.later(1),
            producer.later(-1),
            producer.with_id(other.id),
        ] {
            batch(cx, version, &[row(&wrong, verifies, &[(&a, &[0])])])?;
        }
    }
    Ok(())
}

fn batched_unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let none = cx.topic("none");
    let producer = Producer::new(cx, "t")?;
    for verifies in [false, true] {
        batch(
            cx,
            version,
            &[row(&producer, verifies, &[(&none, &[0]), (&a, &[0, 4])])],
        )?;
    }
    producer.describe(cx)?;
    Ok(())
}

fn batched_several(cx: &mut Context, version: i16) -> Result<()> {
    let (a, b) = (cx.create_topic("a", 1)?, cx.create_topic("b", 1)?);
    let (one, two) = (Producer::new(cx, "t")?, Producer::new(cx, "u")?);
    let rows = [
        row(&two, false, &[(&b, &[0]), (&a, &[0])]),
        row(&one.later(7), false, &[(&a, &[0])]),
    ];
    batch(cx, version, &rows)?;
    cx.call(
        "DescribeTransactions",
        0,
        json!({"transactionalIds": [one.transactional_id, two.transactional_id]}),
    )?;
    Ok(())
}

/// Kafka never answers a request without partitions, and so nothing that follows on the connection.
fn batched_nothing(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    for rows in [
        vec![],
        vec![row(&producer, false, &[])],
        vec![row(&producer, true, &[])],
    ] {
        let conn = cx.connect(1)?;
        cx.send_on(
            conn,
            "AddPartitionsToTxn",
            version,
            json!({"transactions": rows}),
        )?;
        cx.expect_silence(conn, Duration::from_millis(300))?;
    }
    producer.describe(cx)?;
    Ok(())
}

fn batched_verification_without_state(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    let stranger = Producer {
        transactional_id: cx.transactional_id("none")?,
        ..producer
    };
    for verifies in [false, true] {
        batch(cx, version, &[row(&stranger, verifies, &[(&a, &[0])])])?;
    }
    Ok(())
}

fn batched_id_twice(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    let rows = [
        row(&producer, false, &[(&a, &[0])]),
        row(&producer, false, &[(&a, &[1])]),
    ];
    batch(cx, version, &rows)?;
    producer.describe(cx)?;
    Ok(())
}

fn batched_after_the_end(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let mut producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x"])?;
    let before = producer.clone();
    producer.complete(cx, true)?;
    for verifies in [true, false] {
        for producer in [&before, &producer] {
            batch(cx, version, &[row(producer, verifies, &[(&a, &[0])])])?;
        }
    }
    producer.describe(cx)?;
    Ok(())
}
