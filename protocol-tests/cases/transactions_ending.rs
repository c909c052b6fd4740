//! Transactions between their end and their completion: PrepareCommit and PrepareAbort.
//!
//! Kafka needs some milliseconds from the one to the other. It stays in between when a partition refuses the marker
//! because it has seen a later coordinator: then it sends no more.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::coordinators::committed;
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("transactions_ending")
        .on(Profile::Groups)
        .cases_at(0..=5, cases![init])
        .cases_at(3..=5, cases![claims])
        .cases_at(0..=3, cases![add_partitions])
        .cases_at(4..=5, cases![add_partitions_batched])
        .cases_at(0..=4, cases![add_offsets])
        .cases_at(0..=6, cases![commit_offsets])
        .versions("end", 0..=5, |cx, version| end(cx, version, true))
        .versions("end_an_abort", [4, 5], |cx, version| {
            end(cx, version, false)
        })
        .cases_at([4, 5], cases![end_of_another_epoch])
        .cases_at(9..=13, cases![produce])
        .cases_at(0..=2, cases![list])
        .cases(cases![fenced, refused_by_one_of_two])
        .case("refused_for_the_producers_epoch", refused_for_the_epoch)
        .cases(cases![records])
}

struct Stage {
    topic: String,
    group: String,
    /// As it was in the transaction.
    producer: Producer,
}

/// A marker of a later coordinator.
fn overtake(cx: &mut Context, of: &Producer, topic: &str, coordinator: i32) -> Result<()> {
    let marker = json!({"producerId": of.id, "producerEpoch": of.epoch, "transactionResult": false,
        "topics": [{"name": topic, "partitionIndexes": [0]}], "coordinatorEpoch": coordinator, "transactionVersion": 0});
    cx.call("WriteTxnMarkers", 2, json!({"markers": [marker]}))?;
    Ok(())
}

fn begin(cx: &mut Context) -> Result<Stage> {
    let topic = cx.create_topic("a", 2)?;
    let group = cx.group("g")?;
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &topic, 0, &["x"])?;
    Ok(Stage {
        topic,
        group,
        producer,
    })
}

/// Waits until the first partition has refused the marker: nothing tells, so a second partition must have its own.
fn ending(cx: &mut Context, version: i16, commits: bool) -> Result<Stage> {
    let on = begin(cx)?;
    overtake(cx, &on.producer, &on.topic, 1000)?;
    on.producer.end(cx, version, commits)?;
    on.producer.describe(cx)?;
    Ok(on)
}

fn init(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    on.producer.init(cx, version)?;
    on.producer.init_with(cx, version, 0)?;
    on.producer.describe(cx)?;
    Ok(())
}

fn claims(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    for by in [-1, 0, 1, 2] {
        on.producer.later(by).init_again(cx, version)?;
    }
    on.producer.with_id(987_654_321).init_again(cx, version)?;
    Ok(())
}

fn add_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    let none = cx.topic("none");
    for by in [-1, 0, 1] {
        on.producer.later(by).add(cx, version, &on.topic, &[1])?;
    }
    let stranger = on.producer.with_id(987_654_321);
    stranger.add(cx, version, &on.topic, &[0])?;
    on.producer.add(cx, version, &none, &[0])?;
    Ok(())
}

fn add_partitions_batched(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    for verify_only in [false, true] {
        for by in [0, 1] {
            for partition in [0, 1] {
                let producer = on.producer.later(by);
                let row = json!({"transactionalId": producer.transactional_id, "producerId": producer.id,
                    "producerEpoch": producer.epoch, "verifyOnly": verify_only,
                    "topics": [{"name": on.topic, "partitions": [partition]}]});
                cx.call(
                    "AddPartitionsToTxn",
                    version,
                    json!({"transactions": [row]}),
                )?;
            }
        }
    }
    Ok(())
}

fn add_offsets(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    for by in [-1, 0, 1] {
        on.producer.later(by).add_offsets(cx, version, &on.group)?;
    }
    Ok(())
}

