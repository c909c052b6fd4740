//! StreamsGroupHeartbeat (key 88), v0–v1: topics of a topology, internal ones and what they are made like.

use anyhow::Result;
use serde_json::json;

use super::members::{
    Streams, await_streams, describe_streams, internal_topic, reads, subtopology, topology,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_topics")
        .on(Profile::Streams)
        .cases(cases![
            missing_sources,
            many_missing_sources,
            changelog,
            repartition,
            repartition_with_partitions,
            loops,
            sink_that_nobody_writes,
            no_sources,
            copartitioned_sources,
            copartitioned_repartition,
            copartitioned_places,
            existing_internal_topic,
            topic_that_cannot_be_made,
            standby_tasks,
            tags,
            wrong_topic_infos,
        ])
}

fn missing_sources(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let b = cx.topic("b");
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a, &b]))?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    cx.create_topic_for_consumers("b", 2)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn many_missing_sources(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&["e", "d", "c", "b", "a"]))?;
    m.beat(cx, json!({"userEndpoint": {"host": "here", "port": 1}}))?;
    Ok(())
}

fn changelog(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 3)?;
    let name = cx.topic("store-changelog");
    let mut log = internal_topic(&name, 0);
    log["replicationFactor"] = json!(1);
    log["topicConfigs"] = json!([{"key": "cleanup.policy", "value": "compact"}]);
    let counts = topology(&[subtopology(
        "0",
        &[&a],
        json!({"stateChangelogTopics": [log]}),
    )]);
    let mut m = Streams::new(&group, "m");
    m.join(cx, &counts)?;
    cx.await_topic(&name, 3)?;
    cx.until("the changelog at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    cx.call("Metadata", 12, json!({"topics": [{"name": name}]}))?;
    Ok(())
}

fn repartition(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 3)?;
    let name = cx.topic("by-key-repartition");
    let rows = [
        subtopology("0", &[&a], json!({"repartitionSinkTopics": [name]})),
        subtopology(
            "1",
            &[],
            json!({"repartitionSourceTopics": [internal_topic(&name, 0)]}),
        ),
    ];
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&rows))?;
    cx.await_topic(&name, 3)?;
    cx.until("the topic at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn repartition_with_partitions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let name = cx.topic("by-key-repartition");
    let log = cx.topic("store-changelog");
    let rows = [
        subtopology("0", &[&a], json!({"repartitionSinkTopics": [name]})),
        subtopology(
            "1",
            &[],
            json!({"repartitionSourceTopics": [internal_topic(&name, 4)], "stateChangelogTopics": [internal_topic(&log, 0)]}),
        ),
    ];
    let mut m = Streams::new(&group, "m");
    // In which order it names them depends on their names.
    cx.quietly(|cx| m.join(cx, &topology(&rows)))?;
    cx.until("the topics at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn loops(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let rows = [
        subtopology(
            "0",
            &[],
            json!({"repartitionSinkTopics": ["x"], "repartitionSourceTopics": [internal_topic("y", 0)]}),
        ),
        subtopology(
            "1",
            &[],
            json!({"repartitionSinkTopics": ["y"], "repartitionSourceTopics": [internal_topic("x", 0)]}),
        ),
    ];
    Streams::new(&group, "m").join(cx, &topology(&rows))?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn sink_that_nobody_writes(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let row = subtopology(
        "0",
        &[&a],
        json!({"repartitionSourceTopics": [internal_topic("x", 0)]}),
    );
    Streams::new(&group, "m").join(cx, &topology(&[row]))?;
    Ok(())
}

fn no_sources(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    Streams::new(&group, "m").join(cx, &topology(&[]))?;
    describe_streams(cx, &group)?;
    let other = cx.group("other")?;
    Streams::new(&other, "m").join(cx, &topology(&[subtopology("0", &[], json!({}))]))?;
    Streams::new(&other, "m").join(
        cx,
        &topology(&[subtopology(
            "",
            &[],
            json!({"stateChangelogTopics": [internal_topic("x", 0)]}),
        )]),
    )?;
    Ok(())
}

fn copartitioned_sources(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let b = cx.create_topic_for_consumers("b", 3)?;
    let groups = json!({"copartitionGroups": [{"sourceTopics": [0, 1], "sourceTopicRegex": [], "repartitionSourceTopics": []}]});
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&[subtopology("0", &[&a, &b], groups)]))?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn copartitioned_repartition(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let b = cx.create_topic_for_consumers("b", 3)?;
    let name = cx.topic("by-key-repartition");
    let of = |partitions: i32| {
        topology(&[
            subtopology("0", &[&b], json!({"repartitionSinkTopics": [name]})),
            subtopology(
                "1",
                &[&a],
                json!({"repartitionSourceTopics": [internal_topic(&name, partitions)],
                "copartitionGroups": [{"sourceTopics": [0], "sourceTopicRegex": [], "repartitionSourceTopics": [0]}]}),
            ),
        ])
    };
    cx.note("one too many");
    Streams::new(&group, "m").join(cx, &of(3))?;
    let other = cx.group("other")?;
    let mut m = Streams::new(&other, "m");
    m.join(cx, &of(0))?;
    cx.until("the topic at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    describe_streams(cx, &other)?;
    Ok(())
}

fn copartitioned_places(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    for places in [json!([1]), json!([-1]), json!([]), json!([0, 0])] {
        let groups = json!({"copartitionGroups": [{"sourceTopics": places, "sourceTopicRegex": [], "repartitionSourceTopics": []}]});
        let group = format!("{group}{places}");
        Streams::new(&group, "m").join(cx, &topology(&[subtopology("0", &[&a], groups)]))?;
    }
    Ok(())
}

fn existing_internal_topic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let log = cx.create_topic_for_consumers("store-changelog", 3)?;
    let row = subtopology(
        "0",
        &[&a],
        json!({"stateChangelogTopics": [internal_topic(&log, 0)]}),
    );
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&[row]))?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn topic_that_cannot_be_made(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let name = cx.topic("store-changelog");
    let mut log = internal_topic(&name, 0);
    log["replicationFactor"] = json!(5);
    let row = subtopology("0", &[&a], json!({"stateChangelogTopics": [log]}));
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&[row]))?;
    cx.until("the failure", |cx| {
        Ok(m.idle(cx)?["status"].to_string().contains("failed"))
    })?;
    m.idle(cx)?;
    Ok(())
}

