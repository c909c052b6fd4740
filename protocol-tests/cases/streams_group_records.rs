//! `__consumer_offsets`: what the coordinator of streams groups (KIP-1071) writes down, in its order.

use anyhow::Result;
use serde_json::json;

use super::members::{
    Classic, Streams, await_streams_count, await_streams_heartbeat, configure, counts, reads,
    settle_streams, streams_of_one, streams_of_two, subtopology, topology,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::Groups;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_records")
        .on(Profile::Streams)
        .cases(cases![
            join,
            join_without_its_topics,
            refused_join,
            stateful_join,
            heartbeats,
            details,
            every_field,
            second_member,
            second_member_leaves,
            last_member_leaves,
            session_ends,
            partitions_added,
            topic_deleted,
            static_member_away,
            static_member_returns,
            static_member_returns_elsewhere,
            settings_changed,
            standby_tasks,
            stale_member,
            shutdown,
            task_offsets,
            group_deleted,
            after_a_classic_group,
            after_offsets,
            classic_after_an_empty_group,
        ])
}

fn shown(cx: &mut Context, group: &str) -> Result<()> {
    cx.coordinator_records(Groups, group)
}

fn join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    streams_of_one(cx, &group, 2)?;
    shown(cx, &group)
}

fn join_without_its_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let none = cx.topic("none");
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&none]))?;
    m.idle(cx)?;
    shown(cx, &group)
}

fn refused_join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    Streams::new(&group, "m").join(cx, &topology(&[subtopology("0", &[], json!({}))]))?;
    let mut late = Streams::new(&group, "m");
    late.epoch = 1;
    late.idle(cx)?;
    shown(cx, &group)
}

/// A settled member with a store.
fn stateful(cx: &mut Context, group: &str) -> Result<(Streams, serde_json::Value)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let log = cx.topic("store-changelog");
    let topology = counts(&t, &log);
    let mut m = Streams::new(group, "m");
    cx.quietly(|cx| m.join(cx, &topology))?;
    settle_streams(cx, &mut [&mut m])?;
    Ok((m, topology))
}

fn stateful_join(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    stateful(cx, &group)?;
    shown(cx, &group)
}

fn heartbeats(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.join(cx, &reads(&[&t]))?;
    shown(cx, &group)
}

fn details(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 2)?;
    m.beat(cx, json!({"rackId": "r"}))?;
    m.beat(cx, json!({"rebalanceTimeoutMs": 5}))?;
    m.beat(cx, json!({"processId": "other"}))?;
    cx.client_id = Some("other".to_owned());
    m.idle(cx)?;
    shown(cx, &group)
}

fn every_field(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Streams::fixed(&group, "m", "i");
    m.beat(
        cx,
        json!({"rackId": "r", "rebalanceTimeoutMs": 1000, "topology": reads(&[&t]), "processId": "p",
        "activeTasks": [], "standbyTasks": [], "warmupTasks": [], "userEndpoint": {"host": "h", "port": 65535},
        "clientTags": [{"key": "zone", "value": "z"}, {"key": "a", "value": "b"}]}),
    )?;
    shown(cx, &group)
}

fn second_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    let mut n = Streams::new(&group, "n");
    cx.quietly(|cx| {
        n.join(cx, &reads(&[&t]))?;
        m.idle(cx)?;
        m.own(cx)?;
        n.idle(cx)
    })?;
    shown(cx, &group)
}

fn second_member_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, _) = streams_of_two(cx, &group, 2)?;
    cx.quietly(|cx| n.leave(cx, -1))?;
    cx.quietly(|cx| m.idle(cx))?;
    shown(cx, &group)
}

fn last_member_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.quietly(|cx| Streams::new(&group, "n").join(cx, &reads(&[&t])))?;
    shown(cx, &group)
}

