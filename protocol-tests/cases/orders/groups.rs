//! Answers about groups.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::super::members::{Classic, Consumer, await_count, describe, settle, stable};
use super::{create, hash, mixed, names, spread};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::partition_for;
use crate::coordinators::committed;
use crate::profile::Profile;

/// How many members or groups: two, five, ten and 21 are where tables of Kafka's coordinator are full.
const COUNTS: [usize; 7] = [2, 3, 5, 6, 10, 11, 21];

pub(in crate::cases) fn area() -> Area {
    Area::new("orders_of_groups")
        .cases_for(COUNTS, cases![members])
        .cases(cases![members_after_others_left])
        .cases_for(COUNTS, cases![delete_unknown])
        .cases(cases![describe_unknown, members_of_a_classic_group, list])
        .on(Profile::Groups)
        .cases(cases![subscriptions])
        .with("delete_unknown_in_one_partition", 13, delete_unknown)
        .cases(cases![
            delete,
            leave_unknown_members,
            offset_commit,
            offset_fetch,
            offset_fetch_after_deletions,
            offset_delete,
            find_coordinators,
        ])
}

fn members(cx: &mut Context, count: usize) -> Result<()> {
    let group = cx.group("g")?;
    cx.labels.exact_order = true;
    for name in names("m", count) {
        cx.quietly(|cx| Consumer::new(&group, &name).join(cx, &["none"]))?;
    }
    await_count(cx, &group, count)?;
    describe(cx, &group)?;
    Ok(())
}

fn members_after_others_left(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    cx.labels.exact_order = true;
    let mut members: Vec<Consumer> = names("m", 13)
        .iter()
        .map(|name| Consumer::new(&group, name))
        .collect();
    for member in &mut members {
        cx.quietly(|cx| member.join(cx, &["none"]))?;
    }
    let stay = members.split_off(9);
    for member in &mut members {
        cx.quietly(|cx| member.leave(cx, -1))?;
    }
    await_count(cx, &group, stay.len())?;
    describe(cx, &group)?;
    let mut again = Consumer::new(&group, "late");
    cx.quietly(|cx| again.join(cx, &["none"]))?;
    await_count(cx, &group, stay.len() + 1)?;
    describe(cx, &group)?;
    Ok(())
}

/// Names of topics that a member subscribes to, and its partitions.
fn subscriptions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let topics = names("orders-subscribed", 13);
    create(cx, &topics, 3)?;
    for topic in &topics {
        cx.await_topic_at_coordinator(topic, 3)?;
    }
    let mut member = Consumer::new(&group, "m");
    let wanted: Vec<&str> = topics.iter().map(String::as_str).collect();
    cx.quietly(|cx| member.join(cx, &wanted))?;
    settle(cx, &mut [&mut member])?;
    cx.labels.hidden = vec!["assignment", "targetAssignment"];
    describe(cx, &group)?;
    Ok(())
}

/// Each in a partition that has a bucket of its own: coordinators start in any order.
fn list(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    let mut seen = BTreeSet::new();
    let mut names = names("orders-list", 20);
    names.retain(|name| {
        let topic = hash("__consumer_offsets");
        let index = partition_for(name, 50).cast_unsigned().wrapping_add(31);
        seen.insert(mixed(index.wrapping_mul(31).wrapping_add(topic)) % 128)
    });
    for name in &names {
        cx.labels.topic(name, name);
        cx.group_coordinator(name)?;
        let body = json!({"groupId": name, "memberId": "m", "memberEpoch": 0, "rebalanceTimeoutMs": 30_000,
            "subscribedTopicNames": ["none"], "topicPartitions": []});
        cx.ask("ConsumerGroupHeartbeat", 1, body)?;
    }
    cx.labels.own_topics_only = true;
    cx.call("ListGroups", 5, json!({}))?;
    Ok(())
}

fn delete_unknown(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let mut groups = names("none", count);
    for name in &groups {
        cx.group_coordinator(name)?;
    }
    groups.extend(groups.iter().step_by(3).cloned().collect::<Vec<_>>());
    cx.call("DeleteGroups", 2, json!({"groupsNames": groups}))?;
    Ok(())
}

/// Every third group is there.
fn delete(cx: &mut Context) -> Result<()> {
    let topics = names("orders-delete-groups", 1);
    create(cx, &topics, 1)?;
    let groups = names("orders-deleted", 13);
    for name in &groups {
        cx.group_coordinator(name)?;
    }
    for name in groups.iter().step_by(3) {
        let rows = json!([{"name": topics[0], "partitions": [committed(0, 1)]}]);
        cx.ask("OffsetCommit", 9, json!({"groupId": name, "topics": rows}))?;
    }
    cx.call("DeleteGroups", 2, json!({"groupsNames": groups}))?;
    Ok(())
}

fn describe_unknown(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    let groups = names("none", 13);
    for name in &groups {
        cx.group_coordinator(name)?;
    }
    cx.call("DescribeGroups", 6, json!({"groups": groups}))?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": groups}))?;
    Ok(())
}

