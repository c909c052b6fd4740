//! ConsumerGroupDescribe (key 69), v0–v1: states, epochs, assignments, and groups that are not consumer groups.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, await_count, await_group, describe, settle, slow, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::committed;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_describe")
        .on(Profile::Groups)
        .cases_at(
            [0, 1],
            cases![
                unknown,
                unnamed,
                no_groups,
                several_groups,
                classic_group,
                only_offsets,
                authorized_operations,
                empty,
            ],
        )
        .versions("stable", [0, 1], of_one)
        .cases_at([0, 1], cases![classic_member])
        .cases(cases![
            deleted,
            assigning,
            reconciling,
            after_a_leave,
            static_member,
            rack,
            regex,
            regex_and_names,
            assignor,
            no_topics,
            topic_that_is_not_there,
            deleted_topic,
            client,
        ])
}

fn ask(cx: &mut Context, version: i16, groups: Value) -> Result<()> {
    cx.call(
        "ConsumerGroupDescribe",
        version,
        json!({"groupIds": groups}),
    )?;
    Ok(())
}

/// A settled group of one member.
fn alone(cx: &mut Context, group: &str, partitions: i32) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers("t", partitions)?;
    let mut m = Consumer::new(group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    Ok((m, t))
}

fn unknown(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    ask(cx, version, json!([group]))
}

fn unnamed(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    ask(cx, version, json!([""]))?;
    ask(cx, version, json!([group, "", " "]))
}

fn no_groups(cx: &mut Context, version: i16) -> Result<()> {
    cx.group("g")?;
    ask(cx, version, json!([]))
}

fn several_groups(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let other = cx.group("h")?;
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &["a"]))?;
    cx.labels.exact_order = true;
    ask(cx, version, json!([other, group]))?;
    ask(cx, version, json!([group, other, group]))
}

fn classic_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    ask(cx, version, json!([group]))?;
    stable(cx, &mut [&mut c])?;
    ask(cx, version, json!([group]))
}

fn only_offsets(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "partitions": [committed(0, 1)]}]);
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    cx.note("g has an offset");
    ask(cx, version, json!([group]))
}

fn authorized_operations(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let other = cx.group("h")?;
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &["a"]))?;
    let body = json!({"groupIds": [group, other], "includeAuthorizedOperations": true});
    cx.call("ConsumerGroupDescribe", version, body)?;
    Ok(())
}

fn empty(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group, 2)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    ask(cx, version, json!([group]))
}

fn of_one(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    alone(cx, &group, 2)?;
    ask(cx, version, json!([group]))
}

fn classic_member(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group, 2)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| c.join(cx))?;
    ask(cx, version, json!([group]))
}

fn deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group, 1)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    describe(cx, &group)?;
    m.epoch = 1;
    m.idle(cx)?;
    cx.note("a group of that name again");
    m.join(cx, &["a"])?;
    describe(cx, &group)?;
    Ok(())
}

/// The group has an epoch for which there is no target yet.
fn assigning(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 3)?;
    let mut m = slow(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    m.own(cx)?;
    describe(cx, &group)?;
    cx.note("n goes again");
    n.leave(cx, -1)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// A member has to give up, and another waits for what it gets.
fn reconciling(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group, 4)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    cx.note("n has joined, m does not know");
    describe(cx, &group)?;
    m.idle(cx)?;
    cx.note("m knows, and has not given up");
    describe(cx, &group)?;
    m.own(cx)?;
    cx.note("m has given up, n does not know");
    describe(cx, &group)?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn after_a_leave(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group, 2)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    n.leave(cx, -1)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    describe(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    cx.note("m is away");
    describe(cx, &group)?;
    Ok(())
}

fn rack(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    m.beat(
        cx,
        json!({"rackId": "r", "rebalanceTimeoutMs": 30_000, "subscribedTopicNames": ["a"], "topicPartitions": []}),
    )?;
    describe(cx, &group)?;
    cx.note("it moves to another rack, which is no reason for another epoch");
    m.beat(cx, json!({"rackId": "s"}))?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn regex(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    m.join_pattern(cx, &format!("{t}|none"))?;
    await_group(cx, &group, "groupEpoch", &json!(2))?;
    describe(cx, &group)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn regex_and_names(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = Consumer::new(&group, "m");
    m.beat(
        cx,
        json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": [t], "subscribedTopicRegex": format!("{u}.*"),
            "topicPartitions": []}),
    )?;
    await_group(cx, &group, "groupEpoch", &json!(3))?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// The preferred assignor is named, whether or not the target is of it.
fn assignor(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 3)?;
    let mut m = slow(cx, &group, &[&t])?;
    m.beat(cx, json!({"serverAssignor": "range"}))?;
    describe(cx, &group)?;
    m.beat(cx, json!({"serverAssignor": "uniform"}))?;
    describe(cx, &group)?;
    Ok(())
}

fn no_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &[]))?;
    describe(cx, &group)?;
    Ok(())
}

fn topic_that_is_not_there(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.topic("a");
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &[&a]))?;
    describe(cx, &group)?;
    Ok(())
}

/// A topic that is gone is left out, though members still have its partitions.
fn deleted_topic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group, 2)?;
    cx.delete_topic_of_consumers(&t, &group)?;
    describe(cx, &group)?;
    Ok(())
}

/// The client id is that of the newest heartbeat.
fn client(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.client_id = Some("first".to_owned());
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    describe(cx, &group)?;
    cx.client_id = Some("second".to_owned());
    cx.quietly(|cx| m.idle(cx))?;
    describe(cx, &group)?;
    cx.client_id = None;
    m.idle(cx)?;
    describe(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    await_count(cx, &group, 0)
}
