//! OffsetCommit (key 8) and OffsetFetch (key 9) by members of classic groups.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Join, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::{committed, committed_with, offset_fetch};
use crate::profile::Profile;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("offsets_of_classic_members")
        .on(Profile::Groups)
        .versions("stable", 2..=10, in_stable)
        .versions("completing", 2..=10, in_completing)
        .versions("preparing", 2..=10, in_preparing)
        .cases_at(2..=10, cases![emptied, pending])
        .cases_at(7..=10, cases![static_member])
        .cases_at(
            [2, 9, 10],
            cases![another_protocol_type, wrong_in_several_ways],
        )
        .versions("metadata_beyond_the_limit", [2, 9, 10], metadata)
        .cases_at(1..=10, cases![fetch])
        .cases_at(9..=10, cases![fetch_with_claims])
        .cases(cases![static_member_is_back])
        .case("a_commit_keeps_the_session", keeps_the_session)
        .case("a_refused_commit_does_not", refused_keeps_nothing)
        .case("commits_of_several_members", several_members)
        .cases(cases![commit_after_the_session, deleted_topic])
}

/// A topic and a group that commits to it.
struct Stage {
    group: String,
    topic: String,
    id: String,
    version: i16,
}

impl Stage {
    fn new(cx: &mut Context, version: i16) -> Result<Self> {
        let topic = cx.create_topic("t", 2)?;
        Ok(Self {
            id: cx.topic_id(&topic)?,
            topic,
            group: cx.group("g")?,
            version,
        })
    }

    fn rows(&self, partitions: &Value) -> Value {
        json!([{"name": self.topic, "topicId": self.id, "partitions": partitions}])
    }

    /// Commits with this generation, member and instance.
    fn commit(
        &self,
        cx: &mut Context,
        claim: (i64, &str, Option<&str>),
        partitions: &Value,
    ) -> Result<Value> {
        let (generation, member, instance) = claim;
        let body = json!({"groupId": self.group, "generationIdOrMemberEpoch": generation, "memberId": member,
            "groupInstanceId": instance, "topics": self.rows(partitions)});
        cx.call("OffsetCommit", self.version, body)
    }

    /// Commits offset 5 of the first partition with each of these claims.
    fn claims(&self, cx: &mut Context, claims: &[(i64, &str)]) -> Result<()> {
        for (generation, member) in claims {
            self.commit(cx, (*generation, member, None), &json!([committed(0, 5)]))?;
        }
        Ok(())
    }

    fn left(&self, cx: &mut Context) -> Result<()> {
        cx.call("OffsetFetch", 8, offset_fetch(8, &self.group, None))?;
        Ok(())
    }
}

