//! Transactional batches: up to Produce v11 the partition must have been added, from v12 on it is added implicitly (KIP-890).

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("transactional_produce")
        .cases_at(3..=13, cases![added, not_added])
        .cases_at([9, 11, 12, 13], cases![wrong_epoch])
        .cases_at([11, 12], cases![after_a_later_epoch])
        .cases_at([9, 11, 12, 13], cases![wrong_id])
        .cases_at(
            [11, 12],
            cases![
                first_sequence,
                after_the_end,
                not_transactional,
                not_transactional_in_between,
                duplicates,
                gap,
            ],
        )
        .cases_at([11, 12, 13], cases![unknown_topic])
        .cases_at([11, 12], cases![several_partitions, acks])
        .cases(cases![v11_after_v12, v12_after_v11, internal_topic])
        .case("sequences_over_transactions_v11", |cx| {
            sequences_over_transactions(cx, 11)
        })
        .case("sequences_over_transactions_v12", |cx| {
            sequences_over_transactions(cx, 12)
        })
        .cases(cases![
            old_epoch_after_v5,
            old_epoch_elsewhere,
            two_producers_in_a_request,
        ])
}

fn begin(cx: &mut Context, partitions: i32) -> Result<(String, Producer)> {
    let a = cx.create_topic("a", partitions)?;
    let producer = Producer::new(cx, "t")?;
    Ok((a, producer))
}

fn add(cx: &mut Context, producer: &Producer, topic: &str, partitions: &[i32]) -> Result<()> {
    cx.quietly(|cx| producer.add(cx, 3, topic, partitions))?;
    cx.note(&format!("added: {partitions:?}"));
    Ok(())
}

fn added(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    add(cx, &producer, &a, &[0])?;
    producer.produce(cx, version, &a, &producer.batch(0, &["x", "y"]))?;
    producer.describe(cx)?;
    cx.note_ends(&a)
}

fn not_added(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 2)?;
    producer.produce(cx, version, &a, &producer.batch(0, &["x"]))?;
    cx.note("in a transaction that has another partition");
    add(cx, &producer, &a, &[1])?;
    producer.produce(cx, version, &a, &producer.batch(0, &["x"]))?;
    producer.describe(cx)?;
    cx.note_ends(&a)
}

fn wrong_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 2)?;
    cx.quietly(|cx| producer.init(cx, 4))?;
    let producer = producer.later(1);
    cx.note("the epoch is 1; nothing has been written");
    for by in [-1, 1] {
        let wrong = producer.later(by);
        wrong.produce(cx, version, &a, &wrong.batch(0, &["x"]))?;
    }
    producer.write(cx, &a, 0, &["x"])?;
    for by in [-1, 1] {
        let wrong = producer.later(by);
        wrong.produce(cx, version, &a, &wrong.batch(0, &["x"]))?;
        wrong.produce_to(cx, version, &a, 1, &wrong.batch(0, &["x"]))?;
    }
    producer.describe(cx)?;
    Ok(())
}

/// What has been refused is the first of its partition still, whatever its epoch was: until the
/// transaction ends, no later sequence is in order.
fn after_a_later_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let (a, mut producer) = begin(cx, 1)?;
    producer.write(cx, &a, 0, &["x"])?;
    let wrong = producer.later(1);
    wrong.produce(cx, version, &a, &wrong.batch(0, &["y"]))?;
    producer.produce(cx, version, &a, &producer.batch(1, &["y"]))?;
    producer.produce(cx, version, &a, &producer.batch(0, &["x"]))?;
    cx.note("the next transaction");
    if version < 12 {
        producer.end(cx, 4, false)?;
        producer.settle(cx)?;
        add(cx, &producer, &a, &[0])?;
        producer.produce(cx, version, &a, &producer.batch(1, &["z"]))?;
    } else {
        producer.complete(cx, false)?;
        producer.produce(cx, version, &a, &producer.batch(0, &["z"]))?;
    }
    let next = if version < 12 { 2 } else { 1 };
    producer.produce(cx, version, &a, &producer.batch(next, &["z"]))?;
    cx.note_ends(&a)
}

fn wrong_id(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    let other = Producer::new(cx, "u")?;
    cx.note("another's producer id");
    let wrong = producer.with_id(other.id);
    wrong.produce(cx, version, &a, &wrong.batch(0, &["x"]))?;
    cx.note("an unknown transactional id");
    let stranger = Producer {
        transactional_id: cx.transactional_id("none")?,
        ..producer
    };
    stranger.produce(cx, version, &a, &stranger.batch(0, &["x"]))?;
    cx.note("no transactional id");
    let nameless = Producer {
        transactional_id: String::new(),
        ..producer
    };
    cx.transaction_coordinator("")?;
    nameless.produce(cx, version, &a, &nameless.batch(0, &["x"]))?;
    Ok(())
}

