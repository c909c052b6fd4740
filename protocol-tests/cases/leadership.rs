//! Three nodes: who is asked, and who should have been (KIP-951), in-sync replicas, followers.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;

pub(super) fn area() -> Area {
    let three = Profile::Three;
    Area::new("leadership")
        .cases_on(
            three,
            cases![
                produce_to_a_follower,
                produce_to_a_stranger,
                fetch_from_a_follower,
                fetch_from_a_stranger,
                list_offsets_of_a_stranger,
                epochs_of_a_stranger,
                delete_records_at_a_stranger,
                producers_of_a_stranger,
                too_few_in_sync,
                all_in_sync,
                high_watermark_follows,
                default_replication,
                replication_factor_too_large,
                log_dirs_of_each_node,
            ],
        )
        .case_on(Profile::Racks, "reader_in_the_leaders_rack", |cx| {
            reader_in(cx, "a")
        })
        .case_on(Profile::Racks, "reader_in_a_followers_rack", |cx| {
            reader_in(cx, "b")
        })
        .case_on(Profile::Racks, "reader_in_another_rack", |cx| {
            reader_in(cx, "z")
        })
        .cases_on(Profile::Racks, cases![follower_serves_its_rack])
}

fn produce(topic: &str, id: &str, acks: i8) -> Value {
    let partition = json!({"index": 0, "records": Batch::of(&["x"]).json()});
    json!({"acks": acks, "timeoutMs": 5000, "topicData": [{"name": topic, "topicId": id, "partitionData": [partition]}]})
}

fn fetch(topic: &str, id: &str, rack: &str) -> Value {
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000});
    json!({"maxWaitMs": 500, "minBytes": 0, "rackId": rack, "topics": [{"topic": topic, "topicId": id, "partitions": [partition]}]})
}

fn produce_to_a_follower(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2, 1]])?;
    let id = cx.topic_id(&a)?;
    for version in [3, 9, 10, 13] {
        cx.call("Produce", version, produce(&a, &id, -1))?;
    }
    Ok(())
}

fn produce_to_a_stranger(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2]])?;
    let id = cx.topic_id(&a)?;
    for version in [9, 10, 13] {
        cx.call("Produce", version, produce(&a, &id, 1))?;
    }
    cx.send_on(Context::A, "Produce", 9, produce(&a, &id, 0))?;
    cx.expect_closed(Context::A)
}

fn fetch_from_a_follower(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2, 1]])?;
    let id = cx.topic_id(&a)?;
    for version in [4, 11, 12, 16, 18] {
        cx.call("Fetch", version, fetch(&a, &id, ""))?;
    }
    Ok(())
}

fn fetch_from_a_stranger(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2]])?;
    let id = cx.topic_id(&a)?;
    for version in [4, 11, 12, 16, 18] {
        cx.call("Fetch", version, fetch(&a, &id, ""))?;
    }
    Ok(())
}

fn list_offsets_of_a_stranger(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2, 1]])?;
    let partitions = json!([{"partitionIndex": 0, "timestamp": -1}]);
    cx.call(
        "ListOffsets",
        7,
        json!({"replicaId": -1, "topics": [{"name": a, "partitions": partitions}]}),
    )?;
    Ok(())
}

fn epochs_of_a_stranger(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2]])?;
    let partitions = json!([{"partition": 0, "leaderEpoch": 0}]);
    cx.call(
        "OffsetForLeaderEpoch",
        4,
        json!({"replicaId": -1, "topics": [{"topic": a, "partitions": partitions}]}),
    )?;
    Ok(())
}

fn delete_records_at_a_stranger(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2]])?;
    let partitions = json!([{"partitionIndex": 0, "offset": -1}]);
    cx.call(
        "DeleteRecords",
        2,
        json!({"timeoutMs": 5000, "topics": [{"name": a, "partitions": partitions}]}),
    )?;
    Ok(())
}

