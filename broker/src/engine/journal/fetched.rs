//! How much a Fetch got, so that the journal shows which found nothing.

use crate::wire::apis::Response;
use crate::wire::rope::Rope;

/// How many bytes of records a Fetch got.
pub(super) fn bytes(response: &Response) -> Option<usize> {
    let Response::Fetch(response) = response else {
        return None;
    };
    let partitions = response
        .responses
        .iter()
        .flat_map(|topic| &topic.partitions);
    let records = partitions.filter_map(|partition| partition.records.as_ref());
    Some(records.map(Rope::len).sum())
}