fn session_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 2)?;
    let settings = [
        ("streams.session.timeout.ms", "300"),
        ("streams.heartbeat.interval.ms", "100"),
    ];
    configure(cx, &group, &settings)?;
    await_streams_heartbeat(cx, &mut m, 100)?;
    await_streams_count(cx, &group, 0)?;
    shown(cx, &group)
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    cx.grow_topic_of_consumers(&t, 3)?;
    cx.quietly(|cx| m.idle(cx))?;
    cx.quietly(|cx| m.own(cx))?;
    shown(cx, &group)
}

fn topic_deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    let body = json!({"topicNames": [t], "timeoutMs": 10_000});
    cx.ask("DeleteTopics", 5, body)?;
    cx.until("the coordinator to miss it", |cx| {
        Ok(m.idle(cx)?["status"] != json!([]))
    })?;
    m.idle(cx)?;
    m.own(cx)?;
    m.own(cx)?;
    shown(cx, &group)
}

/// A settled static member.
fn fixed(cx: &mut Context, group: &str) -> Result<(Streams, String)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Streams::fixed(group, "m", "i");
    cx.quietly(|cx| m.join_in(cx, "p", &reads(&[&t])))?;
    settle_streams(cx, &mut [&mut m])?;
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
    let mut n = Streams::fixed(&group, "n", "i");
    n.join_in(cx, "p", &reads(&[&t]))?;
    n.own(cx)?;
    shown(cx, &group)
}

fn static_member_returns_elsewhere(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = fixed(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -2))?;
    let mut n = Streams::fixed(&group, "n", "i");
    n.join_in(cx, "q", &reads(&[&t]))?;
    n.own(cx)?;
    shown(cx, &group)
}

fn settings_changed(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 2)?;
    let settings = [
        ("streams.num.standby.replicas", "1"),
        ("streams.rack.aware.assignment.tags", "zone,cluster"),
        ("streams.heartbeat.interval.ms", "777"),
    ];
    configure(cx, &group, &settings)?;
    await_streams_heartbeat(cx, &mut m, 777)?;
    m.own(cx)?;
    shown(cx, &group)
}

fn standby_tasks(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    configure(cx, &group, &[("streams.num.standby.replicas", "1")])?;
    let (mut m, topology) = stateful(cx, &group)?;
    let mut n = Streams::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &topology))?;
    settle_streams(cx, &mut [&mut m, &mut n])?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    settle_streams(cx, &mut [&mut n])?;
    shown(cx, &group)
}

fn stale_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut newer = reads(&[&t]);
    newer["epoch"] = json!(4);
    let mut m = Streams::new(&group, "m");
    m.join(cx, &newer)?;
    Streams::new(&group, "n").join(cx, &reads(&[&t]))?;
    shown(cx, &group)
}

fn shutdown(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 2)?;
    m.beat(cx, json!({"shutdownApplication": true}))?;
    shown(cx, &group)
}

fn task_offsets(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 2)?;
    m.beat(
        cx,
        json!({"taskOffsets": [{"subtopologyId": "0", "partition": 1, "offset": 5}]}),
    )?;
    shown(cx, &group)
}

fn group_deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]}]);
    let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": m.epoch, "topics": topics});
    cx.call("OffsetCommit", 9, body)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    shown(cx, &group)
}

fn after_a_classic_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    super::members::stable(cx, &mut [&mut c])?;
    cx.note("a classic group with a member");
    Streams::new(&group, "m").join(cx, &reads(&[&t]))?;
    cx.quietly(|cx| c.leave(cx))?;
    cx.note("without one");
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    shown(cx, &group)
}

fn after_offsets(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]}]);
    let body = json!({"groupId": group, "topics": topics});
    cx.ask("OffsetCommit", 9, body)?;
    cx.quietly(|cx| Streams::new(&group, "m").join(cx, &reads(&[&t])))?;
    shown(cx, &group)
}

fn classic_after_an_empty_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| c.join(cx))?;
    shown(cx, &group)
}
