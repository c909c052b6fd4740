//! Share groups and streams groups: what each of their requests takes, and what a member may use.

use anyhow::Result;
use serde_json::{Value, json};

use super::stage::ADMIN;
use super::stage::Operation::{Alter, ClusterAction, Create, Delete, Describe, Read, Write};
use super::{Grant, Row, Stage};
use crate::case::{Area, cases};
use crate::cases::members::{Sharer, Streams, internal_topic, reads, subtopology, topology};
use crate::context::Context;

pub(super) fn add(area: Area) -> Area {
    area.cases(cases![
        share_group_with_members,
        share_fetch_of_an_unknown_topic,
        share_acknowledgements,
        streams_group_with_members,
        streams_internal_topics,
        consumer_group_with_members,
        consumer_group_by_a_pattern,
    ])
}

/// The id of a member.
const MEMBER: &str = "AAAAAAAAAAAAAAAAAAAAAQ";
/// A topic that is not there, by its id.
const UNKNOWN: &str = "AAAAAAAAAAAAAAAAAAAAZQ";

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "share_group_heartbeat",
        api: "ShareGroupHeartbeat",
        versions: (1, 1),
        body: |stage, _| {
            json!({"groupId": stage.group, "memberId": MEMBER, "memberEpoch": 7,
                "subscribedTopicNames": [stage.topic, stage.missing]})
        },
        grants: &[
            Grant::Group(Read),
            Grant::Topic(Read),
            Grant::Missing(Alter),
        ],
    },
    Row {
        name: "share_group_describe",
        api: "ShareGroupDescribe",
        versions: (1, 1),
        body: |stage, _| json!({"groupIds": [stage.group, stage.missing], "includeAuthorizedOperations": true}),
        grants: &[Grant::Group(Describe)],
    },
    Row {
        name: "share_fetch",
        api: "ShareFetch",
        versions: (1, 2),
        body: |stage, _| {
            json!({"groupId": stage.group, "memberId": MEMBER, "shareSessionEpoch": 1, "maxWaitMs": 0,
                "minBytes": 0, "maxBytes": 1000, "maxRecords": 10, "batchSize": 10, "topics": []})
        },
        grants: &[Grant::Group(Describe), Grant::Group(Read)],
    },
    Row {
        name: "share_acknowledge",
        api: "ShareAcknowledge",
        versions: (1, 2),
        body: |stage, _| json!({"groupId": stage.group, "memberId": MEMBER, "shareSessionEpoch": 1, "topics": []}),
        grants: &[Grant::Group(Describe), Grant::Group(Read)],
    },
    Row {
        name: "initialize_share_group_state",
        api: "InitializeShareGroupState",
        versions: (0, 0),
        body: |stage, _| {
            states(
                stage,
                &json!({"partition": 0, "stateEpoch": 0, "startOffset": 0}),
            )
        },
        grants: &[Grant::Group(Read), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "read_share_group_state",
        api: "ReadShareGroupState",
        versions: (0, 0),
        body: |stage, _| states(stage, &json!({"partition": 0, "leaderEpoch": 0})),
        grants: &[Grant::Group(Read), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "write_share_group_state",
        api: "WriteShareGroupState",
        versions: (0, 1),
        body: |stage, _| {
            states(
                stage,
                &json!({"partition": 0, "stateEpoch": 0, "leaderEpoch": 0, "startOffset": 0,
                "stateBatches": []}),
            )
        },
        grants: &[Grant::Group(Read), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "delete_share_group_state",
        api: "DeleteShareGroupState",
        versions: (0, 0),
        body: |stage, _| states(stage, &json!({"partition": 0})),
        grants: &[Grant::Group(Read), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "read_share_group_state_summary",
        api: "ReadShareGroupStateSummary",
        versions: (0, 1),
        body: |stage, _| states(stage, &json!({"partition": 0, "leaderEpoch": 0})),
        grants: &[Grant::Group(Read), Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "share_states_of_nobody",
        api: "ReadShareGroupState",
        versions: (0, 0),
        body: |stage, _| json!({"groupId": "", "topics": [{"topicId": stage.topic_id, "partitions": []}]}),
        grants: &[Grant::Cluster(ClusterAction)],
    },
    Row {
        name: "describe_share_group_offsets",
        api: "DescribeShareGroupOffsets",
        versions: (0, 1),
        body: |stage, _| {
            let topics = [&stage.other, &stage.topic, &stage.missing];
            let topics = topics.map(|name| json!({"topicName": name, "partitions": [0]}));
            json!({"groups": [{"groupId": stage.group, "topics": topics}, {"groupId": stage.missing, "topics": null}]})
        },
        grants: &[Grant::Topic(Read), Grant::Group(Describe)],
    },
    Row {
        name: "describe_all_share_group_offsets",
        api: "DescribeShareGroupOffsets",
        versions: (0, 1),
        body: |stage, _| json!({"groups": [{"groupId": stage.group, "topics": null}]}),
        grants: &[Grant::Group(Describe)],
    },
    Row {
        name: "alter_share_group_offsets",
        api: "AlterShareGroupOffsets",
        versions: (0, 0),
        body: |stage, _| {
            let topics = [&stage.other, &stage.missing];
            let rows = json!([{"partitionIndex": 0, "startOffset": 0}]);
            let topics = topics.map(|name| json!({"topicName": name, "partitions": rows}));
            json!({"groupId": stage.group, "topics": topics})
        },
        grants: &[
            Grant::Group(Describe),
            Grant::Group(Read),
            Grant::Missing(Read),
        ],
    },
    Row {
        name: "alter_share_group_offsets_of_some_topics",
        api: "AlterShareGroupOffsets",
        versions: (0, 0),
        body: |stage, _| {
            let topics = [&stage.topic, &stage.missing, &stage.other];
            let rows = json!([{"partitionIndex": 0, "startOffset": 0}]);
            let topics = topics.map(|name| json!({"topicName": name, "partitions": rows}));
            json!({"groupId": stage.group, "topics": topics})
        },
        grants: &[Grant::Group(Read), Grant::Topic(Read)],
    },
    Row {
        name: "delete_share_group_offsets",
        api: "DeleteShareGroupOffsets",
        versions: (0, 0),
        body: |stage, _| {
            let topics = [&stage.other, &stage.topic, &stage.missing];
            json!({"groupId": stage.group, "topics": topics.map(|name| json!({"topicName": name}))})
        },
        grants: &[Grant::Group(Read), Grant::Group(Delete), Grant::Topic(Read)],
    },
    Row {
        name: "streams_group_heartbeat",
        api: "StreamsGroupHeartbeat",
        versions: (0, 1),
        body: |stage, _| streams_heartbeat(stage, &[&stage.topic]),
        grants: &[
            Grant::Group(Describe),
            Grant::Group(Read),
            Grant::Topic(Write),
            Grant::Missing(Describe),
        ],
    },
    Row {
        name: "streams_group_heartbeat_of_prohibited_topics",
        api: "StreamsGroupHeartbeat",
        versions: (1, 1),
        body: |stage, _| streams_heartbeat(stage, &["__consumer_offsets", &stage.other]),
        grants: &[Grant::Group(Read)],
    },
    Row {
        name: "streams_group_describe",
        api: "StreamsGroupDescribe",
        versions: (0, 1),
        body: |stage, _| json!({"groupIds": [stage.group, stage.missing], "includeAuthorizedOperations": true}),
        grants: &[Grant::Group(Describe)],
    },
    Row {
        name: "streams_group_topology_description_update",
        api: "StreamsGroupTopologyDescriptionUpdate",
        versions: (0, 0),
        body: |stage, _| {
            json!({"groupId": stage.group, "memberId": MEMBER, "topologyEpoch": 0,
                "topologyDescription": {"subtopologies": [], "globalStores": []}})
        },
        grants: &[Grant::Group(Describe), Grant::Group(Read)],
    },
];

/// A request of a leader about a partition's state.
fn states(stage: &Stage, row: &Value) -> Value {
    json!({"groupId": stage.group, "topics": [{"topicId": UNKNOWN, "partitions": [row]}]})
}

/// A heartbeat that can do nothing, of an application that reads topics and keeps a state.
fn streams_heartbeat(stage: &Stage, sources: &[&str]) -> Value {
    let log = internal_topic(&stage.missing, 0);
    let rows = [subtopology(
        "0",
        sources,
        json!({"stateChangelogTopics": [log]}),
    )];
    json!({"groupId": stage.group, "memberId": MEMBER, "memberEpoch": 7, "topology": topology(&rows)})
}

/// Asks about a group as the client.
fn describe(cx: &mut Context, stage: &Stage, api: &str) -> Result<()> {
    let body = json!({"groupIds": [stage.group], "includeAuthorizedOperations": true});
    cx.call_on(stage.client, api, 1, body)?;
    Ok(())
}

/// The administrator is a member of a group that the client may see.
fn share_group_with_members(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    stage.await_topics(cx)?;
    let mut member = Sharer::new(&stage.group, MEMBER);
    member.conn = ADMIN;
    stage.allow(cx, Grant::Group(Describe))?;
    member.beat(cx, json!({"subscribedTopicNames": [stage.topic]}))?;
    describe(cx, &stage, "ShareGroupDescribe")?;
    stage.allow(cx, Grant::Topic(Write))?;
    describe(cx, &stage, "ShareGroupDescribe")?;
    member.epoch = -1;
    member.beat(cx, json!({}))?;
    Ok(())
}

fn share_session(stage: &Stage, epoch: i32, topics: &Value) -> Value {
    json!({"groupId": stage.group, "memberId": MEMBER, "shareSessionEpoch": epoch, "maxWaitMs": 0,
        "minBytes": 0, "maxBytes": 1000, "maxRecords": 10, "batchSize": 10, "topics": topics})
}

fn share_fetch_of_an_unknown_topic(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    stage.allow(cx, Grant::Group(Read))?;
    let row = |id: &str| json!({"topicId": id, "partitions": [{"partitionIndex": 0}]});
    let unknown = json!([row(UNKNOWN)]);
    cx.call_on(
        stage.client,
        "ShareFetch",
        2,
        share_session(&stage, 0, &unknown),
    )?;
    let denied = json!([row(&stage.other_id)]);
    cx.call_on(
        stage.client,
        "ShareFetch",
        2,
        share_session(&stage, 0, &denied),
    )?;
    let rows = json!([{"partitionIndex": 0, "acknowledgementBatches": [
        {"firstOffset": 0, "lastOffset": 0, "acknowledgeTypes": [1]}]}]);
    let topics = json!([{"topicId": UNKNOWN, "partitions": rows}]);
    let body = json!({"groupId": stage.group, "memberId": MEMBER, "shareSessionEpoch": 1, "topics": topics});
    cx.call_on(stage.client, "ShareAcknowledge", 2, body)?;
    Ok(())
}

fn share_acknowledgements(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    stage.allow(cx, Grant::Group(Read))?;
    let row = |id: &str, offset: i64| {
        let batches = json!([{"firstOffset": offset, "lastOffset": 0, "acknowledgeTypes": [1]}]);
        json!({"topicId": id, "partitions": [{"partitionIndex": 0, "acknowledgementBatches": batches}]})
    };
    let none = json!([]);
    cx.call_on(
        stage.client,
        "ShareFetch",
        2,
        share_session(&stage, 0, &none),
    )?;
    let topics = json!([row(&stage.other_id, 0), row(&stage.topic_id, 5)]);
    cx.call_on(
        stage.client,
        "ShareFetch",
        2,
        share_session(&stage, 1, &topics),
    )?;
    let body = json!({"groupId": stage.group, "memberId": MEMBER, "shareSessionEpoch": 2, "topics": topics});
    cx.call_on(stage.client, "ShareAcknowledge", 2, body)?;
    Ok(())
}

fn streams_group_with_members(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    stage.await_topics(cx)?;
    let mut member = Streams::new(&stage.group, "m");
    member.conn = ADMIN;
    stage.allow(cx, Grant::Group(Describe))?;
    member.join(cx, &reads(&[&stage.topic]))?;
    describe(cx, &stage, "StreamsGroupDescribe")?;
    stage.allow(cx, Grant::Topic(Write))?;
    describe(cx, &stage, "StreamsGroupDescribe")?;
    member.leave(cx, -1)?;
    Ok(())
}

/// A member whose internal topics it may not make.
fn streams_internal_topics(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    stage.await_topics(cx)?;
    stage.allow(cx, Grant::Group(Read))?;
    stage.allow(cx, Grant::Topic(Read))?;
    stage.allow(cx, Grant::Missing(Describe))?;
    let mut log = internal_topic(&stage.missing, 0);
    log["replicationFactor"] = json!(1);
    let rows = [subtopology(
        "0",
        &[&stage.topic],
        json!({"stateChangelogTopics": [log]}),
    )];
    let mut member = Streams::new(&stage.group, "m");
    member.conn = stage.client;
    member.join(cx, &topology(&rows))?;
    member.idle(cx)?;
    stage.allow(cx, Grant::Missing(Create))?;
    member.idle(cx)?;
    cx.await_topic(&stage.missing, 1)?;
    cx.until("the changelog at the coordinator", |cx| {
        Ok(member.idle(cx)?["status"] == json!([]))
    })?;
    member.leave(cx, -1)?;
    Ok(())
}

/// A heartbeat of a member of a consumer group.
fn consumer_beat(stage: &Stage, epoch: i64, fields: &[(&str, Value)]) -> Value {
    let mut body = json!({"groupId": stage.group, "memberId": MEMBER, "memberEpoch": epoch,
        "rebalanceTimeoutMs": 10000, "topicPartitions": []});
    for (name, value) in fields {
        body[*name] = value.clone();
    }
    body
}

fn consumer_group_with_members(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    stage.await_topics(cx)?;
    stage.allow(cx, Grant::Group(Describe))?;
    let topics = [("subscribedTopicNames", json!([stage.topic]))];
    cx.call_on(
        ADMIN,
        "ConsumerGroupHeartbeat",
        1,
        consumer_beat(&stage, 0, &topics),
    )?;
    describe(cx, &stage, "ConsumerGroupDescribe")?;
    stage.allow(cx, Grant::Topic(Write))?;
    describe(cx, &stage, "ConsumerGroupDescribe")?;
    cx.call_on(
        ADMIN,
        "ConsumerGroupHeartbeat",
        1,
        consumer_beat(&stage, -1, &[]),
    )?;
    Ok(())
}

/// A pattern finds the topics that the member may see.
fn consumer_group_by_a_pattern(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    stage.await_topics(cx)?;
    stage.allow(cx, Grant::Group(Read))?;
    stage.allow(cx, Grant::Topic(Read))?;
    let pattern = json!(format!("{}|{}", stage.topic, stage.other));
    let topics = [
        ("subscribedTopicRegex", pattern),
        ("subscribedTopicNames", json!(null)),
    ];
    let joining = consumer_beat(&stage, 0, &topics);
    let joined = cx.call_on(stage.client, "ConsumerGroupHeartbeat", 1, joining)?;
    let mut epoch = joined["memberEpoch"].as_i64().unwrap_or_default();
    cx.until("an assignment", |cx| {
        let beat = consumer_beat(&stage, epoch, &[("topicPartitions", json!(null))]);
        let answer = cx.call_on(stage.client, "ConsumerGroupHeartbeat", 1, beat)?;
        epoch = answer["memberEpoch"].as_i64().unwrap_or_default();
        let assigned = &answer["assignment"]["topicPartitions"];
        Ok(assigned.as_array().is_some_and(|rows| !rows.is_empty()))
    })?;
    describe(cx, &stage, "ConsumerGroupDescribe")?;
    cx.call_on(
        stage.client,
        "ConsumerGroupHeartbeat",
        1,
        consumer_beat(&stage, -1, &[]),
    )?;
    Ok(())
}
