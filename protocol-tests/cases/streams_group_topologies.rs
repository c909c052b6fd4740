//! StreamsGroupHeartbeat (key 88), v0–v1: topologies that are odd, wrong or large.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::members::{Streams, describe_streams, internal_topic, reads, subtopology, topology};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_topologies")
        .on(Profile::Streams)
        .cases(cases![
            ten_thousand_subtopologies,
            many_internal_topics,
            cycle_of_three,
            reads_what_it_writes,
            chain_of_repartitions,
            two_writers,
            repartition_of_the_larger,
            same_topic_twice,
            same_changelog_twice,
            source_that_is_internal,
            empty_subtopology_id,
            long_names,
            copartitioned_fixed,
            copartitioned_fixed_apart,
            copartitioned_flexible,
            copartitioned_across,
            copartition_regex,
            copartition_without_topics,
            copartitioned_missing_sources,
            repartition_that_exists,
            repartition_that_exists_apart,
            negative_replication_factor,
            unknown_setting,
            wrong_setting,
            internal_settings,
            replication_of_the_broker,
            too_many_partitions,
            epochs_of_topologies,
            topology_of_the_oldest_version,
        ])
        .cases(cases![shown_after_another_record])
        .alone()
}

/// The coordinator looks its topics up, then writes something, by which everybody sees what it found.
fn written(cx: &mut Context, m: &mut Streams) -> Result<()> {
    m.own(cx)?;
    m.beat(cx, json!({"rebalanceTimeoutMs": 7000}))?;
    Ok(())
}

/// What the coordinator finds is shown once it has written something after that, of whatever group.
fn shown_after_another_record(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = join(cx, "g", &[subtopology("0", &[&t, &t], json!({}))])?;
    describe_streams(cx, &m.group)?;
    m.own(cx)?;
    describe_streams(cx, &m.group)?;
    let other = cx.group("other")?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]}]);
    cx.call(
        "OffsetCommit",
        9,
        json!({"groupId": other, "topics": topics}),
    )?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn ten_thousand_subtopologies(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let rows: Vec<Value> = (0..10_000)
        .map(|at| subtopology(&at.to_string(), &["a"], json!({})))
        .collect();
    let body = json!({"groupId": group, "memberId": "m", "memberEpoch": 0, "rebalanceTimeoutMs": 1000,
        "topology": topology(&rows), "activeTasks": [], "standbyTasks": [], "warmupTasks": []});
    let answer = cx.ask("StreamsGroupHeartbeat", 1, body)?;
    cx.note(&format!(
        "error {} {}, epoch {}, {}",
        answer["errorCode"], answer["errorMessage"], answer["memberEpoch"], answer["status"]
    ));
    let described = cx.ask("StreamsGroupDescribe", 1, json!({"groupIds": [group]}))?;
    let row = &described["groups"][0];
    let rows = row["topology"]["subtopologies"].as_array();
    cx.note(&format!(
        "error {}, {} subtopologies",
        row["errorCode"],
        rows.map_or(0, Vec::len)
    ));
    Ok(())
}

fn many_internal_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let names: Vec<String> = (0..9)
        .map(|at| cx.topic(&format!("store-{at}-changelog")))
        .collect();
    let logs: Vec<Value> = names.iter().map(|name| internal_topic(name, 0)).collect();
    let row = subtopology("0", &[&t], json!({"stateChangelogTopics": logs}));
    let mut m = Streams::new(&group, "m");
    let answer = cx.quietly(|cx| m.join(cx, &topology(&[row])))?;
    let detail = answer["status"][0]["statusDetail"]
        .as_str()
        .unwrap_or_default();
    ensure!(detail.ends_with(" and 6 additional topics"), "{answer}");
    cx.note("three are named, and 6 additional topics");
    cx.until("the topics at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn join(cx: &mut Context, short: &str, rows: &[Value]) -> Result<Streams> {
    let group = cx.group(short)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(rows))?;
    Ok(m)
}

fn through(id: &str, from: &[&str], to: &[&str]) -> Value {
    let from: Vec<Value> = from.iter().map(|name| internal_topic(name, 0)).collect();
    subtopology(
        id,
        &[],
        json!({"repartitionSourceTopics": from, "repartitionSinkTopics": to}),
    )
}

