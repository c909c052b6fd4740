//! WriteTxnMarkers (key 27), v1–v2, sent by a client: what coordinators send to leaders, and an administrator to end a
//! transaction that hangs (KIP-664). v2 says by which protocol the epoch is judged (KIP-1228).

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("write_txn_markers")
        .versions("commit", 1..=2, |cx, version| ended(cx, version, true))
        .versions("abort", 1..=2, |cx, version| ended(cx, version, false))
        .cases_at(1..=2, cases![of_a_stranger, after_the_end])
        .versions("lower_epoch", 1..=2, |cx, version| epoch(cx, version, -1))
        .versions("higher_epoch", 1..=2, |cx, version| epoch(cx, version, 1))
        .cases_at(
            1..=2,
            cases![
                stale_coordinator,
                negative_numbers,
                unknown_partitions,
                nothing,
                several_markers,
                several_partitions,
                repeated,
            ],
        )
        .cases_for([-1_i8, 0, 1, 2, 3], cases![protocol])
        .each("protocol_and_same_epoch", [0_i8, 1, 2], same_epoch)
        .cases(cases![
            then_the_coordinators,
            a_hanging_transaction,
            idempotent_producer,
        ])
        .case_on(Profile::Groups, "pending_offsets_commit", |cx| {
            pending_offsets(cx, true)
        })
        .case_on(Profile::Groups, "pending_offsets_abort", |cx| {
            pending_offsets(cx, false)
        })
        .cases_on(Profile::Three, cases![not_the_leader])
}

/// A marker of a producer for these partitions of one topic, of the coordinator's first epoch.
fn marker(producer: &Producer, commits: bool, topic: &str, partitions: &[i32]) -> Value {
    json!({"producerId": producer.id, "producerEpoch": producer.epoch, "transactionResult": commits,
        "topics": [{"name": topic, "partitionIndexes": partitions}], "coordinatorEpoch": 0,
        "transactionVersion": 2})
}

fn write(cx: &mut Context, version: i16, markers: &[Value]) -> Result<()> {
    cx.call("WriteTxnMarkers", version, json!({"markers": markers}))?;
    Ok(())
}

fn begin(cx: &mut Context) -> Result<(String, Producer)> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    Ok((a, producer))
}

fn look(cx: &mut Context, topic: &str) -> Result<()> {
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    cx.fetch_isolated(topic, 0, 0)?;
    cx.note_ends(topic)
}

/// The coordinator does not learn of it.
fn ended(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    let next = producer.later(1);
    write(cx, version, &[marker(&next, commits, &a, &[0])])?;
    look(cx, &a)?;
    cx.fetch_isolated(&a, 0, 1)?;
    producer.describe(cx)?;
    cx.note("the producer goes on");
    producer.produce(cx, 12, &a, &producer.batch(1, &["y"]))?;
    producer.end(cx, 5, true)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    look(cx, &a)
}

fn of_a_stranger(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let stranger = producer.with_id(987_654_321);
    for commits in [true, false] {
        write(cx, version, &[marker(&stranger, commits, &a, &[0])])?;
    }
    write(cx, version, &[marker(&stranger.later(1), true, &a, &[0])])?;
    look(cx, &a)
}

fn after_the_end(cx: &mut Context, version: i16) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.complete(cx, true)?;
    for by in [0, -1, 1] {
        let of = producer.later(by);
        write(cx, version, &[marker(&of, false, &a, &[0])])?;
    }
    look(cx, &a)
}

fn epoch(cx: &mut Context, version: i16, by: i64) -> Result<()> {
    let (a, producer) = begin(cx)?;
    cx.quietly(|cx| producer.init(cx, 4))?;
    let producer = producer.later(1);
    producer.write(cx, &a, 0, &["x"])?;
    let of = producer.later(by);
    write(cx, version, &[marker(&of, false, &a, &[0])])?;
    look(cx, &a)?;
    cx.note("the producer goes on");
    producer.produce(cx, 12, &a, &producer.batch(1, &["y"]))?;
    producer.produce(cx, 12, &a, &producer.batch(0, &["x"]))?;
    look(cx, &a)
}

/// A coordinator that does not know of its successor.
fn stale_coordinator(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    for coordinator in [7, 6, 7, 0, -1, 8] {
        let mut marker = marker(&producer.later(1), false, &a, &[0]);
        marker["coordinatorEpoch"] = coordinator.into();
        marker["transactionVersion"] = 0.into();
        write(cx, version, &[marker])?;
    }
    look(cx, &a)
}

fn negative_numbers(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for (id, epoch, coordinator) in [
        (-1, 0, 0),
        (-5, 0, 0),
        (producer.id, -1, 0),
        (producer.id, -5, 0),
        (producer.id, 1, -1),
        (producer.id, 1, -5),
    ] {
        let of = Producer {
            id,
            epoch,
            ..producer.clone()
        };
        let mut marker = marker(&of, true, &a, &[0]);
        marker["coordinatorEpoch"] = coordinator.into();
        write(cx, version, &[marker])?;
    }
    look(cx, &a)
}

fn unknown_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let none = cx.topic("none");
    let of = producer.later(1);
    write(cx, version, &[marker(&of, true, &none, &[0, 1])])?;
    write(cx, version, &[marker(&of, true, &a, &[2, -1, 0])])?;
    write(cx, version, &[marker(&of, true, "", &[0])])?;
    write(cx, version, &[marker(&of, true, "a b", &[0])])?;
    look(cx, &a)
}

