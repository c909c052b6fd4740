//! IncrementalAlterConfigs (key 44), v0–v1, and AlterConfigs (key 33), v0–v2.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

/// Key, operation (0 set, 1 delete, 2 append, 3 subtract), value.
type Change = (&'static str, i8, Option<&'static str>);

/// Name of the case and one request's changes to a topic with `retention.ms=5000` and
/// `cleanup.policy=compact,delete`.
const CHANGES: &[(&str, &[Change])] = &[
    ("set", &[("retention.ms", 0, Some("7000"))]),
    ("set_to_the_same", &[("retention.ms", 0, Some("5000"))]),
    (
        "set_to_the_default",
        &[("retention.ms", 0, Some("604800000"))],
    ),
    ("set_to_nothing", &[("retention.ms", 0, None)]),
    ("set_to_the_empty_text", &[("retention.ms", 0, Some(""))]),
    (
        "set_a_list_to_the_empty_text",
        &[("cleanup.policy", 0, Some(""))],
    ),
    ("set_a_wrong_value", &[("retention.ms", 0, Some("soon"))]),
    (
        "set_a_value_out_of_range",
        &[("retention.ms", 0, Some("-2"))],
    ),
    ("set_an_unknown_key", &[("no.such.config", 0, Some("1"))]),
    ("set_the_empty_key", &[("", 0, Some("1"))]),
    ("delete", &[("retention.ms", 1, None)]),
    ("delete_with_a_value", &[("retention.ms", 1, Some("5000"))]),
    ("delete_what_is_not_set", &[("flush.ms", 1, None)]),
    ("delete_an_unknown_key", &[("no.such.config", 1, None)]),
    (
        "append_what_is_there",
        &[("cleanup.policy", 2, Some("delete"))],
    ),
    (
        "append_what_is_wrong",
        &[("cleanup.policy", 2, Some("keep"))],
    ),
    (
        "append_to_the_default",
        &[("leader.replication.throttled.replicas", 2, Some("0:1"))],
    ),
    ("append_nothing", &[("cleanup.policy", 2, None)]),
    ("append_to_a_number", &[("retention.ms", 2, Some("1"))]),
    ("subtract", &[("cleanup.policy", 3, Some("delete"))]),
    (
        "subtract_all",
        &[("cleanup.policy", 3, Some("delete,compact"))],
    ),
    (
        "subtract_what_is_not_there",
        &[("cleanup.policy", 3, Some("keep"))],
    ),
    (
        "subtract_from_a_number",
        &[("retention.ms", 3, Some("5000"))],
    ),
    ("unknown_operation", &[("retention.ms", 4, Some("1"))]),
    ("negative_operation", &[("retention.ms", -1, Some("1"))]),
    (
        "key_twice",
        &[
            ("retention.ms", 0, Some("1")),
            ("retention.ms", 0, Some("2")),
        ],
    ),
    (
        "set_and_delete_a_key",
        &[("retention.ms", 0, Some("1")), ("retention.ms", 1, None)],
    ),
    (
        "two_keys",
        &[("retention.ms", 0, Some("1")), ("flush.ms", 0, Some("2"))],
    ),
    (
        "one_good_one_bad",
        &[("retention.ms", 0, Some("1")), ("flush.ms", 0, Some("x"))],
    ),
    ("no_changes", &[]),
];

pub(super) fn area() -> Area {
    CHANGES
        .iter()
        .fold(Area::new("alter_configs"), |area, row| {
            area.with(row.0, row.1, change)
        })
        .cases_at(
            0..=1,
            cases![
                incremental,
                incremental_validate_only,
                incremental_unknown_topic,
            ],
        )
        .cases_at(
            0..=2,
            cases![replace, replace_validate_only, replace_unknown_topic],
        )
        .case("replace_with_nothing", |cx| replaced(cx, &json!([])))
        .case("replace_with_null", |cx| {
            replaced(cx, &json!([{"name": "retention.ms", "value": null}]))
        })
        .case("replace_with_a_wrong_value", |cx| {
            replaced(cx, &json!([{"name": "retention.ms", "value": "x"}]))
        })
        .case("replace_with_an_unknown_key", |cx| {
            replaced(cx, &json!([{"name": "no.such", "value": "1"}]))
        })
        .cases(cases![replace_key_twice, resource_twice, two_resources])
        .case("no_resources", |cx| alter(cx, 1, &json!([])).map(drop))
        .with(
            "type",
            &[(0, "x"), (1, "x"), (2, ""), (2, "a b"), (99, "x")][..],
            refused,
        )
        .with("group", &[(32, ""), (32, "g")][..], refused)
        .with("client_metrics", &[(16, ""), (16, "m")][..], refused)
        .cases(cases![group_settings, client_metrics_settings])
}

