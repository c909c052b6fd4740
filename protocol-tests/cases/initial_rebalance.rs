//! The first rebalance of an empty classic group: it waits `group.initial.rebalance.delay.ms` for more members, and longer
//! if some come (KIP-134).

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::members::{Classic, Consumer, Join};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::committed;
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

/// Less than the delay of `Profile::Delayed`.
const WITHIN: Duration = Duration::from_millis(200);

/// More than the delay, and less than two of it.
const AFTER: Duration = Duration::from_millis(800);

pub(super) fn area() -> Area {
    Area::new("initial_rebalance")
        .on(Profile::Delayed)
        .cases(cases![
            alone,
            two_members,
            extended_by_another,
            extended_twice
        ])
        .case("no_longer_than_the_rebalance_timeout", rebalance_timeout)
        .case("rebalance_timeout_below_the_delay", timeout_below_the_delay)
        .cases(cases![later_members_rebalance, an_id_does_not_begin_it])
        .case("pending_member_does_not_hold_it_up", pending_member)
        .case("session_of_an_id_ends_meanwhile", session_of_an_id)
        .case("session_ends_meanwhile", session_ends)
        .cases(cases![
            leaves_meanwhile,
            only_member_leaves,
            joins_again_meanwhile
        ])
        .case("static_member_is_back_meanwhile", static_member_is_back)
        .case("connection_closes_meanwhile", connection_closes)
        .case("ends_its_side_meanwhile", ends_its_side)
        .cases(cases![
            requests_meanwhile,
            commits_meanwhile,
            other_protocol_meanwhile,
            once_more_when_emptied,
            consumer_member_meanwhile,
            consumer_member_after_it,
            described_meanwhile,
            before_ids_were_required,
            deleted_meanwhile,
        ])
}

fn describe(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// A member with an id that has sent its JoinGroup.
fn begun(cx: &mut Context) -> Result<Classic> {
    let group = cx.group("g")?;
    let a = Classic::pending(cx, &group, "a")?;
    a.send_join(cx)?;
    cx.await_members(A, &group, 1)?;
    Ok(a)
}

/// Another one of the group.
fn another(cx: &mut Context, group: &str, name: &str) -> Result<Classic> {
    let member = Classic::pending(cx, group, name)?;
    member.send_join(cx)?;
    Ok(member)
}

fn alone(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    cx.expect_silence(a.conn, WITHIN)?;
    a.joined(cx)?;
    a.sync(cx, &[(&a.id, "all")])?;
    describe(cx, &a.group)
}

fn two_members(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let mut b = another(cx, &a.group, "b")?;
    cx.expect_silence(a.conn, WITHIN)?;
    a.joined(cx)?;
    b.joined(cx)?;
    a.sync(cx, &[(&a.id, "for a"), (&b.id, "for b")])?;
    b.sync(cx, &[])?;
    Ok(())
}

fn extended_by_another(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let mut b = another(cx, &a.group, "b")?;
    cx.note("one came during the first wait, so there is a second");
    cx.expect_silence(a.conn, AFTER)?;
    a.joined(cx)?;
    b.joined(cx)?;
    Ok(())
}

fn extended_twice(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let mut b = another(cx, &a.group, "b")?;
    cx.expect_silence(a.conn, AFTER)?;
    cx.note("c comes during the second wait");
    let mut c = another(cx, &a.group, "c")?;
    for member in [&mut a, &mut b, &mut c] {
        member.joined(cx)?;
    }
    Ok(())
}

/// The rebalance timeout is that of the first member, from the beginning on.
fn rebalance_timeout(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    a.rebalance = 600;
    a.send_join(cx)?;
    cx.await_members(A, &group, 1)?;
    let mut b = another(cx, &group, "b")?;
    cx.expect_silence(a.conn, WITHIN)?;
    let answered = cx.receive_within(a.conn, Duration::from_millis(1500))?;
    a.generation = answered["generationId"].as_i64().unwrap_or(-1);
    b.joined(cx)?;
    Ok(())
}

fn timeout_below_the_delay(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    a.rebalance = 50;
    a.send_join(cx)?;
    cx.note("the delay counts all the same");
    cx.expect_silence(a.conn, WITHIN)?;
    a.joined(cx)?;
    Ok(())
}

fn later_members_rebalance(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    a.joined(cx)?;
    a.sync(cx, &[])?;
    let mut b = another(cx, &a.group, "b")?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    cx.note("no delay from now on");
    a.send_join(cx)?;
    b.joined(cx)?;
    a.joined(cx)?;
    Ok(())
}

fn an_id_does_not_begin_it(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    describe(cx, &group)?;
    cx.expect_silence(a.conn, AFTER)?;
    describe(cx, &group)?;
    a.send_join(cx)?;
    cx.expect_silence(a.conn, WITHIN)?;
    a.joined(cx)?;
    Ok(())
}

/// Anyone who has only an id is not waited for.
fn pending_member(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let mut b = Classic::pending(cx, &a.group, "b")?;
    a.joined(cx)?;
    a.sync(cx, &[])?;
    b.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    a.join(cx)?;
    b.joined(cx)?;
    Ok(())
}

/// Its end ends the wait, since nobody else is waited for.
fn session_of_an_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = Classic::pending(cx, &group, "a")?;
    let short = Join {
        session: 150,
        ..Join::of("")
    };
    short.call(cx, &group)?;
    a.send_join(cx)?;
    cx.expect_silence(a.conn, Duration::from_millis(350))?;
    a.receive(cx)?;
    Ok(())
}

