//! DeleteGroups v3 and DescribeLogDirs v5: responses with one more field.

use kafka_protocol::messages::{GroupId, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::structs::{message, structs};

structs! {
    struct DeleteGroupsResponse {
        throttle_time_ms: i32 = 0, 0..=3;
        results: Vec<DeletableGroupResult> = Vec::new(), 0..=3;
    }

    struct DeletableGroupResult {
        group_id: GroupId = GroupId::default(), 0..=3;
        error_code: i16 = 0, 0..=3;
        error_message: Option<StrBytes> = None, 3..=3;
    }

    struct DescribeLogDirsResponse {
        throttle_time_ms: i32 = 0, 1..=5;
        error_code: i16 = 0, 3..=5;
        results: Vec<DescribeLogDirsResult> = Vec::new(), 1..=5;
    }

    struct DescribeLogDirsResult {
        error_code: i16 = 0, 1..=5;
        log_dir: StrBytes = StrBytes::new(), 1..=5;
        topics: Vec<DescribeLogDirsTopic> = Vec::new(), 1..=5;
        total_bytes: i64 = -1, 4..=5;
        usable_bytes: i64 = -1, 4..=5;
        is_cordoned: bool = false, 5..=5;
    }

    struct DescribeLogDirsTopic {
        name: TopicName = TopicName::default(), 1..=5;
        partitions: Vec<DescribeLogDirsPartition> = Vec::new(), 1..=5;
    }

    struct DescribeLogDirsPartition {
        partition_index: i32 = 0, 1..=5;
        partition_size: i64 = 0, 1..=5;
        offset_lag: i64 = 0, 1..=5;
        is_future_key: bool = false, 1..=5;
    }
}
message!(DeleteGroupsResponse, 0..=3, flexible from 2);
message!(DescribeLogDirsResponse, 1..=5, flexible from 2);
