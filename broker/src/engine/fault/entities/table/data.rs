//! Topics, partitions and their records.

use super::Apply::{Rest, RestOrNone, Whole};
use super::Fill::{Int, NullFor, Request};
use super::Kind::{Partition, Topic, TopicId, TransactionalId};
use super::{Entities, Key, Level, Texts, asked, key, level, place, row, same, tree};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

const NAME_OR_ID: &[Key] = &[same("Name", Topic), same("TopicId", TopicId)];
const BY_NAME: &[Key] = &[same("Name", Topic)];
const INDEX: &[Key] = &[same("PartitionIndex", Partition)];

/// What every leader answers for a partition that it does not lead, or not in that epoch.
macro_rules! leader {
    ($($more:ident),* $(,)?) => {
        &[
            E::UnknownTopicOrPartition,
            E::NotLeaderOrFollower,
            E::LeaderNotAvailable,
            E::TopicAuthorizationFailed,
            E::KafkaStorageError,
            E::UnknownTopicId,
            $(E::$more),*
        ]
    };
}

const PRODUCE: Entities = row(
    Api::Produce,
    &[asked("TransactionalId", TransactionalId)],
    &[tree(
        &[
            level("TopicData", "Responses", NAME_OR_ID),
            level(
                "PartitionData",
                "PartitionResponses",
                &[same("Index", Partition)],
            ),
        ],
        &[place(2, PRODUCED).fill(&[("BaseOffset", Int(-1))])],
    )],
    Rest,
);

const PRODUCED: &[E] = leader![
    CorruptMessage,
    RequestTimedOut,
    MessageTooLarge,
    RecordListTooLarge,
    InvalidTopicException,
    NotEnoughReplicas,
    NotEnoughReplicasAfterAppend,
    InvalidRequiredAcks,
    InvalidTimestamp,
    InvalidRecord,
    InvalidRequest,
    UnsupportedForMessageFormat,
    UnsupportedCompressionType,
    PolicyViolation,
    ClusterAuthorizationFailed,
    TransactionalIdAuthorizationFailed,
    OutOfOrderSequenceNumber,
    DuplicateSequenceNumber,
    InvalidProducerEpoch,
    ProducerFenced,
    UnknownProducerId,
    InvalidProducerIdMapping,
    InvalidTxnState,
    ConcurrentTransactions,
    CoordinatorLoadInProgress,
    CoordinatorNotAvailable,
    NotCoordinator,
    NetworkException,
    TransactionAbortable,
    InconsistentTopicId,
    UnsupportedVersion,
];

const FETCH: Entities = row(
    Api::Fetch,
    &[],
    &[tree(
        &[
            level(
                "Topics",
                "Responses",
                &[same("Topic", Topic), same("TopicId", TopicId)],
            ),
            level(
                "Partitions",
                "Partitions",
                &[key("Partition", "PartitionIndex", Partition)],
            ),
        ],
        &[
            place(
                0,
                &[
                    E::InconsistentClusterId,
                    E::InvalidRequest,
                    E::ThrottlingQuotaExceeded,
                ],
            )
            .fill(&[("SessionId", Request("SessionId"))])
            .with_rows(2, ROWS_BESIDE_ERROR_UNTIL),
            place(
                0,
                &[
                    E::FetchSessionIdNotFound,
                    E::InvalidFetchSessionEpoch,
                    E::FetchSessionTopicIdError,
                ],
            ),
            place(
                2,
                leader![
                    OffsetOutOfRange,
                    CorruptMessage,
                    ReplicaNotAvailable,
                    FencedLeaderEpoch,
                    UnknownLeaderEpoch,
                    OffsetNotAvailable,
                    OffsetMovedToTieredStorage,
                    UnsupportedCompressionType,
                    InconsistentTopicId,
                    InvalidTopicException,
                    UnsupportedVersion,
                ],
            )
            .fill(&[
                ("HighWatermark", Int(-1)),
                ("AbortedTransactions", NullFor(READ)),
            ]),
        ],
    )],
    Whole,
);

/// Since this version a Fetch that fails as a whole has no rows.
const ROWS_BESIDE_ERROR_UNTIL: i16 = 12;

/// What reading the log itself comes to; the answer's row has another origin then.
const READ: &[E] = &[
    E::OffsetOutOfRange,
    E::NotLeaderOrFollower,
    E::FencedLeaderEpoch,
    E::UnknownLeaderEpoch,
    E::ReplicaNotAvailable,
    E::KafkaStorageError,
    E::OffsetNotAvailable,
    E::InconsistentTopicId,
    E::CorruptMessage,
];

