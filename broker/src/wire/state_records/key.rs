//! The keys. Their schema version tells which kind of record it is.

use bytes::Bytes;

use super::StateRecord;
use super::reader::{Reader, Unreadable};
use super::writer::Writer;

/// What a record of `__consumer_offsets` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StateKey<'a> {
    OffsetCommit {
        group: &'a str,
        topic: &'a str,
        partition: i32,
    },
    GroupMetadata {
        group: &'a str,
    },
    ConsumerGroupMetadata {
        group: &'a str,
    },
    /// Not written since Kafka 4.1; still taken back (KIP-1101).
    ConsumerGroupPartitionMetadata {
        group: &'a str,
    },
    ConsumerGroupMemberMetadata {
        group: &'a str,
        member: &'a str,
    },
    ConsumerGroupTargetAssignmentMetadata {
        group: &'a str,
    },
    ConsumerGroupTargetAssignmentMember {
        group: &'a str,
        member: &'a str,
    },
    ConsumerGroupCurrentMemberAssignment {
        group: &'a str,
        member: &'a str,
    },
    ConsumerGroupRegularExpression {
        group: &'a str,
        expression: &'a str,
    },
    ShareGroupMemberMetadata {
        group: &'a str,
        member: &'a str,
    },
    ShareGroupMetadata {
        group: &'a str,
    },
    ShareGroupTargetAssignmentMetadata {
        group: &'a str,
    },
    ShareGroupTargetAssignmentMember {
        group: &'a str,
        member: &'a str,
    },
    ShareGroupCurrentMemberAssignment {
        group: &'a str,
        member: &'a str,
    },
    ShareGroupStatePartitionMetadata {
        group: &'a str,
    },
    StreamsGroupMetadata {
        group: &'a str,
    },
    StreamsGroupMemberMetadata {
        group: &'a str,
        member: &'a str,
    },
    StreamsGroupTargetAssignmentMetadata {
        group: &'a str,
    },
    StreamsGroupTargetAssignmentMember {
        group: &'a str,
        member: &'a str,
    },
    StreamsGroupCurrentMemberAssignment {
        group: &'a str,
        member: &'a str,
    },
    StreamsGroupTopology {
        group: &'a str,
    },
}

impl<'a> StateKey<'a> {
    /// What a record is about; nothing that is kept here if a later Kafka wrote it.
    pub(crate) fn read(key: &'a [u8]) -> Result<Option<Self>, Unreadable> {
        let (kind, mut from) = Reader::begin(key)?;
        let group = if matches!(kind, 1..=8 | 10..=17 | 19..=23) {
            from.string()?
        } else {
            return Ok(None);
        };
        Ok(Some(match kind {
            1 => Self::OffsetCommit {
                group,
                topic: from.string()?,
                partition: from.int32()?,
            },
            2 => Self::GroupMetadata { group },
            3 => Self::ConsumerGroupMetadata { group },
            4 => Self::ConsumerGroupPartitionMetadata { group },
            5 => Self::ConsumerGroupMemberMetadata {
                group,
                member: from.string()?,
            },
            6 => Self::ConsumerGroupTargetAssignmentMetadata { group },
            7 => Self::ConsumerGroupTargetAssignmentMember {
                group,
                member: from.string()?,
            },
            8 => Self::ConsumerGroupCurrentMemberAssignment {
                group,
                member: from.string()?,
            },
            10 => Self::ShareGroupMemberMetadata {
                group,
                member: from.string()?,
            },
            11 => Self::ShareGroupMetadata { group },
            12 => Self::ShareGroupTargetAssignmentMetadata { group },
            13 => Self::ShareGroupTargetAssignmentMember {
                group,
                member: from.string()?,
            },
            14 => Self::ShareGroupCurrentMemberAssignment {
                group,
                member: from.string()?,
            },
            15 => Self::ShareGroupStatePartitionMetadata { group },
            16 => Self::ConsumerGroupRegularExpression {
                group,
                expression: from.string()?,
            },
            17 => Self::StreamsGroupMetadata { group },
            19 => Self::StreamsGroupMemberMetadata {
                group,
                member: from.string()?,
            },
            20 => Self::StreamsGroupTargetAssignmentMetadata { group },
            21 => Self::StreamsGroupTargetAssignmentMember {
                group,
                member: from.string()?,
            },
            22 => Self::StreamsGroupCurrentMemberAssignment {
                group,
                member: from.string()?,
            },
            _ => Self::StreamsGroupTopology { group },
        }))
    }
}

