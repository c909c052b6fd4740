//! StreamsGroupHeartbeat (key 88): how tasks come to members and go, step by step.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{
    Streams, await_streams_heartbeat, configure, counts, describe_streams, reads, settle_streams,
    streams_of_one, streams_of_two, subtopology, topology,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_tasks")
        .on(Profile::Streams)
        .cases(cases![
            third_member,
            more_members_than_tasks,
            uneven_subtopologies,
            gives_up_in_pieces,
            says_nothing_of_what_it_gives_up,
            claims_what_it_was_not_given,
            leaves_while_it_gives_up,
            rejoins_while_it_gives_up,
            epoch_before_the_last,
            partitions_added,
            topic_deleted_and_made_again,
            replicas_raised,
            replicas_lowered,
            more_replicas_than_processes,
            standby_within_a_process,
            standby_of_the_farthest,
            process_changed,
            two_joins_of_one_member,
            static_member_keeps_its_tasks,
            everybody_leaves_and_returns,
        ])
}

fn third_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, t) = streams_of_two(cx, &group, 6)?;
    let mut o = Streams::new(&group, "o");
    o.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    n.idle(cx)?;
    o.idle(cx)?;
    m.own(cx)?;
    o.idle(cx)?;
    n.own(cx)?;
    o.idle(cx)?;
    o.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn more_members_than_tasks(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 1)?;
    let mut n = Streams::new(&group, "n");
    n.join(cx, &reads(&[&t]))?;
    n.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    m.leave(cx, -1)?;
    n.idle(cx)?;
    Ok(())
}

fn uneven_subtopologies(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 3)?;
    let b = cx.create_topic_for_consumers("b", 1)?;
    let rows = topology(&[
        subtopology("zero", &[&a], json!({})),
        subtopology("one", &[&b], json!({})),
        subtopology("two", &[&a, &b], json!({})),
    ]);
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &rows)?;
    m.own(cx)?;
    n.join(cx, &rows)?;
    settle_streams(cx, &mut [&mut m, &mut n])?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// A settled member of four tasks that is to give up two.
fn giving_up(cx: &mut Context) -> Result<(Streams, Streams)> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 4)?;
    let mut n = Streams::new(&group, "n");
    n.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    Ok((m, n))
}

fn active(partitions: &[i32]) -> Value {
    json!({"activeTasks": [{"subtopologyId": "0", "partitions": partitions}], "standbyTasks": [], "warmupTasks": []})
}

fn gives_up_in_pieces(cx: &mut Context) -> Result<()> {
    let (mut m, mut n) = giving_up(cx)?;
    for owned in [
        &[0, 1, 2, 3][..],
        &[0, 1, 2],
        &[0, 2, 3],
        &[1, 2, 3],
        &[0, 1],
    ] {
        m.beat(cx, active(owned))?;
        n.idle(cx)?;
    }
    describe_streams(cx, &n.group)?;
    Ok(())
}

fn says_nothing_of_what_it_gives_up(cx: &mut Context) -> Result<()> {
    let (mut m, mut n) = giving_up(cx)?;
    m.idle(cx)?;
    n.idle(cx)?;
    m.beat(
        cx,
        json!({"activeTasks": [], "standbyTasks": [], "warmupTasks": []}),
    )?;
    n.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &n.group)?;
    Ok(())
}

fn claims_what_it_was_not_given(cx: &mut Context) -> Result<()> {
    let (mut m, mut n) = giving_up(cx)?;
    n.beat(cx, active(&[0, 1, 2, 3]))?;
    let standby = json!({"activeTasks": [], "standbyTasks": [{"subtopologyId": "0", "partitions": [0]}],
        "warmupTasks": [{"subtopologyId": "0", "partitions": [1]}]});
    n.beat(cx, standby)?;
    m.own(cx)?;
    n.beat(cx, active(&[0, 1, 2, 3]))?;
    n.own(cx)?;
    describe_streams(cx, &n.group)?;
    Ok(())
}

fn leaves_while_it_gives_up(cx: &mut Context) -> Result<()> {
    let (mut m, mut n) = giving_up(cx)?;
    m.leave(cx, -1)?;
    n.idle(cx)?;
    n.own(cx)?;
    describe_streams(cx, &n.group)?;
    Ok(())
}

fn rejoins_while_it_gives_up(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 4)?;
    let mut n = Streams::new(&group, "n");
    n.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    m.join(cx, &reads(&[&t]))?;
    n.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// A member may repeat the epoch before, if it has no more than what it was given.
fn epoch_before_the_last(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    let before = m.epoch;
    let mut n = Streams::new(&group, "n");
    n.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    m.own(cx)?;
    cx.note(&format!("m: epoch {} after {before}", m.epoch));
    for body in [
        active(&[0]),
        active(&[1]),
        active(&[0, 1]),
        active(&[]),
        json!({}),
    ] {
        m.epoch = before;
        m.beat(cx, body)?;
    }
    m.epoch = before - 1;
    m.beat(cx, active(&[0]))?;
    Ok(())
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    cx.grow_topic_of_consumers(&t, 4)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn topic_deleted_and_made_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 2)?;
    let body = json!({"topicNames": [t], "timeoutMs": 10_000});
    cx.ask("DeleteTopics", 5, body)?;
    cx.until("the coordinator to miss it", |cx| {
        Ok(m.idle(cx)?["status"] != json!([]))
    })?;
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    cx.create_topic_for_consumers("t", 3)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// Two settled members of a topology with state, and that topology.
fn stateful(cx: &mut Context, replicas: &str) -> Result<(Streams, Streams, Value)> {
    let group = cx.group("g")?;
    configure(
        cx,
        &group,
        &[
            ("streams.num.standby.replicas", replicas),
            ("streams.heartbeat.interval.ms", "6001"),
        ],
    )?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let log = cx.create_topic_for_consumers("store-changelog", 2)?;
    let topology = counts(&t, &log);
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    cx.quietly(|cx| m.join(cx, &topology))?;
    await_streams_heartbeat(cx, &mut m, 6001)?;
    settle_streams(cx, &mut [&mut m])?;
    cx.quietly(|cx| n.join(cx, &topology))?;
    settle_streams(cx, &mut [&mut m, &mut n])?;
    Ok((m, n, topology))
}

