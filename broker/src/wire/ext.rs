//! What `kafka-protocol` lacks of Apache Kafka 4.4's messages, and where it must be held back.
//!
//! - Messages with a field that the crate does not know are written here for all their versions,
//!   and take the crate's place in [`super::messages`]. So are the responses to Fetch, whose records
//!   the crate copies, and to Metadata, for which it takes memory for each partition.
//! - Messages that it does not have at all or not at their newest version, and records of state topics, are
//!   written from Kafka's definitions by `protocol-tests/src/bin/generate_wire`: [`generated`].
//! - A version whose layout is an older one's is encoded as that: [`request_layout`] and
//!   [`response_layout`].
//! - The crate refuses to encode a field that the version does not have, and writes nulls where the
//!   version allows none: [`fit`] takes such fields out of a response.

mod admin;
mod api_versions;
mod codec;
mod fetch;
mod fit;
#[rustfmt::skip]
#[allow(dead_code, reason = "some of these requests have no handler yet")]
pub(crate) mod generated;
mod metadata;
mod offsets;
mod produce;
mod quorum;
#[cfg(test)]
mod recorded;
mod structs;
#[cfg(test)]
mod tests;
mod tokens;
mod transactions;

use bytes::Bytes;
use kafka_protocol::protocol::{Decodable, Encodable as _};

use super::api::Api;
use super::guard;
use super::rope::RopeMut;

pub(crate) use admin::{
    DeletableGroupResult, DeleteGroupsResponse, DescribeLogDirsPartition, DescribeLogDirsResponse,
    DescribeLogDirsResult, DescribeLogDirsTopic,
};
pub(crate) use api_versions::{ApiVersionsRequest, TooNew};
pub(crate) use fetch::{
    AbortedTransaction, EpochEndOffset, FetchResponse, FetchableTopicResponse, LeaderIdAndEpoch,
    NodeEndpoint, PartitionData,
};
pub(crate) use fit::Fit;
pub(crate) use metadata::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
    Nodes, nodes_of,
};
#[cfg(test)]
pub(crate) use offsets::OffsetFetchRequestTopic;
pub(crate) use offsets::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetFetchRequest,
};
pub(crate) use produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
pub(crate) use quorum::{
    AddRaftVoterListener, AddRaftVoterRequest, UnregisterControllerRequest,
    UnregisterControllerResponse,
};
pub(crate) use tokens::CreateDelegationTokenResponse;
#[cfg(test)]
pub(crate) use transactions::TxnOffsetCommitRequestPartition;
pub(crate) use transactions::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestTopic, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic, WritableTxnMarker,
    WriteTxnMarkersRequest,
};

/// Decodes a request's body, once the guard has admitted it.
pub(crate) fn decode<T: Decodable>(
    api_key: i16,
    version: i16,
    body: Bytes,
) -> Result<T, DecodeError> {
    let mut body = guard::admit(api_key, version, body)?;
    let layout = request_layout(api_key, version);
    T::decode(&mut body, layout).map_err(|error| DecodeError::Codec(error.to_string()))
}

/// Encodes a request's body.
#[cfg(any(test, fuzzing))]
pub(crate) fn encode_request<T: kafka_protocol::protocol::Encodable>(
    api_key: i16,
    version: i16,
    request: &T,
) -> Option<Bytes> {
    let mut body = bytes::BytesMut::new();
    let encoded = request.encode(&mut body, request_layout(api_key, version));
    encoded.ok().map(|()| body.freeze())
}

/// Encodes a response's body, fitted to the version.
pub(crate) fn encode<T: Fit>(
    api_key: i16,
    version: i16,
    response: &mut T,
    to: &mut RopeMut,
) -> Result<(), EncodeError> {
    response.fit(version);
    #[cfg(debug_assertions)]
    let start = to.len();
    let layout = response_layout(api_key, version);
    response
        .write(to, layout)
        .map_err(|error| EncodeError(error.to_string()))?;
    #[cfg(debug_assertions)]
    debug_assert_eq!(
        guard::check_response(
            api_key,
            version,
            to.to_rope().to_bytes().get(start..).unwrap_or(&[])
        ),
        Ok(())
    );
    Ok(())
}

/// How many bytes Kafka's quotas count for the answer to a Fetch: with its size, without where leaders are.
pub(crate) fn fetch_size(response: &FetchResponse, version: i16) -> usize {
    let mut response = response.clone();
    response.node_endpoints.clear();
    let size = response.compute_size(response_layout(1, version));
    size.map_or(0, |size| size.saturating_add(4))
}

/// The same for the answer to a ShareFetch.
pub(crate) fn share_fetch_size(
    response: &generated::share_fetch_response::ShareFetchResponse,
    version: i16,
) -> usize {
    let size = response.compute_size(version);
    size.map_or(0, |size| size.saturating_add(4))
}

/// A request that cannot be read; its connection is closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error(transparent)]
    Refused(#[from] guard::GuardError),
    /// Not seen yet: what the guard admits decodes.
    #[error("{0}")]
    Codec(String),
}

/// A response that its version has no way to say: a bug of the handler that made it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct EncodeError(String);

const LIST_OFFSETS: i16 = Api::ListOffsets.key();
const API_VERSIONS: i16 = Api::ApiVersions.key();
const WRITE_TXN_MARKERS: i16 = Api::WriteTxnMarkers.key();
const DESCRIBE_LOG_DIRS: i16 = Api::DescribeLogDirs.key();
const DELETE_GROUPS: i16 = Api::DeleteGroups.key();
const ADD_RAFT_VOTER: i16 = Api::AddRaftVoter.key();

/// The version by which the crate decodes a request of this version.
pub(crate) const fn request_layout(api_key: i16, version: i16) -> i16 {
    match (api_key, version) {
        // ListOffsets v11 only allows a further special timestamp (KIP-1023).
        (LIST_OFFSETS, 11) => 10,
        // DescribeLogDirs v5 and DeleteGroups v3 change the response.
        (DESCRIBE_LOG_DIRS, 5) => 4,
        (DELETE_GROUPS, 3) => 2,
        (_, version) => version,
    }
}

/// The version by which the crate encodes a response of this version.
pub(crate) const fn response_layout(api_key: i16, version: i16) -> i16 {
    match (api_key, version) {
        (LIST_OFFSETS, 11) => 10,
        // ApiVersions v5 (KIP-1242) and WriteTxnMarkers v2 (KIP-1228) change the request.
        (API_VERSIONS, 5) => 4,
        (WRITE_TXN_MARKERS, 2) => 1,
        // AddRaftVoter v1 (KIP-1186) changes the request.
        (ADD_RAFT_VOTER, 1) => 0,
        (_, version) => version,
    }
}
