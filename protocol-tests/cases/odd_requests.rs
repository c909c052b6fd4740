//! Requests that are allowed and that hardly any client sends: lists that are empty, things named twice, numbers that
//! mean nothing.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::{at, produce};
use super::members::{Consumer, configure, describe};
use crate::case::{Area, cases};
use crate::clock;
use crate::context::Context;
use crate::profile::Profile;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("odd_requests")
        .cases(cases![list_topic_twice])
        .cases_at([2, 11], cases![list_isolation])
        .cases(cases![list_for_tools, list_what_is_deleted])
        .cases_at([7, 13, 18], cases![fetch_isolation])
        .case("fetch_isolation_in_a_session", isolation_in_a_session)
        .versions(
            "fetch_what_is_missing_first",
            [4, 12, 13, 18],
            missing_first,
        )
        .versions("fetch_zero_ids", [13, 18], zero_ids)
        .versions(
            "fetch_forgotten_and_named",
            [7, 12, 18],
            forgotten_and_named,
        )
        .case("fetch_negative_size", negative_size)
        .cases_at([2, 9, 10], cases![commit_no_partitions])
        .cases_at([0, 5, 6], cases![txn_commit_no_partitions])
        .cases(cases![delete_no_partitions])
        .cases_at([0, 3, 4, 5], cases![add_twice])
        .cases_at([3, 6, 7, 12, 13], cases![produce_twice])
        .each("alter", ["topic", "group", "broker"], alter_in_javas_order)
        .on(Profile::Groups)
        .case("rejoin_an_empty_consumer_group", rejoin_empty)
        .case("internal_settings_of_a_group", internal_settings)
}

fn list_topic_twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let b = cx.create_topic("b", 1)?;
    let row = |name: &str, partitions: &[i32]| {
        let rows = partitions.iter();
        let rows = rows.map(|index| json!({"partitionIndex": index, "timestamp": -1}));
        json!({"name": name, "partitions": rows.collect::<Vec<_>>()})
    };
    for topics in [
        json!([row(&a, &[1]), row(&b, &[0]), row(&a, &[0])]),
        json!([row(&a, &[1]), row(&a, &[1, 0]), row(&b, &[])]),
        json!([row(&b, &[])]),
    ] {
        cx.call("ListOffsets", 7, json!({"replicaId": -1, "topics": topics}))?;
    }
    Ok(())
}

fn list_isolation(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let none = cx.topic("none");
    let row = json!({"partitionIndex": 0, "timestamp": -1});
    for topics in [
        json!([{"name": a, "partitions": []}]),
        json!([{"name": a, "partitions": [row, row]}, {"name": a, "partitions": [row]}]),
        json!([{"name": none, "partitions": [row]}]),
        json!([]),
    ] {
        let body = json!({"replicaId": -1, "isolationLevel": 2, "topics": topics});
        cx.call("ListOffsets", version, body)?;
    }
    Ok(())
}

/// Isolation is for consumers.
fn list_for_tools(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let producer = Producer::new(cx, "t")?;
    producer.write(cx, &a, 0, &["x", "y"])?;
    for replica in [-1, -2] {
        cx.note(&format!("replica {replica}"));
        for timestamp in [-1, -2, -3, clock::base_millis()] {
            let rows = json!([{"partitionIndex": 0, "timestamp": timestamp}]);
            let body = json!({"replicaId": replica, "isolationLevel": 1, "topics": [{"name": a, "partitions": rows}]});
            cx.call("ListOffsets", 7, body)?;
        }
    }
    Ok(())
}

/// The record with the largest timestamp is found as long as its segment is there.
fn list_what_is_deleted(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, 0, &["x", "y"])?;
    produce(cx, &a, 0, &["z"])?;
    for offset in [1, -1] {
        let rows = json!([{"partitionIndex": 0, "offset": offset}]);
        let body = json!({"topics": [{"name": a, "partitions": rows}], "timeoutMs": 10_000});
        cx.call("DeleteRecords", 2, body)?;
        for timestamp in [-1, -2, -3, -4, clock::base_millis()] {
            let rows = json!([{"partitionIndex": 0, "timestamp": timestamp}]);
            let body = json!({"replicaId": -1, "topics": [{"name": a, "partitions": rows}]});
            cx.call("ListOffsets", 8, body)?;
        }
    }
    Ok(())
}

