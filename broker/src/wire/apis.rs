//! The one table of APIs: from it come the typed requests and responses, decoding, encoding,
//! dispatch, the rows of ApiVersions and the README's support table.

use bytes::Bytes;

use super::api::Api;
use super::ext::{self, DecodeError, EncodeError};
use super::messages::*;
use super::rope::RopeMut;

/// Calls a macro with every API: key, name, handler module, whether the handler only reads or changes something, request,
/// response, advertised versions.
macro_rules! for_each_api {
    ($use:ident) => {
        $use! {
            (0, Produce, produce, changes, ProduceRequest, ProduceResponse, 0, 13),
            (1, Fetch, fetch, changes, FetchRequest, FetchResponse, 4, 18),
            (2, ListOffsets, list_offsets, reads, ListOffsetsRequest, ListOffsetsResponse, 1, 11),
            (3, Metadata, metadata, changes, MetadataRequest, MetadataResponse, 0, 13),
            (8, OffsetCommit, offset_commit, changes, OffsetCommitRequest, OffsetCommitResponse, 2, 10),
            (9, OffsetFetch, offset_fetch, reads, OffsetFetchRequest, OffsetFetchResponse, 1, 10),
            (10, FindCoordinator, find_coordinator, changes, FindCoordinatorRequest, FindCoordinatorResponse, 0, 6),
            (11, JoinGroup, join_group, changes, JoinGroupRequest, JoinGroupResponse, 0, 9),
            (12, Heartbeat, heartbeat, changes, HeartbeatRequest, HeartbeatResponse, 0, 4),
            (13, LeaveGroup, leave_group, changes, LeaveGroupRequest, LeaveGroupResponse, 0, 5),
            (14, SyncGroup, sync_group, changes, SyncGroupRequest, SyncGroupResponse, 0, 5),
            (15, DescribeGroups, describe_groups, reads, DescribeGroupsRequest, DescribeGroupsResponse, 0, 6),
            (16, ListGroups, list_groups, reads, ListGroupsRequest, ListGroupsResponse, 0, 5),
            (17, SaslHandshake, sasl_handshake, changes, SaslHandshakeRequest, SaslHandshakeResponse, 0, 1),
            (18, ApiVersions, api_versions, changes, ApiVersionsRequest, ApiVersionsResponse, 0, 5),
            (19, CreateTopics, create_topics, changes, CreateTopicsRequest, CreateTopicsResponse, 2, 7),
            (20, DeleteTopics, delete_topics, changes, DeleteTopicsRequest, DeleteTopicsResponse, 1, 6),
            (21, DeleteRecords, delete_records, changes, DeleteRecordsRequest, DeleteRecordsResponse, 0, 2),
            (22, InitProducerId, init_producer_id, changes, InitProducerIdRequest, InitProducerIdResponse, 0, 5),
            (23, OffsetForLeaderEpoch, offset_for_leader_epoch, reads, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, 2, 4),
            (24, AddPartitionsToTxn, add_partitions_to_txn, changes, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, 0, 5),
            (25, AddOffsetsToTxn, add_offsets_to_txn, changes, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, 0, 4),
            (26, EndTxn, end_txn, changes, EndTxnRequest, EndTxnResponse, 0, 5),
            (27, WriteTxnMarkers, write_txn_markers, changes, WriteTxnMarkersRequest, WriteTxnMarkersResponse, 1, 2),
            (28, TxnOffsetCommit, txn_offset_commit, changes, TxnOffsetCommitRequest, TxnOffsetCommitResponse, 0, 6),
            (29, DescribeAcls, describe_acls, reads, DescribeAclsRequest, DescribeAclsResponse, 1, 3),
            (30, CreateAcls, create_acls, reads, CreateAclsRequest, CreateAclsResponse, 1, 3),
            (31, DeleteAcls, delete_acls, reads, DeleteAclsRequest, DeleteAclsResponse, 1, 3),
            (32, DescribeConfigs, describe_configs, reads, DescribeConfigsRequest, DescribeConfigsResponse, 1, 4),
            (33, AlterConfigs, alter_configs, changes, AlterConfigsRequest, AlterConfigsResponse, 0, 2),
            (34, AlterReplicaLogDirs, alter_replica_log_dirs, changes, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, 1, 2),
            (35, DescribeLogDirs, describe_log_dirs, changes, DescribeLogDirsRequest, DescribeLogDirsResponse, 1, 5),
            (36, SaslAuthenticate, sasl_authenticate, changes, SaslAuthenticateRequest, SaslAuthenticateResponse, 0, 2),
            (37, CreatePartitions, create_partitions, changes, CreatePartitionsRequest, CreatePartitionsResponse, 0, 3),
            (38, CreateDelegationToken, create_delegation_token, reads, CreateDelegationTokenRequest, CreateDelegationTokenResponse, 1, 3),
            (39, RenewDelegationToken, renew_delegation_token, reads, RenewDelegationTokenRequest, RenewDelegationTokenResponse, 1, 2),
            (40, ExpireDelegationToken, expire_delegation_token, reads, ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, 1, 2),
            (41, DescribeDelegationToken, describe_delegation_token, reads, DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, 1, 3),
            (42, DeleteGroups, delete_groups, changes, DeleteGroupsRequest, DeleteGroupsResponse, 0, 3),
            (43, ElectLeaders, elect_leaders, changes, ElectLeadersRequest, ElectLeadersResponse, 0, 2),
            (44, IncrementalAlterConfigs, incremental_alter_configs, changes, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 0, 1),
            (45, AlterPartitionReassignments, alter_partition_reassignments, changes, AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, 0, 1),
            (46, ListPartitionReassignments, list_partition_reassignments, reads, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, 0, 0),
            (47, OffsetDelete, offset_delete, changes, OffsetDeleteRequest, OffsetDeleteResponse, 0, 0),
            (48, DescribeClientQuotas, describe_client_quotas, reads, DescribeClientQuotasRequest, DescribeClientQuotasResponse, 0, 1),
            (49, AlterClientQuotas, alter_client_quotas, changes, AlterClientQuotasRequest, AlterClientQuotasResponse, 0, 1),
            (50, DescribeUserScramCredentials, describe_user_scram_credentials, reads, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, 0, 0),
            (51, AlterUserScramCredentials, alter_user_scram_credentials, changes, AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, 0, 0),
            (55, DescribeQuorum, describe_quorum, reads, DescribeQuorumRequest, DescribeQuorumResponse, 0, 2),
            (57, UpdateFeatures, update_features, changes, UpdateFeaturesRequest, UpdateFeaturesResponse, 0, 2),
            (60, DescribeCluster, describe_cluster, reads, DescribeClusterRequest, DescribeClusterResponse, 0, 2),
            (61, DescribeProducers, describe_producers, reads, DescribeProducersRequest, DescribeProducersResponse, 0, 0),
            (64, UnregisterBroker, unregister_broker, changes, UnregisterBrokerRequest, UnregisterBrokerResponse, 0, 0),
            (65, DescribeTransactions, describe_transactions, reads, DescribeTransactionsRequest, DescribeTransactionsResponse, 0, 0),
            (66, ListTransactions, list_transactions, reads, ListTransactionsRequest, ListTransactionsResponse, 0, 2),
            (68, ConsumerGroupHeartbeat, consumer_group_heartbeat, changes, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, 0, 1),
            (69, ConsumerGroupDescribe, consumer_group_describe, changes, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, 0, 1),
            (71, GetTelemetrySubscriptions, get_telemetry_subscriptions, changes, GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, 0, 0),
            (72, PushTelemetry, push_telemetry, changes, PushTelemetryRequest, PushTelemetryResponse, 0, 0),
            (74, ListConfigResources, list_config_resources, reads, ListConfigResourcesRequest, ListConfigResourcesResponse, 0, 1),
            (75, DescribeTopicPartitions, describe_topic_partitions, reads, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, 0, 0),
            (80, AddRaftVoter, add_raft_voter, changes, AddRaftVoterRequest, AddRaftVoterResponse, 0, 1),
            (81, RemoveRaftVoter, remove_raft_voter, changes, RemoveRaftVoterRequest, RemoveRaftVoterResponse, 0, 0),
            (94, UnregisterController, unregister_controller, changes, UnregisterControllerRequest, UnregisterControllerResponse, 0, 0),
        }
    };
}
pub(crate) use for_each_api;

