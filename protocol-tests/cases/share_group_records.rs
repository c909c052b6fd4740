//! `__consumer_offsets` and `__share_group_state`: what is written about share groups, in its order.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Shared, Sharer, await_share_group, configured, member, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::{Groups, Shares};
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_group_records")
        .on(Profile::Shares)
        .cases(cases![
            join,
            join_without_topics,
            join_unknown_topic,
            refused_join,
            heartbeats,
            rack,
            second_member,
            last_member_leaves,
            session_ends,
            topic_left,
            partitions_added,
            topic_deleted,
            group_deleted,
            offsets_deleted,
            offsets_altered,
            state_of_deliveries,
            state_of_a_release,
            state_of_rejections,
            snapshots,
            state_of_batches,
        ])
}

fn shown(cx: &mut Context, group: &str) -> Result<()> {
    cx.coordinator_records(Groups, group)
}

fn states(cx: &mut Context, group: &str) -> Result<()> {
    cx.coordinator_records(Shares, group)
}

fn join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 2)?;
    member(cx, &group, "m", &t)?;
    shown(cx, &group)?;
    states(cx, &group)
}

fn join_without_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    Sharer::new(&group, "m").join(cx, &[])?;
    shown(cx, &group)
}

fn join_unknown_topic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let none = cx.topic("none");
    Sharer::new(&group, "m").join(cx, &[&none])?;
    shown(cx, &group)
}

fn refused_join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    Sharer::new(&group, "").join(cx, &["t"])?;
    let mut late = Sharer::new(&group, "m");
    late.epoch = 1;
    late.idle(cx)?;
    shown(cx, &group)
}

fn heartbeats(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    m.idle(cx)?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    cx.coordinator_records_from(Groups, &m.group, end)
}

fn rack(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 1, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    m.beat(cx, json!({"rackId": "r"}))?;
    cx.coordinator_records_from(Groups, &m.group, end)
}

fn second_member(cx: &mut Context) -> Result<()> {
    // Who gets which depends on the topic's id.
    cx.labels.hidden.push("partitions");
    let (mut m, t) = sharing(cx, 2, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    let mut n = Sharer::new(&m.group, "n");
    n.join(cx, &[&t.name])?;
    m.idle(cx)?;
    n.leave(cx)?;
    m.idle(cx)?;
    cx.coordinator_records_from(Groups, &m.group, end)
}

fn last_member_leaves(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 1, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    m.leave(cx)?;
    cx.coordinator_records_from(Groups, &m.group, end)
}

fn session_ends(cx: &mut Context) -> Result<()> {
    let group = configured(
        cx,
        "g",
        &[
            ("share.session.timeout.ms", "400"),
            ("share.heartbeat.interval.ms", "50"),
        ],
    )?;
    Sharer::new(&group, "m").join(cx, &["none"])?;
    await_share_group(cx, &group, "Empty")?;
    shown(cx, &group)
}

fn topic_left(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    m.beat(cx, json!({"subscribedTopicNames": []}))?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    cx.coordinator_records_from(Groups, &m.group, end)?;
    states(cx, &m.group)
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    cx.grow_topic_of_consumers(&t.name, 2)?;
    cx.quietly(|cx| m.await_partitions(cx, 2))?;
    cx.coordinator_records_from(Groups, &m.group, end)?;
    states(cx, &m.group)
}

fn topic_deleted(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [t.name], "timeoutMs": 10_000}),
    )?;
    cx.quietly(|cx| m.await_partitions(cx, 0))?;
    cx.coordinator_records_from(Groups, &m.group, end)?;
    states(cx, &m.group)
}

fn group_deleted(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 2, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    m.leave(cx)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [m.group]}))?;
    cx.coordinator_records_from(Groups, &m.group, end)?;
    states(cx, &m.group)
}

fn offsets_deleted(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    m.leave(cx)?;
    cx.call(
        "DeleteShareGroupOffsets",
        0,
        json!({"groupId": m.group, "topics": [{"topicName": t.name}]}),
    )?;
    cx.coordinator_records_from(Groups, &m.group, end)?;
    states(cx, &m.group)
}

fn offsets_altered(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    let end = cx.coordinator_records_end(Groups, &m.group)?;
    m.leave(cx)?;
    let rows = json!([{"partitionIndex": 0, "startOffset": 5}]);
    let topics = json!([{"topicName": t.name, "partitions": rows}]);
    cx.call(
        "AlterShareGroupOffsets",
        0,
        json!({"groupId": m.group, "topics": topics}),
    )?;
    cx.coordinator_records_from(Groups, &m.group, end)?;
    states(cx, &m.group)
}

fn delivered(cx: &mut Context, records: &[&str]) -> Result<(Sharer, Shared)> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, records)?;
    cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({})))?;
    Ok((m, t))
}

fn acknowledge(cx: &mut Context, m: &mut Sharer, topics: Value) -> Result<()> {
    m.acknowledge(cx, topics, json!({}))?;
    Ok(())
}

fn state_of_deliveries(cx: &mut Context) -> Result<()> {
    let (mut m, t) = delivered(cx, &["a", "b", "c"])?;
    acknowledge(cx, &mut m, t.said(&[(0, 0, &[1])]))?;
    acknowledge(cx, &mut m, t.said(&[(2, 2, &[1])]))?;
    states(cx, &m.group)?;
    acknowledge(cx, &mut m, t.said(&[(1, 1, &[1])]))?;
    states(cx, &m.group)
}

fn state_of_a_release(cx: &mut Context) -> Result<()> {
    let (mut m, t) = delivered(cx, &["a", "b"])?;
    acknowledge(cx, &mut m, t.said(&[(0, 1, &[2])]))?;
    states(cx, &m.group)?;
    cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({})))?;
    acknowledge(cx, &mut m, t.said(&[(0, 1, &[2, 1])]))?;
    states(cx, &m.group)
}

fn state_of_rejections(cx: &mut Context) -> Result<()> {
    let (mut m, t) = delivered(cx, &["a", "b", "c"])?;
    acknowledge(cx, &mut m, t.said(&[(1, 1, &[3])]))?;
    states(cx, &m.group)
}

fn snapshots(cx: &mut Context) -> Result<()> {
    let (mut m, t) = delivered(cx, &["a", "b", "c", "d", "e", "f", "g", "h", "i"])?;
    for offset in [8, 6, 4, 2, 0, 1, 3] {
        acknowledge(cx, &mut m, t.said(&[(offset, offset, &[1])]))?;
    }
    states(cx, &m.group)
}

fn state_of_batches(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a", "b"])?;
    produce(cx, &t.name, 0, &["c", "d"])?;
    produce(cx, &t.name, 0, &["e", "f"])?;
    cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({})))?;
    acknowledge(cx, &mut m, t.said(&[(1, 4, &[1, 2, 3, 1])]))?;
    states(cx, &m.group)
}
