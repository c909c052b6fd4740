//! The actions of `kafka-cluster`, what they stand for in Kafka, and what AWS requires with each: "Semantics of IAM authorization
//! policy actions and resources" of the MSK Developer Guide, as it was in November 2026.

// Kafka's numbers: of resource types, and of operations.
const TOPIC: i8 = 2;
const GROUP: i8 = 3;
const CLUSTER: i8 = 4;
const TRANSACTIONAL_ID: i8 = 5;
const READ: i8 = 3;
const WRITE: i8 = 4;
const CREATE: i8 = 5;
const DELETE: i8 = 6;
const ALTER: i8 = 7;
const DESCRIBE: i8 = 8;
const DESCRIBE_CONFIGS: i8 = 10;
const ALTER_CONFIGS: i8 = 11;
const IDEMPOTENT_WRITE: i8 = 12;

/// What a principal may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Action {
    Connect,
    DescribeCluster,
    AlterCluster,
    DescribeClusterDynamicConfiguration,
    AlterClusterDynamicConfiguration,
    WriteDataIdempotently,
    CreateTopic,
    DescribeTopic,
    AlterTopic,
    DeleteTopic,
    DescribeTopicDynamicConfiguration,
    AlterTopicDynamicConfiguration,
    ReadData,
    WriteData,
    DescribeGroup,
    AlterGroup,
    DeleteGroup,
    DescribeTransactionalId,
    AlterTransactionalId,
}

/// On what an action acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Cluster,
    Topic,
    Group,
    TransactionalId,
}

impl Kind {
    /// The kind's name in an ARN.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Topic => "topic",
            Self::Group => "group",
            Self::TransactionalId => "transactional-id",
        }
    }
}

impl Action {
    pub(crate) const ALL: [Self; 19] = [
        Self::Connect,
        Self::DescribeCluster,
        Self::AlterCluster,
        Self::DescribeClusterDynamicConfiguration,
        Self::AlterClusterDynamicConfiguration,
        Self::WriteDataIdempotently,
        Self::CreateTopic,
        Self::DescribeTopic,
        Self::AlterTopic,
        Self::DeleteTopic,
        Self::DescribeTopicDynamicConfiguration,
        Self::AlterTopicDynamicConfiguration,
        Self::ReadData,
        Self::WriteData,
        Self::DescribeGroup,
        Self::AlterGroup,
        Self::DeleteGroup,
        Self::DescribeTransactionalId,
        Self::AlterTransactionalId,
    ];

