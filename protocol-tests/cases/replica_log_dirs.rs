//! AlterReplicaLogDirs (key 34), v1–v2, and what DescribeLogDirs shows then.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

/// A folder that no node has.
const NOWHERE: &str = "/no/such/folder";

pub(super) fn area() -> Area {
    Area::new("replica_log_dirs")
        .cases_at(
            1..=2,
            cases![to_where_it_is, to_nowhere, unknown_topic, unknown_partition],
        )
        .versions("nothing", 1..=2, |cx, version| {
            alter(cx, version, json!([]))
        })
        .cases_at(
            1..=2,
            cases![
                no_topics,
                no_partitions,
                several_partitions,
                partition_twice,
                to_two_places,
                topic_twice,
                path_twice,
            ],
        )
        .cases(cases![odd_paths, odd_names, long_names])
        .cases(cases![cordoned])
        .alone()
        .on(Profile::Three)
        .cases(cases![absent_replica])
}

/// Where the first node keeps its logs.
fn own(cx: &mut Context) -> Result<String> {
    let answer = cx.ask("DescribeLogDirs", 4, json!({"topics": []}))?;
    let path = answer["results"][0]["logDir"].as_str();
    let path = path.context("a log directory")?.to_owned();
    cx.labels.text(&path, "<own>");
    Ok(path)
}

fn alter(cx: &mut Context, version: i16, dirs: Value) -> Result<()> {
    cx.call("AlterReplicaLogDirs", version, json!({"dirs": dirs}))?;
    Ok(())
}

fn describe(cx: &mut Context, topic: &str) -> Result<()> {
    cx.labels.own_topics_only = true;
    let topics = json!([{"topic": topic, "partitions": [0, 1, 2]}]);
    cx.call("DescribeLogDirs", 4, json!({"topics": topics}))?;
    Ok(())
}

fn dir(path: &str, topics: &[(&str, &[i32])]) -> Value {
    let topics: Vec<_> = topics
        .iter()
        .map(|(name, partitions)| json!({"name": name, "partitions": partitions}))
        .collect();
    json!({"path": path, "topics": topics})
}

fn to_where_it_is(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let own = own(cx)?;
    alter(cx, version, json!([dir(&own, &[(&a, &[0])])]))?;
    describe(cx, &a)
}

fn to_nowhere(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    alter(cx, version, json!([dir(NOWHERE, &[(&a, &[0])])]))?;
    describe(cx, &a)
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    let own = own(cx)?;
    for path in [own.as_str(), NOWHERE] {
        alter(cx, version, json!([dir(path, &[(&a, &[0])])]))?;
    }
    Ok(())
}

fn unknown_partition(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let own = own(cx)?;
    for path in [own.as_str(), NOWHERE] {
        alter(cx, version, json!([dir(path, &[(&a, &[0, 7, -1])])]))?;
    }
    Ok(())
}

fn no_topics(cx: &mut Context, version: i16) -> Result<()> {
    let own = own(cx)?;
    alter(cx, version, json!([dir(&own, &[]), dir(NOWHERE, &[])]))
}

fn no_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let own = own(cx)?;
    alter(cx, version, json!([dir(&own, &[(&a, &[])])]))
}

fn several_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    let b = cx.create_topic("b", 2)?;
    let own = own(cx)?;
    let dirs = json!([
        dir(&own, &[(&a, &[2, 0]), (&b, &[1])]),
        dir(NOWHERE, &[(&b, &[0]), (&a, &[1])]),
    ]);
    alter(cx, version, dirs)?;
    describe(cx, &a)
}

fn partition_twice(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let own = own(cx)?;
    alter(cx, version, json!([dir(&own, &[(&a, &[0, 0])])]))
}

/// The later place counts.
fn to_two_places(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let own = own(cx)?;
    let (here, nowhere) = (dir(&own, &[(&a, &[0])]), dir(NOWHERE, &[(&a, &[0])]));
    alter(cx, version, json!([here, nowhere]))?;
    alter(cx, version, json!([nowhere, here]))
}