fn producers_of_a_stranger(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[2]])?;
    cx.call(
        "DescribeProducers",
        0,
        json!({"topics": [{"name": a, "partitionIndexes": [0]}]}),
    )?;
    Ok(())
}

fn insync(cx: &mut Context, replicas: &[usize], min: &str) -> Result<String> {
    let a = cx.create_topic_on("a", &[replicas])?;
    let config = json!({"name": "min.insync.replicas", "configOperation": 0, "value": min});
    let resource = json!({"resourceType": 2, "resourceName": a, "configs": [config]});
    cx.ask(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": [resource]}),
    )?;
    let resource =
        json!({"resourceType": 2, "resourceName": a, "configurationKeys": ["min.insync.replicas"]});
    let body = json!({"resources": [resource]});
    cx.until("the config", |cx| {
        Ok(
            cx.call("DescribeConfigs", 4, body.clone())?["results"][0]["configs"][0]["value"]
                == min,
        )
    })?;
    cx.note(&format!("min.insync.replicas={min}"));
    Ok(a)
}

fn too_few_in_sync(cx: &mut Context) -> Result<()> {
    let a = insync(cx, &[1, 2], "3")?;
    let id = cx.topic_id(&a)?;
    cx.call("Produce", 9, produce(&a, &id, -1))?;
    cx.call("Produce", 9, produce(&a, &id, 1))?;
    Ok(())
}

fn all_in_sync(cx: &mut Context) -> Result<()> {
    let a = insync(cx, &[1, 2, 3], "3")?;
    let id = cx.topic_id(&a)?;
    cx.call("Produce", 9, produce(&a, &id, -1))?;
    Ok(())
}

fn high_watermark_follows(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2, 3]])?;
    let id = cx.topic_id(&a)?;
    cx.call("Produce", 9, produce(&a, &id, -1))?;
    cx.call("Fetch", 12, fetch(&a, &id, ""))?;
    Ok(())
}

fn default_replication(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    cx.labels.hidden.push("configs");
    cx.call("CreateTopics", 7, json!({"topics": [{"name": a, "numPartitions": -1, "replicationFactor": -1}], "timeoutMs": 10000}))?;
    Ok(())
}

fn replication_factor_too_large(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    cx.call("CreateTopics", 7, json!({"topics": [{"name": a, "numPartitions": 1, "replicationFactor": 4}], "timeoutMs": 10000}))?;
    Ok(())
}

fn log_dirs_of_each_node(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        cx.call_on(
            conn,
            "DescribeLogDirs",
            4,
            json!({"topics": [{"topic": a, "partitions": [0]}]}),
        )?;
    }
    Ok(())
}

/// KIP-392: the leader names the replica in the reader's rack.
fn reader_in(cx: &mut Context, rack: &str) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let id = cx.topic_id(&a)?;
    cx.ask("Produce", 9, produce(&a, &id, -1))?;
    let body = fetch(&a, &id, rack);
    // The leader names a follower only once that has caught up.
    let wanted = if rack == "b" { cx.node(2)? } else { -1 };
    cx.until("the follower", |cx| {
        let partition =
            cx.call("Fetch", 12, body.clone())?["responses"][0]["partitions"][0].clone();
        Ok(partition["preferredReadReplica"] == wanted)
    })?;
    cx.call("Fetch", 12, body)?;
    Ok(())
}

fn follower_serves_its_rack(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let id = cx.topic_id(&a)?;
    cx.ask("Produce", 9, produce(&a, &id, -1))?;
    let second = cx.connect(2)?;
    let body = fetch(&a, &id, "b");
    cx.until("the follower's high watermark", |cx| {
        Ok(cx.call_on(second, "Fetch", 12, body.clone())?["responses"][0]["partitions"][0]["highWatermark"] == 1)
    })?;
    cx.call_on(second, "Fetch", 12, body)?;
    cx.call_on(second, "Produce", 10, produce(&a, &id, -1))?;
    Ok(())
}
