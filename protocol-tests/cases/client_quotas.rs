//! Quotas of bytes: what Produce (key 0) and Fetch (key 1) get beyond them (KIP-13, KIP-219).

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::quotas::{BOUNDLESS, entity, op};
use crate::records::Batch;

/// No answer comes for so long where none may come for minutes.
const SILENCE: Duration = Duration::from_millis(300);

/// The first version whose size does not depend on a topic's name, so that the time is the same in each run.
const TOPIC_IDS_SINCE: i16 = 13;

pub(super) fn area() -> Area {
    Area::new("client_quotas")
        .cases_at(3..=13, cases![produce])
        .cases(cases![
            produce_within,
            produce_without_acks,
            produce_refused
        ])
        .case("produce_of_several_connections", several_connections)
        .case("produce_once_the_quota_is_gone", quota_gone)
        .cases_at(4..=18, cases![fetch])
        .cases(cases![fetch_within])
        .case("fetch_of_what_the_quota_allows", fetch_allowed)
        .case("fetch_session_stays", session_stays)
        .case("fetch_with_a_wrong_session", wrong_session)
        .cases(cases![next_request_waits])
        .case("next_request_is_answered_later", answered_later)
        .cases(cases![others_do_not_wait])
        .cases(cases![precedence])
        .alone()
        .case("connections_of_an_address", connections)
        .alone()
}

/// A client with a quota of its own. Its name counts, so it is of the same length in each run.
fn limited(cx: &mut Context, key: &str, rate: f64) -> Result<String> {
    let client = format!("{:_<40}", cx.topic("client"));
    let own = entity(&[("client-id", Some(&client))]);
    cx.set_quotas(&own, &[(key, Some(rate))])?;
    cx.note(&format!("client has {key}={rate}"));
    Ok(client)
}

fn unlimited(cx: &mut Context, client: &str) -> Result<()> {
    cx.remove_quotas(&entity(&[("client-id", Some(client))]))
}

fn batch_for(cx: &mut Context, topic: &str, batch: &Batch, acks: i16) -> Result<Value> {
    let id = cx.topic_id(topic)?;
    let partition = json!({"index": 0, "records": batch.json()});
    let topic = json!({"name": topic, "topicId": id, "partitionData": [partition]});
    Ok(json!({"acks": acks, "timeoutMs": 10000, "topicData": [topic]}))
}

fn one_record(cx: &mut Context, topic: &str, acks: i16) -> Result<Value> {
    batch_for(cx, topic, &Batch::of(&["x"]), acks)
}

fn fetch_of(cx: &mut Context, topic: &str, session: (&Value, i32), from: i64) -> Result<Value> {
    let id = cx.topic_id(topic)?;
    let partition = json!({"partition": 0, "fetchOffset": from, "partitionMaxBytes": 1_000_000});
    let topic = json!({"topic": topic, "topicId": id, "partitions": [partition]});
    Ok(
        json!({"maxWaitMs": 500, "minBytes": 1, "maxBytes": 1_000_000,
        "sessionId": session.0, "sessionEpoch": session.1, "topics": [topic]}),
    )
}

fn note_throttled(cx: &mut Context, answer: &Value) {
    let millis = answer["throttleTimeMs"].as_i64().unwrap_or_default();
    cx.note(&format!("throttled: {}", millis > 0));
}

/// Where the time depends on the run, only whether there is one.
fn hide_time(cx: &mut Context, version: i16) {
    if version < TOPIC_IDS_SINCE {
        cx.labels.hidden.push("throttleTimeMs");
    }
}

fn produce(cx: &mut Context, version: i16) -> Result<()> {
    hide_time(cx, version);
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1.0)?;
    let body = one_record(cx, &a, -1)?;
    let answer = cx.as_client(&client, |cx, conn| {
        cx.call_on(conn, "Produce", version, body)
    })?;
    note_throttled(cx, &answer);
    // It is written all the same.
    let body = fetch_of(cx, &a, (&json!(0), -1), 0)?;
    cx.call("Fetch", 13, body)?;
    unlimited(cx, &client)
}

fn produce_within(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1e6)?;
    let body = one_record(cx, &a, 1)?;
    cx.as_client(&client, |cx, conn| {
        cx.call_on(conn, "Produce", 13, body.clone())?;
        cx.call_on(conn, "Produce", 13, body)
    })?;
    unlimited(cx, &client)
}

fn produce_without_acks(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1.0)?;
    let body = one_record(cx, &a, 0)?;
    cx.as_client(&client, |cx, conn| {
        cx.send_on(conn, "Produce", 9, body)?;
        cx.send_on(conn, "Metadata", 12, json!({"topics": []}))?;
        cx.expect_silence(conn, SILENCE)
    })?;
    unlimited(cx, &client)
}

