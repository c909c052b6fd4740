//! Producers and transactions.

use super::Apply::{Rest, Whole};
use super::Fill::Int;
use super::Kind::{Group, Member, Other, Partition, Topic, TopicId, TransactionalId};
use super::{Entities, Level, asked, key, level, place, row, same, tree, whole};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

/// What every coordinator of transactions answers.
macro_rules! coordinator {
    ($($more:ident),* $(,)?) => {
        &[
            E::CoordinatorNotAvailable,
            E::CoordinatorLoadInProgress,
            E::NotCoordinator,
            E::TransactionalIdAuthorizationFailed,
            E::InvalidProducerIdMapping,
            E::InvalidProducerEpoch,
            E::ProducerFenced,
            E::InvalidTxnState,
            E::ConcurrentTransactions,
            E::TransactionAbortable,
            E::TransactionCoordinatorFenced,
            E::InvalidRequest,
            E::RequestTimedOut,
            E::UnsupportedVersion,
            $(E::$more),*
        ]
    };
}

const INIT_PRODUCER_ID: Entities = row(
    Api::InitProducerId,
    &[asked("TransactionalId", TransactionalId)],
    &[whole(&[place(
        0,
        coordinator![
            ClusterAuthorizationFailed,
            InvalidTransactionTimeout,
            TransactionalIdNotFound,
            UnknownProducerId,
        ],
    )
    .fill(&[("ProducerEpoch", Int(-1))])])],
    Rest,
);

const ADDED: &[E] = coordinator![
    UnknownTopicOrPartition,
    TopicAuthorizationFailed,
    OperationNotAttempted,
    UnknownProducerId,
];

const ADDED_TOPICS: Level = level("Topics", "TopicResults", &[same("Name", Topic)]);
const OLD_ADDED_TOPICS: Level = level(
    "V3AndBelowTopics",
    "ResultsByTopicV3AndBelow",
    &[same("Name", Topic)],
);
const ADDED_PARTITIONS: Level = level(
    "Partitions",
    "ResultsByPartition",
    &[key("", "PartitionIndex", Partition)],
);

const ADD_PARTITIONS_TO_TXN: Entities = row(
    Api::AddPartitionsToTxn,
    &[asked("V3AndBelowTransactionalId", TransactionalId)],
    &[
        tree(
            &[
                level(
                    "Transactions",
                    "ResultsByTransaction",
                    &[same("TransactionalId", TransactionalId)],
                ),
                ADDED_TOPICS,
                ADDED_PARTITIONS,
            ],
            &[
                place(0, &[E::ClusterAuthorizationFailed, E::InvalidRequest]),
                place(3, ADDED).field("PartitionErrorCode"),
            ],
        ),
        tree(
            &[OLD_ADDED_TOPICS, ADDED_PARTITIONS],
            &[place(2, ADDED).field("PartitionErrorCode")],
        ),
    ],
    Rest,
);

const ADD_OFFSETS_TO_TXN: Entities = row(
    Api::AddOffsetsToTxn,
    &[
        asked("TransactionalId", TransactionalId),
        asked("GroupId", Group),
    ],
    &[whole(&[place(
        0,
        coordinator![GroupAuthorizationFailed, InvalidGroupId, UnknownProducerId],
    )])],
    Rest,
);

const END_TXN: Entities = row(
    Api::EndTxn,
    &[asked("TransactionalId", TransactionalId)],
    &[whole(&[place(0, coordinator![UnknownProducerId])])],
    Rest,
);

const WRITE_TXN_MARKERS: Entities = row(
    Api::WriteTxnMarkers,
    &[],
    &[tree(
        &[
            level("Markers", "Markers", &[same("ProducerId", Other)]),
            level("Topics", "Topics", &[same("Name", Topic)]),
            level(
                "PartitionIndexes",
                "Partitions",
                &[key("", "PartitionIndex", Partition)],
            ),
        ],
        &[place(
            3,
            &[
                E::CorruptMessage,
                E::UnknownTopicOrPartition,
                E::NotLeaderOrFollower,
                E::MessageTooLarge,
                E::RecordListTooLarge,
                E::NotEnoughReplicas,
                E::NotEnoughReplicasAfterAppend,
                E::InvalidRequiredAcks,
                E::InvalidProducerEpoch,
                E::TransactionCoordinatorFenced,
                E::ClusterAuthorizationFailed,
                E::RequestTimedOut,
                E::KafkaStorageError,
                E::UnsupportedForMessageFormat,
                E::BrokerNotAvailable,
                E::ReplicaNotAvailable,
                E::CoordinatorLoadInProgress,
                E::CoordinatorNotAvailable,
                E::NotCoordinator,
            ],
        )],
    )],
    Rest,
);

const TXN_OFFSET_COMMIT: Entities = row(
    Api::TxnOffsetCommit,
    &[
        asked("TransactionalId", TransactionalId),
        asked("GroupId", Group),
        asked("MemberId", Member),
        asked("GroupInstanceId", Member),
    ],
    &[tree(
        &[
            level(
                "Topics",
                "Topics",
                &[same("Name", Topic), same("TopicId", TopicId)],
            ),
            level(
                "Partitions",
                "Partitions",
                &[same("PartitionIndex", Partition)],
            ),
        ],
        &[place(
            2,
            coordinator![
                InvalidGroupId,
                GroupAuthorizationFailed,
                UnknownMemberId,
                IllegalGeneration,
                FencedInstanceId,
                StaleMemberEpoch,
                FencedMemberEpoch,
                GroupIdNotFound,
                RebalanceInProgress,
                OffsetMetadataTooLarge,
                InvalidCommitOffsetSize,
                UnknownTopicOrPartition,
                UnknownTopicId,
                TopicAuthorizationFailed,
                UnsupportedForMessageFormat,
            ],
        )],
    )],
    Rest,
);

const DESCRIBE_TRANSACTIONS: Entities = row(
    Api::DescribeTransactions,
    &[],
    &[tree(
        &[level(
            "TransactionalIds",
            "TransactionStates",
            &[key("", "TransactionalId", TransactionalId)],
        )],
        &[place(1, coordinator![TransactionalIdNotFound])],
    )],
    Whole,
);

const LIST_TRANSACTIONS: Entities = row(
    Api::ListTransactions,
    &[],
    &[whole(&[place(
        0,
        &[
            E::CoordinatorNotAvailable,
            E::CoordinatorLoadInProgress,
            E::NotCoordinator,
            E::InvalidRegularExpression,
            E::ClusterAuthorizationFailed,
        ],
    )])],
    Whole,
);

pub(super) const ROWS: &[Entities] = &[
    INIT_PRODUCER_ID,
    ADD_PARTITIONS_TO_TXN,
    ADD_OFFSETS_TO_TXN,
    END_TXN,
    WRITE_TXN_MARKERS,
    TXN_OFFSET_COMMIT,
    DESCRIBE_TRANSACTIONS,
    LIST_TRANSACTIONS,
];