/// A session does not count as long as the first JoinGroup is not answered.
fn session_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    a.session = 150;
    a.send_join(cx)?;
    a.joined(cx)?;
    a.sync(cx, &[])?;
    cx.await_state(A, &group, "Empty")?;
    a.beat(cx)?;
    Ok(())
}

fn leaves_meanwhile(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let b = another(cx, &a.group, "b")?;
    cx.await_members(A, &a.group, 2)?;
    let body = json!({"groupId": b.group, "members": [{"memberId": b.id}]});
    cx.call("LeaveGroup", 5, body)?;
    b.receive(cx)?;
    cx.expect_silence(a.conn, Duration::from_millis(100))?;
    a.joined(cx)?;
    Ok(())
}

fn only_member_leaves(cx: &mut Context) -> Result<()> {
    let a = begun(cx)?;
    let body = json!({"groupId": a.group, "members": [{"memberId": a.id}]});
    cx.call("LeaveGroup", 5, body)?;
    a.receive(cx)?;
    describe(cx, &a.group)?;
    cx.await_state(A, &a.group, "Empty")?;
    describe(cx, &a.group)?;
    let mut b = Classic::pending(cx, &a.group, "b")?;
    b.send_join(cx)?;
    cx.expect_silence(b.conn, WITHIN)?;
    b.joined(cx)?;
    Ok(())
}

/// The request before stays without an answer.
fn joins_again_meanwhile(cx: &mut Context) -> Result<()> {
    let a = begun(cx)?;
    let mut twin = a.clone();
    twin.conn = cx.connect(1)?;
    twin.protocols = vec![("range", "other".into())];
    twin.send_join(cx)?;
    cx.expect_silence(twin.conn, WITHIN)?;
    twin.joined(cx)?;
    cx.expect_silence(a.conn, Duration::from_millis(100))
}

fn static_member_is_back(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let i = Classic::fixed(cx, &group, "i")?;
    i.send_join(cx)?;
    cx.await_members(A, &group, 1)?;
    let mut back = Classic::fixed(cx, &group, "i")?;
    back.send_join(cx)?;
    i.receive(cx)?;
    cx.expect_silence(back.conn, WITHIN)?;
    back.joined(cx)?;
    Ok(())
}

/// Nobody hears that it is gone.
fn connection_closes(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let gone = Classic::pending(cx, &group, "a")?;
    gone.send_join(cx)?;
    cx.await_members(A, &group, 1)?;
    cx.forget_connections(cx.connection_count() - 1);
    cx.note("<a> closes its connection");
    let mut b = another(cx, &group, "b")?;
    b.joined(cx)?;
    describe(cx, &group)
}

fn ends_its_side(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    cx.finish(a.conn)?;
    cx.note("<a> sends no more on its connection");
    a.joined(cx)?;
    cx.expect_closed(a.conn)?;
    describe(cx, &a.group)
}

