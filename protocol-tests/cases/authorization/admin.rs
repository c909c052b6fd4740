//! Topics, settings, and the cluster itself.

use serde_json::{Value, json};

use super::stage::Operation::{
    All, Alter, AlterConfigs, ClusterAction, Create, Delete, Describe, DescribeConfigs, Read, Write,
};
use super::{Grant, Row, Stage};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "metadata",
        api: "Metadata",
        versions: (4, 13),
        body: |stage, _| metadata(stage, false),
        grants: &[
            Grant::Missing(Describe),
            Grant::Topic(Write),
            Grant::Cluster(Describe),
        ],
    },
    Row {
        name: "metadata_of_all",
        api: "Metadata",
        versions: (4, 13),
        body: |_, _| json!({"topics": null, "allowAutoTopicCreation": true, "includeTopicAuthorizedOperations": true}),
        grants: &[Grant::Topic(Delete)],
    },
    Row {
        name: "metadata_by_id",
        api: "Metadata",
        versions: (12, 13),
        body: |stage, _| {
            let unknown = "AAAAAAAAAAAAAAAAAAAAZQ";
            let ids = [stage.topic_id.as_str(), &stage.other_id, unknown];
            let topics = ids.map(|id| json!({"topicId": id, "name": null}));
            json!({"topics": topics, "includeTopicAuthorizedOperations": true})
        },
        grants: &[Grant::Topic(Describe)],
    },
    Row {
        name: "metadata_that_makes",
        api: "Metadata",
        versions: (12, 12),
        body: |stage, _| metadata(stage, true),
        grants: &[Grant::Missing(Describe)],
    },
    Row {
        name: "describe_topic_partitions",
        api: "DescribeTopicPartitions",
        versions: (0, 0),
        body: |stage, _| {
            let topics = [&stage.topic, &stage.other, &stage.missing];
            let topics = topics.map(|name| json!({"name": name}));
            json!({"topics": topics, "responsePartitionLimit": 10})
        },
        grants: &[Grant::Missing(Describe), Grant::Topic(Alter)],
    },
    Row {
        name: "describe_all_topic_partitions",
        api: "DescribeTopicPartitions",
        versions: (0, 0),
        body: |_, _| json!({"topics": [], "responsePartitionLimit": 1000}),
        grants: &[Grant::Topic(Read)],
    },
    Row {
        name: "describe_cluster",
        api: "DescribeCluster",
        versions: (0, 2),
        body: |_, _| json!({"includeClusterAuthorizedOperations": true, "endpointType": 1}),
        grants: &[
            Grant::Cluster(ClusterAction),
            Grant::Cluster(Alter),
            Grant::Cluster(All),
        ],
    },
    Row {
        name: "create_topics",
        api: "CreateTopics",
        versions: (2, 7),
        body: |stage, _| {
            let row =
                |name: &str| json!({"name": name, "numPartitions": 1, "replicationFactor": 1});
            let topics = [
                stage.topic.as_str(),
                &stage.missing,
                "__cluster_metadata",
                "...",
            ]
            .map(row);
            json!({"topics": topics, "timeoutMs": 5000, "validateOnly": true})
        },
        grants: &[
            Grant::Topic(Create),
            Grant::Missing(Create),
            Grant::Missing(AlterConfigs),
            Grant::Cluster(Create),
        ],
    },
    Row {
        name: "delete_topics",
        api: "DeleteTopics",
        versions: (1, 6),
        body: |stage, version| {
            let names = [stage.topic.as_str(), &stage.missing];
            if version < 6 {
                return json!({"topicNames": names, "timeoutMs": 5000});
            }
            let unknown = "AAAAAAAAAAAAAAAAAAAAZQ";
            json!({"topics": [{"name": names[0]}, {"name": names[1]}, {"name": null, "topicId": stage.other_id},
                {"name": null, "topicId": unknown}], "timeoutMs": 5000})
        },
        grants: &[
            Grant::Topic(Describe),
            Grant::Missing(Delete),
            Grant::Topic(Delete),
        ],
    },
    Row {
        name: "delete_topics_by_the_cluster",
        api: "DeleteTopics",
        versions: (6, 6),
        body: |stage, _| json!({"topics": [{"name": stage.missing}, {"name": null, "topicId": stage.other_id}], "timeoutMs": 5000}),
        grants: &[Grant::Cluster(Delete)],
    },
    Row {
        name: "create_partitions",
        api: "CreatePartitions",
        versions: (0, 3),
        body: |stage, _| {
            let row = |name: &str| json!({"name": name, "count": 2, "assignments": null});
            let topics = [&stage.topic, &stage.other, &stage.missing].map(|name| row(name));
            json!({"topics": topics, "timeoutMs": 5000, "validateOnly": true})
        },
        grants: &[Grant::Topic(Write), Grant::Topic(Alter)],
    },
    Row {
        name: "describe_configs",
        api: "DescribeConfigs",
        versions: (1, 4),
        body: |stage, _| {
            let row = |(kind, name): (i8, &str)| {
                let keys = [
                    "retention.ms",
                    "num.partitions",
                    "interval.ms",
                    "consumer.session.timeout.ms",
                ];
                json!({"resourceType": kind, "resourceName": name, "configurationKeys": keys})
            };
            let resources = named(stage).map(row);
            json!({"resources": resources})
        },
        grants: &[
            Grant::Topic(AlterConfigs),
            Grant::Group(DescribeConfigs),
            Grant::Cluster(DescribeConfigs),
        ],
    },
    Row {
        name: "alter_configs",
        api: "AlterConfigs",
        versions: (0, 2),
        body: |stage, _| {
            let row = |(kind, name): (i8, &str)| json!({"resourceType": kind, "resourceName": name, "configs": []});
            json!({"resources": named(stage).map(row), "validateOnly": true})
        },
        grants: &[
            Grant::Topic(AlterConfigs),
            Grant::Group(AlterConfigs),
            Grant::Cluster(AlterConfigs),
        ],
    },
    Row {
        name: "incremental_alter_configs",
        api: "IncrementalAlterConfigs",
        versions: (0, 1),
        body: |stage, _| {
            let row = |(kind, name): (i8, &str)| json!({"resourceType": kind, "resourceName": name, "configs": []});
            let twice = json!([{"name": "a", "configOperation": 0, "value": "1"},
                {"name": "a", "configOperation": 0, "value": "2"}]);
            let mut resources: Vec<Value> = named(stage).map(row).into();
            resources
                .push(json!({"resourceType": 2, "resourceName": stage.missing, "configs": twice}));
            json!({"resources": resources, "validateOnly": true})
        },
        grants: &[
            Grant::Topic(DescribeConfigs),
            Grant::Topic(AlterConfigs),
            Grant::Group(AlterConfigs),
            Grant::Cluster(AlterConfigs),
        ],
    },
    Row {
        name: "list_config_resources",
        api: "ListConfigResources",
        versions: (0, 1),
        body: |_, _| json!({"resourceTypes": [4]}),
        grants: &[Grant::Cluster(Describe), Grant::Cluster(DescribeConfigs)],
    },
    Row {
        name: "describe_client_quotas",
        api: "DescribeClientQuotas",
        versions: (0, 1),
        body: |_, _| json!({"components": [{"entityType": "user", "matchType": 0, "match": "nobody"}], "strict": true}),
        grants: &[Grant::Cluster(Describe), Grant::Cluster(DescribeConfigs)],
    },
    Row {
        name: "alter_client_quotas",
        api: "AlterClientQuotas",
        versions: (0, 1),
        body: |_, _| {
            json!({"entries": [{"entity": [{"entityType": "user", "entityName": "nobody"}],
                "ops": [{"key": "producer_byte_rate", "value": 1.0}]}], "validateOnly": true})
        },
        grants: &[Grant::Cluster(Alter), Grant::Cluster(AlterConfigs)],
    },
    Row {
        name: "describe_user_scram_credentials",
        api: "DescribeUserScramCredentials",
        versions: (0, 0),
        body: |_, _| json!({"users": [{"name": "nobody"}, {"name": "none"}]}),
        grants: &[Grant::Cluster(Describe)],
    },
    Row {
        name: "alter_user_scram_credentials",
        api: "AlterUserScramCredentials",
        versions: (0, 0),
        body: |_, _| json!({"deletions": [{"name": "nobody", "mechanism": 1}, {"name": "b", "mechanism": 1}], "upsertions": []}),
        grants: &[Grant::Cluster(AlterConfigs), Grant::Cluster(Alter)],
    },
    Row {
        name: "alter_replica_log_dirs",
        api: "AlterReplicaLogDirs",
        versions: (1, 2),
        body: |stage, _| json!({"dirs": [{"path": "/nowhere", "topics": [{"name": stage.topic, "partitions": [0, 1]}]}]}),
        grants: &[Grant::Topic(Alter), Grant::Cluster(Alter)],
    },
    Row {
        name: "describe_log_dirs",
        api: "DescribeLogDirs",
        versions: (1, 5),
        body: |stage, _| json!({"topics": [{"topic": stage.topic, "partitions": [0]}]}),
        grants: &[Grant::Topic(Describe), Grant::Cluster(Describe)],
    },
    Row {
        name: "elect_leaders",
        api: "ElectLeaders",
        versions: (0, 2),
        body: |stage, _| {
            json!({"electionType": 0, "topicPartitions": [{"topic": stage.topic, "partitions": [0]}],
                "timeoutMs": 5000})
        },
        grants: &[Grant::Topic(Alter), Grant::Cluster(Alter)],
    },
    Row {
        name: "elect_no_leaders",
        api: "ElectLeaders",
        versions: (0, 2),
        body: |_, _| json!({"electionType": 0, "topicPartitions": [], "timeoutMs": 5000}),
        grants: &[],
    },
    Row {
        name: "alter_partition_reassignments",
        api: "AlterPartitionReassignments",
        versions: (0, 1),
        body: |stage, _| {
            json!({"timeoutMs": 5000, "topics": [{"name": stage.missing, "partitions": [{"partitionIndex": 0,
                "replicas": [1]}]}]})
        },
        grants: &[Grant::Topic(Alter), Grant::Cluster(Alter)],
    },
    Row {
        name: "list_partition_reassignments",
        api: "ListPartitionReassignments",
        versions: (0, 0),
        body: |stage, _| json!({"timeoutMs": 5000, "topics": [{"name": stage.topic, "partitionIndexes": [0]}]}),
        grants: &[Grant::Topic(Describe), Grant::Cluster(Describe)],
    },
    Row {
        name: "update_features",
        api: "UpdateFeatures",
        versions: (0, 2),
        body: |_, _| {
            json!({"timeoutMs": 5000, "featureUpdates": [{"feature": "nothing", "maxVersionLevel": 1,
                "allowDowngrade": false, "upgradeType": 1}], "validateOnly": true})
        },
        grants: &[Grant::Cluster(AlterConfigs), Grant::Cluster(Alter)],
    },
    Row {
        name: "unregister_broker",
        api: "UnregisterBroker",
        versions: (0, 0),
        body: |_, _| json!({"brokerId": 4711}),
        grants: &[Grant::Cluster(Alter)],
    },
    Row {
        name: "unregister_controller",
        api: "UnregisterController",
        versions: (0, 0),
        body: |_, _| json!({"controllerId": 4711}),
        grants: &[Grant::Cluster(Alter)],
    },
    Row {
        name: "describe_quorum",
        api: "DescribeQuorum",
        versions: (0, 2),
        body: |stage, _| json!({"topics": [{"topicName": stage.topic, "partitions": [{"partitionIndex": 0}]}]}),
        grants: &[Grant::Cluster(Alter)],
    },
    Row {
        name: "add_raft_voter",
        api: "AddRaftVoter",
        versions: (0, 1),
        body: |_, _| {
            json!({"clusterId": "another", "timeoutMs": 1000, "voterId": 9, "voterDirectoryId": "AAAAAAAAAAAAAAAAAAAAZQ",
                "listeners": [{"name": "CONTROLLER", "host": "localhost", "port": 1}]})
        },
        grants: &[Grant::Cluster(Alter)],
    },
    Row {
        name: "remove_raft_voter",
        api: "RemoveRaftVoter",
        versions: (0, 0),
        body: |_, _| json!({"clusterId": "another", "voterId": 9, "voterDirectoryId": "AAAAAAAAAAAAAAAAAAAAZQ"}),
        grants: &[Grant::Cluster(Alter)],
    },
];

fn metadata(stage: &Stage, makes: bool) -> Value {
    let names = [&stage.topic, &stage.other, &stage.missing];
    let topics = names.map(|name| json!({"topicId": "AAAAAAAAAAAAAAAAAAAAAA", "name": name}));
    json!({"topics": topics, "allowAutoTopicCreation": makes, "includeClusterAuthorizedOperations": true,
        "includeTopicAuthorizedOperations": true})
}

/// A resource of each kind that has settings.
fn named(stage: &Stage) -> [(i8, &str); 6] {
    [
        (2, &stage.topic),
        (2, &stage.other),
        (4, "1"),
        (4, ""),
        (16, "nobody"),
        (32, &stage.group),
    ]
}
