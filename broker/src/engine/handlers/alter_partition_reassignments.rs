//! AlterPartitionReassignments (key 45).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: AlterPartitionReassignmentsRequest,
) -> Answer<AlterPartitionReassignmentsResponse> {
    Answer::Reply(AlterPartitionReassignmentsResponse::default())
}
