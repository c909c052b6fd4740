//! TxnOffsetCommit v6 (topics by id, KIP-1319) and WriteTxnMarkers v2 (KIP-1228).

use kafka_protocol::messages::{GroupId, ProducerId, TopicName, TransactionalId};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::structs::{message, structs};

structs! {
    struct TxnOffsetCommitRequest {
        transactional_id: TransactionalId = TransactionalId::default(), 0..=6;
        group_id: GroupId = GroupId::default(), 0..=6;
        producer_id: ProducerId = ProducerId::default(), 0..=6;
        producer_epoch: i16 = 0, 0..=6;
        generation_id_or_member_epoch: i32 = -1, 3..=6;
        member_id: StrBytes = StrBytes::new(), 3..=6;
        group_instance_id: Option<StrBytes> = None, 3..=6;
        topics: Vec<TxnOffsetCommitRequestTopic> = Vec::new(), 0..=6;
    }

    struct TxnOffsetCommitRequestTopic {
        name: TopicName = TopicName::default(), 0..=5;
        topic_id: Uuid = Uuid::nil(), 6..=6;
        partitions: Vec<TxnOffsetCommitRequestPartition> = Vec::new(), 0..=6;
    }

    struct TxnOffsetCommitRequestPartition {
        partition_index: i32 = 0, 0..=6;
        committed_offset: i64 = 0, 0..=6;
        committed_leader_epoch: i32 = -1, 2..=6;
        committed_metadata: Option<StrBytes> = Some(StrBytes::new()), 0..=6;
    }

    struct TxnOffsetCommitResponse {
        throttle_time_ms: i32 = 0, 0..=6;
        topics: Vec<TxnOffsetCommitResponseTopic> = Vec::new(), 0..=6;
    }

    struct TxnOffsetCommitResponseTopic {
        name: TopicName = TopicName::default(), 0..=5;
        topic_id: Uuid = Uuid::nil(), 6..=6;
        partitions: Vec<TxnOffsetCommitResponsePartition> = Vec::new(), 0..=6;
    }

    struct TxnOffsetCommitResponsePartition {
        partition_index: i32 = 0, 0..=6;
        error_code: i16 = 0, 0..=6;
    }

    struct WriteTxnMarkersRequest {
        markers: Vec<WritableTxnMarker> = Vec::new(), 1..=2;
    }

    struct WritableTxnMarker {
        producer_id: ProducerId = ProducerId::default(), 1..=2;
        producer_epoch: i16 = 0, 1..=2;
        transaction_result: bool = false, 1..=2;
        topics: Vec<WritableTxnMarkerTopic> = Vec::new(), 1..=2;
        coordinator_epoch: i32 = 0, 1..=2;
        transaction_version: i8 = 0, 2..=2;
    }

    struct WritableTxnMarkerTopic {
        name: TopicName = TopicName::default(), 1..=2;
        partition_indexes: Vec<i32> = Vec::new(), 1..=2;
    }
}
message!(TxnOffsetCommitRequest, 0..=6, flexible from 3);
message!(TxnOffsetCommitResponse, 0..=6, flexible from 3);
message!(WriteTxnMarkersRequest, 1..=2, flexible from 1);
