//! Static members of consumer groups (KIP-848): they go for a while and return, and only one holds an instance id.

use anyhow::Result;
use serde_json::json;

use super::members::{Consumer, describe, settle, slow};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_static")
        .on(Profile::Groups)
        .cases(cases![
            return_with_the_same_id,
            return_with_another_id,
            return_with_other_topics,
            return_with_other_details,
            return_while_nothing_is_assigned,
            away_while_another_joins,
            away_while_giving_up,
            beat_while_away,
            leave_twice,
            leave_for_good_while_away,
            unreleased,
            fenced,
            unknown_instance,
            instance_of_another_member,
            without_its_instance,
            a_dynamic_member_gets_an_instance,
            another_instance_of_the_same_member,
            member_id_of_a_dynamic_member,
            full_group,
        ])
        .case("without_a_member_id_v0", without_a_member_id)
}

/// A static member with both partitions of a topic.
fn alone(cx: &mut Context, group: &str) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    Ok((m, t))
}

fn return_with_the_same_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    m.leave(cx, -2)?;
    m.join(cx, &[&t])?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn return_with_another_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    m.leave(cx, -2)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &[&t])?;
    describe(cx, &group)?;
    m.epoch = 2;
    m.idle(cx)?;
    m.join(cx, &[&t])?;
    m.leave(cx, -1)?;
    Ok(())
}

fn return_with_other_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    m.leave(cx, -2)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &[&u])?;
    n.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// Rack, assignor and rebalance timeout stay unless the new member says otherwise.
fn return_with_other_details(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    let joined = json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": [t], "topicPartitions": [],
        "rackId": "r", "serverAssignor": "range"});
    m.beat(cx, joined)?;
    m.leave(cx, -2)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &[&t])?;
    describe(cx, &group)?;
    n.leave(cx, -2)?;
    let mut o = Consumer::fixed(&group, "o", "i");
    let joined = json!({"rebalanceTimeoutMs": 10_000, "subscribedTopicNames": [t], "topicPartitions": [],
        "rackId": "s", "serverAssignor": "uniform"});
    o.beat(cx, joined)?;
    describe(cx, &group)?;
    Ok(())
}

/// While the assignment interval runs, who returns gets what its predecessor was to get.
fn return_while_nothing_is_assigned(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    slow(cx, &group, &[&t])?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &[&t])?;
    n.leave(cx, -2)?;
    let mut o = Consumer::fixed(&group, "o", "i");
    o.join(cx, &[&t])?;
    describe(cx, &group)?;
    Ok(())
}

/// Nobody gets what belongs to a member that is away, though the target says so.
fn away_while_another_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    m.leave(cx, -2)?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    n.own(cx)?;
    describe(cx, &group)?;
    let mut o = Consumer::fixed(&group, "o", "i");
    o.join(cx, &[&t])?;
    o.own(cx)?;
    n.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn away_while_giving_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    m.idle(cx)?;
    cx.note("m is to give up one");
    m.leave(cx, -2)?;
    describe(cx, &group)?;
    n.idle(cx)?;
    let mut o = Consumer::fixed(&group, "o", "i");
    o.join(cx, &[&t])?;
    describe(cx, &group)?;
    Ok(())
}

fn beat_while_away(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    let epoch = m.epoch;
    m.leave(cx, -2)?;
    m.epoch = epoch;
    m.idle(cx)?;
    m.own(cx)?;
    Ok(())
}

fn leave_twice(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    m.leave(cx, -2)?;
    m.leave(cx, -2)?;
    describe(cx, &group)?;
    Ok(())
}

fn leave_for_good_while_away(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    m.leave(cx, -2)?;
    m.leave(cx, -1)?;
    describe(cx, &group)?;
    m.leave(cx, -1)?;
    Ok(())
}

fn unreleased(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    Consumer::fixed(&group, "n", "i").join(cx, &[&t])?;
    cx.note("nor by its own id");
    m.join(cx, &[&t])?;
    describe(cx, &group)?;
    Ok(())
}

fn fenced(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (m, _) = alone(cx, &group)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.epoch = m.epoch;
    n.idle(cx)?;
    n.leave(cx, -1)?;
    n.leave(cx, -2)?;
    describe(cx, &group)?;
    Ok(())
}

fn unknown_instance(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (m, _) = alone(cx, &group)?;
    let mut n = Consumer::fixed(&group, "m", "j");
    n.epoch = m.epoch;
    n.idle(cx)?;
    n.leave(cx, -1)?;
    n.leave(cx, -2)?;
    Ok(())
}

fn instance_of_another_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut n = Consumer::fixed(&group, "n", "j");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    n.beat(cx, json!({"instanceId": "i"}))?;
    n.idle(cx)?;
    Ok(())
}

/// A heartbeat need not name the instance: the member id tells.
fn without_its_instance(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut n = Consumer::new(&group, "m");
    n.epoch = m.epoch;
    n.idle(cx)?;
    describe(cx, &group)?;
    cx.note("nor to join again");
    n.join(cx, &[&t])?;
    n.leave(cx, -1)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn a_dynamic_member_gets_an_instance(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    m.beat(cx, json!({"instanceId": "i"}))?;
    m.instance = Some("i".to_owned());
    m.join(cx, &[&t])?;
    describe(cx, &group)?;
    m.leave(cx, -2)?;
    Ok(())
}

fn another_instance_of_the_same_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    m.instance = Some("j".to_owned());
    m.join(cx, &[&t])?;
    describe(cx, &group)?;
    cx.note("its first instance is free");
    Consumer::fixed(&group, "n", "i").join(cx, &[&t])?;
    Ok(())
}

/// Who returns takes the id of another member.
fn member_id_of_a_dynamic_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    m.leave(cx, -2)?;
    Consumer::fixed(&group, "n", "i").join(cx, &[&t])?;
    describe(cx, &group)?;
    Ok(())
}

fn full_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    cx.quietly(|cx| {
        Consumer::new(&group, "n").join(cx, &[&t])?;
        Consumer::new(&group, "o").join(cx, &[&t])
    })?;
    cx.note("there are three, which is as many as may be");
    Consumer::fixed(&group, "p", "j").join(cx, &[&t])?;
    Consumer::new(&group, "").beat(
        cx,
        json!({"instanceId": "j", "rebalanceTimeoutMs": 1, "subscribedTopicNames": [t],
        "topicPartitions": []}),
    )?;
    Consumer::fixed(&group, "p", "i").join(cx, &[&t])?;
    m.leave(cx, -2)?;
    Consumer::fixed(&group, "p", "i").join(cx, &[&t])?;
    Consumer::new(&group, "n").join(cx, &[&t])?;
    Ok(())
}

fn without_a_member_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let body = json!({"groupId": group, "memberId": "", "instanceId": "i", "memberEpoch": 0, "rebalanceTimeoutMs": 30_000,
        "subscribedTopicNames": ["a"], "topicPartitions": []});
    let answer = cx.call("ConsumerGroupHeartbeat", 0, body.clone())?;
    cx.note("the next one gets an id, too, which the message names");
    cx.labels.hidden.push("errorMessage");
    cx.call("ConsumerGroupHeartbeat", 0, body.clone())?;
    let leave = json!({"groupId": group, "memberId": answer["memberId"], "instanceId": "i", "memberEpoch": -2});
    cx.call("ConsumerGroupHeartbeat", 0, leave)?;
    cx.call("ConsumerGroupHeartbeat", 0, body)?;
    describe(cx, &group)?;
    Ok(())
}
