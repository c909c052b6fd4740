//! Makes a response's content fit the version that the client asked for.

use anyhow::Result;
use kafka_protocol::messages::{
    CreateDelegationTokenResponse, CreateTopicsResponse, DeleteTopicsResponse,
    DescribeClusterResponse, DescribeDelegationTokenResponse, DescribeGroupsResponse,
    DescribeQuorumResponse, ElectLeadersResponse, JoinGroupResponse, LeaveGroupResponse,
    ListOffsetsResponse, OffsetFetchResponse, ProduceResponse,
};
use kafka_protocol::protocol::{Encodable, StrBytes};

use super::generated;
use crate::wire::rope::RopeMut;

/// What stands for "no authorized operations asked for".
const NO_OPERATIONS: i32 = i32::MIN;

/// Handlers fill in every field they know. Fields that the version lacks are put back to their
/// defaults, since the encoder refuses a response that sets one, and nulls become empty strings
/// where the version has no null, since the encoder writes them and clients then fail to parse.
///
/// Where versions differ in shape (FindCoordinator, OffsetFetch, AddPartitionsToTxn), the handler
/// fills the right one itself.
pub(crate) trait Fit: Encodable {
    fn fit(&mut self, _version: i16) {}

    /// Writes the body in a version's layout.
    fn write(&self, to: &mut RopeMut, layout: i16) -> Result<()> {
        self.encode(to.written(), layout)
    }
}

macro_rules! fits_as_it_is {
    ($($response:ident,)*) => { $(impl Fit for kafka_protocol::messages::$response {})* };
}

fits_as_it_is! {
    AddOffsetsToTxnResponse, AddPartitionsToTxnResponse, AddRaftVoterResponse,
    AlterClientQuotasResponse, RemoveRaftVoterResponse,
    AlterConfigsResponse, AlterPartitionReassignmentsResponse, AlterReplicaLogDirsResponse,
    AlterUserScramCredentialsResponse, ApiVersionsResponse, ConsumerGroupDescribeResponse,
    ConsumerGroupHeartbeatResponse, CreateAclsResponse,
    CreatePartitionsResponse, DeleteAclsResponse, DeleteRecordsResponse, DescribeAclsResponse,
    DescribeClientQuotasResponse, DescribeConfigsResponse,
    DescribeProducersResponse, DescribeTopicPartitionsResponse, DescribeTransactionsResponse,
    DescribeUserScramCredentialsResponse, EndTxnResponse, ExpireDelegationTokenResponse,
    FindCoordinatorResponse, GetTelemetrySubscriptionsResponse, HeartbeatResponse,
    IncrementalAlterConfigsResponse, InitProducerIdResponse, ListConfigResourcesResponse,
    ListGroupsResponse, ListPartitionReassignmentsResponse, ListTransactionsResponse,
    OffsetCommitResponse, OffsetDeleteResponse, OffsetForLeaderEpochResponse,
    PushTelemetryResponse, RenewDelegationTokenResponse, SaslAuthenticateResponse,
    SaslHandshakeResponse, ShareGroupDescribeResponse,
    AlterShareGroupOffsetsResponse, DeleteShareGroupOffsetsResponse, DeleteShareGroupStateResponse,
    InitializeShareGroupStateResponse, ReadShareGroupStateResponse, ShareGroupHeartbeatResponse, SyncGroupResponse, UnregisterBrokerResponse, UpdateFeaturesResponse,
    WriteTxnMarkersResponse,
}

// Those written in this crate leave out what the version lacks.
impl Fit for super::DeleteGroupsResponse {}
impl Fit for super::DescribeLogDirsResponse {}
impl Fit for super::TxnOffsetCommitResponse {}
impl Fit for super::UnregisterControllerResponse {}
impl Fit for generated::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponse {}
impl Fit
    for generated::read_share_group_state_summary_response::ReadShareGroupStateSummaryResponse
{
}
impl Fit for generated::share_acknowledge_response::ShareAcknowledgeResponse {}
impl Fit for generated::streams_group_describe_response::StreamsGroupDescribeResponse {}
impl Fit for generated::streams_group_heartbeat_response::StreamsGroupHeartbeatResponse {}
impl Fit for generated::streams_group_topology_description_update_response::StreamsGroupTopologyDescriptionUpdateResponse {}
impl Fit for generated::write_share_group_state_response::WriteShareGroupStateResponse {}

