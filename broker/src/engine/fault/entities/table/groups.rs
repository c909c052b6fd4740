//! Groups, their members and offsets.

use super::Apply::{Rest, Whole};
use super::Fill::{self, Int, NullSince, Request, TextFor};
use super::Kind::{Coordinated, Group, Member, Partition, Topic, TopicId};
use super::{Entities, Key, Texts, asked, key, level, place, row, same, tree, whole};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

const NAME_OR_ID: &[Key] = &[same("Name", Topic), same("TopicId", TopicId)];
const BY_NAME: &[Key] = &[same("Name", Topic)];
const INDEX: &[Key] = &[same("PartitionIndex", Partition)];
const PLAIN_INDEX: &[Key] = &[key("", "PartitionIndex", Partition)];

/// The group and the member that a request speaks for.
const SPEAKER: &[Key] = &[
    asked("GroupId", Group),
    asked("MemberId", Member),
    asked("GroupInstanceId", Member),
];

/// What every coordinator of groups answers.
macro_rules! coordinator {
    ($($more:ident),* $(,)?) => {
        &[
            E::CoordinatorNotAvailable,
            E::CoordinatorLoadInProgress,
            E::NotCoordinator,
            E::InvalidGroupId,
            E::GroupAuthorizationFailed,
            $(E::$more),*
        ]
    };
}

const OFFSET_COMMIT: Entities = row(
    Api::OffsetCommit,
    SPEAKER,
    &[tree(
        &[
            level("Topics", "Topics", NAME_OR_ID),
            level("Partitions", "Partitions", INDEX),
        ],
        &[place(
            2,
            coordinator![
                UnknownMemberId,
                IllegalGeneration,
                RebalanceInProgress,
                FencedInstanceId,
                StaleMemberEpoch,
                FencedMemberEpoch,
                GroupIdNotFound,
                UnsupportedVersion,
                OffsetMetadataTooLarge,
                InvalidCommitOffsetSize,
                UnknownTopicOrPartition,
                UnknownTopicId,
                TopicAuthorizationFailed,
                RequestTimedOut,
                InvalidRequest,
            ],
        )],
    )],
    Rest,
);

/// A group's answer to OffsetFetch.
const FETCHED_GROUP: &[E] = coordinator![
    GroupIdNotFound,
    UnknownMemberId,
    StaleMemberEpoch,
    FencedMemberEpoch,
    IllegalGeneration,
    UnstableOffsetCommit,
    RequestTimedOut,
    UnsupportedVersion,
];

const FETCHED_PARTITION: &[E] = &[
    E::UnknownTopicOrPartition,
    E::UnknownTopicId,
    E::TopicAuthorizationFailed,
    E::UnstableOffsetCommit,
];

/// The first version says of each partition what went wrong with the group.
const FETCHED_ALL: &[E] = coordinator![
    GroupIdNotFound,
    UnknownMemberId,
    RequestTimedOut,
    UnknownTopicOrPartition,
    TopicAuthorizationFailed,
    UnstableOffsetCommit,
];

const OFFSET_FETCH: Entities = row(
    Api::OffsetFetch,
    &[asked("GroupId", Group)],
    &[
        tree(
            &[
                level(
                    "Groups",
                    "Groups",
                    &[same("GroupId", Group), asked("MemberId", Member)],
                ),
                level("Topics", "Topics", NAME_OR_ID),
                level("PartitionIndexes", "Partitions", PLAIN_INDEX),
            ],
            &[
                place(1, FETCHED_GROUP),
                place(3, FETCHED_PARTITION).fill(&[("CommittedOffset", Int(-1))]),
            ],
        ),
        tree(
            &[
                level("Topics", "Topics", BY_NAME),
                level("PartitionIndexes", "Partitions", PLAIN_INDEX),
            ],
            &[
                place(0, FETCHED_GROUP),
                place(2, FETCHED_ALL).fill(&[("CommittedOffset", Int(-1))]),
            ],
        ),
    ],
    Whole,
);

const FOUND: &[E] = &[
    E::CoordinatorNotAvailable,
    E::CoordinatorLoadInProgress,
    E::GroupAuthorizationFailed,
    E::TransactionalIdAuthorizationFailed,
    E::InvalidGroupId,
    E::InvalidRequest,
    E::ClusterAuthorizationFailed,
    E::UnsupportedVersion,
    E::TransactionAbortable,
];

