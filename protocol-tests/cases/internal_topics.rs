//! The coordinators' topics as they make themselves: partitions and settings.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;

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
        .cases_on(Profile::Delayed, cases![offsets_topic_grows])
        .alone()
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

/// New partitions of `__consumer_offsets` take no groups from those that there were.
fn offsets_topic_grows(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let offsets = json!({"topics": [{"name": "__consumer_offsets"}]});
    let commit = |cx: &mut Context, group: &str| {
        let rows = json!([{"name": a, "partitions": [committed(0, 5)]}]);
        cx.call("OffsetCommit", 7, json!({"groupId": group, "topics": rows}))
    };
    let mut groups = Vec::new();
    for short in ["g", "h", "i", "j"] {
        groups.push(cx.group(short)?);
    }
    for group in &groups {
        commit(cx, group)?;
    }
    let count = |cx: &mut Context| {
        let answer = cx.ask("Metadata", 9, offsets.clone())?;
        let rows = answer["topics"][0]["partitions"].as_array();
        Ok::<_, anyhow::Error>(rows.map_or(0, Vec::len))
    };
    let wanted = count(cx)? + 7;
    let row = json!({"name": "__consumer_offsets", "count": wanted, "assignments": null});
    cx.ask(
        "CreatePartitions",
        3,
        json!({"topics": [row], "timeoutMs": 10_000}),
    )?;
    cx.until("the new partitions", |cx| Ok(count(cx)? == wanted))?;
    cx.note("__consumer_offsets has 7 partitions more");
    for group in &groups {
        cx.call("OffsetFetch", 8, offset_fetch(8, group, None))?;
        commit(cx, group)?;
    }
    let rows = (wanted - 7..wanted).map(|index| json!({"partitionIndex": index, "timestamp": -1}));
    let topics = json!([{"name": "__consumer_offsets", "partitions": rows.collect::<Vec<_>>()}]);
    let body = json!({"replicaId": -1, "topics": topics});
    cx.until("the leaders of the new partitions", |cx| {
        let answer = cx.call("ListOffsets", 4, body.clone())?;
        let rows = answer["topics"][0]["partitions"].as_array();
        Ok(rows.is_some_and(|rows| rows.iter().all(|row| row["errorCode"] == 0)))
    })?;
    let answer = cx.ask("ListOffsets", 4, body)?;
    let rows = answer["topics"][0]["partitions"].as_array();
    let ends = rows
        .into_iter()
        .flatten()
        .map(|row| row["offset"].to_string());
    cx.note(&format!(
        "they end at {}",
        ends.collect::<Vec<_>>().join(", ")
    ));
    Ok(())
}
