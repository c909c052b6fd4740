//! Quotas of changes to topics (KIP-599): CreateTopics (key 19), CreatePartitions (key 37), DeleteTopics (key 20).

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::quotas::entity;

pub(super) fn area() -> Area {
    Area::new("mutation_quotas")
        .cases_at(2..=7, cases![create_topics])
        .cases_at(0..=3, cases![create_partitions])
        .cases_at(1..=6, cases![delete_topics])
        .cases(cases![
            within,
            only_validated,
            what_fails_is_free,
            bad_assignments_count,
        ])
        .case("second_topic_of_a_request", second_topic)
        .case("second_topic_of_an_old_request", second_topic_of_old)
        .cases(cases![
            partitions_of_a_burst,
            topics_on_demand,
            next_request_waits
        ])
        .case("the_quota_is_raised", quota_raised)
}

/// A client that may change one partition, and the next in a quarter of an hour.
fn limited(cx: &mut Context) -> Result<String> {
    cx.labels.hidden.extend(["throttleTimeMs", "configs"]);
    let client = cx.topic("client");
    let own = entity(&[("client-id", Some(&client))]);
    cx.set_quotas(&own, &[("controller_mutation_rate", Some(0.001))])?;
    cx.note("client has controller_mutation_rate=0.001");
    Ok(client)
}

fn unlimited(cx: &mut Context, client: &str) -> Result<()> {
    cx.remove_quotas(&entity(&[("client-id", Some(client))]))
}

/// Asks as the client, on a new connection, and says whether that is throttled.
fn ask(cx: &mut Context, client: &str, api: &str, version: i16, body: Value) -> Result<Value> {
    let answer = cx.as_client(client, |cx, conn| cx.call_on(conn, api, version, body))?;
    let millis = answer["throttleTimeMs"].as_i64().unwrap_or_default();
    cx.note(&format!("throttled: {}", millis > 0));
    Ok(answer)
}

fn new_topics(names: &[&str]) -> Value {
    let topic = |name: &&str| json!({"name": name, "numPartitions": 1, "replicationFactor": 1});
    let topics: Vec<_> = names.iter().map(topic).collect();
    json!({"topics": topics, "timeoutMs": 15000})
}

fn exhausted(cx: &mut Context) -> Result<String> {
    let client = limited(cx)?;
    let first = cx.topic("first");
    let body = new_topics(&[&first]);
    cx.as_client(&client, |cx, conn| {
        cx.quietly(|cx| cx.call_on(conn, "CreateTopics", 7, body))
    })?;
    cx.note("client has made a topic");
    Ok(client)
}

fn create_topics(cx: &mut Context, version: i16) -> Result<()> {
    let client = limited(cx)?;
    for short in ["a", "b", "c"] {
        let name = cx.topic(short);
        ask(cx, &client, "CreateTopics", version, new_topics(&[&name]))?;
    }
    unlimited(cx, &client)
}

fn create_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx)?;
    for count in [2, 3, 2] {
        let topic = json!({"name": a, "count": count, "assignments": null});
        let body = json!({"topics": [topic], "timeoutMs": 15000});
        ask(cx, &client, "CreatePartitions", version, body)?;
    }
    unlimited(cx, &client)
}

fn delete_topics(cx: &mut Context, version: i16) -> Result<()> {
    let names = [cx.create_topic("a", 1)?, cx.create_topic("b", 1)?];
    let client = limited(cx)?;
    for name in &names {
        let topic = json!({"name": name});
        let body = json!({"topicNames": [name], "topics": [topic], "timeoutMs": 15000});
        ask(cx, &client, "DeleteTopics", version, body)?;
    }
    unlimited(cx, &client)
}

fn within(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("configs");
    let client = cx.topic("client");
    let own = entity(&[("client-id", Some(&client))]);
    cx.set_quotas(&own, &[("controller_mutation_rate", Some(1000.0))])?;
    let a = cx.topic("a");
    for version in [5, 7] {
        let name = format!("{a}{version}");
        ask(cx, &client, "CreateTopics", version, new_topics(&[&name]))?;
    }
    unlimited(cx, &client)
}

