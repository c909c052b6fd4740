//! DescribeCluster (key 60), v0–v2.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("describe_cluster")
        .cases_at(0..=2, cases![brokers, authorized_operations])
        .versions("controllers", 1..=2, |cx, version| {
            endpoints(cx, version, 2)
        })
        .versions("unknown_endpoint_type", 1..=2, |cx, version| {
            endpoints(cx, version, 3)
        })
        .case("endpoint_type_zero", |cx| endpoints(cx, 2, 0))
        .cases(cases![fenced_brokers])
        .cases_on(Profile::Three, cases![three_nodes])
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
