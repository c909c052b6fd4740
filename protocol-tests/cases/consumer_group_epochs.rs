//! The epochs that members of consumer groups (KIP-848) claim: what is refused, and what an older one still does (KIP-1251).

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Consumer, settle, slow};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::committed;
use crate::profile::Profile;

/// Epochs beside the member's own, which is 4, came after 3 and 2.
const EPOCHS: [i64; 8] = [-3, -2, -1, 0, 2, 3, 4, 5];

pub(super) fn area() -> Area {
    Area::new("consumer_group_epochs")
        .on(Profile::Groups)
        .cases_for(EPOCHS, cases![heartbeat])
        .each("commit_v8", EPOCHS, |cx, epoch| commit(cx, 8, epoch))
        .each("commit_v9", EPOCHS, |cx, epoch| commit(cx, 9, epoch))
        .each("commit_v10", [3, 5], |cx, epoch| commit(cx, 10, epoch))
        .each("fetch_v8", [-1, 4], |cx, epoch| fetch(cx, 8, epoch))
        .each("fetch_v9", EPOCHS, |cx, epoch| fetch(cx, 9, epoch))
        .each("transactional_commit", EPOCHS, transactional)
        .cases(cases![
            commit_by_nobody,
            commit_of_a_static_member,
            commit_to_an_empty_group,
            fetch_by_nobody,
            fetch_from_an_empty_group,
            commit_what_is_given_up,
            commit_what_came_later,
            commit_after_a_return,
            lost_answer,
            lost_answer_to_a_revocation,
            join_again,
            join_again_with_other_topics,
            join_again_while_giving_up,
        ])
}

/// A member in epoch 4, whose partition 0 is from epoch 2 and partition 2 from epoch 4.
fn stage(cx: &mut Context) -> Result<(Consumer, String)> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 3)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    cx.quietly(|cx| n.leave(cx, -1))?;
    settle(cx, &mut [&mut m])?;
    super::members::describe(cx, &group)?;
    Ok((m, t))
}

fn heartbeat(cx: &mut Context, epoch: i64) -> Result<()> {
    let (mut m, _) = stage(cx)?;
    m.epoch = epoch;
    m.idle(cx)?;
    m.epoch = epoch;
    m.own(cx)?;
    Ok(())
}

fn commit_as(
    cx: &mut Context,
    version: i16,
    m: &Consumer,
    epoch: i64,
    (topic, partitions): (&str, &[i32]),
) -> Result<()> {
    let id = cx.topic_id(topic)?;
    let rows: Vec<Value> = partitions
        .iter()
        .map(|index| committed(*index, 1))
        .collect();
    let topics = json!([{"name": topic, "topicId": id, "partitions": rows}]);
    let body = json!({"groupId": m.group, "memberId": m.id, "groupInstanceId": m.instance,
        "generationIdOrMemberEpoch": epoch, "topics": topics});
    cx.call("OffsetCommit", version, body)?;
    Ok(())
}

fn commit(cx: &mut Context, version: i16, epoch: i64) -> Result<()> {
    let (m, t) = stage(cx)?;
    for partitions in [&[0][..], &[1], &[0, 1], &[7]] {
        commit_as(cx, version, &m, epoch, (&t, partitions))?;
    }
    Ok(())
}

fn transactional(cx: &mut Context, epoch: i64) -> Result<()> {
    let (m, t) = stage(cx)?;
    let id = cx.transactional_id("x")?;
    let body = json!({"transactionalId": id, "transactionTimeoutMs": 60_000, "producerId": -1, "producerEpoch": -1});
    let producer = cx.ask("InitProducerId", 4, body)?;
    for partition in [0, 1] {
        let topics = json!([{"name": t, "partitions": [committed(partition, 1)]}]);
        let body = json!({"transactionalId": id, "groupId": m.group, "memberId": m.id, "generationIdOrMemberEpoch": epoch,
            "producerId": producer["producerId"], "producerEpoch": producer["producerEpoch"], "topics": topics});
        cx.call("TxnOffsetCommit", 5, body)?;
    }
    Ok(())
}

fn fetch(cx: &mut Context, version: i16, epoch: i64) -> Result<()> {
    let (m, t) = stage(cx)?;
    fetch_as(cx, version, (Some(&m.id), epoch), &m.group, &t)
}

fn fetch_as(
    cx: &mut Context,
    version: i16,
    (member, epoch): (Option<&str>, i64),
    group: &str,
    topic: &str,
) -> Result<()> {
    let topics = json!([{"name": topic, "partitionIndexes": [0]}]);
    let groups =
        json!([{"groupId": group, "memberId": member, "memberEpoch": epoch, "topics": topics}]);
    cx.call("OffsetFetch", version, json!({"groups": groups}))?;
    Ok(())
}

fn commit_by_nobody(cx: &mut Context) -> Result<()> {
    let (m, t) = stage(cx)?;
    for (id, epoch) in [("", -1), ("", 4), ("x", -1), ("x", 4)] {
        let member = Consumer::new(&m.group, id);
        commit_as(cx, 9, &member, epoch, (&t, &[0]))?;
        commit_as(cx, 8, &member, epoch, (&t, &[0]))?;
    }
    Ok(())
}