impl StateKey<'_> {
    /// The record that takes back what the key stands for.
    pub(crate) fn tombstone(self) -> StateRecord {
        StateRecord {
            key: self.to_bytes(),
            value: None,
        }
    }

    pub(crate) fn with(self, value: Bytes) -> StateRecord {
        StateRecord {
            key: self.to_bytes(),
            value: Some(value),
        }
    }

    const fn kind(self) -> i16 {
        match self {
            Self::OffsetCommit { .. } => 1,
            Self::GroupMetadata { .. } => 2,
            Self::ConsumerGroupMetadata { .. } => 3,
            Self::ConsumerGroupPartitionMetadata { .. } => 4,
            Self::ConsumerGroupMemberMetadata { .. } => 5,
            Self::ConsumerGroupTargetAssignmentMetadata { .. } => 6,
            Self::ConsumerGroupTargetAssignmentMember { .. } => 7,
            Self::ConsumerGroupCurrentMemberAssignment { .. } => 8,
            Self::ShareGroupMemberMetadata { .. } => 10,
            Self::ShareGroupMetadata { .. } => 11,
            Self::ShareGroupTargetAssignmentMetadata { .. } => 12,
            Self::ShareGroupTargetAssignmentMember { .. } => 13,
            Self::ShareGroupCurrentMemberAssignment { .. } => 14,
            Self::ShareGroupStatePartitionMetadata { .. } => 15,
            Self::ConsumerGroupRegularExpression { .. } => 16,
            Self::StreamsGroupMetadata { .. } => 17,
            Self::StreamsGroupMemberMetadata { .. } => 19,
            Self::StreamsGroupTargetAssignmentMetadata { .. } => 20,
            Self::StreamsGroupTargetAssignmentMember { .. } => 21,
            Self::StreamsGroupCurrentMemberAssignment { .. } => 22,
            Self::StreamsGroupTopology { .. } => 23,
        }
    }

    fn to_bytes(self) -> Bytes {
        let mut to = Writer::plain(self.kind());
        match self {
            Self::OffsetCommit {
                group,
                topic,
                partition,
            } => to.string(group).string(topic).int32(partition),
            Self::GroupMetadata { group }
            | Self::ConsumerGroupMetadata { group }
            | Self::ConsumerGroupPartitionMetadata { group }
            | Self::ConsumerGroupTargetAssignmentMetadata { group }
            | Self::ShareGroupMetadata { group }
            | Self::ShareGroupTargetAssignmentMetadata { group }
            | Self::ShareGroupStatePartitionMetadata { group }
            | Self::StreamsGroupMetadata { group }
            | Self::StreamsGroupTargetAssignmentMetadata { group }
            | Self::StreamsGroupTopology { group } => to.string(group),
            Self::ConsumerGroupMemberMetadata { group, member }
            | Self::ConsumerGroupTargetAssignmentMember { group, member }
            | Self::ConsumerGroupCurrentMemberAssignment { group, member }
            | Self::ShareGroupMemberMetadata { group, member }
            | Self::ShareGroupTargetAssignmentMember { group, member }
            | Self::ShareGroupCurrentMemberAssignment { group, member }
            | Self::StreamsGroupMemberMetadata { group, member }
            | Self::StreamsGroupTargetAssignmentMember { group, member }
            | Self::StreamsGroupCurrentMemberAssignment { group, member } => {
                to.string(group).string(member)
            }
            Self::ConsumerGroupRegularExpression { group, expression } => {
                to.string(group).string(expression)
            }
        };
        to.finish()
    }
}
