//! ShareGroupHeartbeat (key 76): joining, epochs, assignments, leaving, sessions.

use anyhow::Result;
use serde_json::json;

use super::members::{Shared, Sharer, await_share_group, configured, member, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_group_heartbeat")
        .on(Profile::Shares)
        .cases(cases![
            join,
            join_twice,
            no_topics,
            unknown_topic,
            missing_topics,
            empty_group_id,
            empty_member_id,
            long_member_id,
            any_member_id,
            negative_epoch,
            epoch_of_nobody,
            greater_epoch,
            previous_epoch,
            smaller_epoch,
            empty_rack,
            invalid_topics,
            internal_topic,
            same_topics_again,
            topics_changed,
            topics_left_out,
            second_member,
            two_partitions_for_three,
            leave,
            leave_twice,
            leave_unknown,
            rejoin,
            full,
            session_ends,
            heartbeat_interval,
            partitions_added,
            topic_deleted,
            topic_made_later,
            of_a_consumer_group,
            of_a_classic_group,
            consumer_heartbeat_in_a_share_group,
        ])
}

fn topic(cx: &mut Context, partitions: i32) -> Result<(String, Shared)> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", partitions)?;
    Ok((group, t))
}

fn join(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 2)?;
    let mut m = Sharer::new(&group, "m");
    m.join(cx, &[&t.name])?;
    cx.quietly(|cx| m.await_partitions(cx, 2))?;
    m.idle(cx)?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    Ok(())
}

fn join_twice(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    m.join(cx, &[&t.name])?;
    m.idle(cx)?;
    Ok(())
}

fn no_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Sharer::new(&group, "m");
    m.join(cx, &[])?;
    m.idle(cx)?;
    Ok(())
}

fn unknown_topic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let none = cx.topic("none");
    let mut m = Sharer::new(&group, "m");
    m.join(cx, &[&none])?;
    m.idle(cx)?;
    Ok(())
}

fn missing_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    Sharer::new(&group, "m").beat(cx, json!({"subscribedTopicNames": null}))?;
    Ok(())
}

fn empty_group_id(cx: &mut Context) -> Result<()> {
    Sharer::new("", "m").join(cx, &["t"])?;
    Ok(())
}

fn empty_member_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for id in ["", " "] {
        Sharer::new(&group, id).join(cx, &["t"])?;
    }
    Ok(())
}

fn long_member_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for length in [36, 37] {
        Sharer::new(&group, &"m".repeat(length)).join(cx, &["none"])?;
    }
    Ok(())
}

fn any_member_id(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for id in ["m m", "é"] {
        Sharer::new(&group, id).join(cx, &["none"])?;
    }
    Ok(())
}

fn negative_epoch(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let m = member(cx, &group, "m", &t)?;
    for epoch in [-2, -3] {
        Sharer { epoch, ..m.clone() }.idle(cx)?;
    }
    Ok(())
}

fn epoch_of_nobody(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    Sharer {
        epoch: 1,
        ..Sharer::new(&group, "m")
    }
    .idle(cx)?;
    member(cx, &group, "m", &t)?;
    Sharer {
        epoch: 1,
        ..Sharer::new(&group, "n")
    }
    .idle(cx)?;
    Ok(())
}

fn greater_epoch(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let m = member(cx, &group, "m", &t)?;
    let epoch = m.epoch + 1;
    Sharer { epoch, ..m }.idle(cx)?;
    Ok(())
}

fn previous_epoch(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    let mut old = m.clone();
    m.beat(cx, json!({"subscribedTopicNames": []}))?;
    old.clone().idle(cx)?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    old.idle(cx)?;
    Ok(())
}

fn smaller_epoch(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let m = member(cx, &group, "m", &t)?;
    Sharer { epoch: 1, ..m }.idle(cx)?;
    Ok(())
}

fn empty_rack(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for rack in ["", "r"] {
        let fields = json!({"rackId": rack, "subscribedTopicNames": ["none"]});
        Sharer::new(&group, "m").beat(cx, fields)?;
    }
    Ok(())
}

fn invalid_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for topics in [vec!["a b"], vec![""], vec!["a", "a"], vec!["."]] {
        Sharer::new(&group, "m").join(cx, &topics)?;
    }
    Ok(())
}

fn internal_topic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for name in ["__consumer_offsets", "__share_group_state"] {
        Sharer::new(&group, "m").join(cx, &[name])?;
    }
    Ok(())
}

fn same_topics_again(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    let topics = json!([t.name]);
    m.beat(cx, json!({"subscribedTopicNames": topics}))?;
    m.beat(cx, json!({"subscribedTopicNames": topics, "rackId": "r"}))?;
    m.idle(cx)?;
    Ok(())
}

fn topics_changed(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let u = Shared::new(cx, "u", 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name, u.name]}))?;
    cx.quietly(|cx| m.await_partitions(cx, 2))?;
    m.idle(cx)?;
    m.beat(cx, json!({"subscribedTopicNames": [u.name]}))?;
    m.idle(cx)?;
    m.beat(cx, json!({"subscribedTopicNames": []}))?;
    m.idle(cx)?;
    Ok(())
}

