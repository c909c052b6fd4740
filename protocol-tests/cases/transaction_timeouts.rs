//! Transactions that take longer than their producer allowed: aborted, with an epoch that the producer does not have.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("transaction_timeouts")
        .on(Profile::Transactions)
        .cases_at([11, 12], cases![log])
        .cases(cases![nothing_written, several_partitions, readers_go_on])
        .cases_at(0..=5, cases![init])
        .cases_at(3..=5, cases![claims])
        .cases_at(0..=3, cases![add_partitions])
        .cases_at(0..=4, cases![add_offsets])
        .cases_at(0..=5, cases![end, end_of_the_next_epoch])
        .cases_at([3, 9, 10, 11, 12, 13], cases![produce])
        .cases_at(10..=13, cases![produce_elsewhere])
        .cases_at(0..=6, cases![commit_offsets])
        .cases(cases![pending_offsets, twice, after_a_commit, list])
        .cases_at(0..=5, cases![longest])
        .cases_at([11, 12], cases![records])
}

struct Stage {
    topic: String,
    producer: Producer,
}

/// Long enough for a transaction of one request.
const MOMENT: i32 = 100;

/// Long enough for a transaction of a few requests.
const WHILE: i32 = 600;

/// A producer whose transactions may take so many milliseconds.
fn hurried(cx: &mut Context, timeout: i32) -> Result<Stage> {
    let topic = cx.create_topic("a", 2)?;
    let mut producer = Producer::new(cx, "t")?;
    let answer = producer.init_with(cx, 4, timeout)?;
    producer.follow(&answer)?;
    Ok(Stage { topic, producer })
}

fn write(cx: &mut Context, on: &Stage, version: i16, partition: i32) -> Result<()> {
    if version < 12 {
        cx.quietly(|cx| on.producer.add(cx, 3, &on.topic, &[partition]))?;
    }
    let batch = on.producer.batch(0, &["x"]);
    let produced = cx.quietly(|cx| {
        on.producer
            .produce_to(cx, version, &on.topic, partition, &batch)
    })?;
    let row = &produced["responses"][0]["partitionResponses"][0];
    cx.note(&format!(
        "written by Produce v{version}: {}",
        row["errorCode"]
    ));
    Ok(())
}

fn await_abort(cx: &mut Context, producer: &Producer) -> Result<()> {
    let numbers = cx.labels.numbers.clone();
    let body = json!({"transactionalIds": [producer.transactional_id]});
    cx.until("the time-out", |cx| {
        let answer = cx.call("DescribeTransactions", 0, body.clone())?;
        Ok(answer["transactionStates"][0]["transactionState"] == "CompleteAbort")
    })?;
    cx.labels.numbers = numbers;
    cx.note("the time is over");
    Ok(())
}

/// A transaction that was aborted because it took too long.
fn late(cx: &mut Context) -> Result<Stage> {
    late_by(cx, MOMENT)
}

/// The same; the next transaction may take a few requests.
fn late_by(cx: &mut Context, timeout: i32) -> Result<Stage> {
    let on = hurried(cx, timeout)?;
    write(cx, &on, 12, 0)?;
    await_abort(cx, &on.producer)?;
    Ok(on)
}

fn look(cx: &mut Context, topic: &str) -> Result<()> {
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    for isolation in [0, 1] {
        cx.fetch_isolated(topic, 0, isolation)?;
    }
    cx.note_ends(topic)
}

fn log(cx: &mut Context, version: i16) -> Result<()> {
    let on = hurried(cx, WHILE)?;
    write(cx, &on, version, 0)?;
    await_abort(cx, &on.producer)?;
    on.producer.describe(cx)?;
    look(cx, &on.topic)
}

fn nothing_written(cx: &mut Context) -> Result<()> {
    let on = hurried(cx, MOMENT)?;
    on.producer.add(cx, 3, &on.topic, &[0])?;
    await_abort(cx, &on.producer)?;
    on.producer.describe(cx)?;
    look(cx, &on.topic)
}

fn several_partitions(cx: &mut Context) -> Result<()> {
    let on = hurried(cx, WHILE)?;
    let group = cx.group("g")?;
    cx.quietly(|cx| on.producer.add(cx, 3, &on.topic, &[0, 1]))?;
    on.producer.add_offsets(cx, 3, &group)?;
    await_abort(cx, &on.producer)?;
    on.producer.describe(cx)?;
    for partition in [0, 1] {
        let topics = json!([{"name": on.topic, "partitionIndexes": [partition]}]);
        cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    }
    cx.note_ends(&on.topic)
}

/// What lies behind the transaction can be read when it is over.
fn readers_go_on(cx: &mut Context) -> Result<()> {
    let on = hurried(cx, WHILE)?;
    write(cx, &on, 12, 0)?;
    let partition = json!({"index": 0, "records": Batch::of(&["behind"]).json()});
    let body = json!({"acks": -1, "timeoutMs": 10_000, "topicData": [{"name": on.topic, "partitionData": [partition]}]});
    cx.ask("Produce", 9, body)?;
    cx.note("a plain record");
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1_000_000});
    let body = json!({"maxWaitMs": 15_000, "minBytes": 1, "isolationLevel": 1,
        "topics": [{"topic": on.topic, "partitions": [partition]}]});
    cx.call("Fetch", 12, body)?;
    Ok(())
}

fn init(cx: &mut Context, version: i16) -> Result<()> {
    let on = late(cx)?;
    on.producer.init(cx, version)?;
    on.producer.init(cx, version)?;
    on.producer.describe(cx)?;
    Ok(())
}

fn claims(cx: &mut Context, version: i16) -> Result<()> {
    let on = late(cx)?;
    for by in [-1, 0, 1, 2] {
        on.producer.later(by).init_again(cx, version)?;
        on.producer.later(by).init_again(cx, version)?;
    }
    on.producer.describe(cx)?;
    Ok(())
}

