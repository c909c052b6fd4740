//! DeleteTopics (key 20), v1–v6.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

const ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const UNKNOWN: &str = "c29tZXRoaW5nIHVua25vdw";

pub(super) fn area() -> Area {
    Area::new("delete_topics")
        .cases_at(1..=6, cases![by_name, unknown_name])
        .versions("no_topics", 1..=6, |cx, version| {
            delete(cx, version, &[], json!([]))
        })
        .cases(cases![by_id])
        .case("unknown_id", |cx| {
            by(cx, json!([{"topicId": UNKNOWN, "name": null}]))
        })
        .case("neither_name_nor_id", |cx| {
            by(cx, json!([{"topicId": ZERO, "name": null}]))
        })
        .cases(cases![name_and_id])
        .case("empty_name", |cx| by(cx, json!([{"name": ""}])))
        .case("invalid_name", |cx| by(cx, json!([{"name": "a b"}])))
        .cases_at(1..=6, cases![name_twice])
        .cases(cases![
            id_twice,
            by_name_and_by_id,
            known_and_unknown,
            no_time,
            created_again,
            produce_to_a_deleted_topic,
            fetch_from_a_deleted_topic,
        ])
}

/// Names up to v5, topics from v6 on.
fn delete(cx: &mut Context, version: i16, names: &[&str], topics: Value) -> Result<()> {
    let body = if version < 6 {
        json!({"topicNames": names, "timeoutMs": 10000})
    } else {
        json!({"topics": topics, "timeoutMs": 10000})
    };
    cx.call("DeleteTopics", version, body)?;
    Ok(())
}

fn by(cx: &mut Context, topics: Value) -> Result<()> {
    delete(cx, 6, &[], topics)
}

fn gone(cx: &mut Context, name: &str) -> Result<()> {
    let body = json!({"topics": [{"name": name}], "allowAutoTopicCreation": false});
    cx.until("the topic is gone", |cx| {
        Ok(cx.call("Metadata", 9, body.clone())?["topics"][0]["errorCode"] != 0)
    })
}

fn by_name(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    delete(cx, version, &[&a], json!([{"name": a}]))?;
    gone(cx, &a)?;
    cx.call(
        "Metadata",
        9,
        json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
    )?;
    delete(cx, version, &[&a], json!([{"name": a}]))
}

fn unknown_name(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    delete(cx, version, &[&a], json!([{"name": a}]))
}

fn by_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    by(cx, json!([{"topicId": id, "name": null}]))?;
    gone(cx, &a)?;
    by(cx, json!([{"topicId": id, "name": null}]))
}

fn name_and_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    by(cx, json!([{"topicId": id, "name": a}]))?;
    cx.call(
        "Metadata",
        9,
        json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

fn name_twice(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.topic("b");
    delete(
        cx,
        version,
        &[&a, &a, &b, &b],
        json!([{"name": a}, {"name": a}, {"name": b}, {"name": b}]),
    )
}

fn id_twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    by(
        cx,
        json!([{"topicId": id, "name": null}, {"topicId": id, "name": null}]),
    )
}

fn by_name_and_by_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    by(cx, json!([{"topicId": id, "name": null}, {"name": a}]))
}

fn known_and_unknown(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.topic("b");
    by(
        cx,
        json!([{"name": b}, {"name": a}, {"topicId": UNKNOWN, "name": null}]),
    )
}

fn no_time(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.call(
        "DeleteTopics",
        6,
        json!({"topics": [{"name": a}], "timeoutMs": 0}),
    )?;
    Ok(())
}

fn created_again(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let first = cx.topic_id(&a)?;
    by(cx, json!([{"name": a}]))?;
    gone(cx, &a)?;
    cx.ask("CreateTopics", 7, json!({"topics": [{"name": a, "numPartitions": 2, "replicationFactor": 1}], "timeoutMs": 10000}))?;
    cx.await_topic(&a, 2)?;
    let answer = cx.ask("Metadata", 12, json!({"topics": [{"name": a}]}))?;
    let second = answer["topics"][0]["topicId"].as_str().unwrap_or_default();
    cx.note(&format!("the id is another one: {}", first != second));
    cx.call(
        "Metadata",
        12,
        json!({"topics": [{"topicId": first, "name": null}]}),
    )?;
    Ok(())
}

fn produce_to_a_deleted_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    by(cx, json!([{"name": a}]))?;
    gone(cx, &a)?;
    let records = crate::records::Batch::of(&["x"]).json();
    let partition = json!([{"index": 0, "records": records}]);
    for version in [9, 13] {
        let topic = if version < 13 {
            json!({"name": a, "partitionData": partition})
        } else {
            json!({"topicId": id, "partitionData": partition})
        };
        cx.call(
            "Produce",
            version,
            json!({"acks": -1, "timeoutMs": 5000, "topicData": [topic]}),
        )?;
    }
    Ok(())
}

fn fetch_from_a_deleted_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    by(cx, json!([{"name": a}]))?;
    gone(cx, &a)?;
    let partition = json!([{"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000}]);
    for version in [12, 13] {
        let topic = if version < 13 {
            json!({"topic": a, "partitions": partition})
        } else {
            json!({"topicId": id, "partitions": partition})
        };
        cx.call(
            "Fetch",
            version,
            json!({"maxWaitMs": 0, "minBytes": 1, "topics": [topic]}),
        )?;
    }
    Ok(())
}
