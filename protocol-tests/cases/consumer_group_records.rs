//! `__consumer_offsets`: what the coordinator of consumer groups (KIP-848) writes down, in its order.

use anyhow::Result;
use serde_json::json;

use super::members::{Classic, Consumer, await_count, await_group, configure, settle, slow};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::Groups;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_records")
        .on(Profile::Groups)
        .cases(cases![
            join,
            join_without_topics,
            refused_join,
            heartbeats,
            details,
            second_member,
            second_member_leaves,
            last_member_leaves,
            session_ends,
            between_assignments,
            topic_left,
            topic_left_between_assignments,
            partitions_added,
            topic_deleted,
            static_member_away,
            static_member_returns,
            static_member_returns_with_other_topics,
            assignor_changed,
            regex,
            regex_of_two,
            regex_changed,
            regex_taken_back,
            regex_of_who_leaves,
            group_deleted,
            group_with_regex_deleted,
            upgrade,
            upgrade_of_an_empty_group,
            upgrade_of_offsets,
            classic_member_joins,
            classic_member_leaves,
            downgrade,
            downgrade_with_regex,
            downgrade_by_a_static_member,
            classic_after_an_empty_group,
        ])
}

fn shown(cx: &mut Context, group: &str) -> Result<()> {
    cx.coordinator_records(Groups, group)
}

/// A settled group of one member, and a topic of two partitions.
fn alone(cx: &mut Context, group: &str) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    Ok((m, t))
}

/// The same with a second member, both settled.
fn pair(cx: &mut Context, group: &str) -> Result<(Consumer, Consumer, String)> {
    let (mut m, t) = alone(cx, group)?;
    let mut n = Consumer::new(group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    Ok((m, n, t))
}

fn join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    alone(cx, &group)?;
    shown(cx, &group)
}

fn join_without_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[])?;
    shown(cx, &group)
}

fn refused_join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    m.join_pattern(cx, "(")?;
    m.epoch = 3;
    m.idle(cx)?;
    shown(cx, &group)
}

fn heartbeats(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.beat(cx, json!({"subscribedTopicNames": [t]}))?;
    m.join(cx, &[&t])?;
    shown(cx, &group)
}

/// What describes a member is written down without an epoch of its own.
fn details(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    m.beat(cx, json!({"rackId": "r"}))?;
    m.beat(cx, json!({"rebalanceTimeoutMs": 5}))?;
    cx.client_id = Some("other".to_owned());
    m.idle(cx)?;
    shown(cx, &group)
}

fn second_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| {
        n.join(cx, &[&t])?;
        m.idle(cx)?;
        m.own(cx)?;
        n.idle(cx)
    })?;
    shown(cx, &group)
}

fn second_member_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, _) = pair(cx, &group)?;
    cx.quietly(|cx| n.leave(cx, -1))?;
    cx.quietly(|cx| m.idle(cx))?;
    shown(cx, &group)
}

fn last_member_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.quietly(|cx| Consumer::new(&group, "n").join(cx, &[&t]))?;
    shown(cx, &group)
}

fn session_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    let settings = [
        ("consumer.session.timeout.ms", "300"),
        ("consumer.heartbeat.interval.ms", "100"),
    ];
    configure(cx, &group, &settings)?;
    super::members::await_heartbeat(cx, &mut m, 100)?;
    await_count(cx, &group, 0)?;
    shown(cx, &group)
}

fn between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    slow(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    cx.quietly(|cx| n.leave(cx, -1))?;
    shown(cx, &group)
}

fn topic_left(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    cx.quietly(|cx| m.beat(cx, json!({"subscribedTopicNames": []})))?;
    cx.quietly(|cx| m.own(cx))?;
    shown(cx, &group)
}

fn topic_left_between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = slow(cx, &group, &[&t])?;
    cx.quietly(|cx| m.beat(cx, json!({"subscribedTopicNames": []})))?;
    cx.quietly(|cx| m.own(cx))?;
    shown(cx, &group)
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    cx.grow_topic_of_consumers(&t, 3)?;
    cx.quietly(|cx| m.idle(cx))?;
    shown(cx, &group)
}

fn topic_deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    cx.delete_topic_of_consumers(&t, &group)?;
    cx.quietly(|cx| m.idle(cx))?;
    cx.quietly(|cx| m.own(cx))?;
    shown(cx, &group)
}

/// A settled static member.
fn fixed(cx: &mut Context, group: &str) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    Ok((m, t))
}

