//! DescribeCluster (key 60).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{DescribeClusterRequest, DescribeClusterResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: DescribeClusterRequest,
) -> Answer<DescribeClusterResponse> {
    Answer::Reply(DescribeClusterResponse::default())
}
