//! What `group.version`, `share.version` and `streams.version` do when they go down and up (KIP-848, KIP-932, KIP-1071,
//! KIP-1191): requests, groups that are there, share sessions and fetches that wait.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Consumer, Join, Shared, Sharer, Streams, reads, sharing};
use crate::case::{Area, CaseFn};
use crate::context::Context;
use crate::profile::Profile;

/// Each changes what all groups of a cluster see.
const OF_CONSUMER_GROUPS: [(&str, CaseFn); 4] = [
    ("consumer_requests", consumer_requests),
    ("consumer_members", consumer_members),
    ("consumer_offsets", consumer_offsets),
    ("classic_members_of_consumer_groups", classic_members),
];

const OF_SHARE_GROUPS: [(&str, CaseFn); 8] = [
    ("share_requests", share_requests),
    ("share_members", share_members),
    ("share_sessions", share_sessions),
    ("share_fetch_that_waits", share_fetch_that_waits),
    ("share_records_acquired", share_records_acquired),
    ("share_state_requests", share_state_requests),
    ("share_level_one", share_level_one),
    ("share_fetch_without_sessions", share_fetch_without_sessions),
];

const OF_STREAMS_GROUPS: [(&str, CaseFn); 2] = [
    ("streams_requests", streams_requests),
    ("streams_members", streams_members),
];

pub(super) fn area() -> Area {
    let area = Area::new("feature_levels").on(Profile::Groups);
    let area = each(area, &OF_CONSUMER_GROUPS).on(Profile::Shares);
    let area = each(area, &OF_SHARE_GROUPS).on(Profile::Streams);
    each(area, &OF_STREAMS_GROUPS)
}

fn each(area: Area, cases: &[(&str, CaseFn)]) -> Area {
    cases
        .iter()
        .fold(area, |area, (name, run)| area.case(name, *run).alone())
}

const GROUPS: &str = "group.version";
const SHARES: &str = "share.version";
const STREAMS: &str = "streams.version";

/// Sets the level, and waits until the node that answers goes by it.
fn set(cx: &mut Context, feature: &str, level: i64) -> Result<()> {
    cx.note(&format!("{feature} {level}"));
    cx.quietly(|cx| {
        let now = now(cx, feature)?;
        let kind = if level < now { 3 } else { 1 };
        let update = json!({"feature": feature, "maxVersionLevel": level, "upgradeType": kind});
        let body = json!({"timeoutMs": 10_000, "featureUpdates": [update]});
        let answer = cx.ask("UpdateFeatures", 2, body)?;
        ensure!(answer["errorCode"] == 0, "UpdateFeatures answered {answer}");
        cx.until("the level", |cx| Ok(self::now(cx, feature)? == level))
    })
}

/// The level that ApiVersions shows; 0 if none.
fn now(cx: &mut Context, feature: &str) -> Result<i64> {
    let answer = cx.ask(
        "ApiVersions",
        4,
        json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1"}),
    )?;
    let levels = answer["finalizedFeatures"].as_array().into_iter().flatten();
    let mut levels = levels.filter(|level| level["name"] == feature);
    Ok(levels
        .next()
        .and_then(|level| level["maxVersionLevel"].as_i64())
        .unwrap_or(0))
}

/// Does it at level 0, and again after the feature is back at `high`.
fn without(
    cx: &mut Context,
    (feature, high): (&str, i64),
    mut body: impl FnMut(&mut Context) -> Result<()>,
) -> Result<()> {
    set(cx, feature, 0)?;
    let done = body(cx);
    set(cx, feature, high)?;
    done?;
    body(cx)
}

fn consumer_requests(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    without(cx, (GROUPS, 1), |cx| {
        for version in [0, 1] {
            cx.call(
                "ConsumerGroupHeartbeat",
                version,
                json!({"groupId": group, "memberId": "x", "memberEpoch": 5}),
            )?;
            cx.call(
                "ConsumerGroupDescribe",
                version,
                json!({"groupIds": [group, ""]}),
            )?;
            cx.call("ConsumerGroupDescribe", version, json!({"groupIds": []}))?;
        }
        cx.call(
            "ConsumerGroupHeartbeat",
            1,
            json!({"groupId": "", "memberId": "", "memberEpoch": -9}),
        )?;
        cx.call("OffsetFetch", 9, json!({"groups": [{"groupId": group, "memberId": "x", "memberEpoch": 1, "topics": []}]}))?;
        Ok(())
    })
}

