//! Metadata (key 3), v0–v13.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

const ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAA";

pub(super) fn area() -> Area {
    Area::new("metadata")
        .cases_at(0..=13, cases![by_name, all_topics])
        .cases_at(1..=13, cases![no_topics])
        .cases_at(4..=13, cases![unknown_topic_not_created])
        .cases_at(0..=13, cases![topic_created_on_demand])
        .cases_at(10..=13, cases![by_id, unknown_id, null_name_and_zero_id])
        .cases_at(0..=9, cases![null_name])
        .cases(cases![
            id_and_name,
            id_and_name_that_disagree,
            ids_and_names_mixed,
            invalid_names,
            invalid_names_created_on_demand,
            colliding_name_created_on_demand,
            repeated_names,
            known_and_unknown,
        ])
        .cases_at(8..=13, cases![authorized_operations])
        .cases(cases![deleted_topic, internal_topic, several_partitions])
}

fn by_name(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    cx.call(
        "Metadata",
        version,
        json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

/// Null stands for all topics; in v0, which has no null, the empty list does.
fn all_topics(cx: &mut Context, version: i16) -> Result<()> {
    cx.create_topic("a", 1)?;
    cx.create_topic("b", 1)?;
    cx.labels.own_topics_only = true;
    let topics = if version == 0 { json!([]) } else { Value::Null };
    cx.call("Metadata", version, json!({"topics": topics}))?;
    Ok(())
}

fn no_topics(cx: &mut Context, version: i16) -> Result<()> {
    cx.create_topic("a", 1)?;
    cx.call("Metadata", version, json!({"topics": []}))?;
    Ok(())
}

fn unknown_topic_not_created(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    for _ in 0..2 {
        cx.call(
            "Metadata",
            version,
            json!({"topics": [{"name": a}], "allowAutoTopicCreation": false}),
        )?;
    }
    Ok(())
}

fn topic_created_on_demand(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    let body = json!({"topics": [{"name": a}], "allowAutoTopicCreation": true});
    cx.call("Metadata", version, body.clone())?;
    cx.await_topic(&a, 1)?;
    cx.note("until it is there");
    cx.call("Metadata", version, body)?;
    Ok(())
}

fn by_id(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    cx.call(
        "Metadata",
        version,
        json!({"topics": [{"topicId": id, "name": null}]}),
    )?;
    Ok(())
}

fn unknown_id(cx: &mut Context, version: i16) -> Result<()> {
    cx.call(
        "Metadata",
        version,
        json!({"topics": [{"topicId": "c29tZXRoaW5nIHVua25vdw", "name": null}]}),
    )?;
    Ok(())
}

fn null_name_and_zero_id(cx: &mut Context, version: i16) -> Result<()> {
    cx.call(
        "Metadata",
        version,
        json!({"topics": [{"topicId": ZERO, "name": null}]}),
    )?;
    Ok(())
}

fn null_name(cx: &mut Context, version: i16) -> Result<()> {
    cx.call("Metadata", version, json!({"topics": [{"name": null}]}))?;
    Ok(())
}

fn id_and_name(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    for version in 10..=13 {
        cx.call(
            "Metadata",
            version,
            json!({"topics": [{"topicId": id, "name": a}]}),
        )?;
    }
    Ok(())
}

fn id_and_name_that_disagree(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.create_topic("b", 1)?;
    let id = cx.topic_id(&a)?;
    cx.call(
        "Metadata",
        12,
        json!({"topics": [{"topicId": id, "name": b}]}),
    )?;
    Ok(())
}

fn ids_and_names_mixed(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.create_topic("b", 1)?;
    let id = cx.topic_id(&a)?;
    cx.call(
        "Metadata",
        12,
        json!({"topics": [{"topicId": id, "name": null}, {"topicId": ZERO, "name": b}]}),
    )?;
    Ok(())
}

const INVALID: [&str; 9] = ["", ".", "..", "a b", "a/b", "ä", "a\u{0}b", "a:b", "a*"];

fn invalid_names(cx: &mut Context) -> Result<()> {
    for name in INVALID {
        cx.call(
            "Metadata",
            9,
            json!({"topics": [{"name": name}], "allowAutoTopicCreation": false}),
        )?;
    }
    for length in [249, 250] {
        let name = "n".repeat(length);
        cx.labels.text(&name, &format!("<{length} n>"));
        cx.call(
            "Metadata",
            9,
            json!({"topics": [{"name": name}], "allowAutoTopicCreation": false}),
        )?;
    }
    Ok(())
}

fn invalid_names_created_on_demand(cx: &mut Context) -> Result<()> {
    for name in INVALID {
        cx.call(
            "Metadata",
            9,
            json!({"topics": [{"name": name}], "allowAutoTopicCreation": true}),
        )?;
    }
    let name = "n".repeat(250);
    cx.labels.text(&name, "<250 n>");
    cx.call(
        "Metadata",
        9,
        json!({"topics": [{"name": name}], "allowAutoTopicCreation": true}),
    )?;
    Ok(())
}

/// Dots and underscores are one in the names of metrics.
fn colliding_name_created_on_demand(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a.b", 1)?;
    let twin = a.replacen("a.b", "a_b", 1);
    cx.labels.topic(&twin, "a_b");
    for _ in 0..2 {
        cx.call(
            "Metadata",
            9,
            json!({"topics": [{"name": twin}], "allowAutoTopicCreation": true}),
        )?;
    }
    Ok(())
}

fn repeated_names(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.topic("b");
    let topics = json!([{"name": a}, {"name": a}, {"name": b}, {"name": b}]);
    cx.call(
        "Metadata",
        9,
        json!({"topics": topics, "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

fn known_and_unknown(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.topic("b");
    let topics = json!([{"name": b}, {"name": a}, {"name": "."}]);
    cx.call(
        "Metadata",
        12,
        json!({"topics": topics, "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

fn authorized_operations(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let body = json!({"topics": [{"name": a}], "includeClusterAuthorizedOperations": true, "includeTopicAuthorizedOperations": true});
    cx.call("Metadata", version, body)?;
    Ok(())
}

fn deleted_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    cx.ask(
        "DeleteTopics",
        1,
        json!({"topicNames": [a], "timeoutMs": 10000}),
    )?;
    let body = json!({"topics": [{"name": a}], "allowAutoTopicCreation": false});
    cx.until("the topic is gone", |cx| {
        Ok(cx.call("Metadata", 9, body.clone())?["topics"][0]["errorCode"] != 0)
    })?;
    cx.call("Metadata", 12, body.clone())?;
    cx.call(
        "Metadata",
        12,
        json!({"topics": [{"topicId": id, "name": null}]}),
    )?;
    Ok(())
}

fn internal_topic(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("partitions");
    let find = json!({"key": "g", "keyType": 0});
    cx.until("the coordinator", |cx| {
        Ok(cx.call("FindCoordinator", 3, find.clone())?["errorCode"] == 0)
    })?;
    let body = json!({"topics": [{"name": "__consumer_offsets"}], "includeTopicAuthorizedOperations": true});
    cx.call("Metadata", 12, body)?;
    Ok(())
}

fn several_partitions(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 12)?;
    let answer = cx.call("Metadata", 12, json!({"topics": [{"name": a}]}))?;
    let partitions = answer["topics"][0]["partitions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let order: Vec<_> = partitions
        .iter()
        .map(|p| p["partitionIndex"].to_string())
        .collect();
    cx.note(&format!("in this order: {}", order.join(" ")));
    Ok(())
}
