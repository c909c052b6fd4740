//! Share groups whose share coordinator is away: everybody who asks it asks again for half a minute, and everybody who
//! asks them waits.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::members::configure;
use super::share_cluster::Stage;
use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::coordinator_records::CoordinatorTopic::Shares;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_waits")
        .on(Profile::Stopping)
        .cases(cases![acknowledged])
        .alone()
        .cases(cases![acknowledged_until_it_is_back])
        .alone()
        .cases(cases![acknowledged_until_locks_end])
        .alone()
        .cases(cases![acknowledged_by_a_fetch])
        .alone()
        .cases(cases![session_closed])
        .alone()
        .cases(cases![begun])
        .alone()
        .cases(cases![described])
        .alone()
        .cases(cases![altered_and_deleted])
        .alone()
}

/// Kafka tries for 36 seconds at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stage whose state lies on node 3 alone.
fn stage(cx: &mut Context) -> Result<Stage> {
    let stage = Stage::new(cx, &[1, 2], &[1, 2, 3], &[2, 3, 1])?;
    cx.hand_over(Shares, &stage.key(), &[3])?;
    cx.until("the coordinator", |cx| {
        Ok(cx.coordinating(Shares, &stage.key())? == 3)
    })?;
    Ok(stage)
}

/// The coordinator's node stops, and the others know.
fn leave(cx: &mut Context, stage: &Stage) -> Result<()> {
    cx.stop_node(3)?;
    until_found(cx, stage, 15)
}

/// It is back.
fn come_back(cx: &mut Context, stage: &Stage) -> Result<()> {
    cx.start_node(3)?;
    until_found(cx, stage, 0)
}

/// Asks node 1 for the coordinator until it answers this.
fn until_found(cx: &mut Context, stage: &Stage, code: i16) -> Result<()> {
    let body = json!({"keyType": 2, "coordinatorKeys": [stage.key()]});
    cx.quietly(|cx| {
        cx.until("the coordinator", |cx| {
            let found = cx.call("FindCoordinator", 6, body.clone())?;
            Ok(found["coordinators"][0]["errorCode"] == code)
        })
    })
}

/// The state has its replicas again.
fn tidy(cx: &mut Context, stage: &Stage) -> Result<()> {
    cx.hand_over(Shares, &stage.key(), &[2, 3, 1])
}

/// Sends a request on a connection of its own.
fn send(cx: &mut Context, api: &str, version: i16, body: Value) -> Result<Conn> {
    let conn = cx.connect(1)?;
    cx.send_on(conn, api, version, body)?;
    Ok(conn)
}

fn acknowledgement(stage: &Stage, batches: &[(i64, i64, &[i8])]) -> Value {
    json!({"groupId": stage.m.group, "memberId": stage.m.id, "shareSessionEpoch": stage.m.session,
        "topics": stage.t.said(batches)})
}

/// Sends a ShareAcknowledge; the session goes on.
fn say(cx: &mut Context, stage: &mut Stage, batches: &[(i64, i64, &[i8])]) -> Result<()> {
    let body = acknowledgement(stage, batches);
    stage.m.session += 1;
    cx.send_on(stage.m.conn, "ShareAcknowledge", 2, body)
}

/// Has locks last for so long.
fn lock_for(cx: &mut Context, stage: &Stage, millis: &str) -> Result<()> {
    let (name, group) = ("share.record.lock.duration.ms", &stage.m.group);
    configure(cx, group, &[(name, millis)])?;
    let resource = json!({"resourceType": 32, "resourceName": group, "configurationKeys": [name]});
    cx.quietly(|cx| {
        cx.until("the setting", |cx| {
            let body = json!({"resources": [resource.clone()]});
            let answer = cx.call("DescribeConfigs", 4, body)?;
            Ok(answer["results"][0]["configs"][0]["value"] == millis)
        })
    })
}

fn acknowledged(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    lock_for(cx, &stage, "60000")?;
    stage.half_way(cx)?;
    leave(cx, &stage)?;
    say(cx, &mut stage, &[(2, 2, &[1])])?;
    cx.receive_within(stage.m.conn, PATIENCE)?;
    come_back(cx, &stage)?;
    // It is the member's as before.
    stage.say(cx, &[(2, 2, &[1])])?;
    stage.fetch(cx)?;
    tidy(cx, &stage)
}