fn consumer_members(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let group = cx.group("g")?;
    let topic = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&topic])?;
    without(cx, (GROUPS, 1), |cx| {
        m.idle(cx)?;
        cx.call(
            "ListGroups",
            5,
            json!({"statesFilter": [], "typesFilter": ["consumer"]}),
        )?;
        cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
        cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
        Ok(())
    })?;
    m.leave(cx, -1)?;
    Ok(())
}

fn consumer_offsets(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let topic = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&topic])?;
    without(cx, (GROUPS, 1), |cx| {
        let row =
            json!([{"name": topic, "partitions": [{"partitionIndex": 0, "committedOffset": 1}]}]);
        for (member, epoch) in [("m", 1), ("m", 9), ("x", 1), ("", -1)] {
            cx.call("OffsetCommit", 9, json!({"groupId": group, "memberId": member, "generationIdOrMemberEpoch": epoch, "topics": row}))?;
            cx.call("OffsetFetch", 9, json!({"groups": [{"groupId": group, "memberId": member, "memberEpoch": epoch, "topics": null}]}))?;
        }
        Ok(())
    })?;
    m.leave(cx, -1)?;
    Ok(())
}

fn classic_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let topic = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&topic])?;
    without(cx, (GROUPS, 1), |cx| {
        Join::of("").call(cx, &group)?;
        Ok(())
    })?;
    m.leave(cx, -1)?;
    Ok(())
}

