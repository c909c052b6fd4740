//! Static members of classic groups (KIP-345, KIP-814).

use anyhow::Result;
use serde_json::json;

use super::members::{Classic, Join, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("static_membership")
        .on(Profile::Groups)
        .cases_at(5..=9, cases![returning_leader, returning_follower])
        .cases(cases![
            returning_with_another_protocol,
            returning_with_other_metadata,
            returning_with_the_known_id,
            follower_with_the_known_id,
            returning_while_completing,
            returning_while_preparing,
            awaiting_join_is_fenced,
            awaiting_sync_is_fenced,
            unknown_id_of_a_known_instance,
            known_id_of_another_instance,
            instance_without_its_id,
            id_of_the_one_before,
        ])
        .case("does_not_leave_by_id_of_the_one_before", does_not_leave)
        .cases(cases![not_rejoined_is_kept, session_ends, other_timeouts])
}

/// A stable group of a dynamic leader and a static follower, or the other way round.
fn pair(cx: &mut Context, static_leads: bool) -> Result<(Classic, Classic)> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    if static_leads {
        // The pending one must not hold up the first join.
        cx.quietly(|cx| a.leave(cx))?;
        a = Classic::fixed(cx, &group, "j")?;
        stable(cx, &mut [&mut i, &mut a])?;
    } else {
        stable(cx, &mut [&mut a, &mut i])?;
    }
    Ok((a, i))
}

fn describe(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn again(version: i16) -> Join<'static> {
    Join {
        version,
        instance: Some("i"),
        ..Join::of("")
    }
}

fn returning_leader(cx: &mut Context, version: i16) -> Result<()> {
    let (a, i) = pair(cx, true)?;
    let answer = again(version).call(cx, &i.group)?;
    a.beat(cx)?;
    cx.note("the one before, and the new one");
    i.beat(cx)?;
    let id = answer["memberId"].as_str().unwrap_or_default().to_owned();
    let back = Classic { id, ..i };
    back.beat(cx)?;
    back.sync(cx, &[])?;
    describe(cx, &back.group)
}

fn returning_follower(cx: &mut Context, version: i16) -> Result<()> {
    let (a, i) = pair(cx, false)?;
    let answer = again(version).call(cx, &i.group)?;
    a.beat(cx)?;
    let id = answer["memberId"].as_str().unwrap_or_default().to_owned();
    let back = Classic { id, ..i.clone() };
    back.sync(cx, &[])?;
    cx.note("the one before");
    i.sync(cx, &[])?;
    Ok(())
}

fn returning_with_another_protocol(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    i.protocols = vec![("range", "1".into()), ("sticky", "1".into())];
    stable(cx, &mut [&mut i])?;
    cx.note("the other one first");
    let protocols = &[("sticky", "1"), ("range", "1")];
    Join {
        protocols,
        ..again(9)
    }
    .call(cx, &group)?;
    cx.note("the other one only");
    let protocols = &[("sticky", "1")];
    Join {
        protocols,
        ..again(9)
    }
    .call(cx, &group)?;
    Join {
        protocols: &[("range", "1")],
        ..again(9)
    }
    .call(cx, &group)?;
    Ok(())
}

fn returning_with_other_metadata(cx: &mut Context) -> Result<()> {
    let (a, i) = pair(cx, false)?;
    Join {
        protocols: &[("range", "new")],
        ..again(9)
    }
    .call(cx, &i.group)?;
    a.beat(cx)?;
    describe(cx, &i.group)
}

fn returning_with_the_known_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    stable(cx, &mut [&mut i])?;
    i.join(cx)?;
    i.sync(cx, &[(&i.id, "x")])?;
    Ok(())
}

fn follower_with_the_known_id(cx: &mut Context) -> Result<()> {
    let (a, mut i) = pair(cx, false)?;
    i.join(cx)?;
    a.beat(cx)?;
    i.sync(cx, &[])?;
    Ok(())
}

fn returning_while_completing(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    cx.quietly(|cx| {
        a.join(cx)?;
        i.send_join(cx)?;
        cx.await_members(A, &group, 2)?;
        a.join(cx)?;
        i.joined(cx)
    })?;
    let mut back = Classic::fixed(cx, &group, "i")?;
    back.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    a.beat(cx)?;
    i.beat(cx)?;
    a.send_join(cx)?;
    back.joined(cx)?;
    a.joined(cx)?;
    Ok(())
}

fn returning_while_preparing(cx: &mut Context) -> Result<()> {
    let (mut a, i) = pair(cx, false)?;
    a.send_join(cx)?;
    cx.await_state(A, &i.group, "PreparingRebalance")?;
    let mut back = Classic::fixed(cx, &i.group, "i")?;
    back.join(cx)?;
    a.joined(cx)?;
    i.beat(cx)?;
    Ok(())
}

