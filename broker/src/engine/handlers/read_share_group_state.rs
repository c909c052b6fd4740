//! ReadShareGroupState (key 84), v0 (KIP-932). [`super::share_state`] says what it has in common with its sisters.

use crate::engine::context::{Answer, Context};
use crate::engine::handlers::share_state::{self, Rows, Wanted};
use crate::engine::share::kept::{KeptState, StateBatch as KeptBatch};
use crate::wire::messages::read_share_group_state_response::{
    PartitionResult, ReadStateResult, StateBatch,
};
use crate::wire::messages::{ReadShareGroupStateRequest, ReadShareGroupStateResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ReadShareGroupStateRequest,
) -> Answer<ReadShareGroupStateResponse> {
    let asked = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|p| (p.partition, p.leader_epoch));
        (topic.topic_id, partitions.collect())
    });
    let asked: Wanted<_> = asked.collect();
    if let Some(refused) = share_state::refuse(cx, &asked) {
        return Answer::Reply(response(refused));
    }
    if share_state::is_void(&request.group_id, &asked) {
        return Answer::Reply(ReadShareGroupStateResponse::default());
    }
    let rows = share_state::ask(
        cx,
        (&request.group_id, "read share group state"),
        asked,
        |cx, key, epoch| cx.state.read_kept(cx.now, key, epoch),
    );
    Answer::Reply(response(rows))
}

fn response(rows: Rows<KeptState>) -> ReadShareGroupStateResponse {
    let results = rows.into_iter().map(|(topic, rows)| {
        let partitions = rows.into_iter().map(|(partition, outcome)| {
            let row = PartitionResult::default().with_partition(partition);
            match outcome {
                Ok(kept) => row
                    .with_state_epoch(kept.state_epoch)
                    .with_start_offset(kept.start)
                    .with_state_batches(kept.batches.iter().map(batch).collect()),
                Err(error) => row
                    .with_error_code(error.code.code())
                    .with_error_message(error.wire_message()),
            }
        });
        ReadStateResult::default()
            .with_topic_id(topic)
            .with_partitions(partitions.collect())
    });
    ReadShareGroupStateResponse::default().with_results(results.collect())
}

fn batch(kept: &KeptBatch) -> StateBatch {
    StateBatch::default()
        .with_first_offset(kept.first)
        .with_last_offset(kept.last)
        .with_delivery_state(kept.state)
        .with_delivery_count(kept.count)
}
