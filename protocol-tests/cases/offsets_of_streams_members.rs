//! OffsetCommit (key 8), OffsetFetch (key 9), TxnOffsetCommit (key 28) and OffsetDelete (key 47) for streams groups (KIP-1071, KIP-1251).

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Streams, reads, settle_streams, streams_of_one};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("offsets_of_streams_members")
        .on(Profile::Streams)
        .cases_at(2..=10, cases![member])
        .cases_at(7..=10, cases![static_member])
        .cases_at(
            9..=10,
            cases![deserted, other_topics, older_epoch, given_up],
        )
        .versions("fetch_with_claims", 9..=10, fetch_with_claims)
        .versions("in_a_transaction", 3..=6, in_a_transaction)
        .cases(cases![deleted_offsets, deleted_topic])
}

/// A topic of two partitions, and a group whose only member has both.
struct Stage {
    m: Streams,
    topic: String,
    id: String,
    version: i16,
}

impl Stage {
    fn new(cx: &mut Context, version: i16) -> Result<Self> {
        let group = cx.group("g")?;
        let (m, topic) = streams_of_one(cx, &group, 2)?;
        let id = cx.topic_id(&topic)?;
        cx.note(&format!("m: epoch {}", m.epoch));
        Ok(Self {
            m,
            topic,
            id,
            version,
        })
    }

    fn commit(
        &self,
        cx: &mut Context,
        (epoch, member, instance): (i64, &str, Option<&str>),
        partitions: &Value,
    ) -> Result<Value> {
        let topics = json!([{"name": self.topic, "topicId": self.id, "partitions": partitions}]);
        let body = json!({"groupId": self.m.group, "generationIdOrMemberEpoch": epoch, "memberId": member,
            "groupInstanceId": instance, "topics": topics});
        cx.call("OffsetCommit", self.version, body)
    }

    fn claims(&self, cx: &mut Context, claims: &[(i64, &str)]) -> Result<()> {
        for (epoch, member) in claims {
            self.commit(cx, (*epoch, member, None), &json!([committed(0, 5)]))?;
        }
        Ok(())
    }

    fn left(&self, cx: &mut Context) -> Result<()> {
        cx.call("OffsetFetch", 8, offset_fetch(8, &self.m.group, None))?;
        Ok(())
    }
}

fn member(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let epoch = on.m.epoch;
    on.claims(cx, &[(epoch, "m"), (epoch - 1, "m"), (epoch + 1, "m")])?;
    on.claims(cx, &[(0, "m"), (-1, "m"), (-2, "m"), (-1, "")])?;
    on.claims(cx, &[(epoch, ""), (epoch, "x"), (-1, "x"), (0, "")])?;
    if version >= 7 {
        let at = json!([committed(1, 6)]);
        on.commit(cx, (epoch, "m", Some("i")), &at)?;
        on.commit(cx, (-1, "", Some("i")), &at)?;
    }
    on.left(cx)
}

fn static_member(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let topic = cx.create_topic_for_consumers("t", 2)?;
    let mut m = Streams::fixed(&group, "m", "i");
    cx.quietly(|cx| m.join(cx, &reads(&[&topic])))?;
    settle_streams(cx, &mut [&mut m])?;
    let id = cx.topic_id(&topic)?;
    let epoch = m.epoch;
    let mut on = Stage {
        m,
        topic,
        id,
        version,
    };
    let at = json!([committed(0, 5)]);
    for claim in [
        (epoch, "m", Some("i")),
        (epoch, "m", None),
        (epoch, "m", Some("j")),
        (epoch, "x", Some("i")),
        (-1, "", Some("i")),
        (epoch - 1, "m", Some("i")),
    ] {
        on.commit(cx, claim, &at)?;
    }
    cx.quietly(|cx| on.m.leave(cx, -2))?;
    cx.note("it is away");
    on.claims(cx, &[(epoch, "m"), (-2, "m"), (-1, "m"), (-1, "")])
}

fn deserted(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = Stage::new(cx, version)?;
    let epoch = on.m.epoch;
    cx.quietly(|cx| on.m.leave(cx, -1))?;
    cx.note("m has left");
    on.claims(cx, &[(epoch, "m"), (epoch, ""), (0, "")])?;
    on.left(cx)?;
    on.claims(cx, &[(-1, "m"), (-2, ""), (-1, "")])?;
    on.left(cx)
}

/// A member may commit what it does not read.
fn other_topics(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let u = cx.create_topic("u", 1)?;
    let id = cx.topic_id(&u)?;
    for epoch in [on.m.epoch, on.m.epoch - 1] {
        let topics = json!([
            {"name": u, "topicId": id, "partitions": [committed(0, 7)]},
            {"name": on.topic, "topicId": on.id, "partitions": [committed(0, 8)]},
        ]);
        let body = json!({"groupId": on.m.group, "generationIdOrMemberEpoch": epoch, "memberId": "m", "topics": topics});
        cx.call("OffsetCommit", version, body)?;
    }
    on.left(cx)
}

