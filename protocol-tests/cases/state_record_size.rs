//! What coordinators answer when a record of theirs is larger than their topic allows.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::members::{Classic, Consumer};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::{self, Groups, Transactions};
use crate::coordinators::{committed, committed_with, offset_fetch};
use crate::profile::Profile;
use crate::transactions::Producer;

pub(super) fn area() -> Area {
    Area::new("state_record_size")
        .on(Profile::Groups)
        .cases(cases![offset_commit])
        .alone()
        .cases(cases![offset_delete])
        .alone()
        .cases(cases![transactional_offsets])
        .alone()
        .cases(cases![sync_group])
        .alone()
        .cases(cases![static_return])
        .alone()
        .cases(cases![new_group])
        .alone()
        .cases(cases![consumer_group])
        .alone()
        .cases(cases![transaction])
        .alone()
}

fn set(cx: &mut Context, topic: CoordinatorTopic, bytes: Option<u32>) -> Result<()> {
    let value = bytes.map(|bytes| bytes.to_string());
    let config = json!({"name": "max.message.bytes", "configOperation": i8::from(bytes.is_none()), "value": value});
    let body = json!({"resources": [{"resourceType": 2, "resourceName": topic.name(), "configs": [config]}]});
    cx.ask("IncrementalAlterConfigs", 1, body)?;
    let bytes = bytes.map_or_else(|| "the default".to_owned(), |bytes| bytes.to_string());
    cx.note(&format!("max.message.bytes of {}: {bytes}", topic.name()));
    Ok(())
}

/// Runs `body` while the topic's records may be this large. The setting is in force once a commit of an offset
/// with large metadata is refused; transactions wait for the same.
fn with_limit(
    cx: &mut Context,
    topic: CoordinatorTopic,
    bytes: u32,
    body: impl FnOnce(&mut Context) -> Result<()>,
) -> Result<()> {
    let probe = Probe::new(cx, topic, bytes)?;
    set(cx, topic, Some(bytes))?;
    cx.until("the limit", |cx| Ok(!probe.fits(cx)?))?;
    let outcome = body(cx);
    set(cx, topic, None)?;
    cx.until("no limit", |cx| probe.fits(cx))?;
    outcome
}

/// What shows whether large records are taken.
struct Probe {
    topic: CoordinatorTopic,
    key: String,
    data: String,
}

impl Probe {
    fn new(cx: &mut Context, topic: CoordinatorTopic, bytes: u32) -> Result<Self> {
        let data = cx.quietly(|cx| cx.create_topic(&format!("probed{bytes}"), 1))?;
        let key = match topic {
            Groups | CoordinatorTopic::Shares => cx.group("probe")?,
            Transactions => cx.transactional_id("probe")?,
        };
        let key = match topic {
            Groups | CoordinatorTopic::Shares => key,
            Transactions => format!("{key}-{}", "p".repeat(600)),
        };
        Ok(Self { topic, key, data })
    }

    fn fits(&self, cx: &mut Context) -> Result<bool> {
        if self.topic == Groups {
            let rows = json!([{"name": self.data, "partitions": [committed_with(0, 1, &"m".repeat(600))]}]);
            let body = json!({"groupId": self.key, "topics": rows});
            let answer = cx.call("OffsetCommit", 9, body)?;
            return Ok(answer["topics"][0]["partitions"][0]["errorCode"] == 0);
        }
        let numbers = cx.labels.numbers.clone();
        let body = json!({"transactionalId": self.key, "transactionTimeoutMs": 60_000});
        let answer = cx.call("InitProducerId", 4, body)?;
        cx.labels.numbers = numbers;
        Ok(answer["errorCode"] == 0)
    }
}

fn commit(cx: &mut Context, group: &str, topic: &str, partitions: &[Value]) -> Result<Value> {
    let topics = json!([{"name": topic, "partitions": partitions}]);
    cx.call(
        "OffsetCommit",
        9,
        json!({"groupId": group, "topics": topics}),
    )
}

fn offset_commit(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 8)?;
    let group = cx.group("g")?;
    let long = "x".repeat(300);
    cx.labels.text(&long, "<300 x>");
    with_limit(cx, Groups, 300, |cx| {
        commit(cx, &group, &a, &[committed_with(0, 1, &long)])?;
        cx.note("each fits, all together do not");
        let all: Vec<_> = (0..8).map(|partition| committed(partition, 2)).collect();
        commit(cx, &group, &a, &all)?;
        cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
        commit(cx, &group, &a, &[committed(0, 3), committed(1, 3)])?;
        cx.call("OffsetFetch", 9, offset_fetch(9, &group, None))?;
        Ok(())
    })?;
    commit(cx, &group, &a, &[committed_with(0, 4, &long)])?;
    cx.coordinator_records(Groups, &group)
}

