//! DeleteShareGroupState (key 86), v0 (KIP-932). [`super::share_state`] says what it has in common with its sisters.

use crate::engine::context::{Answer, Context};
use crate::engine::handlers::share_state::{self, Rows, Wanted};
use crate::wire::messages::delete_share_group_state_response::{
    DeleteStateResult, PartitionResult,
};
use crate::wire::messages::{DeleteShareGroupStateRequest, DeleteShareGroupStateResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteShareGroupStateRequest,
) -> Answer<DeleteShareGroupStateResponse> {
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
        return Answer::Reply(DeleteShareGroupStateResponse::default());
    }
    let rows = share_state::ask(
        cx,
        (&request.group_id, "delete share group state"),
        asked,
        |cx, key, ()| cx.state.end_kept(cx.now, key),
    );
    Answer::Reply(response(rows))
}

fn response(rows: Rows<()>) -> DeleteShareGroupStateResponse {
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
        DeleteStateResult::default()
            .with_topic_id(topic)
            .with_partitions(partitions.collect())
    });
    DeleteShareGroupStateResponse::default().with_results(results.collect())
}
