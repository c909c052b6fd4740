//! The coordinators' topics as they make themselves: partitions and settings.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::Area;
use crate::context::Context;

const GROUPS: (&str, i8) = ("__consumer_offsets", 0);
const TRANSACTIONS: (&str, i8) = ("__transaction_state", 1);
const SHARES: (&str, i8) = ("__share_group_state", 2);

pub(super) fn area() -> Area {
    Area::new("internal_topics")
        .with("groups_by_find_coordinator", GROUPS, by_find_coordinator)
        .with("groups_by_metadata", GROUPS, by_metadata)
        .with(
            "transactions_by_find_coordinator",
            TRANSACTIONS,
            by_find_coordinator,
        )
        .with("transactions_by_metadata", TRANSACTIONS, by_metadata)
        .with("shares_by_find_coordinator", SHARES, by_find_coordinator)
        .with("shares_by_metadata", SHARES, by_metadata)
}

fn by_find_coordinator(cx: &mut Context, (topic, kind): (&str, i8)) -> Result<()> {
    let key = match kind {
        2 => {
            let a = cx.create_topic("a", 1)?;
            format!("g:{}:0", cx.topic_id(&a)?)
        }
        _ => "g".to_owned(),
    };
    cx.until("the coordinator", |cx| {
        let answer = cx.ask(
            "FindCoordinator",
            6,
            json!({"keyType": kind, "coordinatorKeys": [key]}),
        )?;
        Ok(answer["coordinators"][0]["errorCode"] == 0)
    })?;
    describe(cx, topic)
}

fn by_metadata(cx: &mut Context, (topic, _): (&str, i8)) -> Result<()> {
    let body = json!({"topics": [{"name": topic}], "allowAutoTopicCreation": true});
    cx.until("the topic", |cx| {
        let answer = cx.ask("Metadata", 12, body.clone())?;
        Ok(answer["topics"][0]["errorCode"] == 0)
    })?;
    describe(cx, topic)
}

fn describe(cx: &mut Context, topic: &str) -> Result<()> {
    let answer = cx.ask("Metadata", 12, json!({"topics": [{"name": topic}]}))?;
    let row = &answer["topics"][0];
    let partitions = row["partitions"].as_array().map_or(0, Vec::len);
    cx.note(&format!(
        "{partitions} partitions, internal: {}",
        row["isInternal"]
    ));
    let row = json!({"resourceType": 2, "resourceName": topic, "configurationKeys": Value::Null});
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": [row], "includeSynonyms": true}),
    )?;
    Ok(())
}