fn cycle_of_three(cx: &mut Context) -> Result<()> {
    let rows = [
        through("0", &["x"], &["y"]),
        through("1", &["y"], &["z"]),
        through("2", &["z"], &["x"]),
    ];
    let m = join(cx, "g", &rows)?;
    cx.note("the same with a source, which gives all of them a number");
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut rows = rows.to_vec();
    rows[0]["sourceTopics"] = json!([t]);
    let names: Vec<String> = ["x", "y", "z"].iter().map(|name| cx.topic(name)).collect();
    let text = json!(rows).to_string();
    let text = ["x", "y", "z"]
        .iter()
        .zip(&names)
        .fold(text, |text, (short, name)| {
            text.replace(&format!("\"{short}\""), &format!("\"{name}\""))
        });
    let rows: Vec<Value> = serde_json::from_str(&text)?;
    let group = cx.group("with-a-source")?;
    let mut n = Streams::new(&group, "m");
    cx.quietly(|cx| n.join(cx, &topology(&rows)))?;
    cx.until("the topics at the coordinator", |cx| {
        Ok(n.idle(cx)?["status"] == json!([]))
    })?;
    describe_streams(cx, &n.group)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn reads_what_it_writes(cx: &mut Context) -> Result<()> {
    join(cx, "g", &[through("0", &["x"], &["x"])])?;
    Ok(())
}

fn chain_of_repartitions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 3)?;
    let (x, y) = (cx.topic("x-repartition"), cx.topic("y-repartition"));
    let rows = [
        subtopology("2", &[&t], json!({"repartitionSinkTopics": [x]})),
        through("1", &[&x], &[&y]),
        through("0", &[&y], &[]),
    ];
    let mut m = Streams::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &topology(&rows)))?;
    cx.until("the topics at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn two_writers(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let b = cx.create_topic_for_consumers("b", 5)?;
    let x = cx.topic("x-repartition");
    let rows = [
        subtopology("0", &[&a], json!({"repartitionSinkTopics": [x]})),
        subtopology("1", &[&b], json!({"repartitionSinkTopics": [x]})),
        through("2", &[&x], &[]),
    ];
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&rows))?;
    cx.until("the topic at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// A subtopology writes into as many partitions as the largest topic that it reads has.
fn repartition_of_the_larger(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 2)?;
    let b = cx.create_topic_for_consumers("b", 5)?;
    let x = cx.topic("x-repartition");
    let rows = [
        subtopology("0", &[&a, &b], json!({"repartitionSinkTopics": [x]})),
        through("1", &[&x], &[]),
    ];
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&rows))?;
    cx.until("the topic at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn same_topic_twice(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = join(cx, "g", &[subtopology("0", &[&t, &t], json!({}))])?;
    written(cx, &mut m)?;
    describe_streams(cx, &m.group)?;
    let rows = [
        subtopology("0", &[&t], json!({})),
        subtopology("1", &[&t], json!({})),
    ];
    join(cx, "other", &rows)?;
    Ok(())
}

fn same_changelog_twice(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 1)?;
    let log = cx.create_topic_for_consumers("store-changelog", 1)?;
    let logs = json!({"stateChangelogTopics": [internal_topic(&log, 0)]});
    let rows = [
        subtopology("0", &[&t], logs.clone()),
        subtopology("1", &[&t], logs),
    ];
    let m = join(cx, "g", &rows)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn source_that_is_internal(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let x = cx.create_topic_for_consumers("x", 2)?;
    let rows = [
        subtopology("0", &[&t], json!({"repartitionSinkTopics": [x]})),
        subtopology(
            "1",
            &[&x],
            json!({"repartitionSourceTopics": [internal_topic(&x, 0)]}),
        ),
    ];
    let m = join(cx, "g", &rows)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn empty_subtopology_id(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = join(cx, "g", &[subtopology("", &[&t], json!({}))])?;
    m.own(cx)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn long_names(cx: &mut Context) -> Result<()> {
    let name = |length: usize| "n".repeat(length);
    join(cx, "g", &[subtopology("0", &[&name(249)], json!({}))])?;
    join(cx, "h", &[subtopology("0", &[&name(250)], json!({}))])?;
    join(cx, "i", &[subtopology(&name(300), &["a"], json!({}))])?;
    Ok(())
}

/// A subtopology that reads `source` and repartition topics of these numbers, all copartitioned.
fn together(sources: &[&str], internal: &[(&str, i32)]) -> [Value; 2] {
    let names: Vec<&str> = internal.iter().map(|(name, _)| *name).collect();
    let topics: Vec<Value> = internal
        .iter()
        .map(|(name, count)| internal_topic(name, *count))
        .collect();
    let of_sources: Vec<usize> = (0..sources.len()).collect();
    let of_internal: Vec<usize> = (0..internal.len()).collect();
    [
        subtopology("0", sources, json!({"repartitionSinkTopics": names})),
        subtopology(
            "1",
            sources,
            json!({"repartitionSourceTopics": topics, "copartitionGroups": [{"sourceTopics": of_sources,
                "sourceTopicRegex": [], "repartitionSourceTopics": of_internal}]}),
        ),
    ]
}

fn copartitioned_fixed(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 3)?;
    let (x, y) = (cx.topic("x-repartition"), cx.topic("y-repartition"));
    cx.note("as many as the source");
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &topology(&together(&[&t], &[(&x, 3), (&y, 0)]))))?;
    cx.until("the topics at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn copartitioned_fixed_apart(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 3)?;
    let m = join(cx, "g", &together(&[&t], &[("x", 3), ("y", 4)]))?;
    describe_streams(cx, &m.group)?;
    cx.note("without a source in the group");
    let mut rows = together(&[&t], &[("x", 3), ("y", 4)]);
    rows[1]["copartitionGroups"][0]["sourceTopics"] = json!([]);
    join(cx, "other", &rows)?;
    Ok(())
}

