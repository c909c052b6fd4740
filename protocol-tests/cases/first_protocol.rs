//! Clusters that have not taken up the second protocol of transactions: `transaction.version` 0 and 1 (KIP-890, KIP-1022).

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::case::{Area, Named, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::transactions::Producer;

type Run = fn(&mut Context) -> Result<()>;

/// Level by level: the level is the cluster's, so these cases are alone.
pub(super) fn area() -> Area {
    let mut area = Area::new("first_protocol").on(Profile::Transactions);
    let cases: &[Named<Run>] = cases![
        features,
        commit_and_abort,
        end_v5,
        abort_of_nothing,
        produce,
        produce_v12_again,
        fence,
        claims,
        time_out,
        offsets,
        zombie,
        markers,
        ending,
        changed_in_between,
    ];
    for (name, run) in cases {
        for level in [0, 1] {
            area = area
                .with(
                    &format!("{name}_at_{level}"),
                    (level, *run),
                    |cx, (level, run)| at_level(cx, level, run),
                )
                .alone();
        }
    }
    area
}

fn set_level(cx: &mut Context, level: i64) -> Result<()> {
    let kind = if level == 2 { 1 } else { 2 };
    let update =
        json!({"feature": "transaction.version", "maxVersionLevel": level, "upgradeType": kind});
    let body = json!({"timeoutMs": 10_000, "featureUpdates": [update], "validateOnly": false});
    cx.until("another level", |cx| {
        let answer = cx.call("UpdateFeatures", 1, body.clone())?;
        if answer["errorCode"] != 0 {
            ensure!(current(cx)? == level, "UpdateFeatures answered {answer}");
        }
        Ok(current(cx)? == level)
    })
}

fn current(cx: &mut Context) -> Result<i64> {
    let name = json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1"});
    let answer = cx.ask("ApiVersions", 4, name)?;
    let rows = answer["finalizedFeatures"].as_array();
    let mut rows = rows.into_iter().flatten();
    let row = rows.find(|row| row["name"] == "transaction.version");
    row.map_or(Ok(0), |row| {
        row["maxVersionLevel"].as_i64().context("a level")
    })
}

/// Whatever becomes of the case, the cluster is given back as it was.
fn at_level(cx: &mut Context, level: i64, run: Run) -> Result<()> {
    set_level(cx, level)?;
    cx.note(&format!("transaction.version is {level}"));
    let result = run(cx);
    set_level(cx, 2)?;
    result
}

fn begin(cx: &mut Context) -> Result<(String, Producer)> {
    let a = cx.create_topic("a", 2)?;
    let producer = Producer::new(cx, "t")?;
    Ok((a, producer))
}

fn write(cx: &mut Context, producer: &Producer, topic: &str, sequence: i64) -> Result<()> {
    cx.quietly(|cx| {
        producer.add(cx, 3, topic, &[0])?;
        producer.produce(cx, 11, topic, &producer.batch(sequence, &["x"]))
    })?;
    cx.note("added and written");
    Ok(())
}

fn look(cx: &mut Context, topic: &str, producer: &Producer) -> Result<()> {
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    producer.describe(cx)?;
    for isolation in [0, 1] {
        cx.fetch_isolated(topic, 0, isolation)?;
    }
    cx.coordinator_records(CoordinatorTopic::Transactions, &producer.transactional_id)
}

fn features(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("apiKeys");
    let name = json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1"});
    for version in [3, 4, 5] {
        cx.call("ApiVersions", version, name.clone())?;
    }
    Ok(())
}

fn commit_and_abort(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for (sequence, commits) in [(0, true), (1, false)] {
        write(cx, &producer, &a, sequence)?;
        producer.end(cx, 4, commits)?;
        producer.settle(cx)?;
        producer.end(cx, 4, commits)?;
        producer.end(cx, 4, !commits)?;
    }
    look(cx, &a, &producer)
}

/// The version of the request, not the cluster's level, says that the epoch changes.
fn end_v5(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    write(cx, &producer, &a, 0)?;
    producer.end(cx, 5, true)?;
    producer.settle(cx)?;
    producer.end(cx, 5, true)?;
    producer.end(cx, 5, false)?;
    producer.later(1).end(cx, 5, true)?;
    look(cx, &a, &producer)
}

fn abort_of_nothing(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for version in [4, 5] {
        producer.end(cx, version, true)?;
        producer.end(cx, version, false)?;
        producer.settle(cx)?;
    }
    look(cx, &a, &producer)
}

fn produce(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    for version in [10, 11, 12, 13] {
        for sequence in [1, 0] {
            producer.produce(cx, version, &a, &producer.batch(sequence, &["x"]))?;
        }
        producer.describe(cx)?;
    }
    cx.note_ends(&a)
}

/// A transaction that v12 began, ended by v4.
fn produce_v12_again(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.produce(cx, 12, &a, &producer.batch(0, &["x"]))?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    for (by, sequence) in [(0, 0), (0, 2), (0, 1), (1, 0)] {
        let producer = producer.later(by);
        producer.produce(cx, 12, &a, &producer.batch(sequence, &["y"]))?;
    }
    look(cx, &a, &producer)
}

fn fence(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    write(cx, &producer, &a, 0)?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    producer.describe(cx)?;
    producer.init(cx, 5)?;
    look(cx, &a, &producer)
}

fn claims(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    producer.init_again(cx, 4)?;
    producer.init_again(cx, 4)?;
    let producer = producer.later(1);
    write(cx, &producer, &a, 0)?;
    producer.init_again(cx, 4)?;
    producer.settle(cx)?;
    for by in [0, 1, 2] {
        producer.later(by).init_again(cx, 4)?;
    }
    producer.init(cx, 4)?;
    look(cx, &a, &producer)
}

fn time_out(cx: &mut Context) -> Result<()> {
    let (a, mut producer) = begin(cx)?;
    let answer = producer.init_with(cx, 4, 600)?;
    producer.follow(&answer)?;
    write(cx, &producer, &a, 0)?;
    let numbers = cx.labels.numbers.clone();
    cx.until("the time-out", |cx| {
        let answer = producer.describe(cx)?;
        Ok(answer["transactionStates"][0]["transactionState"] == "CompleteAbort")
    })?;
    cx.labels.numbers = numbers;
    for version in [11, 12] {
        producer.produce(cx, version, &a, &producer.batch(1, &["y"]))?;
    }
    for version in [4, 5] {
        producer.end(cx, version, true)?;
        producer.end(cx, version, false)?;
        producer.settle(cx)?;
    }
    producer.add(cx, 3, &a, &[1])?;
    producer.init_again(cx, 4)?;
    producer.init(cx, 4)?;
    look(cx, &a, &producer)
}

fn offsets(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "partitions": [committed(0, 5)]}]);
    for version in [3, 4, 5] {
        producer.commit_offsets(cx, version, &group, topics.clone())?;
    }
    producer.describe(cx)?;
    producer.end(cx, 4, true)?;
    producer.settle(cx)?;
    cx.call("OffsetFetch", 8, offset_fetch(8, &group, None))?;
    cx.coordinator_records(CoordinatorTopic::Groups, &group)
}