fn nothing(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    write(cx, version, &[])?;
    write(cx, version, &[marker(&producer, true, &a, &[])])?;
    let mut without = marker(&producer, true, &a, &[]);
    without["topics"] = json!([]);
    write(cx, version, &[without])?;
    cx.note_ends(&a)
}

/// Of two producers, and two of one producer.
fn several_markers(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let other = Producer::new(cx, "u")?;
    producer.write(cx, &a, 0, &["x"])?;
    other.write(cx, &a, 0, &["y"])?;
    let (one, two) = (producer.later(1), other.later(1));
    write(
        cx,
        version,
        &[marker(&one, true, &a, &[0]), marker(&two, false, &a, &[0])],
    )?;
    write(
        cx,
        version,
        &[
            marker(&one.later(1), true, &a, &[0]),
            marker(&one.later(2), false, &a, &[1]),
        ],
    )?;
    look(cx, &a)
}

fn several_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let (b, none) = (cx.create_topic("b", 1)?, cx.topic("none"));
    let mut marker = marker(&producer.later(1), true, &a, &[0, 1]);
    marker["topics"] = json!([
        {"name": a, "partitionIndexes": [0, 7, 1]},
        {"name": none, "partitionIndexes": [0]},
        {"name": b, "partitionIndexes": [0]},
    ]);
    write(cx, version, &[marker])?;
    for topic in [&a, &b] {
        cx.note_ends(topic)?;
    }
    Ok(())
}

/// A partition twice in one marker is never answered, so it is not asked for.
fn repeated(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    let of = producer.later(1);
    cx.note("a topic twice");
    let mut twice = marker(&of, true, &a, &[]);
    twice["topics"] = json!([
        {"name": a, "partitionIndexes": [0]}, {"name": a, "partitionIndexes": [1]}]);
    write(cx, version, &[twice])?;
    cx.note("a marker twice");
    let second = marker(&of.later(1), true, &a, &[0]);
    write(cx, version, &[second.clone(), second])?;
    cx.note("an unknown partition twice");
    write(cx, version, &[marker(&of.later(1), true, &a, &[7, 7, 0])])?;
    cx.note("one that fails behind one that does not");
    let markers = [
        marker(&of.later(3), true, &a, &[0]),
        marker(&of.with_id(-1), true, &a, &[0]),
        marker(&of.later(4), true, &a, &[0]),
    ];
    write(cx, version, &markers)?;
    look(cx, &a)
}

fn protocol(cx: &mut Context, protocol: i8) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    let mut marker = marker(&producer.later(1), true, &a, &[0]);
    marker["transactionVersion"] = protocol.into();
    write(cx, 2, &[marker])?;
    look(cx, &a)
}

/// By the second protocol a marker's epoch is beyond that of the data.
fn same_epoch(cx: &mut Context, protocol: i8) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    for by in [0, 1, 1] {
        let mut marker = marker(&producer.later(by), true, &a, &[0]);
        marker["transactionVersion"] = protocol.into();
        write(cx, 2, &[marker])?;
    }
    look(cx, &a)
}

/// The coordinator's own markers come after a later epoch of the producer: it gives up.
fn then_the_coordinators(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.write(cx, &a, 0, &["x"])?;
    write(cx, 2, &[marker(&producer.later(5), false, &a, &[0])])?;
    producer.end(cx, 5, true)?;
    producer.describe(cx)?;
    producer.end(cx, 5, true)?;
    producer.init(cx, 5)?;
    look(cx, &a)
}

/// As Kafka's tool does it, by what DescribeProducers says.
fn a_hanging_transaction(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for (sequence, value) in [(0, "x"), (1, "y")] {
        producer.write(cx, &a, sequence, &[value])?;
    }
    let topics = json!([{"name": a, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    let mut marker = marker(&producer, false, &a, &[0]);
    marker["transactionVersion"] = 0.into();
    write(cx, 1, &[marker])?;
    cx.fetch_isolated(&a, 0, 1)?;
    look(cx, &a)
}

fn idempotent_producer(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let plain = |epoch, sequence| {
        crate::records::Batch::of(&["x"]).from_producer(producer.id, epoch, sequence)
    };
    producer.produce(cx, 12, &a, &plain(0, 0))?;
    write(cx, 2, &[marker(&producer.later(1), true, &a, &[0])])?;
    for (epoch, sequence) in [(0, 1), (1, 1), (1, 0)] {
        producer.produce(cx, 12, &a, &plain(epoch, sequence))?;
    }
    look(cx, &a)
}

/// A marker in the partition of a group's offsets decides about them.
fn pending_offsets(cx: &mut Context, commits: bool) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "partitions": [committed(0, 5)]}]);
    producer.commit_offsets(cx, 5, &group, topics)?;
    let of = producer.later(1);
    write(cx, 2, &[marker(&of, commits, "__consumer_offsets", &[0])])?;
    let body = offset_fetch(8, &group, None);
    cx.call("OffsetFetch", 8, body)?;
    producer.describe(cx)?;
    Ok(())
}

fn not_the_leader(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2, 1], &[2, 3], &[1, 2]])?;
    let of = Producer {
        transactional_id: String::new(),
        id: 987_654_321,
        epoch: 0,
    };
    write(cx, 2, &[marker(&of, true, &a, &[0, 1, 2])])
}
