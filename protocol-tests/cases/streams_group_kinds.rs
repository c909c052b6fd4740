//! Streams groups beside groups of other kinds: ListGroups (key 16), DescribeGroups (key 15), DeleteGroups (key 42), FindCoordinator (key 10),
//! and what becomes of a group that changes its kind.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{
    Classic, Consumer, Sharer, Streams, describe_streams, reads, stable, streams_of_one,
    streams_of_two,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    let area = Area::new("streams_group_kinds").on(Profile::Streams);
    let area = STATES.iter().fold(area, |area, (name, states)| {
        area.with(&format!("listed_{name}"), *states, listed)
    });
    area.cases_at(0..=5, cases![states_listed])
        .cases_at(0..=6, cases![described_as_classic])
        .cases_at(0..=2, cases![deleted])
        .cases(cases![
            consumer_joins,
            share_member_joins,
            streams_member_joins_a_share_group,
            classic_requests_of_members,
            classic_group_with_members,
            classic_group_with_a_pending_member,
            empty_classic_group,
            empty_consumer_group,
            empty_streams_group_for_consumers,
            classic_after_streams,
            several_described,
        ])
}

const STATES: [(&str, &[&str]); 7] = [
    ("not_ready", &["NotReady"]),
    ("not_ready_with_an_underscore", &["not_ready"]),
    ("not_ready_in_capitals", &["NOT_READY"]),
    ("stable", &["STABLE"]),
    ("empty", &["Empty"]),
    ("assigning", &["Assigning"]),
    ("reconciling", &["reconciling"]),
];

/// A group in each state.
fn stage(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let stable = cx.group("stable")?;
    let (_, t) = streams_of_one(cx, &stable, 2)?;
    let unready = cx.group("unready")?;
    let none = cx.topic("none");
    let mut m = Streams::new(&unready, "m");
    cx.quietly(|cx| m.join(cx, &reads(&[&none])))?;
    let empty = cx.group("empty")?;
    let mut m = Streams::new(&empty, "m");
    cx.quietly(|cx| m.join(cx, &reads(&[&t])))?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    let reconciling = cx.group("reconciling")?;
    for id in ["m", "n"] {
        cx.quietly(|cx| Streams::new(&reconciling, id).join(cx, &reads(&[&t])))?;
    }
    Ok(())
}

fn listed(cx: &mut Context, states: &'static [&'static str]) -> Result<()> {
    stage(cx)?;
    cx.call("ListGroups", 5, json!({"statesFilter": states}))?;
    Ok(())
}

fn states_listed(cx: &mut Context, version: i16) -> Result<()> {
    stage(cx)?;
    cx.call("ListGroups", version, json!({}))?;
    if version >= 5 {
        for types in [
            json!(["streams"]),
            json!(["STREAMS", "share"]),
            json!(["stream"]),
        ] {
            cx.call("ListGroups", version, json!({"typesFilter": types}))?;
        }
    }
    Ok(())
}

fn described_as_classic(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    streams_of_one(cx, &group, 1)?;
    cx.call("DescribeGroups", version, json!({"groups": [group]}))?;
    Ok(())
}

fn deleted(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 1)?;
    let none = cx.group("none")?;
    cx.call(
        "DeleteGroups",
        version,
        json!({"groupsNames": [group, none]}),
    )?;
    m.leave(cx, -1)?;
    cx.call("DeleteGroups", version, json!({"groupsNames": [group]}))?;
    cx.call("DeleteGroups", version, json!({"groupsNames": [group]}))?;
    describe_streams(cx, &group)?;
    m.epoch = 3;
    m.idle(cx)?;
    Ok(())
}

fn consumer_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = streams_of_one(cx, &group, 1)?;
    let mut c = Consumer::new(&group, "c");
    c.join(cx, &[&t])?;
    c.epoch = 1;
    c.idle(cx)?;
    c.leave(cx, -1)?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

fn share_member_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 1)?;
    let mut s = Sharer::new(&group, "s");
    s.join(cx, &[&t])?;
    cx.call("ShareGroupDescribe", 1, json!({"groupIds": [group]}))?;
    m.leave(cx, -1)?;
    cx.note("nobody is left");
    s.epoch = 0;
    s.join(cx, &[&t])?;
    Ok(())
}