fn topic_twice(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let own = own(cx)?;
    alter(cx, version, json!([dir(&own, &[(&a, &[0]), (&a, &[1])])]))
}

fn path_twice(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let own = own(cx)?;
    let dirs = json!([dir(&own, &[(&a, &[0])]), dir(&own, &[(&a, &[1])])]);
    alter(cx, version, dirs)
}

fn odd_paths(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let own = own(cx)?;
    let paths = [
        format!("{own}/"),
        format!("{own}/."),
        format!("/{own}"),
        format!("{own}/a-0"),
        format!(" {own}"),
        "relative".to_owned(),
        "any".to_owned(),
        "/".to_owned(),
    ];
    for path in paths {
        alter(cx, 2, json!([dir(&path, &[(&a, &[0])])]))?;
    }
    alter(cx, 2, json!([dir("", &[(&a, &[0])])]))?;
    alter(cx, 2, json!([dir("a\u{0}b", &[(&a, &[0])])]))
}

fn odd_names(cx: &mut Context) -> Result<()> {
    let own = own(cx)?;
    for name in [
        "",
        "a/b",
        "..",
        "ä",
        "__consumer_offsets",
        "__cluster_metadata",
    ] {
        alter(cx, 2, json!([dir(&own, &[(name, &[99])])]))?;
    }
    Ok(())
}

/// A future replica's folder has a longer name than a replica's, and a name of a file has an end.
fn long_names(cx: &mut Context) -> Result<()> {
    let own = own(cx)?;
    for length in [212, 213, 214, 250] {
        let name = "x".repeat(length);
        cx.labels.text(&name, &format!("<{length} times x>"));
        alter(cx, 2, json!([dir(&own, &[(&name, &[0])])]))?;
        alter(cx, 2, json!([dir(&own, &[(&name, &[10])])]))?;
        alter(cx, 2, json!([dir(NOWHERE, &[(&name, &[0])])]))?;
    }
    Ok(())
}

/// Nothing comes into a directory that is cordoned (KIP-1066).
fn cordoned(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let own = own(cx)?;
    let node = cx.node(1)?.to_string();
    for (value, operation) in [("*", 0), ("", 1)] {
        let setting =
            json!([{"name": "cordoned.log.dirs", "configOperation": operation, "value": value}]);
        let broker = json!({"resourceType": 4, "resourceName": node, "configs": setting});
        cx.call("IncrementalAlterConfigs", 1, json!({"resources": [broker]}))?;
        cx.until("the broker knows", |cx| {
            let answer = cx.call("DescribeLogDirs", 5, json!({"topics": []}))?;
            Ok(answer["results"][0]["isCordoned"] == (operation == 0))
        })?;
        let b = cx.topic("b");
        let topic = json!({"name": b, "numPartitions": 1, "replicationFactor": 1});
        let body = json!({"topics": [topic], "timeoutMs": 10000, "validateOnly": true});
        cx.until("the controller knows", |cx| {
            let answer = cx.call("CreateTopics", 7, body.clone())?;
            Ok((answer["topics"][0]["errorCode"] != 0) == (operation == 0))
        })?;
        cx.labels.own_topics_only = true;
        cx.call(
            "DescribeLogDirs",
            5,
            json!({"topics": [{"topic": a, "partitions": [0]}]}),
        )?;
        alter(
            cx,
            2,
            json!([dir(&own, &[(&a, &[0, 7])]), dir(NOWHERE, &[(&a, &[8])])]),
        )?;
        cx.labels.hidden = vec!["configs"];
        cx.call("CreateTopics", 7, body)?;
    }
    Ok(())
}

fn absent_replica(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2], &[1], &[3]])?;
    let own = own(cx)?;
    alter(cx, 2, json!([dir(&own, &[(&a, &[0, 1, 2])])]))?;
    alter(cx, 2, json!([dir(NOWHERE, &[(&a, &[0, 1, 2])])]))?;
    describe(cx, &a)
}
