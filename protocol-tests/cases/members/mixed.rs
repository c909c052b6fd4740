//! Consumer groups in which some members speak the classic protocol.

use anyhow::Result;

use super::{Classic, Consumer, describe, settle};
use crate::context::Context;

/// A settled consumer group of one member that has both partitions of a topic.
pub(in crate::cases) fn alone(cx: &mut Context, group: &str) -> Result<(Consumer, String)> {
    let t = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Consumer::new(group, "m");
    cx.quietly(|cx| m.join(cx, &[&t]))?;
    settle(cx, &mut [&mut m])?;
    Ok((m, t))
}

pub(in crate::cases) fn classic(
    cx: &mut Context,
    group: &str,
    id: &str,
    topic: &str,
) -> Result<Classic> {
    let mut c = Classic::named(cx, group, id)?;
    c.subscribe(topic)?;
    Ok(c)
}

/// A consumer group of `m` and a classic member `c`, each with one partition.
pub(in crate::cases) fn pair(cx: &mut Context, group: &str) -> Result<(Consumer, Classic, String)> {
    let (mut m, t) = alone(cx, group)?;
    let mut c = classic(cx, group, "c", &t)?;
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    settle_with(cx, &mut m, &mut c)?;
    Ok((m, c, t))
}

/// Lets both come to the newest epoch.
pub(in crate::cases) fn settle_with(
    cx: &mut Context,
    m: &mut Consumer,
    c: &mut Classic,
) -> Result<()> {
    cx.until("a settled group", |cx| {
        m.own(cx)?;
        m.own(cx)?;
        if c.beat(cx)?["errorCode"] == 27 {
            c.join(cx)?;
            c.sync(cx, &[])?;
        }
        Ok(describe(cx, &m.group)?["groups"][0]["groupState"] == "Stable")
    })?;
    cx.note(&format!("{} and {} are settled", m.id, c.id));
    Ok(())
}

pub(in crate::cases) fn fixed(cx: &mut Context, group: &str, topic: &str) -> Result<Classic> {
    let mut c = Classic::fixed(cx, group, "i")?;
    c.subscribe(topic)?;
    Ok(c)
}
