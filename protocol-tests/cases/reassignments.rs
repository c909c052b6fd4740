//! AlterPartitionReassignments (key 45), v0–v1, and ListPartitionReassignments (key 46), v0.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("reassignments")
        .versions("to_where_it_is", 0..=1, |cx, version| {
            to(cx, version, json!([1]))
        })
        .versions("to_an_unknown_broker", 0..=1, |cx, version| {
            to(cx, version, json!([99]))
        })
        .versions("to_a_negative_broker", 0..=1, |cx, version| {
            to(cx, version, json!([-1]))
        })
        .versions("to_no_broker", 0..=1, |cx, version| {
            to(cx, version, json!([]))
        })
        .versions("to_a_broker_twice", 0..=1, |cx, version| {
            to(cx, version, json!([1, 1]))
        })
        .versions("nothing_to_cancel", 0..=1, |cx, version| {
            to(cx, version, Value::Null)
        })
        .cases_at(0..=1, cases![unknown_topic, unknown_partition])
        .with("factor_kept", Some(&[1][..]), factor_not_allowed)
        .with(
            "factor_not_allowed_broker_twice",
            Some(&[1, 1][..]),
            factor_not_allowed,
        )
        .with(
            "factor_not_allowed_unknown_broker",
            Some(&[1, 99][..]),
            factor_not_allowed,
        )
        .with(
            "factor_not_allowed_no_broker",
            Some(&[][..]),
            factor_not_allowed,
        )
        .with(
            "factor_not_allowed_nothing_to_cancel",
            None,
            factor_not_allowed,
        )
        .case("no_topics", |cx| alter(cx, 1, json!([]), true))
        .cases(cases![
            partition_twice,
            one_good_one_bad,
            no_time,
            list_none,
            list_unknown,
        ])
        .case_on(Profile::Three, "move", moved)
        .cases_on(
            Profile::Three,
            cases![
                grow_and_shrink,
                another_factor_not_allowed,
                records_move_too
            ],
        )
}

fn alter(cx: &mut Context, version: i16, topics: Value, any_factor: bool) -> Result<()> {
    let mut body = json!({"timeoutMs": 10000, "topics": topics});
    if !any_factor {
        body["allowReplicationFactorChange"] = json!(false);
    }
    cx.call("AlterPartitionReassignments", version, body)?;
    Ok(())
}

fn to(cx: &mut Context, version: i16, replicas: Value) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    alter(
        cx,
        version,
        json!([{"name": a, "partitions": [{"partitionIndex": 0, "replicas": replicas}]}]),
        true,
    )
}

/// KIP-860: where it stands among the other checks, in a topic that exists and in one that does not.
fn factor_not_allowed(cx: &mut Context, replicas: Option<&[i32]>) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.topic("b");
    let partitions = json!([{"partitionIndex": 0, "replicas": replicas}, {"partitionIndex": 1, "replicas": replicas}]);
    let topics = [a, b].map(|name| json!({"name": name, "partitions": partitions}));
    alter(cx, 1, json!(topics), false)
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    for replicas in [json!([1]), Value::Null] {
        alter(
            cx,
            version,
            json!([{"name": a, "partitions": [{"partitionIndex": 0, "replicas": replicas}]}]),
            true,
        )?;
    }
    Ok(())
}

fn unknown_partition(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    for index in [1, -1] {
        alter(
            cx,
            version,
            json!([{"name": a, "partitions": [{"partitionIndex": index, "replicas": [1]}]}]),
            true,
        )?;
    }
    Ok(())
}

fn partition_twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let partition = json!({"partitionIndex": 0, "replicas": [1]});
    alter(
        cx,
        1,
        json!([{"name": a, "partitions": [partition, partition]}]),
        true,
    )
}

fn one_good_one_bad(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let partitions =
        json!([{"partitionIndex": 0, "replicas": [1]}, {"partitionIndex": 1, "replicas": [99]}]);
    alter(cx, 1, json!([{"name": a, "partitions": partitions}]), true)
}

