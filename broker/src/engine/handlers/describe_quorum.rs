//! DescribeQuorum (key 55).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{DescribeQuorumRequest, DescribeQuorumResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: DescribeQuorumRequest,
) -> Answer<DescribeQuorumResponse> {
    Answer::Reply(DescribeQuorumResponse::default())
}
