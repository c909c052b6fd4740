//! Share groups on three nodes: who is asked and who should have been, leaders of share partitions and share
//! coordinators that move.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Shared, Sharer};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::{Groups, Shares};
use crate::profile::Profile;
use crate::records::Batch;

pub(super) fn area() -> Area {
    Area::new("share_cluster")
        .on(Profile::Three)
        .cases(cases![
            fetch_from_a_follower,
            fetch_from_a_stranger,
            acknowledge_at_a_follower,
            leader_handed_over,
            leader_handed_over_and_back,
            state_requests_elsewhere,
            state_requests_by_an_old_leader,
            group_requests_elsewhere,
            offsets_described_elsewhere,
            group_handed_over,
        ])
        .on(Profile::Stopping)
        .cases(cases![leader_stops])
        .alone()
        .cases(cases![state_coordinator_stops])
        .alone()
        .cases(cases![state_coordinator_returns])
        .alone()
        .cases(cases![group_coordinator_stops])
        .alone()
}

/// A share group with one member, and a topic of one partition.
pub(super) struct Stage {
    /// The topic.
    pub t: Shared,
    /// As which the member speaks with its coordinator.
    pub group: Sharer,
    /// As which it speaks with the leader.
    pub m: Sharer,
}

impl Stage {
    /// The partition has replicas on these nodes, the first of which leads; so has the group's, and that of the share
    /// partition's state.
    pub(super) fn new(
        cx: &mut Context,
        data: &[usize],
        groups: &[i64],
        shares: &[i64],
    ) -> Result<Self> {
        cx.labels.hidden.push("controllerId");
        cx.labels.hidden.push("records");
        let name = cx.create_topic_on("t", &[data])?;
        let id = cx.topic_id(&name)?;
        let t = Shared { name, id };
        let group = cx.share_group_led_by("g", &t.id, |r| r == groups, |r| r == shares)?;
        let mut beating = Sharer::new(&group, "m");
        beating.conn = cx.connect(usize::try_from(groups[0])?)?;
        cx.quietly(|cx| beating.join(cx, &[&t.name]))?;
        beating.await_partitions(cx, 1)?;
        let mut m = beating.clone();
        m.conn = cx.connect(data[0])?;
        // The group begins where the log ends.
        cx.quietly(|cx| m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 500})))?;
        let stage = Self {
            t,
            group: beating,
            m,
        };
        stage.produce(cx, data[0], &["a", "b", "c", "d"])?;
        Ok(stage)
    }

    fn produce(&self, cx: &mut Context, node: usize, values: &[&str]) -> Result<()> {
        let conn = cx.connect(node)?;
        let row = json!({"index": 0, "records": Batch::of(values).json()});
        let data = json!([{"name": self.t.name, "partitionData": [row]}]);
        let body = json!({"acks": -1, "timeoutMs": 10000, "topicData": data});
        cx.quietly(|cx| cx.call_on(conn, "Produce", 9, body))?;
        cx.forget_connections(cx.connection_count() - 1);
        Ok(())
    }

    pub(super) fn fetch(&mut self, cx: &mut Context) -> Result<Value> {
        self.m
            .fetch(cx, self.t.of(&[0]), json!({"maxWaitMs": 1000}))
    }

    pub(super) fn say(&mut self, cx: &mut Context, batches: &[(i64, i64, &[i8])]) -> Result<Value> {
        self.m.acknowledge(cx, self.t.said(batches), json!({}))
    }

    /// Of the first four records one is accepted, one released, and two are the member's.
    pub(super) fn half_way(&mut self, cx: &mut Context) -> Result<()> {
        self.fetch(cx)?;
        self.say(cx, &[(0, 1, &[1, 2])])?;
        Ok(())
    }

    /// The member turns to this node, with a session of its own.
    pub(super) fn turn_to(&mut self, cx: &mut Context, node: usize) -> Result<()> {
        self.m.conn = cx.connect(node)?;
        self.m.session = 0;
        cx.note(&format!("the member turns to node {node}"));
        Ok(())
    }

    /// The share partition as FindCoordinator names it.
    pub(super) fn key(&self) -> String {
        format!("{}:{}:0", self.m.group, self.t.id)
    }

    fn rows(&self, row: Value) -> Value {
        json!({"groupId": self.m.group, "topics": [{"topicId": self.t.id, "partitions": [row]}]})
    }
}

