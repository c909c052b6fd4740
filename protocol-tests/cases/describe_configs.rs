//! DescribeConfigs (key 32), v1–v4.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

/// What Fauxka starts with as Kafka's test images do.
const STARTED_WITH: &str = "group.initial.rebalance.delay.ms";

pub(super) fn area() -> Area {
    Area::new("describe_configs")
        .cases_at(1..=4, cases![topic, synonyms])
        .cases(cases![whole_topic, whole_broker])
        .cases_at(3..=4, cases![documentation])
        .case("no_keys", |cx| keys(cx, &json!([])))
        .case("unknown_key", |cx| {
            keys(cx, &json!(["no.such.config", "retention.ms"]))
        })
        .case("key_twice", |cx| {
            keys(cx, &json!(["retention.ms", "retention.ms"]))
        })
        .case("empty_key", |cx| keys(cx, &json!([""])))
        .cases_at(1..=4, cases![unknown_topic])
        .case("invalid_topic", |cx| resource(cx, 2, "a b", &json!([])))
        .case("empty_topic", |cx| resource(cx, 2, "", &json!([])))
        .cases(cases![topic_twice])
        .case("no_resources", |cx| describe(cx, 4, &json!([])))
        .with(
            "broker",
            (
                "1",
                &["log.retention.hours", "node.id", "num.io.threads"][..],
            ),
            broker,
        )
        .with(
            "default_broker",
            ("", &["log.retention.hours", "node.id"][..]),
            broker,
        )
        .with("unknown_broker", ("99", &["node.id"][..]), broker)
        .with("broker_without_a_number", ("x", &["node.id"][..]), broker)
        .with(
            "sensitive_setting",
            ("1", &["ssl.key.password"][..]),
            broker,
        )
        .with(
            "unknown_setting_of_a_broker",
            ("1", &["no.such.config"][..]),
            broker,
        )
        .with("logger", (8, "1"), of_type)
        .with("logger_of_another_broker", (8, "99"), of_type)
        .with("client_metrics", (16, "no-such-subscription"), of_type)
        .with("client_metrics_without_a_name", (16, ""), of_type)
        .with("group", (32, "no-such-group"), of_type)
        .with("group_without_a_name", (32, ""), of_type)
        .with("unknown_type", (0, "x"), of_type)
        .with("cluster_type", (1, "x"), of_type)
        .with("type_99", (99, "x"), of_type)
        .cases(cases![several_resources])
}

fn describe(cx: &mut Context, version: i16, resources: &Value) -> Result<()> {
    cx.call("DescribeConfigs", version, json!({"resources": resources}))?;
    Ok(())
}

fn resource(cx: &mut Context, kind: i32, name: &str, keys: &Value) -> Result<()> {
    let row = json!({"resourceType": kind, "resourceName": name, "configurationKeys": keys});
    describe(cx, 4, &json!([row]))
}

fn keys(cx: &mut Context, keys: &Value) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    resource(cx, 2, &a, keys)
}

const SOME: [&str; 4] = [
    "retention.ms",
    "cleanup.policy",
    "min.insync.replicas",
    "max.message.bytes",
];

fn some_of(cx: &mut Context) -> Result<Value> {
    let configs = json!({"retention.ms": "5000", "cleanup.policy": "compact,delete"});
    let a = cx.create_topic_with("a", 1, configs)?;
    Ok(json!({"resourceType": 2, "resourceName": a, "configurationKeys": SOME}))
}

fn topic(cx: &mut Context, version: i16) -> Result<()> {
    let row = some_of(cx)?;
    describe(cx, version, &json!([row]))
}

fn synonyms(cx: &mut Context, version: i16) -> Result<()> {
    let row = some_of(cx)?;
    cx.call(
        "DescribeConfigs",
        version,
        json!({"resources": [row], "includeSynonyms": true}),
    )?;
    Ok(())
}

fn whole_topic(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic_with("a", 1, json!({"retention.ms": "5000"}))?;
    let row = json!({"resourceType": 2, "resourceName": a, "configurationKeys": null});
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": [row], "includeSynonyms": true}),
    )?;
    Ok(())
}

/// Every setting that a broker has by default; what this cluster sets for itself is left out. Fauxka starts with a value of
/// its own for one that the oracle leaves at its default, which stands among the synonyms.
fn whole_broker(cx: &mut Context) -> Result<()> {
    let row = json!({"resourceType": 4, "resourceName": "1", "configurationKeys": null});
    let answer = cx.ask(
        "DescribeConfigs",
        4,
        json!({"resources": [row], "includeSynonyms": true}),
    )?;
    let settings = answer["results"][0]["configs"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut lines = Vec::new();
    for setting in settings
        .iter()
        .filter(|setting| setting["configSource"] == 5 || setting["name"] == STARTED_WITH)
    {
        let synonyms = setting["synonyms"].as_array();
        let default = synonyms.and_then(|all| all.iter().find(|one| one["source"] == 5));
        let (name, value) = (
            setting["name"].as_str().unwrap_or_default(),
            default.map_or(&setting["value"], |default| &default["value"]),
        );
        let only = if setting["readOnly"] == true {
            ", read only"
        } else {
            ""
        };
        let secret = if setting["isSensitive"] == true {
            ", sensitive"
        } else {
            ""
        };
        lines.push(format!(
            "{name} = {value} (type {}{only}{secret})",
            setting["configType"]
        ));
    }
    lines.sort();
    lines.iter().for_each(|line| cx.note(line));
    Ok(())
}

fn documentation(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let row = json!({"resourceType": 2, "resourceName": a, "configurationKeys": ["retention.ms"]});
    let answer = cx.ask(
        "DescribeConfigs",
        version,
        json!({"resources": [row], "includeDocumentation": true}),
    )?;
    let text = answer["results"][0]["configs"][0]["documentation"].as_str();
    cx.note(&format!(
        "there is documentation: {}",
        text.is_some_and(|text| text.len() > 40)
    ));
    Ok(())
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    describe(
        cx,
        version,
        &json!([{"resourceType": 2, "resourceName": a, "configurationKeys": null}]),
    )
}

fn topic_twice(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let row = json!({"resourceType": 2, "resourceName": a, "configurationKeys": ["retention.ms"]});
    describe(cx, 4, &json!([row, row]))
}

fn broker(cx: &mut Context, (name, keys): (&str, &[&str])) -> Result<()> {
    let row = json!({"resourceType": 4, "resourceName": name, "configurationKeys": keys});
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": [row], "includeSynonyms": true}),
    )?;
    Ok(())
}

fn of_type(cx: &mut Context, (kind, name): (i32, &str)) -> Result<()> {
    // The loggers of a JVM are its own.
    let keys = if kind == 8 {
        json!(["no.such.Logger"])
    } else {
        Value::Null
    };
    resource(cx, kind, name, &keys)
}

fn several_resources(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.topic("b");
    let row = |kind: i32, name: &str, key: &str| json!({"resourceType": kind, "resourceName": name, "configurationKeys": [key]});
    cx.labels.exact_order = true;
    let rows = [
        row(2, &b, "retention.ms"),
        row(4, "1", "log.retention.hours"),
        row(2, &a, "retention.ms"),
    ];
    describe(cx, 4, &json!(rows))
}
