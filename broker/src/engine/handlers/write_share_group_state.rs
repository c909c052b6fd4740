//! WriteShareGroupState (key 85), v0–v1 (KIP-932). [`super::share_state`] says what it has in common with its sisters.

use crate::engine::context::{Answer, Context};
use crate::engine::handlers::share_state::{self, Rows, Wanted};
use crate::engine::share::coordinator::Write;
use crate::engine::share::kept::StateBatch;
use crate::wire::messages::write_share_group_state_request::PartitionData;
use crate::wire::messages::write_share_group_state_response::{PartitionResult, WriteStateResult};
use crate::wire::messages::{WriteShareGroupStateRequest, WriteShareGroupStateResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: WriteShareGroupStateRequest,
) -> Answer<WriteShareGroupStateResponse> {
    let asked = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|p| (p.partition, write(p)));
        (topic.topic_id, partitions.collect())
    });
    let asked: Wanted<_> = asked.collect();
    if let Some(refused) = share_state::refuse(cx, &asked) {
        return Answer::Reply(response(refused));
    }
    if share_state::is_void(&request.group_id, &asked) {
        return Answer::Reply(WriteShareGroupStateResponse::default());
    }
    let rows = share_state::ask(
        cx,
        (&request.group_id, "write share group state"),
        asked,
        |cx, key, write| cx.state.write_kept(cx.now, key, &write),
    );
    Answer::Reply(response(rows))
}

fn response(rows: Rows<()>) -> WriteShareGroupStateResponse {
    let results = rows.into_iter().map(|(topic_id, rows)| {
        let partitions = rows.into_iter().map(|(partition, outcome)| {
            let error = outcome.err();
            PartitionResult {
                partition,
                error_code: error.as_ref().map_or(0, |error| error.code.code()),
                error_message: error.and_then(|error| error.wire_message()),
            }
        });
        WriteStateResult {
            topic_id,
            partitions: partitions.collect(),
        }
    });
    WriteShareGroupStateResponse {
        results: results.collect(),
    }
}

fn write(asked: &PartitionData) -> Write {
    let batches = asked.state_batches.iter().map(|batch| StateBatch {
        first: batch.first_offset,
        last: batch.last_offset,
        state: batch.delivery_state,
        count: batch.delivery_count,
    });
    Write {
        state_epoch: asked.state_epoch,
        leader_epoch: asked.leader_epoch,
        start: asked.start_offset,
        done: asked.delivery_complete_count,
        batches: batches.collect(),
    }
}
