//! The Fetch response, into which records go by reference.

use kafka_protocol::messages::{BrokerId, ProducerId, TopicName};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::structs::{message, structs};
use crate::wire::rope::Rope;

structs! {
    struct FetchResponse {
        throttle_time_ms: i32 = 0, 4..=18;
        error_code: i16 = 0, 7..=18;
        session_id: i32 = 0, 7..=18;
        responses: Vec<FetchableTopicResponse> = Vec::new(), 4..=18;
        node_endpoints: Vec<NodeEndpoint> = Vec::new(), 16..=18, tag 0;
    }

    struct FetchableTopicResponse {
        topic: TopicName = TopicName::default(), 4..=12;
        topic_id: Uuid = Uuid::nil(), 13..=18;
        partitions: Vec<PartitionData> = Vec::new(), 4..=18;
    }

    struct PartitionData {
        partition_index: i32 = 0, 4..=18;
        error_code: i16 = 0, 4..=18;
        high_watermark: i64 = 0, 4..=18;
        last_stable_offset: i64 = -1, 4..=18;
        log_start_offset: i64 = -1, 5..=18;
        aborted_transactions: Option<Vec<AbortedTransaction>> = None, 4..=18;
        preferred_read_replica: BrokerId = BrokerId(-1), 11..=18;
        records: Option<Rope> = Some(Rope::default()), 4..=18;
        diverging_epoch: EpochEndOffset = EpochEndOffset::default(), 12..=18, tag 0;
        current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch::default(), 12..=18, tag 1;
        snapshot_id: SnapshotId = SnapshotId::default(), 12..=18, tag 2;
    }

    struct AbortedTransaction {
        producer_id: ProducerId = ProducerId(0), 4..=18;
        first_offset: i64 = 0, 4..=18;
    }

    struct EpochEndOffset {
        epoch: i32 = -1, 12..=18;
        end_offset: i64 = -1, 12..=18;
    }

    struct LeaderIdAndEpoch {
        leader_id: BrokerId = BrokerId(-1), 12..=18;
        leader_epoch: i32 = -1, 12..=18;
    }

    struct SnapshotId {
        end_offset: i64 = -1, 4..=18;
        epoch: i32 = -1, 4..=18;
    }

    struct NodeEndpoint {
        node_id: BrokerId = BrokerId(0), 16..=18;
        host: StrBytes = StrBytes::new(), 16..=18;
        port: i32 = 0, 16..=18;
        rack: Option<StrBytes> = None, 16..=18;
    }
}
message!(FetchResponse, 4..=18, flexible from 12);

#[cfg(test)]
mod tests;