fn alter(cx: &mut Context, version: i16, resources: &Value) -> Result<Value> {
    cx.call(
        "IncrementalAlterConfigs",
        version,
        json!({"resources": resources, "validateOnly": false}),
    )
}

/// The settings of a topic that are its own, once they are those expected or the bound is reached.
fn own_settings(cx: &mut Context, topic: &str) -> Result<()> {
    let row = json!({"resourceType": 2, "resourceName": topic, "configurationKeys": null});
    let answer = cx.ask("DescribeConfigs", 4, json!({"resources": [row]}))?;
    let settings = answer["results"][0]["configs"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let own = settings
        .iter()
        .filter(|setting| setting["configSource"] == 1);
    let mut lines: Vec<_> = own
        .map(|setting| {
            format!(
                "{}={}",
                setting["name"].as_str().unwrap_or_default(),
                setting["value"]
            )
        })
        .collect();
    lines.sort();
    cx.note(&format!("its own: {}", lines.join(", ")));
    Ok(())
}

/// Kafka's brokers learn of a change after the controller has answered: a marker that is changed afterwards
/// tells when.
fn settled(cx: &mut Context, topic: &str) -> Result<()> {
    let marker = json!({"name": "segment.jitter.ms", "configOperation": 0, "value": "77"});
    let resource = json!({"resourceType": 2, "resourceName": topic, "configs": [marker]});
    cx.quietly(|cx| alter(cx, 1, &json!([resource])))?;
    let row = json!({"resourceType": 2, "resourceName": topic, "configurationKeys": ["segment.jitter.ms"]});
    cx.until("the change", |cx| {
        let answer = cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
        Ok(answer["results"][0]["configs"][0]["value"] == "77")
    })?;
    own_settings(cx, topic)
}

fn topic(cx: &mut Context) -> Result<String> {
    cx.create_topic_with(
        "a",
        1,
        json!({"retention.ms": "5000", "cleanup.policy": "compact,delete"}),
    )
}

fn change(cx: &mut Context, changes: &'static [Change]) -> Result<()> {
    let a = topic(cx)?;
    let configs: Vec<_> = changes
        .iter()
        .map(|(key, operation, value)| json!({"name": key, "configOperation": operation, "value": value}))
        .collect();
    alter(
        cx,
        1,
        &json!([{"resourceType": 2, "resourceName": a, "configs": configs}]),
    )?;
    settled(cx, &a)
}

fn incremental(cx: &mut Context, version: i16) -> Result<()> {
    let a = topic(cx)?;
    let config = json!({"name": "flush.ms", "configOperation": 0, "value": "9"});
    alter(
        cx,
        version,
        &json!([{"resourceType": 2, "resourceName": a, "configs": [config]}]),
    )?;
    settled(cx, &a)
}

fn incremental_validate_only(cx: &mut Context, version: i16) -> Result<()> {
    let a = topic(cx)?;
    for value in ["9", "x"] {
        let config = json!({"name": "flush.ms", "configOperation": 0, "value": value});
        let resources = json!([{"resourceType": 2, "resourceName": a, "configs": [config]}]);
        cx.call(
            "IncrementalAlterConfigs",
            version,
            json!({"resources": resources, "validateOnly": true}),
        )?;
    }
    settled(cx, &a)
}

fn incremental_unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    let config = json!({"name": "flush.ms", "configOperation": 0, "value": "9"});
    alter(
        cx,
        version,
        &json!([{"resourceType": 2, "resourceName": a, "configs": [config]}]),
    )?;
    Ok(())
}

fn replacing(
    cx: &mut Context,
    version: i16,
    topic: &str,
    configs: &Value,
    validate: bool,
) -> Result<()> {
    let resources = json!([{"resourceType": 2, "resourceName": topic, "configs": configs}]);
    cx.call(
        "AlterConfigs",
        version,
        json!({"resources": resources, "validateOnly": validate}),
    )?;
    Ok(())
}

fn replace(cx: &mut Context, version: i16) -> Result<()> {
    let a = topic(cx)?;
    replacing(
        cx,
        version,
        &a,
        &json!([{"name": "flush.ms", "value": "9"}]),
        false,
    )?;
    settled(cx, &a)
}

