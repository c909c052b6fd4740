//! OffsetCommit v10 and OffsetFetch v10: topics by id instead of by name.

use kafka_protocol::messages::{GroupId, TopicName};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::structs::{message, structs};

structs! {
    struct OffsetCommitRequest {
        group_id: GroupId = GroupId::default(), 2..=10;
        generation_id_or_member_epoch: i32 = -1, 2..=10;
        member_id: StrBytes = StrBytes::new(), 2..=10;
        group_instance_id: Option<StrBytes> = None, 7..=10;
        retention_time_ms: i64 = -1, 2..=4;
        topics: Vec<OffsetCommitRequestTopic> = Vec::new(), 2..=10;
    }

    struct OffsetCommitRequestTopic {
        name: TopicName = TopicName::default(), 2..=9;
        topic_id: Uuid = Uuid::nil(), 10..=10;
        partitions: Vec<OffsetCommitRequestPartition> = Vec::new(), 2..=10;
    }

    struct OffsetCommitRequestPartition {
        partition_index: i32 = 0, 2..=10;
        committed_offset: i64 = 0, 2..=10;
        committed_leader_epoch: i32 = -1, 6..=10;
        committed_metadata: Option<StrBytes> = Some(StrBytes::new()), 2..=10;
    }

    // Up to v7 one group and its topics; since v8 a list of groups.
    struct OffsetFetchRequest {
        group_id: GroupId = GroupId::default(), 1..=7;
        topics: Option<Vec<OffsetFetchRequestTopic>> = Some(Vec::new()), 1..=7;
        groups: Vec<OffsetFetchRequestGroup> = Vec::new(), 8..=10;
        require_stable: bool = false, 7..=10;
    }

    struct OffsetFetchRequestTopic {
        name: TopicName = TopicName::default(), 1..=7;
        partition_indexes: Vec<i32> = Vec::new(), 1..=7;
    }

    struct OffsetFetchRequestGroup {
        group_id: GroupId = GroupId::default(), 8..=10;
        member_id: Option<StrBytes> = None, 9..=10;
        member_epoch: i32 = -1, 9..=10;
        topics: Option<Vec<OffsetFetchRequestTopics>> = Some(Vec::new()), 8..=10;
    }

    struct OffsetFetchRequestTopics {
        name: TopicName = TopicName::default(), 8..=9;
        topic_id: Uuid = Uuid::nil(), 10..=10;
        partition_indexes: Vec<i32> = Vec::new(), 8..=10;
    }
}
message!(OffsetCommitRequest, 2..=10, flexible from 8);
message!(OffsetFetchRequest, 1..=10, flexible from 6);
