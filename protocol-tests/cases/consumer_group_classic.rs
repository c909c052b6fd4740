//! SyncGroup, Heartbeat and LeaveGroup of members that speak the classic protocol in a consumer group (KIP-848).

use anyhow::Result;
use serde_json::json;

use super::members::{Classic, Consumer, alone, await_count, classic, describe, fixed, pair};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::committed;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_classic")
        .on(Profile::Groups)
        .cases(cases![
            sync,
            sync_refused,
            sync_protocols,
            sync_before_it_joins,
            sync_while_it_gives_up,
            heartbeat_refused,
            heartbeat_while_others_join,
            heartbeat_while_it_waits,
            leave,
            leave_unknown,
            leave_several,
            leave_static,
            leave_of_a_consumer_member,
            leave_by_the_consumer_protocol,
            beat_by_the_consumer_protocol,
            commit,
            session_ends,
            does_not_sync,
            does_not_join_again,
            two_classic_members,
        ])
}

fn sync(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, c, _) = pair(cx, &group)?;
    c.sync(cx, &[])?;
    cx.note("what a leader would send is not looked at");
    c.sync(cx, &[(&c.id, "nonsense")])?;
    Ok(())
}

fn sync_refused(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (m, mut c, _) = pair(cx, &group)?;
    c.generation += 1;
    c.sync(cx, &[])?;
    c.generation -= 2;
    c.sync(cx, &[])?;
    c.generation += 1;
    for id in ["x", "", &m.id] {
        c.id = id.to_owned();
        c.sync(cx, &[])?;
    }
    c.id = "c".to_owned();
    c.instance = Some("i".to_owned());
    c.sync(cx, &[])?;
    Ok(())
}

fn sync_protocols(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, c, _) = pair(cx, &group)?;
    for (kind, name) in [
        (json!("connect"), json!("range")),
        (json!("consumer"), json!("sticky")),
        (json!(null), json!("range")),
        (json!("consumer"), json!(null)),
    ] {
        let body = json!({"groupId": group, "generationId": c.generation, "memberId": c.id, "protocolType": kind,
            "protocolName": name, "assignments": []});
        cx.call_on(c.conn, "SyncGroup", 5, body.clone())?;
        cx.call_on(c.conn, "SyncGroup", 3, body)?;
    }
    Ok(())
}

fn sync_before_it_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    alone(cx, &group)?;
    let mut c = Classic::named(cx, &group, "c")?;
    c.generation = 2;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    c.leave(cx)?;
    Ok(())
}

fn sync_while_it_gives_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut c, t) = pair(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.note("m has left, and with it the consumer group");
    c.beat(cx)?;
    describe(cx, &group)?;
    c.subscribe(&t)?;
    c.join(cx)?;
    Ok(())
}

fn heartbeat_refused(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (m, mut c, _) = pair(cx, &group)?;
    for by in [1, -2, -10] {
        c.generation += by;
        c.beat(cx)?;
    }
    c.generation += 11;
    for id in ["x", "", &m.id] {
        c.id = id.to_owned();
        c.beat(cx)?;
    }
    c.id = "c".to_owned();
    c.instance = Some("i".to_owned());
    c.beat(cx)?;
    Ok(())
}

fn heartbeat_while_others_join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut c, t) = pair(cx, &group)?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    c.beat(cx)?;
    c.beat(cx)?;
    c.sync(cx, &[])?;
    m.idle(cx)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// Who only waits for others is not told to join again before there is something to get.
fn heartbeat_while_it_waits(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    m.idle(cx)?;
    c.beat(cx)?;
    m.own(cx)?;
    c.beat(cx)?;
    c.sync(cx, &[])?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    Ok(())
}

fn leave(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, c, _) = pair(cx, &group)?;
    c.leave(cx)?;
    c.beat(cx)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn leaving(cx: &mut Context, version: i16, group: &str, members: serde_json::Value) -> Result<()> {
    cx.call(
        "LeaveGroup",
        version,
        json!({"groupId": group, "members": members}),
    )?;
    Ok(())
}