fn acknowledged_until_it_is_back(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    lock_for(cx, &stage, "60000")?;
    stage.half_way(cx)?;
    leave(cx, &stage)?;
    say(cx, &mut stage, &[(2, 2, &[1])])?;
    // Nobody says anything twice meanwhile.
    let mut again = acknowledgement(&stage, &[(2, 2, &[2])]);
    again["memberId"] = json!("n");
    again["shareSessionEpoch"] = json!(1);
    let other = cx.connect(1)?;
    let opening = json!({"groupId": stage.m.group, "memberId": "n", "shareSessionEpoch": 0,
        "maxWaitMs": 0, "minBytes": 1, "maxBytes": 1_000_000, "maxRecords": 0, "batchSize": 100,
        "topics": stage.t.of(&[0])});
    cx.quietly(|cx| cx.call_on(other, "ShareFetch", 2, opening))?;
    cx.call_on(other, "ShareAcknowledge", 2, again)?;
    come_back(cx, &stage)?;
    cx.receive_within(stage.m.conn, PATIENCE)?;
    stage.fetch(cx)?;
    tidy(cx, &stage)
}

fn acknowledged_until_locks_end(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    lock_for(cx, &stage, "15000")?;
    stage.half_way(cx)?;
    leave(cx, &stage)?;
    say(cx, &mut stage, &[(2, 2, &[1])])?;
    cx.receive_within(stage.m.conn, PATIENCE)?;
    come_back(cx, &stage)?;
    // It is the member's no more.
    stage.say(cx, &[(2, 2, &[1])])?;
    tidy(cx, &stage)
}

fn acknowledged_by_a_fetch(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    lock_for(cx, &stage, "60000")?;
    stage.half_way(cx)?;
    leave(cx, &stage)?;
    let body = stage
        .m
        .fetch_body(stage.t.said(&[(2, 2, &[1])]), json!({"maxWaitMs": 500}));
    cx.send_on(stage.m.conn, "ShareFetch", 2, body)?;
    cx.receive_within(stage.m.conn, PATIENCE)?;
    come_back(cx, &stage)?;
    tidy(cx, &stage)
}

fn session_closed(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    lock_for(cx, &stage, "60000")?;
    stage.half_way(cx)?;
    leave(cx, &stage)?;
    // Nobody waits for what is given up.
    let mut body = acknowledgement(&stage, &[]);
    body["shareSessionEpoch"] = json!(-1);
    body["topics"] = json!([]);
    cx.call_on(stage.m.conn, "ShareAcknowledge", 2, body)?;
    come_back(cx, &stage)?;
    tidy(cx, &stage)
}

fn begun(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    stage.half_way(cx)?;
    cx.lead(&stage.t.name, &[2, 1])?;
    leave(cx, &stage)?;
    stage.turn_to(cx, 2)?;
    // The first request has it begin, the second does not hear that it fails, and the third has it begin again.
    for wait in [1_000, 40_000, 45_000] {
        let body = stage
            .m
            .fetch_body(stage.t.of(&[0]), json!({"maxWaitMs": wait}));
        stage.m.session += 1;
        cx.send_on(stage.m.conn, "ShareFetch", 2, body)?;
        cx.receive_within(stage.m.conn, PATIENCE)?;
    }
    come_back(cx, &stage)?;
    stage
        .m
        .fetch(cx, stage.t.of(&[0]), json!({"maxWaitMs": 30_000}))?;
    tidy(cx, &stage)
}

fn described(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    stage.half_way(cx)?;
    leave(cx, &stage)?;
    let topics = json!([{"topicName": stage.t.name, "partitions": [0]}]);
    let body = |topics: Value| json!({"groups": [{"groupId": stage.m.group, "topics": topics}]});
    let one = send(cx, "DescribeShareGroupOffsets", 1, body(topics))?;
    let all = send(cx, "DescribeShareGroupOffsets", 1, body(Value::Null))?;
    cx.receive_within(one, PATIENCE)?;
    cx.receive_within(all, PATIENCE)?;
    come_back(cx, &stage)?;
    tidy(cx, &stage)
}

fn altered_and_deleted(cx: &mut Context) -> Result<()> {
    let mut stage = stage(cx)?;
    stage.half_way(cx)?;
    cx.quietly(|cx| stage.group.leave(cx))?;
    leave(cx, &stage)?;
    let group = stage.m.group.clone();
    let conn = cx.connect(1)?;
    let rows = json!([{"partitionIndex": 0, "startOffset": 2}]);
    let topics = json!([{"topicName": stage.t.name, "partitions": rows}]);
    let body = json!({"groupId": group, "topics": topics});
    cx.send_on(conn, "AlterShareGroupOffsets", 0, body)?;
    cx.receive_within(conn, PATIENCE)?;
    let topics = json!([{"topicName": stage.t.name}]);
    let body = json!({"groupId": group, "topics": topics});
    cx.send_on(conn, "DeleteShareGroupOffsets", 0, body)?;
    cx.receive_within(conn, PATIENCE)?;
    let body = json!({"groupsNames": [group]});
    cx.send_on(conn, "DeleteGroups", 3, body.clone())?;
    cx.receive_within(conn, PATIENCE)?;
    come_back(cx, &stage)?;
    cx.call_on(conn, "DeleteGroups", 3, body)?;
    tidy(cx, &stage)
}
