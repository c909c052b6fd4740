//! What time does to members of streams groups (KIP-1071): sessions end, who does not give up in time is fenced, first members
//! wait for further ones, and assignments keep their distance.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{
    Streams, await_streams, await_streams_count, await_streams_heartbeat, configure,
    describe_streams, reads, settle_streams, streams_of_one, streams_of_two,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_timeouts")
        .on(Profile::Streams)
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
            initial_delay,
            initial_delay_of_two,
            initial_delay_of_a_lone_heartbeat,
            initial_delay_begins_again,
            initial_delay_while_topics_are_missing,
            leaves_during_the_initial_delay,
            assignment_interval,
            assignment_interval_ends,
            offsets_after_a_session,
        ])
}

/// Sessions of this group are short; `m` shows that the coordinator knows.
fn short(cx: &mut Context, m: &mut Streams) -> Result<()> {
    let settings = [
        ("streams.heartbeat.interval.ms", "333"),
        ("streams.session.timeout.ms", "700"),
    ];
    configure(cx, &m.group, &settings)?;
    await_streams_heartbeat(cx, m, 333)
}

fn session(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    short(cx, &mut m)?;
    await_streams_count(cx, &group, 0)?;
    describe_streams(cx, &group)?;
    m.idle(cx)?;
    m.join(cx, &reads(&[&t]))?;
    Ok(())
}

/// The first who beats after that gets all.
fn session_of_one_of_two(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, _) = streams_of_two(cx, &group, 2)?;
    short(cx, &mut n)?;
    cx.until("n's session is over", |cx| {
        m.idle(cx)?;
        let described = describe_streams(cx, &group)?;
        let members = described["groups"][0]["members"].as_array();
        Ok(members.map_or(0, Vec::len) == 1)
    })?;
    cx.note("n was not heard");
    settle_streams(cx, &mut [&mut m])?;
    m.idle(cx)?;
    n.idle(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// A static member in a process of its own, settled, and its topic.
fn fixed(cx: &mut Context, group: &str) -> Result<(Streams, String)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Streams::fixed(group, "m", "i");
    cx.quietly(|cx| m.join(cx, &reads(&[&t])))?;
    settle_streams(cx, &mut [&mut m])?;
    Ok((m, t))
}

fn session_of_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = fixed(cx, &group)?;
    short(cx, &mut m)?;
    await_streams_count(cx, &group, 0)?;
    m.idle(cx)?;
    cx.note("its instance is free");
    Streams::fixed(&group, "n", "i").join(cx, &reads(&[&t]))?;
    Ok(())
}

/// The session goes on while a static member is away.
fn session_of_one_that_is_away(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = fixed(cx, &group)?;
    short(cx, &mut m)?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    cx.note("m is away");
    await_streams_count(cx, &group, 0)?;
    describe_streams(cx, &group)?;
    Streams::fixed(&group, "n", "i").join(cx, &reads(&[&t]))?;
    Ok(())
}

/// A longer session counts from the next heartbeat on.
fn session_that_is_made_longer(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, _) = streams_of_two(cx, &group, 2)?;
    short(cx, &mut m)?;
    cx.quietly(|cx| n.idle(cx))?;
    let settings = [
        ("streams.heartbeat.interval.ms", "334"),
        ("streams.session.timeout.ms", "45000"),
    ];
    configure(cx, &group, &settings)?;
    await_streams_heartbeat(cx, &mut m, 334)?;
    await_streams_count(cx, &group, 1)?;
    cx.note("n was not heard since");
    describe_streams(cx, &group)?;
    Ok(())
}

/// `m` has to give up one of two tasks, and has so long for it.
fn giving_up(cx: &mut Context, m: &mut Streams, millis: i32) -> Result<(Streams, String)> {
    let t = cx.create_topic_for_consumers(&format!("t-of-{}", m.id), 2)?;
    let mut n = Streams::new(&m.group, "n");
    let joined = json!({"rebalanceTimeoutMs": millis, "topology": reads(&[&t]), "processId": "p",
        "activeTasks": [], "standbyTasks": [], "warmupTasks": [], "clientTags": []});
    cx.quietly(|cx| m.beat(cx, joined))?;
    settle_streams(cx, &mut [m])?;
    cx.quietly(|cx| n.join(cx, &reads(&[&t])))?;
    m.idle(cx)?;
    Ok((n, t))
}

fn revocation(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    let (mut n, t) = giving_up(cx, &mut m, 500)?;
    await_streams_count(cx, &group, 1)?;
    cx.note("m is fenced");
    m.own(cx)?;
    n.idle(cx)?;
    describe_streams(cx, &group)?;
    m.join(cx, &reads(&[&t]))?;
    Ok(())
}

