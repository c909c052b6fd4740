//! The settings of consumer groups (KIP-848, KIP-1071): their bounds, and what they do to members that are there.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{
    Classic, Consumer, await_heartbeat, configure, describe, settle, slow, stable,
};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    let area = Area::new("consumer_group_configs").on(Profile::Groups);
    let area = SETTINGS.iter().fold(area, |area, (key, value)| {
        let short = key.rsplit_once('.').map_or(*key, |(start, _)| start);
        area.with(&format!("{short}_{value}"), (*key, *value), set)
    });
    let area = DEFAULTS
        .iter()
        .fold(area.on(Profile::One), |area, (key, value)| {
            let short = key.rsplit_once('.').map_or(*key, |(start, _)| start);
            area.with(&format!("default_{short}_{value}"), (*key, *value), set)
        });
    PAIRS
        .iter()
        .fold(area, |area, (name, settings)| {
            area.with(name, *settings, pair)
        })
        .on(Profile::Groups)
        .cases(cases![
            heartbeat_interval,
            heartbeat_interval_deleted,
            settings_before_the_group,
            settings_of_a_live_group,
            settings_of_a_classic_group,
            settings_outlive_the_group,
            assignment_interval,
            assignment_interval_ends,
            session_below_the_heartbeat,
        ])
}

const SESSION: &str = "consumer.session.timeout.ms";
const HEARTBEAT: &str = "consumer.heartbeat.interval.ms";
const ASSIGNMENT: &str = "consumer.assignment.interval.ms";

/// Of a broker whose least session is 100 ms, and whose least heartbeat interval is 50 ms.
const SETTINGS: [(&str, &str); 18] = [
    (SESSION, "99"),
    (SESSION, "100"),
    (SESSION, "60000"),
    (SESSION, "60001"),
    (SESSION, "0"),
    (SESSION, "-1"),
    (SESSION, "x"),
    (SESSION, ""),
    (HEARTBEAT, "49"),
    (HEARTBEAT, "50"),
    (HEARTBEAT, "15000"),
    (HEARTBEAT, "15001"),
    (HEARTBEAT, "0"),
    (ASSIGNMENT, "0"),
    (ASSIGNMENT, "-1"),
    (ASSIGNMENT, "15000"),
    (ASSIGNMENT, "15001"),
    (ASSIGNMENT, "1.5"),
];

/// The same with Kafka's defaults.
const DEFAULTS: [(&str, &str); 5] = [
    (SESSION, "44999"),
    (SESSION, "45000"),
    (HEARTBEAT, "4999"),
    (HEARTBEAT, "5000"),
    (ASSIGNMENT, "1"),
];

/// Several settings in one request.
const PAIRS: [(&str, &[(&str, &str)]); 5] = [
    (
        "session_and_heartbeat",
        &[(SESSION, "50000"), (HEARTBEAT, "6000")],
    ),
    ("good_and_bad", &[(HEARTBEAT, "6000"), (SESSION, "1")]),
    ("bad_and_bad", &[(HEARTBEAT, "1"), (SESSION, "1")]),
    ("unknown", &[("consumer.nothing", "1")]),
    (
        "of_the_broker",
        &[("group.consumer.session.timeout.ms", "50000")],
    ),
];

fn altered(cx: &mut Context, group: &str, settings: &[(&str, Value, i32)]) -> Result<()> {
    let rows = settings.iter();
    let rows = rows.map(|(key, value, operation)| json!({"name": key, "configOperation": operation, "value": value}));
    let resources =
        json!([{"resourceType": 32, "resourceName": group, "configs": rows.collect::<Vec<_>>()}]);
    cx.call(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": resources}),
    )?;
    Ok(())
}

fn shown(cx: &mut Context, group: &str) -> Result<()> {
    let keys = [SESSION, HEARTBEAT, ASSIGNMENT];
    let resources = json!([{"resourceType": 32, "resourceName": group, "configurationKeys": keys}]);
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": resources, "includeSynonyms": true}),
    )?;
    Ok(())
}