fn commit_offsets(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    let id = cx.topic_id(&on.topic)?;
    for by in [0, 1] {
        let topics = json!([{"name": on.topic, "topicId": id, "partitions": [committed(0, 5)]}]);
        let producer = on.producer.later(by);
        producer.commit_offsets(cx, version, &on.group, topics)?;
    }
    Ok(())
}

/// Both verbs, by the epoch that the transaction had and by the next.
fn end(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let on = ending(cx, version, commits)?;
    for by in [0, 1] {
        for verb in [true, false] {
            on.producer.later(by).end(cx, version, verb)?;
        }
    }
    on.producer.describe(cx)?;
    cx.fetch_isolated(&on.topic, 0, 0)?;
    Ok(())
}

fn end_of_another_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    for by in [-1, 2, 3] {
        on.producer.later(by).end(cx, version, true)?;
    }
    let stranger = on.producer.with_id(987_654_321);
    stranger.end(cx, version, true)?;
    Ok(())
}

/// The next transaction's records wait in vain for the end of this one.
fn produce(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    for by in [0, 1] {
        let producer = on.producer.later(by);
        let batch = producer.batch(0, &["y"]);
        producer.produce_to(cx, version, &on.topic, 1, &batch)?;
    }
    cx.note_ends(&on.topic)
}

fn list(cx: &mut Context, version: i16) -> Result<()> {
    let on = ending(cx, 5, true)?;
    cx.labels.own_topics_only = true;
    for states in [json!(["PrepareCommit"]), json!(["PrepareAbort", "Ongoing"])] {
        cx.call("ListTransactions", version, json!({"stateFilters": states}))?;
    }
    on.producer.describe(cx)?;
    Ok(())
}

/// The transaction that a new producer has aborted.
fn fenced(cx: &mut Context) -> Result<()> {
    let on = begin(cx)?;
    overtake(cx, &on.producer, &on.topic, 1000)?;
    on.producer.init(cx, 5)?;
    on.producer.describe(cx)?;
    for version in [4, 5] {
        for by in [0, 1] {
            on.producer.later(by).init_again(cx, version)?;
            on.producer.later(by).end(cx, version, false)?;
            on.producer.later(by).end(cx, version, true)?;
        }
    }
    on.producer.init(cx, 5)?;
    on.producer.describe(cx)?;
    Ok(())
}

/// The other partition has its marker.
fn refused_by_one_of_two(cx: &mut Context) -> Result<()> {
    let on = begin(cx)?;
    let b = cx.create_topic("b", 1)?;
    on.producer.write(cx, &b, 0, &["y"])?;
    overtake(cx, &on.producer, &on.topic, 1000)?;
    on.producer.end(cx, 5, true)?;
    let conn = Context::A;
    cx.until("the other marker", |cx| {
        let rows = json!([{"partitionIndex": 0, "timestamp": -1}]);
        let body = json!({"replicaId": -1, "isolationLevel": 1, "topics": [{"name": b, "partitions": rows}]});
        let answer = cx.call_on(conn, "ListOffsets", 5, body)?;
        Ok(answer["topics"][0]["partitions"][0]["offset"] == 2)
    })?;
    on.producer.describe(cx)?;
    for topic in [&on.topic, &b] {
        cx.fetch_isolated(topic, 0, 0)?;
        cx.note_ends(topic)?;
    }
    Ok(())
}

/// The partition knows a later epoch of the producer.
fn refused_for_the_epoch(cx: &mut Context) -> Result<()> {
    let on = begin(cx)?;
    overtake(cx, &on.producer.later(9), &on.topic, 0)?;
    on.producer.end(cx, 4, true)?;
    on.producer.describe(cx)?;
    on.producer.init(cx, 5)?;
    on.producer.end(cx, 4, true)?;
    cx.fetch_isolated(&on.topic, 0, 0)?;
    Ok(())
}

fn records(cx: &mut Context) -> Result<()> {
    let on = ending(cx, 5, true)?;
    on.producer.init(cx, 5)?;
    cx.coordinator_records(
        CoordinatorTopic::Transactions,
        &on.producer.transactional_id,
    )
}