/// A row of ApiVersions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ApiRow {
    pub(crate) key: i16,
    pub(crate) name: &'static str,
    pub(crate) min: i16,
    pub(crate) max: i16,
}

macro_rules! define {
    ($(($key:literal, $name:ident, $module:ident, $access:ident, $request:ident, $response:ident, $min:literal, $max:literal),)*) => {
        /// What is served, by key. Produce names v0 to v2 that nobody serves, as Kafka does for
        /// old librdkafka (KAFKA-18659).
        const SERVED: &[ApiRow] = &[
            $(ApiRow { key: $key, name: stringify!($name), min: $min, max: $max }),*
        ];

        /// A decoded request.
        #[derive(Debug, Clone)]
        pub(crate) enum Request {
            $($name($request)),*
        }

        /// A response to encode.
        #[derive(Debug, Clone)]
        pub(crate) enum Response {
            $($name($response)),*
        }

        $(
            impl From<$request> for Request {
                fn from(request: $request) -> Self {
                    Self::$name(request)
                }
            }
            impl From<$response> for Response {
                fn from(response: $response) -> Self {
                    Self::$name(response)
                }
            }
        )*

        impl Response {
            /// Which API's it is.
            pub(crate) const fn api(&self) -> Api {
                match self {
                    $(Self::$name(_) => Api::$name),*
                }
            }
        }

        impl Request {
            /// The API's name.
            pub(crate) const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name)),*
                }
            }

            /// Which API it is.
            pub(crate) const fn api(&self) -> Api {
                match self {
                    $(Self::$name(_) => Api::$name),*
                }
            }

            /// Decodes a request's body; `None` for an API that is not served.
            pub(crate) fn decode(
                api_key: i16,
                version: i16,
                body: Bytes,
            ) -> Option<Result<Self, DecodeError>> {
                match api_key {
                    $($key if (0.max($min)..=$max).contains(&version) => {
                        Some(ext::decode(api_key, version, body).map(Self::$name))
                    })*
                    _ => None,
                }
            }
        }

        #[cfg(test)]
        impl Request {
            /// The body, as a client would send it; nothing if the version cannot say it.
            pub(crate) fn body(&self, version: i16) -> Option<Bytes> {
                match self {
                    $(Self::$name(request) => ext::encode_request($key, version, request)),*
                }
            }
        }

        impl Response {
            /// Encodes the body as the request's version asks.
            pub(crate) fn encode(
                &mut self,
                version: i16,
                to: &mut RopeMut,
            ) -> Result<(), EncodeError> {
                match self {
                    $(Self::$name(response) => ext::encode($key, version, response, to)),*
                }
            }
        }
    };
}
for_each_api!(define);

