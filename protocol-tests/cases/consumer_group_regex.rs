//! Regular expressions over topic names (KIP-848): they are looked up after the heartbeat that brings them.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Consumer, await_group, describe, settle};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    let area = Area::new("consumer_group_regex").on(Profile::Groups);
    let area = INVALID.iter().fold(area, |area, (name, pattern)| {
        area.with(&format!("invalid_{name}"), *pattern, invalid)
    });
    MATCHES
        .iter()
        .fold(area, |area, (name, pattern)| {
            area.with(&format!("matches_{name}"), *pattern, matches)
        })
        .cases(cases![
            first_member,
            no_match,
            the_same_for_two,
            different_for_two,
            names_and_regex_of_two,
            names_and_regex_that_overlap,
            changed,
            changed_to_that_of_another,
            changed_to_an_invalid_one,
            an_invalid_one_that_is_there,
            to_names,
            taken_back,
            from_names,
            last_subscriber_leaves,
            static_member_returns,
            topic_deleted,
            topic_deleted_and_made_again,
            partitions_added,
            topic_made_later,
            internal_topics,
            classic_member,
            offset_delete,
        ])
}

/// What RE2/J refuses.
const INVALID: [(&str, &str); 26] = [
    ("open_group", "(a"),
    ("closed_group", "a)"),
    ("open_class", "[a"),
    ("empty_class", "[]"),
    ("class_backwards", "[b-a]"),
    ("class_name", "[[:nothing:]]"),
    ("unicode_class", "\\p{Nothing}"),
    ("star_alone", "*"),
    ("plus_alone", "+a"),
    ("two_stars", "a**"),
    ("star_plus", "a*+"),
    ("repeat_twice", "a{2}{3}"),
    ("repeat_backwards", "a{3,2}"),
    ("repeat_too_often", "a{1001}"),
    ("escape_alone", "a\\"),
    ("escape_unknown", "\\y"),
    ("escape_back_reference", "(a)\\1"),
    ("escape_hex", "\\x{110000}"),
    ("escape_hex_short", "\\xg"),
    ("look_ahead", "a(?=b)"),
    ("look_behind", "(?<=a)b"),
    ("possessive", "(?>a)"),
    ("group_flag", "(?z)a"),
    ("group_name", "(?P<n"),
    ("group_name_twice", "(?P<n>a)(?P<n>b)"),
    ("group_name_bad", "(?P<a-b>x)"),
];

/// Patterns and what they match of `t-…`, whose name stands for T; `U` is another topic's.
const MATCHES: [(&str, &str); 17] = [
    ("whole_name", "T"),
    ("a_part_alone", "t"),
    ("a_prefix", "T.*"),
    ("anchors", "^T$"),
    ("either", "T|U"),
    ("both_by_group", "(?:T|U)"),
    ("any_case", "(?i)T"),
    ("upper_case", "(?-i)TOPIC"),
    ("a_class", "[t]T?.*"),
    ("an_escape", "\\QT\\E"),
    ("lazy", "T.*?"),
    ("line_ends", "(?m)^T$"),
    ("words", "\\bT\\b"),
    ("empty_alternative", "T|"),
    ("repeat", "T{1}"),
    ("named_group", "(?P<n>T)"),
    ("named_group_java", "(?<n>T)"),
];

fn subscription(pattern: &str) -> Value {
    json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicRegex": pattern, "topicPartitions": []})
}

fn invalid(cx: &mut Context, pattern: &str) -> Result<()> {
    let group = cx.group("g")?;
    Consumer::new(&group, "m").beat(cx, subscription(pattern))?;
    describe(cx, &group)?;
    Ok(())
}

fn matches(cx: &mut Context, pattern: &str) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let pattern = pattern.replace("TOPIC", &t.to_uppercase());
    let pattern = if pattern.contains('T') && !pattern.contains(&t.to_uppercase()) {
        pattern.replace('T', &t).replace('U', &u)
    } else {
        pattern
    };
    cx.labels.text(&t.to_uppercase(), "T");
    let mut m = Consumer::new(&group, "m");
    m.beat(cx, subscription(&pattern))?;
    resolved(cx, &group, 1)?;
    m.idle(cx)?;
    Ok(())
}

/// Waits until so many regular expressions have been looked up, by what the coordinator wrote.
fn resolved(cx: &mut Context, group: &str, count: usize) -> Result<()> {
    cx.await_records("ConsumerGroupRegularExpression", group, count)
}

/// A settled group of a member with a regular expression that matches `t`, in epoch 2.
fn alone(cx: &mut Context, group: &str, t: &str) -> Result<Consumer> {
    let mut m = Consumer::new(group, "m");
    let pattern = format!("{t}.*");
    cx.quietly(|cx| m.join_pattern(cx, &pattern))?;
    await_group(cx, group, "groupEpoch", &json!(2))?;
    settle(cx, &mut [&mut m])?;
    Ok(m)
}

