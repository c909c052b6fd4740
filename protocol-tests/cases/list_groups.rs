//! ListGroups (key 16), v0–v5 (KIP-518, KIP-848).

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, Join, settle, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::committed;
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    let area = Area::new("list_groups")
        .on(Profile::Groups)
        .cases_at(0..=5, cases![both_kinds, classic_states])
        .cases_at([4, 5], cases![consumer_states])
        .versions("null_states", [4, 5], |cx, version| {
            null_filter(cx, version, "statesFilter")
        })
        .case("null_types", |cx| null_filter(cx, 5, "typesFilter"))
        .cases(cases![
            another_protocol_type,
            deleted_groups,
            changes_its_kind
        ]);
    let area = STATES.iter().fold(area, |area, (name, states)| {
        area.with(&format!("states_{name}"), *states, by_states)
    });
    let area = TYPES.iter().fold(area, |area, (name, types)| {
        area.with(&format!("types_{name}"), *types, by_types)
    });
    BOTH.iter().fold(area, |area, (name, states, types)| {
        area.with(&format!("both_{name}"), (*states, *types), by_both)
    })
}

/// Filters of states.
const STATES: [(&str, &[&str]); 18] = [
    ("stable", &["Stable"]),
    ("stable_in_small_letters", &["stable"]),
    ("stable_in_capitals", &["STABLE"]),
    ("stable_with_spaces", &[" Stable "]),
    ("empty", &["Empty"]),
    ("preparing", &["PreparingRebalance"]),
    ("preparing_in_small_letters", &["preparingrebalance"]),
    ("preparing_with_an_underscore", &["PREPARING_REBALANCE"]),
    ("completing", &["CompletingRebalance"]),
    ("assigning", &["Assigning"]),
    ("reconciling", &["reconciling"]),
    ("dead", &["Dead"]),
    ("not_ready", &["NotReady"]),
    ("unknown", &["Unknown"]),
    ("nonsense", &["nonsense"]),
    ("empty_name", &[""]),
    ("several", &["Stable", "Empty", "nonsense"]),
    ("one_twice", &["empty", "Empty"]),
];

/// Filters of types.
const TYPES: [(&str, &[&str]); 11] = [
    ("classic", &["classic"]),
    ("classic_in_capitals", &["CLASSIC"]),
    ("classic_with_spaces", &[" classic"]),
    ("consumer", &["consumer"]),
    ("consumer_with_a_capital", &["Consumer"]),
    ("both", &["consumer", "classic"]),
    ("share", &["share"]),
    ("streams", &["streams"]),
    ("unknown", &["unknown"]),
    ("nonsense", &["nonsense", "classic"]),
    ("empty_name", &[""]),
];

/// Filters of states and of types.
const BOTH: [(&str, &[&str], &[&str]); 5] = [
    ("stable_classic", &["stable"], &["classic"]),
    ("empty_consumer", &["empty"], &["consumer"]),
    ("assigning_classic", &["assigning"], &["classic"]),
    (
        "completing_any",
        &["completingrebalance"],
        &["consumer", "classic"],
    ),
    ("empty_unknown", &["empty"], &["unknown"]),
];

fn list(cx: &mut Context, version: i16) -> Result<()> {
    cx.call("ListGroups", version, json!({}))?;
    Ok(())
}

