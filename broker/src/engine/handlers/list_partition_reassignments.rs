//! ListPartitionReassignments (key 46).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: ListPartitionReassignmentsRequest,
) -> Answer<ListPartitionReassignmentsResponse> {
    Answer::Reply(ListPartitionReassignmentsResponse::default())
}
