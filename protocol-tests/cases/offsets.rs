//! ListOffsets (key 2), DeleteRecords (key 21), OffsetForLeaderEpoch (key 23).

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::clock;
use crate::context::Context;
use crate::records::{Batch, Codec, Record};

pub(super) fn area() -> Area {
    Area::new("offsets")
        .cases_at(1..=11, cases![list])
        .cases(cases![
            list_by_time,
            list_special,
            list_errors,
            list_duplicates,
            list_empty,
        ])
        .cases_at(0..=2, cases![delete_records])
        .cases(cases![delete_records_errors])
        .cases_at(2..=4, cases![epoch_end])
        .cases(cases![epoch_end_errors])
}

fn filled(cx: &mut Context) -> Result<String> {
    let a = cx.create_topic("a", 1)?;
    let base = clock::base_millis();
    let records = vec![
        Record::of("x").after(10),
        Record::of("y").after(30),
        Record::of("z").after(20),
    ];
    for batch in [
        Batch::new(records.clone()),
        Batch {
            codec: Codec::Gzip,
            base_timestamp: base + 10,
            ..Batch::new(records)
        },
    ] {
        let partition = json!({"index": 0, "records": batch.json()});
        cx.ask("Produce", 9, json!({"acks": -1, "timeoutMs": 10000, "topicData": [{"name": a, "partitionData": [partition]}]}))?;
    }
    Ok(a)
}

fn ask(cx: &mut Context, version: i16, topic: &str, timestamp: i64) -> Result<Value> {
    let partition = json!({"partitionIndex": 0, "currentLeaderEpoch": -1, "timestamp": timestamp});
    cx.call(
        "ListOffsets",
        version,
        json!({"replicaId": -1, "topics": [{"name": topic, "partitions": [partition]}]}),
    )
}

fn list(cx: &mut Context, version: i16) -> Result<()> {
    let a = filled(cx)?;
    for timestamp in [
        -1,
        -2,
        clock::base_millis() + 20,
        clock::base_millis() + 1000,
    ] {
        ask(cx, version, &a, timestamp)?;
    }
    Ok(())
}

fn list_by_time(cx: &mut Context) -> Result<()> {
    let a = filled(cx)?;
    for after in [-1000, 0, 10, 11, 20, 21, 30, 31, 40, 41] {
        cx.note(&format!("base + {after}"));
        ask(cx, 7, &a, clock::base_millis() + after)?;
    }
    cx.ask("DeleteRecords", 2, json!({"topics": [{"name": a, "partitions": [{"partitionIndex": 0, "offset": 2}]}], "timeoutMs": 10000}))?;
    for after in [0, 30, 31] {
        cx.note(&format!("after deletion, base + {after}"));
        ask(cx, 7, &a, clock::base_millis() + after)?;
    }
    Ok(())
}

fn list_special(cx: &mut Context) -> Result<()> {
    let a = filled(cx)?;
    for version in [1, 6, 7, 8, 9, 10, 11] {
        for timestamp in [-3, -4, -5, -6, -7, -8, -1_000_000, 0, 5_000_000_000_000_000] {
            cx.note(&format!("timestamp {timestamp}"));
            ask(cx, version, &a, timestamp)?;
        }
    }
    Ok(())
}

fn list_errors(cx: &mut Context) -> Result<()> {
    let a = filled(cx)?;
    let none = cx.topic("none");
    for version in [1, 11] {
        let of = |index, epoch| json!({"partitionIndex": index, "currentLeaderEpoch": epoch, "timestamp": -1});
        cx.call("ListOffsets", version, json!({"replicaId": -1, "topics": [{"name": a, "partitions": [of(0, 0), of(1, -1), of(-1, -1)]}, {"name": none, "partitions": [of(0, -1)]}]}))?;
        for replica in [-2, 0, 1, 7] {
            cx.note(&format!("replica {replica}"));
            cx.call(
                "ListOffsets",
                version,
                json!({"replicaId": replica, "topics": [{"name": a, "partitions": [of(0, -1)]}]}),
            )?;
        }
        for isolation in [1, 2, -1] {
            cx.note(&format!("isolation {isolation}"));
            cx.call("ListOffsets", version, json!({"replicaId": -1, "isolationLevel": isolation, "topics": [{"name": a, "partitions": [of(0, -1)]}]}))?;
        }
        for epoch in [0, 1, 5, -2] {
            cx.note(&format!("epoch {epoch}"));
            cx.call(
                "ListOffsets",
                version,
                json!({"replicaId": -1, "topics": [{"name": a, "partitions": [of(0, epoch)]}]}),
            )?;
        }
        cx.call(
            "ListOffsets",
            version,
            json!({"replicaId": -1, "topics": []}),
        )?;
        cx.call(
            "ListOffsets",
            version,
            json!({"replicaId": -1, "topics": [{"name": a, "partitions": []}]}),
        )?;
    }
    Ok(())
}

