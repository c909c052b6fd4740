//! What the assignors of consumer groups (KIP-848) give to whom.

use anyhow::Result;
use serde_json::json;

use super::members::{Consumer, settle};
use crate::case::{Area, Profile};
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("consumer_group_assignors")
        .on(Profile::Groups)
        .case("different_topics", different_topics)
        .case("many_members", many_members)
}

/// Members that subscribe to different topics, one after the other.
fn different_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 6)?;
    let u = cx.create_topic_for_consumers("u", 2)?;
    let (mut l, mut m, mut n) = (
        Consumer::new(&group, "l"),
        Consumer::new(&group, "m"),
        Consumer::new(&group, "n"),
    );
    cx.quietly(|cx| l.join(cx, &[&t]))?;
    settle(cx, &mut [&mut l])?;
    cx.quietly(|cx| m.join(cx, &[&t, &u]))?;
    settle(cx, &mut [&mut l, &mut m])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    cx.quietly(|cx| n.join(cx, &[&u]))?;
    settle(cx, &mut [&mut l, &mut m, &mut n])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

/// Three members one after the other, of which the first leaves.
fn many_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 20)?;
    let (mut x, mut a, mut k) = (
        Consumer::new(&group, "member-x"),
        Consumer::new(&group, "a"),
        Consumer::new(&group, "consumer-10"),
    );
    cx.quietly(|cx| x.join(cx, &[&t]))?;
    settle(cx, &mut [&mut x])?;
    cx.quietly(|cx| a.join(cx, &[&t]))?;
    settle(cx, &mut [&mut x, &mut a])?;
    cx.quietly(|cx| k.join(cx, &[&t]))?;
    settle(cx, &mut [&mut x, &mut a, &mut k])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    cx.quietly(|cx| x.leave(cx, -1))?;
    settle(cx, &mut [&mut a, &mut k])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}
