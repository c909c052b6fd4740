//! Groups of a broker with small limits, which looks often for offsets that are to go.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, Join, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, committed_with, offset_fetch};
use crate::profile::Profile;
use crate::subscriptions::subscription;

pub(super) fn area() -> Area {
    Area::new("group_limits")
        .on(Profile::Limits)
        .each("session", [499, 500, 60_000, 60_001], |cx, session| {
            let group = cx.group("g")?;
            Join {
                session,
                ..Join::of("")
            }
            .call(cx, &group)
            .map(drop)
        })
        .cases(cases![
            metadata,
            classic_size,
            classic_size_of_static_members,
            consumer_size,
            consumer_size_of_static_members,
            assignors,
            migration_is_disabled,
        ])
        .cases_at(2..=4, cases![retention_of_a_commit])
        .cases(cases![
            retention_of_one_of_several,
            retention_with_members,
            retention_of_emptied_groups,
            retention_of_an_id,
            retention_of_a_consumer_group,
        ])
}

fn commit(
    cx: &mut Context,
    version: i16,
    group: &str,
    retention: i64,
    topics: Value,
) -> Result<()> {
    let body = json!({"groupId": group, "retentionTimeMs": retention, "topics": topics});
    cx.call("OffsetCommit", version, body)?;
    Ok(())
}

fn left(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("OffsetFetch", 8, offset_fetch(8, group, None))?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// Waits until the group has so many offsets.
fn await_offsets(cx: &mut Context, group: &str, count: usize) -> Result<()> {
    cx.until("the offsets to go", |cx| {
        let answer = cx.call("OffsetFetch", 8, offset_fetch(8, group, None))?;
        let topics = answer["groups"][0]["topics"].as_array();
        let rows = topics.into_iter().flatten();
        let found: usize = rows
            .map(|row| row["partitions"].as_array().map_or(0, Vec::len))
            .sum();
        Ok(found == count)
    })
}

/// Waits until nothing is known of the group.
fn await_end(cx: &mut Context, group: &str) -> Result<()> {
    cx.until("the group to go", |cx| {
        let answer = cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
        Ok(answer["groups"][0]["errorCode"] == 69)
    })
}

fn metadata(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic("t", 3)?;
    let group = cx.group("g")?;
    let rows = [
        committed_with(0, 1, "0123456789"),
        committed_with(1, 2, "0123456789a"),
        committed_with(2, 3, "éééééééééé"),
    ];
    let topics = json!([{"name": t, "partitions": rows}]);
    commit(cx, 9, &group, -1, topics)?;
    cx.call("OffsetFetch", 8, offset_fetch(8, &group, None))?;
    Ok(())
}

fn classic_size(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    i.join(cx)?;
    for version in [3, 9] {
        let join = Join {
            version,
            ..Join::of("")
        };
        join.call(cx, &group)?;
    }
    cx.note("it may join again");
    i.join(cx)?;
    i.sync(cx, &[])?;
    Join::of("").call(cx, &group)?;
    i.beat(cx)?;
    Ok(())
}

fn classic_size_of_static_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    stable(cx, &mut [&mut i])?;
    let mut back = Classic::fixed(cx, &group, "i")?;
    back.join(cx)?;
    i.join(cx)?;
    Classic::fixed(cx, &group, "j")?.join(cx)?;
    Ok(())
}

fn consumer_size(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &["t"]))?;
    n.join(cx, &["t"])?;
    m.join(cx, &["u"])?;
    cx.note("of the classic protocol");
    let body = json!({"topics": ["t"]});
    let bytes = subscription(1, &body)?;
    let bytes = bytes.as_str().unwrap_or_default().to_owned();
    for version in [3, 9] {
        let join = Join {
            version,
            protocols: &[("range", &bytes)],
            ..Join::of("")
        };
        join.call(cx, &group)?;
    }
    m.leave(cx, -1)?;
    n.join(cx, &["t"])?;
    Ok(())
}

fn consumer_size_of_static_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::fixed(&group, "m", "i");
    let mut n = Consumer::fixed(&group, "n", "i");
    cx.quietly(|cx| m.join(cx, &["t"]))?;
    n.join(cx, &["t"])?;
    m.leave(cx, -2)?;
    Consumer::fixed(&group, "o", "j").join(cx, &["t"])?;
    n.join(cx, &["t"])?;
    Ok(())
}

fn assignors(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    let uniform = json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": ["t"], "topicPartitions": [],
        "serverAssignor": "uniform"});
    m.beat(cx, uniform)?;
    m.join(cx, &["t"])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

