//! ShareGroupDescribe (key 77), and what other requests about groups say of share groups.

use anyhow::Result;
use serde_json::json;

use super::members::{Consumer, Join, Shared, Sharer, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_group_describe")
        .on(Profile::Shares)
        .cases(cases![
            stable,
            empty,
            unknown,
            several,
            of_a_consumer_group,
            of_a_classic_group,
            empty_id,
            none,
            operations,
            two_members,
            between_epochs,
            after_the_topic_is_gone,
            list_groups,
            list_by_state,
            describe_groups,
            consumer_group_describe,
            join_group,
            sync_group,
            heartbeat,
            leave_group,
            offset_commit,
            offset_fetches,
            offset_delete,
            txn_offset_commit,
            configs,
            configs_refused,
        ])
}

fn describe(cx: &mut Context, groups: &[&str]) -> Result<()> {
    cx.call("ShareGroupDescribe", 1, json!({"groupIds": groups}))?;
    Ok(())
}

fn stable(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 3, &[])?;
    describe(cx, &[&m.group])
}

fn empty(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 1, &[])?;
    cx.quietly(|cx| m.leave(cx))?;
    describe(cx, &[&m.group])
}

fn unknown(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    describe(cx, &[&group])
}

fn several(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[])?;
    let none = cx.group("none")?;
    describe(cx, &[&none, &m.group, &m.group])
}

fn of_a_consumer_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    Consumer::new(&group, "c").join(cx, &[])?;
    describe(cx, &[&group])
}

fn of_a_classic_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let topics = json!([{"name": "t", "partitions": [committed(0, 5)]}]);
    cx.call(
        "OffsetCommit",
        8,
        json!({"groupId": group, "topics": topics}),
    )?;
    describe(cx, &[&group])
}

fn empty_id(cx: &mut Context) -> Result<()> {
    describe(cx, &[""])
}

fn none(cx: &mut Context) -> Result<()> {
    describe(cx, &[])
}

fn operations(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[])?;
    let body = json!({"groupIds": [m.group], "includeAuthorizedOperations": true});
    cx.call("ShareGroupDescribe", 1, body)?;
    Ok(())
}

fn two_members(cx: &mut Context) -> Result<()> {
    // Who gets which depends on the topic's id.
    cx.labels.hidden.push("partitions");
    let (m, t) = sharing(cx, 2, &[])?;
    let mut n = Sharer::new(&m.group, "n");
    n.beat(cx, json!({"subscribedTopicNames": [t.name], "rackId": "r"}))?;
    describe(cx, &[&m.group])
}

fn between_epochs(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    let mut m = Sharer::new(&group, "m");
    m.join(cx, &["none"])?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    cx.quietly(|cx| m.await_partitions(cx, 1))?;
    describe(cx, &[&group])
}

fn after_the_topic_is_gone(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [t.name], "timeoutMs": 10_000}),
    )?;
    cx.quietly(|cx| m.await_partitions(cx, 0))?;
    describe(cx, &[&m.group])
}

fn list_groups(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 1, &[])?;
    cx.labels.own_topics_only = true;
    for types in [
        json!([]),
        json!(["share"]),
        json!(["Share"]),
        json!(["consumer"]),
    ] {
        cx.call(
            "ListGroups",
            5,
            json!({"statesFilter": [], "typesFilter": types}),
        )?;
    }
    cx.call("ListGroups", 4, json!({"statesFilter": []}))?;
    m.leave(cx)?;
    cx.call(
        "ListGroups",
        5,
        json!({"statesFilter": [], "typesFilter": ["share"]}),
    )?;
    Ok(())
}

fn list_by_state(cx: &mut Context) -> Result<()> {
    let (_, _) = sharing(cx, 1, &[])?;
    cx.labels.own_topics_only = true;
    for states in ["Stable", "stable", "Empty", "Assigning"] {
        cx.call(
            "ListGroups",
            5,
            json!({"statesFilter": [states], "typesFilter": ["share"]}),
        )?;
    }
    Ok(())
}

fn describe_groups(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[])?;
    for version in [5, 6] {
        cx.call("DescribeGroups", version, json!({"groups": [m.group]}))?;
    }
    Ok(())
}

