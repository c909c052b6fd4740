//! DescribeLogDirs (key 35).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: DescribeLogDirsRequest,
) -> Answer<DescribeLogDirsResponse> {
    Answer::Reply(DescribeLogDirsResponse::default())
}
