//! TxnOffsetCommit (key 28), v0–v6: offsets that count when their transaction is committed.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic;
use crate::coordinators::{committed, committed_with, offset_fetch};
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("txn_offset_commit")
        .on(Profile::Groups)
        .versions("committed", 0..=6, |cx, version| ended(cx, version, true))
        .versions("aborted", 0..=6, |cx, version| ended(cx, version, false))
        .cases_at(0..=6, cases![group_not_added])
        .cases_at(5..=6, cases![implicit])
        .cases_at(0..=6, cases![wrong_producer])
        .cases_at([0, 2, 5, 6], cases![unknown_topic])
        .cases_at(0..=6, cases![empty_ids])
        .cases_at(3..=6, cases![claims_of_no_group, claims_of_a_simple_group])
        .cases_at(7..=10, cases![pending])
        .cases(cases![
            pending_all_topics,
            metadata_too_large,
            nothing,
            topic_ids,
            committed_meanwhile,
            two_producers,
            offset_deleted_meanwhile,
            group_deleted_meanwhile,
            topic_deleted_meanwhile,
            new_producer_aborts,
            only_pending,
        ])
        .cases_at([3, 5, 6], cases![records])
        .cases(cases![records_of_an_abort])
}

struct Stage {
    topic: String,
    id: String,
    group: String,
    producer: Producer,
}

fn stage(cx: &mut Context) -> Result<Stage> {
    let topic = cx.create_topic("a", 2)?;
    Ok(Stage {
        id: cx.topic_id(&topic)?,
        topic,
        group: cx.group("g")?,
        producer: Producer::new(cx, "t")?,
    })
}

impl Stage {
    fn row(&self, offset: i64) -> Value {
        json!([{"name": self.topic, "topicId": self.id, "partitions": [committed_with(0, offset, "m")]}])
    }

    fn commit(&self, cx: &mut Context, version: i16, offset: i64) -> Result<Value> {
        let topics = self.row(offset);
        self.producer
            .commit_offsets(cx, version, &self.group, topics)
    }

    fn add(&self, cx: &mut Context) -> Result<()> {
        cx.quietly(|cx| self.producer.add_offsets(cx, 3, &self.group))?;
        Ok(())
    }

    /// A commit outside of any transaction.
    fn commit_plainly(&self, cx: &mut Context, offset: i64) -> Result<()> {
        let topics = json!([{"name": self.topic, "partitions": [committed(0, offset)]}]);
        cx.call(
            "OffsetCommit",
            9,
            json!({"groupId": self.group, "topics": topics}),
        )?;
        Ok(())
    }

    fn fetch(&self, cx: &mut Context) -> Result<()> {
        let topics = [(self.topic.as_str(), self.id.as_str(), &[0, 1][..])];
        cx.call(
            "OffsetFetch",
            8,
            offset_fetch(8, &self.group, Some(&topics)),
        )?;
        Ok(())
    }
}

fn ended(cx: &mut Context, version: i16, commits: bool) -> Result<()> {
    let on = stage(cx)?;
    on.add(cx)?;
    on.commit(cx, version, 5)?;
    on.fetch(cx)?;
    on.producer.end(cx, 3, commits)?;
    on.producer.settle(cx)?;
    on.fetch(cx)
}

/// AddOffsetsToTxn was not sent; from v5 on that is how it is meant.
fn group_not_added(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    on.commit(cx, version, 5)?;
    on.producer.describe(cx)?;
    on.fetch(cx)
}

fn implicit(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = stage(cx)?;
    on.commit(cx, version, 5)?;
    on.producer.describe(cx)?;
    on.producer.complete(cx, true)?;
    on.fetch(cx)?;
    on.commit(cx, version, 7)?;
    on.producer.complete(cx, false)?;
    on.fetch(cx)
}

fn wrong_producer(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    let other = Producer::new(cx, "u")?;
    on.add(cx)?;
    let stranger = Producer {
        transactional_id: cx.transactional_id("none")?,
        ..on.producer.clone()
    };
    let wrong = [
        on.producer.later(1),
        on.producer.later(-1),
        on.producer.with_id(other.id),
        stranger,
    ];
    for producer in wrong {
        producer.commit_offsets(cx, version, &on.group, on.row(5))?;
    }
    on.fetch(cx)
}