fn first_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    m.join_pattern(cx, &t)?;
    resolved(cx, &group, 1)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn no_match(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    m.join_pattern(cx, "nothing")?;
    resolved(cx, &group, 1)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn the_same_for_two(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    let mut n = Consumer::new(&group, "n");
    n.join_pattern(cx, &format!("{t}.*"))?;
    n.idle(cx)?;
    settle(cx, &mut [&mut m, &mut n])?;
    describe(cx, &group)?;
    cx.note("m goes; n still has it");
    m.leave(cx, -1)?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// Another regular expression within ten seconds is not looked up at once.
fn different_for_two(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    let mut n = Consumer::new(&group, "n");
    n.join_pattern(cx, &format!("{t}.?"))?;
    n.idle(cx)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn names_and_regex_of_two(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    settle(cx, &mut [&mut m, &mut n])?;
    describe(cx, &group)?;
    Ok(())
}

fn names_and_regex_that_overlap(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    m.beat(
        cx,
        json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": [t], "subscribedTopicRegex": format!("{t}.*"),
            "topicPartitions": []}),
    )?;
    resolved(cx, &group, 1)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn changed(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut m = alone(cx, &group, &t)?;
    m.beat(cx, json!({"subscribedTopicRegex": format!("{u}.*")}))?;
    describe(cx, &group)?;
    cx.note("the old one is gone, so that the next heartbeat has the new one looked up");
    m.own(cx)?;
    await_group(cx, &group, "groupEpoch", &json!(3))?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn changed_to_that_of_another(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    n.beat(cx, json!({"subscribedTopicRegex": format!("{t}.*")}))?;
    describe(cx, &group)?;
    Ok(())
}

fn changed_to_an_invalid_one(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = alone(cx, &group, &t)?;
    m.beat(cx, json!({"subscribedTopicRegex": "("}))?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

/// Validity is looked at only if nobody has the regular expression.
fn an_invalid_one_that_is_there(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = alone(cx, &group, &t)?;
    let mut n = Consumer::new(&group, "n");
    for pattern in ["(", "["] {
        n.beat(cx, subscription(pattern))?;
    }
    n.beat(cx, subscription(""))?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn to_names(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    m.beat(
        cx,
        json!({"subscribedTopicNames": [t], "subscribedTopicRegex": ""}),
    )?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn taken_back(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    m.beat(cx, json!({"subscribedTopicRegex": ""}))?;
    m.own(cx)?;
    describe(cx, &group)?;
    m.beat(cx, json!({"subscribedTopicRegex": ""}))?;
    Ok(())
}

fn from_names(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    m.beat(
        cx,
        json!({"subscribedTopicNames": [], "subscribedTopicRegex": format!("{t}.*")}),
    )?;
    resolved(cx, &group, 1)?;
    m.own(cx)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn last_subscriber_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m, &mut n])?;
    m.leave(cx, -1)?;
    n.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn static_member_returns(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join_pattern(cx, &format!("{t}.*")))?;
    resolved(cx, &group, 1)?;
    settle(cx, &mut [&mut m])?;
    m.leave(cx, -2)?;
    let mut n = Consumer::fixed(&group, "n", "i");
    n.join_pattern(cx, &format!("{t}.*"))?;
    describe(cx, &group)?;
    Ok(())
}

fn topic_deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    cx.delete_topic_of_consumers(&t, &group)?;
    m.idle(cx)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// The name is still among those found.
fn topic_deleted_and_made_again(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let id = cx.topic_id(&t)?;
    cx.labels.text(&id, "<the first id of t>");
    let mut m = alone(cx, &group, &t)?;
    cx.delete_topic_of_consumers(&t, &group)?;
    cx.create_topic_for_consumers("t", 1)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.own(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    cx.grow_topic_of_consumers(&t, 3)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// Within ten seconds of the last look nothing is looked up again.
fn topic_made_later(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    let more = format!("{t}-more");
    cx.ask(
        "CreateTopics",
        7,
        json!({"topics": [{"name": more, "numPartitions": 1, "replicationFactor": 1}], "timeoutMs": 10_000}),
    )?;
    cx.await_topic_at_coordinator(&more, 1)?;
    cx.note("a topic that matches was made");
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn internal_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    m.join_pattern(cx, "__consumer_off.*")?;
    resolved(cx, &group, 1)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn classic_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = alone(cx, &group, &t)?;
    let mut c = super::members::Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    c.join(cx)?;
    m.idle(cx)?;
    m.own(cx)?;
    c.sync(cx, &[])?;
    describe(cx, &group)?;
    Ok(())
}

/// A topic that a regular expression matches is subscribed to.
fn offset_delete(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let m = alone(cx, &group, &t)?;
    let rows = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 1)]},
        {"name": u, "partitions": [crate::coordinators::committed(0, 1)]}]);
    let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": m.epoch, "topics": rows});
    cx.call("OffsetCommit", 9, body)?;
    let rows = json!([{"name": t, "partitions": [{"partitionIndex": 0}]}, {"name": u, "partitions": [{"partitionIndex": 0}]}]);
    cx.call("OffsetDelete", 0, json!({"groupId": group, "topics": rows}))?;
    Ok(())
}
