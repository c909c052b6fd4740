//! ConsumerGroupHeartbeat (key 68), v0–v1: joining, epochs, reconciliation.

use anyhow::Result;
use serde_json::json;

use super::members::{Consumer, settle};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_heartbeat")
        .on(Profile::Groups)
        .cases(cases![
            first_member,
            second_member,
            third_member,
            static_return
        ])
}

fn first_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 3)?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&a])?;
    m.idle(cx)?;
    m.own(cx)?;
    m.idle(cx)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    m.leave(cx, -1)?;
    m.epoch = 2;
    m.idle(cx)?;
    Ok(())
}

fn second_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 4)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &[&a]))?;
    settle(cx, &mut [&mut m])?;
    n.join(cx, &[&a])?;
    cx.note("m is to give up half");
    n.idle(cx)?;
    m.idle(cx)?;
    m.idle(cx)?;
    n.idle(cx)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    m.own(cx)?;
    m.idle(cx)?;
    n.idle(cx)?;
    n.own(cx)?;
    n.idle(cx)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    cx.note("n leaves");
    n.leave(cx, -1)?;
    m.idle(cx)?;
    m.own(cx)?;
    cx.call("ConsumerGroupDescribe", 0, json!({"groupIds": [group]}))?;
    Ok(())
}

fn third_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 6)?;
    let (mut l, mut m, mut n) = (
        Consumer::new(&group, "l"),
        Consumer::new(&group, "m"),
        Consumer::new(&group, "n"),
    );
    cx.quietly(|cx| l.join(cx, &[&a]))?;
    settle(cx, &mut [&mut l])?;
    cx.quietly(|cx| m.join(cx, &[&a]))?;
    settle(cx, &mut [&mut l, &mut m])?;
    n.join(cx, &[&a])?;
    l.idle(cx)?;
    m.idle(cx)?;
    l.own(cx)?;
    n.idle(cx)?;
    m.own(cx)?;
    n.idle(cx)?;
    n.own(cx)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    cx.note("the group is full");
    Consumer::new(&group, "o").join(cx, &[&a])?;
    Ok(())
}

fn static_return(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    m.join(cx, &[&a])?;
    m.own(cx)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    cx.note("the instance is in use");
    n.join(cx, &[&a])?;
    m.leave(cx, -2)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    n.join(cx, &[&a])?;
    n.own(cx)?;
    cx.note("the one before");
    m.epoch = n.epoch;
    m.idle(cx)?;
    m.leave(cx, -2)?;
    m.leave(cx, -1)?;
    cx.note("leaves for good");
    n.leave(cx, -1)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}
