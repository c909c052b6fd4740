//! Heartbeat (key 12), v0–v4.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("group_heartbeat")
        .on(Profile::Groups)
        .cases_at(0..=4, cases![states, unknown_group, empty_group_id])
        .cases_at(3..=4, cases![null_group_id])
        .cases_at([0, 3, 4], cases![errors])
        .cases_at(3..=4, cases![static_member])
        .cases(cases![keeps_the_session, session_ends])
}

fn beat(cx: &mut Context, version: i16, member: &Classic, fields: &Value) -> Result<()> {
    let mut body =
        json!({"groupId": member.group, "generationId": member.generation, "memberId": member.id});
    if let (Some(body), Some(fields)) = (body.as_object_mut(), fields.as_object()) {
        body.extend(fields.clone());
    }
    cx.call("Heartbeat", version, body)?;
    Ok(())
}

fn states(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    cx.quietly(|cx| a.join(cx))?;
    cx.note("CompletingRebalance");
    beat(cx, version, &a, &json!({}))?;
    cx.quietly(|cx| b.send_join(cx))?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    cx.note("PreparingRebalance");
    beat(cx, version, &a, &json!({}))?;
    beat(cx, version, &b, &json!({"generationId": 1}))?;
    cx.quietly(|cx| {
        a.join(cx)?;
        b.joined(cx)
    })?;
    beat(cx, version, &a, &json!({}))?;
    beat(cx, version, &b, &json!({}))?;
    cx.note("Stable");
    cx.quietly(|cx| a.sync(cx, &[]))?;
    beat(cx, version, &a, &json!({}))?;
    beat(cx, version, &b, &json!({}))?;
    beat(cx, version, &b, &json!({"generationId": 1}))?;
    cx.quietly(|cx| b.leave(cx))?;
    cx.quietly(|cx| a.leave(cx))?;
    cx.note("Empty");
    beat(cx, version, &a, &json!({}))?;
    Ok(())
}

fn unknown_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    for (generation, member) in [(1, "x"), (-1, ""), (0, "")] {
        let body = json!({"groupId": group, "generationId": generation, "memberId": member});
        cx.call("Heartbeat", version, body)?;
    }
    Ok(())
}

fn empty_group_id(cx: &mut Context, version: i16) -> Result<()> {
    cx.group("g")?;
    for group in ["", " "] {
        let body = json!({"groupId": group, "generationId": 1, "memberId": "x"});
        cx.call("Heartbeat", version, body)?;
    }
    Ok(())
}

fn null_group_id(cx: &mut Context, version: i16) -> Result<()> {
    for field in ["groupId", "memberId"] {
        let mut body = json!({"groupId": "g", "generationId": 1, "memberId": "x"});
        body[field] = Value::Null;
        cx.call("Heartbeat", version, body)?;
    }
    Ok(())
}

fn errors(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    for generation in [0, 2, -1, i32::MAX] {
        beat(cx, version, &a, &json!({"generationId": generation}))?;
    }
    beat(cx, version, &a, &json!({"memberId": ""}))?;
    beat(cx, version, &a, &json!({"memberId": "x"}))?;
    beat(
        cx,
        version,
        &a,
        &json!({"memberId": "x", "generationId": 9}),
    )?;
    if version >= 3 {
        beat(cx, version, &a, &json!({"groupInstanceId": "i"}))?;
        beat(cx, version, &a, &json!({"groupInstanceId": ""}))?;
    }
    Ok(())
}

fn static_member(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    stable(cx, &mut [&mut i])?;
    beat(cx, version, &i, &json!({"groupInstanceId": "i"}))?;
    beat(cx, version, &i, &json!({}))?;
    beat(cx, version, &i, &json!({"groupInstanceId": "j"}))?;
    beat(
        cx,
        version,
        &i,
        &json!({"groupInstanceId": "i", "memberId": "x"}),
    )?;
    beat(
        cx,
        version,
        &i,
        &json!({"groupInstanceId": "i", "memberId": ""}),
    )?;
    beat(
        cx,
        version,
        &i,
        &json!({"groupInstanceId": "i", "generationId": 9}),
    )?;
    Ok(())
}

/// One member says nothing and goes; one that heartbeats stays, and so does the one with a longer session.
fn keeps_the_session(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    (b.session, c.session) = (1500, 300);
    stable(cx, &mut [&mut a, &mut b, &mut c])?;
    cx.until("c is gone", |cx| {
        b.beat(cx)?;
        Ok(cx.look_at_group(A, &group)?["members"]
            .as_array()
            .map(Vec::len)
            == Some(2))
    })?;
    for member in [&c, &b, &a] {
        member.beat(cx)?;
    }
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn session_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    a.session = 150;
    stable(cx, &mut [&mut a])?;
    cx.await_state(A, &group, "Empty")?;
    a.beat(cx)?;
    a.sync(cx, &[])?;
    a.leave(cx)?;
    a.join(cx)?;
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}
