//! Groups and their coordinators.

use serde_json::{Value, json};

use super::data::offsets_of;
use super::stage::Operation::{Alter, ClusterAction, Delete, Describe, Read, Write};
use super::{Grant, Row, Stage};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "find_the_coordinator_of_a_group",
        api: "FindCoordinator",
        versions: (0, 6),
        body: |stage, _| find(&stage.group, 0),
        grants: &[Grant::Cluster(ClusterAction), Grant::Group(Describe)],
    },
    Row {
        name: "find_the_coordinator_of_an_id",
        api: "FindCoordinator",
        versions: (1, 6),
        body: |stage, _| find(&stage.transactional_id, 1),
        grants: &[Grant::Group(Read), Grant::TransactionalId(Write)],
    },
    Row {
        name: "find_the_coordinator_of_a_share_partition",
        api: "FindCoordinator",
        versions: (5, 6),
        body: |stage, _| find(&stage.group, 2),
        grants: &[Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "join_group",
        api: "JoinGroup",
        versions: (4, 9),
        body: |stage, _| {
            json!({"groupId": stage.group, "sessionTimeoutMs": 10000, "rebalanceTimeoutMs": 10000,
                "memberId": "nobody", "protocolType": "consumer",
                "protocols": [{"name": "range", "metadata": ""}]})
        },
        grants: &[Grant::Group(Describe), Grant::Group(Read)],
    },
    Row {
        name: "sync_group",
        api: "SyncGroup",
        versions: (0, 5),
        body: |stage, _| {
            json!({"groupId": stage.group, "generationId": 1, "memberId": "nobody",
                "protocolType": "consumer", "protocolName": "range", "assignments": []})
        },
        grants: &[Grant::Group(Describe), Grant::Group(Read)],
    },
    Row {
        name: "heartbeat",
        api: "Heartbeat",
        versions: (0, 4),
        body: |stage, _| json!({"groupId": stage.group, "generationId": 1, "memberId": "nobody"}),
        grants: &[Grant::Group(Describe), Grant::Group(Read)],
    },
    Row {
        name: "leave_group",
        api: "LeaveGroup",
        versions: (0, 5),
        body: |stage, _| json!({"groupId": stage.group, "memberId": "nobody", "members": [{"memberId": "nobody"}]}),
        grants: &[Grant::Group(Describe), Grant::Group(Read)],
    },
    Row {
        name: "offset_commit",
        api: "OffsetCommit",
        versions: (2, 10),
        body: |stage, _| {
            json!({"groupId": stage.group, "generationIdOrMemberEpoch": -1, "memberId": "",
                "retentionTimeMs": -1, "topics": offsets_of(stage)})
        },
        grants: &[
            Grant::Topic(Describe),
            Grant::Group(Read),
            Grant::Topic(Read),
        ],
    },
    Row {
        name: "offset_fetch",
        api: "OffsetFetch",
        versions: (1, 10),
        body: |stage, _| offset_fetch(stage, true),
        grants: &[Grant::Topic(Write), Grant::Group(Describe)],
    },
    Row {
        name: "offset_fetch_of_all",
        api: "OffsetFetch",
        versions: (2, 10),
        body: |stage, _| offset_fetch(stage, false),
        grants: &[Grant::Group(Describe), Grant::Topic(Describe)],
    },
    Row {
        name: "offset_delete",
        api: "OffsetDelete",
        versions: (0, 0),
        body: |stage, _| {
            let row = |topic: &str| json!({"name": topic, "partitions": [{"partitionIndex": 0}]});
            let topics = [&stage.topic, &stage.other, &stage.missing].map(|topic| row(topic));
            json!({"groupId": stage.group, "topics": topics})
        },
        grants: &[Grant::Group(Read), Grant::Topic(Read), Grant::Group(Delete)],
    },
    Row {
        name: "describe_groups",
        api: "DescribeGroups",
        versions: (0, 6),
        body: |stage, _| json!({"groups": [stage.group, stage.missing], "includeAuthorizedOperations": true}),
        grants: &[Grant::Group(Read), Grant::Group(Delete)],
    },
    Row {
        name: "list_groups",
        api: "ListGroups",
        versions: (0, 5),
        body: |_, _| json!({}),
        grants: &[Grant::Group(Describe)],
    },
    Row {
        name: "delete_groups",
        api: "DeleteGroups",
        versions: (0, 3),
        body: |stage, _| json!({"groupsNames": [stage.group, stage.missing]}),
        grants: &[Grant::Group(Read), Grant::Group(Delete)],
    },
    Row {
        name: "consumer_group_heartbeat",
        api: "ConsumerGroupHeartbeat",
        versions: (0, 1),
        body: |stage, _| {
            json!({"groupId": stage.group, "memberId": "AAAAAAAAAAAAAAAAAAAAAQ", "memberEpoch": 7,
                "rebalanceTimeoutMs": 10000, "subscribedTopicNames": [stage.topic, stage.missing],
                "topicPartitions": []})
        },
        grants: &[
            Grant::Group(Read),
            Grant::Topic(Read),
            Grant::Missing(Alter),
        ],
    },
    Row {
        name: "consumer_group_describe",
        api: "ConsumerGroupDescribe",
        versions: (0, 1),
        body: |stage, _| json!({"groupIds": [stage.group, stage.missing], "includeAuthorizedOperations": true}),
        grants: &[Grant::Group(Describe)],
    },
];

fn find(key: &str, kind: i8) -> Value {
    json!({"key": key, "keyType": kind, "coordinatorKeys": [key]})
}

fn offset_fetch(stage: &Stage, names_topics: bool) -> Value {
    let places = [
        (&stage.topic, &stage.topic_id),
        (&stage.other, &stage.other_id),
    ];
    let by_name = places.map(|(name, _)| json!({"name": name, "partitionIndexes": [0]}));
    let topics =
        places.map(|(name, id)| json!({"name": name, "topicId": id, "partitionIndexes": [0]}));
    let by_name = names_topics.then(|| json!(by_name));
    let topics = names_topics.then(|| json!(topics));
    json!({"groupId": stage.group, "topics": by_name,
        "groups": [{"groupId": stage.group, "topics": topics}, {"groupId": stage.missing, "topics": topics}]})
}
