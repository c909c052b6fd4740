//! `__share_group_state` is tidied: a state that does not change is written once more, and what was before goes.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::fetch::produce;
use super::members::{Sharer, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::Shares;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_tidying")
        .on(Profile::SharesTidied)
        .cases(cases![written_once_more])
        .alone()
        .cases(cases![ended])
        .alone()
}

/// Waits until the partition of the state topic begins here or later; where it does then.
fn await_start(cx: &mut Context, least: i64) -> Result<i64> {
    let rows = json!([{"partitionIndex": 0, "timestamp": -2}]);
    let topics = json!([{"name": Shares.name(), "partitions": rows}]);
    let body = json!({"replicaId": -1, "topics": topics});
    let mut start = -1;
    cx.quietly(|cx| {
        cx.until("the first records to go", |cx| {
            let answer = cx.call("ListOffsets", 5, body.clone())?;
            let row = &answer["topics"][0]["partitions"][0];
            start = row["offset"].as_i64().context("a start")?;
            Ok(start >= least)
        })
    })?;
    Ok(start)
}

fn written_once_more(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a", "b", "c", "d"])?;
    cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({})))?;
    cx.quietly(|cx| m.acknowledge(cx, t.said(&[(1, 2, &[1, 2])]), json!({})))?;
    let end = cx.coordinator_records_end(Shares, &m.group)?;
    let start = await_start(cx, end)?;
    cx.coordinator_records_from(Shares, &m.group, start)?;
    // What is written after it goes on from there.
    cx.quietly(|cx| m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({})))?;
    cx.coordinator_records_from(Shares, &m.group, start)?;
    let row = json!({"partition": 0, "leaderEpoch": 0});
    let topics = json!([{"topicId": t.id, "partitions": [row]}]);
    let body = json!({"groupId": m.group, "topics": topics});
    cx.call("ReadShareGroupState", 0, body)?;
    end_group(cx, &mut m)
}

fn ended(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a"])?;
    cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({})))?;
    end_group(cx, &mut m)?;
    let end = cx.coordinator_records_end(Shares, &m.group)?;
    let start = await_start(cx, end - 1)?;
    cx.coordinator_records_from(Shares, &m.group, start)
}

fn end_group(cx: &mut Context, m: &mut Sharer) -> Result<()> {
    cx.quietly(|cx| m.leave(cx))?;
    let body = json!({"groupsNames": [m.group]});
    cx.quietly(|cx| cx.call("DeleteGroups", 2, body))?;
    Ok(())
}