/// A topic of Fetch, by name and by id.
fn topic(name: &str, id: &str, partitions: &[Value]) -> Value {
    json!({"topic": name, "topicId": id, "partitions": partitions})
}

const ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const UNKNOWN: &str = "c29tZXRoaW5nIHVua25vdw";

fn fetch(cx: &mut Context, version: i16, isolation: i8, topics: Value) -> Result<Value> {
    let body = json!({"maxWaitMs": 0, "minBytes": 0, "isolationLevel": isolation, "sessionEpoch": -1, "topics": topics});
    cx.call("Fetch", version, body)
}

/// An isolation level that does not exist matters where there is something to read.
fn fetch_isolation(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let none = cx.topic("none");
    for topics in [
        json!([topic(&a, &id, &[at(0, 0)])]),
        json!([topic(&none, UNKNOWN, &[at(0, 0)])]),
        json!([topic(&a, &id, &[at(9, 0)])]),
        json!([
            topic(&none, UNKNOWN, &[at(0, 0)]),
            topic(&a, &id, &[at(0, 0)])
        ]),
        json!([]),
    ] {
        fetch(cx, version, 2, topics)?;
    }
    Ok(())
}

fn session(cx: &mut Context, version: i16, at: (i64, i32), rest: Value) -> Result<i64> {
    let mut body = json!({"maxWaitMs": 0, "minBytes": 0, "sessionId": at.0, "sessionEpoch": at.1});
    for (name, value) in rest.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let answer = cx.call("Fetch", version, body)?;
    Ok(answer["sessionId"].as_i64().unwrap_or(0))
}

fn isolation_in_a_session(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, 0, &["x"])?;
    let id = cx.topic_id(&a)?;
    let topics = json!([topic(&a, &id, &[at(0, 0)])]);
    let session_id = session(cx, 18, (0, 0), json!({"topics": topics}))?;
    session(cx, 18, (session_id, 1), json!({"isolationLevel": 2}))?;
    session(cx, 18, (session_id, 7), json!({"isolationLevel": 2}))?;
    session(cx, 12, (session_id, 2), json!({"isolationLevel": 2}))?;
    session(cx, 18, (session_id, 2), json!({}))?;
    Ok(())
}

/// What is not there is answered last.
fn missing_first(cx: &mut Context, version: i16) -> Result<()> {
    cx.labels.exact_order = true;
    let a = cx.create_topic("a", 2)?;
    let b = cx.create_topic("b", 1)?;
    let (a_id, b_id) = (cx.topic_id(&a)?, cx.topic_id(&b)?);
    let none = cx.topic("none");
    let topics = json!([
        topic(&a, &a_id, &[at(9, 0), at(1, 0)]),
        topic(&none, UNKNOWN, &[at(0, 0)]),
        topic(&a, &a_id, &[at(0, 0)]),
        topic(&b, &b_id, &[at(5, 0), at(0, 0)])
    ]);
    fetch(cx, version, 0, topics.clone())?;
    if version >= 7 {
        let session_id = session(cx, version, (0, 0), json!({"topics": topics}))?;
        session(cx, version, (session_id, 1), json!({"topics": topics}))?;
    }
    Ok(())
}

/// Kafka fails on what follows a topic that has neither name nor id.
fn zero_ids(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    for topics in [
        json!([topic("", ZERO, &[at(0, 0)])]),
        json!([topic("", ZERO, &[at(0, 0), at(1, 0)])]),
        json!([topic("", ZERO, &[at(0, 0)]), topic(&a, &id, &[at(0, 0)])]),
        json!([
            topic("", ZERO, &[at(0, 0)]),
            topic("", UNKNOWN, &[at(0, 0)])
        ]),
        json!([
            topic("", UNKNOWN, &[at(0, 0)]),
            topic("", ZERO, &[at(0, 0)])
        ]),
    ] {
        fetch(cx, version, 0, topics)?;
    }
    Ok(())
}

