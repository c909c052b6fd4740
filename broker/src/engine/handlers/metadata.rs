//! Metadata (key 3).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{MetadataRequest, MetadataResponse};

/// Answers at once.
pub(crate) fn handle(_cx: &mut Context<'_>, _request: MetadataRequest) -> Answer<MetadataResponse> {
    Answer::Reply(MetadataResponse::default())
}
