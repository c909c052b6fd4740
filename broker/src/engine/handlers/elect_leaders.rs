//! ElectLeaders (key 43).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{ElectLeadersRequest, ElectLeadersResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: ElectLeadersRequest,
) -> Answer<ElectLeadersResponse> {
    Answer::Reply(ElectLeadersResponse::default())
}
