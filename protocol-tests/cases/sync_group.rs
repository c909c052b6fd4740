//! SyncGroup (key 14), v0–v5.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("sync_group")
        .on(Profile::Groups)
        .cases_at(0..=5, cases![alone, unknown_group, empty_group_id])
        .cases_at([0, 3, 5], cases![errors])
        .cases(cases![
            protocol_names,
            nulls,
            before_joining_again,
            follower_waits,
            leader_first,
            member_left_out,
            stranger_in_the_map,
            member_twice_in_the_map,
            followers_map_is_ignored,
            leader_twice,
            stored_assignment,
            member_leaves_meanwhile,
            leader_leaves_meanwhile,
            member_joins_meanwhile,
            follower_never_syncs,
            leader_never_syncs,
            assignment_of_a_consumer,
            empty_group,
        ])
}

fn body(member: &Classic) -> Value {
    json!({"groupId": member.group, "generationId": member.generation, "memberId": member.id,
        "groupInstanceId": member.instance, "protocolType": "consumer", "protocolName": "range",
        "assignments": [{"memberId": member.id, "assignment": "x"}]})
}

fn describe(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

/// Two members of generation 2 whose leader is to sync.
fn two(cx: &mut Context) -> Result<(Classic, Classic)> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    completing(cx, &mut a, &mut b)?;
    Ok((a, b))
}

fn completing(cx: &mut Context, a: &mut Classic, b: &mut Classic) -> Result<()> {
    cx.quietly(|cx| {
        a.join(cx)?;
        b.send_join(cx)?;
        cx.await_members(A, &b.group, 2)?;
        a.join(cx)?;
        b.joined(cx)
    })?;
    cx.note("two members, led by <a>");
    Ok(())
}

fn alone(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    cx.quietly(|cx| a.join(cx))?;
    cx.call("SyncGroup", version, body(&a))?;
    describe(cx, &group)
}

fn unknown_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut body = json!({"groupId": group, "generationId": 1, "memberId": "x"});
    cx.call("SyncGroup", version, body.clone())?;
    body["protocolType"] = json!("consumer");
    body["protocolName"] = json!("range");
    cx.call("SyncGroup", version, body)?;
    Ok(())
}

fn empty_group_id(cx: &mut Context, version: i16) -> Result<()> {
    cx.group("g")?;
    let body = json!({"groupId": "", "generationId": 1, "memberId": "x", "protocolType": "consumer", "protocolName": "range"});
    cx.call("SyncGroup", version, body)?;
    Ok(())
}

fn errors(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    let mut rows = vec![
        json!({"memberId": "x"}),
        json!({"memberId": ""}),
        json!({"generationId": 0}),
        json!({"generationId": 2}),
        json!({"generationId": -1}),
        json!({"memberId": "x", "generationId": 7}),
    ];
    if version >= 3 {
        rows.push(json!({"groupInstanceId": "i"}));
        rows.push(json!({"groupInstanceId": ""}));
        rows.push(json!({"groupInstanceId": "i", "memberId": "x"}));
    }
    for row in rows {
        let mut body = body(&a);
        if let (Some(body), Value::Object(row)) = (body.as_object_mut(), row) {
            body.extend(row);
        }
        cx.call("SyncGroup", version, body)?;
    }
    Ok(())
}

fn protocol_names(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    for (kind, name) in [
        (json!("consumer"), json!("sticky")),
        (json!("connect"), json!("range")),
        (json!(""), json!("range")),
        (json!("consumer"), json!("")),
        (Value::Null, json!("range")),
        (json!("consumer"), Value::Null),
        (Value::Null, Value::Null),
    ] {
        let mut body = body(&a);
        body["protocolType"] = kind;
        body["protocolName"] = name;
        cx.call("SyncGroup", 5, body)?;
    }
    Ok(())
}

fn nulls(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for version in [3, 5] {
        for field in ["groupId", "memberId", "assignments"] {
            let mut body = json!({"groupId": group, "generationId": 1, "memberId": "x"});
            body[field] = Value::Null;
            cx.call("SyncGroup", version, body)?;
        }
        let nothing = json!([{"memberId": "x", "assignment": Value::Null}]);
        let body =
            json!({"groupId": group, "generationId": 1, "memberId": "x", "assignments": nothing});
        cx.call("SyncGroup", version, body)?;
    }
    Ok(())
}

fn before_joining_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    a.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    for version in [0, 5] {
        cx.call_on(b.conn, "SyncGroup", version, body(&b))?;
    }
    let mut stale = b.clone();
    stale.generation = 1;
    stale.sync(cx, &[])?;
    Ok(())
}

fn follower_waits(cx: &mut Context) -> Result<()> {
    let (a, b) = two(cx)?;
    b.send_sync(cx, &[])?;
    a.sync(cx, &[(&a.id, "for a"), (&b.id, "for b")])?;
    b.receive(cx)?;
    describe(cx, &a.group)
}

