//! OffsetDelete (key 47) and what it leaves of a group.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, Join, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::subscriptions::subscription;

pub(super) fn area() -> Area {
    Area::new("offset_delete")
        .cases(cases![
            unknown_group,
            empty_group_id,
            simple_group,
            unknown_topic,
            unknown_partition,
            never_committed,
            no_topics,
            repeated,
            last_offset,
        ])
        .on(Profile::Groups)
        .cases(cases![topic_of_classic_members])
        .case(
            "topic_of_classic_members_in_a_rebalance",
            topic_in_a_rebalance,
        )
        .cases(cases![
            members_without_a_subscription,
            members_of_another_type,
            group_that_was_emptied,
            pending_member,
            topic_of_consumer_members,
            topic_of_a_regular_expression,
            consumer_group_that_was_emptied,
            static_consumer_for_a_while,
            classic_member_of_a_consumer_group,
        ])
}

fn delete(cx: &mut Context, group: &str, topics: Value) -> Result<()> {
    cx.call(
        "OffsetDelete",
        0,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok(())
}

fn rows(partitions: &[i32]) -> Vec<Value> {
    partitions
        .iter()
        .map(|partition| json!({"partitionIndex": partition}))
        .collect()
}

/// A group that has committed to two partitions of three.
fn stage(cx: &mut Context) -> Result<(String, String)> {
    let a = cx.create_topic("a", 3)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "partitions": [committed(0, 5), committed(1, 6)]}]);
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok((a, group))
}

fn left(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("OffsetFetch", 8, offset_fetch(8, group, None))?;
    Ok(())
}

fn unknown_group(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    delete(cx, &group, json!([{"name": a, "partitions": rows(&[0])}]))?;
    delete(cx, &group, json!([]))
}

fn empty_group_id(cx: &mut Context) -> Result<()> {
    cx.group_coordinator("")?;
    delete(cx, "", json!([]))
}

fn simple_group(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(cx, &group, json!([{"name": a, "partitions": rows(&[0])}]))?;
    left(cx, &group)
}

fn unknown_topic(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    let none = cx.topic("none");
    delete(
        cx,
        &group,
        json!([{"name": none, "partitions": rows(&[0, 1])}, {"name": a, "partitions": rows(&[1])}]),
    )?;
    left(cx, &group)
}

fn unknown_partition(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[3, 0, -1])}]),
    )?;
    left(cx, &group)
}

fn never_committed(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    let b = cx.create_topic("b", 1)?;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[2])}, {"name": b, "partitions": rows(&[0])}]),
    )
}

fn no_topics(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(cx, &group, json!([]))?;
    delete(cx, &group, json!([{"name": a, "partitions": []}]))
}

fn repeated(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    cx.labels.exact_order = true;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[1, 0, 1])}]),
    )?;
    left(cx, &group)
}

fn last_offset(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[0, 1])}]),
    )?;
    cx.note("is the group still there?");
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    delete(cx, &group, json!([{"name": a, "partitions": rows(&[0])}]))
}

/// Topics a and b of two partitions each, and a group that has committed to all of them.
fn two_topics(cx: &mut Context) -> Result<(String, String, String)> {
    let a = cx.create_topic_for_consumers("a", 2)?;
    let b = cx.create_topic_for_consumers("b", 2)?;
    let group = cx.group("g")?;
    let topics = [&a, &b]
        .map(|name| json!({"name": name, "partitions": [committed(0, 5), committed(1, 6)]}));
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok((a, b, group))
}

/// Partition 0 of both topics, one that is not there, and a topic that is not there.
fn delete_first(cx: &mut Context, group: &str, a: &str, b: &str) -> Result<()> {
    let none = cx.topic("none");
    delete(
        cx,
        group,
        json!([{"name": a, "partitions": rows(&[0, 2])}, {"name": b, "partitions": rows(&[0, 2])},
            {"name": none, "partitions": rows(&[0])}]),
    )
}

fn subscribed(topic: &str) -> Result<String> {
    let bytes = subscription(1, &json!({"topics": [topic]}))?;
    Ok(bytes.as_str().unwrap_or_default().to_owned())
}

fn topic_of_classic_members(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Classic::pending(cx, &group, "m")?;
    m.protocols = vec![("range", subscribed(&a)?)];
    stable(cx, &mut [&mut m])?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)?;
    cx.note("m leaves");
    cx.quietly(|cx| m.leave(cx))?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)
}

/// What counts is the last generation's subscription.
fn topic_in_a_rebalance(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Classic::pending(cx, &group, "m")?;
    let mut n = Classic::pending(cx, &group, "n")?;
    m.protocols = vec![("range", subscribed(&a)?)];
    n.protocols = vec![("range", subscribed(&b)?)];
    cx.quietly(|cx| m.join(cx))?;
    cx.note("CompletingRebalance");
    delete(cx, &group, json!([{"name": a, "partitions": rows(&[0])}]))?;
    cx.quietly(|cx| n.send_join(cx))?;
    cx.await_state(Context::A, &group, "PreparingRebalance")?;
    cx.note("PreparingRebalance, with one more who subscribes to b");
    delete_first(cx, &group, &a, &b)?;
    cx.quietly(|cx| {
        m.join(cx)?;
        n.joined(cx)
    })?;
    let all = json!([{"name": a, "partitions": rows(&[1])}, {"name": b, "partitions": rows(&[1])}]);
    delete(cx, &group, all)?;
    left(cx, &group)
}

fn members_without_a_subscription(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Classic::pending(cx, &group, "m")?;
    stable(cx, &mut [&mut m])?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)
}

fn members_of_another_type(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let join = Join {
        version: 3,
        kind: "connect",
        ..Join::of("")
    };
    cx.quietly(|cx| join.call(cx, &group))?;
    delete_first(cx, &group, &a, &b)?;
    delete(cx, &group, json!([]))?;
    left(cx, &group)
}

fn group_that_was_emptied(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Classic::pending(cx, &group, "m")?;
    stable(cx, &mut [&mut m])?;
    cx.quietly(|cx| m.leave(cx))?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)?;
    let all = json!([{"name": a, "partitions": rows(&[1])}, {"name": b, "partitions": rows(&[1])}]);
    delete(cx, &group, all)?;
    cx.note("is the group still there?");
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

fn pending_member(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    Classic::pending(cx, &group, "m")?;
    delete_first(cx, &group, &a, &b)
}

fn topic_of_consumer_members(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&a]))?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)?;
    cx.note("m subscribes to b instead");
    cx.quietly(|cx| m.beat(cx, json!({"subscribedTopicNames": [b]})))?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)
}

fn topic_of_a_regular_expression(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Consumer::new(&group, "m");
    let fields =
        json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicRegex": a, "topicPartitions": []});
    cx.quietly(|cx| m.beat(cx, fields))?;
    cx.until("the assignment", |cx| {
        m.idle(cx)?;
        Ok(m.assigned.as_array().is_some_and(|rows| !rows.is_empty()))
    })?;
    cx.note("m subscribes to what is named like a");
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)
}

fn consumer_group_that_was_emptied(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&a]))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)
}

fn static_consumer_for_a_while(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&a]))?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)
}

fn classic_member_of_a_consumer_group(cx: &mut Context) -> Result<()> {
    let (a, b, group) = two_topics(cx)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&a]))?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.protocols = vec![("range", subscribed(&b)?)];
    cx.quietly(|cx| c.join(cx))?;
    delete_first(cx, &group, &a, &b)?;
    left(cx, &group)
}
