//! OffsetCommit (key 8) and OffsetFetch (key 9) by members of consumer groups (KIP-848, KIP-1251).

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, settle};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, committed_with, offset_fetch};
use crate::profile::Profile;
use crate::subscriptions::subscription;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("offsets_of_consumer_members")
        .on(Profile::Groups)
        .cases_at(2..=10, cases![member])
        .cases_at(7..=10, cases![static_member])
        .versions("static_member_for_a_while", [8, 9, 10], static_for_a_while)
        .cases_at(2..=10, cases![deserted])
        .cases_at(9..=10, cases![other_topics, older_epoch, given_up])
        .cases_at(2..=10, cases![classic_member])
        .cases_at(9..=10, cases![wrong_in_several_ways])
        .cases_at(1..=10, cases![fetch])
        .cases_at(9..=10, cases![fetch_with_claims])
        .versions("fetch_of_a_deserted_group", 9..=10, fetch_deserted)
        .cases_at(9..=10, cases![fetch_by_a_classic_member])
        .versions("fetch_what_is_stable", 9..=10, fetch_stable)
        .case("metadata_beyond_the_limit", metadata)
        .cases(cases![two_groups_at_once])
        .case("deleted_topic", deleted_topic)
}

/// A topic of two partitions, and a group whose only member has both.
struct Stage {
    m: Consumer,
    topic: String,
    id: String,
    version: i16,
}

impl Stage {
    fn new(cx: &mut Context, version: i16) -> Result<Self> {
        let group = cx.group("g")?;
        Self::of(cx, version, Consumer::new(&group, "m"))
    }

    fn of(cx: &mut Context, version: i16, mut m: Consumer) -> Result<Self> {
        let topic = cx.create_topic_for_consumers("t", 2)?;
        let id = cx.topic_id(&topic)?;
        cx.quietly(|cx| m.join(cx, &[&topic]))?;
        settle(cx, &mut [&mut m])?;
        cx.note(&format!("m: epoch {}", m.epoch));
        Ok(Self {
            m,
            topic,
            id,
            version,
        })
    }

    fn commit(&self, cx: &mut Context, claim: (i64, &str), partitions: &Value) -> Result<Value> {
        self.commit_as(cx, (claim.0, claim.1, None), partitions)
    }

    fn commit_as(
        &self,
        cx: &mut Context,
        claim: (i64, &str, Option<&str>),
        partitions: &Value,
    ) -> Result<Value> {
        let (epoch, member, instance) = claim;
        let topics = json!([{"name": self.topic, "topicId": self.id, "partitions": partitions}]);
        let body = json!({"groupId": self.m.group, "generationIdOrMemberEpoch": epoch, "memberId": member,
            "groupInstanceId": instance, "topics": topics});
        cx.call("OffsetCommit", self.version, body)
    }

    fn claims(&self, cx: &mut Context, claims: &[(i64, &str)]) -> Result<()> {
        for claim in claims {
            self.commit(cx, *claim, &json!([committed(0, 5)]))?;
        }
        Ok(())
    }

    fn left(&self, cx: &mut Context) -> Result<()> {
        cx.call("OffsetFetch", 8, offset_fetch(8, &self.m.group, None))?;
        Ok(())
    }

    /// Fetches with these members and epochs.
    fn fetches(&self, cx: &mut Context, claims: &[(Value, i64)]) -> Result<()> {
        for (member, epoch) in claims {
            let wanted: [(&str, &str, &[i32]); 1] = [(&self.topic, &self.id, &[0])];
            let mut body = offset_fetch(self.version, &self.m.group, Some(&wanted));
            body["groups"][0]["memberId"] = member.clone();
            body["groups"][0]["memberEpoch"] = (*epoch).into();
            cx.call("OffsetFetch", self.version, body)?;
        }
        Ok(())
    }
}

/// Members live on; what they committed goes.
fn deleted_topic(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let epoch = on.m.epoch;
    on.claims(cx, &[(epoch, "m")])?;
    cx.delete_topic_of_offsets(&on.topic, &on.m.group)?;
    on.left(cx)?;
    on.claims(cx, &[(epoch, "m")])
}

fn member(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let epoch = on.m.epoch;
    on.claims(cx, &[(epoch, "m"), (epoch - 1, "m"), (epoch + 1, "m")])?;
    on.claims(cx, &[(0, "m"), (-1, "m"), (-2, "m"), (-1, "")])?;
    on.claims(cx, &[(epoch, ""), (epoch, "x"), (-1, "x"), (0, "")])?;
    if version >= 7 {
        let at = json!([committed(1, 6)]);
        on.commit_as(cx, (epoch, "m", Some("i")), &at)?;
        on.commit_as(cx, (-1, "", Some("i")), &at)?;
    }
    on.left(cx)
}