fn unknown_topic(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    on.add(cx)?;
    let none = cx.topic("none");
    let topics = json!([
        {"name": none, "topicId": "c29tZXRoaW5nIHVua25vdw", "partitions": [committed(0, 1)]},
        {"name": on.topic, "topicId": on.id, "partitions": [committed(0, 1), committed(2, 1), committed(-1, 1)]},
    ]);
    on.producer.commit_offsets(cx, version, &on.group, topics)?;
    on.producer.end(cx, 3, true)?;
    on.producer.settle(cx)?;
    on.fetch(cx)
}

fn empty_ids(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    on.add(cx)?;
    on.producer.commit_offsets(cx, version, "", on.row(1))?;
    let nameless = Producer {
        transactional_id: String::new(),
        ..on.producer.clone()
    };
    cx.transaction_coordinator("")?;
    nameless.commit_offsets(cx, version, &on.group, on.row(1))?;
    Ok(())
}

fn claims(cx: &mut Context, version: i16, on: &Stage) -> Result<()> {
    for (generation, member, instance) in [
        (0, "", None),
        (1, "m", None),
        (-1, "m", None),
        (-2, "", None),
        (-1, "", Some("i")),
        (1, "m", Some("i")),
    ] {
        let mut body = on.producer.offsets(&on.group, on.row(3));
        body["generationIdOrMemberEpoch"] = generation.into();
        body["memberId"] = member.into();
        body["groupInstanceId"] = instance.map_or(Value::Null, Value::from);
        cx.call("TxnOffsetCommit", version, body)?;
    }
    Ok(())
}

fn claims_of_no_group(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    on.add(cx)?;
    claims(cx, version, &on)
}

fn claims_of_a_simple_group(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    on.commit_plainly(cx, 1)?;
    on.add(cx)?;
    claims(cx, version, &on)
}

/// What OffsetFetch of this version says meanwhile.
fn pending(cx: &mut Context, version: i16) -> Result<()> {
    let on = stage(cx)?;
    on.commit_plainly(cx, 1)?;
    on.add(cx)?;
    on.commit(cx, 5, 9)?;
    for stable in [false, true] {
        let topics = [(on.topic.as_str(), on.id.as_str(), &[0, 1][..])];
        let mut body = offset_fetch(version, &on.group, Some(&topics));
        body["requireStable"] = stable.into();
        cx.call("OffsetFetch", version, body)?;
    }
    on.producer.end(cx, 3, true)?;
    on.producer.settle(cx)?;
    let mut body = offset_fetch(version, &on.group, None);
    body["requireStable"] = true.into();
    cx.call("OffsetFetch", version, body)?;
    Ok(())
}

fn pending_all_topics(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    on.add(cx)?;
    on.commit(cx, 5, 9)?;
    for committed_before in [false, true] {
        if committed_before {
            on.commit_plainly(cx, 1)?;
        }
        for stable in [false, true] {
            let mut body = offset_fetch(9, &on.group, None);
            body["requireStable"] = stable.into();
            cx.call("OffsetFetch", 9, body)?;
        }
    }
    Ok(())
}

fn metadata_too_large(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    on.add(cx)?;
    let long = "x".repeat(4097);
    cx.labels.text(&long, "<4097 x>");
    let topics = json!([{"name": on.topic, "partitions": [committed_with(0, 1, &long), committed_with(1, 2, "ok")]}]);
    on.producer.commit_offsets(cx, 3, &on.group, topics)?;
    on.producer.end(cx, 3, true)?;
    on.producer.settle(cx)?;
    on.fetch(cx)
}

fn nothing(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    for version in [3, 5] {
        on.producer
            .commit_offsets(cx, version, &on.group, json!([]))?;
        let topics = json!([{"name": on.topic, "partitions": []}]);
        on.producer.commit_offsets(cx, version, &on.group, topics)?;
        on.producer.describe(cx)?;
    }
    Ok(())
}

