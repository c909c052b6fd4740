//! Nodes: their log directories, their registrations and who votes.

use super::Apply::Rest;
use super::Kind::{Partition, Topic};
use super::{Entities, Texts, key, level, place, row, tree, whole};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

const ALTER_REPLICA_LOG_DIRS: Entities = row(
    Api::AlterReplicaLogDirs,
    &[],
    &[tree(
        &[
            level("Dirs.Topics", "Results", &[key("Name", "TopicName", Topic)]),
            level(
                "Partitions",
                "Partitions",
                &[key("", "PartitionIndex", Partition)],
            ),
        ],
        &[place(
            2,
            &[
                E::LogDirNotFound,
                E::KafkaStorageError,
                E::ReplicaNotAvailable,
                E::UnknownTopicOrPartition,
                E::InvalidTopicException,
                E::InvalidReplicaAssignment,
                E::ClusterAuthorizationFailed,
            ],
        )],
    )],
    Rest,
);

/// What the controller answers besides.
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

const UNREGISTER_BROKER: Entities = row(
    Api::UnregisterBroker,
    &[],
    &[whole(&[
        place(0, controller![BrokerIdNotRegistered]).texts(Texts::All)
    ])],
    Rest,
);

const UNREGISTER_CONTROLLER: Entities = row(
    Api::UnregisterController,
    &[],
    &[whole(&[
        place(0, controller![ControllerIdNotRegistered]).texts(Texts::All)
    ])],
    Rest,
);

const ADD_RAFT_VOTER: Entities = row(
    Api::AddRaftVoter,
    &[],
    &[whole(&[place(
        0,
        controller![InconsistentClusterId, NotLeaderOrFollower, DuplicateVoter],
    )
    .texts(Texts::All)])],
    Rest,
);

const REMOVE_RAFT_VOTER: Entities = row(
    Api::RemoveRaftVoter,
    &[],
    &[whole(&[place(
        0,
        controller![InconsistentClusterId, NotLeaderOrFollower, VoterNotFound],
    )
    .texts(Texts::All)])],
    Rest,
);

pub(super) const ROWS: &[Entities] = &[
    ALTER_REPLICA_LOG_DIRS,
    UNREGISTER_BROKER,
    UNREGISTER_CONTROLLER,
    ADD_RAFT_VOTER,
    REMOVE_RAFT_VOTER,
];