fn revocation_of_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::fixed(&group, "m", "i");
    giving_up(cx, &mut m, 500)?;
    await_streams_count(cx, &group, 1)?;
    cx.note("m is fenced");
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// Who is away need not give up in time: another member that was told later has long been fenced.
fn revocation_while_away(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::fixed(&group, "m", "i");
    giving_up(cx, &mut m, 300)?;
    m.leave(cx, -2)?;
    let other = cx.group("h")?;
    let mut x = Streams::new(&other, "x");
    giving_up(cx, &mut x, 600)?;
    await_streams_count(cx, &other, 1)?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// The time that counts is that of when the member was told; a change of it only counts the next time.
fn revocation_timeout_changed(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    giving_up(cx, &mut m, 500)?;
    m.beat(cx, json!({"rebalanceTimeoutMs": 30_000}))?;
    await_streams_count(cx, &group, 1)?;
    m.idle(cx)?;
    Ok(())
}

fn revocation_without_time(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    giving_up(cx, &mut m, 0)?;
    await_streams_count(cx, &group, 1)?;
    m.own(cx)?;
    Ok(())
}

/// A group whose first members wait so long for others; a member of another group with the same interval shows that the
/// coordinator has its settings.
fn delayed(cx: &mut Context, millis: &str) -> Result<(String, String)> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let settings = [
        ("streams.initial.rebalance.delay.ms", millis),
        ("streams.heartbeat.interval.ms", "777"),
    ];
    configure(cx, &group, &settings)?;
    let other = cx.group("other")?;
    configure(cx, &other, &[("streams.heartbeat.interval.ms", "778")])?;
    let mut x = Streams::new(&other, "x");
    cx.quietly(|cx| x.join(cx, &reads(&[&t])))?;
    await_streams_heartbeat(cx, &mut x, 778)?;
    Ok((group, t))
}

fn initial_delay(cx: &mut Context) -> Result<()> {
    let (group, t) = delayed(cx, "500")?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    await_streams(cx, &group, "assignmentEpoch", &json!(2))?;
    describe_streams(cx, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn initial_delay_of_two(cx: &mut Context) -> Result<()> {
    let (group, t) = delayed(cx, "500")?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &reads(&[&t]))?;
    n.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    await_streams(cx, &group, "assignmentEpoch", &json!(3))?;
    m.idle(cx)?;
    n.idle(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// Only the heartbeat that made the group came before the delay is over.
fn initial_delay_of_a_lone_heartbeat(cx: &mut Context) -> Result<()> {
    let (group, t) = delayed(cx, "300")?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    let other = cx.group("h")?;
    configure(
        cx,
        &other,
        &[("streams.initial.rebalance.delay.ms", "1000")],
    )?;
    cx.note("another group, whose delay ends later");
    let mut x = Streams::new(&other, "x");
    x.join(cx, &reads(&[&t]))?;
    x.idle(cx)?;
    await_streams(cx, &other, "assignmentEpoch", &json!(2))?;
    describe_streams(cx, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn initial_delay_begins_again(cx: &mut Context) -> Result<()> {
    let (group, t) = delayed(cx, "400")?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    await_streams(cx, &group, "assignmentEpoch", &json!(2))?;
    m.leave(cx, -1)?;
    cx.note("everybody has left");
    m.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn initial_delay_while_topics_are_missing(cx: &mut Context) -> Result<()> {
    let (group, _) = delayed(cx, "300")?;
    let none = cx.topic("none");
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&none]))?;
    m.idle(cx)?;
    cx.until("the delay is over", |cx| {
        let answer = m.idle(cx)?;
        Ok(answer["status"].as_array().map_or(0, Vec::len) == 1)
    })?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn leaves_during_the_initial_delay(cx: &mut Context) -> Result<()> {
    let (group, t) = delayed(cx, "60000")?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &reads(&[&t]))?;
    n.join(cx, &reads(&[&t]))?;
    m.leave(cx, -1)?;
    n.idle(cx)?;
    n.leave(cx, -1)?;
    describe_streams(cx, &group)?;
    n.join(cx, &reads(&[&t]))?;
    n.idle(cx)?;
    Ok(())
}

/// The assignment interval of this group; `m` shows that the coordinator knows.
fn slow(cx: &mut Context, m: &mut Streams, millis: &str) -> Result<()> {
    let settings = [
        ("streams.assignment.interval.ms", millis),
        ("streams.heartbeat.interval.ms", "6001"),
    ];
    configure(cx, &m.group, &settings)?;
    await_streams_heartbeat(cx, m, 6001)
}

fn assignment_interval(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    slow(cx, &mut m, "15000")?;
    let mut n = Streams::new(&group, "n");
    n.join(cx, &reads(&[&t]))?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    n.leave(cx, -1)?;
    m.own(cx)?;
    m.leave(cx, -1)?;
    cx.note("a group that was empty has no interval");
    m.join(cx, &reads(&[&t]))?;
    Ok(())
}

fn assignment_interval_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    slow(cx, &mut m, "1500")?;
    let mut n = Streams::new(&group, "n");
    n.join(cx, &reads(&[&t]))?;
    let (mut m, mut n) = (m, n);
    cx.until("another assignment", |cx| {
        n.idle(cx)?;
        let described: Value = describe_streams(cx, &group)?;
        let row = &described["groups"][0];
        Ok(row["assignmentEpoch"] == row["groupEpoch"])
    })?;
    m.own(cx)?;
    m.own(cx)?;
    n.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn offsets_after_a_session(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 1)?;
    let epoch = m.epoch;
    short(cx, &mut m)?;
    await_streams(cx, &group, "groupState", &json!("Empty"))?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]}]);
    let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": epoch, "topics": topics});
    cx.call("OffsetCommit", 9, body)?;
    Ok(())
}