/// Groups of each kind, with members and without. Returns those without members.
fn stage(cx: &mut Context) -> Result<[String; 3]> {
    cx.labels.own_topics_only = true;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let simple = cx.group("simple")?;
    let topics = json!([{"name": t, "partitions": [committed(0, 5)]}]);
    let body = json!({"groupId": simple, "topics": topics});
    cx.ask("OffsetCommit", 9, body)?;
    let (emptied, live) = (cx.group("emptied")?, cx.group("live")?);
    let mut a = Classic::pending(cx, &emptied, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.quietly(|cx| a.leave(cx))?;
    let mut b = Classic::pending(cx, &live, "b")?;
    stable(cx, &mut [&mut b])?;
    let completing = cx.group("completing")?;
    let mut c = Classic::pending(cx, &completing, "c")?;
    cx.quietly(|cx| c.join(cx))?;
    let (consumers, deserted) = (cx.group("consumers")?, cx.group("deserted")?);
    let mut m = Consumer::new(&consumers, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    let mut n = Consumer::new(&deserted, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    cx.quietly(|cx| n.leave(cx, -1))?;
    Ok([simple, emptied, deserted])
}

fn both_kinds(cx: &mut Context, version: i16) -> Result<()> {
    stage(cx)?;
    list(cx, version)
}

fn by_states(cx: &mut Context, states: &[&str]) -> Result<()> {
    stage(cx)?;
    for version in [4, 5] {
        cx.call("ListGroups", version, json!({"statesFilter": states}))?;
    }
    Ok(())
}

fn by_types(cx: &mut Context, types: &[&str]) -> Result<()> {
    stage(cx)?;
    cx.call("ListGroups", 5, json!({"typesFilter": types}))?;
    Ok(())
}

fn by_both(cx: &mut Context, (states, types): (&[&str], &[&str])) -> Result<()> {
    stage(cx)?;
    let body = json!({"statesFilter": states, "typesFilter": types});
    cx.call("ListGroups", 5, body)?;
    Ok(())
}

fn null_filter(cx: &mut Context, version: i16, field: &str) -> Result<()> {
    cx.labels.own_topics_only = true;
    cx.group("g")?;
    let mut body = json!({});
    body[field] = Value::Null;
    cx.call("ListGroups", version, body)?;
    Ok(())
}

fn classic_states(cx: &mut Context, version: i16) -> Result<()> {
    cx.labels.own_topics_only = true;
    let group = cx.group("g")?;
    list(cx, version)?;
    let mut a = Classic::pending(cx, &group, "a")?;
    let mut b = Classic::pending(cx, &group, "b")?;
    cx.note("ids were given out");
    list(cx, version)?;
    cx.quietly(|cx| a.join(cx))?;
    list(cx, version)?;
    cx.quietly(|cx| b.send_join(cx))?;
    cx.await_state(A, &group, "PreparingRebalance")?;
    list(cx, version)?;
    cx.quietly(|cx| {
        a.join(cx)?;
        b.joined(cx)?;
        a.sync(cx, &[])
    })?;
    list(cx, version)?;
    cx.quietly(|cx| {
        a.leave(cx)?;
        b.leave(cx)
    })?;
    list(cx, version)
}

fn consumer_states(cx: &mut Context, version: i16) -> Result<()> {
    cx.labels.own_topics_only = true;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let group = cx.group("g")?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    m.join(cx, &[&t])?;
    list(cx, version)?;
    m.own(cx)?;
    list(cx, version)?;
    n.join(cx, &[&t])?;
    list(cx, version)?;
    settle(cx, &mut [&mut m, &mut n])?;
    list(cx, version)?;
    cx.note("both leave");
    cx.quietly(|cx| {
        m.leave(cx, -1)?;
        n.leave(cx, -1)
    })?;
    list(cx, version)
}

fn another_protocol_type(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let group = cx.group("g")?;
    let join = Join {
        version: 3,
        kind: "connect",
        ..Join::of("")
    };
    join.call(cx, &group)?;
    for version in [0, 5] {
        list(cx, version)?;
    }
    Ok(())
}

fn deleted_groups(cx: &mut Context) -> Result<()> {
    let empty = stage(cx)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": empty}))?;
    list(cx, 5)
}

fn changes_its_kind(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    list(cx, 5)?;
    let mut a = Classic::pending(cx, &group, "a")?;
    list(cx, 5)?;
    cx.quietly(|cx| a.join(cx))?;
    list(cx, 5)?;
    cx.quietly(|cx| a.leave(cx))?;
    list(cx, 5)?;
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    list(cx, 5)
}
