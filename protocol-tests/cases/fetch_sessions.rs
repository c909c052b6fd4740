//! Fetch sessions (KIP-227).

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::{at, produce};
use crate::case::Area;
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("fetch_sessions")
        .case("steps", sessions)
        .case("names_and_ids", sessions_of_names)
        .case("errors", session_errors)
        .case("changes", session_changes)
}

fn session(
    cx: &mut Context,
    version: i16,
    id: i64,
    epoch: i32,
    topics: Value,
    forgotten: Value,
) -> Result<i64> {
    let answer = cx.call("Fetch", version, json!({"maxWaitMs": 20, "minBytes": 1, "sessionId": id, "sessionEpoch": epoch, "topics": topics, "forgottenTopicsData": forgotten}))?;
    Ok(answer
        .pointer("/sessionId")
        .and_then(Value::as_i64)
        .unwrap_or(0))
}

fn sessions(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let id = cx.topic_id(&a)?;
    produce(cx, &a, 0, &["x"])?;
    let both = json!([{"topicId": id, "partitions": [at(0, 0), at(1, 0)]}]);
    let s = session(cx, 13, 0, 0, both, json!([]))?;
    cx.note("the same again, nothing changed in the request");
    session(cx, 13, s, 1, json!([]), json!([]))?;
    cx.note("up to date");
    session(
        cx,
        13,
        s,
        2,
        json!([{"topicId": id, "partitions": [at(0, 1)]}]),
        json!([]),
    )?;
    session(cx, 13, s, 3, json!([]), json!([]))?;
    cx.note("new data");
    produce(cx, &a, 1, &["y"])?;
    session(cx, 13, s, 4, json!([]), json!([]))?;
    cx.note("forget one");
    session(
        cx,
        13,
        s,
        5,
        json!([]),
        json!([{"topicId": id, "partitions": [1]}]),
    )?;
    cx.note("an epoch again");
    session(cx, 13, s, 5, json!([]), json!([]))?;
    cx.note("close");
    session(cx, 13, s, -1, json!([]), json!([]))?;
    session(cx, 13, s, 6, json!([]), json!([]))?;
    Ok(())
}

fn sessions_of_names(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let none = cx.topic("none");
    let topics = json!([{"topic": a, "partitions": [at(0, 0), at(9, 0)]}, {"topic": none, "partitions": [at(0, 0)]}]);
    let s = session(cx, 12, 0, 0, topics, json!([]))?;
    cx.note("errors are told again");
    session(cx, 12, s, 1, json!([]), json!([]))?;
    cx.note("ids in a session of names");
    session(
        cx,
        13,
        s,
        2,
        json!([{"topicId": id, "partitions": [at(0, 0)]}]),
        json!([]),
    )?;
    session(cx, 13, s, 2, json!([]), json!([]))?;
    session(cx, 12, s, 2, json!([]), json!([]))?;
    let s = session(
        cx,
        13,
        0,
        0,
        json!([{"topicId": id, "partitions": [at(0, 0)]}, {"topicId": "AAAAAAAAAAAAAAAAAAAABQ", "partitions": [at(0, 0)]}]),
        json!([]),
    )?;
    session(cx, 13, s, 1, json!([]), json!([]))?;
    cx.note("names in a session of ids");
    session(
        cx,
        12,
        s,
        2,
        json!([{"topic": a, "partitions": [at(0, 0)]}]),
        json!([]),
    )?;
    Ok(())
}

fn session_errors(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let topics = json!([{"topic": a, "partitions": [at(0, 0)]}]);
    for (id, epoch) in [
        (0, -1),
        (0, 1),
        (0, 5),
        (123_456, 1),
        (123_456, 0),
        (123_456, -1),
        (-3, 1),
        (0, -2),
        (0, -7),
    ] {
        cx.note(&format!("session {id}, epoch {epoch}"));
        session(cx, 7, id, epoch, topics.clone(), json!([]))?;
    }
    let s = session(cx, 12, 0, 0, topics, json!([]))?;
    for epoch in [2, 1, 1, 3, 0, 1] {
        cx.note(&format!("epoch {epoch}"));
        session(cx, 12, s, epoch, json!([]), json!([]))?;
    }
    Ok(())
}

fn session_changes(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    let id = cx.topic_id(&a)?;
    for partition in 0..3 {
        produce(cx, &a, partition, &["x"])?;
    }
    let s = session(
        cx,
        13,
        0,
        0,
        json!([{"topicId": id, "partitions": [at(0, 1), at(1, 1), at(2, 1)]}]),
        json!([]),
    )?;
    cx.note("the log start moves");
    cx.ask("DeleteRecords", 2, json!({"topics": [{"name": a, "partitions": [{"partitionIndex": 1, "offset": 1}]}], "timeoutMs": 10000}))?;
    session(cx, 13, s, 1, json!([]), json!([]))?;
    cx.note("who had data goes to the back");
    let mut epoch = 2;
    for partition in [2, 0] {
        produce(cx, &a, partition, &["y"])?;
        session(cx, 13, s, epoch, json!([]), json!([]))?;
        epoch += 1;
    }
    cx.note("out of range");
    session(
        cx,
        13,
        s,
        epoch,
        json!([{"topicId": id, "partitions": [at(1, 50)]}]),
        json!([]),
    )?;
    session(cx, 13, s, epoch + 1, json!([]), json!([]))?;
    cx.note("the topic goes");
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [a], "timeoutMs": 10000}),
    )?;
    cx.until("the topic is gone", |cx| {
        let answer = cx.call("Metadata", 12, json!({"topics": [{"topicId": "AAAAAAAAAAAAAAAAAAAAAA", "name": a}], "allowAutoTopicCreation": false}))?;
        Ok(answer.pointer("/topics/0/errorCode").and_then(Value::as_i64) != Some(0))
    })?;
    session(cx, 13, s, epoch + 2, json!([]), json!([]))?;
    session(cx, 13, s, epoch + 3, json!([]), json!([]))?;
    Ok(())
}
