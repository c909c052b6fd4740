//! CreateTopics (key 19), v2–v7.

use anyhow::Result;
use serde_json::json;

use crate::case::Area;
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("create_topics")
        .versions("create", 2..=7, create)
        .case("existing_topic", existing_topic)
}

fn create(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    let topic = json!({"name": a, "numPartitions": 2, "replicationFactor": 1, "configs": [{"name": "retention.ms", "value": "1000"}]});
    cx.call(
        "CreateTopics",
        version,
        json!({"topics": [topic], "timeoutMs": 10000}),
    )?;
    cx.await_topic(&a, 2)
}

fn existing_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let topic = json!({"name": a, "numPartitions": 1, "replicationFactor": 1});
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": [topic], "timeoutMs": 10000}),
    )?;
    Ok(())
}
