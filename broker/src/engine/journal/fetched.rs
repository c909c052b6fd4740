//! How much a Fetch got, so that the journal shows which found nothing.

use crate::wire::apis::Response;
use crate::wire::rope::Rope;

/// How many bytes of records a Fetch or a ShareFetch got.
#[expect(clippy::wildcard_enum_match_arm, reason = "two fetch")]
pub(super) fn bytes(response: &Response) -> Option<usize> {
    match response {
        Response::Fetch(response) => {
            let topics = response.responses.iter();
            let partitions = topics.flat_map(|topic| &topic.partitions);
            let records = partitions.filter_map(|partition| partition.records.as_ref());
            Some(records.map(Rope::len).sum())
        }
        Response::ShareFetch(response) => {
            let topics = response.responses.iter();
            let partitions = topics.flat_map(|topic| &topic.partitions);
            Some(partitions.map(|partition| partition.records.len()).sum())
        }
        _ => None,
    }
}
