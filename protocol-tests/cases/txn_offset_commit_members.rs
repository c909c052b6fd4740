//! TxnOffsetCommit (key 28) by members of groups, v3–v6 (KIP-447, KIP-848): who may commit, and what a rebalance in
//! the middle of a transaction does.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Classic, Consumer, settle, stable};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::coordinators::{committed, offset_fetch};
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("txn_offset_commit_members")
        .on(Profile::Groups)
        .cases_at(0..=6, cases![classic])
        .cases_at(
            3..=6,
            cases![
                classic_wrong_claims,
                classic_static,
                classic_replaced_static,
                classic_gathers_members,
                classic_awaits_assignments,
                classic_after_leaving,
                classic_pending_member,
            ],
        )
        .cases(cases![classic_rebalances])
        .cases_at(0..=6, cases![consumer])
        .cases_at(
            3..=6,
            cases![
                consumer_wrong_claims,
                consumer_static,
                consumer_replaced_static,
                consumer_older_epoch,
                consumer_after_leaving,
            ],
        )
        .cases(cases![consumer_rebalances])
        .cases_at(3..=6, cases![new_kind_of_group])
}

struct Stage {
    topic: String,
    id: String,
    group: String,
    producer: Producer,
}

fn stage(cx: &mut Context) -> Result<Stage> {
    let topic = cx.create_topic_for_consumers("a", 2)?;
    Ok(Stage {
        id: cx.topic_id(&topic)?,
        topic,
        group: cx.group("g")?,
        producer: Producer::new(cx, "t")?,
    })
}

/// A member as TxnOffsetCommit names it: id, generation or epoch, instance.
type Claim<'a> = (&'a str, i64, Option<&'a str>);

impl Stage {
    fn commit(
        &self,
        cx: &mut Context,
        version: i16,
        claim: Claim<'_>,
        offset: i64,
    ) -> Result<Value> {
        let topics =
            json!([{"name": self.topic, "topicId": self.id, "partitions": [committed(0, offset)]}]);
        let mut body = self.producer.offsets(&self.group, topics);
        let (member, generation, instance) = claim;
        body["generationIdOrMemberEpoch"] = generation.into();
        body["memberId"] = member.into();
        body["groupInstanceId"] = instance.map_or(Value::Null, Value::from);
        if version < 5 {
            cx.quietly(|cx| self.producer.add_offsets(cx, 3, &self.group))?;
        }
        cx.call("TxnOffsetCommit", version, body)
    }

    fn fetch(&self, cx: &mut Context) -> Result<()> {
        let topics = [(self.topic.as_str(), self.id.as_str(), &[0][..])];
        for stable in [false, true] {
            let mut body = offset_fetch(8, &self.group, Some(&topics));
            body["requireStable"] = stable.into();
            cx.call("OffsetFetch", 8, body)?;
        }
        Ok(())
    }

    fn finish(&self, cx: &mut Context, commits: bool) -> Result<()> {
        self.producer.end(cx, 5, commits)?;
        self.producer.settle(cx)?;
        self.fetch(cx)
    }

    fn member(&self, cx: &mut Context) -> Result<Classic> {
        let mut member = Classic::pending(cx, &self.group, "m")?;
        stable(cx, &mut [&mut member])?;
        Ok(member)
    }

    fn fixed(&self, cx: &mut Context) -> Result<Classic> {
        let mut member = Classic::fixed(cx, &self.group, "i")?;
        stable(cx, &mut [&mut member])?;
        Ok(member)
    }

    fn consumer(&self, cx: &mut Context) -> Result<Consumer> {
        let mut member = Consumer::new(&self.group, "m");
        cx.quietly(|cx| member.join(cx, &[&self.topic]))?;
        settle(cx, &mut [&mut member])?;
        cx.note(&format!("m is a member in epoch {}", member.epoch));
        Ok(member)
    }
}

fn classic(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = on.member(cx)?;
    on.commit(cx, version, (&member.id, 1, None), 5)?;
    on.fetch(cx)?;
    on.finish(cx, true)
}