fn in_stable(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    let mut b = Classic::pending(cx, &on.group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    on.claims(cx, &[(2, &a.id), (2, &b.id)])?;
    on.claims(cx, &[(1, &a.id), (3, &a.id), (0, &a.id), (-1, &a.id)])?;
    on.claims(cx, &[(2, "x"), (2, ""), (-1, "x"), (-1, ""), (9, "x")])?;
    if version >= 7 {
        for instance in ["i", ""] {
            let claim = (2, a.id.as_str(), Some(instance));
            on.commit(cx, claim, &json!([committed(1, 6)]))?;
        }
        on.commit(cx, (-1, "", Some("i")), &json!([committed(1, 6)]))?;
    }
    on.left(cx)
}

/// The generation stays; what it committed goes.
fn deleted_topic(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    stable(cx, &mut [&mut a])?;
    on.claims(cx, &[(1, &a.id)])?;
    cx.delete_topic_of_offsets(&on.topic, &on.group)?;
    on.left(cx)?;
    a.beat(cx)?;
    on.claims(cx, &[(1, &a.id)])
}

fn in_completing(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    cx.quietly(|cx| a.join(cx))?;
    cx.note("CompletingRebalance");
    on.claims(cx, &[(1, &a.id), (0, &a.id), (-1, &a.id)])?;
    on.claims(cx, &[(1, "x"), (-1, "")])?;
    on.left(cx)
}

/// The last generation may still commit, and so may who has only just come.
fn in_preparing(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    let b = Classic::pending(cx, &on.group, "b")?;
    cx.quietly(|cx| a.join(cx))?;
    cx.quietly(|cx| a.sync(cx, &[]))?;
    cx.quietly(|cx| b.send_join(cx))?;
    cx.await_state(A, &on.group, "PreparingRebalance")?;
    cx.note("<b> joins a group of <a>");
    on.claims(cx, &[(1, &a.id), (0, &a.id), (2, &a.id), (-1, &a.id)])?;
    on.claims(cx, &[(1, &b.id), (-1, &b.id), (1, "x"), (-1, "")])?;
    on.left(cx)
}

fn emptied(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    stable(cx, &mut [&mut a])?;
    cx.quietly(|cx| a.leave(cx))?;
    cx.note("<a> has left");
    on.claims(cx, &[(1, &a.id), (2, &a.id), (2, ""), (0, "")])?;
    on.left(cx)?;
    on.claims(cx, &[(-1, &a.id), (-1, "x"), (-2, ""), (-1, "")])?;
    on.left(cx)
}

/// Who was given an id and has not come back with it is no member.
fn pending(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let p = Classic::pending(cx, &on.group, "p")?;
    on.claims(cx, &[(0, &p.id), (1, &p.id), (-1, &p.id)])?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    cx.quietly(|cx| p.leave(cx))?;
    stable(cx, &mut [&mut a])?;
    let p = Classic::pending(cx, &on.group, "q")?;
    on.claims(cx, &[(1, &p.id), (-1, &p.id)])
}

fn static_member(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let mut i = Classic::fixed(cx, &on.group, "i")?;
    let mut j = Classic::fixed(cx, &on.group, "j")?;
    stable(cx, &mut [&mut i, &mut j])?;
    let at = json!([committed(0, 5)]);
    for (generation, member, instance) in [
        (2, i.id.as_str(), Some("i")),
        (2, &i.id, None),
        (2, &i.id, Some("j")),
        (2, &i.id, Some("k")),
        (2, "x", Some("i")),
        (2, "", Some("i")),
        (1, &i.id, Some("i")),
        (-1, &i.id, Some("i")),
        (-1, "", Some("i")),
    ] {
        on.commit(cx, (generation, member, instance), &at)?;
    }
    Ok(())
}

fn another_protocol_type(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let join = Join {
        version: 3,
        kind: "connect",
        ..Join::of("")
    };
    let answer = cx.quietly(|cx| join.call(cx, &on.group))?;
    let id = answer["memberId"].as_str().unwrap_or_default().to_owned();
    on.claims(cx, &[(1, &id)])?;
    let body = json!({"groupId": on.group, "generationId": 1, "memberId": id, "assignments": []});
    cx.call("SyncGroup", 3, body)?;
    on.claims(cx, &[(1, &id), (2, &id), (-1, "")])?;
    on.left(cx)
}

/// What is said of a topic that is not there, and what of the member.
fn wrong_in_several_ways(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let none = cx.topic("none");
    let mut a = Classic::pending(cx, &on.group, "a")?;
    stable(cx, &mut [&mut a])?;
    for (generation, member) in [(1, a.id.as_str()), (9, &a.id), (1, "x")] {
        let topics = json!([
            {"name": none, "topicId": "c29tZXRoaW5nIHVua25vdw", "partitions": [committed(0, 1)]},
            {"name": on.topic, "topicId": on.id, "partitions": [committed(0, 1), committed(7, 1)]},
            {"name": "", "topicId": "AAAAAAAAAAAAAAAAAAAAAA", "partitions": [committed(0, 1)]},
        ]);
        let body = json!({"groupId": on.group, "generationIdOrMemberEpoch": generation, "memberId": member, "topics": topics});
        cx.call("OffsetCommit", version, body)?;
    }
    cx.note("nothing of this is there");
    let topics = json!([{"name": none, "topicId": "c29tZXRoaW5nIHVua25vdw", "partitions": [committed(0, 1)]}]);
    let body = json!({"groupId": on.group, "generationIdOrMemberEpoch": 9, "memberId": "x", "topics": topics});
    cx.call("OffsetCommit", version, body)?;
    on.left(cx)
}

fn metadata(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, version)?;
    let long = "x".repeat(4097);
    cx.labels.text(&long, "<4097 x>");
    let mut a = Classic::pending(cx, &on.group, "a")?;
    stable(cx, &mut [&mut a])?;
    let rows = json!([committed_with(0, 5, &long), committed_with(1, 6, "short")]);
    on.commit(cx, (1, &a.id, None), &rows)?;
    cx.note("a generation that is over");
    on.commit(cx, (0, &a.id, None), &rows)?;
    cx.note("nothing but what is too long");
    let rows = json!([committed_with(0, 5, &long)]);
    on.commit(cx, (1, &a.id, None), &rows)?;
    on.commit(cx, (0, &a.id, None), &rows)?;
    on.left(cx)
}

