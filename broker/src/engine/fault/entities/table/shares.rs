//! Share groups, their records and the states of share partitions.

use super::Apply::{Rest, Whole};
use super::Fill::IntFor;
use super::Kind::{Group, Member, Partition, Topic, TopicId};
use super::{Entities, Key, asked, key, level, place, row, same, tree, whole};
use crate::engine::fault::entities::{ErrorField, Level, Texts, Tree};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

const BY_ID: &[Key] = &[same("TopicId", TopicId)];
const BY_NAME: &[Key] = &[same("TopicName", Topic)];
const INDEX: &[Key] = &[same("PartitionIndex", Partition)];
const NUMBER: &[Key] = &[same("Partition", Partition)];
const SPEAKER: &[Key] = &[asked("GroupId", Group), asked("MemberId", Member)];
const OF_GROUP: &[Key] = &[asked("GroupId", Group)];

/// What every coordinator of share groups answers.
macro_rules! coordinator {
    ($($more:ident),* $(,)?) => {
        &[
            E::CoordinatorNotAvailable,
            E::CoordinatorLoadInProgress,
            E::NotCoordinator,
            E::InvalidGroupId,
            E::GroupAuthorizationFailed,
            E::UnsupportedVersion,
            $(E::$more),*
        ]
    };
}

const HEARTBEAT: Entities = row(
    Api::ShareGroupHeartbeat,
    SPEAKER,
    &[whole(&[place(
        0,
        coordinator![
            InvalidRequest,
            UnknownMemberId,
            FencedMemberEpoch,
            GroupMaxSizeReached,
            TopicAuthorizationFailed,
            GroupIdNotFound,
            RequestTimedOut,
        ],
    )])],
    Rest,
);

const DESCRIBE: Entities = row(
    Api::ShareGroupDescribe,
    &[],
    &[tree(
        &[level("GroupIds", "Groups", &[key("", "GroupId", Group)])],
        &[place(
            1,
            coordinator![InvalidRequest, GroupIdNotFound, TopicAuthorizationFailed],
        )
        .texts(Texts::Of(&[E::NotCoordinator]))],
    )],
    Whole,
);

/// What happens to a session as a whole.
const SESSION: &[E] = &[
    E::InvalidRequest,
    E::GroupAuthorizationFailed,
    E::UnsupportedVersion,
    E::ShareSessionNotFound,
    E::InvalidShareSessionEpoch,
    E::ShareSessionLimitReached,
];

/// What happens to a share partition.
const SHARED: &[E] = &[
    E::InvalidRequest,
    E::NotLeaderOrFollower,
    E::UnknownTopicOrPartition,
    E::UnknownTopicId,
    E::TopicAuthorizationFailed,
    E::GroupIdNotFound,
    E::FencedStateEpoch,
    E::FencedLeaderEpoch,
    E::KafkaStorageError,
    E::OffsetNotAvailable,
    E::CoordinatorNotAvailable,
    E::CoordinatorLoadInProgress,
    E::NotCoordinator,
];

const ACKNOWLEDGED: &[E] = &[
    E::InvalidRequest,
    E::InvalidRecordState,
    E::NotLeaderOrFollower,
    E::UnknownTopicOrPartition,
    E::UnknownTopicId,
    E::TopicAuthorizationFailed,
    E::GroupIdNotFound,
    E::FencedStateEpoch,
    E::FencedLeaderEpoch,
    E::CoordinatorNotAvailable,
    E::CoordinatorLoadInProgress,
    E::NotCoordinator,
];

/// Oracle: of acknowledgements for what is not there it says so, in these words.
const UNKNOWN_TEXT: Texts = Texts::Of(&[E::UnknownTopicOrPartition]);

const FETCH: Entities = row(
    Api::ShareFetch,
    SPEAKER,
    &[tree(
        &[
            level("Topics", "Responses", BY_ID),
            level("Partitions", "Partitions", INDEX),
        ],
        &[
            place(0, SESSION),
            place(2, SHARED),
            place(2, ACKNOWLEDGED)
                .field("AcknowledgeErrorCode")
                .texts(UNKNOWN_TEXT),
        ],
    )],
    Rest,
);