fn static_member(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let on = Stage::of(cx, version, Consumer::fixed(&group, "m", "i"))?;
    let epoch = on.m.epoch;
    let at = json!([committed(0, 5)]);
    for claim in [
        (epoch, "m", Some("i")),
        (epoch, "m", None),
        (epoch, "m", Some("j")),
        (epoch, "x", Some("i")),
        (-1, "", Some("i")),
        (epoch - 1, "m", Some("i")),
    ] {
        on.commit_as(cx, claim, &at)?;
    }
    Ok(())
}

/// It is away; then another one is there in its place.
fn static_for_a_while(cx: &mut Context, version: i16) -> Result<()> {
    let group = cx.group("g")?;
    let mut on = Stage::of(cx, version, Consumer::fixed(&group, "m", "i"))?;
    let epoch = on.m.epoch;
    cx.quietly(|cx| on.m.leave(cx, -2))?;
    on.claims(cx, &[(epoch, "m"), (-2, "m"), (-1, "m"), (-1, "")])?;
    let mut n = Consumer::fixed(&group, "n", "i");
    cx.quietly(|cx| n.join(cx, &[&on.topic]))?;
    cx.note("n has its place");
    on.claims(cx, &[(epoch, "m"), (n.epoch, "n")])
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

/// A member may commit what it does not consume.
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

/// Its partitions are older than its epoch, since another has come and taken none of them.
fn older_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = Stage::new(cx, version)?;
    let before = on.m.epoch;
    let u = cx.create_topic_for_consumers("u", 1)?;
    let mut n = Consumer::new(&on.m.group, "n");
    cx.quietly(|cx| n.join(cx, &[&u]))?;
    settle(cx, &mut [&mut on.m, &mut n])?;
    cx.note(&format!("n came; m: epoch {}", on.m.epoch));
    on.claims(cx, &[(on.m.epoch, "m"), (before, "m"), (before - 1, "m")])?;
    on.left(cx)
}

/// One of its partitions has gone to another member.
fn given_up(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = Stage::new(cx, version)?;
    let before = on.m.epoch;
    let mut n = Consumer::new(&on.m.group, "n");
    cx.quietly(|cx| n.join(cx, &[&on.topic]))?;
    cx.quietly(|cx| on.m.idle(cx))?;
    cx.note("m is to give up one partition");
    for partition in [0, 1] {
        on.commit(cx, (before, "m"), &json!([committed(partition, 5)]))?;
    }
    settle(cx, &mut [&mut on.m, &mut n])?;
    cx.note(&format!("it did; m: epoch {}", on.m.epoch));
    for epoch in [before, on.m.epoch] {
        for partition in [0, 1] {
            on.commit(cx, (epoch, "m"), &json!([committed(partition, 6)]))?;
        }
        on.commit(cx, (epoch, "m"), &json!([committed(0, 7), committed(1, 7)]))?;
    }
    on.left(cx)
}

/// A member of the classic protocol in the consumer group.
fn joined_classic(cx: &mut Context, on: &Stage) -> Result<Classic> {
    let mut c = Classic::pending(cx, &on.m.group, "c")?;
    let bytes = subscription(1, &json!({"topics": [on.topic]}))?;
    c.protocols = vec![("range", bytes.as_str().unwrap_or_default().to_owned())];
    cx.quietly(|cx| {
        c.join(cx)?;
        c.sync(cx, &[])
    })?;
    cx.note(&format!("<c> joined: generation {}", c.generation));
    Ok(c)
}

fn classic_member(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let c = joined_classic(cx, &on)?;
    let generation = c.generation;
    on.claims(cx, &[(generation, &c.id), (generation - 1, &c.id)])?;
    on.claims(cx, &[(generation + 1, &c.id), (-1, &c.id), (0, &c.id)])?;
    if version >= 7 {
        let claim = (generation, c.id.as_str(), Some("i"));
        on.commit_as(cx, claim, &json!([committed(0, 5)]))?;
    }
    on.left(cx)
}

fn wrong_in_several_ways(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let none = cx.topic("none");
    for (epoch, member) in [(on.m.epoch, "m"), (on.m.epoch + 7, "m"), (1, "x")] {
        let topics = json!([
            {"name": none, "topicId": "c29tZXRoaW5nIHVua25vdw", "partitions": [committed(0, 1)]},
            {"name": on.topic, "topicId": on.id, "partitions": [committed(0, 1), committed(7, 1)]},
            {"name": "", "topicId": "AAAAAAAAAAAAAAAAAAAAAA", "partitions": [committed(0, 1)]},
        ]);
        let body = json!({"groupId": on.m.group, "generationIdOrMemberEpoch": epoch, "memberId": member, "topics": topics});
        cx.call("OffsetCommit", version, body)?;
    }
    on.left(cx)
}

