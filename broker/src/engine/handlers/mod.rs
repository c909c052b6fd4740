//! One file per API: a typed request in, a typed response out.

use super::context::{Answer, Context};
use crate::wire::api_table::for_each_api;
use crate::wire::apis::{Request, Response};

mod acl_messages;
pub(crate) mod add_offsets_to_txn;
pub(crate) mod add_partitions_to_txn;
pub(crate) mod add_raft_voter;
pub(crate) mod alter_client_quotas;
pub(crate) mod alter_configs;
pub(crate) mod alter_partition_reassignments;
pub(crate) mod alter_replica_log_dirs;
pub(crate) mod alter_share_group_offsets;
pub(crate) mod alter_user_scram_credentials;
pub(crate) mod api_versions;
pub(crate) mod consumer_group_describe;
pub(crate) mod consumer_group_heartbeat;
pub(crate) mod create_acls;
pub(crate) mod create_delegation_token;
pub(crate) mod create_partitions;
pub(crate) mod create_topics;
pub(crate) mod delete_acls;
pub(crate) mod delete_groups;
pub(crate) mod delete_records;
pub(crate) mod delete_share_group_offsets;
pub(crate) mod delete_share_group_state;
pub(crate) mod delete_topics;
pub(crate) mod describe_acls;
pub(crate) mod describe_client_quotas;
pub(crate) mod describe_cluster;
pub(crate) mod describe_configs;
pub(crate) mod describe_delegation_token;
pub(crate) mod describe_groups;
pub(crate) mod describe_log_dirs;
pub(crate) mod describe_producers;
pub(crate) mod describe_quorum;
pub(crate) mod describe_share_group_offsets;
pub(crate) mod describe_topic_partitions;
pub(crate) mod describe_transactions;
pub(crate) mod describe_user_scram_credentials;
pub(crate) mod elect_leaders;
pub(crate) mod end_txn;
pub(crate) mod expire_delegation_token;
pub(crate) mod fetch;
pub(crate) mod find_coordinator;
pub(crate) mod get_telemetry_subscriptions;
pub(crate) mod heartbeat;
pub(crate) mod incremental_alter_configs;
pub(crate) mod init_producer_id;
pub(crate) mod initialize_share_group_state;
pub(crate) mod join_group;
pub(crate) mod leave_group;
pub(crate) mod list_config_resources;
pub(crate) mod list_groups;
pub(crate) mod list_offsets;
pub(crate) mod list_partition_reassignments;
pub(crate) mod list_transactions;
pub(crate) mod metadata;
pub(crate) mod offset_commit;
pub(crate) mod offset_delete;
pub(crate) mod offset_fetch;
pub(crate) mod offset_for_leader_epoch;
pub(crate) mod produce;
pub(crate) mod push_telemetry;
pub(crate) mod read_share_group_state;
pub(crate) mod read_share_group_state_summary;
pub(crate) mod remove_raft_voter;
pub(crate) mod renew_delegation_token;
pub(crate) mod sasl_authenticate;
pub(crate) mod sasl_handshake;
pub(crate) mod share_acknowledge;
pub(crate) mod share_fetch;
pub(crate) mod share_group_describe;
pub(crate) mod share_group_heartbeat;
mod share_state;
pub(crate) mod streams_group_describe;
pub(crate) mod streams_group_heartbeat;
pub(crate) mod streams_group_topology_description_update;
pub(crate) mod sync_group;
pub(crate) mod txn_offset_commit;
pub(crate) mod unregister_broker;
pub(crate) mod unregister_controller;
pub(crate) mod update_features;
pub(crate) mod write_share_group_state;
pub(crate) mod write_txn_markers;

/// Calls a handler with the view that is enough for one that reads, or with all that one may change.
macro_rules! hand {
    (reads, $module:ident, $cx:ident, $request:ident) => {
        $module::handle($cx.read_only(), $request)
    };
    (changes, $module:ident, $cx:ident, $request:ident) => {
        $module::handle($cx, $request)
    };
}

macro_rules! dispatch {
    ($(($key:literal, $name:ident, $module:ident, $access:ident, $request:ident, $response:ident, $min:literal, $max:literal),)*) => {
        /// Hands a request to its handler.
        pub(crate) fn run(cx: &mut Context<'_>, request: Request) -> Answer<Response> {
            match request {
                $(Request::$name(request) => hand!($access, $module, cx, request).into_any()),*
            }
        }
    };
}
for_each_api!(dispatch);
