//! Groups that change between the classic and the consumer protocol while they have members (KIP-848).

use anyhow::Result;
use serde_json::json;

use super::members::{Classic, Consumer, settle};
use crate::case::{Area, Profile};
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("group_migration")
        .on(Profile::Groups)
        .case("upgrade", upgrade)
        .case("upgrade_while_it_syncs", upgrade_while_it_syncs)
        .case("upgrade_of_garbage", upgrade_of_garbage)
        .case("upgrade_with_user_data", upgrade_with_user_data)
        .case("upgrade_of_an_empty_group", upgrade_of_an_empty_group)
        .case("classic_member_joins", classic_member_joins)
        .case("downgrade", downgrade)
        .case("downgrade_by_a_static_member", downgrade_by_a_static_member)
        .case("an_empty_consumer_group", an_empty_consumer_group)
}

fn subscribe(member: &mut Classic, topic: &str) -> Result<()> {
    let body = json!({"topics": [topic]});
    let metadata = crate::subscriptions::subscription(1, &body)?;
    member.protocols = vec![("range", metadata.as_str().unwrap_or_default().to_owned())];
    Ok(())
}

fn assignment(topic: &str, user_data: Option<&str>) -> Result<String> {
    let body = json!({"assignedPartitions": [{"topic": topic, "partitions": [0, 1]}], "userData": user_data});
    let to = crate::subscriptions::assignment(1, &body)?;
    Ok(to.as_str().unwrap_or_default().to_owned())
}

fn describe(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

/// A stable classic group of one member that has both partitions of the topic.
fn alone(cx: &mut Context, group: &str, topic: &str) -> Result<Classic> {
    let mut c = Classic::pending(cx, group, "c")?;
    subscribe(&mut c, topic)?;
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

fn upgrade_while_it_syncs(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    subscribe(&mut c, &t)?;
    cx.quietly(|cx| c.join(cx))?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&t])?;
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
    subscribe(&mut c, &t)?;
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
    subscribe(&mut c, &t)?;
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
    subscribe(&mut c, &t)?;
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
    subscribe(&mut c, &t)?;
    c.join(cx)?;
    describe(cx, &group)
}