/// Offsets may be fetched whatever state the group is in.
fn fetch(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    on.commit(cx, (-1, "", None), &json!([committed(0, 5)]))?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    let mut b = Classic::pending(cx, &on.group, "b")?;
    let wanted: [(&str, &str, &[i32]); 1] = [(&on.topic, &on.id, &[0, 1])];
    let body = offset_fetch(version, &on.group, Some(&wanted));
    cx.quietly(|cx| a.join(cx))?;
    cx.note("CompletingRebalance");
    cx.call("OffsetFetch", version, body.clone())?;
    cx.quietly(|cx| b.send_join(cx))?;
    cx.await_state(A, &on.group, "PreparingRebalance")?;
    cx.note("PreparingRebalance");
    cx.call("OffsetFetch", version, body.clone())?;
    cx.quietly(|cx| {
        a.join(cx)?;
        b.joined(cx)?;
        a.sync(cx, &[])
    })?;
    cx.note("Stable");
    cx.call("OffsetFetch", version, body)?;
    Ok(())
}

fn fetch_with_claims(cx: &mut Context, version: i16) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    stable(cx, &mut [&mut a])?;
    on.commit(cx, (1, &a.id, None), &json!([committed(0, 5)]))?;
    for (member, epoch) in [
        (json!(a.id), 1),
        (json!(a.id), 9),
        (json!(a.id), -1),
        (json!("x"), 1),
        (json!(""), 1),
        (Value::Null, 1),
        (Value::Null, -1),
    ] {
        let wanted: [(&str, &str, &[i32]); 1] = [(&on.topic, &on.id, &[0])];
        let mut body = offset_fetch(version, &on.group, Some(&wanted));
        body["groups"][0]["memberId"] = member;
        body["groups"][0]["memberEpoch"] = epoch.into();
        cx.call("OffsetFetch", version, body)?;
    }
    Ok(())
}

/// The id of the one before is fenced.
fn static_member_is_back(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let mut i = Classic::fixed(cx, &on.group, "i")?;
    stable(cx, &mut [&mut i])?;
    let mut back = Classic::fixed(cx, &on.group, "i")?;
    back.join(cx)?;
    let at = json!([committed(0, 5)]);
    on.commit(cx, (1, &i.id, Some("i")), &at)?;
    on.commit(cx, (1, &i.id, None), &at)?;
    on.commit(cx, (1, &back.id, Some("i")), &at)?;
    on.left(cx)
}

/// Someone who only commits stays as long as a session and longer.
fn keeps_the_session(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    let mut b = Classic::pending(cx, &on.group, "b")?;
    let mut c = Classic::pending(cx, &on.group, "c")?;
    (b.session, c.session) = (1000, 1800);
    stable(cx, &mut [&mut a, &mut b, &mut c])?;
    cx.until("c is gone", |cx| {
        on.commit(cx, (2, &b.id, None), &json!([committed(0, 5)]))?;
        let described = cx.look_at_group(A, &on.group)?;
        Ok(described["members"].as_array().map(Vec::len) == Some(2))
    })?;
    for member in [&c, &b, &a] {
        member.beat(cx)?;
    }
    on.left(cx)
}

/// A commit with a wrong generation is no sign of life.
fn refused_keeps_nothing(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    let mut b = Classic::pending(cx, &on.group, "b")?;
    b.session = 500;
    stable(cx, &mut [&mut a, &mut b])?;
    cx.until("b is gone", |cx| {
        on.commit(cx, (1, &b.id, None), &json!([committed(0, 5)]))?;
        let described = cx.look_at_group(A, &on.group)?;
        Ok(described["members"].as_array().map(Vec::len) == Some(1))
    })?;
    b.beat(cx)?;
    on.left(cx)
}

/// The broker does not ask whose partition it is.
fn several_members(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    let mut b = Classic::pending(cx, &on.group, "b")?;
    stable(cx, &mut [&mut a, &mut b])?;
    on.commit(
        cx,
        (2, &a.id, None),
        &json!([committed_with(0, 5, "a"), committed_with(1, 6, "a")]),
    )?;
    on.commit(cx, (2, &b.id, None), &json!([committed_with(1, 4, "b")]))?;
    on.left(cx)
}

fn commit_after_the_session(cx: &mut Context) -> Result<()> {
    let on = Stage::new(cx, 9)?;
    let mut a = Classic::pending(cx, &on.group, "a")?;
    a.session = 150;
    stable(cx, &mut [&mut a])?;
    cx.await_state(A, &on.group, "Empty")?;
    on.claims(cx, &[(1, &a.id), (2, &a.id), (-1, "")])?;
    on.left(cx)
}
