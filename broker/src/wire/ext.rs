//! What `kafka-protocol` lacks of Apache Kafka 4.4's messages, and where it must be held back.
//!
//! - Messages with a field that the crate does not know are written here for all their versions,
//!   and take the crate's place in [`super::messages`].
//! - A version whose layout is an older one's is encoded as that: [`request_layout`] and
//!   [`response_layout`].
//! - The crate refuses to encode a field that the version does not have, and writes nulls where the
//!   version allows none: [`fit`] takes such fields out of a response.

mod admin;
mod api_versions;
mod codec;
mod fit;
mod offsets;
#[cfg(test)]
mod tests;
mod transactions;

pub(crate) use admin::{
    DeletableGroupResult, DeleteGroupsResponse, DescribeLogDirsPartition, DescribeLogDirsResponse,
    DescribeLogDirsResult, DescribeLogDirsTopic,
};
pub(crate) use api_versions::{ApiVersionsRequest, too_new};
pub(crate) use fit::Fit;
pub(crate) use offsets::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
pub(crate) use transactions::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};

/// The version by which the crate decodes a request of this version.
pub(crate) const fn request_layout(api_key: i16, version: i16) -> i16 {
    match (api_key, version) {
        // ListOffsets v11 only allows a further special timestamp (KIP-1023).
        (2, 11) => 10,
        // DescribeLogDirs v5 and DeleteGroups v3 change the response.
        (35, 5) => 4,
        (42, 3) => 2,
        (_, version) => version,
    }
}

/// The version by which the crate encodes a response of this version.
pub(crate) const fn response_layout(api_key: i16, version: i16) -> i16 {
    match (api_key, version) {
        (2, 11) => 10,
        // ApiVersions v5 (KIP-1242) and WriteTxnMarkers v2 (KIP-1228) change the request.
        (18, 5) => 4,
        (27, 2) => 1,
        (_, version) => version,
    }
}