fn fetch(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    on.commit(cx, (on.m.epoch, "m"), &json!([committed(0, 5)]))?;
    let wanted: [(&str, &str, &[i32]); 1] = [(&on.topic, &on.id, &[0, 1])];
    let body = offset_fetch(version, &on.m.group, Some(&wanted));
    cx.call("OffsetFetch", version, body)?;
    if version >= 2 {
        let body = offset_fetch(version, &on.m.group, None);
        cx.call("OffsetFetch", version, body)?;
    }
    Ok(())
}

fn fetch_with_claims(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let epoch = on.m.epoch;
    on.commit(cx, (epoch, "m"), &json!([committed(0, 5)]))?;
    on.fetches(
        cx,
        &[
            (json!("m"), epoch),
            (json!("m"), epoch - 1),
            (json!("m"), epoch + 1),
            (json!("m"), 0),
            (json!("m"), -1),
            (json!("m"), -2),
            (json!("x"), epoch),
            (json!("x"), -1),
            (json!(""), epoch),
            (json!(""), -1),
            (Value::Null, epoch),
            (Value::Null, 0),
            (Value::Null, -1),
            (Value::Null, -2),
        ],
    )?;
    cx.note("all topics");
    let mut body = offset_fetch(version, &on.m.group, None);
    body["groups"][0]["memberId"] = json!("m");
    body["groups"][0]["memberEpoch"] = (epoch + 1).into();
    cx.call("OffsetFetch", version, body)?;
    Ok(())
}

fn fetch_deserted(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = Stage::new(cx, version)?;
    let epoch = on.m.epoch;
    cx.quietly(|cx| on.m.leave(cx, -1))?;
    on.fetches(
        cx,
        &[
            (json!("m"), epoch),
            (json!("m"), -1),
            (Value::Null, epoch),
            (Value::Null, -1),
        ],
    )
}

fn fetch_by_a_classic_member(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let c = joined_classic(cx, &on)?;
    on.fetches(
        cx,
        &[
            (json!(c.id), c.generation),
            (json!(c.id), c.generation - 1),
            (json!(c.id), -1),
        ],
    )
}

fn fetch_stable(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let t = Producer::new(cx, "t")?;
    let epoch = on.m.epoch;
    let rows = json!([{"name": on.topic, "topicId": on.id, "partitions": [committed(0, 5)]}]);
    let mut body = t.offsets(&on.m.group, rows);
    body["memberId"] = json!("m");
    body["generationIdOrMemberEpoch"] = json!(epoch);
    cx.call("TxnOffsetCommit", 5, body)?;
    for (stable, epoch) in [(true, epoch), (false, epoch), (true, epoch + 1)] {
        let wanted: [(&str, &str, &[i32]); 1] = [(&on.topic, &on.id, &[0, 1])];
        let mut body = offset_fetch(version, &on.m.group, Some(&wanted));
        body["groups"][0]["memberId"] = json!("m");
        body["groups"][0]["memberEpoch"] = epoch.into();
        body["requireStable"] = stable.into();
        cx.call("OffsetFetch", version, body)?;
    }
    Ok(())
}

fn metadata(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let long = "x".repeat(4097);
    cx.labels.text(&long, "<4097 x>");
    let rows = json!([committed_with(0, 5, &long), committed_with(1, 6, "short")]);
    on.commit(cx, (on.m.epoch, "m"), &rows)?;
    on.commit(cx, (on.m.epoch + 1, "m"), &rows)?;
    on.left(cx)
}

fn two_groups_at_once(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    on.commit(cx, (on.m.epoch, "m"), &json!([committed(0, 5)]))?;
    let none = cx.group("none")?;
    let topic = json!({"name": on.topic, "topicId": on.id, "partitionIndexes": [0]});
    for version in [9, 10] {
        let groups = json!([
            {"groupId": on.m.group, "memberId": "m", "memberEpoch": on.m.epoch, "topics": [topic]},
            {"groupId": none, "memberId": "m", "memberEpoch": on.m.epoch, "topics": [topic]},
            {"groupId": on.m.group, "memberId": "m", "memberEpoch": on.m.epoch + 1, "topics": null},
        ]);
        cx.call("OffsetFetch", version, json!({"groups": groups}))?;
    }
    Ok(())
}
