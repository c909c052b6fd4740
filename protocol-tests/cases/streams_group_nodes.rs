//! Streams groups on three nodes: who coordinates, internal topics with replicas, and a coordinator that stops.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{
    Streams, counts, describe_streams, internal_topic, reads, subtopology, topology,
};
use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::coordinator_records::CoordinatorTopic::Groups;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_nodes")
        .on(Profile::Three)
        .cases(cases![
            other_nodes,
            replicated_internal_topics,
            default_replication
        ])
        .on(Profile::Stopping)
        .cases(cases![coordinator_stops])
        .alone()
        .cases(cases![coordinator_stops_while_it_delays])
        .alone()
}

fn at(cx: &mut Context, node: usize, member: &Streams) -> Result<Streams> {
    Ok(Streams {
        conn: cx.connect(node)?,
        ..member.clone()
    })
}

fn describe_at(cx: &mut Context, conn: Conn, group: &str) -> Result<()> {
    cx.call_on(
        conn,
        "StreamsGroupDescribe",
        1,
        json!({"groupIds": [group]}),
    )?;
    Ok(())
}

/// Lets the first generation of tasks come, which waits for further members.
fn settled(cx: &mut Context, m: &mut Streams) -> Result<()> {
    cx.until("tasks", |cx| {
        let answer = m.own(cx)?;
        Ok(answer["status"] == json!([]) && m.tasks[0] != json!([]))
    })?;
    cx.quietly(|cx| m.own(cx))?;
    Ok(())
}

fn other_nodes(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_on("t", &[&[1, 2, 3]])?;
    let group = cx.key_led_by(Groups, "g", |replicas| replicas[0] == 2)?;
    let m = Streams::new(&group, "m");
    for node in [1, 3, 2] {
        let mut there = at(cx, node, &m)?;
        there.join(cx, &reads(&[&topic]))?;
        describe_at(cx, there.conn, &group)?;
        let body = json!({"groupId": group, "memberId": "m", "topologyEpoch": 0,
            "topologyDescription": {"subtopologies": [], "globalStores": []}});
        cx.call_on(there.conn, "StreamsGroupTopologyDescriptionUpdate", 0, body)?;
    }
    Ok(())
}

/// Replicas of the topic: how many.
fn replicas(cx: &mut Context, name: &str) -> Result<()> {
    let answer = cx.ask("Metadata", 12, json!({"topics": [{"name": name}]}))?;
    let rows = answer["topics"][0]["partitions"].as_array();
    let counts: Vec<usize> = rows
        .into_iter()
        .flatten()
        .map(|row| row["replicaNodes"].as_array().map_or(0, Vec::len))
        .collect();
    cx.note(&format!("replicas by partition: {counts:?}"));
    Ok(())
}

fn made(cx: &mut Context, factor: i32) -> Result<()> {
    let topic = cx.create_topic_on("t", &[&[1, 2, 3], &[2, 3, 1]])?;
    let group = cx.key_led_by(Groups, "g", |replicas| replicas[0] == 1)?;
    let name = cx.topic("store-changelog");
    let mut log = internal_topic(&name, 0);
    log["replicationFactor"] = json!(factor);
    let row = subtopology("0", &[&topic], json!({"stateChangelogTopics": [log]}));
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&[row]))?;
    settled(cx, &mut m)?;
    describe_streams(cx, &group)?;
    replicas(cx, &name)
}

fn replicated_internal_topics(cx: &mut Context) -> Result<()> {
    made(cx, 3)
}

fn default_replication(cx: &mut Context) -> Result<()> {
    made(cx, 0)
}

fn await_node(cx: &mut Context, group: &str, node: usize) -> Result<()> {
    cx.until("the coordinator", |cx| {
        Ok(cx.group_coordinator(group)? == node)
    })?;
    cx.note(&format!("node {node} coordinates"));
    let conn = cx.connect(node)?;
    let body = json!({"groupId": group, "members": [{"memberId": "nobody"}]});
    cx.quietly(|cx| cx.call_on(conn, "LeaveGroup", 5, body))?;
    Ok(())
}

fn coordinator_stops(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("controllerId");
    let topic = cx.create_topic_on("t", &[&[1, 2], &[2, 1]])?;
    let log = cx.create_topic_on("store-changelog", &[&[1, 2], &[2, 1]])?;
    let group = cx.key_led_by(Groups, "g", |replicas| replicas == [3, 1, 2])?;
    let mut m = at(cx, 3, &Streams::new(&group, "m"))?;
    let whole: Value = counts(&topic, &log);
    cx.quietly(|cx| m.join(cx, &whole))?;
    settled(cx, &mut m)?;
    cx.stop_node(3)?;
    await_node(cx, &group, 1)?;
    describe_streams(cx, &group)?;
    let mut m = Streams {
        conn: Context::A,
        ..m
    };
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    cx.note("another one joins");
    let mut n = Streams::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &whole))?;
    cx.until("the next assignment", |cx| {
        n.idle(cx)?;
        Ok(n.epoch == 3)
    })?;
    m.idle(cx)?;
    cx.start_node(3)?;
    cx.until("the preferred leaders", |cx| {
        cx.call(
            "ElectLeaders",
            2,
            json!({"electionType": 0, "timeoutMs": 10_000, "topicPartitions": null}),
        )?;
        Ok(cx.group_coordinator(&group)? == 3)
    })?;
    await_node(cx, &group, 3)?;
    m.idle(cx)?;
    let mut m = at(cx, 3, &m)?;
    m.own(cx)?;
    describe_at(cx, m.conn, &group)?;
    Ok(())
}

/// A new coordinator does not wait for further members.
fn coordinator_stops_while_it_delays(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("controllerId");
    let topic = cx.create_topic_on("t", &[&[1, 2], &[2, 1]])?;
    let group = cx.key_led_by(Groups, "g", |replicas| replicas == [3, 1, 2])?;
    super::members::configure(
        cx,
        &group,
        &[("streams.initial.rebalance.delay.ms", "60000")],
    )?;
    let mut m = at(cx, 3, &Streams::new(&group, "m"))?;
    m.join(cx, &reads(&[&topic]))?;
    m.idle(cx)?;
    cx.stop_node(3)?;
    await_node(cx, &group, 1)?;
    let mut m = Streams {
        conn: Context::A,
        ..m
    };
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    cx.start_node(3)?;
    Ok(())
}