const FIRST: &[i64] = &[1, 2, 3];
const SECOND: &[i64] = &[2, 3, 1];
const THIRD: &[i64] = &[3, 1, 2];

fn fetch_from_a_follower(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.turn_to(cx, 2)?;
    stage.fetch(cx)?;
    stage.fetch(cx)?;
    Ok(())
}

fn fetch_from_a_stranger(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.turn_to(cx, 3)?;
    stage.fetch(cx)?;
    Ok(())
}

fn acknowledge_at_a_follower(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.fetch(cx)?;
    stage.turn_to(cx, 2)?;
    stage.fetch(cx)?;
    stage.say(cx, &[(0, 1, &[1])])?;
    Ok(())
}

fn leader_handed_over(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.half_way(cx)?;
    cx.lead(&stage.t.name, &[2, 1])?;
    stage.say(cx, &[(2, 2, &[1])])?;
    stage.fetch(cx)?;
    stage.turn_to(cx, 2)?;
    stage.fetch(cx)?;
    stage.say(cx, &[(1, 3, &[1])])?;
    Ok(())
}

fn leader_handed_over_and_back(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.half_way(cx)?;
    cx.lead(&stage.t.name, &[2, 1])?;
    cx.lead(&stage.t.name, &[1, 2])?;
    stage.say(cx, &[(2, 2, &[1])])?;
    stage.fetch(cx)?;
    stage.say(cx, &[(2, 3, &[1])])?;
    Ok(())
}

fn state_requests_elsewhere(cx: &mut Context) -> Result<()> {
    let stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    let conn = cx.connect(3)?;
    let batch = json!({"firstOffset": 0, "lastOffset": 0, "deliveryState": 2, "deliveryCount": 1});
    for (api, version, row) in [
        (
            "InitializeShareGroupState",
            0,
            json!({"partition": 0, "stateEpoch": 9, "startOffset": 0}),
        ),
        (
            "ReadShareGroupState",
            0,
            json!({"partition": 0, "leaderEpoch": 9}),
        ),
        (
            "WriteShareGroupState",
            1,
            json!({"partition": 0, "stateEpoch": 9, "leaderEpoch": 9, "startOffset": 0, "stateBatches": [batch]}),
        ),
        ("DeleteShareGroupState", 0, json!({"partition": 0})),
        (
            "ReadShareGroupStateSummary",
            1,
            json!({"partition": 0, "leaderEpoch": 9}),
        ),
    ] {
        cx.call_on(conn, api, version, stage.rows(row))?;
    }
    Ok(())
}

/// Somebody says to lead in a later epoch: who leads hears of it with the next acknowledgement.
fn state_requests_by_an_old_leader(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.half_way(cx)?;
    let conn = cx.connect(2)?;
    let row = json!({"partition": 0, "leaderEpoch": 7});
    cx.call_on(conn, "ReadShareGroupState", 0, stage.rows(row))?;
    stage.say(cx, &[(2, 2, &[1])])?;
    stage.fetch(cx)?;
    Ok(())
}

fn group_requests_elsewhere(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.group.conn = cx.connect(2)?;
    stage.group.idle(cx)?;
    let (group, conn) = (stage.m.group.clone(), stage.group.conn);
    cx.call_on(conn, "ShareGroupDescribe", 1, json!({"groupIds": [group]}))?;
    let rows = json!([{"partitionIndex": 0, "startOffset": 0}]);
    let topics = json!([{"topicName": stage.t.name, "partitions": rows}]);
    cx.call_on(
        conn,
        "AlterShareGroupOffsets",
        0,
        json!({"groupId": group, "topics": topics}),
    )?;
    let topics = json!([{"topicName": stage.t.name}]);
    cx.call_on(
        conn,
        "DeleteShareGroupOffsets",
        0,
        json!({"groupId": group, "topics": topics}),
    )?;
    Ok(())
}

