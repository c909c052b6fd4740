//! Groups and transactional ids whose coordinator stops, or hands over to another node.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::members::{Classic, Consumer, Join};
use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::coordinator_records::CoordinatorTopic::{self, Groups, Transactions};
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("moved_coordinators")
        .on(Profile::Stopping)
        .cases(cases![stable_group])
        .alone()
        .cases(cases![held_join])
        .alone()
        .cases(cases![held_sync])
        .alone()
        .cases(cases![unused_member_id])
        .alone()
        .cases(cases![consumer_group])
        .alone()
        .cases(cases![pending_offsets])
        .alone()
        .cases(cases![open_transaction])
        .alone()
        .cases(cases![returned_epoch])
        .alone()
        .cases(cases![elected_elsewhere])
        .alone()
}

/// The node that coordinates first, and stops; the first one takes over from it.
const STOPPING: usize = 3;

/// A key whose coordinator is the third node, then the first.
fn key(cx: &mut Context, topic: CoordinatorTopic, short: &str) -> Result<String> {
    cx.labels.hidden.push("controllerId");
    cx.key_led_by(topic, short, |replicas| replicas == [3, 1, 2])
}

/// A member of the group, with an id that it was given by this node.
fn member(cx: &mut Context, node: usize, group: &str, name: &str) -> Result<Classic> {
    let mut member = Classic {
        conn: cx.connect(node)?,
        group: group.to_owned(),
        id: String::new(),
        instance: None,
        generation: -1,
        protocols: vec![("range", String::new())],
        session: 30_000,
        rebalance: 30_000,
    };
    let answer =
        cx.quietly(|cx| cx.call_on(member.conn, "JoinGroup", 9, Join::of("").body(group)))?;
    ensure!(answer["errorCode"] == 79, "JoinGroup answered {answer}");
    let id = answer["memberId"].as_str().unwrap_or_default();
    id.clone_into(&mut member.id);
    cx.labels.text(&member.id, &format!("<{name}>"));
    Ok(member)
}

/// The coordinator moves to the first node: the one it was on stops.
fn stop(cx: &mut Context, topic: CoordinatorTopic, key: &str) -> Result<()> {
    cx.stop_node(STOPPING)?;
    await_coordinator(cx, topic, key, 1)
}

/// Waits until this node coordinates and has loaded, by what FindCoordinator and the node itself say.
fn await_coordinator(
    cx: &mut Context,
    topic: CoordinatorTopic,
    key: &str,
    wanted: usize,
) -> Result<()> {
    cx.until("the coordinator", |cx| {
        Ok(cx.coordinating(topic, key)? == wanted)
    })?;
    cx.note(&format!("node {wanted} coordinates"));
    await_commit(cx, topic, key, wanted)
}

/// Waits until what the new coordinator has read is committed: what it describes is not newer than that, while
/// anyone who leaves is answered by then.
fn await_commit(cx: &mut Context, topic: CoordinatorTopic, key: &str, node: usize) -> Result<()> {
    if topic == Groups {
        let conn = cx.connect(node)?;
        let body = json!({"groupId": key, "members": [{"memberId": "nobody"}]});
        cx.quietly(|cx| cx.call_on(conn, "LeaveGroup", 5, body))?;
        cx.forget_connections(cx.connection_count() - 1);
    }
    Ok(())
}

/// The node that was stopped is back, and coordinates again.
fn come_back(cx: &mut Context, topic: CoordinatorTopic, key: &str) -> Result<()> {
    cx.start_node(STOPPING)?;
    cx.until("the preferred leaders", |cx| {
        cx.call(
            "ElectLeaders",
            2,
            json!({"electionType": 0, "timeoutMs": 10_000, "topicPartitions": null}),
        )?;
        Ok(cx.coordinating(topic, key)? == STOPPING)
    })?;
    cx.note(&format!("node {STOPPING} coordinates"));
    await_commit(cx, topic, key, STOPPING)
}

fn describe(cx: &mut Context, conn: Conn, group: &str) -> Result<()> {
    cx.call_on(conn, "DescribeGroups", 6, json!({"groups": [group]}))?;
    Ok(())
}

