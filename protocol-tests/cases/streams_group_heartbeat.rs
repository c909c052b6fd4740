//! StreamsGroupHeartbeat (key 88), v0–v1: joining, epochs, tasks, reconciliation.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Streams, describe_streams, reads, subtopology, topology};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_heartbeat")
        .on(Profile::Streams)
        .cases(cases![
            first_member,
            oldest_version,
            second_member,
            full_group,
            two_members_of_a_process,
            owned_tasks_that_are_not,
            epochs,
            lost_answer,
            changed_fields,
            endpoints,
            task_offsets,
            shutdown,
            shutdown_by_leaving,
            static_return,
            static_members,
            stale_topology,
            other_topology,
        ])
}

fn first_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 3)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    describe_streams(cx, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    m.leave(cx, -1)?;
    describe_streams(cx, &group)?;
    m.epoch = 2;
    m.idle(cx)?;
    cx.note("the group is joined again");
    m.join(cx, &reads(&[&a]))?;
    Ok(())
}

fn oldest_version(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let mut m = Streams::new(&group, "m");
    let fields = json!({"rebalanceTimeoutMs": 30_000, "topology": reads(&[&a]), "processId": "p",
        "activeTasks": [], "standbyTasks": [], "warmupTasks": []});
    m.beat_at(cx, 0, fields)?;
    m.beat_at(cx, 0, json!({}))?;
    cx.call("StreamsGroupDescribe", 0, json!({"groupIds": [group]}))?;
    m.epoch = -1;
    m.beat_at(cx, 0, json!({}))?;
    Ok(())
}

fn second_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 4)?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &reads(&[&a]))?;
    n.join(cx, &reads(&[&a]))?;
    cx.note("m is to give up half");
    n.idle(cx)?;
    m.idle(cx)?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    m.own(cx)?;
    n.idle(cx)?;
    n.own(cx)?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    cx.note("n leaves");
    n.leave(cx, -1)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn full_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 3)?;
    for id in ["l", "m", "n", "o"] {
        Streams::new(&group, id).join(cx, &reads(&[&a]))?;
    }
    cx.note("who is there may join again");
    Streams::new(&group, "m").join(cx, &reads(&[&a]))?;
    Ok(())
}

fn two_members_of_a_process(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 4)?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join_in(cx, "p", &reads(&[&a]))?;
    n.join_in(cx, "p", &reads(&[&a]))?;
    m.idle(cx)?;
    m.own(cx)?;
    n.idle(cx)?;
    n.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn owned_tasks_that_are_not(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    let active = |id: &str, partitions: Value| json!({"activeTasks": [{"subtopologyId": id, "partitions": partitions}], "standbyTasks": [], "warmupTasks": []});
    m.beat(cx, active("1", json!([0])))?;
    m.beat(cx, active("0", json!([2])))?;
    m.beat(cx, active("0", json!([-1])))?;
    m.beat(cx, active("0", json!([])))?;
    m.beat(cx, active("0", json!([0, 1])))?;
    m.beat(cx, json!({"activeTasks": []}))?;
    m.beat(cx, json!({"standbyTasks": [], "warmupTasks": []}))?;
    Ok(())
}

fn epochs(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    let epoch = m.epoch;
    for wrong in [epoch + 1, epoch - 1, 1, -3, i64::from(i32::MAX)] {
        m.epoch = wrong;
        m.idle(cx)?;
    }
    cx.note("a member that nobody knows");
    let mut n = Streams::new(&group, "n");
    n.epoch = epoch;
    n.idle(cx)?;
    n.leave(cx, -1)?;
    cx.note("no such group");
    let other = cx.group("other")?;
    let mut o = Streams::new(&other, "o");
    o.epoch = 1;
    o.idle(cx)?;
    o.leave(cx, -1)?;
    Ok(())
}

fn lost_answer(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &reads(&[&a]))?;
    m.own(cx)?;
    let before = m.epoch;
    n.join(cx, &reads(&[&a]))?;
    m.own(cx)?;
    m.epoch = before;
    m.own(cx)?;
    m.epoch = before;
    m.idle(cx)?;
    Ok(())
}

