//! Reassignments to and from nodes that are stopped: they wait until the node is back (KIP-455).

use anyhow::Result;
use serde_json::json;

use super::reassignments_under_way::{alter, ids, list, over, shown, to};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("reassignments_stopped")
        .on(Profile::Stopping)
        .cases(cases![to_a_stopped_node])
        .alone()
        .cases(cases![to_a_stopped_node_cancelled])
        .alone()
        .cases(cases![away_to_a_stopped_node])
        .alone()
        .cases(cases![without_a_leader])
        .alone()
}

fn to_a_stopped_node(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec!["controllerId"];
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    cx.stop_node(3)?;
    to(cx, &a, &[3, 2])?;
    list(cx, &a)?;
    shown(cx, &a, &[3, 2, 1], &[1, 2])?;
    cx.start_node(3)?;
    over(cx, &a)?;
    shown(cx, &a, &[3, 2], &[2, 3])
}

fn to_a_stopped_node_cancelled(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec!["controllerId"];
    let a = cx.create_topic_on("a", &[&[1, 2]])?;
    cx.stop_node(3)?;
    to(cx, &a, &[3])?;
    shown(cx, &a, &[3, 1, 2], &[1, 2])?;
    alter(cx, &a, None, true)?;
    list(cx, &a)?;
    shown(cx, &a, &[1, 2], &[1, 2])?;
    cx.start_node(3)
}

/// Only a node that is stopped is to stay.
fn away_to_a_stopped_node(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec!["controllerId"];
    let a = cx.create_topic_on("a", &[&[1, 3]])?;
    cx.stop_node(3)?;
    shown(cx, &a, &[1, 3], &[1])?;
    to(cx, &a, &[3])?;
    list(cx, &a)?;
    shown(cx, &a, &[3, 1], &[1])?;
    cx.start_node(3)?;
    over(cx, &a)?;
    shown(cx, &a, &[3], &[3])
}

fn without_a_leader(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec!["controllerId"];
    let a = cx.create_topic_on("a", &[&[3]])?;
    cx.stop_node(3)?;
    to(cx, &a, &[1])?;
    list(cx, &a)?;
    let body = json!({"topics": [{"name": a}]});
    let replicas = ids(cx, &[1, 3])?;
    cx.until("the replicas", |cx| {
        let answer = cx.ask("Metadata", 12, body.clone())?;
        Ok(answer["topics"][0]["partitions"][0]["replicaNodes"] == replicas)
    })?;
    cx.call("Metadata", 12, body)?;
    cx.start_node(3)?;
    over(cx, &a)?;
    shown(cx, &a, &[1], &[1])
}