fn offset_delete(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 8)?;
    let group = cx.group("g")?;
    let all: Vec<_> = (0..8).map(|partition| committed(partition, 2)).collect();
    commit(cx, &group, &a, &all)?;
    with_limit(cx, Groups, 200, |cx| {
        let rows: Vec<_> = (0..8).map(|k| json!({"partitionIndex": k})).collect();
        let topics = json!([{"name": a, "partitions": rows}]);
        let body = json!({"groupId": group, "topics": topics});
        cx.call("OffsetDelete", 0, body)?;
        cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
        // All of them are fetched twice from Kafka by now.
        let named: &[(&str, &str, &[i32])] = &[(&a, "", &[0, 7])];
        cx.call("OffsetFetch", 7, offset_fetch(7, &group, Some(named)))?;
        Ok(())
    })?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    Ok(())
}

fn transactional_offsets(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let group = cx.group("g")?;
    let t = Producer::new(cx, "t")?;
    t.add_offsets(cx, 3, &group)?;
    let long = "x".repeat(300);
    cx.labels.text(&long, "<300 x>");
    with_limit(cx, Groups, 300, |cx| {
        for version in [3, 5] {
            let topics = json!([{"name": a, "partitions": [committed_with(0, 1, &long)]}]);
            t.commit_offsets(cx, version, &group, topics)?;
        }
        cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
        Ok(())
    })
}

fn sync_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Classic::pending(cx, &group, "m")?;
    m.join(cx)?;
    let long = "x".repeat(400);
    cx.labels.text(&long, "<400 x>");
    let id = m.id.clone();
    with_limit(cx, Groups, 400, |cx| {
        m.sync(cx, &[(&id, &long)])?;
        cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
        m.beat(cx)?;
        m.join(cx)?;
        m.sync(cx, &[(&id, "short")])?;
        Ok(())
    })?;
    cx.coordinator_records(Groups, &group)
}

fn static_return(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Classic::fixed(cx, &group, "i")?;
    m.join(cx)?;
    let long = "x".repeat(400);
    cx.labels.text(&long, "<400 x>");
    let id = m.id.clone();
    m.sync(cx, &[(&id, &long)])?;
    with_limit(cx, Groups, 400, |cx| {
        let mut again = Classic::fixed(cx, &group, "i")?;
        again.join(cx)?;
        m.beat(cx)?;
        cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
        Ok(())
    })
}

fn new_group(cx: &mut Context) -> Result<()> {
    let base = cx.group("g")?;
    let group = format!("{base}-{}", "g".repeat(300));
    cx.labels.topic(&group, "<long g>");
    with_limit(cx, Groups, 300, |cx| {
        let mut m = Classic::pending(cx, &group, "m")?;
        cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
        m.join(cx)?;
        let mut n = Classic::fixed(cx, &format!("{group}2"), "i")?;
        n.join(cx)?;
        cx.call("DescribeGroups", 6, json!({"groups": [n.group]}))?;
        Ok(())
    })
}

fn consumer_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let mut m = Consumer::new(&group, "m");
    with_limit(cx, Groups, 200, |cx| {
        m.join(cx, &[&a])?;
        cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
        Ok(())
    })?;
    m.join(cx, &[&a])?;
    with_limit(cx, Groups, 120, |cx| {
        m.leave(cx, -1)?;
        cx.note("it is still a member");
        m.epoch = 2;
        m.idle(cx)?;
        Ok(())
    })
}

fn transaction(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let mut t = Producer::new(cx, "t")?;
    let base = cx.transactional_id("u")?;
    let long = format!("{base}-{}", "u".repeat(300));
    cx.labels.topic(&long, "<long u>");
    with_limit(cx, Transactions, 200, |cx| {
        let u = Producer {
            transactional_id: long.clone(),
            id: -1,
            epoch: -1,
        };
        for version in [1, 4] {
            u.init(cx, version)?;
        }
        let body = json!({"transactionalIds": [long]});
        cx.call("DescribeTransactions", 0, body)?;
        t.add(cx, 3, &a, &[0])?;
        Ok(())
    })?;
    let answer = t.end(cx, 5, false)?;
    ensure!(answer["errorCode"] == 0, "EndTxn answered {answer}");
    t.follow(&answer)?;
    t.settle(cx)
}
