//! What time does to members of consumer groups: sessions, revocations that take too long, and what members of the
//! classic protocol fail to do (KIP-848).

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, settle};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::subscriptions::subscription;

pub(super) fn area() -> Area {
    Area::new("consumer_group_sessions")
        .on(Profile::Groups)
        .cases(cases![
            session_ends,
            heartbeats_keep_the_session,
            refused_heartbeats_do_not,
            static_member_for_a_while,
            revocation_takes_too_long,
            revocation_in_time,
            session_of_a_classic_member,
        ])
        .case("classic_member_does_not_join_again", does_not_join_again)
        .case("classic_member_does_not_sync", does_not_sync)
        .cases(cases![answer_that_was_lost, session_settings])
}

/// Gives a group's members a session of so many milliseconds.
fn with_session(cx: &mut Context, group: &str, millis: i32) -> Result<()> {
    let configs = [
        ("consumer.session.timeout.ms", millis),
        ("consumer.heartbeat.interval.ms", 50),
    ];
    let configs = configs.map(
        |(name, value)| json!({"name": name, "configOperation": 0, "value": value.to_string()}),
    );
    let resources = json!([{"resourceType": 32, "resourceName": group, "configs": configs}]);
    let body = json!({"resources": resources});
    let answer = cx.ask("IncrementalAlterConfigs", 1, body)?;
    anyhow::ensure!(answer["responses"][0]["errorCode"] == 0, "{answer}");
    cx.note(&format!("sessions of {millis} ms"));
    let wanted = json!({"resources": [{"resourceType": 32, "resourceName": group,
        "configurationKeys": ["consumer.session.timeout.ms"]}]});
    let value = json!(millis.to_string());
    cx.until("the group's setting", |cx| {
        let answer = cx.call("DescribeConfigs", 4, wanted.clone())?;
        Ok(answer["results"][0]["configs"][0]["value"] == value)
    })
}

fn describe(cx: &mut Context, group: &str) -> Result<Value> {
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))
}

/// Waits until the group has so many members.
fn await_members(cx: &mut Context, group: &str, count: usize) -> Result<()> {
    cx.until("the members", |cx| {
        let answer = describe(cx, group)?;
        let members = answer["groups"][0]["members"].as_array();
        Ok(members.map(Vec::len) == Some(count))
    })
}

fn session_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    with_session(cx, &group, 200)?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &["t"])?;
    await_members(cx, &group, 0)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    m.join(cx, &["t"])?;
    Ok(())
}

fn heartbeats_keep_the_session(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    with_session(cx, &group, 1000)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &["t"]))?;
    cx.quietly(|cx| n.join(cx, &["t"]))?;
    cx.until("n to go", |cx| {
        m.idle(cx)?;
        let answer = describe(cx, &group)?;
        let members = answer["groups"][0]["members"].as_array();
        Ok(members.map(Vec::len) == Some(1))
    })?;
    n.idle(cx)?;
    m.idle(cx)?;
    Ok(())
}

fn refused_heartbeats_do_not(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    with_session(cx, &group, 400)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["t"]))?;
    let wrong = Consumer {
        epoch: 9,
        ..m.clone()
    };
    cx.until("m to go", |cx| {
        wrong.clone().idle(cx)?;
        let answer = describe(cx, &group)?;
        let members = answer["groups"][0]["members"].as_array();
        Ok(members.is_some_and(Vec::is_empty))
    })?;
    m.idle(cx)?;
    Ok(())
}

/// It is kept for a session, and no longer.
fn static_member_for_a_while(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    with_session(cx, &group, 400)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &["t"]))?;
    m.leave(cx, -2)?;
    await_members(cx, &group, 0)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &["t"])?;
    Ok(())
}

/// A member of both partitions, who is told to give one to another.
fn revoking(cx: &mut Context, rebalance: i32) -> Result<(Consumer, Consumer)> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    let fields = json!({"rebalanceTimeoutMs": rebalance, "subscribedTopicNames": [t], "topicPartitions": []});
    cx.quietly(|cx| m.beat(cx, fields))?;
    settle(cx, &mut [&mut m])?;
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    cx.note("m has both partitions, n joins");
    m.idle(cx)?;
    Ok((m, n))
}