fn consumer_group_describe(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[])?;
    super::members::describe(cx, &m.group)?;
    Ok(())
}

fn join_group(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 1, &[])?;
    for member in ["", "c"] {
        Join::of(member).call(cx, &m.group)?;
    }
    m.leave(cx)?;
    Join::of("c").call(cx, &m.group)?;
    Ok(())
}

fn sync_group(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[])?;
    let body =
        json!({"groupId": m.group, "generationId": m.epoch, "memberId": "m", "assignments": []});
    cx.call("SyncGroup", 5, body)?;
    Ok(())
}

fn heartbeat(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[])?;
    cx.call(
        "Heartbeat",
        4,
        json!({"groupId": m.group, "generationId": m.epoch, "memberId": "m"}),
    )?;
    Ok(())
}

fn leave_group(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[])?;
    cx.call(
        "LeaveGroup",
        5,
        json!({"groupId": m.group, "members": [{"memberId": "m"}]}),
    )?;
    Ok(())
}

fn offset_commit(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let topics = json!([{"name": t.name, "partitions": [committed(0, 5)]}]);
    let body = json!({"groupId": m.group, "topics": topics});
    cx.call("OffsetCommit", 9, body.clone())?;
    let mut of_member = body.clone();
    of_member["memberId"] = json!("m");
    of_member["generationIdOrMemberEpoch"] = json!(m.epoch);
    cx.call("OffsetCommit", 9, of_member)?;
    m.leave(cx)?;
    cx.call("OffsetCommit", 9, body)?;
    Ok(())
}

fn offset_fetches(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    for version in [7, 9] {
        let topics = [(t.name.as_str(), t.id.as_str(), &[0][..])];
        cx.call(
            "OffsetFetch",
            version,
            offset_fetch(version, &m.group, Some(&topics)),
        )?;
        cx.call(
            "OffsetFetch",
            version,
            offset_fetch(version, &m.group, None),
        )?;
    }
    Ok(())
}

fn offset_delete(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let topics = json!([{"name": t.name, "partitions": [{"partitionIndex": 0}]}]);
    let body = json!({"groupId": m.group, "topics": topics});
    cx.call("OffsetDelete", 0, body.clone())?;
    m.leave(cx)?;
    cx.call("OffsetDelete", 0, body)?;
    Ok(())
}

fn txn_offset_commit(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    let producer = crate::transactions::Producer::new(cx, "x")?;
    let topics = json!([{"name": t.name, "partitions": [committed(0, 5)]}]);
    producer.add_offsets(cx, 4, &m.group)?;
    producer.commit_offsets(cx, 4, &m.group, topics)?;
    Ok(())
}

fn configs(cx: &mut Context) -> Result<()> {
    let (m, _) = sharing(cx, 1, &[("share.record.lock.duration.ms", "2000")])?;
    let body = json!({"resources": [{"resourceType": 32, "resourceName": m.group, "configurationKeys": null}]});
    cx.call("DescribeConfigs", 4, body)?;
    Ok(())
}

fn configs_refused(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for (name, value) in [
        ("share.record.lock.duration.ms", "999"),
        ("share.record.lock.duration.ms", "60001"),
        ("share.session.timeout.ms", "60001"),
        ("share.session.timeout.ms", "99"),
        ("share.heartbeat.interval.ms", "49"),
        ("share.delivery.count.limit", "1"),
        ("share.delivery.count.limit", "11"),
        ("share.partition.max.record.locks", "99"),
        ("share.partition.max.record.locks", "10001"),
        ("share.isolation.level", "serializable"),
        ("share.auto.offset.reset", "none"),
        ("share.auto.offset.reset", "by_duration:x"),
        ("share.renew.acknowledge.enable", "maybe"),
        ("share.nothing", "1"),
    ] {
        let configs = json!([{"name": name, "configOperation": 0, "value": value}]);
        let resources = json!([{"resourceType": 32, "resourceName": group, "configs": configs}]);
        cx.call(
            "IncrementalAlterConfigs",
            1,
            json!({"resources": resources}),
        )?;
    }
    Ok(())
}
