//! Every request of groups and transactions at a node that does not coordinate, and while there is no coordinator.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::Join;
use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::coordinator_records::CoordinatorTopic::{Groups, Transactions};
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::records::Batch;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("coordinators")
        .cases_on(
            Profile::Three,
            cases![group_elsewhere, transaction_elsewhere],
        )
        .cases(cases![offsets_topic_deleted])
        .alone()
        .cases(cases![transaction_topic_deleted])
        .alone()
        .cases(cases![order_of_partitions])
        .alone()
}

/// A producer id that no broker has given out.
const NOBODY: i64 = 4_000_000_000;

/// What a group's requests speak of.
struct Stage {
    topic: String,
    id: String,
    group: String,
}

impl Stage {
    fn offsets(&self) -> Value {
        json!([{"name": self.topic, "topicId": self.id, "partitions": [committed(0, 5)]}])
    }

    /// OffsetFetch of this topic, or of all.
    fn fetch(&self, version: i16, all: bool) -> Value {
        let one: &[(&str, &str, &[i32])] = &[(&self.topic, &self.id, &[0])];
        offset_fetch(version, &self.group, (!all).then_some(one))
    }
}

/// Every request about a group, by a member that there is not.
fn ask_of_group(cx: &mut Context, conn: Conn, stage: &Stage) -> Result<()> {
    let group = &stage.group;
    for version in [0, 4, 9] {
        let join = Join {
            version,
            ..Join::of("")
        };
        cx.call_on(conn, "JoinGroup", version, join.body(group))?;
    }
    cx.call_on(conn, "JoinGroup", 9, Join::of("m").body(group))?;
    let member = json!({"groupId": group, "memberId": "m", "generationId": 1,
        "protocolType": "consumer", "protocolName": "range"});
    for version in [0, 5] {
        cx.call_on(conn, "SyncGroup", version, member.clone())?;
    }
    cx.call_on(
        conn,
        "Heartbeat",
        4,
        json!({"groupId": group, "memberId": "m", "generationId": 1}),
    )?;
    cx.call_on(
        conn,
        "LeaveGroup",
        2,
        json!({"groupId": group, "memberId": "m"}),
    )?;
    cx.call_on(
        conn,
        "LeaveGroup",
        5,
        json!({"groupId": group, "members": [{"memberId": "m"}]}),
    )?;
    for version in [2, 7, 10] {
        let body = json!({"groupId": group, "topics": stage.offsets()});
        cx.call_on(conn, "OffsetCommit", version, body)?;
    }
    for version in [1, 2, 7, 8, 9, 10] {
        for all in [false, true] {
            // Before version 2 nobody can ask for all.
            if !all || version > 1 {
                cx.call_on(conn, "OffsetFetch", version, stage.fetch(version, all))?;
            }
        }
    }
    let topics = json!([{"name": stage.topic, "partitions": [{"partitionIndex": 0}]}]);
    cx.call_on(
        conn,
        "OffsetDelete",
        0,
        json!({"groupId": group, "topics": topics}),
    )?;
    for version in [0, 5, 6] {
        cx.call_on(conn, "DescribeGroups", version, json!({"groups": [group]}))?;
    }
    cx.call_on(conn, "DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    let joining = json!({"groupId": group, "memberId": "m", "memberEpoch": 0, "rebalanceTimeoutMs": 30_000,
        "subscribedTopicNames": [stage.topic], "topicPartitions": []});
    cx.call_on(conn, "ConsumerGroupHeartbeat", 1, joining)?;
    for epoch in [1, -1] {
        let body = json!({"groupId": group, "memberId": "m", "memberEpoch": epoch});
        cx.call_on(conn, "ConsumerGroupHeartbeat", 1, body)?;
    }
    cx.call_on(
        conn,
        "ConsumerGroupDescribe",
        1,
        json!({"groupIds": [group]}),
    )?;
    Ok(())
}

/// TxnOffsetCommit of a producer whose coordinator knows nothing of it.
fn commit_in_transaction(cx: &mut Context, conn: Conn, stage: &Stage, id: &str) -> Result<()> {
    for version in [0, 1, 2, 3, 4, 5, 6] {
        let body = json!({"transactionalId": id, "groupId": stage.group, "producerId": NOBODY, "producerEpoch": 0,
            "topics": stage.offsets()});
        cx.call_on(conn, "TxnOffsetCommit", version, body)?;
    }
    Ok(())
}

