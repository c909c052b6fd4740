//! ApiVersions (key 18).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{ApiVersionsRequest, ApiVersionsResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: ApiVersionsRequest,
) -> Answer<ApiVersionsResponse> {
    Answer::Reply(ApiVersionsResponse::default())
}