const NOWHERE: &[(&str, Fill)] = &[("NodeId", Int(-1)), ("Port", Int(-1))];

/// Of several keys the answer has texts only if all of it fails.
const NOWHERE_OF_SEVERAL: &[(&str, Fill)] = &[
    ("NodeId", Int(-1)),
    ("Port", Int(-1)),
    ("ErrorMessage", TextFor(E::CoordinatorNotAvailable, "")),
    ("ErrorMessage", TextFor(E::GroupAuthorizationFailed, "")),
    (
        "ErrorMessage",
        TextFor(E::TransactionalIdAuthorizationFailed, ""),
    ),
];

const FIND_COORDINATOR: Entities = row(
    Api::FindCoordinator,
    &[asked("Key", Coordinated)],
    &[
        tree(
            &[level(
                "CoordinatorKeys",
                "Coordinators",
                &[key("", "Key", Coordinated)],
            )],
            &[place(1, FOUND).fill(NOWHERE_OF_SEVERAL).texts(Texts::All)],
        ),
        whole(&[place(0, FOUND).fill(NOWHERE).texts(Texts::All)]),
    ],
    Rest,
);

const JOIN_GROUP: Entities = row(
    Api::JoinGroup,
    SPEAKER,
    &[whole(&[place(
        0,
        coordinator![
            InconsistentGroupProtocol,
            UnknownMemberId,
            InvalidSessionTimeout,
            RebalanceInProgress,
            MemberIdRequired,
            GroupMaxSizeReached,
            FencedInstanceId,
            IllegalGeneration,
            UnsupportedVersion,
            RequestTimedOut,
        ],
    )
    .fill(&[
        ("ProtocolName", NullSince(7)),
        ("MemberId", Request("MemberId")),
    ])])],
    Rest,
);

const HEARTBEAT: Entities = row(
    Api::Heartbeat,
    SPEAKER,
    &[whole(&[place(
        0,
        coordinator![
            IllegalGeneration,
            UnknownMemberId,
            RebalanceInProgress,
            FencedInstanceId,
            UnsupportedVersion,
        ],
    )])],
    Rest,
);

const LEFT: &[E] = coordinator![UnknownMemberId, FencedInstanceId, UnsupportedVersion];

const LEAVE_GROUP: Entities = row(
    Api::LeaveGroup,
    &[asked("GroupId", Group), asked("MemberId", Member)],
    &[
        tree(
            &[level(
                "Members",
                "Members",
                &[same("MemberId", Member), same("GroupInstanceId", Member)],
            )],
            &[
                place(0, coordinator![UnsupportedVersion]),
                place(1, &[E::UnknownMemberId, E::FencedInstanceId]),
            ],
        ),
        whole(&[place(0, LEFT)]),
    ],
    Rest,
);

const SYNC_GROUP: Entities = row(
    Api::SyncGroup,
    SPEAKER,
    &[whole(&[place(
        0,
        coordinator![
            IllegalGeneration,
            UnknownMemberId,
            RebalanceInProgress,
            InconsistentGroupProtocol,
            FencedInstanceId,
            UnsupportedVersion,
            RequestTimedOut,
        ],
    )])],
    Rest,
);

const DESCRIBE_GROUPS: Entities = row(
    Api::DescribeGroups,
    &[],
    &[tree(
        &[level("Groups", "Groups", &[key("", "GroupId", Group)])],
        &[place(1, coordinator![GroupIdNotFound])
            .fill(&[("GroupState", TextFor(E::GroupIdNotFound, "Dead"))])],
    )],
    Whole,
);

const LIST_GROUPS: Entities = row(
    Api::ListGroups,
    &[],
    &[whole(&[place(
        0,
        coordinator![ClusterAuthorizationFailed, UnsupportedVersion],
    )])],
    Whole,
);

const DELETE_GROUPS: Entities = row(
    Api::DeleteGroups,
    &[],
    &[tree(
        &[level(
            "GroupsNames",
            "Results",
            &[key("", "GroupId", Group)],
        )],
        &[place(
            1,
            coordinator![
                NonEmptyGroup,
                GroupIdNotFound,
                GroupDeletionFailed,
                RequestTimedOut
            ],
        )],
    )],
    Rest,
);

