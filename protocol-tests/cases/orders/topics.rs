//! Answers about many topics and partitions.

use anyhow::Result;
use serde_json::{Value, json};

use super::{create, names, spread};
use crate::case::{Area, cases};
use crate::context::Context;

/// How many names: what a small set takes, and what makes tables grow.
const COUNTS: [usize; 6] = [3, 5, 11, 13, 20, 40];

pub(in crate::cases) fn area() -> Area {
    Area::new("orders_of_topics")
        .cases_for(
            COUNTS,
            cases![metadata_of_unknown_names, metadata_of_unknown_ids],
        )
        .cases(cases![metadata_of_some_names])
        .cases(cases![metadata_of_all_topics])
        .alone()
        .cases(cases![list_offsets, offset_for_leader_epoch])
        .cases_for(COUNTS, cases![delete_records_of_unknown])
        .cases(cases![delete_records])
        .cases_for(
            COUNTS,
            cases![
                create_topics,
                create_partitions,
                elect_leaders,
                alter_partition_reassignments,
            ],
        )
        .cases(cases![describe_producers, produce, fetch])
}

fn named(names: &[String]) -> Value {
    names.iter().map(|name| json!({"name": name})).collect()
}

fn metadata_of_unknown_names(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let topics = named(&names("none", count));
    cx.call(
        "Metadata",
        12,
        json!({"topics": topics, "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

fn ids(count: usize) -> Vec<String> {
    let letters: Vec<char> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
        .chars()
        .collect();
    let id = |k: usize| {
        let letter = letters.get(k % letters.len()).copied().unwrap_or('A');
        format!(
            "{letter}{}{letter}g",
            "b3Jk".repeat(5).chars().take(19).collect::<String>()
        )
    };
    (0..count).map(id).collect()
}

fn metadata_of_unknown_ids(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let ids = ids(count);
    let topics: Value = ids
        .iter()
        .map(|id| json!({"topicId": id, "name": null}))
        .collect();
    cx.call(
        "Metadata",
        12,
        json!({"topics": topics, "allowAutoTopicCreation": false}),
    )?;
    Ok(())
}

fn metadata_of_some_names(cx: &mut Context) -> Result<()> {
    let there = names("orders-some", 7);
    create(cx, &there, 1)?;
    let missing = names("none", 7);
    let mixed: Vec<String> = there
        .iter()
        .zip(&missing)
        .flat_map(|(a, b)| [a.clone(), b.clone()])
        .collect();
    for count in [4, 8, 14] {
        let topics = named(&mixed[..count]);
        cx.call(
            "Metadata",
            9,
            json!({"topics": topics, "allowAutoTopicCreation": false}),
        )?;
    }
    Ok(())
}

/// These partitions of topics that are there and of some that are not.
fn partitions(names: &[String], key: &str, partition: impl Fn(i32) -> Value) -> Value {
    let rows: Vec<Value> = [2, 0, 7, 1].into_iter().map(&partition).collect();
    let none: Vec<Value> = [3, 1, 2, 0].into_iter().map(&partition).collect();
    let row = |(k, name): (usize, &String)| match k % 4 {
        3 => json!({key: format!("{name}-none"), "partitions": none}),
        _ => json!({key: name, "partitions": rows}),
    };
    names.iter().enumerate().map(row).collect()
}

fn list_offsets(cx: &mut Context) -> Result<()> {
    let topics = names("orders-ends", 13);
    create(cx, &topics, 3)?;
    let topics = partitions(
        &topics,
        "name",
        |k| json!({"partitionIndex": k, "timestamp": -1}),
    );
    cx.call("ListOffsets", 7, json!({"replicaId": -1, "topics": topics}))?;
    Ok(())
}

fn offset_for_leader_epoch(cx: &mut Context) -> Result<()> {
    let topics = names("orders-epochs", 13);
    create(cx, &topics, 3)?;
    let topics = partitions(
        &topics,
        "topic",
        |k| json!({"partition": k, "leaderEpoch": 0}),
    );
    cx.call(
        "OffsetForLeaderEpoch",
        4,
        json!({"replicaId": -1, "topics": topics}),
    )?;
    Ok(())
}

fn delete_records_of_unknown(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let names = names("none", count);
    let partition = |k: i32| json!({"partitionIndex": k, "offset": -1});
    let rows: Vec<Value> = [2, 0, 1].into_iter().map(partition).collect();
    let topics: Value = names
        .iter()
        .map(|name| json!({"name": name, "partitions": rows}))
        .collect();
    cx.call(
        "DeleteRecords",
        2,
        json!({"topics": topics, "timeoutMs": 10_000}),
    )?;
    Ok(())
}

fn delete_records(cx: &mut Context) -> Result<()> {
    let topics = names("orders-delete", 13);
    create(cx, &topics, 3)?;
    for count in [1, 2, 4, 5, 8, 13] {
        let topics = partitions(
            &topics[..count],
            "name",
            |k| json!({"partitionIndex": k, "offset": -1}),
        );
        cx.call(
            "DeleteRecords",
            2,
            json!({"topics": topics, "timeoutMs": 10_000}),
        )?;
    }
    Ok(())
}

/// Topics that could be made, that have a wrong name, that are named twice, and that have no replicas.
fn create_topics(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    cx.labels.hidden.push("configs");
    let names = names("orders-new", count);
    let row = |(k, name): (usize, &String)| match k % 5 {
        2 => json!({"name": format!("{name} of"), "numPartitions": 1, "replicationFactor": 1}),
        4 => json!({"name": name, "numPartitions": 0, "replicationFactor": 1}),
        _ => json!({"name": name, "numPartitions": 1, "replicationFactor": 1}),
    };
    let mut rows: Vec<Value> = names.iter().enumerate().map(row).collect();
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": rows, "timeoutMs": 10_000, "validateOnly": true}),
    )?;
    rows.extend(rows.iter().step_by(3).cloned().collect::<Vec<_>>());
    cx.call(
        "CreateTopics",
        7,
        json!({"topics": rows, "timeoutMs": 10_000, "validateOnly": true}),
    )?;
    Ok(())
}

fn create_partitions(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let row = |name: &String| json!({"name": name, "count": 3, "assignments": null});
    let mut topics: Vec<Value> = names("none", count).iter().map(row).collect();
    for version in [1, 3] {
        cx.call(
            "CreatePartitions",
            version,
            json!({"topics": topics, "timeoutMs": 10_000, "validateOnly": true}),
        )?;
        topics.extend(topics.iter().step_by(3).cloned().collect::<Vec<_>>());
    }
    Ok(())
}

fn elect_leaders(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let row = |name: &String| json!({"topic": name, "partitions": [2, 0, 1]});
    let topics: Value = names("none", count).iter().map(row).collect();
    cx.call(
        "ElectLeaders",
        2,
        json!({"electionType": 0, "topicPartitions": topics, "timeoutMs": 10_000}),
    )?;
    Ok(())
}

fn alter_partition_reassignments(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let partition = |k: i32| json!({"partitionIndex": k, "replicas": [1]});
    let rows: Vec<Value> = [2, 0, 1].into_iter().map(partition).collect();
    let topics: Value = names("none", count)
        .iter()
        .map(|name| json!({"name": name, "partitions": rows}))
        .collect();
    cx.call(
        "AlterPartitionReassignments",
        0,
        json!({"topics": topics, "timeoutMs": 10_000}),
    )?;
    Ok(())
}

fn describe_producers(cx: &mut Context) -> Result<()> {
    let names = names("orders-producers", 5);
    create(cx, &names, 3)?;
    let row = |name: &String| json!({"name": name, "partitionIndexes": [2, 0, 1, 7]});
    let topics: Value = names.iter().map(row).collect();
    cx.call("DescribeProducers", 0, json!({"topics": topics}))?;
    Ok(())
}

fn fetch(cx: &mut Context) -> Result<()> {
    let names = names("orders-fetch", 8);
    create(cx, &names, 3)?;
    let row = |k: i32| json!({"partition": k, "fetchOffset": 0, "partitionMaxBytes": 1000});
    let topics = partitions(&names, "topic", row);
    for epoch in [-1, 0] {
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "sessionId": 0, "sessionEpoch": epoch, "topics": topics});
        cx.labels.hidden = vec!["sessionId"];
        cx.call("Fetch", 12, body)?;
    }
    Ok(())
}

/// The table is that of all topics, which other cases make as well: so only whether the names are in its order shows.
fn metadata_of_all_topics(cx: &mut Context) -> Result<()> {
    create(cx, &names("orders-all", 20), 1)?;
    let answer = cx.ask("Metadata", 9, json!({"topics": null}))?;
    let rows = answer["topics"].as_array().into_iter().flatten();
    let names: Vec<&str> = rows.filter_map(|row| row["name"].as_str()).collect();
    let mut buckets = 16;
    while names.len() * 4 >= buckets * 3 {
        buckets *= 2;
    }
    let place = |name: &&str| {
        let hash = spread(name);
        (hash as usize & (buckets - 1), hash.cast_signed())
    };
    let found = names.is_sorted_by_key(place);
    cx.note(&format!(
        "the names are in the order of a mutable set of Scala's: {found}"
    ));
    Ok(())
}

/// Topics that are not there, whose ids are all alike.
fn produce(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    let names = names("none", 13);
    for count in [1, 2, 4, 5, 8, 13] {
        let row = |k: i32| json!({"index": k, "records": crate::records::Batch::of(&["x"]).json()});
        let rows: Vec<Value> = [2, 0, 7, 1].into_iter().map(row).collect();
        let topic = |name: &String| json!({"name": name, "partitionData": rows});
        let topics: Value = names[..count].iter().map(topic).collect();
        cx.call(
            "Produce",
            9,
            json!({"acks": -1, "timeoutMs": 10_000, "topicData": topics}),
        )?;
    }
    Ok(())
}