fn static_member_away(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = fixed(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    shown(cx, &group)
}

fn static_member_returns(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = fixed(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    cx.quietly(|cx| Consumer::fixed(&group, "n", "i").join(cx, &[&t]))?;
    shown(cx, &group)
}

fn static_member_returns_with_other_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = fixed(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    cx.quietly(|cx| Consumer::fixed(&group, "n", "i").join(cx, &["nothing"]))?;
    shown(cx, &group)
}

fn assignor_changed(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = alone(cx, &group)?;
    cx.quietly(|cx| m.beat(cx, json!({"serverAssignor": "range"})))?;
    cx.quietly(|cx| m.beat(cx, json!({"serverAssignor": "uniform"})))?;
    shown(cx, &group)
}

/// A member with a regular expression for `t`, settled.
fn matching(cx: &mut Context, group: &str) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(group, "m");
    cx.quietly(|cx| m.join_pattern(cx, &t))?;
    await_group(cx, group, "groupEpoch", &json!(2))?;
    settle(cx, &mut [&mut m])?;
    Ok((m, t))
}

fn regex(cx: &mut Context) -> Result<()> {
    // Of the version of the metadata that was looked through only the oracle's own past decides.
    cx.labels.hidden.push("version");
    let group = cx.group("g")?;
    matching(cx, &group)?;
    shown(cx, &group)
}

fn regex_of_two(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("version");
    let group = cx.group("g")?;
    let (_, t) = matching(cx, &group)?;
    cx.quietly(|cx| Consumer::new(&group, "n").join_pattern(cx, &t))?;
    shown(cx, &group)
}

fn regex_changed(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("version");
    let group = cx.group("g")?;
    let (mut m, t) = matching(cx, &group)?;
    cx.quietly(|cx| m.beat(cx, json!({"subscribedTopicRegex": format!("{t}.?")})))?;
    shown(cx, &group)
}

fn regex_taken_back(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("version");
    let group = cx.group("g")?;
    let (mut m, _) = matching(cx, &group)?;
    cx.quietly(|cx| m.beat(cx, json!({"subscribedTopicRegex": ""})))?;
    shown(cx, &group)
}

fn regex_of_who_leaves(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("version");
    let group = cx.group("g")?;
    let (mut m, t) = matching(cx, &group)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join_pattern(cx, &t))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.quietly(|cx| n.leave(cx, -1))?;
    shown(cx, &group)
}

fn group_deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]}]);
    let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": m.epoch, "topics": topics});
    cx.ask("OffsetCommit", 9, body)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    shown(cx, &group)
}

fn group_with_regex_deleted(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("version");
    let group = cx.group("g")?;
    let (mut m, _) = matching(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    shown(cx, &group)
}

/// A stable classic group of one member that has both partitions of the topic.
fn classic(cx: &mut Context, group: &str, topic: &str) -> Result<Classic> {
    let mut c = Classic::pending(cx, group, "c")?;
    c.subscribe(topic)?;
    let body =
        json!({"assignedPartitions": [{"topic": topic, "partitions": [0, 1]}], "userData": null});
    let to = crate::subscriptions::assignment(1, &body)?;
    let to = to.as_str().unwrap_or_default().to_owned();
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[(&c.id, &to)])
    })?;
    Ok(c)
}

fn upgrade(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let c = classic(cx, &group, &t)?;
    // With a target for both, the order of their random ids would show.
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &["nothing"]))?;
    cx.quietly(|cx| c.beat(cx))?;
    shown(cx, &group)
}

fn upgrade_of_an_empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let c = classic(cx, &group, &t)?;
    cx.quietly(|cx| c.leave(cx))?;
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &[&t]))?;
    shown(cx, &group)
}

fn upgrade_of_offsets(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]}]);
    cx.ask(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )?;
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &[&t]))?;
    shown(cx, &group)
}

fn classic_member_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = Classic::named(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])?;
        m.idle(cx)?;
        m.own(cx)?;
        c.beat(cx)?;
        c.join(cx)
    })?;
    shown(cx, &group)
}

fn classic_member_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = Classic::named(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| c.join(cx))?;
    cx.quietly(|cx| c.leave(cx))?;
    shown(cx, &group)
}

fn downgrade(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = Classic::named(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| c.join(cx))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    shown(cx, &group)
}

fn downgrade_with_regex(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("version");
    let group = cx.group("g")?;
    let (mut m, t) = matching(cx, &group)?;
    let mut c = Classic::named(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| c.join(cx))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    shown(cx, &group)
}

fn downgrade_by_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = fixed(cx, &group)?;
    let mut c = Classic::fixed(cx, &group, "i")?;
    c.subscribe(&t)?;
    c.join(cx)?;
    shown(cx, &group)
}

fn classic_after_an_empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| c.join(cx))?;
    shown(cx, &group)
}
