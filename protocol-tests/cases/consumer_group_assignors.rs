//! What the assignors of consumer groups (KIP-848) give to whom.

use anyhow::Result;
use serde_json::json;

use super::members::{Consumer, configure, settle, settle_all};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("consumer_group_assignors")
        .on(Profile::Groups)
        .cases(cases![different_topics, many_members, most_votes])
        .on(Profile::One)
        .each("members_come_and_go", ["uniform", "range"], come_and_go)
        .cases_for(
            ["uniform", "range"],
            cases![static_members, two_topics, partitions_added],
        )
        .cases(cases![
            one_after_the_other_leaves,
            uneven_topics,
            uneven_topics_that_grow,
            assignor_changes,
        ])
}

/// Members that subscribe to different topics, one after the other.
fn different_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 6)?;
    let u = cx.create_topic_for_consumers("u", 2)?;
    let (mut l, mut m, mut n) = (
        Consumer::new(&group, "l"),
        Consumer::new(&group, "m"),
        Consumer::new(&group, "n"),
    );
    cx.quietly(|cx| l.join(cx, &[&t]))?;
    settle(cx, &mut [&mut l])?;
    cx.quietly(|cx| m.join(cx, &[&t, &u]))?;
    settle(cx, &mut [&mut l, &mut m])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    cx.quietly(|cx| n.join(cx, &[&u]))?;
    settle(cx, &mut [&mut l, &mut m, &mut n])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

/// Three members one after the other, of which the first leaves.
fn many_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let t = cx.create_topic_for_consumers("t", 20)?;
    let (mut x, mut a, mut k) = (
        Consumer::new(&group, "member-x"),
        Consumer::new(&group, "a"),
        Consumer::new(&group, "consumer-10"),
    );
    cx.quietly(|cx| x.join(cx, &[&t]))?;
    settle(cx, &mut [&mut x])?;
    cx.quietly(|cx| a.join(cx, &[&t]))?;
    settle(cx, &mut [&mut x, &mut a])?;
    cx.quietly(|cx| k.join(cx, &[&t]))?;
    settle(cx, &mut [&mut x, &mut a, &mut k])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    cx.quietly(|cx| x.leave(cx, -1))?;
    settle(cx, &mut [&mut a, &mut k])?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    Ok(())
}

/// The assignor that most members name; the broker's first if as many name the other.
fn most_votes(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let (mut m, mut n, mut o) = (
        Consumer::new(&group, "m"),
        Consumer::new(&group, "n"),
        Consumer::new(&group, "o"),
    );
    cx.quietly(|cx| {
        m.join(cx, &["a"])?;
        n.join(cx, &["a"])?;
        o.join(cx, &["a"])
    })?;
    for (member, assignor) in [(&mut m, "range"), (&mut n, "uniform"), (&mut o, "range")] {
        cx.note(&format!("{} prefers {assignor}", member.id));
        member.beat(cx, json!({"serverAssignor": assignor}))?;
        super::members::describe(cx, &group)?;
    }
    cx.note("m leaves");
    cx.quietly(|cx| m.leave(cx, -1))?;
    super::members::describe(cx, &group)?;
    Ok(())
}

/// A group whose targets are computed at once, on a broker where groups may be large.
fn large(cx: &mut Context) -> Result<String> {
    let group = cx.group("g")?;
    configure(cx, &group, &[("consumer.assignment.interval.ms", "0")])?;
    Ok(group)
}

fn joined(cx: &mut Context, member: &mut Consumer, topics: &[&str], assignor: &str) -> Result<()> {
    let joins = json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": topics, "topicPartitions": [],
        "serverAssignor": assignor});
    cx.note(&format!("{} joins", member.id));
    cx.quietly(|cx| member.beat(cx, joins)).map(drop)
}

