//! ReadShareGroupStateSummary (key 87), v0–v1 (KIP-932). [`super::share_state`] says what it has in common with its sisters.

use crate::engine::context::{Answer, Context};
use crate::engine::handlers::share_state::{self, Rows, Wanted};
use crate::engine::share::kept::KeptState;
use crate::wire::messages::read_share_group_state_summary_response::{
    PartitionResult, ReadStateSummaryResult,
};
use crate::wire::messages::{
    ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse,
};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ReadShareGroupStateSummaryRequest,
) -> Answer<ReadShareGroupStateSummaryResponse> {
    let asked = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|p| (p.partition, ()));
        (topic.topic_id, partitions.collect())
    });
    let asked: Wanted<_> = asked.collect();
    if let Some(refused) = share_state::refuse(cx, &asked) {
        return Answer::Reply(response(refused));
    }
    if share_state::is_void(&request.group_id, &asked) {
        return Answer::Reply(ReadShareGroupStateSummaryResponse::default());
    }
    let verb = "read share group state summary";
    let rows = share_state::ask(cx, (&request.group_id, verb), asked, |cx, key, ()| {
        cx.state.kept_summary(key).map(Option::<&_>::cloned)
    });
    Answer::Reply(response(rows))
}

fn response(rows: Rows<Option<KeptState>>) -> ReadShareGroupStateSummaryResponse {
    let results = rows.into_iter().map(|(topic_id, rows)| {
        let partitions = rows.into_iter().map(|(partition, outcome)| {
            let row = PartitionResult {
                partition,
                ..PartitionResult::default()
            };
            match outcome {
                Ok(Some(kept)) => PartitionResult {
                    state_epoch: kept.state_epoch,
                    leader_epoch: kept.leader_epoch,
                    start_offset: kept.start,
                    delivery_complete_count: kept.done,
                    ..row
                },
                Ok(None) => PartitionResult {
                    start_offset: -1,
                    delivery_complete_count: -1,
                    ..row
                },
                Err(error) => PartitionResult {
                    error_code: error.code.code(),
                    error_message: error.wire_message(),
                    ..row
                },
            }
        });
        ReadStateSummaryResult {
            topic_id,
            partitions: partitions.collect(),
        }
    });
    ReadShareGroupStateSummaryResponse {
        results: results.collect(),
    }
}
