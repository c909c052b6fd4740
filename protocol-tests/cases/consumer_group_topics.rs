//! Topics that consumer groups (KIP-848) subscribe to: made, grown, deleted, left and taken up.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Consumer, describe, settle, slow};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_topics")
        .on(Profile::Groups)
        .cases(cases![
            partitions_added,
            partitions_added_for_two,
            partitions_added_between_assignments,
            made_after_the_subscription,
            deleted,
            deleted_while_given_up,
            deleted_one_of_two,
            deleted_and_made_again,
            another_topic,
            one_topic_more,
            no_topic_any_more,
            left_between_assignments,
            left_between_assignments_and_reported,
            all_left_between_assignments,
            left_twice_between_assignments,
            nothing_left_between_assignments,
            left_and_taken_up_again,
            left_while_giving_up,
            the_same_topics_again,
            reported_foreign_partitions,
            reported_nothing,
            more_members_than_partitions,
            empty_group_again,
        ])
}

fn alone(cx: &mut Context, group: &str, topics: &[&str]) -> Result<Consumer> {
    let mut m = Consumer::new(group, "m");
    cx.quietly(|cx| m.join(cx, topics))?;
    settle(cx, &mut [&mut m])?;
    Ok(m)
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = alone(cx, &group, &[&t])?;
    cx.grow_topic_of_consumers(&t, 3)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn partitions_added_for_two(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    cx.grow_topic_of_consumers(&t, 5)?;
    n.idle(cx)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn partitions_added_between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = slow(cx, &group, &[&t])?;
    cx.grow_topic_of_consumers(&t, 3)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn made_after_the_subscription(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.topic("t");
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&t])?;
    cx.create_topic_for_consumers("t", 2)?;
    let later = cx.topic("t");
    cx.note(&later);
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &[&t])?;
    cx.delete_topic_of_consumers(&t, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn deleted_while_given_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    m.idle(cx)?;
    cx.delete_topic_of_consumers(&t, &group)?;
    n.idle(cx)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.beat(cx, json!({"topicPartitions": []}))?;
    m.idle(cx)?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn deleted_one_of_two(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = alone(cx, &group, &[&t, &u])?;
    cx.delete_topic_of_consumers(&t, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// The new topic of the same name has another id.
fn deleted_and_made_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let id = cx.topic_id(&t)?;
    cx.labels.text(&id, "<the first id of t>");
    let mut m = alone(cx, &group, &[&t])?;
    cx.delete_topic_of_consumers(&t, &group)?;
    cx.create_topic_for_consumers("t", 2)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn another_topic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = alone(cx, &group, &[&t])?;
    m.beat(cx, json!({"subscribedTopicNames": [u]}))?;
    m.own(cx)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn one_topic_more(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = alone(cx, &group, &[&t])?;
    m.beat(cx, json!({"subscribedTopicNames": [t, u]}))?;
    m.idle(cx)?;
    Ok(())
}

fn no_topic_any_more(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = alone(cx, &group, &[&t])?;
    m.beat(cx, json!({"subscribedTopicNames": []}))?;
    describe(cx, &group)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// Between two assignments a member gives up what it does not subscribe to any more, in its old epoch.
fn left_between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = slow(cx, &group, &[&t, &u])?;
    m.beat(cx, json!({"subscribedTopicNames": [u]}))?;
    describe(cx, &group)?;
    m.own(cx)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn left_between_assignments_and_reported(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = slow(cx, &group, &[&t, &u])?;
    m.beat(
        cx,
        json!({"subscribedTopicNames": [u], "topicPartitions": []}),
    )?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn all_left_between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = slow(cx, &group, &[&t])?;
    m.beat(cx, json!({"subscribedTopicNames": []}))?;
    describe(cx, &group)?;
    m.own(cx)?;
    m.beat(cx, json!({"subscribedTopicNames": ["nothing"]}))?;
    describe(cx, &group)?;
    Ok(())
}

fn left_twice_between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = slow(cx, &group, &[&t, &u])?;
    m.beat(cx, json!({"subscribedTopicNames": [u]}))?;
    m.beat(cx, json!({"subscribedTopicNames": []}))?;
    describe(cx, &group)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// A member without partitions has nothing to leave.
fn nothing_left_between_assignments(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    slow(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    n.beat(cx, json!({"subscribedTopicNames": []}))?;
    n.beat(cx, json!({"subscribedTopicNames": ["nothing"]}))?;
    describe(cx, &group)?;
    cx.coordinator_records(crate::coordinator_records::CoordinatorTopic::Groups, &group)
}

fn left_and_taken_up_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = slow(cx, &group, &[&t, &u])?;
    m.beat(cx, json!({"subscribedTopicNames": [u]}))?;
    m.beat(cx, json!({"subscribedTopicNames": [t, u]}))?;
    describe(cx, &group)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn left_while_giving_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = alone(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    m.idle(cx)?;
    cx.note("m is to give up one of t, and leaves t");
    m.beat(cx, json!({"subscribedTopicNames": [u]}))?;
    describe(cx, &group)?;
    m.own(cx)?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn the_same_topics_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let (t_id, u_id) = (cx.topic_id(&t)?, cx.topic_id(&u)?);
    let mut m = alone(cx, &group, &[&t, &u])?;
    let owned = json!([{"topicId": t_id, "partitions": [0]}, {"topicId": u_id, "partitions": [0]}]);
    m.beat(cx, json!({"subscribedTopicNames": [u, t]}))?;
    m.beat(cx, json!({"subscribedTopicNames": [t, u, t]}))?;
    cx.note("in full");
    m.beat(cx, json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": [t, u], "topicPartitions": owned}))?;
    m.beat(
        cx,
        json!({"rebalanceTimeoutMs": 30_000, "topicPartitions": owned}),
    )?;
    m.beat(
        cx,
        json!({"subscribedTopicNames": [t, u], "topicPartitions": owned}),
    )?;
    Ok(())
}

fn reported_foreign_partitions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let id = cx.topic_id(&t)?;
    let mut m = alone(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    m.idle(cx)?;
    cx.note("n says that it has what m is to give up");
    n.beat(
        cx,
        json!({"topicPartitions": [{"topicId": id, "partitions": [0, 1]}]}),
    )?;
    m.beat(
        cx,
        json!({"topicPartitions": [{"topicId": id, "partitions": [0, 1, 5]}]}),
    )?;
    m.beat(
        cx,
        json!({"topicPartitions": [{"topicId": id, "partitions": [5]}]}),
    )?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// Who reports nothing has given everything up; it gets back what it is to keep.
fn reported_nothing(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &[&t])?;
    m.beat(cx, json!({"topicPartitions": []}))?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    m.beat(cx, json!({"topicPartitions": []}))?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn more_members_than_partitions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = alone(cx, &group, &[&t])?;
    let (mut n, mut o) = (Consumer::new(&group, "n"), Consumer::new(&group, "o"));
    n.join(cx, &[&t])?;
    o.join(cx, &[&t])?;
    settle(cx, &mut [&mut m, &mut n, &mut o])?;
    describe(cx, &group)?;
    cx.note("whoever has it goes");
    let at = [&m, &n, &o]
        .iter()
        .position(|one| one.assigned != Value::Array(vec![]));
    let owner = match at {
        Some(0) => &mut m,
        Some(1) => &mut n,
        _ => &mut o,
    };
    owner.leave(cx, -1)?;
    describe(cx, &group)?;
    Ok(())
}

fn empty_group_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &[&t])?;
    m.leave(cx, -1)?;
    describe(cx, &group)?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    describe(cx, &group)?;
    Ok(())
}
