//! FindCoordinator (key 10).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{FindCoordinatorRequest, FindCoordinatorResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: FindCoordinatorRequest,
) -> Answer<FindCoordinatorResponse> {
    Answer::Reply(FindCoordinatorResponse::default())
}
