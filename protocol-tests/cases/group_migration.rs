//! Groups that change between the classic and the consumer protocol while they have members (KIP-848).

use anyhow::Result;
use serde_json::json;

use super::members::{Classic, Consumer, Join, settle, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("group_migration")
        .on(Profile::Groups)
        .cases(cases![
            upgrade,
            upgrade_while_it_syncs,
            upgrade_of_garbage,
            upgrade_with_user_data,
            upgrade_of_an_empty_group,
            classic_member_joins,
            downgrade,
            downgrade_by_a_static_member,
            an_empty_consumer_group,
            upgrade_while_it_prepares,
        ])
        .case(
            "upgrade_of_garbage_while_it_prepares",
            garbage_while_it_prepares,
        )
        .case("upgrade_of_garbage_while_it_syncs", garbage_while_it_syncs)
        .cases(cases![upgrade_of_another_type])
        .case("refused_member_of_a_group_that_prepares", refused_member)
}

fn assignment(topic: &str, user_data: Option<&str>) -> Result<String> {
    let body = json!({"assignedPartitions": [{"topic": topic, "partitions": [0, 1]}], "userData": user_data});
    let to = crate::subscriptions::assignment(1, &body)?;
    Ok(to.as_str().unwrap_or_default().to_owned())
}

fn describe(cx: &mut Context, group: &str) -> Result<()> {
    super::members::describe(cx, group).map(drop)
}

/// A stable classic group of one member that has both partitions of the topic.
fn alone(cx: &mut Context, group: &str, topic: &str) -> Result<Classic> {
    let mut c = Classic::pending(cx, group, "c")?;
    c.subscribe(topic)?;
    let to = assignment(topic, None)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[(&c.id, &to)])
    })?;
    cx.note("<c> has both partitions");
    Ok(c)
}

fn upgrade(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut c = alone(cx, &group, &t)?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&t])?;
    describe(cx, &group)?;
    c.beat(cx)?;
    c.sync(cx, &[])?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe(cx, &group)?;
    c.generation -= 1;
    c.beat(cx)?;
    c.leave(cx)?;
    describe(cx, &group)
}

/// Nobody has a partition yet, and members take theirs in the order of their ids' hashes, which the
/// coordinator draws: each member has a topic of its own here.
fn upgrade_while_it_syncs(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| c.join(cx))?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&u])?;
    describe(cx, &group)?;
    c.sync(cx, &[])?;
    c.join(cx)?;
    Ok(())
}

fn upgrade_of_garbage(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    Consumer::new(&group, "m").join(cx, &["t"])?;
    c.beat(cx)?;
    Ok(())
}

fn upgrade_with_user_data(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    let to = assignment(&t, Some("x"))?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[(&c.id, &to)])
    })?;
    Consumer::new(&group, "m").join(cx, &[&t])?;
    c.beat(cx)?;
    Ok(())
}

fn upgrade_of_an_empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let c = alone(cx, &group, &t)?;
    cx.quietly(|cx| c.leave(cx))?;
    Consumer::new(&group, "m").join(cx, &[&t])?;
    describe(cx, &group)
}

fn classic_member_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    m.idle(cx)?;
    m.own(cx)?;
    c.beat(cx)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    c.protocols = vec![("sticky", String::new())];
    c.sync(cx, &[])?;
    describe(cx, &group)
}

fn downgrade(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut c = alone(cx, &group, &t)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    m.leave(cx, -1)?;
    describe(cx, &group)?;
    c.beat(cx)?;
    c.join(cx)?;
    Ok(())
}

fn downgrade_by_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| m.own(cx))?;
    let mut c = Classic::fixed(cx, &group, "i")?;
    c.subscribe(&t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    describe(cx, &group)?;
    c.beat(cx)?;
    Ok(())
}

fn an_empty_consumer_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    c.join(cx)?;
    describe(cx, &group)
}

/// A group of two that gathers for another generation: the first has come, the second has not.
fn preparing(cx: &mut Context, group: &str, topic: Option<&str>) -> Result<(Classic, Classic)> {
    let mut c = Classic::pending(cx, group, "c")?;
    let mut d = Classic::pending(cx, group, "d")?;
    if let Some(topic) = topic {
        c.subscribe(topic)?;
        d.subscribe(topic)?;
    }
    stable(cx, &mut [&mut c, &mut d])?;
    c.send_join(cx)?;
    cx.await_state(Context::A, group, "PreparingRebalance")?;
    Ok((c, d))
}

fn upgrade_while_it_prepares(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let (mut c, d) = preparing(cx, &group, Some(&t))?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&t])?;
    c.joined(cx)?;
    d.beat(cx)?;
    c.beat(cx)?;
    describe(cx, &group)
}

/// The group stays as it is, but who waits is sent back.
fn garbage_while_it_prepares(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut c, mut d) = preparing(cx, &group, None)?;
    Consumer::new(&group, "m").join(cx, &["t"])?;
    c.joined(cx)?;
    d.beat(cx)?;
    c.beat(cx)?;
    c.send_join(cx)?;
    d.join(cx)?;
    c.joined(cx)?;
    Ok(())
}

fn garbage_while_it_syncs(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut c, mut d) = preparing(cx, &group, None)?;
    cx.quietly(|cx| {
        d.join(cx)?;
        c.joined(cx)
    })?;
    d.send_sync(cx, &[])?;
    cx.expect_silence(d.conn, std::time::Duration::from_millis(200))?;
    Consumer::new(&group, "m").join(cx, &["t"])?;
    d.receive(cx)?;
    d.beat(cx)?;
    c.sync(cx, &[])?;
    d.sync(cx, &[])?;
    Ok(())
}

/// Nobody is sent back: this is seen before.
fn upgrade_of_another_type(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let join = Join {
        version: 3,
        kind: "connect",
        ..Join::of("")
    };
    join.call(cx, &group)?;
    Consumer::new(&group, "m").join(cx, &["t"])?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// The group could be upgraded, but not for this member.
fn refused_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let (c, d) = preparing(cx, &group, Some(&t))?;
    let mut m = Consumer::new(&group, "m");
    let wrong =
        json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicRegex": "(", "topicPartitions": []});
    m.beat(cx, wrong)?;
    cx.expect_silence(c.conn, std::time::Duration::from_millis(200))?;
    m.epoch = 7;
    m.idle(cx)?;
    cx.expect_silence(c.conn, std::time::Duration::from_millis(200))?;
    d.beat(cx)?;
    describe(cx, &group)
}
