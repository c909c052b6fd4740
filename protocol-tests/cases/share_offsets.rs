//! DescribeShareGroupOffsets, AlterShareGroupOffsets and DeleteShareGroupOffsets (keys 90 to 92), and DeleteGroups.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Consumer, Shared, Sharer, configured, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_offsets")
        .on(Profile::Shares)
        .cases_at(0..=1, cases![describe, describe_all])
        .cases(cases![
            describe_after_deliveries,
            describe_before_the_first_fetch,
            describe_twice,
            describe_unknown_topic,
            describe_unknown_partition,
            describe_unsubscribed_topic,
            describe_unknown_group,
            describe_empty_group_id,
            describe_other_kinds,
            describe_several_groups,
            describe_nothing,
            describe_lag,
            describe_deleted_topic,
            alter,
            alter_is_delivered,
            alter_while_in_use,
            alter_unknown_topic,
            alter_unknown_partition,
            alter_unsubscribed_topic,
            alter_unknown_group,
            alter_empty_group_id,
            alter_other_kinds,
            alter_nothing,
            alter_offsets,
            alter_twice_in_a_request,
            alter_topic_twice,
            alter_unknown_topics,
            alter_under_a_session,
            delete,
            delete_and_join,
            delete_while_in_use,
            delete_unknown_topic,
            delete_unsubscribed_topic,
            delete_unknown_group,
            delete_empty_group_id,
            delete_other_kinds,
            delete_nothing,
            delete_group,
            delete_group_in_use,
            delete_group_without_topics,
            delete_group_and_join,
        ])
}

fn described(cx: &mut Context, group: &str, topics: Value) -> Result<Value> {
    described_at(cx, 1, group, topics)
}

fn described_at(cx: &mut Context, version: i16, group: &str, topics: Value) -> Result<Value> {
    let groups = json!([{"groupId": group, "topics": topics}]);
    cx.call(
        "DescribeShareGroupOffsets",
        version,
        json!({"groups": groups}),
    )
}

fn altered(cx: &mut Context, group: &str, topic: &str, rows: &[(i32, i64)]) -> Result<Value> {
    let rows = rows
        .iter()
        .map(|(partition, offset)| json!({"partitionIndex": partition, "startOffset": offset}));
    let topics = json!([{"topicName": topic, "partitions": rows.collect::<Vec<_>>()}]);
    cx.call(
        "AlterShareGroupOffsets",
        0,
        json!({"groupId": group, "topics": topics}),
    )
}

fn deleted(cx: &mut Context, group: &str, topics: &[&str]) -> Result<Value> {
    let topics: Vec<_> = topics
        .iter()
        .map(|topic| json!({"topicName": topic}))
        .collect();
    cx.call(
        "DeleteShareGroupOffsets",
        0,
        json!({"groupId": group, "topics": topics}),
    )
}

/// Three records in partition 0, of which the first is done and the second rejected.
fn delivered(cx: &mut Context) -> Result<(Sharer, Shared)> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    produce(cx, &t.name, 0, &["a", "b", "c"])?;
    cx.quietly(|cx| {
        m.fetch(cx, t.of(&[0]), json!({}))?;
        m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))
    })?;
    Ok((m, t))
}

fn describe(cx: &mut Context, version: i16) -> Result<()> {
    let (m, t) = delivered(cx)?;
    let topics = json!([{"topicName": t.name, "partitions": [0, 1]}]);
    described_at(cx, version, &m.group, topics)?;
    Ok(())
}

fn describe_all(cx: &mut Context, version: i16) -> Result<()> {
    let (m, _) = delivered(cx)?;
    described_at(cx, version, &m.group, Value::Null)?;
    Ok(())
}

fn describe_after_deliveries(cx: &mut Context) -> Result<()> {
    let (mut m, t) = delivered(cx)?;
    m.acknowledge(cx, t.said(&[(2, 2, &[1])]), json!({}))?;
    described(cx, &m.group, Value::Null)?;
    m.acknowledge(cx, t.said(&[(1, 1, &[3])]), json!({}))?;
    described(cx, &m.group, Value::Null)?;
    Ok(())
}

