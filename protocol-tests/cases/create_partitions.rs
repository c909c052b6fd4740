//! CreatePartitions (key 37), v0–v3.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("create_partitions")
        .cases_at(0..=3, cases![grow, validate_only, unknown_topic])
        .cases_for([2, 1, 0, -1, -2, 10_001, 10_003], cases![to])
        .each("together_with_an_unknown_topic_to", [6000, 6003], together)
        .case("assigned", |cx| {
            assigned(cx, 4, json!([{"brokerIds": [1]}, {"brokerIds": [1]}]))
        })
        .case("too_few_assignments", |cx| {
            assigned(cx, 4, json!([{"brokerIds": [1]}]))
        })
        .case("too_many_assignments", |cx| {
            assigned(cx, 3, json!([{"brokerIds": [1]}, {"brokerIds": [1]}]))
        })
        .case("no_assignments", |cx| assigned(cx, 3, json!([])))
        .case("assigned_to_no_broker", |cx| {
            assigned(cx, 3, json!([{"brokerIds": []}]))
        })
        .case("assigned_to_an_unknown_broker", |cx| {
            assigned(cx, 3, json!([{"brokerIds": [99]}]))
        })
        .case("assigned_to_a_broker_twice", |cx| {
            assigned(cx, 3, json!([{"brokerIds": [1, 1]}]))
        })
        .cases(cases![topic_twice, one_good_one_bad])
        .case("no_topics", |cx| partitions(cx, 3, json!([])))
        .cases(cases![no_time, produce_to_the_new_partition])
        .cases_on(
            Profile::Three,
            cases![replicated, assignment_of_another_size],
        )
}

fn partitions(cx: &mut Context, version: i16, topics: Value) -> Result<()> {
    cx.call(
        "CreatePartitions",
        version,
        json!({"topics": topics, "timeoutMs": 10000, "validateOnly": false}),
    )?;
    Ok(())
}

fn grow(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    partitions(
        cx,
        version,
        json!([{"name": a, "count": 4, "assignments": null}]),
    )?;
    cx.await_topic(&a, 4)?;
    cx.call("Metadata", 9, json!({"topics": [{"name": a}]}))?;
    Ok(())
}

fn validate_only(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    for count in [3, 1] {
        let topics = json!([{"name": a, "count": count, "assignments": null}]);
        cx.call(
            "CreatePartitions",
            version,
            json!({"topics": topics, "timeoutMs": 10000, "validateOnly": true}),
        )?;
    }
    cx.call("Metadata", 9, json!({"topics": [{"name": a}]}))?;
    Ok(())
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    partitions(
        cx,
        version,
        json!([{"name": a, "count": 4, "assignments": null}]),
    )
}

fn to(cx: &mut Context, count: i32) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    // Kafka really makes ten thousand partitions, and is busy for long: only validate.
    let topics = json!([{"name": a, "count": count, "assignments": null}]);
    cx.call(
        "CreatePartitions",
        3,
        json!({"topics": topics, "timeoutMs": 10000, "validateOnly": count > 100}),
    )?;
    Ok(())
}

fn assigned(cx: &mut Context, count: i32, assignments: Value) -> Result<()> {
    let a = cx.create_topic("a", 2)?;
    partitions(
        cx,
        3,
        json!([{"name": a, "count": count, "assignments": assignments}]),
    )
}

fn topic_twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.create_topic("b", 1)?;
    let topic = |name: &str, count: i32| json!({"name": name, "count": count, "assignments": null});
    partitions(cx, 3, json!([topic(&a, 2), topic(&b, 2), topic(&a, 3)]))
}

/// The limit counts the partitions of all topics that exist.
fn together(cx: &mut Context, count: i32) -> Result<()> {
    let (a, b, unknown) = (
        cx.create_topic("a", 1)?,
        cx.create_topic("b", 1)?,
        cx.topic("c"),
    );
    let topic = |name: &str, count| json!({"name": name, "count": count, "assignments": null});
    let topics = json!([topic(&a, 4000), topic(&b, count), topic(&unknown, 20_000)]);
    cx.call(
        "CreatePartitions",
        3,
        json!({"topics": topics, "timeoutMs": 10000, "validateOnly": true}),
    )?;
    Ok(())
}

fn one_good_one_bad(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.create_topic("b", 2)?;
    let topic = |name: &str| json!({"name": name, "count": 2, "assignments": null});
    partitions(cx, 3, json!([topic(&a), topic(&b)]))?;
    cx.await_topic(&a, 2)
}

fn no_time(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let topics = json!([{"name": a, "count": 2, "assignments": null}]);
    cx.call(
        "CreatePartitions",
        3,
        json!({"topics": topics, "timeoutMs": 0}),
    )?;
    Ok(())
}

fn produce_to_the_new_partition(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let body = |index: i32| {
        let records = crate::records::Batch::of(&["x"]).json();
        json!({"acks": -1, "timeoutMs": 5000, "topicData": [{"name": a, "partitionData": [{"index": index, "records": records}]}]})
    };
    cx.call("Produce", 9, body(1))?;
    partitions(cx, 3, json!([{"name": a, "count": 2, "assignments": null}]))?;
    cx.await_topic(&a, 2)?;
    cx.call("Produce", 9, body(1))?;
    Ok(())
}

fn replicated(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let (first, third) = (cx.node(1)?, cx.node(3)?);
    partitions(
        cx,
        3,
        json!([{"name": a, "count": 2, "assignments": [{"brokerIds": [third, first]}]}]),
    )?;
    cx.await_topic(&a, 2)?;
    cx.labels.hidden.push("controllerId");
    cx.call("Metadata", 9, json!({"topics": [{"name": a}]}))?;
    Ok(())
}

fn assignment_of_another_size(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    let first = cx.node(1)?;
    partitions(
        cx,
        3,
        json!([{"name": a, "count": 2, "assignments": [{"brokerIds": [first]}]}]),
    )
}
