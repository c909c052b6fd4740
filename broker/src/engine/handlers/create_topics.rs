//! CreateTopics (key 19).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{CreateTopicsRequest, CreateTopicsResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: CreateTopicsRequest,
) -> Answer<CreateTopicsResponse> {
    Answer::Reply(CreateTopicsResponse::default())
}
