//! UpdateFeatures (key 57).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{UpdateFeaturesRequest, UpdateFeaturesResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: UpdateFeaturesRequest,
) -> Answer<UpdateFeaturesResponse> {
    Answer::Reply(UpdateFeaturesResponse::default())
}
