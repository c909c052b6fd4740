//! DescribeTopicPartitions (key 75), v0: topics in order, page by page (KIP-966).

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("describe_topic_partitions")
        .cases(cases![one_topic, several_topics, unknown_topic])
        .case("invalid_name", |cx| {
            describe(
                cx,
                json!([{"name": "a b"}, {"name": ""}]),
                2000,
                Value::Null,
            )
            .map(drop)
        })
        .case("name_with_a_blank", |cx| unknown(cx, "a b"))
        .case("empty_name", |cx| unknown(cx, ""))
        .case("name_of_a_dot", |cx| unknown(cx, "."))
        .case("internal_topic_not_made", |cx| {
            unknown(cx, "__share_group_state")
        })
        .cases(cases![topic_twice, all_topics])
        .cases_for([1, 2, 3, 5, 0, -1], cases![page_of])
        .cases(cases![all_pages])
        .case("cursor_inside_a_topic", |cx| cursor(cx, "b", 1))
        .case("cursor_after_the_last_partition", |cx| cursor(cx, "b", 2))
        .case("cursor_at_a_topic_not_asked_for", |cx| cursor(cx, "aa", 0))
        .case("cursor_after_all_topics", |cx| cursor(cx, "z", 0))
        .case("cursor_at_a_negative_partition", |cx| cursor(cx, "b", -1))
        .cases_on(Profile::Three, cases![replicas])
}

fn describe(cx: &mut Context, topics: Value, limit: i32, cursor: Value) -> Result<Value> {
    cx.labels.exact_order = true;
    cx.call(
        "DescribeTopicPartitions",
        0,
        json!({"topics": topics, "responsePartitionLimit": limit, "cursor": cursor}),
    )
}

fn unknown(cx: &mut Context, name: &str) -> Result<()> {
    describe(cx, json!([{"name": name}]), 2000, Value::Null).map(drop)
}

fn one_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 3)?;
    describe(cx, json!([{"name": a}]), 2000, Value::Null)?;
    Ok(())
}

fn two(cx: &mut Context) -> Result<Value> {
    let a = cx.create_topic("a", 2)?;
    let b = cx.create_topic("b", 2)?;
    Ok(json!([{"name": b}, {"name": a}]))
}

fn several_topics(cx: &mut Context) -> Result<()> {
    let topics = two(cx)?;
    describe(cx, topics, 2000, Value::Null)?;
    Ok(())
}

fn unknown_topic(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    let b = cx.create_topic("b", 1)?;
    describe(cx, json!([{"name": a}, {"name": b}]), 2000, Value::Null)?;
    Ok(())
}

fn topic_twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    describe(cx, json!([{"name": a}, {"name": a}]), 2000, Value::Null)?;
    Ok(())
}

/// No topics stand for all of them; the cursor leaves out what other cases made.
fn all_topics(cx: &mut Context) -> Result<()> {
    let y = cx.create_topic("y", 2)?;
    cx.create_topic("z", 2)?;
    cx.labels.own_topics_only = true;
    cx.labels.hidden.push("nextCursor");
    describe(
        cx,
        json!([]),
        2000,
        json!({"topicName": y, "partitionIndex": 0}),
    )?;
    Ok(())
}

fn page_of(cx: &mut Context, limit: i32) -> Result<()> {
    let topics = two(cx)?;
    describe(cx, topics, limit, Value::Null)?;
    Ok(())
}

fn all_pages(cx: &mut Context) -> Result<()> {
    let topics = two(cx)?;
    let mut cursor = Value::Null;
    for _ in 0..8 {
        cursor = describe(cx, topics.clone(), 1, cursor)?["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    Ok(())
}

fn cursor(cx: &mut Context, topic: &str, partition: i32) -> Result<()> {
    let topics = two(cx)?;
    // The topics' names have the same ending.
    let b = topics[0]["name"].as_str().unwrap_or_default();
    let name = b.replacen('b', topic, 1);
    cx.labels.text(&name, topic);
    describe(
        cx,
        topics,
        2000,
        json!({"topicName": name, "partitionIndex": partition}),
    )?;
    Ok(())
}

fn replicas(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2, 3], &[3, 1, 2], &[2, 3, 1]])?;
    describe(cx, json!([{"name": a}]), 2000, Value::Null)?;
    Ok(())
}