fn awaiting_join_is_fenced(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    stable(cx, &mut [&mut a, &mut b, &mut i])?;
    i.protocols = vec![("range", "new".into())];
    i.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    let mut back = Classic::fixed(cx, &group, "i")?;
    back.send_join(cx)?;
    i.receive(cx)?;
    b.send_join(cx)?;
    a.send_join(cx)?;
    for member in [&mut back, &mut b, &mut a] {
        member.joined(cx)?;
    }
    Ok(())
}

fn awaiting_sync_is_fenced(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    cx.quietly(|cx| {
        a.join(cx)?;
        i.send_join(cx)?;
        cx.await_members(A, &group, 2)?;
        a.join(cx)?;
        i.joined(cx)
    })?;
    i.send_sync(cx, &[])?;
    // No answer tells that the coordinator holds it; two more round trips of that connection's node do.
    cx.look_at_group(A, &group)?;
    cx.expect_silence(i.conn, std::time::Duration::from_millis(200))?;
    let mut back = Classic::fixed(cx, &group, "i")?;
    back.send_join(cx)?;
    i.receive(cx)?;
    a.join(cx)?;
    back.joined(cx)?;
    Ok(())
}

fn unknown_id_of_a_known_instance(cx: &mut Context) -> Result<()> {
    let (a, i) = pair(cx, false)?;
    let join = Join {
        instance: Some("i"),
        ..Join::of("x")
    };
    join.call(cx, &i.group)?;
    Join {
        instance: Some("i"),
        ..Join::of(&a.id)
    }
    .call(cx, &i.group)?;
    Join {
        instance: Some("nobody"),
        ..Join::of(&i.id)
    }
    .call(cx, &i.group)?;
    Ok(())
}

fn known_id_of_another_instance(cx: &mut Context) -> Result<()> {
    let (j, i) = pair(cx, true)?;
    Join {
        instance: Some("j"),
        ..Join::of(&i.id)
    }
    .call(cx, &i.group)?;
    let swapped = Classic {
        instance: j.instance,
        ..i
    };
    swapped.beat(cx)?;
    swapped.sync(cx, &[])?;
    swapped.leave(cx)?;
    Ok(())
}

/// Anyone who names no instance is taken for a dynamic member.
fn instance_without_its_id(cx: &mut Context) -> Result<()> {
    let (a, i) = pair(cx, false)?;
    let dynamic = Classic {
        instance: None,
        ..i
    };
    dynamic.beat(cx)?;
    dynamic.sync(cx, &[])?;
    Join::of(&dynamic.id).call(cx, &dynamic.group)?;
    a.beat(cx)?;
    dynamic.leave(cx)?;
    describe(cx, &dynamic.group)
}

fn id_of_the_one_before(cx: &mut Context) -> Result<()> {
    let (a, mut i) = pair(cx, false)?;
    again(9).call(cx, &i.group)?;
    i.beat(cx)?;
    i.sync(cx, &[])?;
    i.join(cx)?;
    i.leave(cx)?;
    cx.note("without its instance it is a stranger");
    i.instance = None;
    i.beat(cx)?;
    i.join(cx)?;
    a.beat(cx)?;
    Ok(())
}

fn does_not_leave(cx: &mut Context) -> Result<()> {
    let (_, i) = pair(cx, false)?;
    again(9).call(cx, &i.group)?;
    let members = json!([{"memberId": i.id}, {"memberId": i.id, "groupInstanceId": "i"}]);
    cx.call(
        "LeaveGroup",
        5,
        json!({"groupId": i.group, "members": members}),
    )?;
    describe(cx, &i.group)
}

/// The join ends by the rebalance timeout, and a static member who missed it stays.
fn not_rejoined_is_kept(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    (a.rebalance, i.rebalance) = (500, 500);
    stable(cx, &mut [&mut a, &mut i])?;
    a.join(cx)?;
    i.beat(cx)?;
    i.join(cx)?;
    Ok(())
}

fn session_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    i.session = 150;
    stable(cx, &mut [&mut i])?;
    cx.await_state(A, &group, "Empty")?;
    i.beat(cx)?;
    i.join(cx)?;
    again(9).call(cx, &group)?;
    Ok(())
}

/// A return brings its own timeouts, which act from the next heartbeat on.
fn other_timeouts(cx: &mut Context) -> Result<()> {
    let (mut a, i) = pair(cx, false)?;
    let join = Join {
        session: 300,
        rebalance: 300,
        ..again(9)
    };
    let answer = join.call(cx, &i.group)?;
    let id = answer["memberId"].as_str().unwrap_or_default().to_owned();
    Classic { id, ..i }.beat(cx)?;
    cx.await_members(A, &a.group, 1)?;
    a.beat(cx)?;
    a.join(cx)?;
    Ok(())
}