fn forgotten_and_named(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    produce(cx, &a, 0, &["x"])?;
    let id = cx.topic_id(&a)?;
    let forgotten = json!([{"topic": a, "topicId": id, "partitions": [0]}]);
    let topics = json!([topic(&a, &id, &[at(0, 0)])]);
    let session_id = session(cx, version, (0, 0), json!({"topics": topics}))?;
    let both = json!({"topics": topics, "forgottenTopicsData": forgotten});
    session(cx, version, (session_id, 1), both)?;
    session(cx, version, (session_id, 2), json!({}))?;
    let topics = json!([topic(&a, &id, &[at(0, 0), at(1, 0)])]);
    let session_id = session(cx, version, (0, 0), json!({"topics": topics}))?;
    let both = json!({"topics": topics, "forgottenTopicsData": forgotten});
    session(cx, version, (session_id, 1), both)?;
    session(cx, version, (session_id, 2), json!({"topics": topics}))?;
    Ok(())
}

fn negative_size(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    produce(cx, &a, 0, &["x", "y"])?;
    for offset in [-2, -1, 0, 1, 2, 3] {
        let partition = json!({"partition": 0, "fetchOffset": offset, "partitionMaxBytes": -1});
        let topics = json!([{"topic": a, "partitions": [partition]}]);
        fetch(cx, 9, 0, topics)?;
    }
    Ok(())
}

/// A topic that does not exist is answered even if no partition is named; one that exists is not.
fn no_partitions(cx: &mut Context) -> Result<Vec<Value>> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let none = cx.topic("none");
    let missing = json!({"name": none, "topicId": UNKNOWN, "partitions": []});
    let empty = json!({"name": a, "topicId": id, "partitions": []});
    let row = json!({"partitionIndex": 0, "committedOffset": 1});
    let there = json!({"name": a, "topicId": id, "partitions": [row]});
    Ok(vec![
        json!([missing]),
        json!([empty]),
        json!([missing, missing, there]),
        json!([there, empty]),
    ])
}

fn commit_no_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    for topics in no_partitions(cx)? {
        let body = json!({"groupId": group, "topics": topics});
        cx.call("OffsetCommit", version, body)?;
    }
    Ok(())
}

fn txn_commit_no_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let producer = Producer::new(cx, "t")?;
    for topics in no_partitions(cx)? {
        producer.commit_offsets(cx, version, &group, topics)?;
    }
    Ok(())
}

fn delete_no_partitions(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let none = cx.topic("none");
    let group = cx.group("g")?;
    let row = json!({"partitionIndex": 0});
    let commit = json!([{"name": a, "partitions": [{"partitionIndex": 0, "committedOffset": 1}]}]);
    cx.ask(
        "OffsetCommit",
        2,
        json!({"groupId": group, "topics": commit}),
    )?;
    for topics in [
        json!([{"name": none, "partitions": []}]),
        json!([{"name": a, "partitions": []}]),
        json!([{"name": none, "partitions": []}, {"name": a, "partitions": [row]}]),
    ] {
        let body = json!({"groupId": group, "topics": topics});
        cx.call("OffsetDelete", 0, body)?;
    }
    Ok(())
}

/// What is said of single partitions is said once; what is said of all, as often as they are named.
fn add_twice(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    let none = cx.topic("none");
    let producer = Producer::new(cx, "t")?;
    let row = |name: &str, partitions: &[i32]| json!({"name": name, "partitions": partitions});
    for (epoch, topics) in [
        (
            0,
            json!([row(&a, &[0, 0]), row(&none, &[0]), row(&a, &[0, 1])]),
        ),
        (0, json!([row(&a, &[7, 7])])),
        (0, json!([row(&a, &[0]), row(&a, &[1])])),
        (0, json!([row(&a, &[])])),
        (5, json!([row(&a, &[0]), row(&a, &[1])])),
    ] {
        for verify_only in [true, false] {
            let claims = producer.later(epoch);
            if version < 4 {
                claims.add_topics(cx, version, topics.clone())?;
                break;
            }
            let transaction = json!({"transactionalId": claims.transactional_id, "producerId": claims.id,
                "producerEpoch": claims.epoch, "verifyOnly": verify_only, "topics": topics});
            let body = json!({"transactions": [transaction]});
            cx.call("AddPartitionsToTxn", version, body)?;
        }
    }
    Ok(())
}