/// What is not written counts as well.
fn produce_refused(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1.0)?;
    let wrong = Batch {
        crc: Some(1),
        ..Batch::of(&["x"])
    };
    let body = batch_for(cx, &a, &wrong, -1)?;
    cx.as_client(&client, |cx, conn| cx.call_on(conn, "Produce", 13, body))?;
    unlimited(cx, &client)
}

fn several_connections(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("throttleTimeMs");
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 12.0)?;
    let body = one_record(cx, &a, 1)?;
    // Each is within the quota, both are not.
    for _ in 0..2 {
        let body = body.clone();
        let answer = cx.as_client(&client, |cx, conn| cx.call_on(conn, "Produce", 13, body))?;
        note_throttled(cx, &answer);
    }
    unlimited(cx, &client)
}

fn quota_gone(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1.0)?;
    let body = one_record(cx, &a, 1)?;
    for _ in 0..2 {
        let body = body.clone();
        cx.as_client(&client, |cx, conn| cx.call_on(conn, "Produce", 13, body))?;
        unlimited(cx, &client)?;
        cx.await_quotas()?;
    }
    Ok(())
}

fn fetch(cx: &mut Context, version: i16) -> Result<()> {
    hide_time(cx, version);
    let a = cx.create_topic("a", 1)?;
    let body = one_record(cx, &a, -1)?;
    cx.ask("Produce", 13, body)?;
    let client = limited(cx, "consumer_byte_rate", 1.0)?;
    let body = fetch_of(cx, &a, (&json!(0), 0), 0)?;
    let answer = cx.as_client(&client, |cx, conn| cx.call_on(conn, "Fetch", version, body))?;
    note_throttled(cx, &answer);
    unlimited(cx, &client)
}

fn fetch_within(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let body = one_record(cx, &a, -1)?;
    cx.ask("Produce", 13, body)?;
    let client = limited(cx, "consumer_byte_rate", 1e6)?;
    let body = fetch_of(cx, &a, (&json!(0), -1), 0)?;
    cx.as_client(&client, |cx, conn| cx.call_on(conn, "Fetch", 13, body))?;
    unlimited(cx, &client)
}

/// More than the windows can hold would be throttled for certain, so it is not read.
fn fetch_allowed(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("records");
    let a = cx.create_topic("a", 2)?;
    let id = cx.topic_id(&a)?;
    let value = "x".repeat(6000);
    let rows = [0, 1].map(|index| json!({"index": index, "records": Batch::of(&[&value]).json()}));
    let topic = json!({"topicId": id, "partitionData": rows});
    let body = json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]});
    cx.ask("Produce", 13, body)?;
    cx.note("a batch of 6000 bytes in each partition");
    let client = limited(cx, "consumer_byte_rate", 1000.0)?;
    let rows = [0, 1]
        .map(|index| json!({"partition": index, "fetchOffset": 0, "partitionMaxBytes": 1_000_000}));
    let topic = json!({"topicId": id, "partitions": rows});
    let body = json!({"maxWaitMs": 500, "minBytes": 11_000, "maxBytes": 1_000_000,
        "sessionId": 0, "sessionEpoch": -1, "topics": [topic]});
    let answer = cx.as_client(&client, |cx, conn| cx.call_on(conn, "Fetch", 13, body))?;
    for row in answer["responses"][0]["partitions"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let batches = row["records"].as_array().map_or(0, Vec::len);
        cx.note(&format!(
            "partition {}: {batches} batches",
            row["partitionIndex"]
        ));
    }
    unlimited(cx, &client)
}

fn session_stays(cx: &mut Context) -> Result<()> {
    // What was fetched before counts where anybody had a quota.
    cx.labels.hidden.push("throttleTimeMs");
    let a = cx.create_topic("a", 1)?;
    let client = cx.topic("client");
    let mut body = fetch_of(cx, &a, (&json!(0), 0), 0)?;
    body["minBytes"] = json!(0);
    let opened = cx.as_client(&client, |cx, conn| cx.call_on(conn, "Fetch", 13, body))?;
    let id = &opened["sessionId"];
    let body = one_record(cx, &a, -1)?;
    cx.ask("Produce", 13, body)?;
    let own = entity(&[("client-id", Some(&client))]);
    for (epoch, rate) in [(1, Some(1.0)), (2, None), (3, None)] {
        cx.set_quotas(&own, &[("consumer_byte_rate", rate)])?;
        cx.note(&format!("consumer_byte_rate is {rate:?}"));
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 1_000_000,
            "sessionId": id, "sessionEpoch": epoch, "topics": []});
        cx.as_client(&client, |cx, conn| cx.call_on(conn, "Fetch", 13, body))?;
    }
    Ok(())
}

