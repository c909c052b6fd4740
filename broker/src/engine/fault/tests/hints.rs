//! Rules that say "another node leads" name the node that does, as Kafka would: clients go where they are told.

use serde_json::{Value as Json, json};

use super::{Came, World};
use crate::engine::share::SharePartitionKey;
use crate::wire::api::Api;

/// The topic's id in text, and its partition 0's leader with its epoch, as an answer names it.
fn known(world: &World) -> (String, Json) {
    let topic = world.bench.engine.state.cluster.topic("a").unwrap();
    let partition = topic.partition(0).unwrap();
    let leader =
        json!({ "leaderId": partition.leader.unwrap().0, "leaderEpoch": partition.leader_epoch.0 });
    (SharePartitionKey::topic_text(topic.id), leader)
}

/// The row of partition 0, and the nodes that the answer says how to reach.
fn answered(world: &mut World, api: Api, version: i16, request: &Json) -> (Json, Vec<Json>) {
    let answer = match world.send(1, api, version, request).pop() {
        Some(Came::Answer(1, answer)) => answer,
        other => panic!("{api:?}: {other:?}"),
    };
    let topic = &answer["responses"][0];
    let rows = ["partitions", "partitionResponses"].map(|list| &topic[list][0]);
    let row = rows.into_iter().find(|row| !row.is_null()).unwrap();
    let nodes = answer["nodeEndpoints"].as_array().into_iter().flatten();
    (
        row.clone(),
        nodes.map(|node| node["nodeId"].clone()).collect(),
    )
}

fn check(api: Api, version: i16, error: &str, is_named: bool, request: impl Fn(&str) -> Json) {
    let mut world = World::new();
    let (id, leader) = known(&world);
    world.mount(json!({ "api": api.to_string(), "topic": "a", "after_apply": { "error": error } }));
    let (row, nodes) = answered(&mut world, api, version, &request(&id));
    assert_ne!(row["errorCode"], 0, "{api:?} {version}");
    if is_named {
        assert_eq!(row["currentLeader"], leader, "{api:?} {version}");
    }
    // Node 0 is also what a row of ShareFetch says that names nobody: this tells.
    let expected = is_named.then(|| leader["leaderId"].clone());
    assert_eq!(nodes, Vec::from_iter(expected), "{api:?} {version}");
}

fn produce(_id: &str) -> Json {
    let rows = json!([{ "index": 0, "records": null }]);
    json!({ "acks": -1, "timeoutMs": 1000, "topicData": [{ "name": "a", "partitionData": rows }] })
}

fn fetch(id: &str) -> Json {
    let rows = json!([{ "partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000 }]);
    json!({ "maxWaitMs": 0, "minBytes": 0, "maxBytes": 1000, "topics": [{ "topicId": id, "partitions": rows }] })
}

fn share_fetch(id: &str) -> Json {
    json!({ "groupId": "g", "memberId": "m", "shareSessionEpoch": 0, "maxWaitMs": 0, "maxBytes": 1000, "maxRecords": 9,
        "batchSize": 9, "topics": [{ "topicId": id, "partitions": [{ "partitionIndex": 0 }] }] })
}

#[test]
fn a_misled_producer_hears_who_leads() {
    check(Api::Produce, 10, "NOT_LEADER_OR_FOLLOWER", true, produce);
    check(Api::Produce, 9, "NOT_LEADER_OR_FOLLOWER", false, produce);
    check(Api::Produce, 10, "NOT_ENOUGH_REPLICAS", false, produce);
}

#[test]
fn a_misled_consumer_hears_who_leads() {
    check(Api::Fetch, 16, "NOT_LEADER_OR_FOLLOWER", true, fetch);
    check(Api::Fetch, 16, "FENCED_LEADER_EPOCH", true, fetch);
    check(Api::Fetch, 15, "NOT_LEADER_OR_FOLLOWER", false, fetch);
    check(Api::Fetch, 16, "KAFKA_STORAGE_ERROR", false, fetch);
}

#[test]
fn a_misled_share_consumer_hears_who_leads() {
    for error in ["NOT_LEADER_OR_FOLLOWER", "FENCED_LEADER_EPOCH"] {
        check(Api::ShareFetch, 2, error, true, share_fetch);
    }
    check(Api::ShareFetch, 2, "GROUP_ID_NOT_FOUND", false, share_fetch);
}
