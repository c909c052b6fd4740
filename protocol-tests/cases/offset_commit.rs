//! OffsetCommit (key 8), v2–v10, without members: groups that only keep offsets. Topics are named by id from v10 on.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, committed_with, offset_fetch};

pub(super) fn area() -> Area {
    Area::new("offset_commit")
        .cases_at(2..=10, cases![simple])
        .cases_at(5..=10, cases![leader_epoch])
        .cases_at(2..=10, cases![unknown_topic])
        .cases_at([2, 9, 10], cases![unknown_partition, nothing_to_commit])
        .cases_at([2, 6, 7, 8, 9, 10], cases![generation_of_no_group])
        .cases_at([2, 8, 9, 10], cases![generation_of_a_simple_group])
        .cases_at([2, 3, 4], cases![retention_time])
        .cases(cases![
            metadata_at_the_limit,
            metadata_beyond_the_limit,
            no_metadata,
            strange_offsets,
            offset_goes_back,
            repeated_partition,
            repeated_topic,
            zero_topic_id,
            unknown_topic_id,
            repeated_topic_id,
            names_and_ids_mixed,
            internal_topic,
            invalid_topic_name,
            deleted_topic,
            long_group_id,
        ])
        .cases(cases![empty_group_id])
        .alone()
}

fn commit(cx: &mut Context, version: i16, group: &str, topics: Value) -> Result<()> {
    cx.call(
        "OffsetCommit",
        version,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok(())
}

fn fetch_all(cx: &mut Context, group: &str) -> Result<()> {
    cx.call("OffsetFetch", 8, offset_fetch(8, group, None))?;
    Ok(())
}

fn simple(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let partitions = [committed_with(0, 5, "m"), committed(1, 7)];
    commit(
        cx,
        version,
        &group,
        json!([{"name": a, "topicId": id, "partitions": partitions}]),
    )?;
    fetch_all(cx, &group)
}

fn leader_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let rows = [(0, 3), (1, 0), (2, -1)].map(|(partition, epoch)| {
        json!({"partitionIndex": partition, "committedOffset": 1, "committedLeaderEpoch": epoch})
    });
    commit(
        cx,
        version,
        &group,
        json!([{"name": a, "topicId": id, "partitions": rows}]),
    )?;
    fetch_all(cx, &group)
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let none = cx.topic("none");
    let group = cx.group("g")?;
    let stranger = "c29tZXRoaW5nIHVua25vdw";
    let topics = json!([
        {"name": none, "topicId": stranger, "partitions": [committed(0, 1), committed(1, 1)]},
        {"name": a, "topicId": id, "partitions": [committed(0, 1)]},
    ]);
    commit(cx, version, &group, topics)?;
    fetch_all(cx, &group)
}

fn unknown_partition(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let partitions = [2, 0, -1, 1000].map(|partition| committed(partition, 4));
    commit(
        cx,
        version,
        &group,
        json!([{"name": a, "topicId": id, "partitions": partitions}]),
    )?;
    fetch_all(cx, &group)
}

/// No group of this case's own: nobody else may have it meanwhile.
fn empty_group_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    cx.group_coordinator("")?;
    for version in [2, 8, 9, 10] {
        let topics =
            json!([{"name": a, "topicId": id, "partitions": [committed(0, version.into())]}]);
        commit(cx, version, "", topics)?;
    }
    let fetch = offset_fetch(8, "", Some(&[(&a, &id, &[0])]));
    cx.call("OffsetFetch", 8, fetch)?;
    cx.ask("DeleteGroups", 2, json!({"groupsNames": [""]}))?;
    Ok(())
}

