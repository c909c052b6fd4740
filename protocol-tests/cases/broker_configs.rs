//! Settings of brokers that change while they run. What really changes is put back.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

/// Name of the case, broker ("" is all of them), key, value; only validated.
type Try = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const TRIES: &[Try] = &[
    ("dynamic", "1", "log.retention.ms", Some("1000")),
    ("dynamic_for_all", "", "log.retention.ms", Some("1000")),
    ("wrong_value", "1", "log.retention.ms", Some("x")),
    ("read_only", "1", "node.id", Some("7")),
    (
        "read_only_for_all",
        "",
        "auto.create.topics.enable",
        Some("false"),
    ),
    ("for_all_only", "", "num.io.threads", Some("9")),
    ("thread_count_too_large", "1", "num.io.threads", Some("900")),
    ("thread_count_zero", "1", "num.io.threads", Some("0")),
    (
        "for_one_only",
        "",
        "advertised.listeners",
        Some("PLAINTEXT://x:1"),
    ),
    ("unknown_key", "1", "no.such.config", Some("1")),
    ("unknown_key_for_all", "", "no.such.config", Some("1")),
    ("nothing", "1", "log.retention.ms", None),
    ("unknown_broker", "99", "log.retention.ms", Some("1000")),
    ("no_number", "x", "log.retention.ms", Some("1000")),
    (
        "topics_name_of_a_setting",
        "1",
        "retention.ms",
        Some("1000"),
    ),
];

pub(super) fn area() -> Area {
    TRIES
        .iter()
        .fold(Area::new("broker_configs"), |area, row| {
            area.with(row.0, row, validated)
        })
        .cases(cases![default_is_a_topics_default])
        .alone()
        .cases(cases![one_brokers_setting])
        .alone()
}

fn set(cx: &mut Context, broker: &str, changes: &Value, validate: bool) -> Result<()> {
    let resources = json!([{"resourceType": 4, "resourceName": broker, "configs": changes}]);
    cx.call(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": resources, "validateOnly": validate}),
    )?;
    Ok(())
}

fn validated(cx: &mut Context, row: &'static Try) -> Result<()> {
    let (_, broker, key, value) = *row;
    set(
        cx,
        broker,
        &json!([{"name": key, "configOperation": 0, "value": value}]),
        true,
    )
}

fn described(cx: &mut Context, kind: i32, name: &str, key: &str) -> Result<()> {
    let row = json!({"resourceType": kind, "resourceName": name, "configurationKeys": [key]});
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": [row], "includeSynonyms": true}),
    )?;
    Ok(())
}

fn until_source(cx: &mut Context, kind: i32, name: &str, key: &str, source: i8) -> Result<()> {
    let row = json!({"resourceType": kind, "resourceName": name, "configurationKeys": [key]});
    cx.until("the setting", |cx| {
        let answer = cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
        Ok(answer["results"][0]["configs"][0]["configSource"] == source)
    })
}

fn default_is_a_topics_default(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    set(
        cx,
        "",
        &json!([{"name": "log.flush.interval.ms", "configOperation": 0, "value": "4444"}]),
        false,
    )?;
    until_source(cx, 2, &a, "flush.ms", 3)?;
    described(cx, 2, &a, "flush.ms")?;
    described(cx, 4, "", "log.flush.interval.ms")?;
    described(cx, 4, "1", "log.flush.interval.ms")?;
    set(
        cx,
        "",
        &json!([{"name": "log.flush.interval.ms", "configOperation": 1}]),
        false,
    )?;
    until_source(cx, 2, &a, "flush.ms", 5)?;
    described(cx, 2, &a, "flush.ms")
}

fn one_brokers_setting(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    set(
        cx,
        "1",
        &json!([{"name": "log.flush.interval.ms", "configOperation": 0, "value": "5555"}]),
        false,
    )?;
    until_source(cx, 2, &a, "flush.ms", 2)?;
    described(cx, 2, &a, "flush.ms")?;
    described(cx, 4, "1", "log.flush.interval.ms")?;
    set(
        cx,
        "1",
        &json!([{"name": "log.flush.interval.ms", "configOperation": 1}]),
        false,
    )?;
    until_source(cx, 2, &a, "flush.ms", 5)
}
