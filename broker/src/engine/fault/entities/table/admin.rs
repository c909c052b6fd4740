//! Topics, settings and the cluster itself.

use super::Apply::{Rest, Whole};
use super::Fill::TextFor;
use super::Kind::{Other, Partition, Resource, Topic, TopicId};
use super::{Entities, Fill, Key, Texts, key, level, place, row, same, tree, whole};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

const BY_NAME: &[Key] = &[same("Name", Topic)];
const RESOURCE: &[Key] = &[same("ResourceType", Other), same("ResourceName", Resource)];

/// What the controller answers to anyone who wants to change something.
macro_rules! controller {
    ($($more:ident),* $(,)?) => {
        &[
            E::NotController,
            E::RequestTimedOut,
            E::ClusterAuthorizationFailed,
            E::InvalidRequest,
            E::UnsupportedVersion,
            $(E::$more),*
        ]
    };
}

pub(super) use controller;

const API_VERSIONS: Entities = row(
    Api::ApiVersions,
    &[],
    &[whole(&[place(
        0,
        &[
            E::UnsupportedVersion,
            E::InvalidRequest,
            E::RebootstrapRequired,
            E::ClusterAuthorizationFailed,
        ],
    )])],
    Whole,
);

const SASL_HANDSHAKE: Entities = row(
    Api::SaslHandshake,
    &[],
    &[whole(&[place(
        0,
        &[E::UnsupportedSaslMechanism, E::IllegalSaslState],
    )])],
    Rest,
);

const SASL_AUTHENTICATE: Entities = row(
    Api::SaslAuthenticate,
    &[],
    &[whole(&[place(
        0,
        &[
            E::SaslAuthenticationFailed,
            E::IllegalSaslState,
            E::UnsupportedSaslMechanism,
        ],
    )])],
    Rest,
);

const CREATE_TOPICS: Entities = row(
    Api::CreateTopics,
    &[],
    &[tree(
        &[level("Topics", "Topics", BY_NAME)],
        &[place(
            1,
            controller![
                TopicAlreadyExists,
                InvalidTopicException,
                InvalidPartitions,
                InvalidReplicationFactor,
                InvalidReplicaAssignment,
                InvalidConfig,
                PolicyViolation,
                TopicAuthorizationFailed,
                ThrottlingQuotaExceeded,
                UnknownTopicOrPartition,
            ],
        )],
    )],
    Rest,
);

const DELETED: &[E] = controller![
    UnknownTopicOrPartition,
    UnknownTopicId,
    InvalidTopicException,
    TopicAuthorizationFailed,
    TopicDeletionDisabled,
    ThrottlingQuotaExceeded,
    PolicyViolation,
    InconsistentTopicId,
];

const NOT_DELETED: Texts = Texts::Of(&[
    E::UnknownTopicOrPartition,
    E::UnknownTopicId,
    E::TopicAuthorizationFailed,
]);

const DELETE_TOPICS: Entities = row(
    Api::DeleteTopics,
    &[],
    &[
        tree(
            &[level(
                "Topics",
                "Responses",
                &[same("Name", Topic), same("TopicId", TopicId)],
            )],
            &[place(1, DELETED).texts(NOT_DELETED)],
        ),
        tree(
            &[level("TopicNames", "Responses", &[key("", "Name", Topic)])],
            &[place(1, DELETED).texts(NOT_DELETED)],
        ),
    ],
    Rest,
);

const CREATE_PARTITIONS: Entities = row(
    Api::CreatePartitions,
    &[],
    &[tree(
        &[level("Topics", "Results", BY_NAME)],
        &[place(
            1,
            controller![
                UnknownTopicOrPartition,
                InvalidTopicException,
                InvalidPartitions,
                InvalidReplicaAssignment,
                TopicAuthorizationFailed,
                ReassignmentInProgress,
                ThrottlingQuotaExceeded,
                PolicyViolation,
            ],
        )],
    )],
    Rest,
);

const DESCRIBE_CONFIGS: Entities = row(
    Api::DescribeConfigs,
    &[],
    &[tree(
        &[level("Resources", "Results", RESOURCE)],
        &[place(
            1,
            &[
                E::UnknownTopicOrPartition,
                E::InvalidRequest,
                E::InvalidTopicException,
                E::TopicAuthorizationFailed,
                E::GroupAuthorizationFailed,
                E::ClusterAuthorizationFailed,
                E::InvalidConfig,
            ],
        )
        .texts(Texts::All)
        .fill(&[("ErrorMessage", TextFor(E::UnknownTopicOrPartition, ""))])],
    )],
    Whole,
);