fn leave_unknown_members(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    cx.labels.exact_order = true;
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &["none"]))?;
    let row = |name: &String| json!({"memberId": name});
    let members: Value = names("m", 13).iter().map(row).collect();
    cx.call(
        "LeaveGroup",
        5,
        json!({"groupId": group, "members": members}),
    )?;
    Ok(())
}

fn offset_commit(cx: &mut Context) -> Result<()> {
    let topics = names("orders-commit", 13);
    create(cx, &topics, 3)?;
    let group = cx.group("g")?;
    for count in [1, 2, 5, 8, 13] {
        let row = |(k, name): (usize, &String)| {
            let name = if k % 3 == 1 {
                format!("{name}-none")
            } else {
                name.clone()
            };
            json!({"name": name, "partitions": [committed(2, 1), committed(0, 1), committed(7, 1), committed(1, 1)]})
        };
        let topics: Value = topics[..count].iter().enumerate().map(row).collect();
        cx.call(
            "OffsetCommit",
            9,
            json!({"groupId": group, "topics": topics}),
        )?;
    }
    Ok(())
}

fn commit(cx: &mut Context, group: &str, topics: &[String], partitions: &[i32]) -> Result<()> {
    let rows: Vec<Value> = partitions.iter().map(|k| committed(*k, 1)).collect();
    for topic in topics {
        let rows = json!([{"name": topic, "partitions": rows}]);
        cx.ask("OffsetCommit", 9, json!({"groupId": group, "topics": rows}))?;
    }
    Ok(())
}

fn fetch_all(cx: &mut Context, group: &str) -> Result<()> {
    cx.call(
        "OffsetFetch",
        9,
        json!({"groups": [{"groupId": group, "topics": null}], "requireStable": false}),
    )?;
    Ok(())
}

fn offset_fetch(cx: &mut Context) -> Result<()> {
    let topics = names("orders-offsets", 11);
    create(cx, &topics, 12)?;
    for count in [2, 3, 5, 6, 10, 11] {
        let group = cx.group(&format!("g{count}"))?;
        let partitions: Vec<i32> = (0..i32::try_from(count)?).rev().collect();
        commit(cx, &group, &topics[..count], &partitions)?;
        fetch_all(cx, &group)?;
        // What is there is put in again: a full table grows.
        commit(cx, &group, &topics[..count], &partitions[..1])?;
        fetch_all(cx, &group)?;
    }
    Ok(())
}

/// A table that has grown stays as it is.
fn offset_fetch_after_deletions(cx: &mut Context) -> Result<()> {
    let topics = names("orders-dropped", 13);
    create(cx, &topics, 12)?;
    let group = cx.group("g")?;
    let partitions: Vec<i32> = (0..12).collect();
    commit(cx, &group, &topics, &partitions)?;
    let row = |name: &String| {
        let rows: Vec<Value> = (0..12).map(|k| json!({"partitionIndex": k})).collect();
        json!({"name": name, "partitions": rows})
    };
    let mut gone: Vec<Value> = topics[..9].iter().map(row).collect();
    let some: Vec<Value> = (2..11).map(|k| json!({"partitionIndex": k})).collect();
    gone.push(json!({"name": topics[9], "partitions": some}));
    cx.call("OffsetDelete", 0, json!({"groupId": group, "topics": gone}))?;
    fetch_all(cx, &group)
}

fn offset_delete(cx: &mut Context) -> Result<()> {
    let topics = names("orders-offset-delete", 13);
    create(cx, &topics, 3)?;
    let group = cx.group("g")?;
    commit(cx, &group, &topics, &[0, 1, 2])?;
    for count in [2, 5, 13] {
        let row = |(k, name): (usize, &String)| {
            let rows: Vec<Value> = [2, 0, 7, 1]
                .into_iter()
                .map(|k| json!({"partitionIndex": k}))
                .collect();
            let name = if k % 3 == 1 {
                format!("{name}-none")
            } else {
                name.clone()
            };
            json!({"name": name, "partitions": rows})
        };
        let topics: Value = topics[..count].iter().enumerate().map(row).collect();
        cx.call(
            "OffsetDelete",
            0,
            json!({"groupId": group, "topics": topics}),
        )?;
    }
    Ok(())
}

fn find_coordinators(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    let keys = names("none", 13);
    cx.call(
        "FindCoordinator",
        4,
        json!({"keyType": 0, "coordinatorKeys": keys}),
    )?;
    Ok(())
}

/// Their ids are random: so only whether they are in the table's order shows.
fn members_of_a_classic_group(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut members = Vec::new();
    for instance in ["a", "b", "c", "d", "e", "f", "h"] {
        members.push(Classic::fixed(cx, &group, instance)?);
    }
    stable(cx, &mut members.iter_mut().collect::<Vec<_>>())?;
    let described = cx.ask("DescribeGroups", 5, json!({"groups": [group]}))?;
    let rows = described["groups"][0]["members"]
        .as_array()
        .into_iter()
        .flatten();
    let ids: Vec<&str> = rows.filter_map(|row| row["memberId"].as_str()).collect();
    let found = ids.is_sorted_by_key(|id| spread(id) & 15);
    cx.note(&format!(
        "{} members are in the order of a Java table: {found}",
        ids.len()
    ));
    Ok(())
}