/// Other settings; `m` shows that the coordinator knows.
fn set(cx: &mut Context, m: &mut Streams, replicas: &str) -> Result<()> {
    configure(
        cx,
        &m.group,
        &[
            ("streams.num.standby.replicas", replicas),
            ("streams.heartbeat.interval.ms", "6002"),
        ],
    )?;
    await_streams_heartbeat(cx, m, 6002)
}

fn replicas_raised(cx: &mut Context) -> Result<()> {
    let (mut m, mut n, _) = stateful(cx, "0")?;
    describe_streams(cx, &m.group)?;
    set(cx, &mut m, "1")?;
    m.own(cx)?;
    n.own(cx)?;
    m.own(cx)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn replicas_lowered(cx: &mut Context) -> Result<()> {
    let (mut m, mut n, _) = stateful(cx, "1")?;
    describe_streams(cx, &m.group)?;
    set(cx, &mut m, "0")?;
    m.idle(cx)?;
    n.idle(cx)?;
    m.own(cx)?;
    n.own(cx)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn more_replicas_than_processes(cx: &mut Context) -> Result<()> {
    let (mut m, mut n, _) = stateful(cx, "2")?;
    m.own(cx)?;
    n.own(cx)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn standby_within_a_process(cx: &mut Context) -> Result<()> {
    let (mut m, mut n, topology) = stateful(cx, "1")?;
    let mut o = Streams::new(&m.group, "o");
    o.join_in(cx, "process-m", &topology)?;
    m.idle(cx)?;
    n.idle(cx)?;
    o.idle(cx)?;
    settle_streams(cx, &mut [&mut m, &mut n, &mut o])?;
    describe_streams(cx, &m.group)?;
    cx.note("m leaves");
    m.leave(cx, -1)?;
    settle_streams(cx, &mut [&mut n, &mut o])?;
    describe_streams(cx, &n.group)?;
    Ok(())
}

/// How far replicas have come does not decide.
fn standby_of_the_farthest(cx: &mut Context) -> Result<()> {
    let (mut m, mut n, _) = stateful(cx, "1")?;
    let at = |partition: i32, offset: i64| json!({"subtopologyId": "0", "partition": partition, "offset": offset});
    m.beat(
        cx,
        json!({"taskOffsets": [at(0, 100), at(1, 0)], "taskEndOffsets": [at(0, 100), at(1, 100)]}),
    )?;
    n.beat(
        cx,
        json!({"taskOffsets": [at(0, 0), at(1, 100)], "taskEndOffsets": [at(0, 100), at(1, 100)]}),
    )?;
    describe_streams(cx, &m.group)?;
    m.leave(cx, -1)?;
    n.own(cx)?;
    n.own(cx)?;
    describe_streams(cx, &n.group)?;
    Ok(())
}

fn process_changed(cx: &mut Context) -> Result<()> {
    let (mut m, mut n, _) = stateful(cx, "1")?;
    n.beat(cx, json!({"processId": "process-m"}))?;
    m.idle(cx)?;
    n.idle(cx)?;
    settle_streams(cx, &mut [&mut m, &mut n])?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn two_joins_of_one_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    m.join(cx, &reads(&[&t]))?;
    m.join_in(cx, "other", &reads(&[&t]))?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn static_member_keeps_its_tasks(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 4)?;
    let mut m = Streams::fixed(&group, "m", "i");
    let mut n = Streams::new(&group, "n");
    cx.quietly(|cx| m.join(cx, &reads(&[&t])))?;
    cx.quietly(|cx| n.join(cx, &reads(&[&t])))?;
    settle_streams(cx, &mut [&mut m, &mut n])?;
    m.leave(cx, -2)?;
    n.idle(cx)?;
    cx.note("others come while it is away");
    let mut o = Streams::new(&group, "o");
    o.join(cx, &reads(&[&t]))?;
    n.idle(cx)?;
    n.own(cx)?;
    o.idle(cx)?;
    describe_streams(cx, &group)?;
    let mut back = Streams::fixed(&group, "p", "i");
    back.join_in(cx, "process-m", &reads(&[&t]))?;
    back.own(cx)?;
    o.idle(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn everybody_leaves_and_returns(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, t) = streams_of_two(cx, &group, 4)?;
    m.leave(cx, -1)?;
    n.leave(cx, -1)?;
    describe_streams(cx, &group)?;
    n.join(cx, &reads(&[&t]))?;
    m.join(cx, &reads(&[&t]))?;
    settle_streams(cx, &mut [&mut m, &mut n])?;
    describe_streams(cx, &group)?;
    Ok(())
}
