//! DeleteTopics (key 20).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{DeleteTopicsRequest, DeleteTopicsResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: DeleteTopicsRequest,
) -> Answer<DeleteTopicsResponse> {
    Answer::Reply(DeleteTopicsResponse::default())
}
