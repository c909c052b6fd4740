//! Rebalances of classic groups: who joins again, when a join ends, which protocol is chosen, who leads.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::subscriptions::{assignment, subscription};

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("rebalance").on(Profile::Groups).cases(cases![
        leader_joins_again,
        follower_joins_again,
        follower_with_other_metadata,
        follower_with_other_protocols,
        same_join_while_completing,
        other_join_while_completing,
        join_again_while_awaiting,
        generations,
        vote,
        vote_of_three,
        protocol_changes,
        late_member_is_dropped,
        late_leader_is_dropped,
        largest_timeout_counts,
        nobody_joins_again,
        pending_member_holds_up,
        pending_member_expires,
        session_ends_meanwhile,
        closed_connection_stays_a_member,
        hand_over,
        no_initial_delay,
    ])
}

fn describe(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn pair(cx: &mut Context) -> Result<(Classic, Classic)> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    Ok((a, b))
}

fn leader_joins_again(cx: &mut Context) -> Result<()> {
    let (mut a, mut b) = pair(cx)?;
    a.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    describe(cx, &a.group)?;
    b.beat(cx)?;
    b.join(cx)?;
    a.joined(cx)?;
    describe(cx, &a.group)?;
    a.sync(cx, &[(&a.id, "new"), (&b.id, "new")])?;
    b.sync(cx, &[])?;
    describe(cx, &a.group)
}

fn follower_joins_again(cx: &mut Context) -> Result<()> {
    let (a, mut b) = pair(cx)?;
    b.join(cx)?;
    b.sync(cx, &[])?;
    a.beat(cx)?;
    Ok(())
}

fn follower_with_other_metadata(cx: &mut Context) -> Result<()> {
    let (mut a, mut b) = pair(cx)?;
    b.protocols = vec![("range", "new".into())];
    b.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    a.beat(cx)?;
    a.join(cx)?;
    b.joined(cx)?;
    Ok(())
}

fn follower_with_other_protocols(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    b.protocols = vec![("range", "1".into()), ("sticky", "2".into())];
    stable(cx, &mut [&mut a, &mut b])?;
    cx.note("another order is a change");
    b.protocols.reverse();
    b.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    a.join(cx)?;
    b.joined(cx)?;
    Ok(())
}

fn completing(cx: &mut Context) -> Result<(Classic, Classic)> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    cx.quietly(|cx| {
        a.join(cx)?;
        b.send_join(cx)?;
        cx.await_members(A, &group, 2)?;
        a.join(cx)?;
        b.joined(cx)
    })?;
    cx.note("two members, led by <a>");
    Ok((a, b))
}

fn same_join_while_completing(cx: &mut Context) -> Result<()> {
    let (mut a, mut b) = completing(cx)?;
    a.join(cx)?;
    b.join(cx)?;
    a.sync(cx, &[(&a.id, "x")])?;
    b.sync(cx, &[])?;
    Ok(())
}

fn other_join_while_completing(cx: &mut Context) -> Result<()> {
    let (mut a, mut b) = completing(cx)?;
    b.protocols = vec![("range", "new".into())];
    b.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    a.sync(cx, &[])?;
    a.join(cx)?;
    b.joined(cx)?;
    Ok(())
}

/// The request that waited is answered, too: the last one wins.
fn join_again_while_awaiting(cx: &mut Context) -> Result<()> {
    let (mut a, mut b) = pair(cx)?;
    a.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    let mut twin = a.clone();
    twin.conn = cx.connect(1)?;
    twin.send_join(cx)?;
    cx.expect_silence(twin.conn, Duration::from_millis(200))?;
    b.join(cx)?;
    twin.joined(cx)?;
    cx.expect_silence(a.conn, Duration::from_millis(100))?;
    a.generation = twin.generation;
    twin.beat(cx)?;
    Ok(())
}

