//! DeleteGroups (key 42), v0–v3.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::Area;
use crate::context::Context;
use crate::coordinators::{committed, offset_fetch};

pub(super) fn area() -> Area {
    Area::new("delete_groups")
        .versions("unknown", 0..=3, unknown)
        .versions("simple", 0..=3, simple)
        .versions("no_groups", 0..=3, |cx, version| {
            delete(cx, version, json!([]))
        })
        .case("several", several)
        .case("twice", twice)
        .case("made_again", made_again)
        .case("empty_id", empty_id)
        .alone()
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