/// Settles them and shows who has what.
fn shown(cx: &mut Context, members: &mut [Consumer], partitions: usize) -> Result<()> {
    settle_all(cx, members, partitions)?;
    for member in members {
        let topics = member.assigned.as_array().into_iter().flatten();
        let mut owned: Vec<String> = topics
            .map(|topic| {
                let mut indexes: Vec<i64> = (topic["partitions"].as_array().into_iter().flatten())
                    .filter_map(serde_json::Value::as_i64)
                    .collect();
                indexes.sort_unstable();
                let id = topic["topicId"].as_str().unwrap_or_default();
                format!("{} {indexes:?}", cx.labels.replaced(id))
            })
            .collect();
        owned.sort_unstable();
        let id = member.id.clone();
        cx.note(&format!("{id} has {}", owned.join(", ")));
    }
    Ok(())
}

const IDS: [&str; 6] = ["m", "consumer-2", "z", "a", "Member", "n-17"];

fn come_and_go(cx: &mut Context, assignor: &str) -> Result<()> {
    let group = large(cx)?;
    let t = cx.create_topic("t", 11)?;
    cx.topic_id(&t)?;
    let mut members = Vec::new();
    for id in IDS {
        let mut member = Consumer::new(&group, id);
        joined(cx, &mut member, &[&t], assignor)?;
        members.push(member);
        shown(cx, &mut members, 11)?;
    }
    for at in [2, 0] {
        let mut gone = members.remove(at);
        cx.note(&format!("{} leaves", gone.id));
        cx.quietly(|cx| gone.leave(cx, -1))?;
        shown(cx, &mut members, 11)?;
    }
    let mut back = Consumer::new(&group, "m");
    joined(cx, &mut back, &[&t], assignor)?;
    members.push(back);
    shown(cx, &mut members, 11)
}

/// The range assignor puts static members first, by their instance ids.
fn static_members(cx: &mut Context, assignor: &str) -> Result<()> {
    let group = large(cx)?;
    let t = cx.create_topic("t", 8)?;
    cx.topic_id(&t)?;
    let mut members = Vec::new();
    for (id, instance) in [("a", None), ("b", Some("z")), ("c", Some("A")), ("d", None)] {
        let instance = instance.map(str::to_owned);
        let mut member = Consumer {
            instance,
            ..Consumer::new(&group, id)
        };
        joined(cx, &mut member, &[&t], assignor)?;
        members.push(member);
    }
    shown(cx, &mut members, 8)?;
    cx.note("b is replaced");
    cx.quietly(|cx| members[1].leave(cx, -2))?;
    members[1] = Consumer::fixed(&group, "e", "z");
    joined(cx, &mut members[1], &[&t], assignor)?;
    shown(cx, &mut members, 8)
}

/// Of the second topic there are fewer partitions than members.
fn two_topics(cx: &mut Context, assignor: &str) -> Result<()> {
    let group = large(cx)?;
    let t = cx.create_topic("t", 6)?;
    let u = cx.create_topic("u", 2)?;
    cx.topic_id(&t)?;
    cx.topic_id(&u)?;
    // Only one member at first: in what order the uniform assignor walks two topics is not the same in every run of Kafka.
    let mut members = vec![Consumer::new(&group, "m")];
    joined(cx, &mut members[0], &[&t, &u], assignor)?;
    shown(cx, &mut members, 8)?;
    if assignor == "range" {
        for id in ["n", "o"] {
            let mut member = Consumer::new(&group, id);
            joined(cx, &mut member, &[&t, &u], assignor)?;
            members.push(member);
            shown(cx, &mut members, 8)?;
        }
    }
    Ok(())
}

