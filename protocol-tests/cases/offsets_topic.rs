//! `__consumer_offsets`: what the group coordinator writes down.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::Groups;
use crate::coordinators::{committed, committed_with};

pub(super) fn area() -> Area {
    Area::new("offsets_topic")
        .cases_at([2, 5, 9, 10], cases![commit])
        .cases_at([2, 4], cases![retention_time])
        .cases(cases![
            leader_epoch,
            refused_commit,
            commit_again,
            offset_delete,
            delete_group,
            delete_topic,
            the_topic,
        ])
}

fn commit(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let partitions = [committed_with(1, 5, "m"), committed(0, 7)];
    let topics = json!([{"name": a, "topicId": id, "partitions": partitions}]);
    cx.call(
        "OffsetCommit",
        version,
        json!({"groupId": group, "topics": topics}),
    )?;
    cx.coordinator_records(Groups, &group)
}

fn retention_time(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "partitions": [committed(0, 1)]}]);
    let body = json!({"groupId": group, "retentionTimeMs": 60_000, "topics": topics});
    cx.call("OffsetCommit", version, body)?;
    cx.coordinator_records(Groups, &group)
}

fn leader_epoch(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let row = json!({"partitionIndex": 0, "committedOffset": 1, "committedLeaderEpoch": 4, "committedMetadata": null});
    let topics = json!([{"name": a, "partitions": [row]}]);
    cx.call(
        "OffsetCommit",
        6,
        json!({"groupId": group, "topics": topics}),
    )?;
    cx.coordinator_records(Groups, &group)
}

fn refused_commit(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let long = "x".repeat(4097);
    cx.labels.text(&long, "<4097 x>");
    let topics = json!([{"name": a, "partitions": [committed_with(0, 1, &long), committed(3, 1)]}]);
    cx.call(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    cx.coordinator_records(Groups, &group)?;
    cx.note("no record; is there a group?");
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// A group with one offset.
fn stage(cx: &mut Context) -> Result<(String, String)> {
    let a = cx.create_topic("a", 2)?;
    cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "partitions": [committed(0, 1), committed(1, 2)]}]);
    cx.call(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok((a, group))
}

fn commit_again(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    let topics = json!([{"name": a, "partitions": [committed(0, 1)]}]);
    cx.call(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    cx.coordinator_records(Groups, &group)
}

fn offset_delete(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    let topics = json!([{"name": a, "partitions": [{"partitionIndex": 1}]}]);
    cx.call(
        "OffsetDelete",
        0,
        json!({"groupId": group, "topics": topics}),
    )?;
    cx.coordinator_records(Groups, &group)
}

fn delete_group(cx: &mut Context) -> Result<()> {
    let (_, group) = stage(cx)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    cx.coordinator_records(Groups, &group)
}

fn delete_topic(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [a], "timeoutMs": 10000}),
    )?;
    cx.note("topic a is deleted");
    cx.until("the offsets are deleted, too", |cx| {
        let body = json!({"groupId": group, "topics": null});
        let answer = cx.call("OffsetFetch", 5, body)?;
        Ok(answer["topics"].as_array().is_some_and(Vec::is_empty))
    })?;
    cx.coordinator_records(Groups, &group)?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// How the topic is made.
fn the_topic(cx: &mut Context) -> Result<()> {
    cx.group("g")?;
    let topic = "__consumer_offsets";
    let answer = cx.ask("Metadata", 12, json!({"topics": [{"name": topic}]}))?;
    let row = &answer["topics"][0];
    let partitions = row["partitions"].as_array().map_or(0, Vec::len);
    cx.note(&format!(
        "{partitions} partitions, internal: {}",
        row["isInternal"]
    ));
    let resources = json!([{"resourceType": 2, "resourceName": topic, "configurationKeys":
        ["cleanup.policy", "compression.type", "segment.bytes", "retention.ms", "min.insync.replicas"]}]);
    cx.call("DescribeConfigs", 4, json!({"resources": resources}))?;
    let keys = json!({"acks": -1, "timeoutMs": 5000, "topicData": [{"name": topic, "partitionData":
        [{"index": 0, "records": crate::records::Batch::new(vec![crate::records::Record::keyed("k", "v")]).json()}]}]});
    cx.call("Produce", 9, keys)?;
    Ok(())
}
