//! OffsetFetch (key 9), v1–v10: one group up to v7, several from v8 on, topics by id from v10 on.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, committed_with, offset_fetch};

pub(super) fn area() -> Area {
    Area::new("offset_fetch")
        .versions("committed", 1..=10, committed_offsets)
        .cases_at(1..=10, cases![unknown_group])
        .cases_at(2..=10, cases![all_topics, all_topics_of_no_group])
        .cases_at(1..=10, cases![no_topics, unknown_topic])
        .cases_at(7..=10, cases![stable])
        .cases_at(8..=10, cases![several_groups, a_group_twice, no_groups])
        .cases_at(9..=10, cases![member_of_no_group, member_of_a_simple_group])
        .cases_at([1, 8, 10], cases![order])
        .cases(cases![zero_topic_id, all_topics_before_v2])
        .cases(cases![empty_group_id])
        .alone()
}

/// A group that has committed to two partitions of three.
fn stage(cx: &mut Context) -> Result<(String, String, String)> {
    let a = cx.create_topic("a", 3)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    commit(
        cx,
        &group,
        &a,
        &[committed_with(0, 5, "m"), committed(2, 7)],
    )?;
    Ok((a, id, group))
}

fn commit(cx: &mut Context, group: &str, topic: &str, partitions: &[Value]) -> Result<()> {
    let topics = json!([{"name": topic, "partitions": partitions}]);
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok(())
}

fn committed_offsets(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    let body = offset_fetch(version, &group, Some(&[(&a, &id, &[0, 1, 2])]));
    cx.call("OffsetFetch", version, body)?;
    Ok(())
}

fn unknown_group(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let body = offset_fetch(version, &group, Some(&[(&a, &id, &[0, 4])]));
    cx.call("OffsetFetch", version, body)?;
    Ok(())
}

fn all_topics(cx: &mut Context, version: i16) -> Result<()> {
    let (_, _, group) = stage(cx)?;
    let b = cx.create_topic("b", 1)?;
    cx.topic_id(&b)?;
    commit(cx, &group, &b, &[committed(0, 1)])?;
    cx.call("OffsetFetch", version, offset_fetch(version, &group, None))?;
    Ok(())
}

fn all_topics_of_no_group(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    cx.call("OffsetFetch", version, offset_fetch(version, &group, None))?;
    Ok(())
}

fn no_topics(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    cx.call(
        "OffsetFetch",
        version,
        offset_fetch(version, &group, Some(&[])),
    )?;
    cx.call(
        "OffsetFetch",
        version,
        offset_fetch(version, &group, Some(&[(&a, &id, &[])])),
    )?;
    Ok(())
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    let none = cx.topic("none");
    let topics: [(&str, &str, &[i32]); 2] = [
        (&none, "c29tZXRoaW5nIHVua25vdw", &[0, 1]),
        (&a, &id, &[0, 9, -1]),
    ];
    cx.call(
        "OffsetFetch",
        version,
        offset_fetch(version, &group, Some(&topics)),
    )?;
    Ok(())
}

/// Nothing is pending, so asking for what is stable changes nothing.
fn stable(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    let mut body = offset_fetch(version, &group, Some(&[(&a, &id, &[0, 1])]));
    body["requireStable"] = true.into();
    cx.call("OffsetFetch", version, body)?;
    Ok(())
}

fn several_groups(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    let (other, none) = (cx.group("h")?, cx.group("none")?);
    commit(cx, &other, &a, &[committed(1, 11)])?;
    let topic = json!({"name": a, "topicId": id, "partitionIndexes": [0, 1]});
    let groups = json!([
        {"groupId": other, "topics": [topic]},
        {"groupId": group, "topics": [topic]},
        {"groupId": none, "topics": [topic]},
        {"groupId": group, "topics": null},
    ]);
    cx.call("OffsetFetch", version, json!({"groups": groups}))?;
    Ok(())
}

fn a_group_twice(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    let row = |partition: i32| json!({"groupId": group, "topics": [{"name": a, "topicId": id, "partitionIndexes": [partition]}]});
    cx.labels.exact_order = true;
    cx.call("OffsetFetch", version, json!({"groups": [row(0), row(2)]}))?;
    Ok(())
}

fn no_groups(cx: &mut Context, version: i16) -> Result<()> {
    cx.call("OffsetFetch", version, json!({"groups": []}))?;
    Ok(())
}

fn empty_group_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    cx.group_coordinator("")?;
    for version in [1, 5, 8, 9, 10] {
        let body = offset_fetch(version, "", Some(&[(&a, &id, &[0])]));
        cx.call("OffsetFetch", version, body)?;
    }
    Ok(())
}

/// The member ids and epochs that are claimed.
fn claims(cx: &mut Context, version: i16, group: &str, a: &str, id: &str) -> Result<()> {
    for (member, epoch) in [
        (json!("m"), 1),
        (json!("m"), 0),
        (json!("m"), -1),
        (json!(""), 3),
        (Value::Null, 3),
        (Value::Null, -1),
        (json!("m"), -2),
    ] {
        let mut body = offset_fetch(version, group, Some(&[(a, id, &[0])]));
        body["groups"][0]["memberId"] = member;
        body["groups"][0]["memberEpoch"] = epoch.into();
        cx.call("OffsetFetch", version, body)?;
    }
    Ok(())
}

fn member_of_no_group(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    claims(cx, version, &group, &a, &id)
}

fn member_of_a_simple_group(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    claims(cx, version, &group, &a, &id)
}

/// Topics and partitions are answered as they were asked for, repetitions included.
fn order(cx: &mut Context, version: i16) -> Result<()> {
    let (a, id, group) = stage(cx)?;
    let b = cx.create_topic("b", 1)?;
    let other = cx.topic_id(&b)?;
    let none = cx.topic("none");
    cx.labels.exact_order = true;
    let topics: [(&str, &str, &[i32]); 4] = [
        (&b, &other, &[0]),
        (&none, "c29tZXRoaW5nIHVua25vdw", &[0]),
        (&a, &id, &[2, 0, 2]),
        (&b, &other, &[0]),
    ];
    cx.call(
        "OffsetFetch",
        version,
        offset_fetch(version, &group, Some(&topics)),
    )?;
    Ok(())
}

fn zero_topic_id(cx: &mut Context) -> Result<()> {
    let (_, _, group) = stage(cx)?;
    let zero = "A".repeat(22);
    cx.call(
        "OffsetFetch",
        10,
        offset_fetch(10, &group, Some(&[("", &zero, &[0])])),
    )?;
    Ok(())
}

/// v1 has no null for all topics.
fn all_topics_before_v2(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut frame = cx.header(9, 1, false)?;
    frame.extend(u16::try_from(group.len())?.to_be_bytes());
    frame.extend(group.as_bytes());
    frame.extend((-1_i32).to_be_bytes());
    cx.send_frame(Context::A, "OffsetFetch v1 with topics null", &frame)?;
    cx.expect_answer(Context::A, "OffsetFetch", 1)?;
    cx.receive_on(Context::A)?;
    Ok(())
}