fn replace_validate_only(cx: &mut Context, version: i16) -> Result<()> {
    let a = topic(cx)?;
    replacing(
        cx,
        version,
        &a,
        &json!([{"name": "flush.ms", "value": "9"}]),
        true,
    )?;
    settled(cx, &a)
}

fn replace_unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    replacing(
        cx,
        version,
        &a,
        &json!([{"name": "flush.ms", "value": "9"}]),
        false,
    )
}

fn replaced(cx: &mut Context, configs: &Value) -> Result<()> {
    let a = topic(cx)?;
    replacing(cx, 2, &a, configs, false)?;
    settled(cx, &a)
}

fn replace_key_twice(cx: &mut Context) -> Result<()> {
    replaced(
        cx,
        &json!([{"name": "flush.ms", "value": "1"}, {"name": "flush.ms", "value": "2"}]),
    )
}

fn resource_twice(cx: &mut Context) -> Result<()> {
    let a = topic(cx)?;
    let config = |value: &str| json!([{"name": "flush.ms", "configOperation": 0, "value": value}]);
    let row = |value: &str| json!({"resourceType": 2, "resourceName": a, "configs": config(value)});
    alter(cx, 1, &json!([row("1"), row("2")]))?;
    settled(cx, &a)
}

fn two_resources(cx: &mut Context) -> Result<()> {
    let a = topic(cx)?;
    let b = cx.topic("b");
    let configs = json!([{"name": "flush.ms", "configOperation": 0, "value": "1"}]);
    let row = |name: &str| json!({"resourceType": 2, "resourceName": name, "configs": configs});
    alter(cx, 1, &json!([row(&b), row(&a)]))?;
    settled(cx, &a)
}

/// An unknown key on resources of some type and name.
fn refused(cx: &mut Context, resources: &'static [(i32, &'static str)]) -> Result<()> {
    for (kind, name) in resources {
        let configs = json!([{"name": "no.such.config", "configOperation": 0, "value": "1"}]);
        alter(
            cx,
            1,
            &json!([{"resourceType": kind, "resourceName": name, "configs": configs}]),
        )?;
    }
    Ok(())
}

/// Sets each of these on a resource of our own, and forgets them again.
fn settings(cx: &mut Context, kind: i32, values: &[(&str, &str)]) -> Result<()> {
    let name = cx.topic("r");
    for (key, value) in values {
        let configs = json!([{"name": key, "configOperation": 0, "value": value}]);
        let resources = json!([{"resourceType": kind, "resourceName": name, "configs": configs}]);
        let body = json!({"resources": resources, "validateOnly": false});
        let answer = cx.ask("IncrementalAlterConfigs", 1, body)?;
        let row = &answer["responses"][0];
        cx.note(&format!(
            "{key}={value}: {} {}",
            row["errorCode"], row["errorMessage"]
        ));
    }
    let row = json!({"resourceType": kind, "resourceName": name, "configurationKeys": null});
    let deletions: Vec<_> = values
        .iter()
        .map(|(key, _)| json!({"name": key, "configOperation": 1}))
        .collect();
    cx.until("the settings", |cx| {
        let answer = cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
        let found = answer["results"][0]["configs"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        Ok(found.iter().any(|setting| setting["configSource"] != 5))
    })?;
    cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
    let mut unique = deletions;
    unique.dedup();
    cx.ask(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": [{"resourceType": kind, "resourceName": name, "configs": unique}]}),
    )?;
    Ok(())
}

fn group_settings(cx: &mut Context) -> Result<()> {
    settings(
        cx,
        32,
        &[
            ("consumer.session.timeout.ms", "1"),
            ("consumer.session.timeout.ms", "x"),
            ("consumer.heartbeat.interval.ms", "1"),
            ("share.auto.offset.reset", "earliest"),
            ("share.auto.offset.reset", "soon"),
            ("share.isolation.level", "read_committed"),
            ("consumer.session.timeout.ms", "50000"),
        ],
    )
}

fn client_metrics_settings(cx: &mut Context) -> Result<()> {
    settings(
        cx,
        16,
        &[
            ("interval.ms", "1"),
            ("interval.ms", "x"),
            ("match", "client_id"),
            ("match", "no_such_field=x"),
            ("match", "client_id=["),
            ("metrics", ""),
            ("metrics", "org.apache.kafka.producer"),
            ("match", "client_id=nobody.*"),
            ("interval.ms", "60000"),
        ],
    )
}