fn nothing_to_commit(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    commit(cx, version, &group, json!([]))?;
    commit(
        cx,
        version,
        &group,
        json!([{"name": a, "topicId": id, "partitions": []}]),
    )?;
    cx.note("neither has made the group");
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// What members and generations may be claimed.
fn claims(cx: &mut Context, version: i16, group: &str, topics: &Value) -> Result<()> {
    for (generation, member, instance) in [
        (0, "", None),
        (1, "m", None),
        (-1, "m", None),
        (-2, "", None),
        (-1, "", Some("i")),
        (1, "m", Some("i")),
    ] {
        if instance.is_some() && version < 7 {
            continue;
        }
        let body = json!({"groupId": group, "generationIdOrMemberEpoch": generation, "memberId": member,
            "groupInstanceId": instance, "topics": topics});
        cx.call("OffsetCommit", version, body)?;
    }
    Ok(())
}

fn generation_of_no_group(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "topicId": id, "partitions": [committed(0, 1)]}]);
    for (generation, member) in [(0, ""), (1, "m"), (5, "")] {
        let body = json!({"groupId": group, "generationIdOrMemberEpoch": generation, "memberId": member, "topics": topics});
        cx.call("OffsetCommit", version, body)?;
    }
    cx.note("without a generation a member id does not matter");
    let body = json!({"groupId": group, "generationIdOrMemberEpoch": -1, "memberId": "m", "topics": topics});
    cx.call("OffsetCommit", version, body)?;
    fetch_all(cx, &group)
}

fn generation_of_a_simple_group(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let topics = json!([{"name": a, "topicId": id, "partitions": [committed(0, 1)]}]);
    commit(cx, version, &group, topics.clone())?;
    claims(cx, version, &group, &topics)
}

/// Only v2–v4 have a retention time; it is kept in the record, see `offsets_topic`.
fn retention_time(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    for (time, offset) in [(-1, 1), (3_600_000, 2), (0, 3)] {
        let topics = json!([{"name": a, "partitions": [committed(0, offset)]}]);
        cx.call(
            "OffsetCommit",
            version,
            json!({"groupId": group, "retentionTimeMs": time, "topics": topics}),
        )?;
    }
    Ok(())
}

fn with_metadata(cx: &mut Context, metadata: &[(&str, Value)]) -> Result<()> {
    let partitions = i32::try_from(metadata.len())?;
    let a = cx.create_topic("a", partitions)?;
    let group = cx.group("g")?;
    let mut rows = Vec::new();
    for (partition, (label, text)) in metadata.iter().enumerate() {
        if let Some(text) = text.as_str().filter(|text| text.len() > 100) {
            cx.labels.text(text, label);
        }
        rows.push(
            json!({"partitionIndex": partition, "committedOffset": 3, "committedMetadata": text}),
        );
    }
    commit(cx, 9, &group, json!([{"name": a, "partitions": rows}]))?;
    fetch_all(cx, &group)
}

fn metadata_at_the_limit(cx: &mut Context) -> Result<()> {
    let rows = [
        ("<4096 x>", json!("x".repeat(4096))),
        ("<4096 é>", json!("é".repeat(4096))),
        ("<2048 smiles>", json!("😀".repeat(2048))),
        ("short", json!("é")),
    ];
    with_metadata(cx, &rows)
}

fn metadata_beyond_the_limit(cx: &mut Context) -> Result<()> {
    let rows = [
        ("<4097 y>", json!("y".repeat(4097))),
        ("<4097 ü>", json!("ü".repeat(4097))),
        ("<2049 frowns>", json!("😡".repeat(2049))),
        ("short", json!("kept")),
    ];
    with_metadata(cx, &rows)
}

fn no_metadata(cx: &mut Context) -> Result<()> {
    with_metadata(cx, &[("null", Value::Null), ("empty", json!(""))])
}

fn strange_offsets(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 4)?;
    let group = cx.group("g")?;
    let rows: Vec<_> = [-1, -7, i64::MAX, 0]
        .iter()
        .zip(0..)
        .map(|(offset, partition)| committed(partition, *offset))
        .collect();
    commit(cx, 9, &group, json!([{"name": a, "partitions": rows}]))?;
    fetch_all(cx, &group)
}

fn offset_goes_back(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    for offset in [9, 4] {
        commit(
            cx,
            9,
            &group,
            json!([{"name": a, "partitions": [committed_with(0, offset, &format!("{offset}"))]}]),
        )?;
    }
    fetch_all(cx, &group)
}

fn repeated_partition(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    cx.labels.exact_order = true;
    commit(
        cx,
        9,
        &group,
        json!([{"name": a, "partitions": [committed(0, 1), committed(0, 2)]}]),
    )?;
    fetch_all(cx, &group)
}