/// Of records that are given for one partition twice, those of a wrong form are answered and the others written.
fn produce_twice(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let id = cx.topic_id(&a)?;
    let id = if version < 13 { ZERO.to_owned() } else { id };
    let right = |value: &str| Batch::of(&[value]);
    let two = |value: &str| Batch {
        trailer: right("more").bytes(),
        ..right(value)
    };
    let old = |value: &str| Batch {
        magic: 1,
        ..right(value)
    };
    for given in [
        [right("a"), right("b")],
        [right("c"), two("d")],
        [two("e"), right("f")],
        [two("g"), old("h")],
        [old("i"), two("j")],
    ] {
        let rows = given
            .iter()
            .map(|batch| json!({"index": 0, "records": batch.json()}));
        let topic = json!({"name": a, "topicId": id, "partitionData": rows.collect::<Vec<_>>()});
        let body = json!({"acks": -1, "timeoutMs": 10_000, "topicData": [topic]});
        cx.call("Produce", version, body)?;
    }
    cx.fetch_isolated(&a, 0, 0)?;
    Ok(())
}

/// Of several settings that are refused, the first is told: the first in a table of Java's, or in the request.
fn alter_in_javas_order(cx: &mut Context, what: &'static str) -> Result<()> {
    let (kind, name, pairs) = match what {
        "topic" => {
            let pairs = [
                ["segment.bytes", "compression.type"],
                ["flush.messages", "compression.type"],
                ["unclean.leader.election.enable", "retention.ms"],
            ];
            (2, cx.create_topic("a", 1)?, pairs)
        }
        "group" => {
            let pairs = [
                ["consumer.heartbeat.interval.ms", "no.such.config"],
                ["consumer.session.timeout.ms", "share.isolation.level"],
                ["no.such.config", "consumer.session.timeout.ms"],
            ];
            (32, cx.group("g")?, pairs)
        }
        _ => {
            let pairs = [
                ["log.segment.bytes", "log.retention.ms"],
                ["compression.type", "background.threads"],
                ["background.threads", "compression.type"],
            ];
            (4, String::new(), pairs)
        }
    };
    for [one, other] in pairs {
        for names in [[one, other], [other, one]] {
            let rows = names.map(|name| json!({"name": name, "configOperation": 3, "value": "1"}));
            let body = json!({"resources": [{"resourceType": kind, "resourceName": name, "configs": rows}]});
            cx.call("IncrementalAlterConfigs", 1, body)?;
        }
    }
    Ok(())
}

/// Anyone who claims to be a member of a group that is empty takes it away.
fn rejoin_empty(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_for_consumers("a", 1)?;
    let group = cx.group("g")?;
    let mut member = Consumer::new(&group, "m");
    member.join(cx, &[&topic])?;
    member.leave(cx, -1)?;
    describe(cx, &group)?;
    let row = json!({"name": "range", "metadata": ""});
    let body = json!({"groupId": group, "sessionTimeoutMs": 30_000, "rebalanceTimeoutMs": 30_000, "memberId": "m",
        "protocolType": "consumer", "protocols": [row]});
    cx.call("JoinGroup", 5, body)?;
    describe(cx, &group)?;
    Ok(())
}

/// The operator's own value of an internal setting is shown, and so is the group's.
fn internal_settings(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let resource = json!({"resourceType": 32, "resourceName": group, "configurationKeys": null});
    let body = json!({"resources": [resource], "includeSynonyms": true});
    cx.labels.hidden.push("documentation");
    cx.call("DescribeConfigs", 4, body.clone())?;
    configure(cx, &group, &[("consumer.assignor.offload.enable", "true")])?;
    cx.call("DescribeConfigs", 4, body)?;
    Ok(())
}