/// A member at another node, as it was.
fn moved(cx: &mut Context, member: &Classic, node: usize) -> Result<Classic> {
    Ok(Classic {
        conn: cx.connect(node)?,
        ..member.clone()
    })
}

/// Lets the members make the group's first generation, without a trace; the first leads, and each is assigned
/// "for" and its number.
fn settle(cx: &mut Context, watch: Conn, members: &mut [&mut Classic]) -> Result<()> {
    generation(cx, watch, members)?;
    cx.quietly(|cx| {
        let ids: Vec<_> = members
            .iter()
            .zip(1..)
            .map(|(member, at)| (member.id.clone(), format!("for {at}")))
            .collect();
        let rows = ids.iter().map(|(id, to)| (id.as_str(), to.as_str()));
        let rows: Vec<(&str, &str)> = rows.collect();
        for member in members.iter() {
            ensure!(member.sync(cx, &rows)?["errorCode"] == 0, "no assignment");
        }
        Ok(())
    })?;
    cx.note("a stable group");
    Ok(())
}

/// The same without assignments.
fn generation(cx: &mut Context, watch: Conn, members: &mut [&mut Classic]) -> Result<()> {
    cx.quietly(|cx| {
        for (member, count) in members.iter().zip(1..) {
            member.send_join(cx)?;
            cx.await_members(watch, &member.group, count)?;
        }
        for member in members.iter_mut() {
            // The initial wait is extended by anyone who comes.
            let answer = cx.receive_within(member.conn, Duration::from_secs(20))?;
            ensure!(answer["errorCode"] == 0, "JoinGroup answered {answer}");
            member.generation = answer["generationId"].as_i64().unwrap_or(-1);
        }
        Ok(())
    })
}

fn commit(cx: &mut Context, member: &Classic, topic: &str, offset: i64) -> Result<Value> {
    let topics = json!([{"name": topic, "partitions": [committed(0, offset)]}]);
    let body = json!({"groupId": member.group, "memberId": member.id, "generationIdOrMemberEpoch": member.generation,
        "topics": topics});
    cx.call_on(member.conn, "OffsetCommit", 9, body)
}

fn stable_group(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_on("a", &[&[1, 2]])?;
    let group = key(cx, Groups, "g")?;
    let watch = cx.connect(STOPPING)?;
    let mut m = member(cx, STOPPING, &group, "m")?;
    let mut n = member(cx, STOPPING, &group, "n")?;
    settle(cx, watch, &mut [&mut m, &mut n])?;
    commit(cx, &m, &topic, 7)?;
    describe(cx, watch, &group)?;
    stop(cx, Groups, &group)?;
    describe(cx, Context::A, &group)?;
    let (m, mut n) = (moved(cx, &m, 1)?, moved(cx, &n, 1)?);
    m.beat(cx)?;
    n.beat(cx)?;
    m.sync(cx, &[])?;
    cx.note("who says the same as before learns of the same generation");
    n.join(cx)?;
    cx.call("OffsetFetch", 9, offset_fetch(9, &group, None))?;
    commit(cx, &n, &topic, 8)?;
    come_back(cx, Groups, &group)?;
    m.beat(cx)?;
    commit(cx, &m, &topic, 9)?;
    let m = moved(cx, &m, STOPPING)?;
    m.beat(cx)?;
    describe(cx, m.conn, &group)?;
    cx.call_on(m.conn, "OffsetFetch", 9, offset_fetch(9, &group, None))?;
    Ok(())
}

fn held_join(cx: &mut Context) -> Result<()> {
    let group = key(cx, Groups, "g")?;
    let watch = cx.connect(STOPPING)?;
    let mut m = member(cx, STOPPING, &group, "m")?;
    settle(cx, watch, &mut [&mut m])?;
    let n = member(cx, STOPPING, &group, "n")?;
    n.send_join(cx)?;
    cx.await_state(watch, &group, "PreparingRebalance")?;
    m.beat(cx)?;
    stop(cx, Groups, &group)?;
    n.receive(cx)?;
    cx.expect_closed(n.conn)?;
    describe(cx, Context::A, &group)?;
    let (m, mut n) = (moved(cx, &m, 1)?, moved(cx, &n, 1)?);
    m.beat(cx)?;
    n.join(cx)?;
    describe(cx, Context::A, &group)?;
    come_back(cx, Groups, &group)
}