fn set(cx: &mut Context, (key, value): (&'static str, &'static str)) -> Result<()> {
    let group = cx.group("g")?;
    altered(cx, &group, &[(key, json!(value), 0)])
}

fn pair(cx: &mut Context, settings: &'static [(&'static str, &'static str)]) -> Result<()> {
    let group = cx.group("g")?;
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, json!(value), 0))
        .collect();
    altered(cx, &group, &settings)
}

fn heartbeat_interval(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &["a"])?;
    configure(cx, &group, &[(HEARTBEAT, "777")])?;
    await_heartbeat(cx, &mut m, 777)?;
    m.idle(cx)?;
    Consumer::new(&group, "n").join(cx, &["a"])?;
    m.leave(cx, -1)?;
    Ok(())
}

fn heartbeat_interval_deleted(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    configure(cx, &group, &[(HEARTBEAT, "777")])?;
    await_heartbeat(cx, &mut m, 777)?;
    altered(cx, &group, &[(HEARTBEAT, Value::Null, 1)])?;
    await_heartbeat(cx, &mut m, 5000)?;
    m.idle(cx)?;
    shown(cx, &group)
}

fn settings_before_the_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    configure(cx, &group, &[(HEARTBEAT, "777")])?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    await_heartbeat(cx, &mut m, 777)?;
    m.idle(cx)?;
    Ok(())
}

fn settings_of_a_live_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    shown(cx, &group)?;
    configure(cx, &group, &[(HEARTBEAT, "777"), (SESSION, "1000")])?;
    await_heartbeat(cx, &mut m, 777)?;
    shown(cx, &group)
}

fn settings_of_a_classic_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    stable(cx, &mut [&mut c])?;
    altered(cx, &group, &[(HEARTBEAT, json!("777"), 0)])?;
    c.beat(cx)?;
    Ok(())
}

fn settings_outlive_the_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Consumer::new(&group, "m");
    cx.quietly(|cx| m.join(cx, &["a"]))?;
    configure(cx, &group, &[(HEARTBEAT, "777")])?;
    await_heartbeat(cx, &mut m, 777)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    shown(cx, &group)?;
    m.join(cx, &["a"])?;
    Ok(())
}

/// Who joins within the interval is in the epoch of the last target, and has nothing.
fn assignment_interval(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 4)?;
    let mut m = slow(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    n.own(cx)?;
    m.own(cx)?;
    cx.note("no interval any more");
    let settings = [(ASSIGNMENT, "0"), (HEARTBEAT, "6002")];
    configure(cx, &group, &settings)?;
    await_heartbeat(cx, &mut n, 6002)?;
    settle(cx, &mut [&mut m, &mut n])?;
    describe(cx, &group)?;
    Ok(())
}

/// The end of the interval alone does nothing: the next heartbeat of anybody has the target computed.
fn assignment_interval_ends(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = slow(cx, &group, &[&t])?;
    let mut n = Consumer::new(&group, "n");
    n.join(cx, &[&t])?;
    let (mut o, mut p) = (Consumer::new(&group, "o"), Consumer::new(&group, "p"));
    o.join(cx, &[&t])?;
    cx.note("the group is full");
    p.join(cx, &[&t])?;
    o.leave(cx, -1)?;
    describe(cx, &group)?;
    configure(cx, &group, &[(ASSIGNMENT, "0")])?;
    cx.until("a target", |cx| {
        m.idle(cx)?;
        Ok(describe(cx, &group)?["groups"][0]["assignmentEpoch"] == 5)
    })?;
    describe(cx, &group)?;
    Ok(())
}

fn session_below_the_heartbeat(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    altered(
        cx,
        &group,
        &[(SESSION, json!("150"), 0), (HEARTBEAT, json!("200"), 0)],
    )?;
    altered(cx, &group, &[(HEARTBEAT, json!("200"), 0)])?;
    altered(cx, &group, &[(SESSION, json!("200"), 0)])
}