fn group_elsewhere(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic("a", 1)?;
    let stage = Stage {
        id: cx.topic_id(&topic)?,
        group: cx.key_led_by(Groups, "g", |replicas| replicas[0] != 1)?,
        topic,
    };
    let id = cx.transactional_id("t")?;
    ask_of_group(cx, Context::A, &stage)?;
    commit_in_transaction(cx, Context::A, &stage, &id)?;
    cx.note("one that is another node's and one that is its own");
    let own = cx.key_led_by(Groups, "h", |replicas| replicas[0] == 1)?;
    let both = json!([stage.group, own]);
    cx.call("DescribeGroups", 6, json!({"groups": both}))?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": both}))?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": both}))?;
    let groups =
        json!([{"groupId": stage.group, "topics": null}, {"groupId": own, "topics": null}]);
    cx.call("OffsetFetch", 9, json!({"groups": groups}))?;
    Ok(())
}

/// Every request of a transactional id, by a producer that there is not.
fn ask_of_transaction(cx: &mut Context, conn: Conn, topic: &str, id: &str) -> Result<()> {
    let body = json!({"transactionalId": id, "transactionTimeoutMs": 60_000});
    for version in [0, 5] {
        cx.call_on(conn, "InitProducerId", version, body.clone())?;
    }
    let topics = json!([{"name": topic, "partitions": [0]}]);
    let flat = json!({"v3AndBelowTransactionalId": id, "v3AndBelowProducerId": NOBODY,
        "v3AndBelowProducerEpoch": 0, "v3AndBelowTopics": topics});
    cx.call_on(conn, "AddPartitionsToTxn", 3, flat)?;
    for only in [false, true] {
        let body = json!({"transactions": [{"transactionalId": id, "producerId": NOBODY, "producerEpoch": 0,
            "verifyOnly": only, "topics": topics}]});
        cx.call_on(conn, "AddPartitionsToTxn", 5, body)?;
    }
    let body =
        json!({"transactionalId": id, "producerId": NOBODY, "producerEpoch": 0, "groupId": "g"});
    cx.call_on(conn, "AddOffsetsToTxn", 4, body)?;
    let body =
        json!({"transactionalId": id, "producerId": NOBODY, "producerEpoch": 0, "committed": true});
    for version in [3, 5] {
        cx.call_on(conn, "EndTxn", version, body.clone())?;
    }
    cx.call_on(
        conn,
        "DescribeTransactions",
        0,
        json!({"transactionalIds": [id, ""]}),
    )?;
    Ok(())
}

/// Produce of a transaction whose coordinator is to be asked.
fn produce(cx: &mut Context, topic: &str, id: &str) -> Result<()> {
    let batch = Batch {
        attributes: 0x10,
        ..Batch::of(&["x"]).from_producer(NOBODY, 0, 0)
    };
    let rows = json!([{"name": topic, "partitionData": [{"index": 0, "records": batch.json()}]}]);
    for version in [10, 11, 12] {
        let body =
            json!({"transactionalId": id, "acks": -1, "timeoutMs": 10_000, "topicData": rows});
        cx.call("Produce", version, body)?;
    }
    Ok(())
}

fn transaction_elsewhere(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_on("a", &[&[1]])?;
    let id = cx.key_led_by(Transactions, "t", |replicas| replicas[0] != 1)?;
    ask_of_transaction(cx, Context::A, &topic, &id)?;
    cx.labels.own_topics_only = true;
    cx.call("ListTransactions", 2, json!({}))?;
    Ok(())
}

fn delete(cx: &mut Context, topic: &str) -> Result<()> {
    cx.call(
        "DeleteTopics",
        6,
        json!({"topics": [{"name": topic}], "timeoutMs": 10_000}),
    )?;
    cx.until("the topic is gone", |cx| {
        let answer = cx.call(
            "Metadata",
            9,
            json!({"topics": [{"name": topic}], "allowAutoTopicCreation": false}),
        )?;
        Ok(answer["topics"][0]["errorCode"] == 3)
    })
}

/// Waits until the old coordinator has let go of a group.
fn await_unloaded(cx: &mut Context, group: &str) -> Result<()> {
    cx.until("no coordinator", |cx| {
        let answer = cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
        Ok(answer["groups"][0]["errorCode"] == 16)
    })
}