fn classic_wrong_claims(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = on.member(cx)?;
    for claim in [
        (member.id.as_str(), 0, None),
        (&member.id, 2, None),
        (&member.id, -1, None),
        ("", 1, None),
        ("", -1, None),
        ("stranger", 1, None),
        ("stranger", 2, None),
        (&member.id, 1, Some("i")),
        (&member.id, 2, Some("i")),
        ("", -1, Some("i")),
    ] {
        on.commit(cx, version, claim, 5)?;
    }
    on.finish(cx, true)
}

fn classic_static(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = on.fixed(cx)?;
    for claim in [
        (member.id.as_str(), 1, Some("i")),
        (&member.id, 1, None),
        (&member.id, 2, Some("i")),
        ("stranger", 1, Some("i")),
        ("", 1, Some("i")),
        ("", -1, Some("i")),
        (&member.id, 1, Some("j")),
    ] {
        on.commit(cx, version, claim, 5)?;
    }
    on.finish(cx, true)
}

/// Another process has taken the instance's place.
fn classic_replaced_static(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let old = on.fixed(cx)?;
    on.commit(cx, version, (&old.id, 1, Some("i")), 5)?;
    let mut new = Classic::fixed(cx, &on.group, "i")?;
    new.join(cx)?;
    on.commit(cx, version, (&old.id, 1, Some("i")), 6)?;
    on.commit(cx, version, (&old.id, 1, None), 6)?;
    on.commit(cx, version, (&new.id, 1, Some("i")), 7)?;
    on.finish(cx, true)
}

/// PreparingRebalance.
fn classic_gathers_members(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let mut member = on.member(cx)?;
    let other = Classic::pending(cx, &on.group, "other")?;
    other.send_join(cx)?;
    cx.await_state(Context::A, &on.group, "PreparingRebalance")?;
    on.commit(cx, version, (&member.id, 1, None), 5)?;
    on.commit(cx, version, (&member.id, 2, None), 5)?;
    on.commit(cx, version, (&other.id, 1, None), 5)?;
    on.fetch(cx)?;
    member.join(cx)?;
    on.finish(cx, true)
}

/// CompletingRebalance.
fn classic_awaits_assignments(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let mut member = Classic::pending(cx, &on.group, "m")?;
    member.join(cx)?;
    for generation in [1, 0, 2] {
        on.commit(cx, version, (&member.id, generation, None), 5)?;
    }
    on.finish(cx, true)
}

fn classic_after_leaving(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = on.member(cx)?;
    on.commit(cx, version, (&member.id, 1, None), 5)?;
    member.leave(cx)?;
    for claim in [
        (member.id.as_str(), 1, None),
        (&member.id, 2, None),
        ("", 1, None),
        ("", -1, None),
    ] {
        on.commit(cx, version, claim, 6)?;
    }
    on.finish(cx, true)
}

fn classic_pending_member(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = Classic::pending(cx, &on.group, "m")?;
    for generation in [-1, 0, 1] {
        on.commit(cx, version, (&member.id, generation, None), 5)?;
    }
    on.finish(cx, true)
}

/// The partition changes hands while its offset is pending: the next owner must wait.
fn classic_rebalances(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    let mut first = on.member(cx)?;
    on.commit(cx, 5, (&first.id, 1, None), 5)?;
    let mut other = Classic::pending(cx, &on.group, "other")?;
    other.send_join(cx)?;
    cx.await_state(Context::A, &on.group, "PreparingRebalance")?;
    first.join(cx)?;
    other.joined(cx)?;
    on.fetch(cx)?;
    let ids = [(first.id.clone(), "one"), (other.id.clone(), "two")];
    let ids = [(ids[0].0.as_str(), ids[0].1), (ids[1].0.as_str(), ids[1].1)];
    first.sync(cx, &ids)?;
    other.sync(cx, &ids)?;
    cx.note("a zombie of the first generation, then the second generation");
    on.commit(cx, 5, (&first.id, 1, None), 6)?;
    on.commit(cx, 5, (&first.id, 2, None), 7)?;
    on.fetch(cx)?;
    on.finish(cx, false)?;
    cx.coordinator_records(CoordinatorTopic::Groups, &on.group)
}

fn consumer(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = on.consumer(cx)?;
    on.commit(cx, version, (&member.id, member.epoch, None), 5)?;
    on.fetch(cx)?;
    on.finish(cx, true)
}