fn changed_fields(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    m.beat(cx, json!({"rackId": "r"}))?;
    m.beat(cx, json!({"processId": "q"}))?;
    m.beat(cx, json!({"rebalanceTimeoutMs": 5000}))?;
    m.beat(
        cx,
        json!({"clientTags": [{"key": "zone", "value": "z1"}, {"key": "cluster", "value": "c1"}]}),
    )?;
    m.beat(
        cx,
        json!({"clientTags": [{"key": "zone", "value": "z1"}, {"key": "zone", "value": "z2"}]}),
    )?;
    m.beat(cx, json!({"instanceId": "i"}))?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn endpoints(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &reads(&[&a]))?;
    m.beat(cx, json!({"userEndpoint": {"host": "here", "port": 8080}}))?;
    m.beat(cx, json!({"endpointInformationEpoch": 1}))?;
    n.join(cx, &reads(&[&a]))?;
    n.beat(
        cx,
        json!({"userEndpoint": {"host": "there", "port": 65535}}),
    )?;
    m.own(cx)?;
    n.own(cx)?;
    n.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn task_offsets(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    let at = |partition: i32, offset: i64| json!({"subtopologyId": "0", "partition": partition, "offset": offset});
    m.beat(
        cx,
        json!({"taskOffsets": [at(1, 5), at(0, 7)], "taskEndOffsets": [at(0, 9)]}),
    )?;
    describe_streams(cx, &group)?;
    m.beat(cx, json!({"taskOffsets": [at(1, 6)]}))?;
    m.beat(cx, json!({"taskOffsets": [at(1, 5), at(1, 6)]}))?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn shutdown(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &reads(&[&a]))?;
    n.join(cx, &reads(&[&a]))?;
    m.beat(cx, json!({"shutdownApplication": true}))?;
    n.beat(cx, json!({"shutdownApplication": true}))?;
    m.leave(cx, -1)?;
    n.idle(cx)?;
    n.leave(cx, -1)?;
    cx.note("forgotten once everybody has left");
    n.join(cx, &reads(&[&a]))?;
    Ok(())
}

fn shutdown_by_leaving(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &reads(&[&a]))?;
    n.join(cx, &reads(&[&a]))?;
    m.epoch = -1;
    m.beat(cx, json!({"shutdownApplication": true}))?;
    n.idle(cx)?;
    Ok(())
}

fn static_return(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let mut m = Streams::fixed(&group, "m", "i");
    m.join(cx, &reads(&[&a]))?;
    m.own(cx)?;
    let mut n = Streams::fixed(&group, "n", "i");
    cx.note("the instance is in use");
    n.join(cx, &reads(&[&a]))?;
    m.leave(cx, -2)?;
    describe_streams(cx, &group)?;
    n.join_in(cx, "process-m", &reads(&[&a]))?;
    n.own(cx)?;
    cx.note("the one before");
    m.epoch = n.epoch;
    m.idle(cx)?;
    m.leave(cx, -2)?;
    m.leave(cx, -1)?;
    cx.note("leaves for good");
    n.leave(cx, -1)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn static_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let mut m = Streams::fixed(&group, "m", "i");
    let mut n = Streams::fixed(&group, "n", "j");
    m.join(cx, &reads(&[&a]))?;
    n.join(cx, &reads(&[&a]))?;
    m.own(cx)?;
    n.own(cx)?;
    cx.note("an unknown instance");
    let mut o = Streams::fixed(&group, "o", "k");
    o.epoch = 3;
    o.idle(cx)?;
    o.leave(cx, -2)?;
    cx.note("without an instance");
    let mut p = Streams::new(&group, "m");
    p.leave(cx, -2)?;
    m.beat(cx, json!({"rackId": "r"}))?;
    n.beat(cx, json!({"rebalanceTimeoutMs": 7000}))?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn stale_topology(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let mut newer = reads(&[&a]);
    newer["epoch"] = json!(3);
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &newer)?;
    n.join(cx, &reads(&[&a]))?;
    n.idle(cx)?;
    describe_streams(cx, &group)?;
    let mut negative = reads(&[&a]);
    negative["epoch"] = json!(-1);
    Streams::new(&group, "o").join(cx, &negative)?;
    Ok(())
}

fn other_topology(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let b = cx.create_topic_for_consumers("b", 2)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    cx.note("the same epoch");
    Streams::new(&group, "n").join(cx, &reads(&[&b]))?;
    cx.note("a later epoch");
    let mut newer = reads(&[&a, &b]);
    newer["epoch"] = json!(1);
    Streams::new(&group, "n").join(cx, &newer)?;
    cx.note("the same, listed otherwise");
    let (first, second) = (
        subtopology("0", &[&a], json!({})),
        subtopology("1", &[&b], json!({})),
    );
    let other = cx.group("other")?;
    Streams::new(&other, "m").join(cx, &topology(&[first.clone(), second.clone()]))?;
    Streams::new(&other, "n").join(cx, &topology(&[second, first.clone()]))?;
    cx.note("twice the same id");
    Streams::new(&other, "o").join(cx, &topology(&[first.clone(), first]))?;
    Ok(())
}