fn add_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let on = late_by(cx, WHILE)?;
    for by in [0, -1, 2, 1] {
        on.producer.later(by).add(cx, version, &on.topic, &[1])?;
    }
    Ok(())
}

fn add_offsets(cx: &mut Context, version: i16) -> Result<()> {
    let on = late_by(cx, WHILE)?;
    let group = cx.group("g")?;
    for by in [0, -1, 2, 1] {
        on.producer.later(by).add_offsets(cx, version, &group)?;
    }
    Ok(())
}

fn end(cx: &mut Context, version: i16) -> Result<()> {
    let on = late(cx)?;
    for verb in [true, false] {
        on.producer.end(cx, version, verb)?;
        on.producer.settle(cx)?;
    }
    on.producer.later(-1).end(cx, version, false)?;
    on.producer.describe(cx)?;
    cx.note_ends(&on.topic)
}

fn end_of_the_next_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let on = late(cx)?;
    for verb in [true, false] {
        on.producer.later(1).end(cx, version, verb)?;
        on.producer.settle(cx)?;
    }
    on.producer.later(2).end(cx, version, false)?;
    on.producer.settle(cx)?;
    on.producer.describe(cx)?;
    Ok(())
}

fn produce(cx: &mut Context, version: i16) -> Result<()> {
    let on = late_by(cx, WHILE)?;
    for (by, sequence) in [(0, 1), (0, 0), (1, 1), (1, 0)] {
        let producer = on.producer.later(by);
        producer.produce(cx, version, &on.topic, &producer.batch(sequence, &["y"]))?;
    }
    cx.note_ends(&on.topic)
}

fn produce_elsewhere(cx: &mut Context, version: i16) -> Result<()> {
    let on = late_by(cx, WHILE)?;
    for (by, sequence) in [(0, 0), (1, 1), (2, 0), (1, 0)] {
        let producer = on.producer.later(by);
        let batch = producer.batch(sequence, &["y"]);
        producer.produce_to(cx, version, &on.topic, 1, &batch)?;
    }
    Ok(())
}

fn commit_offsets(cx: &mut Context, version: i16) -> Result<()> {
    let on = late_by(cx, WHILE)?;
    let group = cx.group("g")?;
    let id = cx.topic_id(&on.topic)?;
    for by in [0, 1] {
        let topics = json!([{"name": on.topic, "topicId": id, "partitions": [committed(0, 5)]}]);
        on.producer
            .later(by)
            .commit_offsets(cx, version, &group, topics)?;
    }
    Ok(())
}

fn offsets(cx: &mut Context, group: &str, stable: bool) -> Result<Value> {
    let mut body = offset_fetch(8, group, None);
    body["requireStable"] = stable.into();
    cx.call("OffsetFetch", 8, body)
}

fn pending_offsets(cx: &mut Context) -> Result<()> {
    let on = hurried(cx, MOMENT)?;
    let group = cx.group("g")?;
    for (offset, producer) in [(3, None), (5, Some(&on.producer))] {
        let topics = json!([{"name": on.topic, "partitions": [committed(0, offset)]}]);
        match producer {
            Some(producer) => producer.commit_offsets(cx, 5, &group, topics)?,
            None => cx.call(
                "OffsetCommit",
                9,
                json!({"groupId": group, "topics": topics}),
            )?,
        };
    }
    await_abort(cx, &on.producer)?;
    for stable in [false, true] {
        offsets(cx, &group, stable)?;
    }
    cx.coordinator_records(CoordinatorTopic::Groups, &group)
}

fn twice(cx: &mut Context) -> Result<()> {
    let mut on = late(cx)?;
    let answer = on.producer.init_with(cx, 4, 100)?;
    on.producer.follow(&answer)?;
    write(cx, &on, 12, 0)?;
    cx.until("the second transaction", |cx| {
        let answer = on.producer.describe(cx)?;
        let epoch = answer["transactionStates"][0]["producerEpoch"].as_i64();
        Ok(epoch > Some(on.producer.epoch))
    })?;
    await_abort(cx, &on.producer)?;
    look(cx, &on.topic)
}

/// The next transaction has its own time.
fn after_a_commit(cx: &mut Context) -> Result<()> {
    let mut on = hurried(cx, MOMENT)?;
    let answer = on.producer.init_with(cx, 4, 60_000)?;
    on.producer.follow(&answer)?;
    write(cx, &on, 12, 0)?;
    on.producer.complete(cx, true)?;
    let answer = on.producer.init_with(cx, 4, 100)?;
    on.producer.follow(&answer)?;
    write(cx, &on, 12, 0)?;
    await_abort(cx, &on.producer)?;
    look(cx, &on.topic)
}

fn list(cx: &mut Context) -> Result<()> {
    late(cx)?;
    cx.labels.own_topics_only = true;
    for states in [json!(["CompleteAbort"]), json!(["Ongoing", "PrepareAbort"])] {
        cx.call("ListTransactions", 2, json!({"stateFilters": states}))?;
    }
    Ok(())
}

fn longest(cx: &mut Context, version: i16) -> Result<()> {
    let producer = Producer::new(cx, "t")?;
    for timeout in [70_001, 70_000, 1] {
        producer.init_with(cx, version, timeout)?;
    }
    producer.describe(cx)?;
    Ok(())
}

fn records(cx: &mut Context, version: i16) -> Result<()> {
    let on = hurried(cx, WHILE)?;
    write(cx, &on, version, 0)?;
    await_abort(cx, &on.producer)?;
    cx.coordinator_records(
        CoordinatorTopic::Transactions,
        &on.producer.transactional_id,
    )
}
