//! JoinGroup (key 11), v0–v9.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::members::{Classic, Join, stable};
use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("join_group")
        .on(Profile::Groups)
        .cases_at(0..=9, cases![alone])
        .cases_at(5..=9, cases![alone_static])
        .cases_at(0..=9, cases![two_members])
        .case("id_without_client_id", |cx| made_id(cx, None))
        .case("id_with_empty_client_id", |cx| made_id(cx, Some("")))
        .case("id_with_odd_client_id", |cx| made_id(cx, Some("a b/ü")))
        .cases(cases![
            pending_is_no_member,
            pending_with_instance_id,
            id_of_another_group,
            other_type_in_a_group,
            no_common_protocol,
            any_type_alone,
            type_is_kept_when_empty,
            protocol_named_twice,
            metadata_is_passed_on,
            full_stable,
            full_preparing,
            full_of_pending,
            full_static_replacement,
        ])
}

fn alone(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let answer = Join {
        version,
        ..Join::of("")
    }
    .call(cx, &group)?;
    if answer["errorCode"] == 79 {
        let id = answer["memberId"].as_str().unwrap_or_default();
        Join {
            version,
            ..Join::of(id)
        }
        .call(cx, &group)?;
    }
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn alone_static(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    Join {
        version,
        instance: Some("i"),
        ..Join::of("")
    }
    .call(cx, &group)?;
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

/// The id that a member is to use, whatever the version says of how it gets it.
fn id(cx: &mut Context, conn: Conn, version: i16, group: &str) -> Result<String> {
    if version < 4 {
        return Ok(String::new());
    }
    let answer = cx.call_on(
        conn,
        "JoinGroup",
        version,
        Join {
            version,
            ..Join::of("")
        }
        .body(group),
    )?;
    Ok(answer["memberId"].as_str().unwrap_or_default().to_owned())
}

fn two_members(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let (a, b) = (Context::A, cx.connect(1)?);
    let join = |id: &str| {
        Join {
            version,
            protocols: &[("range", "m")],
            ..Join::of(id)
        }
        .body(&group)
    };
    let first = id(cx, a, version, &group)?;
    let led = cx.call_on(a, "JoinGroup", version, join(&first))?;
    let first = led["memberId"].as_str().unwrap_or_default();
    let second = id(cx, b, version, &group)?;
    cx.send_on(b, "JoinGroup", version, join(&second))?;
    cx.await_members(a, &group, 2)?;
    cx.send_on(a, "JoinGroup", version, join(first))?;
    cx.receive_on(b)?;
    cx.receive_on(a)?;
    Ok(())
}

fn made_id(cx: &mut Context, client_id: Option<&str>) -> Result<()> {
    let group = cx.group("g")?;
    cx.client_id = client_id.map(str::to_owned);
    for version in [3, 4] {
        Join {
            version,
            ..Join::of("")
        }
        .call(cx, &group)?;
    }
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn pending_is_no_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = Classic::pending(cx, &group, "a")?;
    cx.await_state(Context::A, &group, "Empty")?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    a.beat(cx)?;
    a.sync(cx, &[])?;
    Ok(())
}

fn pending_with_instance_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = Classic::pending(cx, &group, "a")?;
    Join {
        instance: Some("i"),
        ..Join::of(&a.id)
    }
    .call(cx, &group)?;
    Ok(())
}

fn id_of_another_group(cx: &mut Context) -> Result<()> {
    let (g, h) = (cx.group("g")?, cx.group("h")?);
    let a = Classic::pending(cx, &g, "a")?;
    Join::of(&a.id).call(cx, &h)?;
    let mut b = Classic::pending(cx, &h, "b")?;
    stable(cx, &mut [&mut b])?;
    Join::of(&a.id).call(cx, &h)?;
    Ok(())
}

fn other_type_in_a_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    for member in ["", &a.id, "x"] {
        Join {
            kind: "connect",
            ..Join::of(member)
        }
        .call(cx, &group)?;
    }
    a.beat(cx)?;
    Ok(())
}

fn no_common_protocol(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    for version in [3, 9] {
        let protocols = &[("sticky", ""), ("roundrobin", "")];
        Join {
            version,
            protocols,
            ..Join::of("")
        }
        .call(cx, &group)?;
    }
    cx.note("nor may a member who is alone");
    Join {
        protocols: &[("sticky", "")],
        ..Join::of(&a.id)
    }
    .call(cx, &group)?;
    Ok(())
}

