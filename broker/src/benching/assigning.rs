//! The assignors of consumer groups.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::group::consumer::assignor::{Assignor, MemberSpec, Spec, SubscriptionType};
use crate::engine::group::consumer::member::TopicPartitions;

/// Members of a group, among whom an assignor shares two topics.
#[derive(Debug)]
pub struct Members {
    assignor: Assignor,
    members: Vec<MemberSpec>,
    kind: SubscriptionType,
    taken: BTreeSet<(Uuid, i32)>,
    /// Of each topic.
    partitions: i32,
}

impl Members {
    /// So many members that subscribe to both topics, and have nothing yet. `partitions` counts those of both.
    pub fn new(assignor: &str, members: u32, partitions: i32) -> Self {
        Self {
            assignor: Assignor::named(assignor).unwrap(),
            members: (0..members).map(newcomer).collect(),
            kind: SubscriptionType::Homogeneous,
            taken: BTreeSet::new(),
            partitions: partitions / 2,
        }
    }

    /// The same if every other member subscribes to one topic only.
    #[must_use]
    pub fn mixed(mut self) -> Self {
        for member in self.members.iter_mut().step_by(2) {
            member.topics.pop_last();
        }
        self.kind = SubscriptionType::Heterogeneous;
        self
    }

    /// The same once they have what the assignor gives them, and one more member has joined.
    #[must_use]
    pub fn joined(mut self) -> Self {
        let given = self.assigned();
        for member in &mut self.members {
            member.target = given.get(&member.id).cloned().unwrap();
        }
        let owned = given.values().flatten();
        let owned = owned.flat_map(|(topic, all)| all.iter().map(|index| (*topic, *index)));
        self.taken = owned.collect();
        let number = u32::try_from(self.members.len()).unwrap();
        self.members.push(newcomer(number));
        self
    }

    /// Assigns all partitions. Says how many members have a target.
    pub fn assign(&self) -> usize {
        self.assigned().len()
    }

    fn assigned(&self) -> std::collections::BTreeMap<Arc<str>, TopicPartitions> {
        let spec = Spec {
            members: &self.members,
            kind: self.kind,
            taken: &self.taken,
            partition_count: &|_| Some(self.partitions),
        };
        self.assignor.assign(&spec).unwrap()
    }
}

fn newcomer(number: u32) -> MemberSpec {
    MemberSpec {
        id: format!("member-{number:04}").into(),
        instance_id: None,
        topics: [1, 2].map(Uuid::from_u128).into(),
        target: TopicPartitions::new(),
    }
}