fn generations(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut seen = Vec::new();
    for _ in 0..3 {
        cx.quietly(|cx| a.join(cx))?;
        seen.push(a.generation);
        cx.quietly(|cx| a.sync(cx, &[]))?;
    }
    cx.quietly(|cx| a.leave(cx))?;
    let mut b = Classic::pending(cx, &group, "b")?;
    cx.quietly(|cx| b.join(cx))?;
    seen.push(b.generation);
    cx.note(&format!("generations {seen:?}"));
    Ok(())
}

fn vote(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    a.protocols = vec![
        ("x", "ax".into()),
        ("range", "ar".into()),
        ("sticky", "as".into()),
    ];
    b.protocols = vec![("sticky", "bs".into()), ("range", "br".into())];
    a.join(cx)?;
    b.send_join(cx)?;
    cx.await_members(A, &group, 2)?;
    a.protocols = vec![
        ("x", "ax".into()),
        ("sticky", "as".into()),
        ("range", "ar".into()),
    ];
    a.send_join(cx)?;
    b.joined(cx)?;
    a.joined(cx)?;
    Ok(())
}

fn vote_of_three(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    a.protocols = vec![("p", "1".into()), ("q", "1".into())];
    cx.quietly(|cx| a.join(cx))?;
    let mut b = Classic::pending(cx, &group, "b")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    b.protocols = vec![("q", "2".into()), ("p", "2".into())];
    c.protocols = vec![("q", "3".into()), ("p", "3".into())];
    b.send_join(cx)?;
    c.send_join(cx)?;
    cx.await_members(A, &group, 3)?;
    a.send_join(cx)?;
    for member in [&mut b, &mut c, &mut a] {
        member.joined(cx)?;
    }
    Ok(())
}

/// A rolling change: the protocol that all have is chosen as soon as all have it.
fn protocol_changes(cx: &mut Context) -> Result<()> {
    let (mut a, mut b) = pair(cx)?;
    let both = vec![("sticky", "1".to_owned()), ("range", "1".to_owned())];
    b.protocols.clone_from(&both);
    b.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    a.protocols = both;
    a.send_join(cx)?;
    b.joined(cx)?;
    a.joined(cx)?;
    describe(cx, &a.group)?;
    cx.note("b alone is still known with range");
    a.protocols.truncate(1);
    a.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    b.join(cx)?;
    a.joined(cx)?;
    Ok(())
}

fn late_member_is_dropped(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    (a.rebalance, b.rebalance) = (400, 400);
    stable(cx, &mut [&mut a, &mut b])?;
    a.join(cx)?;
    b.beat(cx)?;
    b.sync(cx, &[])?;
    b.join(cx)?;
    Ok(())
}

fn late_leader_is_dropped(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    (a.rebalance, b.rebalance) = (400, 400);
    stable(cx, &mut [&mut a, &mut b])?;
    b.protocols = vec![("range", "new".into())];
    b.join(cx)?;
    a.beat(cx)?;
    Ok(())
}

fn largest_timeout_counts(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    (a.rebalance, b.rebalance) = (100, 30_000);
    stable(cx, &mut [&mut a, &mut b])?;
    a.send_join(cx)?;
    cx.expect_silence(a.conn, Duration::from_millis(400))?;
    b.join(cx)?;
    a.joined(cx)?;
    Ok(())
}

/// A member leaves, and the other does not come back in time.
fn nobody_joins_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    (a.rebalance, b.rebalance) = (300, 300);
    stable(cx, &mut [&mut a, &mut b])?;
    a.leave(cx)?;
    cx.await_state(A, &group, "Empty")?;
    describe(cx, &group)?;
    b.beat(cx)?;
    b.join(cx)?;
    Ok(())
}

fn pending_member_holds_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    let mut b = Classic::pending(cx, &group, "b")?;
    cx.note("an id alone changes nothing");
    a.beat(cx)?;
    a.send_join(cx)?;
    cx.expect_silence(a.conn, Duration::from_millis(200))?;
    b.join(cx)?;
    a.joined(cx)?;
    Ok(())
}