fn copartitioned_flexible(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_for_consumers("a", 3)?;
    let b = cx.create_topic_for_consumers("b", 5)?;
    let (x, y) = (cx.topic("x-repartition"), cx.topic("y-repartition"));
    let of_two = [internal_topic(&x, 0), internal_topic(&y, 0)];
    let rows = [
        subtopology("0", &[&a], json!({"repartitionSinkTopics": [x]})),
        subtopology("1", &[&b], json!({"repartitionSinkTopics": [y]})),
        subtopology(
            "2",
            &[],
            json!({"repartitionSourceTopics": of_two, "copartitionGroups": [{"sourceTopics": [],
                "sourceTopicRegex": [], "repartitionSourceTopics": [0, 1]}]}),
        ),
    ];
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &topology(&rows)))?;
    cx.until("the topics at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// Groups that share a topic are decided one after the other.
fn copartitioned_across(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_for_consumers("a", 2)?;
    let b = cx.create_topic_for_consumers("b", 2)?;
    let c = cx.create_topic_for_consumers("c", 4)?;
    let groups = json!({"copartitionGroups": [
        {"sourceTopics": [0, 1], "sourceTopicRegex": [], "repartitionSourceTopics": []},
        {"sourceTopics": [1, 2], "sourceTopicRegex": [], "repartitionSourceTopics": []}]});
    let m = join(cx, "g", &[subtopology("0", &[&a, &b, &c], groups)])?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn copartition_regex(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    for places in [json!([0]), json!([-1]), json!([7])] {
        let groups = json!({"copartitionGroups": [{"sourceTopics": [0], "sourceTopicRegex": places,
            "repartitionSourceTopics": []}]});
        let group = cx.group(&format!("g{places}"))?;
        Streams::new(&group, "m").join(cx, &topology(&[subtopology("0", &[&t], groups)]))?;
    }
    Ok(())
}

fn copartition_without_topics(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let groups = json!({"copartitionGroups": [{"sourceTopics": [], "sourceTopicRegex": [],
        "repartitionSourceTopics": []}]});
    let mut m = join(cx, "g", &[subtopology("0", &[&t], groups)])?;
    m.own(cx)?;
    Ok(())
}

fn copartitioned_missing_sources(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let none = cx.topic("none");
    let groups = json!({"copartitionGroups": [{"sourceTopics": [0, 1], "sourceTopicRegex": [],
        "repartitionSourceTopics": []}]});
    let m = join(cx, "g", &[subtopology("0", &[&t, &none], groups)])?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn repartition_that_exists(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let x = cx.create_topic_for_consumers("x-repartition", 2)?;
    let rows = [
        subtopology("0", &[&t], json!({"repartitionSinkTopics": [x]})),
        through("1", &[&x], &[]),
    ];
    let mut m = join(cx, "g", &rows)?;
    written(cx, &mut m)?;
    describe_streams(cx, &m.group)?;
    Ok(())
}

fn repartition_that_exists_apart(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let x = cx.create_topic_for_consumers("x-repartition", 5)?;
    for (short, count) in [("g", 0), ("h", 2), ("i", 5)] {
        let rows = [
            subtopology("0", &[&t], json!({"repartitionSinkTopics": [x]})),
            subtopology(
                "1",
                &[],
                json!({"repartitionSourceTopics": [internal_topic(&x, count)]}),
            ),
        ];
        let m = join(cx, short, &rows)?;
        describe_streams(cx, &m.group)?;
    }
    Ok(())
}

/// The reason for which a changelog like this is not made.
fn failing(cx: &mut Context, short: &str, fields: Value) -> Result<()> {
    let group = cx.group(short)?;
    let t = cx.create_topic_for_consumers(&format!("t-{short}"), 1)?;
    let mut log = internal_topic(&cx.topic(&format!("{short}-changelog")), 0);
    if let (Some(log), Value::Object(fields)) = (log.as_object_mut(), fields) {
        log.extend(fields);
    }
    let row = subtopology("0", &[&t], json!({"stateChangelogTopics": [log]}));
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&[row]))?;
    cx.until("the failure", |cx| {
        Ok(m.idle(cx)?["status"].to_string().contains("failed"))
    })?;
    m.idle(cx)?;
    Ok(())
}

fn negative_replication_factor(cx: &mut Context) -> Result<()> {
    failing(cx, "minus-two", json!({"replicationFactor": -2}))
}

fn unknown_setting(cx: &mut Context) -> Result<()> {
    failing(
        cx,
        "unknown",
        json!({"topicConfigs": [{"key": "no.such.setting", "value": "1"}]}),
    )
}

fn wrong_setting(cx: &mut Context) -> Result<()> {
    failing(
        cx,
        "wrong",
        json!({"topicConfigs": [{"key": "retention.ms", "value": "soon"}]}),
    )
}

fn internal_settings(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let name = cx.topic("store-changelog");
    let mut log = internal_topic(&name, 0);
    log["topicConfigs"] = json!([{"key": "segment.bytes", "value": "1048576"}, {"key": "cleanup.policy", "value": "compact,delete"},
        {"key": "retention.ms", "value": "86400000"}, {"key": "message.timestamp.type", "value": "CreateTime"}]);
    let row = subtopology("0", &[&t], json!({"stateChangelogTopics": [log]}));
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&[row]))?;
    cx.until("the topic at the coordinator", |cx| {
        Ok(m.idle(cx)?["status"] == json!([]))
    })?;
    let keys = [
        "segment.bytes",
        "cleanup.policy",
        "retention.ms",
        "message.timestamp.type",
    ];
    let resources = json!([{"resourceType": 2, "resourceName": name, "configurationKeys": keys}]);
    cx.call("DescribeConfigs", 4, json!({"resources": resources}))?;
    Ok(())
}

