//! ListPartitionReassignments (key 46), v0 (KIP-455).
//!
//! A reassignment is complete as soon as it is asked for, so that none is ever under way; Kafka
//! answers the same to unknown topics and partitions, and to a timeout of zero.

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

/// Answers at once.
pub(crate) fn handle(
    _: &mut Context<'_>,
    _: ListPartitionReassignmentsRequest,
) -> Answer<ListPartitionReassignmentsResponse> {
    Answer::Reply(ListPartitionReassignmentsResponse::default().with_error_message(None))
}