fn migration_is_disabled(cx: &mut Context) -> Result<()> {
    let (classic, consumers) = (cx.group("classic")?, cx.group("consumers")?);
    let mut c = Classic::fixed(cx, &classic, "c")?;
    let bytes = subscription(1, &json!({"topics": ["t"]}))?;
    c.protocols = vec![("range", bytes.as_str().unwrap_or_default().to_owned())];
    stable(cx, &mut [&mut c])?;
    Consumer::new(&classic, "m").join(cx, &["t"])?;
    c.beat(cx)?;
    let mut m = Consumer::new(&consumers, "m");
    cx.quietly(|cx| m.join(cx, &["t"]))?;
    c.group.clone_from(&consumers);
    c.id.clear();
    c.join(cx)?;
    m.idle(cx)?;
    Ok(())
}

fn retention_of_a_commit(cx: &mut Context, version: i16) -> Result<()> {
    let t = cx.create_topic("t", 1)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": t, "partitions": [committed(0, 1)]}]);
    commit(cx, version, &group, 1, topics.clone())?;
    await_end(cx, &group)?;
    left(cx, &group)?;
    cx.note("from a moment that is over");
    commit(cx, version, &group, -1000, topics)?;
    await_end(cx, &group)?;
    left(cx, &group)
}

fn retention_of_one_of_several(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic("t", 3)?;
    let group = cx.group("g")?;
    let row = |partition| json!([{"name": t, "partitions": [committed(partition, 5)]}]);
    commit(cx, 2, &group, 1, row(0))?;
    commit(cx, 2, &group, -1, row(1))?;
    commit(cx, 2, &group, 3_600_000, row(2))?;
    await_offsets(cx, &group, 2)?;
    left(cx, &group)
}

/// What members consume stays, and so does all of a group whose subscription is not known.
fn retention_with_members(cx: &mut Context) -> Result<()> {
    let (t, u) = (cx.create_topic("t", 1)?, cx.create_topic("u", 1)?);
    let (known, unknown) = (cx.group("known")?, cx.group("unknown")?);
    let bytes = subscription(1, &json!({"topics": [t]}))?;
    let mut members = Vec::new();
    for (group, bytes) in [
        (&known, bytes.as_str().unwrap_or_default()),
        (&unknown, "x"),
    ] {
        let mut a = Classic::fixed(cx, group, "i")?;
        a.protocols = vec![("range", bytes.to_owned())];
        stable(cx, &mut [&mut a])?;
        members.push(a);
    }
    for a in &members {
        let rows = [&t, &u].map(|name| json!({"name": name, "partitions": [committed(0, 5)]}));
        let body = json!({"groupId": a.group, "generationIdOrMemberEpoch": 1, "memberId": a.id, "retentionTimeMs": 1,
            "topics": rows});
        cx.call("OffsetCommit", 2, body)?;
    }
    await_offsets(cx, &known, 1)?;
    for group in [&known, &unknown] {
        cx.call("OffsetFetch", 8, offset_fetch(8, group, None))?;
    }
    Ok(())
}

/// Groups without members and offsets go at once.
fn retention_of_emptied_groups(cx: &mut Context) -> Result<()> {
    let (classic, consumers) = (cx.group("classic")?, cx.group("consumers")?);
    let mut c = Classic::fixed(cx, &classic, "c")?;
    stable(cx, &mut [&mut c])?;
    let members = json!([{"memberId": "", "groupInstanceId": "c"}]);
    let body = json!({"groupId": classic, "members": members});
    cx.call("LeaveGroup", 5, body)?;
    let mut m = Consumer::new(&consumers, "m");
    cx.quietly(|cx| m.join(cx, &["t"]))?;
    m.leave(cx, -1)?;
    await_end(cx, &classic)?;
    cx.until("the consumer group to go", |cx| {
        let body = json!({"groupIds": [consumers]});
        let answer = cx.call("ConsumerGroupDescribe", 1, body)?;
        Ok(answer["groups"][0]["errorCode"] == 69)
    })?;
    cx.call("DescribeGroups", 6, json!({"groups": [classic, consumers]}))?;
    cx.call(
        "ConsumerGroupDescribe",
        1,
        json!({"groupIds": [classic, consumers]}),
    )?;
    c.beat(cx)?;
    Ok(())
}

/// An id that was given out does not keep the group.
fn retention_of_an_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    await_end(cx, &group)?;
    a.join(cx)?;
    Ok(())
}

fn retention_of_a_consumer_group(cx: &mut Context) -> Result<()> {
    let (t, u) = (cx.create_topic("t", 1)?, cx.create_topic("u", 1)?);
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    let rows = [&t, &u].map(|name| json!({"name": name, "partitions": [committed(0, 5)]}));
    // Whether the group is still there or has gone, this may be committed, and goes as soon.
    let body = json!({"groupId": group, "retentionTimeMs": 1500, "topics": rows});
    cx.quietly(|cx| cx.call("OffsetCommit", 2, body))?;
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    await_offsets(cx, &group, 1)?;
    cx.call("OffsetFetch", 8, offset_fetch(8, &group, None))?;
    Ok(())
}