fn consumer_wrong_claims(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = on.consumer(cx)?;
    let epoch = member.epoch;
    for claim in [
        ("m", epoch - 1, None),
        ("m", epoch + 1, None),
        ("m", 0, None),
        ("m", -1, None),
        ("m", -2, None),
        ("", epoch, None),
        ("", -1, None),
        ("stranger", epoch, None),
        ("m", epoch, Some("i")),
        ("", -1, Some("i")),
    ] {
        on.commit(cx, version, claim, 5)?;
    }
    on.finish(cx, true)
}

fn fixed_consumer(cx: &mut Context, on: &Stage, id: &str) -> Result<Consumer> {
    let mut member = Consumer::fixed(&on.group, id, "i");
    cx.quietly(|cx| member.join(cx, &[&on.topic]))?;
    settle(cx, &mut [&mut member])?;
    cx.note(&format!("{id} is instance i in epoch {}", member.epoch));
    Ok(member)
}

fn consumer_static(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let member = fixed_consumer(cx, &on, "m")?;
    let epoch = member.epoch;
    for claim in [
        ("m", epoch, Some("i")),
        ("m", epoch, None),
        ("m", epoch, Some("j")),
        ("stranger", epoch, Some("i")),
        ("", -1, Some("i")),
    ] {
        on.commit(cx, version, claim, 5)?;
    }
    on.finish(cx, true)
}

fn consumer_replaced_static(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let mut old = fixed_consumer(cx, &on, "m")?;
    let epoch = old.epoch;
    on.commit(cx, version, ("m", epoch, Some("i")), 5)?;
    old.leave(cx, -2)?;
    on.commit(cx, version, ("m", epoch, Some("i")), 6)?;
    on.commit(cx, version, ("m", -2, Some("i")), 6)?;
    let new = fixed_consumer(cx, &on, "n")?;
    on.commit(cx, version, ("m", epoch, Some("i")), 7)?;
    on.commit(cx, version, ("n", new.epoch, Some("i")), 8)?;
    on.finish(cx, true)
}

/// The group has gone on to another epoch, of which the member has heard or not.
fn consumer_older_epoch(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let mut member = on.consumer(cx)?;
    let before = member.epoch;
    let mut other = Consumer::new(&on.group, "other");
    cx.quietly(|cx| other.join(cx, &[&on.topic]))?;
    cx.note("another has joined");
    on.commit(cx, version, ("m", before, None), 5)?;
    settle(cx, &mut [&mut member, &mut other])?;
    cx.note(&format!("all are in epoch {}", member.epoch));
    on.commit(cx, version, ("m", before, None), 6)?;
    on.commit(cx, version, ("m", member.epoch, None), 7)?;
    on.finish(cx, true)
}

fn consumer_after_leaving(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let mut member = on.consumer(cx)?;
    let epoch = member.epoch;
    on.commit(cx, version, ("m", epoch, None), 5)?;
    member.leave(cx, -1)?;
    for claim in [
        ("m", epoch, None),
        ("m", -1, None),
        ("", epoch, None),
        ("", -1, None),
    ] {
        on.commit(cx, version, claim, 6)?;
    }
    on.finish(cx, true)
}

fn consumer_rebalances(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    let mut first = on.consumer(cx)?;
    let before = first.epoch;
    on.commit(cx, 5, ("m", before, None), 5)?;
    let mut other = Consumer::new(&on.group, "other");
    cx.quietly(|cx| other.join(cx, &[&on.topic]))?;
    settle(cx, &mut [&mut first, &mut other])?;
    on.fetch(cx)?;
    let mut left = first.clone();
    left.leave(cx, -1)?;
    settle(cx, &mut [&mut other])?;
    on.fetch(cx)?;
    on.commit(cx, 5, ("m", before, None), 6)?;
    on.commit(cx, 5, ("other", other.epoch, None), 7)?;
    on.finish(cx, false)?;
    Ok(())
}

/// A group that was of the other kind when the transaction began.
fn new_kind_of_group(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let old = on.member(cx)?;
    on.commit(cx, version, (&old.id, 1, None), 5)?;
    old.leave(cx)?;
    let member = on.consumer(cx)?;
    on.fetch(cx)?;
    on.commit(cx, version, (&old.id, 1, None), 6)?;
    on.commit(cx, version, ("m", member.epoch, None), 7)?;
    on.finish(cx, true)
}