fn repeated_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let b = cx.create_topic("b", 1)?;
    let group = cx.group("g")?;
    let none = cx.topic("none");
    cx.labels.exact_order = true;
    let topics = json!([
        {"name": b, "partitions": [committed(0, 1)]},
        {"name": none, "partitions": [committed(0, 1)]},
        {"name": a, "partitions": [committed(1, 1), committed(7, 1), committed(0, 2)]},
        {"name": b, "partitions": [committed(0, 4)]},
    ]);
    commit(cx, 9, &group, topics)?;
    cx.labels.exact_order = false;
    fetch_all(cx, &group)
}

fn zero_topic_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let topics = json!([{"partitions": [committed(0, 1)]}, {"topicId": id, "partitions": [committed(0, 2)]}]);
    commit(cx, 10, &group, topics)?;
    fetch_all(cx, &group)
}

fn unknown_topic_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let topics = json!([{"topicId": "c29tZXRoaW5nIHVua25vdw", "partitions": [committed(0, 1)]}]);
    commit(cx, 10, &group, topics.clone())?;
    cx.note("an unknown topic comes before a wrong generation");
    let body = json!({"groupId": group, "generationIdOrMemberEpoch": 3, "memberId": "m", "topics": topics});
    cx.call("OffsetCommit", 10, body)?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

fn repeated_topic_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    cx.labels.exact_order = true;
    let topics = json!([
        {"topicId": id, "partitions": [committed(0, 1)]},
        {"topicId": id, "partitions": [committed(1, 2), committed(0, 3)]},
    ]);
    commit(cx, 10, &group, topics)?;
    fetch_all(cx, &group)
}

/// What was committed by name is fetched by id, and the other way round.
fn names_and_ids_mixed(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    commit(
        cx,
        9,
        &group,
        json!([{"name": a, "partitions": [committed(0, 1)]}]),
    )?;
    commit(
        cx,
        10,
        &group,
        json!([{"topicId": id, "partitions": [committed(1, 2)]}]),
    )?;
    for version in [9, 10] {
        cx.call("OffsetFetch", version, offset_fetch(version, &group, None))?;
        cx.call(
            "OffsetFetch",
            version,
            offset_fetch(version, &group, Some(&[(&a, &id, &[0, 1])])),
        )?;
    }
    Ok(())
}

fn internal_topic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    commit(
        cx,
        9,
        &group,
        json!([{"name": "__consumer_offsets", "partitions": [committed(0, 1)]}]),
    )?;
    fetch_all(cx, &group)
}

fn invalid_topic_name(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for name in ["", "a/b", "."] {
        commit(
            cx,
            9,
            &group,
            json!([{"name": name, "partitions": [committed(0, 1)]}]),
        )?;
    }
    Ok(())
}

/// Deleting a topic deletes what groups have committed to it.
fn deleted_topic(cx: &mut Context) -> Result<()> {
    let (a, b) = (cx.create_topic("a", 1)?, cx.create_topic("b", 1)?);
    let id = cx.topic_id(&a)?;
    let group = cx.group("g")?;
    let topics = json!([
        {"name": a, "partitions": [committed(0, 1)]},
        {"name": b, "partitions": [committed(0, 2)]},
    ]);
    commit(cx, 9, &group, topics)?;
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [a], "timeoutMs": 10000}),
    )?;
    cx.note("topic a is deleted");
    cx.until("the offset is deleted, too", |cx| {
        let answer = cx.call("OffsetFetch", 8, offset_fetch(8, &group, None))?;
        let topics = answer["groups"][0]["topics"].as_array();
        Ok(topics.is_some_and(|topics| topics.len() == 1))
    })?;
    fetch_all(cx, &group)?;
    cx.call(
        "OffsetFetch",
        10,
        offset_fetch(10, &group, Some(&[(&a, &id, &[0])])),
    )?;
    commit(
        cx,
        9,
        &group,
        json!([{"name": a, "partitions": [committed(0, 1)]}]),
    )?;
    commit(
        cx,
        10,
        &group,
        json!([{"topicId": id, "partitions": [committed(0, 1)]}]),
    )
}

fn long_group_id(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.topic("g") + &"x".repeat(20_000);
    cx.labels.text(&group, "<a long group id>");
    cx.group_coordinator(&group)?;
    commit(
        cx,
        9,
        &group,
        json!([{"name": a, "partitions": [committed(0, 1)]}]),
    )?;
    fetch_all(cx, &group)
}