/// What a producer hears whose place another has taken.
fn zombie(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    write(cx, &producer, &a, 0)?;
    producer.init(cx, 4)?;
    producer.settle(cx)?;
    cx.quietly(|cx| producer.init(cx, 4))?;
    for version in [10, 11, 12] {
        producer.produce(cx, version, &a, &producer.batch(1, &["y"]))?;
    }
    for version in [1, 2] {
        producer.add(cx, version, &a, &[0])?;
        producer.end(cx, version, true)?;
    }
    producer.end(cx, 5, true)?;
    producer.end(cx, 5, false)?;
    cx.note_ends(&a)
}

fn marker(producer: &Producer, topic: &str, coordinator: i32, protocol: i8) -> Value {
    json!({"producerId": producer.id, "producerEpoch": producer.epoch, "transactionResult": true,
        "topics": [{"name": topic, "partitionIndexes": [0]}], "coordinatorEpoch": coordinator,
        "transactionVersion": protocol})
}

fn markers(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    write(cx, &producer, &a, 0)?;
    for protocol in [2, 1, 0] {
        let markers = json!([marker(&producer, &a, 0, protocol)]);
        cx.call("WriteTxnMarkers", 2, json!({"markers": markers}))?;
    }
    look(cx, &a, &producer)
}

/// The transaction stays between its end and its completion.
fn ending(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    write(cx, &producer, &a, 0)?;
    let markers = json!([marker(&producer, &a, 1000, 0)]);
    cx.call("WriteTxnMarkers", 2, json!({"markers": markers}))?;
    producer.init(cx, 4)?;
    for by in [0, 1] {
        let producer = producer.later(by);
        producer.init_again(cx, 4)?;
        producer.add(cx, 3, &a, &[0])?;
        for version in [4, 5] {
            producer.end(cx, version, true)?;
            producer.end(cx, version, false)?;
        }
    }
    look(cx, &a, &producer)
}

/// The second protocol comes while a transaction is open.
fn changed_in_between(cx: &mut Context) -> Result<()> {
    let (a, producer) = begin(cx)?;
    write(cx, &producer, &a, 0)?;
    set_level(cx, 2)?;
    cx.note("transaction.version is 2");
    producer.produce(cx, 12, &a, &producer.batch(1, &["y"]))?;
    producer.init(cx, 5)?;
    producer.settle(cx)?;
    producer.init(cx, 5)?;
    look(cx, &a, &producer)
}