fn topic_ids(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    let topics = json!([
        {"partitions": [committed(0, 1)]},
        {"topicId": "c29tZXRoaW5nIHVua25vdw", "partitions": [committed(0, 1)]},
    ]);
    on.producer.commit_offsets(cx, 6, &on.group, topics)?;
    on.producer.describe(cx)?;
    Ok(())
}

/// What is written last counts, whenever the marker comes.
fn committed_meanwhile(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    on.commit(cx, 5, 5)?;
    on.commit_plainly(cx, 8)?;
    on.fetch(cx)?;
    on.producer.end(cx, 5, true)?;
    on.producer.settle(cx)?;
    on.fetch(cx)
}

fn two_producers(cx: &mut Context) -> Result<()> {
    let mut on = stage(cx)?;
    let mut other = Producer::new(cx, "u")?;
    on.commit(cx, 5, 5)?;
    other.commit_offsets(cx, 5, &on.group, on.row(7))?;
    on.fetch(cx)?;
    other.complete(cx, true)?;
    on.fetch(cx)?;
    on.producer.complete(cx, true)?;
    on.fetch(cx)
}

fn offset_deleted_meanwhile(cx: &mut Context) -> Result<()> {
    let mut on = stage(cx)?;
    on.commit_plainly(cx, 1)?;
    on.commit(cx, 5, 5)?;
    let topics =
        json!([{"name": on.topic, "partitions": [{"partitionIndex": 0}, {"partitionIndex": 1}]}]);
    cx.call(
        "OffsetDelete",
        0,
        json!({"groupId": on.group, "topics": topics}),
    )?;
    on.fetch(cx)?;
    on.producer.complete(cx, true)?;
    on.fetch(cx)
}

fn group_deleted_meanwhile(cx: &mut Context) -> Result<()> {
    let mut on = stage(cx)?;
    on.commit_plainly(cx, 1)?;
    on.commit(cx, 5, 5)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [on.group]}))?;
    on.fetch(cx)?;
    on.producer.complete(cx, true)?;
    on.fetch(cx)?;
    cx.coordinator_records(CoordinatorTopic::Groups, &on.group)
}

fn topic_deleted_meanwhile(cx: &mut Context) -> Result<()> {
    let mut on = stage(cx)?;
    on.commit_plainly(cx, 1)?;
    on.commit(cx, 5, 5)?;
    cx.delete_topic_of_offsets(&on.topic, &on.group)?;
    on.producer.complete(cx, true)?;
    on.fetch(cx)?;
    cx.coordinator_records(CoordinatorTopic::Groups, &on.group)
}

fn new_producer_aborts(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    on.commit(cx, 5, 5)?;
    on.producer.init(cx, 5)?;
    on.producer.settle(cx)?;
    on.fetch(cx)?;
    on.commit(cx, 5, 6)?;
    on.producer
        .later(1)
        .commit_offsets(cx, 5, &on.group, on.row(7))?;
    cx.coordinator_records(CoordinatorTopic::Groups, &on.group)
}

/// A group that only an open transaction has made.
fn only_pending(cx: &mut Context) -> Result<()> {
    let mut on = stage(cx)?;
    on.commit(cx, 5, 5)?;
    cx.call("DescribeGroups", 6, json!({"groups": [on.group]}))?;
    cx.labels.own_topics_only = true;
    cx.call("ListGroups", 5, json!({}))?;
    on.producer.complete(cx, false)?;
    cx.call("DescribeGroups", 6, json!({"groups": [on.group]}))?;
    cx.call("ListGroups", 5, json!({}))?;
    Ok(())
}

fn records(cx: &mut Context, version: i16) -> Result<()> {
    let mut on = stage(cx)?;
    on.add(cx)?;
    on.commit(cx, version, 5)?;
    on.producer.complete(cx, true)?;
    cx.coordinator_records(CoordinatorTopic::Groups, &on.group)
}

fn records_of_an_abort(cx: &mut Context) -> Result<()> {
    let on = stage(cx)?;
    on.add(cx)?;
    on.commit(cx, 4, 5)?;
    on.producer.end(cx, 4, false)?;
    on.producer.settle(cx)?;
    cx.coordinator_records(CoordinatorTopic::Groups, &on.group)
}