fn standby_tasks(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    super::members::configure(
        cx,
        &group,
        &[
            ("streams.num.standby.replicas", "1"),
            ("streams.heartbeat.interval.ms", "6001"),
        ],
    )?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let log = cx.create_topic_for_consumers("store-changelog", 2)?;
    let counts = topology(&[subtopology(
        "0",
        &[&a],
        json!({"stateChangelogTopics": [internal_topic(&log, 0)]}),
    )]);
    let (mut m, mut n) = (Streams::new(&group, "m"), Streams::new(&group, "n"));
    m.join(cx, &counts)?;
    m.own(cx)?;
    n.join(cx, &counts)?;
    m.idle(cx)?;
    m.own(cx)?;
    n.own(cx)?;
    n.own(cx)?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    cx.note("a standby is promoted");
    m.leave(cx, -1)?;
    n.own(cx)?;
    n.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn tags(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    super::members::configure(
        cx,
        &group,
        &[
            ("streams.rack.aware.assignment.tags", "zone,cluster"),
            ("streams.heartbeat.interval.ms", "6001"),
        ],
    )?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    m.beat(cx, json!({"clientTags": [{"key": "zone", "value": "z"}]}))?;
    m.beat_at(cx, 0, json!({}))?;
    m.beat(
        cx,
        json!({"clientTags": [{"key": "zone", "value": "z"}, {"key": "cluster", "value": "c"}]}),
    )?;
    Ok(())
}

fn wrong_topic_infos(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    for fields in [
        json!({"repartitionSourceTopics": [internal_topic("x", -1)], "repartitionSinkTopics": ["x"]}),
        json!({"stateChangelogTopics": [internal_topic("x", 0), internal_topic("x", 0)]}),
        json!({"stateChangelogTopics": [{"name": "x", "partitions": 0, "replicationFactor": 0,
            "topicConfigs": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]}]}),
    ] {
        Streams::new(&group, "m").join(cx, &topology(&[subtopology("0", &[&a], fields)]))?;
    }
    await_streams(cx, &group, "errorCode", &json!(69))?;
    Ok(())
}
