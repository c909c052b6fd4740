//! The assignors, as data: members with topics and what they had, and what they get.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::group::consumer::assignor::SubscriptionType;
use crate::engine::group::consumer::assignor::{Assignor, MemberSpec, Spec};
use crate::engine::group::consumer::member::TopicPartitions;

/// "t:0,1 u:2", with the number of a topic for its name.
fn partitions(text: &str) -> TopicPartitions {
    let mut read = TopicPartitions::new();
    for topic in text.split_whitespace() {
        let (name, indexes) = topic.split_once(':').unwrap();
        let indexes = indexes.split(',').map(|index| index.parse().unwrap());
        read.insert(id(name), indexes.collect());
    }
    read
}

fn id(name: &str) -> Uuid {
    Uuid::from_u128(name.parse().unwrap())
}

/// Members are "id / topics / what it had", topics are "name:partitions".
fn check(assignor: Assignor, topics: &str, members: &[&str], expected: &[&str]) {
    let sizes: BTreeMap<Uuid, i32> = topics
        .split_whitespace()
        .map(|topic| {
            let (name, size) = topic.split_once(':').unwrap();
            (id(name), size.parse().unwrap())
        })
        .collect();
    let specs: Vec<MemberSpec> = members
        .iter()
        .map(|member| {
            let mut parts = member.split('/').map(str::trim);
            let name: Arc<str> = parts.next().unwrap().into();
            let topics = parts.next().unwrap_or_default().split_whitespace();
            MemberSpec {
                id: name,
                instance_id: None,
                topics: topics.map(id).collect(),
                target: partitions(parts.next().unwrap_or_default()),
            }
        })
        .collect();
    let same = specs.iter().all(|member| member.topics == specs[0].topics);
    let kind = if same {
        SubscriptionType::Homogeneous
    } else {
        SubscriptionType::Heterogeneous
    };
    let taken: BTreeSet<(Uuid, i32)> = specs
        .iter()
        .flat_map(|member| &member.target)
        .flat_map(|(topic, indexes)| indexes.iter().map(|index| (*topic, *index)))
        .collect();
    let spec = Spec {
        members: &specs,
        kind,
        taken: &taken,
        partition_count: &|topic| sizes.get(&topic).copied(),
    };
    let assigned = assignor.assign(&spec).unwrap();
    for (member, expected) in specs.iter().zip(expected) {
        let got = assigned.get(&member.id).cloned().unwrap_or_default();
        assert_eq!(
            got,
            partitions(expected),
            "{assignor:?} {} of {members:?}",
            member.id
        );
    }
}

#[test]
fn range_gives_runs_and_the_first_ones_more() {
    let range = Assignor::Range;
    check(range, "1:3", &["b/1", "a/1"], &["1:2", "1:0,1"]);
    check(
        range,
        "1:3 2:3",
        &["a/1 2", "b/1 2"],
        &["1:0,1 2:0,1", "1:2 2:2"],
    );
    check(range, "1:1", &["a/1", "b/1"], &["1:0", ""]);
    check(range, "1:2 2:2", &["a/1", "b/1 2"], &["1:0", "1:1 2:0,1"]);
}

#[test]
fn uniform_is_even_and_leaves_what_it_can() {
    let uniform = Assignor::Uniform;
    check(uniform, "1:3", &["a/1", "b/1"], &["1:0", "1:1,2"]);
    check(
        uniform,
        "1:4",
        &["a/1/1:0,1,2,3", "b/1"],
        &["1:0,1", "1:2,3"],
    );
    check(uniform, "1:3", &["a/1/1:0", "b/1/1:1,2"], &["1:0", "1:1,2"]);
    check(
        uniform,
        "1:4",
        &["a/1/1:0,1", "b/1/1:2,3", "c/1"],
        &["1:0,1", "1:2", "1:3"],
    );
    check(uniform, "1:2 2:2", &["a/2/1:0,1", "b/2"], &["2:0", "2:1"]);
    check(uniform, "1:3", &["a//1:0,1", "b/"], &["", ""]);
}

#[test]
fn uniform_over_different_topics_evens_out() {
    let uniform = Assignor::Uniform;
    check(uniform, "1:3 2:1", &["a/1", "b/1 2"], &["1:0,2", "1:1 2:0"]);
    check(
        uniform,
        "1:4 2:2",
        &["a/1 2/1:0,1,2,3", "b/2"],
        &["1:0,1,2,3", "2:0,1"],
    );
    check(
        uniform,
        "1:4 2:2",
        &["a/1/1:0,1,2,3", "b/1 2/2:0,1"],
        &["1:0,1,2", "1:3 2:0,1"],
    );
}