const ALTERED: &[E] = controller![
    UnknownTopicOrPartition,
    InvalidTopicException,
    InvalidConfig,
    PolicyViolation,
    TopicAuthorizationFailed,
    GroupAuthorizationFailed,
    InvalidReplicationFactor,
    ResourceNotFound,
];

const NOT_ALTERED: Texts = Texts::Of(&[E::TopicAuthorizationFailed, E::GroupAuthorizationFailed]);

const ALTER_CONFIGS: Entities = row(
    Api::AlterConfigs,
    &[],
    &[tree(
        &[level("Resources", "Responses", RESOURCE)],
        &[place(1, ALTERED).texts(NOT_ALTERED)],
    )],
    Rest,
);

const INCREMENTAL_ALTER_CONFIGS: Entities = row(
    Api::IncrementalAlterConfigs,
    &[],
    &[tree(
        &[level("Resources", "Responses", RESOURCE)],
        &[place(1, ALTERED).texts(NOT_ALTERED)],
    )],
    Rest,
);

const DESCRIBE_CLIENT_QUOTAS: Entities = row(
    Api::DescribeClientQuotas,
    &[],
    &[whole(&[place(
        0,
        &[
            E::ClusterAuthorizationFailed,
            E::InvalidRequest,
            E::UnsupportedVersion,
        ],
    )
    .fill(&[("Entries", Fill::NullSince(0))])])],
    Whole,
);

const ALTER_CLIENT_QUOTAS: Entities = row(
    Api::AlterClientQuotas,
    &[],
    &[tree(
        &[level("Entries", "Entries", &[same("Entity", Other)])],
        &[place(1, controller![PolicyViolation]).texts(Texts::All)],
    )],
    Rest,
);

const LIST_CONFIG_RESOURCES: Entities = row(
    Api::ListConfigResources,
    &[],
    &[whole(&[place(
        0,
        &[
            E::ClusterAuthorizationFailed,
            E::InvalidRequest,
            E::UnsupportedVersion,
        ],
    )])],
    Whole,
);

/// The answer's rows are log directories.
const DESCRIBE_LOG_DIRS: Entities = row(
    Api::DescribeLogDirs,
    &[],
    &[tree(
        &[
            level("Topics", "", &[key("Topic", "", Topic)]),
            level("Partitions", "", &[key("", "", Partition)]),
        ],
        &[place(
            0,
            &[
                E::ClusterAuthorizationFailed,
                E::KafkaStorageError,
                E::LogDirNotFound,
            ],
        )],
    )],
    Whole,
);

const BY_USER: &[Key] = &[key("Name", "User", Other)];

const DESCRIBE_USER_SCRAM_CREDENTIALS: Entities = row(
    Api::DescribeUserScramCredentials,
    &[],
    &[tree(
        &[level("Users", "Results", BY_USER)],
        &[
            place(0, &[E::ClusterAuthorizationFailed]).with_rows(1, i16::MAX),
            place(
                1,
                &[
                    E::ResourceNotFound,
                    E::DuplicateResource,
                    E::ClusterAuthorizationFailed,
                ],
            ),
        ],
    )],
    Whole,
);

/// Deletions have rows in the answer, too; `Case` sees to them.
const ALTER_USER_SCRAM_CREDENTIALS: Entities = row(
    Api::AlterUserScramCredentials,
    &[],
    &[tree(
        &[level("Upsertions", "Results", BY_USER)],
        &[place(
            1,
            controller![
                UnacceptableCredential,
                UnsupportedSaslMechanism,
                DuplicateResource,
                ResourceNotFound,
            ],
        )],
    )],
    Rest,
);

pub(super) const ROWS: &[Entities] = &[
    API_VERSIONS,
    SASL_HANDSHAKE,
    SASL_AUTHENTICATE,
    CREATE_TOPICS,
    DELETE_TOPICS,
    CREATE_PARTITIONS,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
    INCREMENTAL_ALTER_CONFIGS,
    LIST_CONFIG_RESOURCES,
    DESCRIBE_CLIENT_QUOTAS,
    ALTER_CLIENT_QUOTAS,
    DESCRIBE_LOG_DIRS,
    DESCRIBE_USER_SCRAM_CREDENTIALS,
    ALTER_USER_SCRAM_CREDENTIALS,
];
