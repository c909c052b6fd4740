//! ConsumerGroupHeartbeat (key 68), v0–v1: what is refused at first sight, and what is not.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::Consumer;
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    let area = Area::new("consumer_group_errors").on(Profile::Groups);
    let area = JOINS.iter().fold(area, |area, (name, fields)| {
        area.with(&format!("join_{name}"), *fields, join)
    });
    BEATS
        .iter()
        .fold(area, |area, (name, fields)| {
            area.with(&format!("beat_{name}"), *fields, beat)
        })
        .cases(cases![unknown_group, empty_group_id])
}

/// Fields that replace those of a member that joins.
const JOINS: [(&str, &str); 27] = [
    ("valid", r#"{}"#),
    ("empty_member_id", r#"{"memberId": ""}"#),
    (
        "long_member_id",
        r#"{"memberId": "0123456789012345678901234567890123456789"}"#,
    ),
    ("odd_member_id", r#"{"memberId": "a b/ü"}"#),
    ("epoch_negative", r#"{"memberEpoch": -3}"#),
    ("epoch_leaving", r#"{"memberEpoch": -1}"#),
    ("epoch_leaving_for_a_while", r#"{"memberEpoch": -2}"#),
    (
        "epoch_leaving_for_a_while_static",
        r#"{"memberEpoch": -2, "instanceId": "i"}"#,
    ),
    ("epoch_positive", r#"{"memberEpoch": 1}"#),
    ("no_rebalance_timeout", r#"{"rebalanceTimeoutMs": -1}"#),
    ("zero_rebalance_timeout", r#"{"rebalanceTimeoutMs": 0}"#),
    ("no_topics", r#"{"subscribedTopicNames": null}"#),
    ("empty_topics", r#"{"subscribedTopicNames": []}"#),
    ("bad_topic_name", r#"{"subscribedTopicNames": ["a b", ""]}"#),
    ("topic_twice", r#"{"subscribedTopicNames": ["a", "a"]}"#),
    ("no_partitions", r#"{"topicPartitions": null}"#),
    (
        "partitions",
        r#"{"topicPartitions": [{"topicId": "AAAAAAAAAAAAAAAAAAAABQ", "partitions": [0]}]}"#,
    ),
    ("empty_instance", r#"{"instanceId": ""}"#),
    ("empty_rack", r#"{"rackId": ""}"#),
    ("empty_assignor", r#"{"serverAssignor": ""}"#),
    ("unknown_assignor", r#"{"serverAssignor": "sticky"}"#),
    ("assignor_in_capitals", r#"{"serverAssignor": "RANGE"}"#),
    ("regex_and_names", r#"{"subscribedTopicRegex": "x.*"}"#),
    (
        "regex_alone",
        r#"{"subscribedTopicNames": null, "subscribedTopicRegex": "x.*"}"#,
    ),
    (
        "empty_regex",
        r#"{"subscribedTopicNames": null, "subscribedTopicRegex": ""}"#,
    ),
    (
        "bad_regex",
        r#"{"subscribedTopicNames": null, "subscribedTopicRegex": "("}"#,
    ),
    (
        "regex_re2_lacks",
        r#"{"subscribedTopicNames": null, "subscribedTopicRegex": "(?=a)a"}"#,
    ),
];

/// Fields of a heartbeat of a member that has joined.
const BEATS: [(&str, &str); 22] = [
    ("plain", r#"{}"#),
    ("empty_member_id", r#"{"memberId": ""}"#),
    ("other_member_id", r#"{"memberId": "x"}"#),
    ("epoch_negative", r#"{"memberEpoch": -3}"#),
    ("epoch_too_high", r#"{"memberEpoch": 1000}"#),
    ("epoch_too_low", r#"{"memberEpoch": 1}"#),
    (
        "epoch_too_low_with_partitions",
        r#"{"memberEpoch": 1, "topicPartitions": []}"#,
    ),
    ("epoch_zero_alone", r#"{"memberEpoch": 0}"#),
    ("leaving_for_a_while", r#"{"memberEpoch": -2}"#),
    ("rebalance_timeout", r#"{"rebalanceTimeoutMs": 5}"#),
    ("same_topics", r#"{"subscribedTopicNames": ["a"]}"#),
    ("no_topics", r#"{"subscribedTopicNames": []}"#),
    ("empty_regex", r#"{"subscribedTopicRegex": ""}"#),
    ("bad_regex", r#"{"subscribedTopicRegex": "["}"#),
    ("empty_assignor", r#"{"serverAssignor": ""}"#),
    ("unknown_assignor", r#"{"serverAssignor": "x"}"#),
    ("empty_rack", r#"{"rackId": ""}"#),
    ("empty_instance", r#"{"instanceId": ""}"#),
    ("instance_of_nobody", r#"{"instanceId": "i"}"#),
    ("no_partitions", r#"{"topicPartitions": []}"#),
    (
        "foreign_partitions",
        r#"{"topicPartitions": [{"topicId": "AAAAAAAAAAAAAAAAAAAABQ", "partitions": [0, -1]}]}"#,
    ),
    ("leaving", r#"{"memberEpoch": -1}"#),
];

fn join(cx: &mut Context, fields: &str) -> Result<()> {
    let group = cx.group("g")?;
    let mut body = json!({"groupId": group, "memberId": "m", "memberEpoch": 0, "rebalanceTimeoutMs": 30_000,
        "subscribedTopicNames": ["a"], "topicPartitions": []});
    let fields: Value = serde_json::from_str(fields)?;
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
        body.extend(fields);
    }
    for version in [0, 1] {
        if version == 1 || body["subscribedTopicRegex"].is_null() {
            cx.call("ConsumerGroupHeartbeat", version, body.clone())?;
        }
        body["groupId"] = json!(cx.group("h")?);
    }
    Ok(())
}

fn beat(cx: &mut Context, fields: &str) -> Result<()> {
    let group = cx.group("g")?;
    let mut member = Consumer::new(&group, "m");
    cx.quietly(|cx| member.join(cx, &["a"]))?;
    member.beat(cx, serde_json::from_str(fields)?)?;
    member.idle(cx)?;
    Ok(())
}

fn unknown_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut member = Consumer::new(&group, "m");
    for epoch in [1, -1] {
        member.epoch = epoch;
        member.idle(cx)?;
    }
    Ok(())
}

fn empty_group_id(cx: &mut Context) -> Result<()> {
    cx.group("any")?;
    for version in [0, 1] {
        for group in ["", " "] {
            let body = json!({"groupId": group, "memberId": "m", "memberEpoch": 3});
            cx.call("ConsumerGroupHeartbeat", version, body)?;
        }
    }
    Ok(())
}