fn describe_before_the_first_fetch(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 2, &[])?;
    produce(cx, &t.name, 0, &["a"])?;
    described(cx, &m.group, Value::Null)?;
    Ok(())
}

fn describe_twice(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 18, &[])?;
    let rows = json!([{"topicName": t.name, "partitions": [17, 1, 0, 16, 1]}]);
    described(cx, &m.group, rows)?;
    let rows = json!([{"topicName": t.name, "partitions": [1, 2]}, {"topicName": t.name, "partitions": [0]}]);
    let groups = json!([{"groupId": m.group, "topics": rows}]);
    let conn = Context::A;
    let body = json!({"groups": groups});
    cx.send_on(conn, "DescribeShareGroupOffsets", 1, body)?;
    cx.receive_within(conn, std::time::Duration::from_secs(60))?;
    Ok(())
}

fn describe_unknown_topic(cx: &mut Context) -> Result<()> {
    let (m, t) = delivered(cx)?;
    let none = cx.topic("none");
    let topics =
        json!([{"topicName": none, "partitions": [0]}, {"topicName": t.name, "partitions": [1]}]);
    described(cx, &m.group, topics)?;
    Ok(())
}

fn describe_unknown_partition(cx: &mut Context) -> Result<()> {
    let (m, t) = delivered(cx)?;
    described(
        cx,
        &m.group,
        json!([{"topicName": t.name, "partitions": []}]),
    )?;
    // Kafka asks the coordinator again for a while.
    let groups =
        json!([{"groupId": m.group, "topics": [{"topicName": t.name, "partitions": [7]}]}]);
    let conn = Context::A;
    cx.send_on(
        conn,
        "DescribeShareGroupOffsets",
        1,
        json!({"groups": groups}),
    )?;
    cx.receive_within(conn, std::time::Duration::from_secs(60))?;
    Ok(())
}

fn describe_unsubscribed_topic(cx: &mut Context) -> Result<()> {
    let (m, _) = delivered(cx)?;
    let u = Shared::new(cx, "u", 1)?;
    described(
        cx,
        &m.group,
        json!([{"topicName": u.name, "partitions": [0]}]),
    )?;
    Ok(())
}

fn describe_unknown_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    described(cx, &group, Value::Null)?;
    described(
        cx,
        &group,
        json!([{"topicName": t.name, "partitions": [0]}]),
    )?;
    described(cx, &group, json!([]))?;
    Ok(())
}

fn describe_empty_group_id(cx: &mut Context) -> Result<()> {
    delivered(cx)?;
    described(cx, "", Value::Null)?;
    described(cx, "", json!([]))?;
    Ok(())
}

fn describe_other_kinds(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    Consumer::new(&group, "c").join(cx, &[&t.name])?;
    described(cx, &group, Value::Null)?;
    described(
        cx,
        &group,
        json!([{"topicName": t.name, "partitions": [0]}]),
    )?;
    Ok(())
}

fn describe_several_groups(cx: &mut Context) -> Result<()> {
    let (m, t) = delivered(cx)?;
    let other = cx.group("h")?;
    let topics = json!([{"topicName": t.name, "partitions": [0]}]);
    let groups =
        json!([{"groupId": m.group, "topics": topics}, {"groupId": other, "topics": topics}]);
    cx.call("DescribeShareGroupOffsets", 1, json!({"groups": groups}))?;
    Ok(())
}

fn describe_nothing(cx: &mut Context) -> Result<()> {
    let (m, _) = delivered(cx)?;
    described(cx, &m.group, json!([]))?;
    cx.call("DescribeShareGroupOffsets", 1, json!({"groups": []}))?;
    Ok(())
}

fn describe_lag(cx: &mut Context) -> Result<()> {
    let (m, t) = delivered(cx)?;
    for value in ["d", "e"] {
        produce(cx, &t.name, 0, &[value])?;
        described(cx, &m.group, Value::Null)?;
    }
    Ok(())
}