fn leave_unknown(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    pair(cx, &group)?;
    leaving(cx, 5, &group, json!([{"memberId": "x"}]))?;
    leaving(cx, 5, &group, json!([{"memberId": ""}]))?;
    leaving(
        cx,
        5,
        &group,
        json!([{"memberId": "", "groupInstanceId": "i"}]),
    )?;
    leaving(
        cx,
        5,
        &group,
        json!([{"memberId": "c", "groupInstanceId": "i"}]),
    )?;
    leaving(cx, 5, &group, json!([]))?;
    cx.call("LeaveGroup", 2, json!({"groupId": group, "memberId": "x"}))?;
    describe(cx, &group)?;
    Ok(())
}

fn leave_several(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, _, t) = pair(cx, &group)?;
    let mut d = classic(cx, &group, "d", &t)?;
    cx.quietly(|cx| d.join(cx))?;
    leaving(
        cx,
        5,
        &group,
        json!([{"memberId": "c"}, {"memberId": "x"}, {"memberId": "d"}, {"memberId": "c"}]),
    )?;
    describe(cx, &group)?;
    Ok(())
}

fn leave_static(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = fixed(cx, &group, &t)?;
    cx.quietly(|cx| c.join(cx))?;
    leaving(
        cx,
        5,
        &group,
        json!([{"memberId": "x", "groupInstanceId": "i"}]),
    )?;
    leaving(
        cx,
        5,
        &group,
        json!([{"memberId": "", "groupInstanceId": "i"}]),
    )?;
    describe(cx, &group)?;
    Ok(())
}

/// LeaveGroup takes out members of either protocol.
fn leave_of_a_consumer_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    leaving(
        cx,
        5,
        &group,
        json!([{"memberId": "", "groupInstanceId": "i"}]),
    )?;
    leaving(cx, 5, &group, json!([{"memberId": "m"}]))?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn leave_by_the_consumer_protocol(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, c, _) = pair(cx, &group)?;
    Consumer::new(&group, "c").leave(cx, -1)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn beat_by_the_consumer_protocol(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, c, _) = pair(cx, &group)?;
    let mut n = Consumer::new(&group, "c");
    n.epoch = c.generation;
    n.idle(cx)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn commit(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, c, t) = pair(cx, &group)?;
    let topics = json!([{"name": t, "partitions": [committed(0, 1), committed(1, 1)]}]);
    for (version, by) in [(8, 0), (9, 0), (8, 1), (9, 1), (8, -1), (9, -1), (9, -2)] {
        let body = json!({"groupId": group, "memberId": "c", "generationIdOrMemberEpoch": c.generation + by,
            "topics": topics});
        cx.call("OffsetCommit", version, body)?;
    }
    let fetched = json!([{"name": t, "partitionIndexes": [0]}]);
    for by in [0, 1, -1] {
        let groups = json!([{"groupId": group, "memberId": "c", "memberEpoch": c.generation + by, "topics": fetched}]);
        cx.call("OffsetFetch", 9, json!({"groups": groups}))?;
    }
    Ok(())
}

/// A classic member's session is what it said itself.
fn session_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.session = 500;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    await_count(cx, &group, 1)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn does_not_sync(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.rebalance = 500;
    cx.quietly(|cx| c.join(cx))?;
    await_count(cx, &group, 1)?;
    c.sync(cx, &[])?;
    describe(cx, &group)?;
    Ok(())
}

fn does_not_join_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.rebalance = 700;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])?;
        m.idle(cx)?;
        m.own(cx)
    })?;
    c.beat(cx)?;
    await_count(cx, &group, 1)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn two_classic_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut c, t) = pair(cx, &group)?;
    let mut d = classic(cx, &group, "d", &t)?;
    d.join(cx)?;
    d.sync(cx, &[])?;
    c.beat(cx)?;
    m.idle(cx)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    cx.note("m leaves, so that both are in a classic group");
    m.leave(cx, -1)?;
    c.beat(cx)?;
    d.beat(cx)?;
    Ok(())
}
