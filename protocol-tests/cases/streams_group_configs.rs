//! The settings of streams groups (KIP-1071): their bounds, and what they do to members that are there.

use anyhow::Result;
use serde_json::json;

use super::members::{
    Streams, await_streams_heartbeat, configure, describe_streams, reads, streams_of_one,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    let area = Area::new("streams_group_configs").on(Profile::Streams);
    SETTINGS
        .iter()
        .fold(area, |area, (name, settings)| {
            area.with(name, *settings, set)
        })
        .cases(cases![
            shown,
            heartbeat_interval,
            offset_interval_and_lag,
            settings_before_the_group,
            settings_of_a_live_group,
            tags_of_who_is_there,
        ])
        .on(Profile::One)
        .cases(cases![shown_by_default, defaults])
}

/// Of a broker whose least session is 100 ms, and whose least heartbeat interval is 50 ms.
const SETTINGS: [(&str, &[(&str, &str)]); 10] = [
    (
        "sessions",
        &[
            ("streams.session.timeout.ms", "99"),
            ("streams.session.timeout.ms", "100"),
            ("streams.session.timeout.ms", "60001"),
            ("streams.session.timeout.ms", "x"),
        ],
    ),
    (
        "heartbeats",
        &[
            ("streams.heartbeat.interval.ms", "49"),
            ("streams.heartbeat.interval.ms", "50"),
            ("streams.heartbeat.interval.ms", "15001"),
        ],
    ),
    (
        "standby_replicas",
        &[
            ("streams.num.standby.replicas", "-1"),
            ("streams.num.standby.replicas", "2"),
            ("streams.num.standby.replicas", "3"),
        ],
    ),
    (
        "warmup_replicas",
        &[
            ("streams.num.warmup.replicas", "-1"),
            ("streams.num.warmup.replicas", "0"),
            ("streams.num.warmup.replicas", "20"),
            ("streams.num.warmup.replicas", "21"),
        ],
    ),
    (
        "initial_delays",
        &[
            ("streams.initial.rebalance.delay.ms", "-1"),
            ("streams.initial.rebalance.delay.ms", "0"),
            ("streams.initial.rebalance.delay.ms", "2147483647"),
        ],
    ),
    (
        "assignment_intervals",
        &[
            ("streams.assignment.interval.ms", "-1"),
            ("streams.assignment.interval.ms", "0"),
            ("streams.assignment.interval.ms", "15001"),
        ],
    ),
    (
        "offset_intervals",
        &[
            ("streams.task.offset.interval.ms", "14999"),
            ("streams.task.offset.interval.ms", "15000"),
        ],
    ),
    (
        "recovery_lags",
        &[
            ("streams.acceptable.recovery.lag", "-1"),
            ("streams.acceptable.recovery.lag", "0"),
        ],
    ),
    (
        "tags",
        &[
            ("streams.rack.aware.assignment.tags", "zone,zone"),
            ("streams.rack.aware.assignment.tags", "zone,,rack"),
            ("streams.rack.aware.assignment.tags", " zone , rack "),
            ("streams.rack.aware.assignment.tags", "a,b,c,d,e,f"),
            ("streams.rack.aware.assignment.tags", ""),
        ],
    ),
    (
        "assignors",
        &[
            ("streams.assignor.name", "nope"),
            ("streams.assignor.name", "sticky"),
            ("streams.assignor.name", "Sticky"),
            ("streams.assignor.offload.enable", "true"),
            ("streams.assignor.offload.enable", "2"),
            ("streams.nothing", "1"),
        ],
    ),
];

fn set(cx: &mut Context, settings: &'static [(&'static str, &'static str)]) -> Result<()> {
    let group = cx.group("g")?;
    for (name, value) in settings {
        let rows = json!([{"name": name, "configOperation": 0, "value": value}]);
        let resources = json!([{"resourceType": 32, "resourceName": group, "configs": rows}]);
        cx.call(
            "IncrementalAlterConfigs",
            1,
            json!({"resources": resources}),
        )?;
    }
    Ok(())
}

fn shown(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let resources = json!([{"resourceType": 32, "resourceName": group, "configurationKeys": null}]);
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": resources, "includeSynonyms": true}),
    )?;
    Ok(())
}

fn shown_by_default(cx: &mut Context) -> Result<()> {
    shown(cx)
}

/// What a member hears with Kafka's defaults, by which it waits for others first.
fn defaults(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&t]))?;
    m.idle(cx)?;
    describe_streams(cx, &group)?;
    m.leave(cx, -1)?;
    Ok(())
}

fn heartbeat_interval(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = streams_of_one(cx, &group, 1)?;
    configure(cx, &group, &[("streams.heartbeat.interval.ms", "777")])?;
    await_streams_heartbeat(cx, &mut m, 777)?;
    m.idle(cx)?;
    Streams::new(&group, "n").join(cx, &reads(&[&t]))?;
    m.leave(cx, -1)?;
    Ok(())
}

fn offset_interval_and_lag(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 1)?;
    configure(
        cx,
        &group,
        &[
            ("streams.task.offset.interval.ms", "20000"),
            ("streams.acceptable.recovery.lag", "7"),
            ("streams.num.warmup.replicas", "5"),
            ("streams.heartbeat.interval.ms", "777"),
        ],
    )?;
    await_streams_heartbeat(cx, &mut m, 777)?;
    m.own(cx)?;
    m.beat_at(cx, 0, json!({}))?;
    Ok(())
}

fn settings_before_the_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    configure(cx, &group, &[("streams.heartbeat.interval.ms", "888")])?;
    let mut m = Streams::new(&group, "m");
    cx.until("the settings at the coordinator", |cx| {
        Ok(m.join(cx, &reads(&[&t]))?["heartbeatIntervalMs"] == 888)
    })?;
    m.idle(cx)?;
    m.leave(cx, -1)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    cx.note("they outlive the group");
    m.join(cx, &reads(&[&t]))?;
    Ok(())
}

/// A group of which somebody sets something of another kind.
fn settings_of_a_live_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 1)?;
    configure(
        cx,
        &group,
        &[
            ("consumer.heartbeat.interval.ms", "6000"),
            ("streams.heartbeat.interval.ms", "700"),
        ],
    )?;
    await_streams_heartbeat(cx, &mut m, 700)?;
    let rows = json!([{"name": "streams.heartbeat.interval.ms", "configOperation": 1}]);
    let resources = json!([{"resourceType": 32, "resourceName": group, "configs": rows}]);
    cx.call(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": resources}),
    )?;
    await_streams_heartbeat(cx, &mut m, 5000)?;
    m.idle(cx)?;
    Ok(())
}

fn tags_of_who_is_there(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, _) = streams_of_one(cx, &group, 1)?;
    configure(
        cx,
        &group,
        &[
            ("streams.rack.aware.assignment.tags", "zone , rack"),
            ("streams.heartbeat.interval.ms", "777"),
        ],
    )?;
    await_streams_heartbeat(cx, &mut m, 777)?;
    m.idle(cx)?;
    m.own(cx)?;
    m.beat(
        cx,
        json!({"clientTags": [{"key": "rack", "value": ""}, {"key": "Zone", "value": "z"}]}),
    )?;
    describe_streams(cx, &group)?;
    Ok(())
}
