//! Leader epochs over changes of the leader (KIP-320, KIP-951): a log with three epochs.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::Profile;
use crate::records::Batch;

pub(super) fn area() -> Area {
    let three = Profile::Three;
    Area::new("leader_epochs")
        .cases_on(
            three,
            cases![
                end_offsets,
                epochs_in_the_log,
                fetch_at_an_epoch,
                diverging_log,
                offsets_at_an_epoch,
                end_offset_at_an_epoch,
                old_leader_names_the_new_one,
            ],
        )
        .case_on(
            three,
            "long_poll_ends_when_the_leader_changes",
            long_poll_ends,
        )
        .cases_on(three, cases![latest_offset_tells_the_epoch])
}

fn produce(topic: &str, values: &[&str]) -> Value {
    let partition = json!({"index": 0, "records": Batch::of(values).json()});
    json!({"acks": -1, "timeoutMs": 10000, "topicData": [{"name": topic, "partitionData": [partition]}]})
}

/// Offsets 0 and 1 in epoch 0, nothing in epoch 1, offset 2 in epoch 2; node 1 leads again.
fn history(cx: &mut Context) -> Result<String> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    cx.ask("Produce", 9, produce(&a, &["one", "two"]))?;
    cx.lead(&a, &[2, 1])?;
    cx.lead(&a, &[1, 2])?;
    cx.ask("Produce", 9, produce(&a, &["three"]))?;
    cx.note("epoch 0: offsets 0 and 1; epoch 1: none; epoch 2: offset 2");
    Ok(a)
}

fn end_offsets(cx: &mut Context) -> Result<()> {
    let a = history(cx)?;
    for version in 2..=4 {
        for epoch in [-1, 0, 1, 2, 3, 9] {
            let partitions = json!([{"partition": 0, "leaderEpoch": epoch}]);
            let body = json!({"replicaId": -1, "topics": [{"topic": a, "partitions": partitions}]});
            cx.call("OffsetForLeaderEpoch", version, body)?;
        }
    }
    Ok(())
}

fn end_offset_at_an_epoch(cx: &mut Context) -> Result<()> {
    let a = history(cx)?;
    for current in [-1, 1, 2, 3] {
        let partitions = json!([{"partition": 0, "currentLeaderEpoch": current, "leaderEpoch": 0}]);
        let body = json!({"replicaId": -1, "topics": [{"topic": a, "partitions": partitions}]});
        cx.call("OffsetForLeaderEpoch", 4, body)?;
    }
    Ok(())
}

fn fetch(topic: &str, offset: i64, current: i32, last: i32) -> Value {
    let partition = json!({"partition": 0, "fetchOffset": offset, "partitionMaxBytes": 100_000,
        "currentLeaderEpoch": current, "lastFetchedEpoch": last});
    json!({"maxWaitMs": 100, "minBytes": 0, "topics": [{"topic": topic, "partitions": [partition]}]})
}

fn epochs_in_the_log(cx: &mut Context) -> Result<()> {
    let a = history(cx)?;
    cx.call("Fetch", 12, fetch(&a, 0, -1, -1))?;
    Ok(())
}

fn fetch_at_an_epoch(cx: &mut Context) -> Result<()> {
    let a = history(cx)?;
    for current in [0, 1, 2, 3] {
        cx.call("Fetch", 12, fetch(&a, 3, current, -1))?;
    }
    Ok(())
}

/// A reader that read something else at its last epoch is told where its log parts from ours.
fn diverging_log(cx: &mut Context) -> Result<()> {
    let a = history(cx)?;
    for (offset, last) in [
        (2, 0),
        (3, 0),
        (3, 1),
        (3, 2),
        (2, 2),
        (3, 3),
        (1, 0),
        (2, 1),
    ] {
        cx.call("Fetch", 12, fetch(&a, offset, 2, last))?;
    }
    Ok(())
}

fn offsets_at_an_epoch(cx: &mut Context) -> Result<()> {
    let a = history(cx)?;
    for current in [-1, 1, 2, 3] {
        let partitions =
            json!([{"partitionIndex": 0, "currentLeaderEpoch": current, "timestamp": -1}]);
        cx.call(
            "ListOffsets",
            7,
            json!({"replicaId": -1, "topics": [{"name": a, "partitions": partitions}]}),
        )?;
    }
    Ok(())
}

fn latest_offset_tells_the_epoch(cx: &mut Context) -> Result<()> {
    let a = history(cx)?;
    for timestamp in [-1, -2, -3, crate::clock::base_millis()] {
        let partitions = json!([{"partitionIndex": 0, "timestamp": timestamp}]);
        cx.call(
            "ListOffsets",
            7,
            json!({"replicaId": -1, "topics": [{"name": a, "partitions": partitions}]}),
        )?;
    }
    Ok(())
}

fn old_leader_names_the_new_one(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let id = cx.topic_id(&a)?;
    cx.lead(&a, &[2, 1])?;
    cx.call("Produce", 10, produce(&a, &["x"]))?;
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000, "currentLeaderEpoch": 0});
    let topics = json!([{"topicId": id, "partitions": [partition]}]);
    cx.call(
        "Fetch",
        16,
        json!({"maxWaitMs": 100, "minBytes": 0, "topics": topics}),
    )?;
    Ok(())
}

fn long_poll_ends(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let waiting: Conn = cx.connect(1)?;
    let mut body = fetch(&a, 0, 0, -1);
    body["maxWaitMs"] = json!(15_000);
    body["minBytes"] = json!(1);
    cx.send_on(waiting, "Fetch", 12, body)?;
    cx.lead(&a, &[2, 1])?;
    cx.receive_on(waiting)?;
    Ok(())
}
