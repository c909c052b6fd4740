//! StreamsGroupTopologyDescriptionUpdate (key 93), v0 (KIP-1331).
//!
//! Oracle: the group takes READ. A broker without a plug-in that keeps such descriptions, as every broker is by default, takes none.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::streams;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    StreamsGroupTopologyDescriptionUpdateRequest, StreamsGroupTopologyDescriptionUpdateResponse,
};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: StreamsGroupTopologyDescriptionUpdateRequest,
) -> Answer<StreamsGroupTopologyDescriptionUpdateResponse> {
    let error = refusal(cx, &request.group_id.0);
    Answer::Reply(StreamsGroupTopologyDescriptionUpdateResponse {
        error_code: error.code.code(),
        error_message: error.wire_message(),
        ..Default::default()
    })
}

fn refusal(cx: ReadContext<'_>, group: &str) -> ApiError {
    if !streams::is_enabled(cx) {
        return ErrorCode::UnsupportedVersion.into();
    }
    if let Err(code) = cx.access().group(Operation::Read, group) {
        return code.into();
    }
    ApiError::new(
        ErrorCode::UnsupportedVersion,
        "The broker has no streams group topology description plugin configured.",
    )
}
