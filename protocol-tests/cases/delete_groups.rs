//! DeleteGroups (key 42), v0–v3.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, Join, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::Groups;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("delete_groups")
        .cases_at(0..=3, cases![unknown, simple])
        .versions("no_groups", 0..=3, |cx, version| {
            delete(cx, version, json!([]))
        })
        .cases(cases![several, twice, made_again])
        .cases(cases![empty_id])
        .alone()
        .on(Profile::Groups)
        .cases_at(0..=3, cases![with_members, emptied, consumer_group])
        .cases(cases![
            with_a_static_member,
            consumer_group_with_offsets,
            static_consumer_for_a_while,
            another_protocol_type,
            all_kinds_at_once,
            id_of_a_deleted_group,
            join_after_deletion,
            emptied_records,
        ])
}

fn delete(cx: &mut Context, version: i16, groups: Value) -> Result<()> {
    cx.call("DeleteGroups", version, json!({"groupsNames": groups}))?;
    Ok(())
}

fn commit(cx: &mut Context, group: &str, topic: &str) -> Result<()> {
    let topics = json!([{"name": topic, "partitions": [committed(0, 5)]}]);
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok(())
}

fn unknown(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    delete(cx, version, json!([group]))
}

fn simple(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    commit(cx, &group, &a)?;
    delete(cx, version, json!([group]))?;
    cx.call("OffsetFetch", 8, offset_fetch(8, &group, None))?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    delete(cx, version, json!([group]))
}

fn empty_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.group_coordinator("")?;
    for version in 0..=3 {
        delete(cx, version, json!([""]))?;
        commit(cx, "", &a)?;
        delete(cx, version, json!([""]))?;
    }
    Ok(())
}

fn several(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let (one, two, none) = (cx.group("one")?, cx.group("two")?, cx.group("none")?);
    commit(cx, &one, &a)?;
    commit(cx, &two, &a)?;
    delete(cx, 3, json!([two, none, one]))
}

fn twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let (group, none) = (cx.group("g")?, cx.group("none")?);
    commit(cx, &group, &a)?;
    delete(cx, 3, json!([group, none, group, none]))
}

fn made_again(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    commit(cx, &group, &a)?;
    delete(cx, 2, json!([group]))?;
    commit(cx, &group, &a)?;
    cx.call("OffsetFetch", 8, offset_fetch(8, &group, None))?;
    Ok(())
}

fn look(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// In each state in which it has members, or has given out an id.
fn with_members(cx: &mut Context, version: i16) -> Result<()> {
    let (group, other) = (cx.group("g")?, cx.group("pending")?);
    Classic::pending(cx, &other, "p")?;
    cx.note("an id alone is no member");
    delete(cx, version, json!([other]))?;
    look(cx, &other)?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    cx.quietly(|cx| a.join(cx))?;
    delete(cx, version, json!([group]))?;
    cx.quietly(|cx| b.send_join(cx))?;
    cx.await_state(Context::A, &group, "PreparingRebalance")?;
    delete(cx, version, json!([group]))?;
    cx.quietly(|cx| {
        a.join(cx)?;
        b.joined(cx)?;
        a.sync(cx, &[])
    })?;
    delete(cx, version, json!([group]))?;
    a.beat(cx)?;
    Ok(())
}

fn emptied(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.quietly(|cx| a.leave(cx))?;
    delete(cx, version, json!([group]))?;
    look(cx, &group)?;
    a.beat(cx)?;
    delete(cx, version, json!([group]))
}

fn consumer_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    delete(cx, version, json!([group]))?;
    m.idle(cx)?;
    m.leave(cx, -1)?;
    delete(cx, version, json!([group]))?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    delete(cx, version, json!([group]))?;
    m.join(cx, &["a"])?;
    Ok(())
}

fn with_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    stable(cx, &mut [&mut i])?;
    delete(cx, 3, json!([group]))?;
    let members = json!([{"memberId": "", "groupInstanceId": "i"}]);
    let body = json!({"groupId": group, "members": members});
    cx.call("LeaveGroup", 5, body)?;
    delete(cx, 3, json!([group]))
}

/// A consumer group that was left with an offset.
fn deserted(cx: &mut Context) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers("t", 1)?;
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    let topics = json!([{"name": t, "partitions": [committed(0, 5)]}]);
    let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": m.epoch, "topics": topics});
    cx.call("OffsetCommit", 9, body)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    Ok((m, group))
}

fn consumer_group_with_offsets(cx: &mut Context) -> Result<()> {
    let (_, group) = deserted(cx)?;
    delete(cx, 2, json!([group]))?;
    cx.call("OffsetFetch", 8, offset_fetch(8, &group, None))?;
    Ok(())
}

/// A static member that will come back keeps its group.
fn static_consumer_for_a_while(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    m.leave(cx, -2)?;
    delete(cx, 2, json!([group]))?;
    m.leave(cx, -1)?;
    delete(cx, 2, json!([group]))
}

fn another_protocol_type(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let join = Join {
        version: 3,
        kind: "connect",
        ..Join::of("")
    };
    let answer = cx.quietly(|cx| join.call(cx, &group))?;
    delete(cx, 2, json!([group]))?;
    let body = json!({"groupId": group, "memberId": answer["memberId"]});
    cx.ask("LeaveGroup", 2, body)?;
    cx.note("nobody is left");
    delete(cx, 2, json!([group]))
}

fn all_kinds_at_once(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic("t", 1)?;
    let (simple, classic) = (cx.group("simple")?, cx.group("classic")?);
    let (consumer, none) = (cx.group("consumer")?, cx.group("none")?);
    commit(cx, &simple, &t)?;
    let mut a = Classic::pending(cx, &classic, "a")?;
    stable(cx, &mut [&mut a])?;
    let mut m = Consumer::new(&consumer, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    let groups = json!([consumer, none, "", simple, classic, simple]);
    delete(cx, 3, groups)
}

/// Ids that were given out go with the group.
fn id_of_a_deleted_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    delete(cx, 3, json!([group]))?;
    a.join(cx)?;
    look(cx, &group)
}

fn join_after_deletion(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.quietly(|cx| a.leave(cx))?;
    delete(cx, 3, json!([group]))?;
    let mut b = Classic::pending(cx, &group, "b")?;
    b.join(cx)?;
    look(cx, &group)
}

fn emptied_records(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.quietly(|cx| a.leave(cx))?;
    delete(cx, 3, json!([group]))?;
    cx.coordinator_records(Groups, &group)
}