fn first_sequence(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    add(cx, &producer, &a, &[0])?;
    producer.produce(cx, version, &a, &producer.batch(5, &["x"]))?;
    producer.produce(cx, version, &a, &producer.batch(0, &["x"]))?;
    producer.produce(cx, version, &a, &producer.batch(6, &["y"]))?;
    cx.note_ends(&a)
}

/// With the epoch that the transaction had.
fn after_the_end(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    producer.write(cx, &a, 0, &["x"])?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    producer.produce(cx, version, &a, &producer.batch(1, &["y"]))?;
    producer.produce(cx, version, &a, &producer.batch(0, &["x"]))?;
    producer.describe(cx)?;
    cx.note_ends(&a)
}

fn not_transactional(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    let plain = |sequence| Batch::of(&["x"]).from_producer(producer.id, producer.epoch, sequence);
    cx.note("the request names the transactional id, the batch is none of a transaction");
    producer.produce(cx, version, &a, &plain(0))?;
    producer.produce(cx, version, &a, &Batch::of(&["x"]))?;
    producer.produce(cx, version, &a, &producer.batch(1, &["x"]))?;
    producer.describe(cx)?;
    cx.note_ends(&a)
}

fn not_transactional_in_between(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 2)?;
    producer.write(cx, &a, 0, &["x"])?;
    let plain = Batch::of(&["y"]).from_producer(producer.id, producer.epoch, 1);
    producer.produce(cx, version, &a, &plain)?;
    let partition = json!({"index": 0, "records": plain.json()});
    let topic = json!({"name": a, "partitionData": [partition]});
    let body =
        json!({"transactionalId": null, "acks": -1, "timeoutMs": 10_000, "topicData": [topic]});
    cx.call("Produce", version, body)?;
    cx.note("on the other partition");
    let plain = Batch::of(&["y"]).from_producer(producer.id, producer.epoch, 0);
    producer.produce_to(cx, version, &a, 1, &plain)?;
    cx.note_ends(&a)
}

fn duplicates(cx: &mut Context, version: i16) -> Result<()> {
    let (a, mut producer) = begin(cx, 1)?;
    add(cx, &producer, &a, &[0])?;
    for sequence in [0, 1, 0, 1] {
        producer.produce(cx, version, &a, &producer.batch(sequence, &["x"]))?;
    }
    let before = producer.clone();
    producer.complete(cx, true)?;
    cx.note("once more, with the epoch before");
    before.produce(cx, version, &a, &before.batch(1, &["x"]))?;
    cx.note_ends(&a)
}

fn gap(cx: &mut Context, version: i16) -> Result<()> {
    let (a, mut producer) = begin(cx, 1)?;
    add(cx, &producer, &a, &[0])?;
    for sequence in [0, 2, 1] {
        producer.produce(cx, version, &a, &producer.batch(sequence, &["x"]))?;
    }
    producer.complete(cx, true)
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    let partition = json!({"index": 0, "records": producer.batch(0, &["x"]).json()});
    let topic = json!({"name": cx.topic("none"), "topicId": "c29tZXRoaW5nIHVua25vdw", "partitionData": [partition]});
    let body = json!({"transactionalId": producer.transactional_id, "acks": -1, "timeoutMs": 10_000, "topicData": [topic]});
    cx.call("Produce", version, body)?;
    let a = cx.create_topic("a", 1)?;
    producer.produce_to(cx, version, &a, 1, &producer.batch(0, &["x"]))?;
    producer.describe(cx)?;
    Ok(())
}

fn several_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 3)?;
    add(cx, &producer, &a, &[1])?;
    let rows =
        [0, 1, 7].map(|index| json!({"index": index, "records": producer.batch(0, &["x"]).json()}));
    let topic = json!({"name": a, "partitionData": rows});
    let body = json!({"transactionalId": producer.transactional_id, "acks": -1, "timeoutMs": 10_000, "topicData": [topic]});
    cx.call("Produce", version, body)?;
    producer.describe(cx)?;
    Ok(())
}