fn offsets_topic_deleted(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic("a", 1)?;
    let stage = Stage {
        id: cx.topic_id(&topic)?,
        group: cx.group("g")?,
        topic,
    };
    let id = cx.transactional_id("t")?;
    let body = json!({"groupId": stage.group, "topics": stage.offsets()});
    cx.call("OffsetCommit", 10, body.clone())?;
    cx.note("a member waits for its generation");
    let held = cx.connect(1)?;
    let first = Join {
        version: 3,
        ..Join::of("")
    };
    cx.send_on(held, "JoinGroup", 3, first.body(&stage.group))?;
    cx.await_members(Context::A, &stage.group, 1)?;
    cx.labels.hidden.push("topicId");
    delete(cx, Groups.name())?;
    cx.receive_on(held)?;
    await_unloaded(cx, &stage.group)?;
    cx.labels.hidden.pop();
    cx.labels.own_topics_only = true;
    cx.call("ListGroups", 5, json!({}))?;
    ask_of_group(cx, Context::A, &stage)?;
    commit_in_transaction(cx, Context::A, &stage, &id)?;
    cx.note("the topic is made again");
    cx.group_coordinator(&stage.group)?;
    cx.call("DescribeGroups", 6, json!({"groups": [stage.group]}))?;
    cx.call("OffsetFetch", 10, stage.fetch(10, true))?;
    cx.call("OffsetCommit", 10, body)?;
    cx.call("OffsetFetch", 10, stage.fetch(10, true))?;
    cx.coordinator_records(Groups, &stage.group)
}

fn transaction_topic_deleted(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic("a", 1)?;
    let id = cx.transactional_id("t")?;
    let start = json!({"transactionalId": id, "transactionTimeoutMs": 60_000});
    cx.call("InitProducerId", 4, start.clone())?;
    cx.labels.hidden.push("topicId");
    delete(cx, Transactions.name())?;
    cx.labels.hidden.pop();
    cx.until("no coordinator", |cx| {
        let answer = cx.call("DescribeTransactions", 0, json!({"transactionalIds": [id]}))?;
        Ok(answer["transactionStates"][0]["errorCode"] == 16)
    })?;
    ask_of_transaction(cx, Context::A, &topic, &id)?;
    produce(cx, &topic, &id)?;
    cx.labels.own_topics_only = true;
    cx.call("ListTransactions", 2, json!({}))?;
    cx.note("the topic is made again");
    cx.transaction_coordinator(&id)?;
    cx.call("DescribeTransactions", 0, json!({"transactionalIds": [id]}))?;
    cx.call("InitProducerId", 4, start)?;
    cx.coordinator_records(Transactions, &id)
}

/// Records name a transaction's partitions in the order of Java's hash tables: of topics whose names are the same in
/// every run.
fn order_of_partitions(cx: &mut Context) -> Result<()> {
    let topics = ["ordered-one", "ordered-two"];
    cx.quietly(|cx| {
        for topic in topics {
            let body = json!({"topics": [{"name": topic, "numPartitions": 24, "replicationFactor": 1}], "timeoutMs": 10_000});
            cx.call("CreateTopics", 5, body)?;
            cx.await_topic(topic, 24)?;
        }
        Ok(())
    })?;
    let mut t = Producer::new(cx, "t")?;
    cx.labels.exact_order = true;
    let add = |cx: &mut Context, t: &Producer, wanted: [&[i32]; 2]| {
        let rows = topics.iter().zip(wanted);
        let rows: Vec<_> = rows
            .map(|(topic, partitions)| json!({"name": topic, "partitions": partitions}))
            .collect();
        cx.quietly(|cx| t.add_topics(cx, 3, json!(rows)))?;
        t.describe(cx)
    };
    add(cx, &t, [&[5, 0, 3], &[9]])?;
    add(cx, &t, [&[17, 16, 2, 4], &[7, 23, 8]])?;
    let many: Vec<i32> = (6..15).collect();
    add(cx, &t, [&many, &many])?;
    t.complete(cx, true)?;
    cx.coordinator_records(Transactions, &t.transactional_id)?;
    for topic in topics {
        cx.quietly(|cx| delete(cx, topic))?;
    }
    Ok(())
}
