//! DescribeGroups (key 15), v0–v6 (KIP-345, KIP-430, KIP-1043).

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, Join, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::committed;
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("describe_groups")
        .on(Profile::Groups)
        .cases_at(
            0..=6,
            cases![states, simple_group, unknown_group, deleted_group, empty_id],
        )
        .versions("null_id", [4, 5], |cx, version| {
            describe(cx, version, json!([null]))
        })
        .versions("null_groups", [4, 5], |cx, version| {
            describe(cx, version, Value::Null)
        })
        .versions("no_groups", 0..=6, |cx, version| {
            cx.group("g")?;
            describe(cx, version, json!([]))
        })
        .cases_at(0..=6, cases![consumer_group])
        .cases_at(3..=6, cases![authorized_operations])
        .cases_at([0, 5, 6], cases![named_twice])
        .cases_at(3..=6, cases![static_members])
        .cases(cases![
            order,
            protocol_data,
            another_protocol_type,
            clients,
            pending_alone,
        ])
        .case("emptied_and_joined_by_another_type", emptied_and_joined)
        .cases(cases![no_protocol_at_first])
        .case("consumer_group_that_was_classic", was_classic)
        .case("bytes_that_are_no_subscription", no_subscription)
}

fn describe(cx: &mut Context, version: i16, groups: Value) -> Result<()> {
    cx.call("DescribeGroups", version, json!({"groups": groups}))?;
    Ok(())
}

/// A group in every state, one after the other.
fn states(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    describe(cx, version, json!([group]))?;
    cx.quietly(|cx| a.join(cx))?;
    describe(cx, version, json!([group]))?;
    cx.quietly(|cx| b.send_join(cx))?;
    cx.await_members(A, &group, 2)?;
    describe(cx, version, json!([group]))?;
    cx.quietly(|cx| {
        a.join(cx)?;
        b.joined(cx)
    })?;
    describe(cx, version, json!([group]))?;
    cx.quietly(|cx| {
        a.sync(cx, &[(&a.id, "for a"), (&b.id, "for b")])?;
        b.sync(cx, &[])
    })?;
    describe(cx, version, json!([group]))?;
    cx.quietly(|cx| {
        b.leave(cx)?;
        a.leave(cx)
    })?;
    describe(cx, version, json!([group]))
}

fn simple_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = offsets_only(cx, "g")?;
    describe(cx, version, json!([group]))
}

/// A group that only keeps offsets.
fn offsets_only(cx: &mut Context, short: &str) -> Result<String> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group(short)?;
    let topics = json!([{"name": a, "partitions": [committed(0, 5)]}]);
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok(group)
}

fn unknown_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    describe(cx, version, json!([group]))
}

fn deleted_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = offsets_only(cx, "g")?;
    cx.ask("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    cx.note("<g> was deleted");
    describe(cx, version, json!([group]))
}

fn empty_id(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    describe(cx, version, json!([""]))?;
    describe(cx, version, json!([" ", group, ""]))
}

fn consumer_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    describe(cx, version, json!([group]))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.note("nobody is left in it");
    describe(cx, version, json!([group]))
}

fn authorized_operations(cx: &mut Context, version: i16) -> Result<()> {
    let simple = offsets_only(cx, "simple")?;
    let (classic, consumer) = (cx.group("classic")?, cx.group("consumer")?);
    let none = cx.group("none")?;
    let mut a = Classic::pending(cx, &classic, "a")?;
    stable(cx, &mut [&mut a])?;
    let mut m = Consumer::new(&consumer, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    for include in [true, false] {
        for group in [&simple, &classic, &consumer, &none, ""] {
            let body = json!({"groups": [group], "includeAuthorizedOperations": include});
            cx.call("DescribeGroups", version, body)?;
        }
    }
    Ok(())
}

fn named_twice(cx: &mut Context, version: i16) -> Result<()> {
    let group = offsets_only(cx, "g")?;
    let none = cx.group("none")?;
    cx.labels.exact_order = true;
    describe(cx, version, json!([group, none, group, none]))
}

fn static_members(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut i = Classic::fixed(cx, &group, "i")?;
    let mut j = Classic::fixed(cx, &group, "j")?;
    stable(cx, &mut [&mut i, &mut j])?;
    describe(cx, version, json!([group]))
}

/// Groups are answered as they were asked for.
fn order(cx: &mut Context) -> Result<()> {
    let (c, a, b) = (cx.group("c")?, offsets_only(cx, "a-group")?, cx.group("b")?);
    cx.labels.exact_order = true;
    for version in [5, 6] {
        describe(cx, version, json!([b, "", c, a]))?;
    }
    Ok(())
}

/// The metadata that is shown is that of the protocol which was chosen.
fn protocol_data(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    a.protocols = vec![("range", "ar".into()), ("x", "ax".into())];
    b.protocols = vec![("range", "br".into()), ("sticky", "bs".into())];
    stable(cx, &mut [&mut a, &mut b])?;
    describe(cx, 6, json!([group]))?;
    cx.note("<a> joins again with other bytes");
    a.protocols = vec![("range", "new".into())];
    cx.quietly(|cx| a.send_join(cx))?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    describe(cx, 6, json!([group]))
}

fn another_protocol_type(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let join = Join {
        version: 3,
        kind: "connect",
        protocols: &[("default", "bytes")],
        ..Join::of("")
    };
    let answer = cx.quietly(|cx| join.call(cx, &group))?;
    describe(cx, 6, json!([group]))?;
    let body = json!({"groupId": group, "generationId": 1, "memberId": answer["memberId"],
        "assignments": [{"memberId": answer["memberId"], "assignment": "work"}]});
    cx.call("SyncGroup", 3, body)?;
    describe(cx, 6, json!([group]))
}

/// The client's id is that of the request which joined.
fn clients(cx: &mut Context) -> Result<()> {
    for (short, client) in [("null", None), ("empty", Some("")), ("odd", Some("a b/ü"))] {
        let group = cx.group(short)?;
        cx.client_id = client.map(str::to_owned);
        let join = Join {
            version: 3,
            ..Join::of("")
        };
        join.call(cx, &group)?;
        cx.client_id = Some("another".to_owned());
        describe(cx, 5, json!([group]))?;
    }
    Ok(())
}

fn pending_alone(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = Classic::pending(cx, &group, "a")?;
    describe(cx, 6, json!([group]))?;
    a.leave(cx)?;
    cx.note("an id that was given back");
    describe(cx, 6, json!([group]))
}

fn emptied_and_joined(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.quietly(|cx| a.leave(cx))?;
    describe(cx, 6, json!([group]))?;
    let join = Join {
        version: 3,
        kind: "connect",
        ..Join::of("")
    };
    join.call(cx, &group)?;
    describe(cx, 6, json!([group]))
}

/// A member that is refused leaves a group without a type.
fn no_protocol_at_first(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let join = Join {
        protocols: &[],
        ..Join::of("")
    };
    join.call(cx, &group)?;
    describe(cx, 6, json!([group]))
}

fn was_classic(cx: &mut Context) -> Result<()> {
    let group = offsets_only(cx, "g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    for version in [5, 6] {
        describe(cx, version, json!([group]))?;
    }
    Ok(())
}

fn no_subscription(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut a = Classic::pending(cx, &group, "a")?;
    a.protocols = vec![("range", "0x00ff".into())];
    stable(cx, &mut [&mut a])?;
    describe(cx, 6, json!([group]))
}
