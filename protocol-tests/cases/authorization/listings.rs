//! What is left out of listings because the client may not see it.

use anyhow::Result;
use serde_json::json;

use super::stage::ADMIN;
use super::stage::Operation::{Describe, Read};
use super::{Grant, Stage};
use crate::case::{Area, cases};
use crate::context::Context;

pub(super) fn add(area: Area) -> Area {
    area.cases(cases![
        listed_groups,
        offsets_of_all_topics,
        transactions_and_their_topics
    ])
}

/// The administrator commits offsets of both topics in a group.
fn commit(cx: &mut Context, stage: &Stage, group: &str) -> Result<()> {
    let rows = json!([{"partitionIndex": 0, "committedOffset": 5, "committedLeaderEpoch": -1, "committedMetadata": ""}]);
    let topics = [&stage.topic, &stage.other].map(|name| json!({"name": name, "partitions": rows}));
    let body = json!({"groupId": group, "generationIdOrMemberEpoch": -1, "memberId": "", "topics": topics});
    cx.call_on(ADMIN, "OffsetCommit", 8, body)?;
    Ok(())
}

fn listed_groups(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    commit(cx, &stage, &stage.group)?;
    commit(cx, &stage, &stage.missing)?;
    for filter in [json!([]), json!(["Stable"])] {
        cx.call_on(
            stage.client,
            "ListGroups",
            5,
            json!({"statesFilter": filter}),
        )?;
    }
    stage.allow(cx, Grant::Group(Read))?;
    for filter in [json!([]), json!(["Stable"])] {
        cx.call_on(
            stage.client,
            "ListGroups",
            5,
            json!({"statesFilter": filter}),
        )?;
    }
    Ok(())
}

fn offsets_of_all_topics(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    commit(cx, &stage, &stage.group)?;
    let body = json!({"groups": [{"groupId": stage.group, "topics": null}]});
    stage.allow(cx, Grant::Group(Describe))?;
    cx.call_on(stage.client, "OffsetFetch", 9, body.clone())?;
    stage.allow(cx, Grant::Topic(Describe))?;
    cx.call_on(stage.client, "OffsetFetch", 9, body.clone())?;
    cx.call_on(stage.client, "OffsetFetch", 10, body)?;
    Ok(())
}

fn transactions_and_their_topics(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let id = &stage.transactional_id;
    let body = json!({"transactionalId": id, "transactionTimeoutMs": 60000});
    let made = cx.call_on(ADMIN, "InitProducerId", 4, body)?;
    let (producer, epoch) = (&made["producerId"], &made["producerEpoch"]);
    let topics = [&stage.topic, &stage.other].map(|name| json!({"name": name, "partitions": [0]}));
    let body = json!({"v3AndBelowTransactionalId": id, "v3AndBelowProducerId": producer,
        "v3AndBelowProducerEpoch": epoch, "v3AndBelowTopics": topics});
    cx.call_on(ADMIN, "AddPartitionsToTxn", 3, body)?;
    let look = |cx: &mut Context| -> Result<()> {
        cx.call_on(stage.client, "ListTransactions", 2, json!({}))?;
        let body = json!({"transactionalIds": [id]});
        cx.call_on(stage.client, "DescribeTransactions", 0, body)?;
        Ok(())
    };
    look(cx)?;
    stage.allow(cx, Grant::TransactionalId(Describe))?;
    look(cx)?;
    stage.allow(cx, Grant::Topic(Read))?;
    look(cx)?;
    let body = json!({"transactionalId": id, "producerId": producer, "producerEpoch": epoch, "committed": false});
    cx.call_on(ADMIN, "EndTxn", 4, body)?;
    Ok(())
}