fn revocation_takes_too_long(cx: &mut Context) -> Result<()> {
    let (mut m, mut n) = revoking(cx, 300)?;
    cx.note("m says nothing of it");
    await_members(cx, &m.group, 1)?;
    m.idle(cx)?;
    settle(cx, &mut [&mut n])?;
    describe(cx, &n.group)?;
    Ok(())
}

fn revocation_in_time(cx: &mut Context) -> Result<()> {
    let (mut m, mut n) = revoking(cx, 2000)?;
    m.own(cx)?;
    n.idle(cx)?;
    settle(cx, &mut [&mut m, &mut n])?;
    cx.expect_silence(Context::A, std::time::Duration::from_millis(2200))?;
    m.idle(cx)?;
    n.idle(cx)?;
    Ok(())
}

/// A member of the new protocol, and one of the classic protocol in the same group.
fn mixed(cx: &mut Context, session: i32, rebalance: i32) -> Result<(Consumer, Classic)> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    let mut c = Classic::pending(cx, &group, "c")?;
    (c.session, c.rebalance) = (session, rebalance);
    let bytes = subscription(1, &json!({"topics": [t]}))?;
    c.protocols = vec![("range", bytes.as_str().unwrap_or_default().to_owned())];
    c.join(cx)?;
    Ok((m, c))
}

fn session_of_a_classic_member(cx: &mut Context) -> Result<()> {
    let (m, c) = mixed(cx, 400, 30_000)?;
    c.sync(cx, &[])?;
    await_members(cx, &m.group, 1)?;
    c.beat(cx)?;
    Ok(())
}

/// Its heartbeats go on, but it has to join again.
fn does_not_join_again(cx: &mut Context) -> Result<()> {
    let (mut m, c) = mixed(cx, 30_000, 500)?;
    c.sync(cx, &[])?;
    cx.quietly(|cx| m.own(cx))?;
    cx.quietly(|cx| m.own(cx))?;
    c.beat(cx)?;
    cx.note("it does not");
    await_members(cx, &m.group, 1)?;
    c.beat(cx)?;
    Ok(())
}

fn does_not_sync(cx: &mut Context) -> Result<()> {
    let (m, c) = mixed(cx, 30_000, 500)?;
    await_members(cx, &m.group, 1)?;
    c.sync(cx, &[])?;
    Ok(())
}

/// A member that missed an answer comes with the epoch before.
fn answer_that_was_lost(cx: &mut Context) -> Result<()> {
    let (mut m, mut n) = revoking(cx, 30_000)?;
    let mut before = m.clone();
    let epoch = before.epoch;
    let assigned = before.assigned.clone();
    m.own(cx)?;
    cx.note("m comes with the epoch and the partitions from before");
    for owned in [
        json!({"topicPartitions": assigned}),
        json!({"topicPartitions": []}),
        json!({}),
    ] {
        before.epoch = epoch;
        before.beat(cx, owned)?;
    }
    settle(cx, &mut [&mut m, &mut n])?;
    for epoch in [epoch, epoch - 1] {
        before.epoch = epoch;
        before.beat(cx, json!({"topicPartitions": assigned}))?;
    }
    Ok(())
}

/// The bounds of what a group may be given, and what members are told of it.
fn session_settings(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let set = |cx: &mut Context, name: &str, value: &str| {
        let configs = json!([{"name": name, "configOperation": 0, "value": value}]);
        let resources = json!([{"resourceType": 32, "resourceName": group, "configs": configs}]);
        cx.call(
            "IncrementalAlterConfigs",
            1,
            json!({"resources": resources}),
        )
    };
    for (name, value) in [
        ("consumer.session.timeout.ms", "99"),
        ("consumer.session.timeout.ms", "60001"),
        ("consumer.session.timeout.ms", "50"),
        ("consumer.heartbeat.interval.ms", "49"),
        ("consumer.heartbeat.interval.ms", "15001"),
        ("consumer.heartbeat.interval.ms", "45000"),
        ("consumer.heartbeat.interval.ms", "7000"),
    ] {
        set(cx, name, value)?;
    }
    let mut m = Consumer::new(&group, "m");
    cx.until("the setting at the coordinator", |cx| {
        Ok(m.join(cx, &["t"])?["heartbeatIntervalMs"] == 7000)
    })?;
    m.idle(cx)?;
    Ok(())
}
