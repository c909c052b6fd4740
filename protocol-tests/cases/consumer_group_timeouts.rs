//! What time does to members of consumer groups (KIP-848): sessions end, and who does not give up in time is fenced.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{
    Consumer, await_count, await_group, await_heartbeat, configure, describe, settle,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_timeouts")
        .on(Profile::Groups)
        .cases(cases![
            session,
            session_of_one_of_two,
            session_of_a_static_member,
            session_of_one_that_is_away,
            session_that_is_made_longer,
            revocation,
            revocation_of_a_static_member,
            revocation_while_away,
            revocation_timeout_changed,
            revocation_without_time,
            offsets_after_a_session,
        ])
}

/// Sessions of this group are short; `m` shows that the coordinator knows.
fn short(cx: &mut Context, m: &mut Consumer) -> Result<()> {
    let settings = [
        ("consumer.heartbeat.interval.ms", "333"),
        ("consumer.session.timeout.ms", "700"),
    ];
    configure(cx, &m.group, &settings)?;
    await_heartbeat(cx, m, 333)
}

fn session(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    short(cx, &mut m)?;
    await_count(cx, &group, 0)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    m.join(cx, &[&t])?;
    Ok(())
}

/// The first who beats after that gets all.
fn session_of_one_of_two(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    short(cx, &mut n)?;
    cx.until("n's session is over", |cx| {
        m.idle(cx)?;
        Ok(members(cx, &group)? == 1)
    })?;
    cx.note("n was not heard");
    settle(cx, &mut [&mut m])?;
    m.idle(cx)?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn members(cx: &mut Context, group: &str) -> Result<usize> {
    let described = describe(cx, group)?;
    let members = described["groups"][0]["members"].as_array();
    Ok(members.map_or(0, Vec::len))
}

fn session_of_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    short(cx, &mut m)?;
    await_count(cx, &group, 0)?;
    m.idle(cx)?;
    cx.note("its instance is free");
    Consumer::fixed(&group, "n", "i").join(cx, &[&t])?;
    Ok(())
}

/// The session goes on while a static member is away.
fn session_of_one_that_is_away(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    short(cx, &mut m)?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    cx.note("m is away");
    await_count(cx, &group, 0)?;
    describe(cx, &group)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &[&t])?;
    Ok(())
}

/// A longer session counts from the next heartbeat on.
fn session_that_is_made_longer(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    cx.quietly(|cx| n.join(cx, &["a"]))?;
    short(cx, &mut m)?;
    cx.quietly(|cx| n.idle(cx))?;
    let settings = [
        ("consumer.heartbeat.interval.ms", "334"),
        ("consumer.session.timeout.ms", "45000"),
    ];
    configure(cx, &group, &settings)?;
    await_heartbeat(cx, &mut m, 334)?;
    await_count(cx, &group, 1)?;
    cx.note("n was not heard since");
    describe(cx, &group)?;
    Ok(())
}

/// `m` has to give up one of two partitions, and has so long for it.
fn giving_up(cx: &mut Context, m: &mut Consumer, millis: i32) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers(&format!("t-of-{}", m.id), 2)?;
    let mut n = Consumer::new(&m.group, "n");
    let joined =
        json!({"rebalanceTimeoutMs": millis, "subscribedTopicNames": [t], "topicPartitions": []});
    cx.quietly(|cx| m.beat(cx, joined))?;
    settle(cx, &mut [m])?;
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    m.idle(cx)?;
    Ok((n, t))
}

fn revocation(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    let (mut n, t) = giving_up(cx, &mut m, 500)?;
    await_count(cx, &group, 1)?;
    cx.note("m is fenced");
    m.own(cx)?;
    n.idle(cx)?;
    describe(cx, &group)?;
    m.join(cx, &[&t])?;
    Ok(())
}

fn revocation_of_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::fixed(&group, "m", "i");
    giving_up(cx, &mut m, 500)?;
    await_count(cx, &group, 1)?;
    cx.note("m is fenced");
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// Who is away need not give up in time: another member that was told later has long been fenced.
fn revocation_while_away(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::fixed(&group, "m", "i");
    giving_up(cx, &mut m, 300)?;
    m.leave(cx, -2)?;
    let other = cx.group("h")?;
    let mut x = Consumer::new(&other, "x");
    giving_up(cx, &mut x, 600)?;
    await_count(cx, &other, 1)?;
    describe(cx, &group)?;
    Ok(())
}

/// The time that counts is that of when the member was told; a change of it only counts the next time.
fn revocation_timeout_changed(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    giving_up(cx, &mut m, 500)?;
    m.beat(cx, json!({"rebalanceTimeoutMs": 30_000}))?;
    await_count(cx, &group, 1)?;
    m.idle(cx)?;
    Ok(())
}

fn revocation_without_time(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    giving_up(cx, &mut m, 0)?;
    await_count(cx, &group, 1)?;
    m.own(cx)?;
    Ok(())
}

fn offsets_after_a_session(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    let epoch = m.epoch;
    short(cx, &mut m)?;
    await_group(cx, &group, "groupState", &Value::from("Empty"))?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]}]);
    let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": epoch, "topics": topics});
    cx.call("OffsetCommit", 9, body)?;
    Ok(())
}
