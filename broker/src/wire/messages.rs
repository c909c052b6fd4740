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

#[allow(unused_imports, reason = "some of these requests have no handler yet")]
pub(crate) use super::ext::generated::{
    describe_share_group_offsets_request::{self, DescribeShareGroupOffsetsRequest},
    describe_share_group_offsets_response::{self, DescribeShareGroupOffsetsResponse},
    read_share_group_state_summary_request::{self, ReadShareGroupStateSummaryRequest},
    read_share_group_state_summary_response::{self, ReadShareGroupStateSummaryResponse},
    share_acknowledge_request::{self, ShareAcknowledgeRequest},
    share_acknowledge_response::{self, ShareAcknowledgeResponse},
    share_fetch_request::{self, ShareFetchRequest},
    share_fetch_response::{self, ShareFetchResponse},
    streams_group_describe_request::{self, StreamsGroupDescribeRequest},
    streams_group_describe_response::{self, StreamsGroupDescribeResponse},
    streams_group_heartbeat_request::{self, StreamsGroupHeartbeatRequest},
    streams_group_heartbeat_response::{self, StreamsGroupHeartbeatResponse},
    streams_group_topology_description_update_request::{
        self, StreamsGroupTopologyDescriptionUpdateRequest,
    },
    streams_group_topology_description_update_response::{
        self, StreamsGroupTopologyDescriptionUpdateResponse,
    },
    write_share_group_state_request::{self, WriteShareGroupStateRequest},
    write_share_group_state_response::{self, WriteShareGroupStateResponse},
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
        MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic, Nodes, nodes_of,
    };
}
