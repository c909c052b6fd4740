//! OffsetDelete (key 47) and what it leaves of a group.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::Area;
use crate::context::Context;
use crate::coordinators::{committed, offset_fetch};

pub(super) fn area() -> Area {
    Area::new("offset_delete")
        .case("unknown_group", unknown_group)
        .case("empty_group_id", empty_group_id)
        .case("simple_group", simple_group)
        .case("unknown_topic", unknown_topic)
        .case("unknown_partition", unknown_partition)
        .case("never_committed", never_committed)
        .case("no_topics", no_topics)
        .case("repeated", repeated)
        .case("last_offset", last_offset)
}

fn delete(cx: &mut Context, group: &str, topics: Value) -> Result<()> {
    cx.call(
        "OffsetDelete",
        0,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok(())
}

fn rows(partitions: &[i32]) -> Vec<Value> {
    partitions
        .iter()
        .map(|partition| json!({"partitionIndex": partition}))
        .collect()
}

/// A group that has committed to two partitions of three.
fn stage(cx: &mut Context) -> Result<(String, String)> {
    let a = cx.create_topic("a", 3)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "partitions": [committed(0, 5), committed(1, 6)]}]);
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok((a, group))
}

fn left(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("OffsetFetch", 8, offset_fetch(8, group, None))?;
    Ok(())
}

fn unknown_group(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    delete(cx, &group, json!([{"name": a, "partitions": rows(&[0])}]))?;
    delete(cx, &group, json!([]))
}

fn empty_group_id(cx: &mut Context) -> Result<()> {
    cx.group_coordinator("")?;
    delete(cx, "", json!([]))
}

fn simple_group(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(cx, &group, json!([{"name": a, "partitions": rows(&[0])}]))?;
    left(cx, &group)
}

fn unknown_topic(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    let none = cx.topic("none");
    delete(
        cx,
        &group,
        json!([{"name": none, "partitions": rows(&[0, 1])}, {"name": a, "partitions": rows(&[1])}]),
    )?;
    left(cx, &group)
}

fn unknown_partition(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[3, 0, -1])}]),
    )?;
    left(cx, &group)
}

fn never_committed(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    let b = cx.create_topic("b", 1)?;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[2])}, {"name": b, "partitions": rows(&[0])}]),
    )
}

fn no_topics(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(cx, &group, json!([]))?;
    delete(cx, &group, json!([{"name": a, "partitions": []}]))
}

fn repeated(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    cx.labels.exact_order = true;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[1, 0, 1])}]),
    )?;
    left(cx, &group)
}

fn last_offset(cx: &mut Context) -> Result<()> {
    let (a, group) = stage(cx)?;
    delete(
        cx,
        &group,
        json!([{"name": a, "partitions": rows(&[0, 1])}]),
    )?;
    cx.note("is the group still there?");
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    delete(cx, &group, json!([{"name": a, "partitions": rows(&[0])}]))
}