fn wrong_session(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "consumer_byte_rate", 1.0)?;
    let body = fetch_of(cx, &a, (&json!(987_654), 5), 0)?;
    cx.as_client(&client, |cx, conn| cx.call_on(conn, "Fetch", 13, body))?;
    unlimited(cx, &client)
}

/// Produces beyond a quota, and asks for something else on the same connection.
fn produce_and_ask(cx: &mut Context, conn: Conn, body: Value) -> Result<()> {
    let answer = cx.call_on(conn, "Produce", 13, body)?;
    note_throttled(cx, &answer);
    cx.send_on(conn, "ListGroups", 4, json!({"statesFilter": ["none"]}))
}

fn next_request_waits(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1.0)?;
    let body = one_record(cx, &a, 1)?;
    cx.as_client(&client, |cx, conn| {
        produce_and_ask(cx, conn, body)?;
        cx.expect_silence(conn, SILENCE)
    })?;
    unlimited(cx, &client)
}

fn answered_later(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1000.0)?;
    let value = "x".repeat(10_500);
    cx.labels.text(&value, "<long>");
    let body = batch_for(cx, &a, &Batch::of(&[&value]), 1)?;
    cx.as_client(&client, |cx, conn| {
        produce_and_ask(cx, conn, body)?;
        cx.receive_on(conn)
    })?;
    unlimited(cx, &client)
}

/// The connection waits, not the client; and only one that went beyond the quota.
fn others_do_not_wait(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let client = limited(cx, "producer_byte_rate", 1.0)?;
    let body = one_record(cx, &a, 1)?;
    cx.as_client(&client, |cx, conn| {
        cx.call_on(conn, "Produce", 13, body.clone())
    })?;
    let groups = json!({"statesFilter": ["none"]});
    cx.as_client(&client, |cx, conn| {
        cx.call_on(conn, "ListGroups", 4, groups)
    })?;
    cx.call("Produce", 13, body)?;
    unlimited(cx, &client)
}

/// Whose quota counts: with all below it boundless it throttles, and boundless itself it does not,
/// whatever is below.
fn precedence(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("throttleTimeMs");
    let a = cx.create_topic("a", 1)?;
    let body = one_record(cx, &a, 1)?;
    let client = cx.topic("client");
    let (user, own) = (("user", Some("ANONYMOUS")), ("client-id", Some(&*client)));
    let (any_user, any_client) = (("user", None), ("client-id", None));
    let levels = [
        vec![user, own],
        vec![user, any_client],
        vec![user],
        vec![any_user, own],
        vec![any_user, any_client],
        vec![any_user],
        vec![own],
        vec![any_client],
    ];
    let levels: Vec<_> = levels.iter().map(|level| entity(level)).collect();
    for first in 0..levels.len() {
        for (rate, below) in [(1.0, BOUNDLESS), (BOUNDLESS, 1.0)] {
            let row = |(at, level): (usize, &Value)| {
                let value = match at.cmp(&first) {
                    std::cmp::Ordering::Less => None,
                    std::cmp::Ordering::Equal => Some(rate),
                    std::cmp::Ordering::Greater => Some(below),
                };
                json!({"entity": level, "ops": [op("producer_byte_rate", value)]})
            };
            let rows: Vec<_> = levels.iter().enumerate().map(row).collect();
            cx.ask("AlterClientQuotas", 1, json!({"entries": rows}))?;
            cx.await_quotas()?;
            let body = body.clone();
            let answer = cx.as_client(&client, |cx, conn| {
                cx.quietly(|cx| cx.call_on(conn, "Produce", 13, body))
            })?;
            let names = levels.get(first).map(ToString::to_string);
            cx.note(&names.unwrap_or_default());
            cx.note(&format!("is {rate}, what is below {below}"));
            note_throttled(cx, &answer);
        }
    }
    levels.iter().try_for_each(|level| cx.remove_quotas(level))
}

/// KIP-612: an address that connects too often is let wait, and turned away.
fn connections(cx: &mut Context) -> Result<()> {
    let here = ["127.0.0.1", "::1"].map(|ip| entity(&[("ip", Some(ip))]));
    for ip in &here {
        cx.set_quotas(ip, &[("connection_creation_rate", Some(1.0))])?;
    }
    cx.note("connection_creation_rate is 1 here");
    let (mut answered, mut closed) = (0, 0);
    while closed == 0 && answered < 60 {
        let conn = cx.connect(1)?;
        let answer = cx.quietly(|cx| cx.call_on(conn, "ApiVersions", 0, json!({})))?;
        if answer["errorCode"] == 0 {
            answered += 1;
        } else {
            closed += 1;
        }
    }
    cx.note(&format!("several are answered: {}", answered > 1));
    cx.note(&format!("one is closed without an answer: {}", closed > 0));
    here.iter().try_for_each(|ip| cx.remove_quotas(ip))
}
