//! The cases, one file for each behaviour area.

use crate::case::{Area, Case};

mod acls;
mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod alter_client_quotas;
mod alter_configs;
mod api_versions;
mod authorization;
mod batch_structure;
mod batch_validation;
mod broker_configs;
mod client_quotas;
mod compressed_batches;
mod consumer_group_assignors;
mod consumer_group_classic;
mod consumer_group_configs;
mod consumer_group_describe;
mod consumer_group_epochs;
mod consumer_group_errors;
mod consumer_group_heartbeat;
mod consumer_group_join;
mod consumer_group_racks;
mod consumer_group_records;
mod consumer_group_regex;
mod consumer_group_sessions;
mod consumer_group_static;
mod consumer_group_timeouts;
mod consumer_group_topics;
mod coordinators;
mod create_partitions;
mod create_topics;
mod create_topics_configs;
mod delegation_tokens;
mod delete_groups;
mod delete_topics;
mod describe_client_quotas;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_quorum;
mod describe_topic_partitions;
mod elect_leaders;
mod end_txn;
mod exhausted_epochs;
mod feature_levels;
mod fetch;
mod fetch_sessions;
mod find_coordinator;
mod first_protocol;
mod forgotten_producers;
mod framing;
mod group_heartbeat;
mod group_limits;
mod group_migration;
mod group_migration_policies;
mod half_closed;
mod idempotence;
mod initial_rebalance;
mod internal_topics;
mod join_group;
mod join_group_errors;
mod leader_epochs;
mod leadership;
mod leave_group;
mod limits;
mod list_config_resources;
mod list_groups;
mod listeners;
mod log_dirs;
mod members;
mod metadata;
mod moved_coordinators;
mod mutation_quotas;
mod new_topics;
mod odd_requests;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offsets;
mod offsets_of_classic_members;
mod offsets_of_consumer_members;
mod offsets_of_streams_members;
mod offsets_topic;
mod orders;
mod produce;
mod producers_of_replicas;
mod quota_entities;
mod raft_voters;
mod read_committed;
mod reassignments;
mod reassignments_stopped;
mod reassignments_under_way;
mod rebalance;
mod replica_log_dirs;
mod sasl_bearer;
mod sasl_handshake;
mod sasl_plain;
mod sasl_scram;
mod sasl_sessions;
mod scram_credentials;
mod share_acknowledge;
mod share_beginnings;
mod share_cluster;
mod share_compaction;
mod share_dead_letters;
mod share_fetch;
mod share_group_describe;
mod share_group_heartbeat;
mod share_group_records;
mod share_offsets;
mod share_sessions;
mod share_state;
mod share_stumbles;
mod share_tidying;
mod share_waits;
mod state_record_size;
mod static_membership;
mod stopped_nodes;
mod streams_group_configs;
mod streams_group_errors;
mod streams_group_heartbeat;
mod streams_group_kinds;
mod streams_group_nodes;
mod streams_group_records;
mod streams_group_tasks;
mod streams_group_timeouts;
mod streams_group_topics;
mod streams_group_topologies;
mod sync_group;
mod tls_configs;
mod tls_handshakes;
mod transaction_admin;
mod transaction_log;
mod transaction_timeouts;
mod transactional_ids;
mod transactional_produce;
mod transactions_ending;
mod txn_offset_commit;
mod txn_offset_commit_members;
mod unregister;
mod update_features;
mod write_txn_markers;

const AREAS: &[fn() -> Area] = &[
    acls::area,
    add_offsets_to_txn::area,
    add_partitions_to_txn::area,
    alter_client_quotas::area,
    alter_configs::area,
    api_versions::area,
    authorization::area,
    batch_validation::area,
    broker_configs::area,
    client_quotas::area,
    compressed_batches::area,
    consumer_group_assignors::area,
    consumer_group_classic::area,
    consumer_group_configs::area,
    consumer_group_describe::area,
    consumer_group_epochs::area,
    consumer_group_errors::area,
    consumer_group_heartbeat::area,
    consumer_group_join::area,
    consumer_group_racks::area,
    consumer_group_records::area,
    consumer_group_regex::area,
    consumer_group_sessions::area,
    consumer_group_static::area,
    consumer_group_timeouts::area,
    consumer_group_topics::area,
    coordinators::area,
    create_partitions::area,
    create_topics::area,
    create_topics_configs::area,
    delegation_tokens::area,
    delete_groups::area,
    delete_topics::area,
    describe_client_quotas::area,
    describe_cluster::area,
    describe_configs::area,
    describe_groups::area,
    describe_quorum::area,
    describe_topic_partitions::area,
    elect_leaders::area,
    end_txn::area,
    exhausted_epochs::area,
    feature_levels::area,
    fetch::area,
    fetch_sessions::area,
    find_coordinator::area,
    first_protocol::area,
    forgotten_producers::area,
    framing::area,
    group_heartbeat::area,
    group_limits::area,
    group_migration::area,
    group_migration_policies::area,
    half_closed::area,
    idempotence::area,
    initial_rebalance::area,
    internal_topics::area,
    join_group::area,
    join_group_errors::area,
    leader_epochs::area,
    leadership::area,
    leave_group::area,
    limits::area,
    list_config_resources::area,
    list_groups::area,
    listeners::area,
    log_dirs::area,
    metadata::area,
    moved_coordinators::area,
    mutation_quotas::area,
    new_topics::area,
    odd_requests::area,
    offset_commit::area,
    offset_delete::area,
    offset_fetch::area,
    offsets::area,
    offsets_of_classic_members::area,
    offsets_of_consumer_members::area,
    offsets_of_streams_members::area,
    offsets_topic::area,
    orders::admin,
    orders::groups,
    orders::topics,
    orders::transactions,
    produce::area,
    producers_of_replicas::area,
    quota_entities::area,
    raft_voters::area,
    read_committed::area,
    reassignments::area,
    reassignments_stopped::area,
    reassignments_under_way::area,
    rebalance::area,
    replica_log_dirs::area,
    sasl_bearer::area,
    sasl_handshake::area,
    sasl_plain::area,
    sasl_scram::area,
    sasl_sessions::area,
    scram_credentials::area,
    share_acknowledge::area,
    share_beginnings::area,
    share_cluster::area,
    share_compaction::area,
    share_dead_letters::area,
    share_fetch::area,
    share_group_describe::area,
    share_group_heartbeat::area,
    share_group_records::area,
    share_offsets::area,
    share_sessions::area,
    share_state::area,
    share_stumbles::area,
    share_tidying::area,
    share_waits::area,
    state_record_size::area,
    static_membership::area,
    stopped_nodes::area,
    streams_group_configs::area,
    streams_group_errors::area,
    streams_group_heartbeat::area,
    streams_group_kinds::area,
    streams_group_nodes::area,
    streams_group_records::area,
    streams_group_tasks::area,
    streams_group_timeouts::area,
    streams_group_topics::area,
    streams_group_topologies::area,
    sync_group::area,
    tls_configs::area,
    tls_handshakes::area,
    transaction_admin::area,
    transaction_log::area,
    transaction_timeouts::area,
    transactional_ids::area,
    transactional_produce::area,
    transactions_ending::area,
    txn_offset_commit::area,
    txn_offset_commit_members::area,
    unregister::area,
    update_features::area,
    write_txn_markers::area,
];

/// Every case of the suite.
#[must_use]
pub fn all() -> Vec<Case> {
    AREAS.iter().flat_map(|area| area().into_cases()).collect()
}