fn describe_deleted_topic(cx: &mut Context) -> Result<()> {
    let (mut m, t) = delivered(cx)?;
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [t.name], "timeoutMs": 10_000}),
    )?;
    cx.quietly(|cx| m.await_partitions(cx, 0))?;
    described(cx, &m.group, Value::Null)?;
    described(
        cx,
        &m.group,
        json!([{"topicName": t.name, "partitions": [0]}]),
    )?;
    Ok(())
}

fn gone(cx: &mut Context) -> Result<(Sharer, Shared)> {
    let (mut m, t) = delivered(cx)?;
    cx.quietly(|cx| m.leave(cx))?;
    Ok((m, t))
}

fn alter(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    altered(cx, &m.group, &t.name, &[(0, 2), (1, 0)])?;
    described(cx, &m.group, Value::Null)?;
    Ok(())
}

fn alter_is_delivered(cx: &mut Context) -> Result<()> {
    let (mut m, t) = gone(cx)?;
    altered(cx, &m.group, &t.name, &[(0, 2)])?;
    m.session = 0;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

fn alter_while_in_use(cx: &mut Context) -> Result<()> {
    let (m, t) = delivered(cx)?;
    altered(cx, &m.group, &t.name, &[(0, 2)])?;
    Ok(())
}

fn alter_unknown_topic(cx: &mut Context) -> Result<()> {
    let (m, _) = gone(cx)?;
    let none = cx.topic("none");
    altered(cx, &m.group, &none, &[(0, 2)])?;
    Ok(())
}

fn alter_unknown_partition(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    altered(cx, &m.group, &t.name, &[(0, 2), (7, 2), (-1, 0)])?;
    described(cx, &m.group, Value::Null)?;
    Ok(())
}

fn alter_unsubscribed_topic(cx: &mut Context) -> Result<()> {
    let (m, _) = gone(cx)?;
    let u = Shared::new(cx, "u", 2)?;
    altered(cx, &m.group, &u.name, &[(1, 2)])?;
    described(cx, &m.group, Value::Null)?;
    Ok(())
}

fn alter_unknown_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    altered(cx, &group, &t.name, &[(0, 2)])?;
    described(cx, &group, Value::Null)?;
    cx.call("ShareGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

fn alter_empty_group_id(cx: &mut Context) -> Result<()> {
    altered(cx, "", "t", &[(0, 2)])?;
    Ok(())
}

fn alter_other_kinds(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    let mut c = Consumer::new(&group, "c");
    c.join(cx, &[&t.name])?;
    altered(cx, &group, &t.name, &[(0, 2)])?;
    c.leave(cx, -1)?;
    altered(cx, &group, &t.name, &[(0, 2)])?;
    Ok(())
}

fn alter_nothing(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    altered(cx, &m.group, &t.name, &[])?;
    cx.call(
        "AlterShareGroupOffsets",
        0,
        json!({"groupId": m.group, "topics": []}),
    )?;
    Ok(())
}

fn alter_offsets(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    for offset in [-1, -2, 1_000_000, 0] {
        altered(cx, &m.group, &t.name, &[(0, offset)])?;
        described(cx, &m.group, Value::Null)?;
    }
    Ok(())
}

fn alter_twice_in_a_request(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    altered(cx, &m.group, &t.name, &[(0, 1), (0, 2)])?;
    described(cx, &m.group, Value::Null)?;
    Ok(())
}

fn alter_topic_twice(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    let row = |partitions: &[(i32, i64)]| {
        let partitions = partitions
            .iter()
            .map(|(index, start)| json!({"partitionIndex": index, "startOffset": start}));
        json!({"topicName": t.name, "partitions": partitions.collect::<Vec<_>>()})
    };
    for topics in [
        json!([row(&[(1, 2)]), row(&[(0, 1)])]),
        json!([row(&[(0, 2)]), row(&[]), row(&[(7, 0), (0, 1)])]),
        json!([row(&[(9, 0)]), row(&[(1, 1)])]),
    ] {
        let body = json!({"groupId": m.group, "topics": topics});
        cx.call("AlterShareGroupOffsets", 0, body)?;
    }
    described(cx, &m.group, Value::Null)?;
    Ok(())
}

fn alter_unknown_topics(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    let unknown = format!("{}-unknown", t.name);
    let other = format!("{}-other", t.name);
    let row = json!([{"partitionIndex": 0, "startOffset": 1}]);
    let topics = json!([
        {"topicName": t.name, "partitions": row},
        {"topicName": unknown, "partitions": row},
        {"topicName": other, "partitions": []},
    ]);
    let body = json!({"groupId": m.group, "topics": topics});
    cx.call("AlterShareGroupOffsets", 0, body)?;
    Ok(())
}

/// The share partition that a session uses is fenced.
fn alter_under_a_session(cx: &mut Context) -> Result<()> {
    let (mut m, t) = gone(cx)?;
    altered(cx, &m.group, &t.name, &[(0, 1)])?;
    m.acknowledge(cx, t.said(&[(1, 1, &[1])]), json!({}))?;
    m.acknowledge(cx, t.said(&[(1, 1, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn delete(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    deleted(cx, &m.group, &[&t.name])?;
    described(cx, &m.group, Value::Null)?;
    described(
        cx,
        &m.group,
        json!([{"topicName": t.name, "partitions": [0]}]),
    )?;
    deleted(cx, &m.group, &[&t.name])?;
    Ok(())
}

fn delete_and_join(cx: &mut Context) -> Result<()> {
    let (mut m, t) = gone(cx)?;
    deleted(cx, &m.group, &[&t.name])?;
    cx.quietly(|cx| {
        m.join(cx, &[&t.name])?;
        m.await_partitions(cx, 2)
    })?;
    described(cx, &m.group, Value::Null)?;
    m.session = 0;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

fn delete_while_in_use(cx: &mut Context) -> Result<()> {
    let (m, t) = delivered(cx)?;
    deleted(cx, &m.group, &[&t.name])?;
    Ok(())
}

fn delete_unknown_topic(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    let none = cx.topic("none");
    deleted(cx, &m.group, &[&none])?;
    deleted(cx, &m.group, &[&none, &t.name])?;
    Ok(())
}

fn delete_unsubscribed_topic(cx: &mut Context) -> Result<()> {
    let (m, _) = gone(cx)?;
    let u = Shared::new(cx, "u", 1)?;
    deleted(cx, &m.group, &[&u.name])?;
    Ok(())
}

fn delete_unknown_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    deleted(cx, &group, &[&t.name])?;
    Ok(())
}

fn delete_empty_group_id(cx: &mut Context) -> Result<()> {
    deleted(cx, "", &["t"])?;
    Ok(())
}

fn delete_other_kinds(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    Consumer::new(&group, "c").join(cx, &[&t.name])?;
    deleted(cx, &group, &[&t.name])?;
    Ok(())
}

fn delete_nothing(cx: &mut Context) -> Result<()> {
    let (m, _) = gone(cx)?;
    deleted(cx, &m.group, &[])?;
    Ok(())
}

fn delete_group(cx: &mut Context) -> Result<()> {
    let (m, t) = gone(cx)?;
    for _ in 0..2 {
        cx.call("DeleteGroups", 2, json!({"groupsNames": [m.group]}))?;
    }
    described(
        cx,
        &m.group,
        json!([{"topicName": t.name, "partitions": [0]}]),
    )?;
    Ok(())
}

fn delete_group_in_use(cx: &mut Context) -> Result<()> {
    let (m, _) = delivered(cx)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [m.group]}))?;
    Ok(())
}

fn delete_group_without_topics(cx: &mut Context) -> Result<()> {
    let group = configured(cx, "g", &[])?;
    let mut m = Sharer::new(&group, "m");
    m.join(cx, &["none"])?;
    m.leave(cx)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    cx.call("ShareGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

fn delete_group_and_join(cx: &mut Context) -> Result<()> {
    let (mut m, t) = gone(cx)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [m.group]}))?;
    cx.quietly(|cx| {
        m.join(cx, &[&t.name])?;
        m.await_partitions(cx, 2)
    })?;
    m.session = 0;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}
