//! The records of Kafka's state topics, `__consumer_offsets`, `__transaction_state` and `__share_group_state`: keys and values with a schema
//! version ahead of them, as Kafka's own formatters read them.
//!
//! A [`StateKey`] names a piece of state and takes it back with its tombstone; each kind of value
//! makes the record that sets it, and reads it again. Versions are those that the oracle writes.

mod consumer_group;
mod generated;
mod group_metadata;
mod key;
mod offset_commit;
mod reader;
#[cfg(test)]
mod round_trips;
mod share_group;
mod share_state;
#[cfg(test)]
mod tests;
mod transaction_log;
mod writer;

use bytes::Bytes;

pub(crate) use super::ext::generated::{
    streams_group_current_member_assignment_value::{
        self, StreamsGroupCurrentMemberAssignmentValue,
    },
    streams_group_member_metadata_value::{self, StreamsGroupMemberMetadataValue},
    streams_group_metadata_value::{self, StreamsGroupMetadataValue},
    streams_group_target_assignment_member_value::{self, StreamsGroupTargetAssignmentMemberValue},
    streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue,
    streams_group_topology_value::{self, StreamsGroupTopologyValue},
};
pub(crate) use consumer_group::{
    ClassicMemberMetadata, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataValue,
    ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataValue, CurrentTopicPartitions,
};
pub(crate) use generated::{read_value, value_bytes};
pub(crate) use group_metadata::{GroupMetadataValue, MemberMetadata};
pub(crate) use key::StateKey;
pub(crate) use offset_commit::OffsetCommitValue;
pub(crate) use reader::Unreadable;
pub(crate) use share_group::{
    ShareGroupCurrentMemberAssignmentValue, ShareGroupMemberMetadataValue, ShareGroupMetadataValue,
    ShareGroupStatePartitionMetadataValue, ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetAssignmentMetadataValue, TopicInfo, TopicPartitionsInfo,
};
pub(crate) use share_state::{
    ShareSnapshotValue, ShareStateBatch, ShareStateKey, ShareUpdateValue,
};
pub(crate) use transaction_log::{
    TransactionLogValue, TransactionPartitions, tombstone, transactional_id,
};

/// A record of a state topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateRecord {
    pub(crate) key: Bytes,
    /// None takes back what the key stood for.
    pub(crate) value: Option<Bytes>,
}
