//! The messages that handlers speak: `kafka-protocol`'s, and ours where the crate lacks a version.

pub(crate) use kafka_protocol::messages::CreateDelegationTokenResponse as CreatedDelegationToken;
pub(crate) use kafka_protocol::messages::*;
pub(crate) use kafka_protocol::protocol::StrBytes;

pub(crate) use super::ext::CreateDelegationTokenResponse;

pub(crate) use super::ext::{
    AddRaftVoterListener, AddRaftVoterRequest, UnregisterControllerRequest,
    UnregisterControllerResponse,
};
pub(crate) use super::ext::{
    ApiVersionsRequest, DeletableGroupResult, DeleteGroupsResponse, DescribeLogDirsPartition,
    DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic, OffsetCommitRequest,
    OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetFetchRequest,
    PartitionProduceData, ProduceRequest, TooNew, TopicProduceData,
};
pub(crate) use super::ext::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestTopic, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic, WritableTxnMarker,
    WriteTxnMarkersRequest,
};
