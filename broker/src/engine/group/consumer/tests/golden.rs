//! Kafka's own assignors, asked about members that come and go: see `fixtures/assignors`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::group::consumer::assignor::SubscriptionType;
use crate::engine::group::consumer::assignor::{Assignor, MemberSpec, Spec};
use crate::engine::group::consumer::member::TopicPartitions;

/// A group so far.
struct Group {
    assignor: Assignor,
    topics: Vec<Uuid>,
    counts: Vec<i32>,
    /// What the last step gave.
    targets: BTreeMap<String, TopicPartitions>,
    /// Of this step: members in the assignor's order, and what they are to get.
    rows: Vec<(MemberSpec, TopicPartitions)>,
    line: usize,
}

fn numbers<T: std::str::FromStr>(text: &str) -> Vec<T> {
    let numbers = text.split(',').filter(|number| !number.is_empty());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

impl Group {
    fn new(assignor: Assignor) -> Self {
        Self {
            assignor,
            topics: Vec::new(),
            counts: Vec::new(),
            targets: BTreeMap::new(),
            rows: Vec::new(),
            line: 0,
        }
    }

    fn member(&mut self, line: &str) {
        let (member, owned) = line.split_once(" -> ").unwrap();
        let mut words = member.split(' ');
        let id = words.next().unwrap();
        let instance = words.next().unwrap();
        let topics = numbers::<usize>(words.next().unwrap_or_default());
        let owned = owned.split(' ').filter_map(|topic| {
            let (topic, partitions) = topic.split_once(':')?;
            let topic = self.topics[topic.parse::<usize>().unwrap()];
            Some((topic, numbers(partitions).into_iter().collect()))
        });
        let spec = MemberSpec {
            id: Arc::from(id),
            instance_id: Some(instance.to_owned()).filter(|instance| instance != "-"),
            topics: topics.iter().map(|topic| self.topics[*topic]).collect(),
            target: self.targets.get(id).cloned().unwrap_or_default(),
        };
        self.rows.push((spec, owned.collect()));
    }

    /// Compares the step that has been read.
    fn finish(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let Some((first, _)) = rows.first() else {
            return;
        };
        let same = rows.iter().all(|(spec, _)| spec.topics == first.topics);
        let kind = if same {
            SubscriptionType::Homogeneous
        } else {
            SubscriptionType::Heterogeneous
        };
        let (members, expected): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let taken: BTreeSet<(Uuid, i32)> = members
            .iter()
            .flat_map(|member: &MemberSpec| &member.target)
            .flat_map(|(topic, indexes)| indexes.iter().map(|index| (*topic, *index)))
            .collect();
        let count = |topic| {
            let at = self.topics.iter().position(|known| *known == topic)?;
            self.counts.get(at).copied()
        };
        let spec = Spec {
            members: &members,
            kind,
            taken: &taken,
            partition_count: &count,
        };
        let mut assigned = self.assignor.assign(&spec).unwrap();
        self.targets.clear();
        for (member, expected) in members.iter().zip(expected) {
            let got = assigned.remove(&member.id).unwrap_or_default();
            let (id, line) = (&member.id, self.line);
            assert_eq!(got, expected, "{id} in the step before line {line}");
            self.targets.insert(id.to_string(), expected);
        }
    }
}

#[test]
fn members_that_come_and_go_get_what_kafka_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/assignors/assignors.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mut group = Group::new(Assignor::Uniform);
    let mut steps = 0;
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'))
    {
        group.line = at + 1;
        match line.split_once(' ') {
            Some(("==", name)) => {
                group.finish();
                group = Group::new(Assignor::named(name).unwrap());
            }
            Some(("topic", id)) => group.topics.push(Uuid::parse_str(id).unwrap()),
            Some(("partitions", counts)) => {
                group.finish();
                group.counts = numbers(counts);
                steps += 1;
            }
            _ => group.member(line),
        }
    }
    group.finish();
    assert!(steps > 500, "only {steps} steps");
}
