//! The acknowledgements of a ShareFetch or a ShareAcknowledge: what can be said of them without looking at the records,
//! then what the share partitions say.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::Context;
use crate::engine::share::SharePartitionKey;
use crate::engine::share::partition::AcknowledgementBatch;
use crate::engine::share::sessions::SessionKey;
use crate::engine::share::waiting::{Acknowledged, Outcome};
use crate::wire::error::ErrorCode;
use crate::wire::messages::ShareFetchRequest;

/// The version that knows renewals. Oracle: this one alone, not those after it.
const RENEWALS: i16 = 2;

/// The largest type of an acknowledgement, with renewals and without.
const RENEW: i8 = 4;
const REJECT: i8 = 3;

/// Partitions with what became of their records; of one that is named twice the last counts.
pub(crate) type Batches = Vec<((Uuid, i32), Vec<AcknowledgementBatch>)>;

/// Those of a ShareFetch, which has them no longer while it waits.
pub(super) fn of_fetch(
    cx: &mut Context<'_>,
    session: &SessionKey,
    request: &mut ShareFetchRequest,
) -> Result<Vec<Acknowledged>, ErrorCode> {
    let topics = request.topics.iter_mut();
    let batches = topics.flat_map(|topic| {
        topic.partitions.iter_mut().map(|partition| {
            let batches = std::mem::take(&mut partition.acknowledgement_batches).into_iter();
            let batches = batches.map(|batch| AcknowledgementBatch {
                first: batch.first_offset,
                last: batch.last_offset,
                types: batch.acknowledge_types,
            });
            (
                (topic.topic_id, partition.partition_index),
                batches.collect(),
            )
        })
    });
    acknowledge(cx, session, batches.collect(), request.is_renew_ack)
}

/// Takes a member's acknowledgements.
///
/// # Errors
/// The whole request fails.
pub(crate) fn acknowledge(
    cx: &mut Context<'_>,
    session: &SessionKey,
    batches: Batches,
    is_renewal: bool,
) -> Result<Vec<Acknowledged>, ErrorCode> {
    let mut by_partition = BTreeMap::new();
    for (place, batches) in batches {
        by_partition.insert(place, batches);
    }
    let type_max = if cx.call.version == RENEWALS {
        RENEW
    } else {
        REJECT
    };
    let (mut told, mut empty, mut has_any) = (Vec::new(), Vec::new(), false);
    for ((topic, partition), batches) in by_partition {
        let name = cx.state.cluster.topic_name(topic);
        let mut row = Acknowledged {
            topic,
            partition,
            name,
            outcome: Outcome::Known(Ok(())),
        };
        let Some(name) = row.name.clone() else {
            row.outcome = Outcome::Known(Err(ErrorCode::UnknownTopicId.into()));
            told.push(row);
            continue;
        };
        let exists = cx
            .state
            .cluster
            .topic(&name)
            .and_then(|topic| topic.partition(partition));
        if !is_well_formed(&batches, type_max, is_renewal) {
            row.outcome = Outcome::Known(Err(ErrorCode::InvalidRequest.into()));
        } else if let Err(code) = cx.access().topic(Operation::Read, &name) {
            row.outcome = Outcome::Known(Err(code.into()));
        } else if exists.is_none() {
            row.outcome = Outcome::Known(Err(ErrorCode::UnknownTopicOrPartition.into()));
        } else if batches.is_empty() {
            empty.push(row);
            continue;
        } else {
            has_any = true;
            let key = SharePartitionKey {
                group: Arc::clone(&session.group),
                topic,
                partition,
            };
            let said = (&*session.member, batches);
            row.outcome = cx
                .state
                .acknowledge_shared(cx.now, cx.call, (&key, &name), said)?;
        }
        told.push(row);
    }
    // Oracle: who acknowledges nothing of a partition hears of it only beside somebody's acknowledgements.
    if has_any {
        told.append(&mut empty);
    }
    Ok(told)
}

/// Whether ranges are in order, and types are such as this version knows.
fn is_well_formed(batches: &[AcknowledgementBatch], type_max: i8, is_renewal: bool) -> bool {
    let mut end = -1;
    batches.iter().all(|batch| {
        let types = &batch.types;
        let each = i64::try_from(types.len()).unwrap_or(i64::MAX);
        let is_whole =
            types.len() == 1 || batch.last.checked_sub(batch.first) == each.checked_sub(1);
        let in_order = batch.first <= batch.last && batch.first >= end;
        let are_known = types.iter().all(|kind| (0..=type_max).contains(kind));
        let renews = types.contains(&RENEW);
        end = batch.last;
        in_order && !types.is_empty() && is_whole && are_known && (is_renewal || !renews)
    })
}

/// Whether a partition's leader is another one.
pub(crate) fn has_error(acknowledged: &Acknowledged) -> Option<&ApiError> {
    match &acknowledged.outcome {
        Outcome::Known(outcome) => outcome.as_ref().err(),
        Outcome::Awaited => None,
    }
}