const LIST_OFFSETS: Entities = row(
    Api::ListOffsets,
    &[],
    &[tree(
        BY_PARTITION,
        &[place(
            2,
            leader![
                InvalidRequest,
                UnsupportedForMessageFormat,
                UnsupportedVersion,
                OffsetNotAvailable,
                FencedLeaderEpoch,
                UnknownLeaderEpoch,
                ReplicaNotAvailable,
                RequestTimedOut,
                InvalidTopicException,
            ],
        )],
    )],
    Whole,
);

const BY_PARTITION: &[Level] = &[
    level("Topics", "Topics", BY_NAME),
    level("Partitions", "Partitions", INDEX),
];

const METADATA: Entities = row(
    Api::Metadata,
    &[],
    &[tree(
        &[
            level("Topics", "Topics", NAME_OR_ID),
            level("", "Partitions", INDEX),
        ],
        &[
            place(0, &[E::RebootstrapRequired, E::ClusterAuthorizationFailed])
                .with_rows(1, i16::MAX),
            place(
                1,
                &[
                    E::UnknownTopicOrPartition,
                    E::UnknownTopicId,
                    E::LeaderNotAvailable,
                    E::InvalidTopicException,
                    E::TopicAuthorizationFailed,
                    E::InvalidReplicationFactor,
                    E::InvalidPartitions,
                    E::InvalidRequest,
                    E::InconsistentTopicId,
                ],
            ),
            place(
                2,
                &[
                    E::LeaderNotAvailable,
                    E::ListenerNotFound,
                    E::ReplicaNotAvailable,
                    E::BrokerNotAvailable,
                    E::NotLeaderOrFollower,
                    E::KafkaStorageError,
                ],
            )
            .fill(&[("LeaderId", Int(-1))]),
        ],
    )],
    RestOrNone,
);

const DELETE_RECORDS: Entities = row(
    Api::DeleteRecords,
    &[],
    &[tree(
        BY_PARTITION,
        &[place(
            2,
            leader![
                OffsetOutOfRange,
                PolicyViolation,
                RequestTimedOut,
                InvalidTopicException,
                NotEnoughReplicas,
            ],
        )
        .fill(&[("LowWatermark", Int(-1))])],
    )],
    Rest,
);

const OFFSET_FOR_LEADER_EPOCH: Entities = row(
    Api::OffsetForLeaderEpoch,
    &[],
    &[tree(
        &[
            level("Topics", "Topics", &[same("Topic", Topic)]),
            level("Partitions", "Partitions", &[same("Partition", Partition)]),
        ],
        &[place(
            2,
            leader![
                FencedLeaderEpoch,
                UnknownLeaderEpoch,
                ReplicaNotAvailable,
                OffsetNotAvailable,
            ],
        )],
    )],
    Whole,
);

const DESCRIBE_PRODUCERS: Entities = row(
    Api::DescribeProducers,
    &[],
    &[tree(
        &[
            level("Topics", "Topics", BY_NAME),
            level(
                "PartitionIndexes",
                "Partitions",
                &[key("", "PartitionIndex", Partition)],
            ),
        ],
        &[place(2, leader![InvalidTopicException, InvalidRequest])
            .texts(Texts::Of(&[E::UnknownTopicOrPartition]))],
    )],
    Whole,
);

const DESCRIBE_TOPIC_PARTITIONS: Entities = row(
    Api::DescribeTopicPartitions,
    &[],
    &[tree(
        &[
            level("Topics", "Topics", BY_NAME),
            level("", "Partitions", INDEX),
        ],
        &[
            place(
                1,
                &[
                    E::UnknownTopicOrPartition,
                    E::InvalidTopicException,
                    E::TopicAuthorizationFailed,
                    E::InvalidRequest,
                ],
            ),
            place(
                2,
                &[
                    E::LeaderNotAvailable,
                    E::ListenerNotFound,
                    E::ReplicaNotAvailable,
                ],
            )
            .fill(&[("LeaderId", Int(-1))]),
        ],
    )],
    Whole,
);

pub(super) const ROWS: &[Entities] = &[
    PRODUCE,
    FETCH,
    LIST_OFFSETS,
    METADATA,
    DELETE_RECORDS,
    OFFSET_FOR_LEADER_EPOCH,
    DESCRIBE_PRODUCERS,
    DESCRIBE_TOPIC_PARTITIONS,
];
