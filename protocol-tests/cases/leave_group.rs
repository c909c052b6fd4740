//! LeaveGroup (key 13), v0–v5.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("leave_group")
        .on(Profile::Groups)
        .cases_at(
            0..=5,
            cases![
                alone,
                one_of_two,
                unknown_group,
                unknown_member,
                empty_group_id,
            ],
        )
        .cases_at([2, 3, 4], cases![null_fields])
        .cases_at([0, 5], cases![pending])
        .cases_at(3..=5, cases![nobody])
        .cases(cases![
            several,
            twice_in_one_request,
            leader_leaves,
            while_it_awaits_the_join,
            others_await_the_join,
            empty_group,
            by_instance,
            instances_and_ids,
        ])
        .case("last_pending_lets_the_join_complete", last_pending)
}

fn leave(cx: &mut Context, version: i16, group: &str, member: &str) -> Result<()> {
    let body = if version < 3 {
        json!({"groupId": group, "memberId": member})
    } else {
        json!({"groupId": group, "members": [{"memberId": member, "groupInstanceId": null, "reason": "over"}]})
    };
    cx.call("LeaveGroup", version, body)?;
    Ok(())
}

fn describe(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn alone(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    leave(cx, version, &group, &a.id)?;
    describe(cx, &group)?;
    leave(cx, version, &group, &a.id)?;
    Ok(())
}

fn one_of_two(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    leave(cx, version, &group, &b.id)?;
    describe(cx, &group)?;
    a.beat(cx)?;
    a.join(cx)?;
    a.sync(cx, &[(&a.id, "all")])?;
    Ok(())
}

fn unknown_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    leave(cx, version, &group, "x")?;
    leave(cx, version, &group, "")?;
    Ok(())
}

fn unknown_member(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    leave(cx, version, &group, "x")?;
    leave(cx, version, &group, "")?;
    a.beat(cx)?;
    Ok(())
}

fn empty_group_id(cx: &mut Context, version: i16) -> Result<()> {
    cx.group("g")?;
    leave(cx, version, "", "x")
}

fn null_fields(cx: &mut Context, version: i16) -> Result<()> {
    let member = if version < 3 { "memberId" } else { "members" };
    for field in ["groupId", member] {
        let mut body = json!({"groupId": "g"});
        body[field] = Value::Null;
        cx.call("LeaveGroup", version, body)?;
    }
    Ok(())
}

fn pending(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    leave(cx, version, &group, &a.id)?;
    a.join(cx)?;
    Ok(())
}

fn nobody(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let body = json!({"groupId": group, "members": []});
    cx.call("LeaveGroup", version, body.clone())?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.call("LeaveGroup", version, body)?;
    a.beat(cx)?;
    Ok(())
}

fn several(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    stable(cx, &mut [&mut a, &mut b, &mut c])?;
    cx.labels.exact_order = true;
    let members = json!([{"memberId": c.id}, {"memberId": "x"}, {"memberId": b.id, "groupInstanceId": "i"}, {"memberId": b.id}]);
    cx.call(
        "LeaveGroup",
        5,
        json!({"groupId": group, "members": members}),
    )?;
    describe(cx, &group)?;
    a.beat(cx)?;
    Ok(())
}

fn twice_in_one_request(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.labels.exact_order = true;
    let members = json!([{"memberId": a.id}, {"memberId": a.id}]);
    cx.call(
        "LeaveGroup",
        3,
        json!({"groupId": group, "members": members}),
    )?;
    describe(cx, &group)
}

fn leader_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    a.leave(cx)?;
    b.beat(cx)?;
    b.join(cx)?;
    b.sync(cx, &[(&b.id, "all")])?;
    describe(cx, &group)
}

fn while_it_awaits_the_join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    a.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    leave(cx, 5, &group, &a.id)?;
    a.joined(cx)?;
    describe(cx, &group)?;
    b.join(cx)?;
    Ok(())
}

fn others_await_the_join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    a.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    b.leave(cx)?;
    a.joined(cx)?;
    describe(cx, &group)
}

fn empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    a.leave(cx)?;
    for version in [2, 3] {
        leave(cx, version, &group, &a.id)?;
        leave(cx, version, &group, "")?;
    }
    Ok(())
}

fn by_instance(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    stable(cx, &mut [&mut i])?;
    for (member, instance) in [("", "j"), ("x", "i"), ("", ""), ("", "i"), ("", "i")] {
        let members = json!([{"memberId": member, "groupInstanceId": instance}]);
        cx.call(
            "LeaveGroup",
            5,
            json!({"groupId": group, "members": members}),
        )?;
    }
    describe(cx, &group)?;
    i.beat(cx)?;
    Ok(())
}

fn instances_and_ids(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    let mut j = Classic::fixed(cx, &group, "j")?;
    stable(cx, &mut [&mut i, &mut j])?;
    cx.labels.exact_order = true;
    let members = json!([
        {"memberId": i.id, "groupInstanceId": "j"},
        {"memberId": i.id},
        {"memberId": j.id, "groupInstanceId": "j"},
        {"memberId": "", "groupInstanceId": "i"},
    ]);
    cx.call(
        "LeaveGroup",
        4,
        json!({"groupId": group, "members": members}),
    )?;
    describe(cx, &group)
}

fn last_pending(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    let b = Classic::pending(cx, &group, "b")?;
    a.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    b.leave(cx)?;
    a.joined(cx)?;
    Ok(())
}