fn streams_member_joins_a_share_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut s = Sharer::new(&group, "s");
    cx.quietly(|cx| s.join(cx, &[&t]))?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    m.epoch = 1;
    m.idle(cx)?;
    m.leave(cx, -1)?;
    cx.quietly(|cx| s.leave(cx))?;
    cx.note("nobody is left");
    m.join(cx, &reads(&[&t]))?;
    Ok(())
}

fn classic_requests_of_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (m, t) = streams_of_one(cx, &group, 1)?;
    for member in ["", "m", "x"] {
        let join = json!({"groupId": group, "sessionTimeoutMs": 10_000, "rebalanceTimeoutMs": 10_000, "memberId": member,
            "protocolType": "consumer", "protocols": [{"name": "range", "metadata": ""}]});
        cx.call("JoinGroup", 9, join)?;
        let sync = json!({"groupId": group, "generationId": m.epoch, "memberId": member, "assignments": []});
        cx.call("SyncGroup", 5, sync)?;
        let beat = json!({"groupId": group, "generationId": m.epoch, "memberId": member});
        cx.call("Heartbeat", 4, beat)?;
    }
    cx.call("LeaveGroup", 2, json!({"groupId": group, "memberId": "m"}))?;
    let members = json!([{"memberId": "m"}, {"memberId": "", "groupInstanceId": "i"}]);
    cx.call(
        "LeaveGroup",
        5,
        json!({"groupId": group, "members": members}),
    )?;
    let connect = json!({"groupId": group, "sessionTimeoutMs": 10_000, "rebalanceTimeoutMs": 10_000, "memberId": "",
        "protocolType": "connect", "protocols": [{"name": "range", "metadata": ""}]});
    cx.call("JoinGroup", 3, connect)?;
    let _ = t;
    Ok(())
}

fn classic_group_with_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    let mut m = Streams::new(&group, "m");
    stable(cx, &mut [&mut c])?;
    m.join(cx, &reads(&[&t]))?;
    m.epoch = 1;
    m.idle(cx)?;
    m.leave(cx, -1)?;
    describe_streams(cx, &group)?;
    Ok(())
}

/// A member id was given out, and nobody has joined with it.
fn classic_group_with_a_pending_member(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    c.join(cx)?;
    m.own(cx)?;
    Ok(())
}

fn empty_classic_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    stable(cx, &mut [&mut c])?;
    cx.quietly(|cx| c.leave(cx))?;
    let mut m = Streams::new(&group, "m");
    m.epoch = 1;
    m.idle(cx)?;
    m.leave(cx, -1)?;
    m.join(cx, &reads(&["none"]))?;
    cx.note("a topology that cannot be");
    describe_streams(cx, &group)?;
    m.join(cx, &reads(&[&t]))?;
    m.own(cx)?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn empty_consumer_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut c = Consumer::new(&group, "c");
    cx.quietly(|cx| c.join(cx, &[&t]))?;
    cx.quietly(|cx| c.leave(cx, -1))?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn empty_streams_group_for_consumers(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 1)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    Consumer::new(&group, "c").join(cx, &[&t])?;
    describe_streams(cx, &group)?;
    Ok(())
}

fn classic_after_streams(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, t) = streams_of_two(cx, &group, 2)?;
    let topics = json!([{"name": t, "partitions": [crate::coordinators::committed(0, 3)]}]);
    let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": m.epoch, "topics": topics});
    cx.call("OffsetCommit", 9, body)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.quietly(|cx| n.leave(cx, -1))?;
    let join = |member: &str| -> Value {
        json!({"groupId": group, "sessionTimeoutMs": 10_000, "rebalanceTimeoutMs": 10_000, "memberId": member,
            "protocolType": "consumer", "protocols": [{"name": "range", "metadata": ""}]})
    };
    cx.call("JoinGroup", 9, join("m"))?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.join(cx)?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    cx.call(
        "OffsetFetch",
        8,
        crate::coordinators::offset_fetch(8, &group, None),
    )?;
    m.join(cx, &reads(&[&t]))?;
    Ok(())
}

fn several_described(cx: &mut Context) -> Result<()> {
    let (a, b) = (cx.group("a")?, cx.group("b")?);
    let (_, t) = streams_of_one(cx, &a, 1)?;
    Streams::new(&b, "m").join(cx, &reads(&[&t]))?;
    let none = cx.group("none")?;
    for version in [0, 1] {
        cx.call(
            "StreamsGroupDescribe",
            version,
            json!({"groupIds": [a, none, b, a]}),
        )?;
    }
    Ok(())
}