const OFFSET_DELETE: Entities = row(
    Api::OffsetDelete,
    &[asked("GroupId", Group)],
    &[tree(
        &[
            level("Topics", "Topics", BY_NAME),
            level("Partitions", "Partitions", INDEX),
        ],
        &[
            place(
                0,
                coordinator![GroupIdNotFound, NonEmptyGroup, GroupSubscribedToTopic],
            ),
            place(
                2,
                &[
                    E::UnknownTopicOrPartition,
                    E::TopicAuthorizationFailed,
                    E::GroupSubscribedToTopic,
                ],
            ),
        ],
    )],
    Rest,
);

const CONSUMER_GROUP_HEARTBEAT: Entities = row(
    Api::ConsumerGroupHeartbeat,
    &[
        asked("GroupId", Group),
        asked("MemberId", Member),
        asked("InstanceId", Member),
    ],
    &[whole(&[place(
        0,
        coordinator![
            InvalidRequest,
            UnknownMemberId,
            FencedMemberEpoch,
            UnsupportedAssignor,
            UnreleasedInstanceId,
            FencedInstanceId,
            GroupMaxSizeReached,
            InvalidRegularExpression,
            TopicAuthorizationFailed,
            GroupIdNotFound,
            UnsupportedVersion,
            RequestTimedOut,
        ],
    )])],
    Rest,
);

const CONSUMER_GROUP_DESCRIBE: Entities = row(
    Api::ConsumerGroupDescribe,
    &[],
    &[tree(
        &[level("GroupIds", "Groups", &[key("", "GroupId", Group)])],
        &[place(
            1,
            coordinator![
                InvalidRequest,
                GroupIdNotFound,
                TopicAuthorizationFailed,
                UnsupportedVersion
            ],
        )],
    )],
    Whole,
);

const STREAMS_GROUP_HEARTBEAT: Entities = row(
    Api::StreamsGroupHeartbeat,
    &[
        asked("GroupId", Group),
        asked("MemberId", Member),
        asked("InstanceId", Member),
    ],
    &[whole(&[place(
        0,
        coordinator![
            InvalidRequest,
            UnknownMemberId,
            FencedMemberEpoch,
            UnreleasedInstanceId,
            FencedInstanceId,
            GroupMaxSizeReached,
            GroupIdNotFound,
            StreamsInvalidTopology,
            StreamsInvalidTopologyEpoch,
            StreamsTopologyFenced,
            TopicAuthorizationFailed,
            ClusterAuthorizationFailed,
            UnsupportedVersion,
            RequestTimedOut,
        ],
    )])],
    Rest,
);

const STREAMS_GROUP_DESCRIBE: Entities = row(
    Api::StreamsGroupDescribe,
    &[],
    &[tree(
        &[level("GroupIds", "Groups", &[key("", "GroupId", Group)])],
        &[place(
            1,
            coordinator![
                InvalidRequest,
                GroupIdNotFound,
                TopicAuthorizationFailed,
                UnsupportedVersion
            ],
        )],
    )],
    Whole,
);

const STREAMS_GROUP_TOPOLOGY_DESCRIPTION_UPDATE: Entities = row(
    Api::StreamsGroupTopologyDescriptionUpdate,
    &[asked("GroupId", Group), asked("MemberId", Member)],
    &[whole(&[place(
        0,
        coordinator![
            InvalidRequest,
            UnknownMemberId,
            GroupIdNotFound,
            UnsupportedVersion,
            StreamsTopologyDescriptionUpdateFailed,
        ],
    )])],
    Rest,
);

pub(super) const ROWS: &[Entities] = &[
    OFFSET_COMMIT,
    OFFSET_FETCH,
    FIND_COORDINATOR,
    JOIN_GROUP,
    HEARTBEAT,
    LEAVE_GROUP,
    SYNC_GROUP,
    DESCRIBE_GROUPS,
    LIST_GROUPS,
    DELETE_GROUPS,
    OFFSET_DELETE,
    CONSUMER_GROUP_HEARTBEAT,
    CONSUMER_GROUP_DESCRIBE,
    STREAMS_GROUP_HEARTBEAT,
    STREAMS_GROUP_DESCRIBE,
    STREAMS_GROUP_TOPOLOGY_DESCRIPTION_UPDATE,
];