fn leader_first(cx: &mut Context) -> Result<()> {
    let (a, b) = two(cx)?;
    a.sync(cx, &[(&a.id, "for a"), (&b.id, "for b")])?;
    b.beat(cx)?;
    b.sync(cx, &[])?;
    Ok(())
}

fn member_left_out(cx: &mut Context) -> Result<()> {
    let (a, b) = two(cx)?;
    a.sync(cx, &[(&a.id, "for a")])?;
    b.sync(cx, &[])?;
    describe(cx, &a.group)
}

fn stranger_in_the_map(cx: &mut Context) -> Result<()> {
    let (a, b) = two(cx)?;
    a.sync(cx, &[("stranger", "for nobody"), (&b.id, "for b")])?;
    b.sync(cx, &[])?;
    describe(cx, &a.group)
}

fn member_twice_in_the_map(cx: &mut Context) -> Result<()> {
    let (a, b) = two(cx)?;
    a.sync(cx, &[(&a.id, "one"), (&b.id, "for b"), (&a.id, "two")])?;
    b.sync(cx, &[])?;
    Ok(())
}

fn followers_map_is_ignored(cx: &mut Context) -> Result<()> {
    let (a, b) = two(cx)?;
    b.send_sync(cx, &[(&a.id, "b's"), (&b.id, "b's")])?;
    a.sync(cx, &[(&a.id, "a's"), (&b.id, "a's")])?;
    b.receive(cx)?;
    b.sync(cx, &[(&b.id, "b's")])?;
    Ok(())
}

fn leader_twice(cx: &mut Context) -> Result<()> {
    let (a, b) = two(cx)?;
    a.sync(cx, &[(&a.id, "one"), (&b.id, "one")])?;
    a.sync(cx, &[(&a.id, "two"), (&b.id, "two")])?;
    b.sync(cx, &[])?;
    Ok(())
}

fn stored_assignment(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    for version in 0..=5 {
        cx.call_on(b.conn, "SyncGroup", version, body(&b))?;
    }
    Ok(())
}

fn member_leaves_meanwhile(cx: &mut Context) -> Result<()> {
    let (mut a, b) = two(cx)?;
    b.leave(cx)?;
    a.sync(cx, &[(&a.id, "for a"), (&b.id, "for b")])?;
    a.beat(cx)?;
    a.join(cx)?;
    Ok(())
}

fn leader_leaves_meanwhile(cx: &mut Context) -> Result<()> {
    let (a, mut b) = two(cx)?;
    b.send_sync(cx, &[])?;
    cx.note("b's request may come before or after a's: the answer is one");
    a.leave(cx)?;
    b.receive(cx)?;
    b.join(cx)?;
    b.sync(cx, &[(&b.id, "all")])?;
    Ok(())
}

fn member_joins_meanwhile(cx: &mut Context) -> Result<()> {
    let (mut a, mut b) = two(cx)?;
    b.send_sync(cx, &[])?;
    let mut c = Classic::pending(cx, &a.group, "c")?;
    c.send_join(cx)?;
    b.receive(cx)?;
    a.sync(cx, &[])?;
    b.send_join(cx)?;
    a.send_join(cx)?;
    for member in [&mut c, &mut b, &mut a] {
        member.joined(cx)?;
    }
    Ok(())
}

fn follower_never_syncs(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    (a.rebalance, b.rebalance) = (500, 500);
    completing(cx, &mut a, &mut b)?;
    a.sync(cx, &[(&a.id, "for a"), (&b.id, "for b")])?;
    cx.await_members(A, &group, 1)?;
    describe(cx, &group)?;
    b.beat(cx)?;
    a.beat(cx)?;
    a.join(cx)?;
    Ok(())
}

fn leader_never_syncs(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    (a.rebalance, b.rebalance) = (500, 500);
    completing(cx, &mut a, &mut b)?;
    b.sync(cx, &[])?;
    a.beat(cx)?;
    b.beat(cx)?;
    b.join(cx)?;
    Ok(())
}

/// Shown taken apart; the broker passes the bytes on.
fn assignment_of_a_consumer(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.topic("t");
    let mut a = Classic::pending(cx, &group, "a")?;
    cx.quietly(|cx| a.join(cx))?;
    let to = json!({"assignedPartitions": [{"topic": t, "partitions": [0, 1]}]});
    let to = crate::subscriptions::assignment(3, &to)?;
    a.sync(cx, &[(&a.id, to.as_str().unwrap_or_default())])?;
    describe(cx, &group)
}

fn empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    a.leave(cx)?;
    a.sync(cx, &[])?;
    a.generation += 1;
    a.sync(cx, &[])?;
    a.beat(cx)?;
    a.join(cx)?;
    a.leave(cx)?;
    Ok(())
}