/// The tasks are older than the member's epoch, since another has come and taken none of them.
fn older_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = Stage::new(cx, version)?;
    let before = on.m.epoch;
    cx.quietly(|cx| on.m.beat(cx, json!({"rackId": "r"})))?;
    settle_streams(cx, &mut [&mut on.m])?;
    cx.note(&format!("m: epoch {}", on.m.epoch));
    on.claims(
        cx,
        &[
            (on.m.epoch, "m"),
            (before, "m"),
            (before - 1, "m"),
            (0, "m"),
            (-1, "m"),
        ],
    )?;
    on.left(cx)
}

fn given_up(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = Stage::new(cx, version)?;
    let before = on.m.epoch;
    let mut n = Streams::new(&on.m.group, "n");
    cx.quietly(|cx| n.join(cx, &reads(&[&on.topic])))?;
    cx.quietly(|cx| on.m.idle(cx))?;
    cx.note("m is to give up one task");
    for partition in [0, 1] {
        on.commit(cx, (before, "m", None), &json!([committed(partition, 5)]))?;
    }
    settle_streams(cx, &mut [&mut on.m, &mut n])?;
    cx.note(&format!("it did; m: epoch {}", on.m.epoch));
    for epoch in [before, on.m.epoch] {
        for partition in [0, 1] {
            on.commit(cx, (epoch, "m", None), &json!([committed(partition, 6)]))?;
        }
        let both = json!([committed(0, 7), committed(1, 7)]);
        on.commit(cx, (epoch, "m", None), &both)?;
    }
    on.left(cx)
}

fn fetch_with_claims(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = Stage::new(cx, version)?;
    let epoch = on.m.epoch;
    on.commit(cx, (epoch, "m", None), &json!([committed(0, 5)]))?;
    let fetch = |cx: &mut Context, member: Value, epoch: i64| -> Result<()> {
        let wanted: [(&str, &str, &[i32]); 1] = [(&on.topic, &on.id, &[0])];
        let mut body = offset_fetch(version, &on.m.group, Some(&wanted));
        body["groups"][0]["memberId"] = member;
        body["groups"][0]["memberEpoch"] = epoch.into();
        cx.call("OffsetFetch", version, body)?;
        Ok(())
    };
    for at in [epoch, epoch - 1, epoch + 1, 0, -1, -2] {
        fetch(cx, json!("m"), at)?;
    }
    for member in [json!("x"), json!(""), Value::Null] {
        fetch(cx, member.clone(), epoch)?;
        fetch(cx, member, -1)?;
    }
    cx.quietly(|cx| on.m.leave(cx, -1))?;
    cx.note("nobody is left");
    let wanted: [(&str, &str, &[i32]); 1] = [(&on.topic, &on.id, &[0])];
    for (member, epoch) in [(json!("m"), epoch), (json!("m"), -1), (Value::Null, -1)] {
        let mut body = offset_fetch(version, &on.m.group, Some(&wanted));
        body["groups"][0]["memberId"] = member;
        body["groups"][0]["memberEpoch"] = epoch.into();
        cx.call("OffsetFetch", version, body)?;
    }
    Ok(())
}

fn in_a_transaction(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let producer = Producer::new(cx, "t")?;
    let epoch = on.m.epoch;
    for (member, epoch, instance) in [
        ("m", epoch, None),
        ("m", epoch - 1, None),
        ("m", epoch + 1, None),
        ("m", 0, None),
        ("m", -1, None),
        ("", epoch, None),
        ("", -1, None),
        ("stranger", epoch, None),
        ("m", epoch, Some("i")),
        ("", -1, Some("i")),
    ] {
        let topics = json!([{"name": on.topic, "topicId": on.id, "partitions": [committed(0, 5)]}]);
        let mut body = producer.offsets(&on.m.group, topics);
        body["generationIdOrMemberEpoch"] = epoch.into();
        body["memberId"] = member.into();
        body["groupInstanceId"] = json!(instance);
        if version < 5 {
            cx.quietly(|cx| producer.add_offsets(cx, 3, &on.m.group))?;
        }
        cx.call("TxnOffsetCommit", version, body)?;
    }
    producer.end(cx, 5, true)?;
    producer.settle(cx)?;
    on.left(cx)
}

fn deleted_offsets(cx: &mut Context) -> Result<()> {
    let mut on = Stage::new(cx, 9)?;
    on.claims(cx, &[(on.m.epoch, "m")])?;
    let delete = json!({"groupId": on.m.group, "topics": [{"name": on.topic, "partitions": [{"partitionIndex": 0}]},
        {"name": "other", "partitions": [{"partitionIndex": 0}]}]});
    cx.call("OffsetDelete", 0, delete.clone())?;
    cx.quietly(|cx| on.m.leave(cx, -1))?;
    cx.note("nobody is left");
    cx.call("OffsetDelete", 0, delete)?;
    on.left(cx)
}

/// Members live on; what they committed goes.
fn deleted_topic(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    on.claims(cx, &[(on.m.epoch, "m")])?;
    cx.delete_topic_of_offsets(&on.topic, &on.m.group)?;
    on.left(cx)?;
    on.claims(cx, &[(on.m.epoch, "m")])
}