impl Fit for generated::share_fetch_response::ShareFetchResponse {
    fn write(&self, to: &mut RopeMut, layout: i16) -> Result<()> {
        self.write_body(to, layout)
    }
}

impl Fit for super::MetadataResponse {
    fn fit(&mut self, version: i16) {
        if version < 12 {
            for topic in &mut self.topics {
                topic.name.get_or_insert_default();
            }
        }
    }

    fn write(&self, to: &mut RopeMut, layout: i16) -> Result<()> {
        self.write_body(to, layout)
    }
}

impl Fit for super::FetchResponse {
    fn write(&self, to: &mut RopeMut, layout: i16) -> Result<()> {
        self.write_body(to, layout)
    }
}

impl Fit for ProduceResponse {
    fn fit(&mut self, version: i16) {
        if version < 10 {
            self.node_endpoints.clear();
            let topics = self.responses.iter_mut();
            for partition in topics.flat_map(|topic| &mut topic.partition_responses) {
                partition.current_leader = Default::default();
            }
        }
    }
}

impl Fit for ListOffsetsResponse {
    fn fit(&mut self, version: i16) {
        if version < 4 {
            let topics = self.topics.iter_mut();
            for partition in topics.flat_map(|topic| &mut topic.partitions) {
                partition.leader_epoch = -1;
            }
        }
    }
}

impl Fit for CreateTopicsResponse {
    fn fit(&mut self, version: i16) {
        if version < 5 {
            for topic in &mut self.topics {
                topic.configs = None;
            }
        }
    }
}

impl Fit for DeleteTopicsResponse {
    fn fit(&mut self, version: i16) {
        if version < 6 {
            for topic in &mut self.responses {
                topic.name.get_or_insert_default();
            }
        }
    }
}

impl Fit for JoinGroupResponse {
    fn fit(&mut self, version: i16) {
        if version < 7 {
            self.protocol_name.get_or_insert_with(StrBytes::new);
        }
        if version < 9 {
            self.skip_assignment = false;
        }
    }
}

impl Fit for LeaveGroupResponse {
    fn fit(&mut self, version: i16) {
        if version < 3 {
            self.members.clear();
        }
    }
}

impl Fit for OffsetFetchResponse {
    fn fit(&mut self, version: i16) {
        if version < 5 {
            let topics = self.topics.iter_mut();
            for partition in topics.flat_map(|topic| &mut topic.partitions) {
                partition.committed_leader_epoch = -1;
            }
        }
    }
}

impl Fit for DescribeGroupsResponse {
    fn fit(&mut self, version: i16) {
        for group in &mut self.groups {
            if version < 3 {
                group.authorized_operations = NO_OPERATIONS;
            }
            if version < 6 {
                group.error_message = None;
            }
        }
    }
}

impl Fit for ElectLeadersResponse {
    fn fit(&mut self, version: i16) {
        if version < 1 {
            self.error_code = 0;
        }
    }
}

impl Fit for DescribeQuorumResponse {
    fn fit(&mut self, version: i16) {
        if version < 2 {
            self.nodes.clear();
            let topics = self.topics.iter_mut();
            for partition in topics.flat_map(|topic| &mut topic.partitions) {
                let voters = partition.current_voters.iter_mut();
                for replica in voters.chain(&mut partition.observers) {
                    replica.replica_directory_id = Default::default();
                }
            }
        }
    }
}

impl Fit for DescribeClusterResponse {
    fn fit(&mut self, version: i16) {
        if version < 1 {
            self.endpoint_type = 1;
        }
        if version < 2 {
            for broker in &mut self.brokers {
                broker.is_fenced = false;
            }
        }
    }
}

impl Fit for super::CreateDelegationTokenResponse {
    fn fit(&mut self, version: i16) {
        self.0.fit(version);
    }
}

impl Fit for CreateDelegationTokenResponse {
    fn fit(&mut self, version: i16) {
        if version < 3 {
            self.token_requester_principal_type = StrBytes::new();
            self.token_requester_principal_name = StrBytes::new();
        }
    }
}

impl Fit for DescribeDelegationTokenResponse {
    fn fit(&mut self, version: i16) {
        if version < 3 {
            for token in &mut self.tokens {
                token.token_requester_principal_type = StrBytes::new();
                token.token_requester_principal_name = StrBytes::new();
            }
        }
    }
}