fn pending_member_expires(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    let short = super::members::Join {
        session: 300,
        ..super::members::Join::of("")
    };
    let answer = short.call(cx, &group)?;
    cx.note("a waits for the one who was given an id, until that one's session ends");
    a.join(cx)?;
    let id = answer["memberId"].as_str().unwrap_or_default();
    super::members::Join::of(id).call(cx, &group)?;
    Ok(())
}

fn session_ends_meanwhile(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    b.session = 400;
    stable(cx, &mut [&mut a, &mut b])?;
    cx.note("b says nothing; its session ends long before the join does");
    a.join(cx)?;
    b.beat(cx)?;
    Ok(())
}

/// A consumer that dies without leaving holds its place until its session ends.
fn closed_connection_stays_a_member(cx: &mut Context) -> Result<()> {
    let (a, b) = pair(cx)?;
    cx.finish(b.conn)?;
    cx.expect_closed(b.conn)?;
    a.beat(cx)?;
    cx.note("and may go on with another connection");
    b.beat(cx)?;
    Ok(())
}

fn owning(topic: &str, owned: &[i32], generation: i64) -> Result<String> {
    let partitions = if owned.is_empty() {
        json!([])
    } else {
        json!([{"topic": topic, "partitions": owned}])
    };
    let body = json!({"topics": [topic], "ownedPartitions": partitions, "generationId": generation, "rackId": "r"});
    let bytes = subscription(3, &body)?;
    Ok(bytes.as_str().unwrap_or_default().to_owned())
}

fn assigned(topic: &str, partitions: &[i32]) -> Result<String> {
    let body = json!({"assignedPartitions": [{"topic": topic, "partitions": partitions}], "userData": Value::Null});
    let bytes = assignment(1, &body)?;
    Ok(bytes.as_str().unwrap_or_default().to_owned())
}

/// KIP-429: what moves is given up in one rebalance and handed over in the next.
fn hand_over(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.topic("t");
    let mut a = Classic::pending(cx, &group, "a")?;
    a.protocols = vec![("cooperative-sticky", owning(&t, &[], -1)?)];
    a.join(cx)?;
    a.sync(cx, &[(&a.id, &assigned(&t, &[0, 1])?)])?;
    let mut b = Classic::pending(cx, &group, "b")?;
    b.protocols = vec![("cooperative-sticky", owning(&t, &[], -1)?)];
    b.send_join(cx)?;
    cx.await_members(A, &group, 2)?;
    a.beat(cx)?;
    a.protocols = vec![("cooperative-sticky", owning(&t, &[0, 1], 1)?)];
    a.send_join(cx)?;
    b.joined(cx)?;
    a.joined(cx)?;
    cx.note("a keeps 0; nobody has 1");
    a.sync(
        cx,
        &[(&a.id, &assigned(&t, &[0])?), (&b.id, &assigned(&t, &[])?)],
    )?;
    b.sync(cx, &[])?;
    cx.note("a gave up 1 and joins again");
    a.protocols = vec![("cooperative-sticky", owning(&t, &[0], 2)?)];
    a.send_join(cx)?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    b.beat(cx)?;
    b.join(cx)?;
    a.joined(cx)?;
    a.sync(
        cx,
        &[(&a.id, &assigned(&t, &[0])?), (&b.id, &assigned(&t, &[1])?)],
    )?;
    b.sync(cx, &[])?;
    describe(cx, &group)
}

/// With no initial delay each member that joins an empty group makes a generation of its own.
fn no_initial_delay(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    a.join(cx)?;
    a.beat(cx)?;
    b.send_join(cx)?;
    cx.await_members(A, &group, 2)?;
    a.beat(cx)?;
    a.send_join(cx)?;
    b.joined(cx)?;
    a.joined(cx)?;
    Ok(())
}