const ACKNOWLEDGE: Entities = row(
    Api::ShareAcknowledge,
    SPEAKER,
    &[tree(
        &[
            level("Topics", "Responses", BY_ID),
            level("Partitions", "Partitions", INDEX),
        ],
        &[
            place(0, SESSION),
            place(2, ACKNOWLEDGED).texts(UNKNOWN_TEXT),
        ],
    )],
    Rest,
);

/// What the coordinator of a share partition's state answers.
const STATE: &[E] = coordinator![
    InvalidRequest,
    UnknownTopicOrPartition,
    FencedStateEpoch,
    FencedLeaderEpoch,
    ClusterAuthorizationFailed,
    RequestTimedOut,
];

const STATES: &[Level] = &[
    level("Topics", "Results", BY_ID),
    level("Partitions", "Partitions", NUMBER),
];

const STATE_PLACES: &[ErrorField] = &[place(2, STATE).texts(Texts::All)];

const STATE_TREES: &[Tree] = &[tree(STATES, STATE_PLACES)];

/// The same for requests whose errors come without their usual words when all of it fails.
const SILENT_TREES: &[Tree] = &[tree(
    STATES,
    &[place(2, STATE).texts(Texts::Of(&[
        E::UnknownTopicOrPartition,
        E::FencedStateEpoch,
    ]))],
)];

const DESCRIBE_OFFSETS: Entities = row(
    Api::DescribeShareGroupOffsets,
    &[],
    &[tree(
        &[
            level("Groups", "Groups", &[same("GroupId", Group)]),
            level("Topics", "Topics", BY_NAME),
            level(
                "Partitions",
                "Partitions",
                &[key("", "PartitionIndex", Partition)],
            ),
        ],
        &[
            place(1, coordinator![GroupIdNotFound, RequestTimedOut]).texts(Texts::All),
            place(
                3,
                &[E::UnknownTopicOrPartition, E::TopicAuthorizationFailed],
            )
            .fill(&[("StartOffset", IntFor(E::TopicAuthorizationFailed, -1))])
            .texts(Texts::All),
        ],
    )],
    Rest,
);

const ALTER_OFFSETS: Entities = row(
    Api::AlterShareGroupOffsets,
    OF_GROUP,
    &[tree(
        &[
            level("Topics", "Responses", BY_NAME),
            level("Partitions", "Partitions", INDEX),
        ],
        &[
            place(
                0,
                coordinator![NonEmptyGroup, GroupIdNotFound, RequestTimedOut],
            )
            .texts(Texts::All),
            place(
                2,
                coordinator![UnknownTopicOrPartition, TopicAuthorizationFailed],
            )
            .texts(Texts::All),
        ],
    )],
    Rest,
);

const DELETE_OFFSETS: Entities = row(
    Api::DeleteShareGroupOffsets,
    OF_GROUP,
    &[tree(
        &[level("Topics", "Responses", BY_NAME)],
        &[
            place(
                0,
                coordinator![NonEmptyGroup, GroupIdNotFound, RequestTimedOut],
            )
            .texts(Texts::All),
            place(
                1,
                coordinator![UnknownTopicOrPartition, TopicAuthorizationFailed],
            )
            .texts(Texts::All),
        ],
    )],
    Rest,
);

pub(super) const ROWS: &[Entities] = &[
    HEARTBEAT,
    DESCRIBE,
    FETCH,
    ACKNOWLEDGE,
    row(Api::InitializeShareGroupState, OF_GROUP, SILENT_TREES, Rest),
    row(Api::ReadShareGroupState, OF_GROUP, STATE_TREES, Rest),
    row(Api::WriteShareGroupState, OF_GROUP, STATE_TREES, Rest),
    row(Api::DeleteShareGroupState, OF_GROUP, SILENT_TREES, Rest),
    row(Api::ReadShareGroupStateSummary, OF_GROUP, STATE_TREES, Rest),
    DESCRIBE_OFFSETS,
    ALTER_OFFSETS,
    DELETE_OFFSETS,
];
