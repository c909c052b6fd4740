//! The messages that handlers speak: `kafka-protocol`'s, and ours where the crate lacks a version or costs too much.

pub(crate) use kafka_protocol::messages::CreateDelegationTokenResponse as CreatedDelegationToken;
pub(crate) use kafka_protocol::messages::*;
pub(crate) use kafka_protocol::protocol::StrBytes;

pub(crate) use super::ext::CreateDelegationTokenResponse;
pub(crate) use super::text::str_bytes;

pub(crate) use super::ext::{
    AddRaftVoterListener, AddRaftVoterRequest, UnregisterControllerRequest,
    UnregisterControllerResponse,
};
pub(crate) use super::ext::{
    ApiVersionsRequest, DeletableGroupResult, DeleteGroupsResponse, DescribeLogDirsPartition,
    DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic, FetchResponse,
    MetadataResponse, OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    OffsetFetchRequest, PartitionProduceData, ProduceRequest, TooNew, TopicProduceData,
};
pub(crate) use super::ext::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestTopic, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic, WritableTxnMarker,
    WriteTxnMarkersRequest,
};

/// Parts of the Fetch response.
pub(crate) mod fetch_response {
    pub(crate) use crate::wire::ext::{
        AbortedTransaction, EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint,
        PartitionData,
    };
}

/// Parts of the Metadata response.
pub(crate) mod metadata_response {
    pub(crate) use crate::wire::ext::{
        MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic, Nodes,
    };
}