/// Topics whose share partitions have begun are assigned at once.
fn topics_left_out(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 2)?;
    let mut m = member(cx, &group, "m", &t)?;
    m.beat(cx, json!({"subscribedTopicNames": []}))?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    m.idle(cx)?;
    Ok(())
}

fn second_member(cx: &mut Context) -> Result<()> {
    // Who gets which depends on the topic's id.
    cx.labels.hidden.push("partitions");
    let (group, t) = topic(cx, 2)?;
    let mut m = member(cx, &group, "m", &t)?;
    let mut n = Sharer::new(&group, "n");
    n.join(cx, &[&t.name])?;
    m.idle(cx)?;
    n.idle(cx)?;
    n.leave(cx)?;
    m.idle(cx)?;
    m.idle(cx)?;
    Ok(())
}

fn two_partitions_for_three(cx: &mut Context) -> Result<()> {
    // Who gets which depends on the topic's id.
    cx.labels.hidden.push("partitions");
    let (group, t) = topic(cx, 2)?;
    let mut m = member(cx, &group, "m", &t)?;
    let mut n = Sharer::new(&group, "n");
    n.join(cx, &[&t.name])?;
    let mut o = Sharer::new(&group, "o");
    o.join(cx, &[&t.name])?;
    for member in [&mut m, &mut n, &mut o] {
        member.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    }
    m.leave(cx)?;
    n.idle(cx)?;
    o.idle(cx)?;
    Ok(())
}

fn leave(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    m.leave(cx)?;
    cx.call("ShareGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

fn leave_twice(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    m.leave(cx)?;
    m.leave(cx)?;
    Ok(())
}

fn leave_unknown(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    Sharer::new(&group, "m").leave(cx)?;
    member(cx, &group, "m", &t)?;
    Sharer::new(&group, "n").leave(cx)?;
    Ok(())
}

fn rejoin(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    m.leave(cx)?;
    m.join(cx, &[&t.name])?;
    m.idle(cx)?;
    Ok(())
}

fn full(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    for id in ["a", "b", "c", "d", "a"] {
        Sharer::new(&group, id).join(cx, &["none"])?;
    }
    Ok(())
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
    let mut m = Sharer::new(&group, "m");
    m.join(cx, &["none"])?;
    await_share_group(cx, &group, "Empty")?;
    m.idle(cx)?;
    m.join(cx, &["none"])?;
    Ok(())
}

fn heartbeat_interval(cx: &mut Context) -> Result<()> {
    let group = configured(cx, "g", &[("share.heartbeat.interval.ms", "6002")])?;
    Sharer::new(&group, "m").join(cx, &["none"])?;
    Ok(())
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    cx.grow_topic_of_consumers(&t.name, 3)?;
    m.idle(cx)?;
    cx.quietly(|cx| m.await_partitions(cx, 3))?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name]}))?;
    Ok(())
}

fn topic_deleted(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let u = Shared::new(cx, "u", 1)?;
    let mut m = member(cx, &group, "m", &t)?;
    cx.quietly(|cx| {
        m.beat(cx, json!({"subscribedTopicNames": [t.name, u.name]}))?;
        m.await_partitions(cx, 2)
    })?;
    cx.ask(
        "DeleteTopics",
        5,
        json!({"topicNames": [u.name], "timeoutMs": 10_000}),
    )?;
    cx.note("u is deleted");
    cx.quietly(|cx| m.await_partitions(cx, 1))?;
    m.beat(cx, json!({"subscribedTopicNames": [t.name, u.name]}))?;
    Ok(())
}

fn topic_made_later(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.topic("t");
    let mut m = Sharer::new(&group, "m");
    m.join(cx, &[&t])?;
    let made = cx.create_topic_for_consumers("t", 1)?;
    assert_eq!(made, t);
    cx.quietly(|cx| m.await_partitions(cx, 1))?;
    m.beat(cx, json!({"subscribedTopicNames": [t]}))?;
    Ok(())
}

fn of_a_consumer_group(cx: &mut Context) -> Result<()> {
    let (group, t) = topic(cx, 1)?;
    let mut c = super::members::Consumer::new(&group, "c");
    c.join(cx, &[&t.name])?;
    Sharer::new(&group, "m").join(cx, &[&t.name])?;
    Sharer::new(&group, "m").leave(cx)?;
    c.leave(cx, -1)?;
    Sharer::new(&group, "m").join(cx, &[&t.name])?;
    Ok(())
}

fn of_a_classic_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let topics = json!([{"name": "t", "partitions": [crate::coordinators::committed(0, 5)]}]);
    cx.call(
        "OffsetCommit",
        8,
        json!({"groupId": group, "topics": topics}),
    )?;
    Sharer::new(&group, "m").join(cx, &["t"])?;
    Ok(())
}

fn consumer_heartbeat_in_a_share_group(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let mut c = super::members::Consumer::new(&m.group, "c");
    c.join(cx, &[&t.name])?;
    c.leave(cx, -1)?;
    m.leave(cx)?;
    c.join(cx, &[&t.name])?;
    Ok(())
}
