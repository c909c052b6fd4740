//! `group.consumer.migration.policy`: which groups may change between the classic and the consumer protocol (KIP-848).

use anyhow::Result;

use super::members::{Classic, Consumer, alone, classic, configure, describe, settle};
use crate::case::Area;
use crate::context::Context;
use crate::profile::Profile;

/// The policies, by the clusters that have them; `bidirectional` is the default.
const POLICIES: [(&str, Profile); 4] = [
    ("bidirectional", Profile::Groups),
    ("disabled", Profile::GroupsKept),
    ("upgrade", Profile::GroupsUpgraded),
    ("downgrade", Profile::GroupsDowngraded),
];

pub(super) fn area() -> Area {
    let area = Area::new("group_migration_policies");
    POLICIES.iter().fold(area, |area, (policy, profile)| {
        area.on(*profile)
            .with(&format!("{policy}_upgrade"), (), |cx, ()| upgrade(cx))
            .with(&format!("{policy}_upgrade_of_garbage"), (), |cx, ()| {
                upgrade_of_garbage(cx)
            })
            .with(&format!("{policy}_empty_classic_group"), (), |cx, ()| {
                empty_classic_group(cx)
            })
            .with(&format!("{policy}_classic_joins"), (), |cx, ()| {
                classic_joins(cx)
            })
            .with(&format!("{policy}_empty_consumer_group"), (), |cx, ()| {
                empty_consumer_group(cx)
            })
            .with(&format!("{policy}_last_consumer_leaves"), (), |cx, ()| {
                last_consumer_leaves(cx)
            })
            .with(&format!("{policy}_last_consumer_expires"), (), |cx, ()| {
                last_consumer_expires(cx)
            })
            .with(&format!("{policy}_static_member_replaced"), (), |cx, ()| {
                static_member_replaced(cx)
            })
            .with(
                &format!("{policy}_consumer_becomes_classic"),
                (),
                |cx, ()| consumer_becomes_classic(cx),
            )
    })
}

/// Each member has a topic of its own: drawn member ids would decide who gets a partition of one.
fn upgrade(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe(&t)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    let mut m = Consumer::new(&group, "m");
    m.join(cx, &[&u])?;
    c.beat(cx)?;
    m.idle(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn upgrade_of_garbage(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    Consumer::new(&group, "m").join(cx, &["t"])?;
    c.beat(cx)?;
    Ok(())
}

fn empty_classic_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut c = Classic::pending(cx, &group, "c")?;
    c.subscribe("t")?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])?;
        c.leave(cx)
    })?;
    Consumer::new(&group, "m").join(cx, &["t"])?;
    describe(cx, &group)?;
    Ok(())
}

fn classic_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    c.beat(cx)?;
    classic(cx, &group, "", &t)?.join(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn empty_consumer_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    cx.quietly(|cx| m.leave(cx, -1))?;
    let mut c = classic(cx, &group, "c", &t)?;
    c.join(cx)?;
    c.id.clear();
    c.join(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn last_consumer_leaves(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    m.leave(cx, -1)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

/// The last member that speaks the consumer protocol is not heard.
fn last_consumer_expires(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "c", &t)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    let settings = [
        ("consumer.heartbeat.interval.ms", "150"),
        ("consumer.session.timeout.ms", "300"),
    ];
    configure(cx, &group, &settings)?;
    super::members::await_heartbeat(cx, &mut m, 150)?;
    cx.until("m is gone", |cx| {
        let described = describe(cx, &group)?;
        let members = described["groups"][0]["members"].as_array();
        Ok(members.is_none_or(|members| members.len() < 2))
    })?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}

fn static_member_replaced(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 1)?;
    let mut m = Consumer::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    let mut c = Classic::fixed(cx, &group, "i")?;
    c.subscribe(&t)?;
    c.join(cx)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    m.idle(cx)?;
    Ok(())
}

/// The only member comes back with the classic protocol, under its own id.
fn consumer_becomes_classic(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (_, t) = alone(cx, &group)?;
    let mut c = classic(cx, &group, "m", &t)?;
    c.join(cx)?;
    c.sync(cx, &[])?;
    describe(cx, &group)?;
    let mut n = classic(cx, &group, "n", &t)?;
    n.join(cx)?;
    n.leave(cx)?;
    c.beat(cx)?;
    describe(cx, &group)?;
    Ok(())
}
