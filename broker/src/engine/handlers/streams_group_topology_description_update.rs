//! StreamsGroupTopologyDescriptionUpdate (key 93), v0 (KIP-1331).
//!
//! Oracle: a broker without a plug-in that keeps such descriptions, as every broker is by default, takes none.

use crate::engine::api_error::ApiError;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::streams;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    StreamsGroupTopologyDescriptionUpdateRequest, StreamsGroupTopologyDescriptionUpdateResponse,
};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    _request: StreamsGroupTopologyDescriptionUpdateRequest,
) -> Answer<StreamsGroupTopologyDescriptionUpdateResponse> {
    let error = if streams::is_enabled(cx) {
        ApiError::new(
            ErrorCode::UnsupportedVersion,
            "The broker has no streams group topology description plugin configured.",
        )
    } else {
        ErrorCode::UnsupportedVersion.into()
    };
    Answer::Reply(StreamsGroupTopologyDescriptionUpdateResponse {
        error_code: error.code.code(),
        error_message: error.wire_message(),
        ..Default::default()
    })
}