    /// The whole name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Connect => "kafka-cluster:Connect",
            Self::DescribeCluster => "kafka-cluster:DescribeCluster",
            Self::AlterCluster => "kafka-cluster:AlterCluster",
            Self::DescribeClusterDynamicConfiguration => {
                "kafka-cluster:DescribeClusterDynamicConfiguration"
            }
            Self::AlterClusterDynamicConfiguration => {
                "kafka-cluster:AlterClusterDynamicConfiguration"
            }
            Self::WriteDataIdempotently => "kafka-cluster:WriteDataIdempotently",
            Self::CreateTopic => "kafka-cluster:CreateTopic",
            Self::DescribeTopic => "kafka-cluster:DescribeTopic",
            Self::AlterTopic => "kafka-cluster:AlterTopic",
            Self::DeleteTopic => "kafka-cluster:DeleteTopic",
            Self::DescribeTopicDynamicConfiguration => {
                "kafka-cluster:DescribeTopicDynamicConfiguration"
            }
            Self::AlterTopicDynamicConfiguration => "kafka-cluster:AlterTopicDynamicConfiguration",
            Self::ReadData => "kafka-cluster:ReadData",
            Self::WriteData => "kafka-cluster:WriteData",
            Self::DescribeGroup => "kafka-cluster:DescribeGroup",
            Self::AlterGroup => "kafka-cluster:AlterGroup",
            Self::DeleteGroup => "kafka-cluster:DeleteGroup",
            Self::DescribeTransactionalId => "kafka-cluster:DescribeTransactionalId",
            Self::AlterTransactionalId => "kafka-cluster:AlterTransactionalId",
        }
    }

    /// On what it acts.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Connect
            | Self::DescribeCluster
            | Self::AlterCluster
            | Self::DescribeClusterDynamicConfiguration
            | Self::AlterClusterDynamicConfiguration
            | Self::WriteDataIdempotently => Kind::Cluster,
            Self::CreateTopic
            | Self::DescribeTopic
            | Self::AlterTopic
            | Self::DeleteTopic
            | Self::DescribeTopicDynamicConfiguration
            | Self::AlterTopicDynamicConfiguration
            | Self::ReadData
            | Self::WriteData => Kind::Topic,
            Self::DescribeGroup | Self::AlterGroup | Self::DeleteGroup => Kind::Group,
            Self::DescribeTransactionalId | Self::AlterTransactionalId => Kind::TransactionalId,
        }
    }

    /// What AWS requires to be allowed with it.
    pub(crate) const fn required(self) -> &'static [Self] {
        match self {
            Self::Connect => &[],
            Self::DescribeCluster
            | Self::DescribeClusterDynamicConfiguration
            | Self::CreateTopic
            | Self::DescribeTopic
            | Self::DescribeTopicDynamicConfiguration
            | Self::DescribeGroup
            | Self::DescribeTransactionalId => &[Self::Connect],
            Self::AlterCluster => &[Self::Connect, Self::DescribeCluster],
            Self::AlterClusterDynamicConfiguration => {
                &[Self::Connect, Self::DescribeClusterDynamicConfiguration]
            }
            Self::WriteDataIdempotently => &[Self::Connect, Self::WriteData],
            Self::AlterTopic | Self::DeleteTopic | Self::WriteData => {
                &[Self::Connect, Self::DescribeTopic]
            }
            Self::AlterTopicDynamicConfiguration => {
                &[Self::Connect, Self::DescribeTopicDynamicConfiguration]
            }
            Self::ReadData => &[Self::Connect, Self::DescribeTopic, Self::AlterGroup],
            Self::AlterGroup | Self::DeleteGroup => &[Self::Connect, Self::DescribeGroup],
            Self::AlterTransactionalId => &[
                Self::Connect,
                Self::DescribeTransactionalId,
                Self::WriteData,
            ],
        }
    }

    /// What stands for an operation on a resource, by Kafka's numbers for both; none where IAM has no action for it, so that nobody
    /// may do it. None is implied by another, as Kafka's ACLs have it.
    pub(crate) const fn of(operation: i8, resource: i8) -> Option<Self> {
        Some(match (resource, operation) {
            (TOPIC, READ) => Self::ReadData,
            (TOPIC, WRITE) => Self::WriteData,
            (TOPIC, CREATE) => Self::CreateTopic,
            (TOPIC, DELETE) => Self::DeleteTopic,
            (TOPIC, ALTER) => Self::AlterTopic,
            (TOPIC, DESCRIBE) => Self::DescribeTopic,
            (TOPIC, DESCRIBE_CONFIGS) => Self::DescribeTopicDynamicConfiguration,
            (TOPIC, ALTER_CONFIGS) => Self::AlterTopicDynamicConfiguration,
            (GROUP, READ) => Self::AlterGroup,
            (GROUP, DELETE) => Self::DeleteGroup,
            (GROUP, DESCRIBE) => Self::DescribeGroup,
            (CLUSTER, ALTER) => Self::AlterCluster,
            (CLUSTER, DESCRIBE) => Self::DescribeCluster,
            (CLUSTER, DESCRIBE_CONFIGS) => Self::DescribeClusterDynamicConfiguration,
            (CLUSTER, ALTER_CONFIGS) => Self::AlterClusterDynamicConfiguration,
            (CLUSTER, IDEMPOTENT_WRITE) => Self::WriteDataIdempotently,
            (TRANSACTIONAL_ID, WRITE) => Self::AlterTransactionalId,
            (TRANSACTIONAL_ID, DESCRIBE) => Self::DescribeTransactionalId,
            _ => return None,
        })
    }
}