fn no_time(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let topics = json!([{"name": a, "partitions": [{"partitionIndex": 0, "replicas": [1]}]}]);
    cx.call(
        "AlterPartitionReassignments",
        1,
        json!({"timeoutMs": 0, "topics": topics}),
    )?;
    Ok(())
}

fn list_none(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.call(
        "ListPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": null}),
    )?;
    cx.call(
        "ListPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": []}),
    )?;
    cx.call(
        "ListPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": [{"name": a, "partitionIndexes": [0]}]}),
    )?;
    Ok(())
}

fn list_unknown(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.topic("b");
    cx.call(
        "ListPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": [{"name": a, "partitionIndexes": [7]}]}),
    )?;
    cx.call(
        "ListPartitionReassignments",
        0,
        json!({"timeoutMs": 10000, "topics": [{"name": b, "partitionIndexes": [0]}]}),
    )?;
    Ok(())
}

fn ids(cx: &Context, nodes: &[usize]) -> Result<Value> {
    Ok(json!(
        nodes
            .iter()
            .map(|node| cx.node(*node))
            .collect::<Result<Vec<_>>>()?
    ))
}

/// Asks for other replicas and waits until every node knows that exactly those are in sync.
fn settle(cx: &mut Context, topic: &str, nodes: &[usize]) -> Result<()> {
    let replicas = ids(cx, nodes)?;
    alter(
        cx,
        1,
        json!([{"name": topic, "partitions": [{"partitionIndex": 0, "replicas": replicas}]}]),
        true,
    )?;
    let body = json!({"topics": [{"name": topic}]});
    for node in 1..=cx.node_count() {
        let conn = cx.connect(node)?;
        cx.until("the new replicas", |cx| {
            let answer = cx.call_on(conn, "Metadata", 9, body.clone())?;
            let partition = &answer["topics"][0]["partitions"][0];
            let isr = partition["isrNodes"].as_array().map_or(0, Vec::len);
            Ok(partition["replicaNodes"] == replicas
                && isr == nodes.len()
                && partition["errorCode"] == 0)
        })?;
    }
    cx.forget_connections(1);
    cx.until("the reassignment is over", |cx| {
        let answer = cx.call(
            "ListPartitionReassignments",
            0,
            json!({"timeoutMs": 10000, "topics": [{"name": topic, "partitionIndexes": [0]}]}),
        )?;
        Ok(answer["topics"].as_array().is_some_and(Vec::is_empty))
    })?;
    // The order in which replicas came into sync does not matter.
    cx.labels.hidden = vec!["controllerId", "isrNodes", "leaderEpoch"];
    cx.call("Metadata", 9, body)?;
    Ok(())
}

fn moved(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1]])?;
    settle(cx, &a, &[2])?;
    settle(cx, &a, &[3, 1])
}

fn grow_and_shrink(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1]])?;
    settle(cx, &a, &[1, 2, 3])?;
    settle(cx, &a, &[1])
}

/// KIP-860.
fn another_factor_not_allowed(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1]])?;
    let replicas = ids(cx, &[1, 2])?;
    alter(
        cx,
        1,
        json!([{"name": a, "partitions": [{"partitionIndex": 0, "replicas": replicas}]}]),
        false,
    )?;
    let replicas = ids(cx, &[1])?;
    alter(
        cx,
        1,
        json!([{"name": a, "partitions": [{"partitionIndex": 0, "replicas": replicas}]}]),
        false,
    )
}

fn records_move_too(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1]])?;
    let partition = json!({"index": 0, "records": Batch::of(&["x", "y"]).json()});
    cx.ask("Produce", 9, json!({"acks": -1, "timeoutMs": 10000, "topicData": [{"name": a, "partitionData": [partition]}]}))?;
    cx.note("two records are produced");
    settle(cx, &a, &[2])?;
    let second = cx.connect(2)?;
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000});
    cx.call_on(second, "Fetch", 12, json!({"maxWaitMs": 1000, "minBytes": 1, "topics": [{"topic": a, "partitions": [partition]}]}))?;
    Ok(())
}
