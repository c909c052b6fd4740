//! DescribeTopicPartitions (key 75).

use crate::engine::context::{Answer, Context};
use crate::wire::messages::{DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};

/// Answers at once.
pub(crate) fn handle(
    _cx: &mut Context<'_>,
    _request: DescribeTopicPartitionsRequest,
) -> Answer<DescribeTopicPartitionsResponse> {
    Answer::Reply(DescribeTopicPartitionsResponse::default())
}
