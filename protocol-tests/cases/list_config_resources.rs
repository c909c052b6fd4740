//! ListConfigResources (key 74), v0–v1.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::Area;
use crate::context::Context;

pub(super) fn area() -> Area {
    [2, 4, 8, 16, 32, 99]
        .into_iter()
        .fold(Area::new("list_config_resources"), |area, kind| {
            area.with(&format!("of_type_{kind}"), kind, of_type)
        })
        .versions("without_types", 0..=1, |cx, version| {
            resources(cx, version, &json!([]))
        })
        .case("of_two_types", |cx| resources(cx, 1, &json!([8, 4])))
}

/// What other cases made is left out.
fn resources(cx: &mut Context, version: i16, types: &Value) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let metrics = cx.topic("m");
    let configs = json!([{"name": "interval.ms", "configOperation": 0, "value": "60000"}]);
    let group =
        json!([{"name": "consumer.session.timeout.ms", "configOperation": 0, "value": "50000"}]);
    let rows = json!([
        {"resourceType": 16, "resourceName": metrics, "configs": configs},
        {"resourceType": 32, "resourceName": metrics, "configs": group},
    ]);
    cx.ask("IncrementalAlterConfigs", 1, json!({"resources": rows}))?;
    let row =
        json!({"resourceType": 16, "resourceName": metrics, "configurationKeys": ["interval.ms"]});
    cx.until("the subscription", |cx| {
        let answer = cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
        Ok(answer["results"][0]["configs"][0]["value"] == "60000")
    })?;
    cx.labels.hidden.push("configResources");
    let answer = cx.call(
        "ListConfigResources",
        version,
        json!({"resourceTypes": types}),
    )?;
    let rows = answer["configResources"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut own: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["resourceName"].as_str().unwrap_or_default(),
                &row["resourceType"],
            )
        })
        .filter(|(name, _)| [a.as_str(), metrics.as_str(), "1", ""].contains(name))
        .map(|(name, kind)| format!("type {kind}, {name:?}"))
        .collect();
    own.sort();
    own.iter().for_each(|line| cx.note(line));
    for (kind, key) in [(16, "interval.ms"), (32, "consumer.session.timeout.ms")] {
        let configs = json!([{"name": key, "configOperation": 1}]);
        let rows = json!([{"resourceType": kind, "resourceName": metrics, "configs": configs}]);
        cx.ask("IncrementalAlterConfigs", 1, json!({"resources": rows}))?;
    }
    Ok(())
}

fn of_type(cx: &mut Context, kind: i8) -> Result<()> {
    resources(cx, 1, &json!([kind]))
}
