//! JoinGroup of members that speak the classic protocol in a consumer group (KIP-848).

use anyhow::Result;
use serde_json::json;

use super::members::{
    Consumer, Join, alone, classic, describe, fixed, pair, settle, settle_with, slow,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_join")
        .on(Profile::Groups)
        .cases_at(2..=9, cases![join])
        .cases_at([3, 4, 9], cases![join_with_an_id])
        .cases(cases![
            join_twice,
            join_full,
            join_protocol_type,
            join_protocols_of_others,
            join_no_protocols,
            join_session_out_of_bounds,
            join_garbage,
            join_newer_subscription,
            join_rack,
            join_owned,
            join_by_a_consumer_member,
            join_static,
            join_static_again,
            join_static_fenced,
            join_static_for_a_consumer_member,
            join_other_topics,
            join_between_assignments,
            consumer_member_takes_over,
            consumer_member_takes_over_static,
        ])
}

fn join(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "", &t)?;
    let metadata = c.protocols.remove(0).1;
    let join = Join {
        version,
        protocols: &[("range", &metadata), ("roundrobin", &metadata)],
        ..Join::of("")
    };
    let answer = join.call(cx, &group)?;
    let id = answer["memberId"].as_str().unwrap_or_default().to_owned();
    Join {
        member: &id,
        ..join
    }
    .call(cx, &group)?;
    Ok(())
}

fn join_with_an_id(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    let metadata = c.protocols.remove(0).1;
    let join = Join {
        version,
        protocols: &[("range", &metadata)],
        ..Join::of("c")
    };
    join.call(cx, &group)?;
    describe(cx, &group)?;
    Ok(())
}

fn join_twice(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.join(cx)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.join(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn join_full(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    cx.quietly(|cx| {
        Consumer::new(&group, "n").join(cx, &[&t])?;
        Consumer::new(&group, "o").join(cx, &[&t])
    })?;
    cx.note("the group is full");
    classic(cx, &group, "c", &t)?.join(cx)?;
    classic(cx, &group, "", &t)?.join(cx)?;
    Ok(())
}

fn join_protocol_type(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    alone(cx, &group)?;
    for kind in ["connect", "", "Consumer"] {
        let join = Join {
            kind,
            ..Join::of("c")
        };
        join.call(cx, &group)?;
    }
    Ok(())
}

fn join_protocols_of_others(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, c, t) = pair(cx, &group)?;
    let metadata = c.protocols[0].1.as_str();
    for protocols in [
        &[("sticky", metadata)][..],
        &[("sticky", metadata), ("range", metadata)],
    ] {
        let join = Join {
            protocols,
            ..Join::of("d")
        };
        join.call(cx, &group)?;
    }
    cx.note(&t);
    Ok(())
}

fn join_no_protocols(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    alone(cx, &group)?;
    let join = Join {
        protocols: &[],
        ..Join::of("c")
    };
    join.call(cx, &group)?;
    Ok(())
}

fn join_session_out_of_bounds(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    alone(cx, &group)?;
    for session in [99, 1_800_001] {
        let join = Join {
            session,
            ..Join::of("c")
        };
        join.call(cx, &group)?;
    }
    Ok(())
}

fn join_garbage(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    alone(cx, &group)?;
    for metadata in ["", "0x00", "0x0001", "0x000100000001", "0xffff00000000"] {
        let join = Join {
            protocols: &[("range", metadata)],
            ..Join::of("c")
        };
        join.call(cx, &group)?;
    }
    describe(cx, &group)?;
    Ok(())
}

/// A subscription of a version that does not exist is read as the newest.
fn join_newer_subscription(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    let body = json!({"topics": [t], "generationId": 3, "rackId": "r"});
    c.subscribe_with(3, &body)?;
    let metadata = c.protocols.remove(0).1.replacen("0x0003", "0x0009", 1);
    let join = Join {
        protocols: &[("range", &metadata)],
        ..Join::of("c")
    };
    cx.quietly(|cx| join.call(cx, &group))?;
    describe(cx, &group)?;
    Ok(())
}

fn join_rack(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    for rack in [json!("r"), json!(""), json!(null)] {
        c.subscribe_with(3, &json!({"topics": [t], "rackId": rack}))?;
        c.join(cx)?;
        describe(cx, &group)?;
    }
    Ok(())
}

/// What a member reports to own in its subscription counts as in a heartbeat.
fn join_owned(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut c = classic(cx, &group, "c", &t)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[]))?;
    settle(cx, &mut [&mut m])?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    cx.note("m wants one of them");
    m.beat(cx, json!({"subscribedTopicNames": [t]}))?;
    c.beat(cx)?;
    let owned = json!([{"topic": t, "partitions": [0, 1]}]);
    c.subscribe_with(1, &json!({"topics": [t], "ownedPartitions": owned}))?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    describe(cx, &group)?;
    c.beat(cx)?;
    let owned = json!([{"topic": t, "partitions": [0]}]);
    c.subscribe_with(1, &json!({"topics": [t], "ownedPartitions": owned}))?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    m.idle(cx)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// A member may change its protocol.
fn join_by_a_consumer_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "m", &t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    describe(cx, &group)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn join_static(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = fixed(cx, &group, &t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    m.idle(cx)?;
    m.own(cx)?;
    c.beat(cx)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    Ok(())
}

/// Its partitions go over to the new id, without another epoch.
fn join_static_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = fixed(cx, &group, &t)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    settle_with(cx, &mut m, &mut c)?;
    let mut d = fixed(cx, &group, &t)?;
    d.join(cx)?;
    d.sync(cx, &[])?;
    cx.note("the one before");
    c.beat(cx)?;
    c.sync(cx, &[])?;
    c.join(cx)?;
    c.leave(cx)?;
    Ok(())
}

fn join_static_fenced(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = fixed(cx, &group, &t)?;
    c.id = "x".to_owned();
    c.join(cx)?;
    c.id.clear();
    c.join(cx)?;
    let id = std::mem::replace(&mut c.id, "x".to_owned());
    c.join(cx)?;
    c.id = id;
    c.join(cx)?;
    Ok(())
}

/// A classic member takes the place of a static one that speaks the consumer protocol, also while that one is there.
fn join_static_for_a_consumer_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    let mut c = fixed(cx, &group, &t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    n.idle(cx)?;
    m.idle(cx)?;
    Ok(())
}

fn join_other_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut c, _) = pair(cx, &group)?;
    c.subscribe("nothing")?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn join_between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    slow(cx, &group, &[&t])?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn consumer_member_takes_over(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, c, t) = pair(cx, &group)?;
    let mut n = Consumer::new(&group, "c");
    n.join(cx, &[&t])?;
    n.own(cx)?;
    c.beat(cx)?;
    c.sync(cx, &[])?;
    describe(cx, &group)?;
    Ok(())
}

fn consumer_member_takes_over_static(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = fixed(cx, &group, &t)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    settle_with(cx, &mut m, &mut c)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &[&t])?;
    c.beat(cx)?;
    n.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}