fn offsets_described_elsewhere(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.half_way(cx)?;
    let topics = json!([{"topicName": stage.t.name, "partitions": [0]}]);
    for (node, topics) in [(3, topics), (3, Value::Null), (1, Value::Null)] {
        cx.note(&format!("asked of node {node}"));
        let conn = cx.connect(node)?;
        let groups = json!([{"groupId": stage.m.group, "topics": topics}]);
        cx.call_on(
            conn,
            "DescribeShareGroupOffsets",
            1,
            json!({"groups": groups}),
        )?;
    }
    Ok(())
}

fn group_handed_over(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, SECOND)?;
    stage.half_way(cx)?;
    cx.hand_over(Groups, &stage.m.group, &[3, 2, 1])?;
    cx.until("the coordinator", |cx| {
        Ok(cx.coordinating(Groups, &stage.m.group)? == 3)
    })?;
    stage.group.idle(cx)?;
    stage.group.conn = cx.connect(3)?;
    stage.group.idle(cx)?;
    let body = json!({"groupIds": [stage.m.group]});
    cx.call_on(stage.group.conn, "ShareGroupDescribe", 1, body)?;
    stage.say(cx, &[(2, 2, &[1])])?;
    Ok(())
}

fn leader_stops(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[3, 1], FIRST, SECOND)?;
    stage.half_way(cx)?;
    cx.stop_node(3)?;
    stage.turn_to(cx, 1)?;
    stage.fetch(cx)?;
    stage.say(cx, &[(1, 3, &[1])])?;
    cx.start_node(3)
}

fn state_coordinator_stops(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, THIRD)?;
    stage.half_way(cx)?;
    cx.stop_node(3)?;
    cx.until("the coordinator", |cx| {
        Ok(cx.coordinating(Shares, &stage.key())? == 1)
    })?;
    stage.say(cx, &[(2, 2, &[1])])?;
    stage.fetch(cx)?;
    cx.start_node(3)
}

fn state_coordinator_returns(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], FIRST, THIRD)?;
    stage.half_way(cx)?;
    cx.stop_node(3)?;
    cx.until("the coordinator", |cx| {
        Ok(cx.coordinating(Shares, &stage.key())? == 1)
    })?;
    stage.say(cx, &[(2, 2, &[1])])?;
    cx.start_node(3)?;
    let all = json!({"electionType": 0, "timeoutMs": 10_000, "topicPartitions": null});
    cx.until("the preferred leaders", |cx| {
        cx.call("ElectLeaders", 2, all.clone())?;
        Ok(cx.coordinating(Shares, &stage.key())? == 3)
    })?;
    stage.say(cx, &[(3, 3, &[2])])?;
    stage.fetch(cx)?;
    let conn = cx.connect(3)?;
    let row = json!({"partition": 0, "leaderEpoch": 0});
    cx.call_on(conn, "ReadShareGroupState", 0, stage.rows(row))?;
    Ok(())
}

fn group_coordinator_stops(cx: &mut Context) -> Result<()> {
    let mut stage = Stage::new(cx, &[1, 2], THIRD, SECOND)?;
    stage.half_way(cx)?;
    cx.stop_node(3)?;
    cx.until("the coordinator", |cx| {
        Ok(cx.coordinating(Groups, &stage.m.group)? == 1)
    })?;
    stage.group.conn = cx.connect(1)?;
    stage.group.idle(cx)?;
    stage.say(cx, &[(2, 2, &[1])])?;
    cx.start_node(3)
}
