//! InitializeShareGroupState (key 83), v0 (KIP-932). [`super::share_state`] says what it has in common with its sisters.

use crate::engine::context::{Answer, Context};
use crate::engine::handlers::share_state::{self, Rows, Wanted};
use crate::wire::messages::initialize_share_group_state_response::{
    InitializeStateResult, PartitionResult,
};
use crate::wire::messages::{InitializeShareGroupStateRequest, InitializeShareGroupStateResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: InitializeShareGroupStateRequest,
) -> Answer<InitializeShareGroupStateResponse> {
    let asked = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|p| (p.partition, (p.state_epoch, p.start_offset)));
        (topic.topic_id, partitions.collect())
    });
    let asked: Wanted<_> = asked.collect();
    if let Some(refused) = share_state::refuse(cx, &asked) {
        return Answer::Reply(response(refused));
    }
    // Oracle: a topic without partitions is no reason to answer nothing here.
    if request.group_id.is_empty() || asked.is_empty() {
        return Answer::Reply(InitializeShareGroupStateResponse::default());
    }
    let rows = share_state::ask(
        cx,
        (&request.group_id, "initialize share group state"),
        asked,
        |cx, key, what| cx.state.begin_kept(cx.now, key, what),
    );
    Answer::Reply(response(rows))
}

fn response(rows: Rows<()>) -> InitializeShareGroupStateResponse {
    let results = rows.into_iter().map(|(topic, rows)| {
        let partitions = rows.into_iter().map(|(partition, outcome)| {
            let row = PartitionResult::default().with_partition(partition);
            match outcome {
                Ok(()) => row,
                Err(error) => row
                    .with_error_code(error.code.code())
                    .with_error_message(error.wire_message()),
            }
        });
        InitializeStateResult::default()
            .with_topic_id(topic)
            .with_partitions(partitions.collect())
    });
    InitializeShareGroupStateResponse::default().with_results(results.collect())
}