fn requests_meanwhile(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    for generation in [0, -1, 1] {
        let body = json!({"groupId": a.group, "generationId": generation, "memberId": a.id});
        cx.call("Heartbeat", 4, body)?;
    }
    for generation in [0, 1] {
        let body = json!({"groupId": a.group, "generationId": generation, "memberId": a.id,
            "protocolType": "consumer", "protocolName": "range", "assignments": []});
        cx.call("SyncGroup", 5, body)?;
    }
    cx.note("it still waits");
    a.joined(cx)?;
    Ok(())
}

fn commits_meanwhile(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic("t", 1)?;
    let a = begun(cx)?;
    for (generation, member) in [(0, a.id.as_str()), (1, &a.id), (-1, &a.id), (-1, "")] {
        let topics = json!([{"name": t, "partitions": [committed(0, 5)]}]);
        let body = json!({"groupId": a.group, "generationIdOrMemberEpoch": generation, "memberId": member, "topics": topics});
        cx.call("OffsetCommit", 9, body)?;
    }
    a.receive(cx)?;
    Ok(())
}

fn other_protocol_meanwhile(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let other = Join {
        protocols: &[("sticky", "")],
        ..Join::of("")
    };
    other.call(cx, &a.group)?;
    let other = Join {
        kind: "connect",
        ..Join::of("")
    };
    other.call(cx, &a.group)?;
    a.joined(cx)?;
    Ok(())
}

fn once_more_when_emptied(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    a.joined(cx)?;
    cx.quietly(|cx| a.sync(cx, &[]))?;
    cx.quietly(|cx| a.leave(cx))?;
    let mut b = Classic::pending(cx, &a.group, "b")?;
    b.send_join(cx)?;
    cx.expect_silence(b.conn, WITHIN)?;
    b.joined(cx)?;
    Ok(())
}

/// The group has no protocol yet by which its members could be read.
fn consumer_member_meanwhile(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let mut m = Consumer::new(&a.group, "m");
    m.join(cx, &["t"])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [a.group]}))?;
    cx.expect_silence(a.conn, Duration::from_millis(100))?;
    a.joined(cx)?;
    Ok(())
}

fn consumer_member_after_it(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    let body = json!({"topics": ["t"]});
    let bytes = crate::subscriptions::subscription(1, &body)?;
    a.protocols = vec![("range", bytes.as_str().unwrap_or_default().to_owned())];
    cx.quietly(|cx| a.joined(cx))?;
    cx.note("<a> joined with bytes that are no subscription");
    let mut m = Consumer::new(&a.group, "m");
    m.join(cx, &["t"])?;
    a.beat(cx)?;
    cx.note("<a> joins with a subscription");
    a.send_join(cx)?;
    cx.quietly(|cx| a.joined(cx))?;
    m.join(cx, &["t"])?;
    a.beat(cx)?;
    Ok(())
}

fn described_meanwhile(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    for version in [5, 6] {
        cx.call("DescribeGroups", version, json!({"groups": [a.group]}))?;
    }
    cx.labels.own_topics_only = true;
    cx.call("ListGroups", 5, json!({}))?;
    a.joined(cx)?;
    Ok(())
}

/// Up to v3 a new member is one at once.
fn before_ids_were_required(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (one, two) = (cx.connect(1)?, cx.connect(1)?);
    for (conn, version) in [(one, 0), (two, 3)] {
        let join = Join {
            version,
            ..Join::of("")
        };
        cx.send_on(conn, "JoinGroup", version, join.body(&group))?;
        cx.await_members(A, &group, if version == 0 { 1 } else { 2 })?;
    }
    cx.expect_silence(one, AFTER)?;
    // Which of them leads is up to their ids.
    cx.labels.hidden.extend(["leader", "members", "memberId"]);
    cx.receive_on(one)?;
    cx.receive_on(two)?;
    Ok(())
}

fn deleted_meanwhile(cx: &mut Context) -> Result<()> {
    let mut a = begun(cx)?;
    cx.call("DeleteGroups", 3, json!({"groupsNames": [a.group]}))?;
    a.joined(cx)?;
    let mut b = Classic::fixed(cx, &a.group, "i")?;
    b.send_join(cx)?;
    cx.await_state(A, &a.group, "PreparingRebalance")?;
    a.join(cx)?;
    b.joined(cx)?;
    Ok(())
}
