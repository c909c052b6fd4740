//! DescribeCluster (key 60), v0–v2.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, Profile};
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("describe_cluster")
        .versions("brokers", 0..=2, brokers)
        .versions("authorized_operations", 0..=2, authorized_operations)
        .versions("controllers", 1..=2, |cx, version| {
            endpoints(cx, version, 2)
        })
        .versions("unknown_endpoint_type", 1..=2, |cx, version| {
            endpoints(cx, version, 3)
        })
        .case("endpoint_type_zero", |cx| endpoints(cx, 2, 0))
        .case("fenced_brokers", fenced_brokers)
        .case_on(Profile::Three, "three_nodes", three_nodes)
        .case_on(Profile::Racks, "racks", three_nodes)
}

fn brokers(cx: &mut Context, version: i16) -> Result<()> {
    cx.call("DescribeCluster", version, json!({}))?;
    Ok(())
}

fn authorized_operations(cx: &mut Context, version: i16) -> Result<()> {
    cx.call(
        "DescribeCluster",
        version,
        json!({"includeClusterAuthorizedOperations": true}),
    )?;
    Ok(())
}

fn endpoints(cx: &mut Context, version: i16, kind: i32) -> Result<()> {
    cx.call("DescribeCluster", version, json!({"endpointType": kind}))?;
    Ok(())
}

fn fenced_brokers(cx: &mut Context) -> Result<()> {
    cx.call("DescribeCluster", 2, json!({"includeFencedBrokers": true}))?;
    Ok(())
}

fn three_nodes(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("controllerId");
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        cx.call_on(conn, "DescribeCluster", 2, json!({}))?;
        cx.call_on(conn, "Metadata", 9, json!({"topics": []}))?;
    }
    Ok(())
}