fn any_type_alone(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let protocols = &[("sessioned", "x"), ("", "y")];
    Join {
        version: 3,
        kind: "connect",
        protocols,
        ..Join::of("")
    }
    .call(cx, &group)?;
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn type_is_kept_when_empty(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    a.leave(cx)?;
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    let protocols = &[("v1", "x")];
    Join {
        version: 3,
        kind: "connect",
        protocols,
        ..Join::of("")
    }
    .call(cx, &group)?;
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn protocol_named_twice(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let protocols = &[("range", "1"), ("sticky", "2"), ("range", "3")];
    Join {
        version: 3,
        protocols,
        ..Join::of("")
    }
    .call(cx, &group)?;
    Ok(())
}

/// The broker reads none of it.
fn metadata_is_passed_on(cx: &mut Context) -> Result<()> {
    let long = "m".repeat(20_000);
    cx.labels.text(&long, "<20000 m>");
    for metadata in ["", "0x00", "0xffffffff", &long] {
        let group = cx.group(&format!("g{}", metadata.len()))?;
        Join {
            version: 3,
            protocols: &[("range", metadata)],
            ..Join::of("")
        }
        .call(cx, &group)?;
    }
    Ok(())
}

/// A stable group with as many members as it may have.
fn full(cx: &mut Context, group: &str) -> Result<[Classic; 3]> {
    let mut a = Classic::pending(cx, group, "a")?;
    let mut b = Classic::pending(cx, group, "b")?;
    let mut c = Classic::pending(cx, group, "c")?;
    stable(cx, &mut [&mut a, &mut b, &mut c])?;
    Ok([a, b, c])
}

fn full_stable(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let [_, mut b, _] = full(cx, &group)?;
    for version in [0, 4, 9] {
        Join {
            version,
            ..Join::of("")
        }
        .call(cx, &group)?;
    }
    Join {
        instance: Some("i"),
        ..Join::of("")
    }
    .call(cx, &group)?;
    cx.note("a member may come again");
    b.join(cx)?;
    b.beat(cx)?;
    Ok(())
}

fn full_preparing(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let [mut a, mut b, mut c] = full(cx, &group)?;
    a.send_join(cx)?;
    cx.await_state(Context::A, &group, "PreparingRebalance")?;
    cx.note("one awaits the join: there is room for two that are new");
    let mut d = Classic::pending(cx, &group, "d")?;
    d.send_join(cx)?;
    cx.await_members(Context::A, &group, 4)?;
    let mut e = Classic::pending(cx, &group, "e")?;
    e.send_join(cx)?;
    cx.await_members(Context::A, &group, 5)?;
    cx.note("three await it: the others are too late");
    b.join(cx)?;
    c.join(cx)?;
    cx.note("the next change completes the join");
    let body = json!({"groupId": group, "members": [{"memberId": e.id}]});
    cx.call("LeaveGroup", 5, body)?;
    for member in [&mut e, &mut d, &mut a] {
        member.joined(cx)?;
    }
    b.join(cx)?;
    Ok(())
}

/// One whose id was given when there was room comes too late; the others still wait for it.
fn full_of_pending(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    let mut d = Classic::pending(cx, &group, "d")?;
    a.join(cx)?;
    b.send_join(cx)?;
    c.send_join(cx)?;
    cx.await_members(Context::A, &group, 3)?;
    a.send_join(cx)?;
    cx.note("three wait for the fourth");
    cx.expect_silence(a.conn, Duration::from_millis(200))?;
    d.join(cx)?;
    cx.expect_silence(a.conn, Duration::from_millis(200))?;
    cx.note("until one leaves");
    let body = json!({"groupId": group, "members": [{"memberId": c.id}]});
    cx.call("LeaveGroup", 5, body)?;
    for member in [&mut c, &mut b, &mut a] {
        member.joined(cx)?;
    }
    Ok(())
}

fn full_static_replacement(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    stable(cx, &mut [&mut a, &mut b, &mut i])?;
    cx.note("a static member that returns without its id");
    Join {
        instance: Some("i"),
        ..Join::of("")
    }
    .call(cx, &group)?;
    Ok(())
}
