//! Rules that cannot be say what would be right.

use serde_json::{Value as Json, json};

use super::{Came, World};
use crate::wire::api::Api;

#[track_caller]
fn check(rule: Json, words: &str) {
    let refused = World::new().refused(rule);
    assert!(refused.contains(words), "{refused}");
}

fn error(api: &str, code: &str) -> Json {
    json!({ "api": api, "before_apply": { "error": code } })
}

#[test]
fn names_that_are_not_known() {
    check(
        json!({ "api": "Fetc", "observe": true }),
        "did you mean Fetch?",
    );
    check(json!({ "api": "Fetch" }), "`before_apply` or `after_apply`");
    check(
        json!({ "api": "Fetch", "topics": "a", "observe": true }),
        "unknown field `topics`",
    );
    check(
        json!({ "api": "Heartbeat", "topic": "a", "observe": true }),
        "leave `topic` out",
    );
    check(
        json!({ "api": "Heartbeat", "topic": "a", "observe": true }),
        "OffsetCommit",
    );
    check(
        error("Heartbeat", "NOT_LEADR_OR_FOLLOWER"),
        "did you mean NOT_LEADER_OR_FOLLOWER?",
    );
    check(
        error("Heartbeat", "OFFSET_OUT_OF_RANGE"),
        "it answers UNKNOWN_SERVER_ERROR, ",
    );
    check(
        error("Heartbeat", "OFFSET_OUT_OF_RANGE"),
        "ILLEGAL_GENERATION",
    );
}

#[test]
fn what_is_not_there_to_select_or_answer() {
    let mut narrow = error("Fetch", "FETCH_SESSION_ID_NOT_FOUND");
    narrow["topic"] = json!("a");
    check(narrow, "for more than what topic selects");
    let mut narrow = error("DescribeLogDirs", "KAFKA_STORAGE_ERROR");
    narrow["topic"] = json!("a");
    check(narrow, "leave out topic");
    check(
        json!({ "group": "g", "topic": "a", "partition": 1, "member": "m",
        "transactional_id": "t", "api": "Fetch", "observe": true }),
        "leave `group` out",
    );
}

#[test]
fn rules_at_odds_with_themselves() {
    check(json!({ "observe": true, "nth": 0 }), "counts from 1");
    check(json!({ "observe": true, "probability": 1.5 }), "at most 1");
    check(
        json!({ "observe": true, "count": 1, "expect": 2 }),
        "cannot be expected",
    );
    check(
        json!({ "observe": true, "before_apply": "hold" }),
        "mount two rules",
    );
    check(
        json!({ "before_apply": ["hold", "pass"], "count": 2 }),
        "leave out `count`",
    );
    check(
        json!({ "before_apply": { "delay": "soon" } }),
        "not a duration",
    );
    check(
        json!({ "api": "Fetch", "before_apply": { "edit": { "errorCode": 1 } } }),
        "`after_apply`",
    );
}

#[test]
fn fields_that_answers_do_not_have() {
    let edit = |path: &str, value: Json| json!({ "api": "Produce", "after_apply": { "edit": { path: value } } });
    check(
        edit("responses.offset", json!(1)),
        "responses.partitionResponses.baseOffset",
    );
    check(edit("throttleTimeMs", json!("x")), "whole number");
}

#[test]
fn told_to_a_rule_answers_what_kafka_would_not() {
    let mut unchecked = error("Heartbeat", "OFFSET_OUT_OF_RANGE");
    unchecked["unchecked"] = json!(true);
    let mut world = World::new();
    world.mount(unchecked);
    let request = json!({ "groupId": "g", "generationId": 1, "memberId": "m" });
    let came = world.send(1, Api::Heartbeat, 4, &request);
    let [Came::Answer(_, answer)] = came.as_slice() else {
        panic!("{came:?}");
    };
    assert_eq!(answer["errorCode"], 1);
}

#[test]
fn the_reference_shows_rules_that_can_be() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/faults.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rules: Vec<_> = page.split("```json\n").skip(1).collect();
    assert!(rules.len() > 4);
    for rule in rules {
        let rule = rule.split("```").next().unwrap();
        let read = serde_json::from_str(rule).unwrap();
        let mounted = World::new().try_mount(read);
        assert!(mounted.is_ok(), "{rule}: {mounted:?}");
    }
}
