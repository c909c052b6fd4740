//! Records, offsets and transactions.

use serde_json::{Value, json};

use super::stage::Operation::{ClusterAction, Delete, Describe, IdempotentWrite, Read, Write};
use super::{Grant, Row, Stage};
use crate::records::Batch;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "produce",
        api: "Produce",
        versions: (3, 13),
        body: |stage, _| produce(stage, Value::Null, &Batch::of(&["x"])),
        grants: &[Grant::Topic(Read), Grant::Topic(Write)],
    },
    Row {
        name: "produce_in_a_transaction",
        api: "Produce",
        versions: (9, 13),
        body: |stage, _| {
            let batch = Batch {
                producer_id: 4711,
                producer_epoch: 0,
                base_sequence: 0,
                attributes: 0x10,
                ..Batch::of(&["x"])
            };
            produce(stage, json!(stage.transactional_id), &batch)
        },
        grants: &[
            Grant::Topic(Write),
            Grant::TransactionalId(Describe),
            Grant::TransactionalId(Write),
        ],
    },
    Row {
        name: "fetch",
        api: "Fetch",
        versions: (4, 18),
        body: |stage, _| fetch(stage, -1),
        grants: &[Grant::Topic(Describe), Grant::Topic(Read)],
    },
    Row {
        name: "fetch_as_a_follower",
        api: "Fetch",
        versions: (12, 13),
        body: |stage, _| fetch(stage, 9),
        grants: &[Grant::Topic(Read), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "list_offsets",
        api: "ListOffsets",
        versions: (1, 11),
        body: |stage, _| {
            let row = |topic: &str| json!({"name": topic, "partitions": [{"partitionIndex": 0, "timestamp": -1}]});
            let topics = [&stage.topic, &stage.other, &stage.missing].map(|topic| row(topic));
            json!({"replicaId": -1, "topics": topics})
        },
        grants: &[Grant::Topic(Describe)],
    },
    Row {
        name: "offset_for_leader_epoch",
        api: "OffsetForLeaderEpoch",
        versions: (2, 4),
        body: |stage, _| {
            let row = |topic: &str| json!({"topic": topic, "partitions": [{"partition": 0, "leaderEpoch": 0, "currentLeaderEpoch": -1}]});
            let topics = [&stage.topic, &stage.other, &stage.missing].map(|topic| row(topic));
            json!({"replicaId": -1, "topics": topics})
        },
        grants: &[Grant::Topic(Describe), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "delete_records",
        api: "DeleteRecords",
        versions: (0, 2),
        body: |stage, _| {
            let row = |topic: &str| json!({"name": topic, "partitions": [{"partitionIndex": 0, "offset": -1}]});
            let topics = [&stage.topic, &stage.other, &stage.missing].map(|topic| row(topic));
            json!({"timeoutMs": 1000, "topics": topics})
        },
        grants: &[Grant::Topic(Write), Grant::Topic(Delete)],
    },
    Row {
        name: "init_producer_id",
        api: "InitProducerId",
        versions: (0, 5),
        body: |stage, _| json!({"transactionalId": stage.transactional_id, "transactionTimeoutMs": 60000}),
        grants: &[
            Grant::Cluster(IdempotentWrite),
            Grant::TransactionalId(Describe),
            Grant::TransactionalId(Write),
        ],
    },
    Row {
        name: "init_producer_id_without_an_id",
        api: "InitProducerId",
        versions: (0, 5),
        body: |_, _| json!({"transactionalId": null, "transactionTimeoutMs": 60000}),
        grants: &[
            Grant::TransactionalId(Write),
            Grant::Cluster(IdempotentWrite),
        ],
    },
    Row {
        name: "init_producer_id_for_any_topic",
        api: "InitProducerId",
        versions: (4, 4),
        body: |_, _| json!({"transactionalId": null, "transactionTimeoutMs": 60000}),
        grants: &[Grant::Topic(Read), Grant::Topic(Write)],
    },
    Row {
        name: "add_partitions_to_txn",
        api: "AddPartitionsToTxn",
        versions: (0, 5),
        body: |stage, version| {
            let topics = json!([{"name": stage.topic, "partitions": [0]}, {"name": stage.other, "partitions": [0]},
                {"name": stage.missing, "partitions": [0]}]);
            if version >= 4 {
                return json!({"transactions": [{"transactionalId": stage.transactional_id, "producerId": 4711,
                    "producerEpoch": 0, "verifyOnly": true, "topics": topics}]});
            }
            json!({"v3AndBelowTransactionalId": stage.transactional_id, "v3AndBelowProducerId": 4711,
                "v3AndBelowProducerEpoch": 0, "v3AndBelowTopics": topics})
        },
        grants: &[
            Grant::Topic(Write),
            Grant::TransactionalId(Write),
            Grant::Cluster(ClusterAction),
        ],
    },
    Row {
        name: "add_offsets_to_txn",
        api: "AddOffsetsToTxn",
        versions: (0, 4),
        body: |stage, _| {
            json!({"transactionalId": stage.transactional_id, "producerId": 4711, "producerEpoch": 0,
                "groupId": stage.group})
        },
        grants: &[
            Grant::Group(Read),
            Grant::TransactionalId(Describe),
            Grant::TransactionalId(Write),
        ],
    },
    Row {
        name: "end_txn",
        api: "EndTxn",
        versions: (0, 5),
        body: |stage, _| {
            json!({"transactionalId": stage.transactional_id, "producerId": 4711, "producerEpoch": 0,
                "committed": true})
        },
        grants: &[
            Grant::TransactionalId(Describe),
            Grant::TransactionalId(Write),
        ],
    },
    Row {
        name: "txn_offset_commit",
        api: "TxnOffsetCommit",
        versions: (0, 6),
        body: |stage, _| {
            json!({"transactionalId": stage.transactional_id, "groupId": stage.group, "producerId": 4711,
                "producerEpoch": 0, "generationIdOrMemberEpoch": -1, "memberId": "",
                "topics": offsets_of(stage)})
        },
        grants: &[
            Grant::Group(Read),
            Grant::TransactionalId(Write),
            Grant::Topic(Read),
        ],
    },
    Row {
        name: "write_txn_markers",
        api: "WriteTxnMarkers",
        versions: (1, 2),
        body: |stage, _| {
            json!({"markers": [{"producerId": 4711, "producerEpoch": 0, "transactionResult": false,
                "coordinatorEpoch": 0, "topics": [{"name": stage.missing, "partitionIndexes": [0, 1]}]}]})
        },
        grants: &[Grant::Topic(Write), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "describe_producers",
        api: "DescribeProducers",
        versions: (0, 0),
        body: |stage, _| {
            let row = |topic: &str| json!({"name": topic, "partitionIndexes": [0]});
            let topics = [&stage.topic, &stage.other, &stage.missing].map(|topic| row(topic));
            json!({"topics": topics})
        },
        grants: &[Grant::Topic(Describe), Grant::Topic(Read)],
    },
    Row {
        name: "describe_transactions",
        api: "DescribeTransactions",
        versions: (0, 0),
        body: |stage, _| json!({"transactionalIds": [stage.transactional_id, stage.group]}),
        grants: &[Grant::TransactionalId(Describe)],
    },
    Row {
        name: "list_transactions",
        api: "ListTransactions",
        versions: (0, 2),
        body: |_, _| json!({}),
        grants: &[Grant::TransactionalId(Describe)],
    },
];

fn produce(stage: &Stage, transactional_id: Value, batch: &Batch) -> Value {
    let row = |topic: &str, id: &str| json!({"name": topic, "topicId": id, "partitionData": [{"index": 0, "records": batch.json()}]});
    json!({"transactionalId": transactional_id, "acks": 1, "timeoutMs": 1000,
        "topicData": [row(&stage.topic, &stage.topic_id), row(&stage.other, &stage.other_id)]})
}

fn fetch(stage: &Stage, replica: i32) -> Value {
    let row = |topic: &str, id: &str| {
        json!({"topic": topic, "topicId": id, "partitions": [{"partition": 0, "fetchOffset": 0,
            "currentLeaderEpoch": -1, "lastFetchedEpoch": -1, "logStartOffset": -1, "partitionMaxBytes": 1000}]})
    };
    json!({"replicaId": replica, "maxWaitMs": 0, "minBytes": 0, "maxBytes": 100000, "sessionId": 0,
        "sessionEpoch": -1, "topics": [row(&stage.topic, &stage.topic_id), row(&stage.other, &stage.other_id)]})
}

/// Topics to commit offsets of.
pub(super) fn offsets_of(stage: &Stage) -> Value {
    let row = |topic: &str, id: &str| {
        json!({"name": topic, "topicId": id, "partitions": [{"partitionIndex": 0, "committedOffset": 5,
            "committedLeaderEpoch": -1, "committedMetadata": ""}]})
    };
    json!([
        row(&stage.topic, &stage.topic_id),
        row(&stage.other, &stage.other_id)
    ])
}