fn held_sync(cx: &mut Context) -> Result<()> {
    let group = key(cx, Groups, "g")?;
    let watch = cx.connect(STOPPING)?;
    let mut m = member(cx, STOPPING, &group, "m")?;
    let mut n = member(cx, STOPPING, &group, "n")?;
    generation(cx, watch, &mut [&mut m, &mut n])?;
    n.send_sync(cx, &[])?;
    m.beat(cx)?;
    stop(cx, Groups, &group)?;
    n.receive(cx)?;
    cx.expect_closed(n.conn)?;
    cx.note("nothing was written of the generation");
    describe(cx, Context::A, &group)?;
    let (m, n) = (moved(cx, &m, 1)?, moved(cx, &n, 1)?);
    m.sync(cx, &[])?;
    n.beat(cx)?;
    come_back(cx, Groups, &group)
}

fn unused_member_id(cx: &mut Context) -> Result<()> {
    let group = key(cx, Groups, "g")?;
    let m = member(cx, STOPPING, &group, "m")?;
    cx.await_state(m.conn, &group, "Empty")?;
    stop(cx, Groups, &group)?;
    let mut m = moved(cx, &m, 1)?;
    m.join(cx)?;
    come_back(cx, Groups, &group)
}

fn consumer_group(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_on("a", &[&[1, 2], &[2, 1]])?;
    cx.topic_id(&topic)?;
    let group = key(cx, Groups, "g")?;
    let mut m = Consumer {
        conn: cx.connect(STOPPING)?,
        ..Consumer::new(&group, "m")
    };
    cx.quietly(|cx| m.join(cx, &[&topic]))?;
    cx.until("the assignment", |cx| {
        let answer = m.own(cx)?;
        let held = m
            .assigned
            .pointer("/0/partitions")
            .and_then(Value::as_array);
        Ok(answer["errorCode"] == 0 && held.is_some_and(|held| held.len() == 2))
    })?;
    m.own(cx)?;
    stop(cx, Groups, &group)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    let mut m = Consumer {
        conn: Context::A,
        ..m
    };
    m.idle(cx)?;
    m.own(cx)?;
    cx.note("another one joins");
    let mut n = Consumer::new(&group, "n");
    cx.quietly(|cx| n.join(cx, &[&topic]))?;
    cx.until("the next assignment", |cx| {
        n.idle(cx)?;
        Ok(n.epoch == 3)
    })?;
    n.idle(cx)?;
    come_back(cx, Groups, &group)?;
    m.idle(cx)?;
    Ok(())
}

fn pending_offsets(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_on("a", &[&[1, 2]])?;
    let group = key(cx, Groups, "g")?;
    let id = cx.key_led_by(Transactions, "t", |replicas| replicas[0] == 1)?;
    let mut t = Producer {
        transactional_id: id,
        id: -1,
        epoch: -1,
    };
    let answer = t.init(cx, 4)?;
    t.follow(&answer)?;
    t.add_offsets(cx, 3, &group)?;
    let conn = cx.connect(STOPPING)?;
    let topics = json!([{"name": topic, "partitions": [committed(0, 5)]}]);
    cx.call_on(conn, "TxnOffsetCommit", 3, t.offsets(&group, topics))?;
    stop(cx, Groups, &group)?;
    let fetch = |stable: bool| {
        json!({"requireStable": stable, "groups": [{"groupId": group, "topics":
        [{"name": topic, "partitionIndexes": [0]}]}]})
    };
    cx.call("OffsetFetch", 9, fetch(true))?;
    cx.call("OffsetFetch", 9, fetch(false))?;
    describe(cx, Context::A, &group)?;
    t.end(cx, 3, true)?;
    t.settle(cx)?;
    cx.call("OffsetFetch", 9, fetch(true))?;
    come_back(cx, Groups, &group)?;
    cx.call_on(Context::A, "OffsetFetch", 9, fetch(true))?;
    let conn = cx.connect(STOPPING)?;
    cx.call_on(conn, "OffsetFetch", 9, fetch(true))?;
    Ok(())
}