fn only_validated(cx: &mut Context) -> Result<()> {
    let client = limited(cx)?;
    for short in ["a", "b"] {
        let name = cx.topic(short);
        let mut body = new_topics(&[&name]);
        body["validateOnly"] = json!(true);
        ask(cx, &client, "CreateTopics", 7, body)?;
    }
    unlimited(cx, &client)
}

fn what_fails_is_free(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx)?;
    ask(cx, &client, "CreateTopics", 7, new_topics(&[&a]))?;
    let none = cx.topic("none");
    let body = json!({"topics": [{"name": none}], "timeoutMs": 15000});
    ask(cx, &client, "DeleteTopics", 6, body)?;
    let topic = json!({"name": a, "count": 1, "assignments": null});
    let body = json!({"topics": [topic], "timeoutMs": 15000});
    ask(cx, &client, "CreatePartitions", 3, body)?;
    let b = cx.topic("b");
    ask(cx, &client, "CreateTopics", 7, new_topics(&[&b]))?;
    unlimited(cx, &client)
}

/// They are looked at once the quota has been.
fn bad_assignments_count(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx)?;
    for _ in 0..2 {
        let topic = json!({"name": a, "count": 2, "assignments": [{"brokerIds": [77]}]});
        let body = json!({"topics": [topic], "timeoutMs": 15000});
        ask(cx, &client, "CreatePartitions", 3, body)?;
    }
    unlimited(cx, &client)
}

fn second_topic(cx: &mut Context) -> Result<()> {
    let client = limited(cx)?;
    let (a, b) = (cx.topic("a"), cx.topic("b"));
    ask(cx, &client, "CreateTopics", 7, new_topics(&[&a, &b]))?;
    unlimited(cx, &client)
}

fn second_topic_of_old(cx: &mut Context) -> Result<()> {
    let client = limited(cx)?;
    let (a, b) = (cx.topic("a"), cx.topic("b"));
    ask(cx, &client, "CreateTopics", 5, new_topics(&[&a, &b]))?;
    unlimited(cx, &client)
}

/// A burst may go beyond the quota as long as it began within.
fn partitions_of_a_burst(cx: &mut Context) -> Result<()> {
    let client = limited(cx)?;
    for short in ["a", "b"] {
        let name = cx.topic(short);
        let mut body = new_topics(&[&name]);
        body["topics"][0]["numPartitions"] = json!(20);
        ask(cx, &client, "CreateTopics", 7, body)?;
    }
    unlimited(cx, &client)
}

/// A broker has the controller make them in the client's name.
fn topics_on_demand(cx: &mut Context) -> Result<()> {
    let client = exhausted(cx)?;
    cx.labels
        .hidden
        .extend(["brokers", "topicAuthorizedOperations"]);
    let wanted = cx.topic("wanted");
    let body = json!({"topics": [{"name": wanted}], "allowAutoTopicCreation": true});
    ask(cx, &client, "Metadata", 12, body)?;
    // What is asked for later is there before.
    cx.create_topic("later", 1)?;
    let body = json!({"topics": [{"name": wanted}], "allowAutoTopicCreation": false});
    cx.call("Metadata", 12, body)?;
    unlimited(cx, &client)
}

fn next_request_waits(cx: &mut Context) -> Result<()> {
    let client = exhausted(cx)?;
    let a = cx.topic("a");
    cx.as_client(&client, |cx, conn| {
        cx.call_on(conn, "CreateTopics", 7, new_topics(&[&a]))?;
        cx.send_on(conn, "ListGroups", 4, json!({"statesFilter": ["none"]}))?;
        cx.expect_silence(conn, std::time::Duration::from_millis(300))
    })?;
    unlimited(cx, &client)
}

/// What is owed is owed, but at the new rate it is soon paid.
fn quota_raised(cx: &mut Context) -> Result<()> {
    let client = exhausted(cx)?;
    let own = entity(&[("client-id", Some(&client))]);
    cx.set_quotas(&own, &[("controller_mutation_rate", Some(1e6))])?;
    cx.note("client has controller_mutation_rate=1000000");
    let a = cx.topic("a");
    cx.until("a topic", |cx| {
        let body = new_topics(&[&a]);
        let answer = cx.as_client(&client, |cx, conn| {
            cx.call_on(conn, "CreateTopics", 7, body)
        })?;
        Ok(answer["topics"][0]["errorCode"] == 0)
    })?;
    cx.note("client has made another topic");
    unlimited(cx, &client)
}
