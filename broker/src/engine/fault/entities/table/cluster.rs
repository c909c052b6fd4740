//! Requests about leaders, replicas and the cluster itself.

use super::Apply::{Rest, Whole};
use super::Kind::{Other, Partition, Topic};
use super::admin::controller;
use super::{Entities, Key, Level, Texts, key, level, place, row, same, tree, whole};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

const BY_NAME: &[Key] = &[same("Name", Topic)];
const INDEX: &[Key] = &[same("PartitionIndex", Partition)];

const ELECT_LEADERS: Entities = row(
    Api::ElectLeaders,
    &[],
    &[tree(
        &[
            level(
                "TopicPartitions",
                "ReplicaElectionResults",
                &[same("Topic", Topic)],
            ),
            level(
                "Partitions",
                "PartitionResult",
                &[key("", "PartitionId", Partition)],
            ),
        ],
        &[
            place(0, controller![]).with_rows(2, i16::MAX),
            place(
                2,
                controller![
                    UnknownTopicOrPartition,
                    InvalidTopicException,
                    PreferredLeaderNotAvailable,
                    EligibleLeadersNotAvailable,
                    ElectionNotNeeded,
                    TopicAuthorizationFailed,
                ],
            )
            .texts(Texts::Of(&[
                E::PreferredLeaderNotAvailable,
                E::EligibleLeadersNotAvailable,
                E::ElectionNotNeeded,
            ])),
        ],
    )],
    Rest,
);

const BY_PARTITION: &[Level] = &[
    level("Topics", "Responses", BY_NAME),
    level("Partitions", "Partitions", INDEX),
];

const ALTER_PARTITION_REASSIGNMENTS: Entities = row(
    Api::AlterPartitionReassignments,
    &[],
    &[tree(
        BY_PARTITION,
        &[
            place(0, controller![]).with_rows(2, i16::MAX),
            place(
                2,
                controller![
                    UnknownTopicOrPartition,
                    InvalidTopicException,
                    InvalidReplicaAssignment,
                    NoReassignmentInProgress,
                    InvalidReplicationFactor,
                    TopicAuthorizationFailed,
                ],
            ),
        ],
    )],
    Rest,
);

const LIST_PARTITION_REASSIGNMENTS: Entities = row(
    Api::ListPartitionReassignments,
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
        &[place(0, controller![UnknownTopicOrPartition]).with_rows(2, i16::MAX)],
    )],
    Whole,
);

const DESCRIBE_QUORUM: Entities = row(
    Api::DescribeQuorum,
    &[],
    &[tree(
        &[
            level("Topics", "Topics", &[same("TopicName", Topic)]),
            level("Partitions", "Partitions", INDEX),
        ],
        &[
            place(0, controller![NotLeaderOrFollower, BrokerNotAvailable]).texts(Texts::All),
            place(
                2,
                &[
                    E::UnknownTopicOrPartition,
                    E::NotLeaderOrFollower,
                    E::InvalidRequest,
                    E::ClusterAuthorizationFailed,
                ],
            )
            .texts(Texts::All),
        ],
    )],
    Whole,
);

const UPDATE_FEATURES: Entities = row(
    Api::UpdateFeatures,
    &[],
    &[
        tree(
            &[level(
                "FeatureUpdates",
                "Results",
                &[same("Feature", Other)],
            )],
            &[place(0, UPDATED), place(1, UPDATED)],
        ),
        whole(&[place(0, UPDATED)]),
    ],
    Rest,
);

const UPDATED: &[E] = controller![FeatureUpdateFailed, InvalidUpdateVersion];

const DESCRIBE_CLUSTER: Entities = row(
    Api::DescribeCluster,
    &[],
    &[whole(&[place(
        0,
        &[
            E::ClusterAuthorizationFailed,
            E::InvalidRequest,
            E::UnsupportedEndpointType,
            E::MismatchedEndpointType,
            E::UnsupportedVersion,
        ],
    )])],
    Whole,
);

const GET_TELEMETRY_SUBSCRIPTIONS: Entities = row(
    Api::GetTelemetrySubscriptions,
    &[],
    &[whole(&[place(
        0,
        &[
            E::InvalidRequest,
            E::UnsupportedVersion,
            E::ThrottlingQuotaExceeded,
            E::NotController,
        ],
    )])],
    Rest,
);

const PUSH_TELEMETRY: Entities = row(
    Api::PushTelemetry,
    &[],
    &[whole(&[place(
        0,
        &[
            E::InvalidRequest,
            E::InvalidRecord,
            E::UnknownSubscriptionId,
            E::UnsupportedCompressionType,
            E::TelemetryTooLarge,
            E::ThrottlingQuotaExceeded,
            E::UnsupportedVersion,
        ],
    )])],
    Rest,
);

pub(super) const ROWS: &[Entities] = &[
    ELECT_LEADERS,
    ALTER_PARTITION_REASSIGNMENTS,
    LIST_PARTITION_REASSIGNMENTS,
    DESCRIBE_QUORUM,
    UPDATE_FEATURES,
    DESCRIBE_CLUSTER,
    GET_TELEMETRY_SUBSCRIPTIONS,
    PUSH_TELEMETRY,
];