/// A transactional id that the third node coordinates, and that has begun a transaction.
fn begun(cx: &mut Context, topic: &str) -> Result<(Producer, Conn)> {
    let mut t = Producer {
        transactional_id: key(cx, Transactions, "t")?,
        id: -1,
        epoch: -1,
    };
    let conn = cx.connect(STOPPING)?;
    let body = json!({"transactionalId": t.transactional_id, "transactionTimeoutMs": 60_000});
    let answer = cx.call_on(conn, "InitProducerId", 4, body)?;
    t.follow(&answer)?;
    let body = json!({"v3AndBelowTransactionalId": t.transactional_id, "v3AndBelowProducerId": t.id,
        "v3AndBelowProducerEpoch": t.epoch, "v3AndBelowTopics": [{"name": topic, "partitions": [0]}]});
    cx.call_on(conn, "AddPartitionsToTxn", 3, body)?;
    t.write(cx, topic, 0, &["x"])?;
    Ok((t, conn))
}

fn open_transaction(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_on("a", &[&[1, 2]])?;
    let (mut t, _) = begun(cx, &topic)?;
    stop(cx, Transactions, &t.transactional_id)?;
    t.describe(cx)?;
    let answer = t.end(cx, 5, true)?;
    t.follow(&answer)?;
    t.settle(cx)?;
    t.describe(cx)?;
    cx.note_ends(&topic)?;
    come_back(cx, Transactions, &t.transactional_id)?;
    t.describe(cx)?;
    Ok(())
}

/// What the state topic does not tell: the epoch before the last.
fn returned_epoch(cx: &mut Context) -> Result<()> {
    let topic = cx.create_topic_on("a", &[&[1, 2]])?;
    let (mut t, conn) = begun(cx, &topic)?;
    let body = json!({"transactionalId": t.transactional_id, "producerId": t.id, "producerEpoch": t.epoch,
        "committed": true});
    let answer = cx.call_on(conn, "EndTxn", 5, body)?;
    let before = t.clone();
    t.follow(&answer)?;
    let describe = json!({"transactionalIds": [t.transactional_id]});
    cx.until("the markers", |cx| {
        let answer = cx.call_on(conn, "DescribeTransactions", 0, describe.clone())?;
        Ok(answer["transactionStates"][0]["transactionState"] == "CompleteCommit")
    })?;
    stop(cx, Transactions, &t.transactional_id)?;
    t.describe(cx)?;
    cx.note("the end again, as if its answer had been lost");
    before.end(cx, 5, true)?;
    cx.note("a producer that recovers, with the epoch before and with the last");
    before.init_again(cx, 4)?;
    t.init_again(cx, 4)?;
    t.describe(cx)?;
    cx.coordinator_records(Transactions, &t.transactional_id)?;
    come_back(cx, Transactions, &t.transactional_id)
}

/// Nobody stops: another replica is elected.
fn elected_elsewhere(cx: &mut Context) -> Result<()> {
    let group = key(cx, Groups, "g")?;
    let watch = cx.connect(STOPPING)?;
    let mut m = member(cx, STOPPING, &group, "m")?;
    settle(cx, watch, &mut [&mut m])?;
    let n = member(cx, STOPPING, &group, "n")?;
    n.send_join(cx)?;
    cx.await_state(watch, &group, "PreparingRebalance")?;
    cx.hand_over(Groups, &group, &[1, 3, 2])?;
    await_coordinator(cx, Groups, &group, 1)?;
    n.receive(cx)?;
    m.beat(cx)?;
    describe(cx, watch, &group)?;
    describe(cx, Context::A, &group)?;
    let (m, mut n) = (moved(cx, &m, 1)?, moved(cx, &n, 1)?);
    m.beat(cx)?;
    n.join(cx)?;
    cx.hand_over(Groups, &group, &[3, 1, 2])?;
    await_coordinator(cx, Groups, &group, STOPPING)
}