fn partitions_added(cx: &mut Context, assignor: &str) -> Result<()> {
    let group = large(cx)?;
    let t = cx.create_topic("t", 2)?;
    cx.topic_id(&t)?;
    let mut members = ["m", "n", "o"].map(|id| Consumer::new(&group, id));
    for member in &mut members {
        joined(cx, member, &[&t], assignor)?;
    }
    shown(cx, &mut members, 2)?;
    for count in [5, 7] {
        let row = json!({"name": t, "count": count, "assignments": null});
        cx.ask(
            "CreatePartitions",
            3,
            json!({"topics": [row], "timeoutMs": 10_000, "validateOnly": false}),
        )?;
        cx.note(&format!("t has {count} partitions"));
        shown(cx, &mut members, count)?;
    }
    Ok(())
}

fn one_after_the_other_leaves(cx: &mut Context) -> Result<()> {
    let group = large(cx)?;
    let t = cx.create_topic("t", 7)?;
    cx.topic_id(&t)?;
    let mut members: Vec<Consumer> = IDS.map(|id| Consumer::new(&group, id)).into();
    for member in &mut members {
        joined(cx, member, &[&t], "uniform")?;
    }
    shown(cx, &mut members, 7)?;
    while members.len() > 1 {
        let mut gone = members.remove(members.len() / 2);
        cx.note(&format!("{} leaves", gone.id));
        cx.quietly(|cx| gone.leave(cx, -1))?;
        shown(cx, &mut members, 7)?;
    }
    Ok(())
}

/// Not all subscribe to the same: the uniform assignor evens out over all topics.
fn uneven_topics(cx: &mut Context) -> Result<()> {
    let group = large(cx)?;
    let (t, u) = (cx.create_topic("t", 9)?, cx.create_topic("u", 4)?);
    cx.topic_id(&t)?;
    cx.topic_id(&u)?;
    let mut members = Vec::new();
    let mut total = 0;
    for (id, topics, count) in [
        ("m", &[&t][..], 9),
        ("n", &[&t, &u], 4),
        ("o", &[&u], 0),
        ("p", &[&t], 0),
        ("q", &[&t, &u], 0),
    ] {
        let topics: Vec<&str> = topics.iter().map(|topic| topic.as_str()).collect();
        let mut member = Consumer::new(&group, id);
        joined(cx, &mut member, &topics, "uniform")?;
        members.push(member);
        total += count;
        shown(cx, &mut members, total)?;
    }
    let mut gone = members.remove(1);
    cx.note("n leaves");
    cx.quietly(|cx| gone.leave(cx, -1))?;
    shown(cx, &mut members, total)
}

fn uneven_topics_that_grow(cx: &mut Context) -> Result<()> {
    let group = large(cx)?;
    let (t, u) = (cx.create_topic("t", 3)?, cx.create_topic("u", 7)?);
    cx.topic_id(&t)?;
    cx.topic_id(&u)?;
    let mut members = ["m", "n", "o"].map(|id| Consumer::new(&group, id));
    for (member, topics) in members.iter_mut().zip([&[&t][..], &[&t, &u], &[&u]]) {
        let topics: Vec<&str> = topics.iter().map(|topic| topic.as_str()).collect();
        joined(cx, member, &topics, "uniform")?;
    }
    shown(cx, &mut members, 10)?;
    let row = json!({"name": t, "count": 12, "assignments": null});
    cx.ask(
        "CreatePartitions",
        3,
        json!({"topics": [row], "timeoutMs": 10_000, "validateOnly": false}),
    )?;
    cx.note("t has 12 partitions");
    shown(cx, &mut members, 19)
}

fn assignor_changes(cx: &mut Context) -> Result<()> {
    let group = large(cx)?;
    let t = cx.create_topic("t", 7)?;
    cx.topic_id(&t)?;
    let mut members = ["z", "m", "a"].map(|id| Consumer::new(&group, id));
    for member in &mut members {
        joined(cx, member, &[&t], "uniform")?;
    }
    shown(cx, &mut members, 7)?;
    for member in &mut members {
        cx.note(&format!("{} prefers range", member.id));
        cx.quietly(|cx| member.beat(cx, json!({"serverAssignor": "range"})))?;
    }
    shown(cx, &mut members, 7)
}