/// A body for each request of share groups.
fn share_bodies(group: &str, t: &Shared) -> [(&'static str, i16, Value); 9] {
    let rows = json!([{"topicName": t.name, "partitions": [0]}]);
    [
        (
            "ShareGroupHeartbeat",
            1,
            json!({"groupId": group, "memberId": "x", "memberEpoch": 5}),
        ),
        ("ShareGroupDescribe", 1, json!({"groupIds": [group, ""]})),
        (
            "ShareFetch",
            1,
            json!({"groupId": group, "memberId": "x", "shareSessionEpoch": 3, "topics": t.of(&[0])}),
        ),
        (
            "ShareFetch",
            2,
            json!({"groupId": group, "memberId": "x", "shareSessionEpoch": 3, "topics": t.of(&[0])}),
        ),
        (
            "ShareAcknowledge",
            1,
            json!({"groupId": group, "memberId": "x", "shareSessionEpoch": 3, "topics": t.said(&[(0, 0, &[1])])}),
        ),
        (
            "ShareAcknowledge",
            2,
            json!({"groupId": group, "memberId": "x", "shareSessionEpoch": 3, "topics": t.said(&[(0, 0, &[1])])}),
        ),
        (
            "DescribeShareGroupOffsets",
            1,
            json!({"groups": [{"groupId": group, "topics": rows}]}),
        ),
        (
            "AlterShareGroupOffsets",
            0,
            json!({"groupId": group,
            "topics": [{"topicName": t.name, "partitions": [{"partitionIndex": 0, "startOffset": 0}]}]}),
        ),
        (
            "DeleteShareGroupOffsets",
            0,
            json!({"groupId": group, "topics": [{"topicName": t.name}]}),
        ),
    ]
}

fn share_requests(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = Shared::new(cx, "t", 1)?;
    without(cx, (SHARES, 2), |cx| {
        for (api, version, body) in share_bodies(&group, &t) {
            cx.call(api, version, body)?;
        }
        let key = json!({"keyType": 2, "coordinatorKeys": [format!("{group}:{}:0", t.id)]});
        // The first who asks has the coordinator's topic made.
        cx.quietly(|cx| {
            cx.until("the coordinator", |cx| {
                let answer = cx.call("FindCoordinator", 6, key.clone())?;
                Ok(answer["coordinators"][0]["errorCode"] != 15)
            })
        })?;
        cx.call("FindCoordinator", 6, key)?;
        Ok(())
    })
}

fn share_members(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let (mut m, _) = sharing(cx, 2, &[])?;
    let group = m.group.clone();
    without(cx, (SHARES, 2), |cx| {
        m.idle(cx)?;
        cx.call(
            "ListGroups",
            5,
            json!({"statesFilter": [], "typesFilter": ["share"]}),
        )?;
        cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
        Ok(())
    })?;
    m.leave(cx)?;
    Ok(())
}

/// Sessions end with the feature.
fn share_sessions(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    without(cx, (SHARES, 2), |cx| {
        m.fetch(cx, json!([]), json!({"maxWaitMs": 100}))?;
        m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
        Ok(())
    })
}

fn share_fetch_that_waits(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    let conn = cx.connect(1)?;
    cx.send_on(
        conn,
        "ShareFetch",
        2,
        m.fetch_body(t.of(&[0]), json!({"maxWaitMs": 2_000})),
    )?;
    set(cx, SHARES, 0)?;
    let answer = cx.receive_on(conn);
    set(cx, SHARES, 2)?;
    answer?;
    Ok(())
}

/// Records that are acquired as the feature goes are acquired, or not, as it comes back.
fn share_records_acquired(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[("share.record.lock.duration.ms", "60000")])?;
    produce(cx, &t.name, 0, &["x", "y"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    set(cx, SHARES, 0)?;
    set(cx, SHARES, 2)?;
    m.session = 0;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    m.acknowledge(cx, t.said(&[(0, 1, &[1])]), json!({}))?;
    Ok(())
}

fn share_state_requests(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    let group = m.group;
    without(cx, (SHARES, 2), |cx| {
        let read = json!([{"topicId": t.id, "partitions": [{"partition": 0, "leaderEpoch": 0}]}]);
        for (api, version) in [
            ("ReadShareGroupState", 0),
            ("ReadShareGroupStateSummary", 1),
        ] {
            cx.call(api, version, json!({"groupId": group, "topics": read}))?;
        }
        let initial = json!([{"topicId": t.id, "partitions": [{"partition": 0, "stateEpoch": 0, "startOffset": 0}]}]);
        cx.call(
            "InitializeShareGroupState",
            0,
            json!({"groupId": group, "topics": initial}),
        )?;
        Ok(())
    })
}

/// Level 1 is share groups without dead-letter topics.
fn share_level_one(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["x"])?;
    set(cx, SHARES, 1)?;
    let done = at_level_one(cx, &mut m, &t);
    set(cx, SHARES, 2)?;
    done?;
    m.idle(cx)?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    Ok(())
}

fn at_level_one(cx: &mut Context, m: &mut Sharer, t: &Shared) -> Result<()> {
    m.idle(cx)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    for (api, version, body) in share_bodies(&m.group, t) {
        cx.call(api, version, body)?;
    }
    Ok(())
}

fn share_fetch_without_sessions(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    without(cx, (SHARES, 2), |cx| {
        for session in [0, -1] {
            let mut member = Sharer {
                session,
                ..m.clone()
            };
            member.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
        }
        Ok(())
    })
}

fn streams_requests(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    without(cx, (STREAMS, 1), |cx| {
        for version in [0, 1] {
            let body = json!({"groupId": group, "memberId": "x", "memberEpoch": 5});
            cx.call("StreamsGroupHeartbeat", version, body)?;
            let body = json!({"groupIds": [group, ""]});
            cx.call("StreamsGroupDescribe", version, body)?;
        }
        let body = json!({"groupId": "", "memberId": "", "memberEpoch": -9});
        cx.call("StreamsGroupHeartbeat", 1, body)?;
        let body = json!({"groupId": group, "topologyEpoch": 0});
        cx.call("StreamsGroupTopologyDescriptionUpdate", 0, body)?;
        Ok(())
    })
}

fn streams_members(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let group = cx.group("g")?;
    let topic = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&topic]))?;
    let row = json!([{"name": topic, "partitions": [{"partitionIndex": 0, "committedOffset": 1}]}]);
    without(cx, (STREAMS, 1), |cx| {
        m.idle(cx)?;
        let body = json!({"statesFilter": [], "typesFilter": ["streams"]});
        cx.call("ListGroups", 5, body)?;
        let body = json!({"groupId": group, "memberId": "m", "generationIdOrMemberEpoch": m.epoch, "topics": row});
        cx.call("OffsetCommit", 9, body)?;
        cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
        Ok(())
    })?;
    m.leave(cx, -1)?;
    Ok(())
}
