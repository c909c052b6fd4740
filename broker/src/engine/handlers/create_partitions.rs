//! CreatePartitions (key 37).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{CreatePartitionsRequest, CreatePartitionsResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: CreatePartitionsRequest,
) -> Answer<CreatePartitionsResponse> {
    Answer::Reply(CreatePartitionsResponse::default())
}
