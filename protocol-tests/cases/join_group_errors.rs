//! JoinGroup (key 11), v0–v9: what is refused at first sight.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::Join;
use crate::case::{Area, cases};
use crate::context::Context;

const NEW: Join<'static> = Join::of("");
const X: Join<'static> = Join::of("x");

pub(super) fn area() -> Area {
    let area = Area::new("join_group_errors")
        .versions("empty_group", 0..=9, |cx, version| {
            once(cx, "", &Join { version, ..NEW })
        })
        .versions("empty_group_known_member", 8..=9, |cx, version| {
            once(cx, "", &Join { version, ..X })
        })
        .versions("session_too_short", 0..=9, |cx, version| {
            one(
                cx,
                Join {
                    version,
                    session: 5999,
                    ..NEW
                },
            )
        })
        .versions("unknown_member", 0..=9, |cx, version| {
            one(cx, Join { version, ..X })
        })
        .versions("no_protocols", 0..=9, |cx, version| {
            one(
                cx,
                Join {
                    version,
                    protocols: &[],
                    ..NEW
                },
            )
        })
        .versions("empty_type", 0..=9, |cx, version| {
            one(
                cx,
                Join {
                    version,
                    kind: "",
                    ..NEW
                },
            )
        })
        .versions("null_group", 4..=6, |cx, version| {
            null_field(cx, version, "groupId")
        })
        .versions("null_member", 4..=6, |cx, version| {
            null_field(cx, version, "memberId")
        })
        .versions("null_type", 4..=6, |cx, version| {
            null_field(cx, version, "protocolType")
        })
        .versions("null_protocols", 4..=6, |cx, version| {
            null_field(cx, version, "protocols")
        });
    rows(area)
        .each(
            "session",
            [-1, 0, 6000, 1_800_000, 1_800_001],
            |cx, session| one(cx, Join { session, ..NEW }),
        )
        .each("rebalance_timeout", [0, -1, -2], |cx, rebalance| {
            one(cx, Join { rebalance, ..NEW })
        })
        .cases(cases![null_metadata, unknown_tag])
        .cases_at(3..=4, cases![refused_join_makes_the_group])
}

fn rows(area: Area) -> Area {
    let rows = [
        (
            "unknown_static_member",
            Join {
                instance: Some("i"),
                ..X
            },
        ),
        (
            "no_protocols_unknown_member",
            Join {
                protocols: &[],
                ..X
            },
        ),
        (
            "empty_protocol_name",
            Join {
                protocols: &[("", "")],
                ..NEW
            },
        ),
        (
            "short_session_of_a_static_member",
            Join {
                instance: Some("i"),
                session: 1,
                ..NEW
            },
        ),
        (
            "short_session_without_protocols",
            Join {
                protocols: &[],
                session: 1,
                ..NEW
            },
        ),
    ];
    rows.into_iter()
        .fold(area, |area, (name, join)| area.with(name, join, one))
}

fn once(cx: &mut Context, group: &str, join: &Join<'_>) -> Result<()> {
    cx.group("any")?;
    join.call(cx, group)?;
    Ok(())
}

/// One request to a group that does not exist.
fn one(cx: &mut Context, join: Join<'_>) -> Result<()> {
    let group = cx.group("g")?;
    join.call(cx, &group)?;
    Ok(())
}

/// Who is refused, or gets no more than an id, leaves an empty group behind.
fn refused_join_makes_the_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let join = Join {
        version,
        protocols: &[],
        ..Join::of("")
    };
    join.call(cx, &group)?;
    cx.await_state(Context::A, &group, "Empty")?;
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn null_field(cx: &mut Context, version: i16, field: &str) -> Result<()> {
    let group = cx.group("g")?;
    let mut body = Join {
        version,
        ..Join::of("")
    }
    .body(&group);
    body[field] = Value::Null;
    cx.call("JoinGroup", version, body)?;
    Ok(())
}

fn null_metadata(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for version in [4, 6] {
        let mut body = Join {
            version,
            ..Join::of("")
        }
        .body(&group);
        body["protocols"][0]["metadata"] = Value::Null;
        cx.call("JoinGroup", version, body)?;
    }
    Ok(())
}

fn unknown_tag(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut body = Join::of("x").body(&group);
    body["_tags"] = json!({"7": "0x01"});
    cx.call("JoinGroup", 9, body)?;
    Ok(())
}
