//! Racks of members and of replicas (KIP-848, KIP-881): they are kept and shown, and no assignor looks at them.

use anyhow::Result;
use serde_json::json;

use super::members::{Consumer, configure, describe_on, settle_all};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_racks")
        .on(Profile::Racks)
        .case("uniform", |cx| assigned(cx, "uniform"))
        .case("range", |cx| assigned(cx, "range"))
        .cases(cases![rack_without_a_node])
}

/// Three partitions, each with one replica, in another order of racks than the members.
fn assigned(cx: &mut Context, assignor: &str) -> Result<()> {
    let group = cx.group("g")?;
    let node = cx.group_coordinator(&group)?;
    let conn = cx.connect(node)?;
    let t = cx.create_topic_on("t", &[&[3], &[1], &[2]])?;
    let mut members = ["m", "n", "o"].map(|id| Consumer {
        conn,
        ..Consumer::new(&group, id)
    });
    configure(cx, &group, &[("consumer.assignment.interval.ms", "0")])?;
    for (member, rack) in members.iter_mut().zip(["a", "b", "c"]) {
        let joins = json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": [t], "topicPartitions": [],
            "rackId": rack, "serverAssignor": assignor});
        cx.quietly(|cx| member.beat(cx, joins))?;
    }
    settle_all(cx, &mut members, 3)?;
    describe_on(cx, conn, &group)?;
    Ok(())
}

fn rack_without_a_node(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let node = cx.group_coordinator(&group)?;
    let conn = cx.connect(node)?;
    let t = cx.create_topic_on("t", &[&[1], &[2]])?;
    let mut m = Consumer {
        conn,
        ..Consumer::new(&group, "m")
    };
    let joins = json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": [t], "topicPartitions": [],
        "rackId": "nowhere"});
    cx.quietly(|cx| m.beat(cx, joins))?;
    settle_all(cx, std::slice::from_mut(&mut m), 2)?;
    describe_on(cx, conn, &group)?;
    Ok(())
}