fn replication_of_the_broker(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    for factor in [-1, 0, 1] {
        let name = cx.topic(&format!("log-{factor}"));
        let mut log = internal_topic(&name, 0);
        log["replicationFactor"] = json!(factor);
        let group = format!("{group}{factor}");
        let row = subtopology("0", &[&t], json!({"stateChangelogTopics": [log]}));
        let mut m = Streams::new(&group, "m");
        m.join(cx, &topology(&[row]))?;
        cx.until("the topic at the coordinator", |cx| {
            Ok(m.idle(cx)?["status"] == json!([]))
        })?;
        cx.call("Metadata", 12, json!({"topics": [{"name": name}]}))?;
    }
    Ok(())
}

fn too_many_partitions(cx: &mut Context) -> Result<()> {
    let t = cx.create_topic_for_consumers("t", 1)?;
    let rows = [
        subtopology("0", &[&t], json!({"repartitionSinkTopics": ["x"]})),
        subtopology(
            "1",
            &[],
            json!({"repartitionSourceTopics": [internal_topic("x", -2)]}),
        ),
    ];
    join(cx, "g", &rows)?;
    Ok(())
}

fn epochs_of_topologies(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let at = |epoch: i32| {
        let mut topology = reads(&[&t]);
        topology["epoch"] = json!(epoch);
        topology
    };
    Streams::new(&group, "m").join(cx, &at(5))?;
    for epoch in [5, 6, 4, 0, -1, i32::MIN, i32::MAX] {
        Streams::new(&group, "n").join(cx, &at(epoch))?;
    }
    describe_streams(cx, &group)?;
    Ok(())
}

fn topology_of_the_oldest_version(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let log = cx.create_topic_for_consumers("store-changelog", 1)?;
    let fields = json!({"rebalanceTimeoutMs": 30_000, "topology": super::members::counts(&t, &log), "processId": "p",
        "activeTasks": [], "standbyTasks": [], "warmupTasks": [], "rackId": "r",
        "userEndpoint": {"host": "h", "port": 1}, "clientTags": [{"key": "k", "value": "v"}],
        "taskOffsets": [{"subtopologyId": "0", "partition": 0, "offset": 1}], "endpointInformationEpoch": -1});
    let mut m = Streams::new(&group, "m");
    m.beat_at(cx, 0, fields)?;
    m.beat_at(cx, 0, json!({}))?;
    m.beat_at(cx, 0, json!({"rebalanceTimeoutMs": 7000}))?;
    cx.call("StreamsGroupDescribe", 0, json!({"groupIds": [group]}))?;
    Ok(())
}
