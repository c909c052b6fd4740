//! FindCoordinator (key 10), v0–v6.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("find_coordinator")
        .versions("group", 0..=6, |cx, version| found(cx, version, 0, "g"))
        .versions("transaction", 1..=6, |cx, version| {
            found(cx, version, 1, "t")
        })
        .versions("unknown_type", 1..=6, |cx, version| {
            once(cx, version, 3, json!(["x"]))
        })
        .versions("share_before_its_version", 1..=5, |cx, version| {
            once(cx, version, 2, json!(["g:AAAAAAAAAAAAAAAAAAAAAQ:0"]))
        })
        .case("negative_type", |cx| once(cx, 6, -1, json!(["x"])))
        .versions("empty_key", 0..=6, |cx, version| found(cx, version, 0, ""))
        .case("empty_transactional_id", |cx| found(cx, 4, 1, ""))
        .case("no_keys", |cx| once(cx, 4, 0, json!([])))
        .cases(cases![several_keys, key_twice, long_key, share_key])
        .each(
            "share_key_is",
            [
                "g",
                "g:",
                "g:x:0",
                "g:AAAAAAAAAAAAAAAAAAAAAQ:x",
                "g:AAAAAAAAAAAAAAAAAAAAAQ",
                ":AAAAAAAAAAAAAAAAAAAAAQ:0",
            ],
            |cx, key| once(cx, 6, 2, json!([key])),
        )
        .cases_on(Profile::Three, cases![same_on_every_node])
}

fn request(version: i16, kind: i8, keys: &Value) -> Value {
    if version < 4 {
        json!({"key": keys[0], "keyType": kind})
    } else {
        json!({"keyType": kind, "coordinatorKeys": keys})
    }
}

fn once(cx: &mut Context, version: i16, kind: i8, keys: Value) -> Result<()> {
    cx.call("FindCoordinator", version, request(version, kind, &keys))?;
    Ok(())
}

/// The first answer may be that the internal topic is still being made: it is polled for.
fn settle(cx: &mut Context, version: i16, kind: i8, keys: &Value) -> Result<()> {
    cx.until("the coordinator", |cx| {
        let answer = cx.call("FindCoordinator", version, request(version, kind, keys))?;
        let flat = answer["errorCode"].as_i64().into_iter();
        let listed = answer["coordinators"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|row| row["errorCode"].as_i64());
        Ok(flat.chain(listed).all(|error| error != 15))
    })
}

fn found(cx: &mut Context, version: i16, kind: i8, key: &str) -> Result<()> {
    settle(cx, version, kind, &json!([key]))?;
    once(cx, version, kind, json!([key]))
}

fn several_keys(cx: &mut Context) -> Result<()> {
    let keys = json!(["one", "two", ""]);
    settle(cx, 4, 0, &keys)?;
    cx.labels.exact_order = true;
    once(cx, 4, 0, keys)
}

fn key_twice(cx: &mut Context) -> Result<()> {
    let keys = json!(["one", "one"]);
    settle(cx, 4, 0, &keys)?;
    once(cx, 4, 0, keys)
}

fn long_key(cx: &mut Context) -> Result<()> {
    let key = "k".repeat(30_000);
    cx.labels.text(&key, "<30000 k>");
    found(cx, 3, 0, &key)
}

/// KIP-932: group, topic id and partition.
fn share_key(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    found(cx, 6, 2, &format!("g:{id}:0"))
}

fn same_on_every_node(cx: &mut Context) -> Result<()> {
    let mut nodes = Vec::new();
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        let mut coordinator = Value::Null;
        cx.until("the coordinator", |cx| {
            let answer = cx.call_on(conn, "FindCoordinator", 4, request(4, 0, &json!(["g"])))?;
            coordinator = answer["coordinators"][0]["nodeId"].clone();
            Ok(answer["coordinators"][0]["errorCode"] == 0)
        })?;
        nodes.push(coordinator);
    }
    cx.note(&format!(
        "one answer on every node: {}",
        nodes.windows(2).all(|pair| pair[0] == pair[1])
    ));
    Ok(())
}