fn commit_of_a_static_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    let epoch = m.epoch;
    commit_as(cx, 9, &m, epoch, (&t, &[0]))?;
    cx.note("another holder of the instance, or another instance");
    commit_as(cx, 9, &Consumer::fixed(&group, "n", "i"), epoch, (&t, &[0]))?;
    commit_as(cx, 9, &Consumer::fixed(&group, "m", "j"), epoch, (&t, &[0]))?;
    commit_as(cx, 9, &Consumer::fixed(&group, "", "i"), epoch, (&t, &[0]))?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    cx.note("m is away");
    for epoch in [-2, -1, 0, 2] {
        commit_as(cx, 9, &m, epoch, (&t, &[0]))?;
    }
    Ok(())
}

fn commit_to_an_empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    for (id, epoch) in [("", -1), ("m", -1), ("m", 2), ("", 0)] {
        commit_as(cx, 9, &Consumer::new(&group, id), epoch, (&t, &[0]))?;
        commit_as(cx, 8, &Consumer::new(&group, id), epoch, (&t, &[0]))?;
    }
    Ok(())
}

fn fetch_by_nobody(cx: &mut Context) -> Result<()> {
    let (m, t) = stage(cx)?;
    for (id, epoch) in [
        (None, -1),
        (None, 4),
        (Some(""), -1),
        (Some(""), 4),
        (Some("x"), 4),
    ] {
        fetch_as(cx, 9, (id, epoch), &m.group, &t)?;
    }
    Ok(())
}

fn fetch_from_an_empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    for (id, epoch) in [(None, -1), (None, 2), (Some(""), -1), (Some("m"), 2)] {
        fetch_as(cx, 9, (id, epoch), &group, &t)?;
    }
    Ok(())
}

/// While it gives a partition up, a member may still commit it, also in the epoch before.
fn commit_what_is_given_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    cx.note("m has both partitions, and is to give up one");
    m.idle(cx)?;
    let epoch = m.epoch;
    commit_as(cx, 9, &m, epoch, (&t, &[0, 1]))?;
    m.own(cx)?;
    cx.note("m has given it up");
    commit_as(cx, 9, &m, epoch, (&t, &[0]))?;
    commit_as(cx, 9, &m, epoch, (&t, &[1]))?;
    let epoch = m.epoch;
    commit_as(cx, 9, &m, epoch, (&t, &[0]))?;
    commit_as(cx, 9, &m, epoch, (&t, &[1]))?;
    cx.note("n has not taken it");
    let epoch = n.epoch;
    commit_as(cx, 9, &n, epoch, (&t, &[0, 1]))?;
    n.idle(cx)?;
    commit_as(cx, 9, &n, epoch - 1, (&t, &[0, 1]))?;
    Ok(())
}

/// A partition that came in a later epoch cannot be committed in an earlier one.
fn commit_what_came_later(cx: &mut Context) -> Result<()> {
    let (m, t) = stage(cx)?;
    for epoch in [1, 2, 3] {
        for partition in 0..3 {
            commit_as(cx, 9, &m, epoch, (&t, &[partition]))?;
        }
    }
    Ok(())
}

/// A static member that returns has what it had, from epoch 0 on.
fn commit_after_a_return(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join(cx, &[&t])?;
    for epoch in [-1, 0, 1, 2] {
        commit_as(cx, 9, &n, epoch, (&t, &[0]))?;
    }
    Ok(())
}

/// The epoch before will do for who reports nothing that it has not.
fn lost_answer(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let id = cx.topic_id(&t)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    cx.grow_topic_of_consumers(&t, 3)?;
    let before = m.epoch;
    m.idle(cx)?;
    cx.note("m did not hear that");
    let owned =
        |partitions: Value| json!({"topicPartitions": [{"topicId": id, "partitions": partitions}]});
    for fields in [
        json!({}),
        owned(json!([0, 1])),
        owned(json!([])),
        json!({"topicPartitions": []}),
        owned(json!([0, 1, 2])),
        owned(json!([0, 3])),
    ] {
        m.epoch = before;
        m.beat(cx, fields)?;
    }
    m.epoch = before - 1;
    m.beat(cx, json!({"topicPartitions": []}))?;
    Ok(())
}

fn lost_answer_to_a_revocation(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    let owned = m.assigned.clone();
    m.idle(cx)?;
    cx.note("m did not hear that it is to give up");
    m.beat(cx, json!({"topicPartitions": owned}))?;
    m.own(cx)?;
    cx.note("nor that it has given up");
    m.epoch -= 1;
    m.own(cx)?;
    m.epoch -= 1;
    m.beat(cx, json!({"topicPartitions": owned}))?;
    Ok(())
}

/// Epoch 0 of a member that is there: it is told all again, and keeps its epoch.
fn join_again(cx: &mut Context) -> Result<()> {
    let (mut m, t) = stage(cx)?;
    m.join(cx, &[&t])?;
    m.idle(cx)?;
    m.epoch = 0;
    m.beat(
        cx,
        json!({"rebalanceTimeoutMs": 10_000, "subscribedTopicNames": [t], "topicPartitions": []}),
    )?;
    super::members::describe(cx, &m.group)?;
    Ok(())
}

fn join_again_with_other_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = slow(cx, &group, &[&t])?;
    m.join(cx, &[&u])?;
    super::members::describe(cx, &group)?;
    Ok(())
}

fn join_again_while_giving_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let (mut m, mut n) = (Consumer::new(&group, "m"), Consumer::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    m.idle(cx)?;
    m.join(cx, &[&t])?;
    n.idle(cx)?;
    super::members::describe(cx, &group)?;
    Ok(())
}