/// What ApiVersions lists, by key. Client telemetry (KIP-714) is served without being offered, as
/// Kafka does while no metrics reporter takes it.
pub(crate) fn advertised() -> impl Iterator<Item = &'static ApiRow> {
    SERVED.iter().filter(|api| !matches!(api.key, 71 | 72))
}

impl Request {
    /// Whether a broker hands it on to the controller, which does one thing after the other.
    pub(crate) const fn is_for_controller(&self) -> bool {
        matches!(
            self,
            Self::CreateTopics(_)
                | Self::DeleteTopics(_)
                | Self::CreatePartitions(_)
                | Self::AlterConfigs(_)
                | Self::IncrementalAlterConfigs(_)
                | Self::ElectLeaders(_)
                | Self::AlterPartitionReassignments(_)
                | Self::ListPartitionReassignments(_)
                | Self::AlterClientQuotas(_)
                | Self::AlterUserScramCredentials(_)
                | Self::UpdateFeatures(_)
                | Self::UnregisterBroker(_)
                | Self::UnregisterController(_)
                | Self::AddRaftVoter(_)
                | Self::RemoveRaftVoter(_)
        )
    }

    /// Whether other settings may be in force once it is answered.
    pub(crate) const fn changes_settings(&self) -> bool {
        matches!(
            self,
            Self::AlterConfigs(_) | Self::IncrementalAlterConfigs(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{SERVED, advertised};

    /// Rows of the README's support table, as they must stand there.
    fn table() -> String {
        let row = |api: &super::ApiRow| {
            let versions = if api.min == api.max {
                api.min.to_string()
            } else {
                format!("{}–{}", api.min, api.max)
            };
            format!("| {} | {} | {versions} |\n", api.key, api.name)
        };
        advertised().map(row).collect()
    }

    #[test]
    fn readme_lists_what_is_advertised() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
        let readme = std::fs::read_to_string(path).unwrap();
        assert!(
            readme.contains(&table()),
            "put this into README.md:\n{}",
            table()
        );
    }

    #[test]
    fn keys_are_sorted_and_unique() {
        assert!(SERVED.windows(2).all(|pair| pair[0].key < pair[1].key));
    }
}