fn list_duplicates(cx: &mut Context) -> Result<()> {
    let a = filled(cx)?;
    let of =
        |timestamp| json!({"partitionIndex": 0, "currentLeaderEpoch": -1, "timestamp": timestamp});
    cx.call(
        "ListOffsets",
        7,
        json!({"replicaId": -1, "topics": [{"name": a, "partitions": [of(-1), of(-2)]}]}),
    )?;
    cx.call("ListOffsets", 7, json!({"replicaId": -1, "topics": [{"name": a, "partitions": [of(-1)]}, {"name": a, "partitions": [of(-2)]}]}))?;
    Ok(())
}

fn list_empty(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for timestamp in [-1, -2, -3, -4, -5, 0] {
        ask(cx, 9, &a, timestamp)?;
    }
    let batch = Batch {
        base_timestamp: -1,
        ..Batch::of(&["x"])
    };
    let partition = json!({"index": 0, "records": batch.json()});
    cx.ask("Produce", 9, json!({"acks": -1, "timeoutMs": 10000, "topicData": [{"name": a, "partitionData": [partition]}]}))?;
    for timestamp in [-3, 0, 5] {
        ask(cx, 9, &a, timestamp)?;
    }
    Ok(())
}

fn delete_records(cx: &mut Context, version: i16) -> Result<()> {
    let a = filled(cx)?;
    for offset in [0, 2, 1, 7, -2, -1, 6, 0] {
        cx.note(&format!("offset {offset}"));
        cx.call("DeleteRecords", version, json!({"topics": [{"name": a, "partitions": [{"partitionIndex": 0, "offset": offset}]}], "timeoutMs": 10000}))?;
    }
    ask(cx, 7, &a, -2)?;
    Ok(())
}

fn delete_records_errors(cx: &mut Context) -> Result<()> {
    let a = filled(cx)?;
    let none = cx.topic("none");
    let compacted = cx.topic("compacted");
    let topic = json!({"name": compacted, "numPartitions": 1, "replicationFactor": 1, "configs": [{"name": "cleanup.policy", "value": "compact"}]});
    cx.ask(
        "CreateTopics",
        7,
        json!({"topics": [topic], "timeoutMs": 10000}),
    )?;
    cx.await_topic(&compacted, 1)?;
    let of = |index| json!({"partitionIndex": index, "offset": 0});
    cx.call("DeleteRecords", 2, json!({"topics": [{"name": a, "partitions": [of(0), of(5), of(-1)]}, {"name": none, "partitions": [of(0)]}, {"name": compacted, "partitions": [of(0)]}], "timeoutMs": 10000}))?;
    cx.call(
        "DeleteRecords",
        2,
        json!({"topics": [], "timeoutMs": 10000}),
    )?;
    cx.call(
        "DeleteRecords",
        2,
        json!({"topics": [{"name": a, "partitions": []}], "timeoutMs": 10000}),
    )?;
    let to = |offset| json!({"partitionIndex": 0, "offset": offset});
    cx.call("DeleteRecords", 2, json!({"topics": [{"name": a, "partitions": [to(1), to(2)]}, {"name": a, "partitions": [to(3)]}], "timeoutMs": 0}))?;
    cx.call(
        "DeleteRecords",
        2,
        json!({"topics": [{"name": a, "partitions": [to(4)]}], "timeoutMs": -1}),
    )?;
    Ok(())
}

fn epoch_end(cx: &mut Context, version: i16) -> Result<()> {
    let a = filled(cx)?;
    for epoch in [-1, 0, 1, 5, -3] {
        let partition = json!({"partition": 0, "currentLeaderEpoch": -1, "leaderEpoch": epoch});
        cx.call(
            "OffsetForLeaderEpoch",
            version,
            json!({"replicaId": -1, "topics": [{"topic": a, "partitions": [partition]}]}),
        )?;
    }
    Ok(())
}

fn epoch_end_errors(cx: &mut Context) -> Result<()> {
    let a = filled(cx)?;
    let none = cx.topic("none");
    let of = |index, current| json!({"partition": index, "currentLeaderEpoch": current, "leaderEpoch": 0});
    cx.call("OffsetForLeaderEpoch", 4, json!({"replicaId": -1, "topics": [{"topic": a, "partitions": [of(0, 0), of(3, -1), of(-1, -1)]}, {"topic": none, "partitions": [of(0, -1)]}]}))?;
    cx.call(
        "OffsetForLeaderEpoch",
        4,
        json!({"replicaId": -1, "topics": [{"topic": a, "partitions": [of(0, 4)]}]}),
    )?;
    for replica in [-2, 1, 7] {
        cx.call(
            "OffsetForLeaderEpoch",
            4,
            json!({"replicaId": replica, "topics": [{"topic": a, "partitions": [of(0, -1)]}]}),
        )?;
    }
    cx.call(
        "OffsetForLeaderEpoch",
        4,
        json!({"replicaId": -1, "topics": [{"topic": a, "partitions": [of(0, -1), of(0, 4)]}]}),
    )?;
    let empty = cx.create_topic("empty", 1)?;
    cx.call(
        "OffsetForLeaderEpoch",
        4,
        json!({"replicaId": -1, "topics": [{"topic": empty, "partitions": [of(0, -1)]}]}),
    )?;
    Ok(())
}