/// Nothing asks a transactional producer to wait for all replicas.
fn acks(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    add(cx, &producer, &a, &[0])?;
    let unanswered = cx.connect(1)?;
    for (acks, sequence) in [(1, 0), (0, 1)] {
        let partition = json!({"index": 0, "records": producer.batch(sequence, &["x"]).json()});
        let topic = json!({"name": a, "partitionData": [partition]});
        let body = json!({"transactionalId": producer.transactional_id, "acks": acks, "timeoutMs": 10_000, "topicData": [topic]});
        if acks == 0 {
            cx.send_on(unanswered, "Produce", version, body)?;
        } else {
            cx.call("Produce", version, body)?;
        }
    }
    cx.until("the record without an answer", |cx| {
        let rows = json!([{"partitionIndex": 0, "timestamp": -1}]);
        let answer = cx.call(
            "ListOffsets",
            5,
            json!({"replicaId": -1, "topics": [{"name": a, "partitions": rows}]}),
        )?;
        Ok(answer["topics"][0]["partitions"][0]["offset"] == 2)
    })?;
    cx.note_ends(&a)
}

fn v11_after_v12(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx, 2)?;
    producer.produce(cx, 12, &a, &producer.batch(0, &["x"]))?;
    producer.produce(cx, 11, &a, &producer.batch(1, &["y"]))?;
    producer.produce_to(cx, 11, &a, 1, &producer.batch(0, &["z"]))?;
    producer.complete(cx, true)
}

fn v12_after_v11(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx, 2)?;
    add(cx, &producer, &a, &[0])?;
    producer.produce(cx, 11, &a, &producer.batch(0, &["x"]))?;
    producer.produce(cx, 12, &a, &producer.batch(1, &["y"]))?;
    producer.produce_to(cx, 12, &a, 1, &producer.batch(0, &["z"]))?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    Ok(())
}

fn internal_topic(cx: &mut Context) -> Result<()> {
    cx.group("g")?;
    let producer = Producer::new(cx, "t")?;
    for topic in ["__consumer_offsets", "__transaction_state"] {
        producer.produce(cx, 12, topic, &producer.batch(0, &["x"]))?;
    }
    producer.describe(cx)?;
    Ok(())
}

/// Sequences go on while the epoch stays, and begin again with a new one.
fn sequences_over_transactions(cx: &mut Context, version: i16) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    for sequence in 0..2 {
        add(cx, &producer, &a, &[0])?;
        producer.produce(cx, version, &a, &producer.batch(sequence, &["x"]))?;
        producer.end(cx, 4, true)?;
        producer.settle(cx)?;
    }
    cx.note("a new epoch");
    cx.quietly(|cx| producer.init(cx, 4))?;
    let producer = producer.later(1);
    add(cx, &producer, &a, &[0])?;
    producer.produce(cx, version, &a, &producer.batch(2, &["x"]))?;
    producer.produce(cx, version, &a, &producer.batch(0, &["x"]))?;
    Ok(())
}

fn old_epoch_after_v5(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx, 2)?;
    producer.write(cx, &a, 0, &["x"])?;
    let before = producer.clone();
    producer.complete(cx, true)?;
    for version in [11, 12] {
        before.produce(cx, version, &a, &before.batch(1, &["y"]))?;
        before.produce_to(cx, version, &a, 1, &before.batch(0, &["y"]))?;
    }
    producer.produce(cx, 12, &a, &producer.batch(1, &["y"]))?;
    producer.produce(cx, 12, &a, &producer.batch(0, &["y"]))?;
    Ok(())
}

/// A partition that has never heard of the producer asks the coordinator.
fn old_epoch_elsewhere(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx, 1)?;
    let b = cx.create_topic("b", 1)?;
    add(cx, &producer, &a, &[0])?;
    add(cx, &producer, &b, &[0])?;
    producer.produce(cx, 11, &a, &producer.batch(0, &["x"]))?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    for version in [11, 12] {
        for topic in [&a, &b] {
            producer.produce(cx, version, topic, &producer.batch(1, &["y"]))?;
        }
    }
    Ok(())
}

fn two_producers_in_a_request(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx, 2)?;
    let other = Producer::new(cx, "u")?;
    let rows = json!([
        {"index": 0, "records": producer.batch(0, &["x"]).json()},
        {"index": 1, "records": other.batch(0, &["y"]).json()},
    ]);
    for version in [11, 12] {
        let topic = json!({"name": a, "partitionData": rows});
        let body = json!({"transactionalId": producer.transactional_id, "acks": -1, "timeoutMs": 10_000, "topicData": [topic]});
        cx.call("Produce", version, body)?;
    }
    Ok(())
}
