//! The uniform assignor for members that subscribe to different topics: unassigned partitions go to the
//! least loaded subscriber, topic by topic, then partitions move from the most to the least loaded until
//! no topic's subscribers differ by more than one, or the oracle's bound of rounds is reached.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::balancer::Balancer;
use super::{Assigned, Spec};
use crate::engine::java::hash;

/// So many times are all topics gone through.
const ROUNDS_MAX: usize = 16;

struct Balance<'a> {
    spec: &'a Spec<'a>,
    /// By topic, places in the list of members.
    subscribers: BTreeMap<Uuid, Vec<usize>>,
    /// By topic and partition, the place of the owner.
    owners: BTreeMap<Uuid, Vec<Option<usize>>>,
    /// How many partitions each member has.
    loads: Vec<i64>,
}

pub(super) fn assign(spec: &Spec<'_>) -> Result<Assigned, String> {
    let mut subscribers: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
    let mut owners = BTreeMap::new();
    for (place, member) in spec.members.iter().enumerate() {
        for topic in &member.topics {
            let count = usize::try_from(spec.partitions_of(*topic)?).unwrap_or_default();
            subscribers.entry(*topic).or_default().push(place);
            owners.entry(*topic).or_insert_with(|| vec![None; count]);
        }
    }
    if subscribers.is_empty() {
        return Ok(Assigned::new());
    }
    let mut balance = Balance {
        spec,
        subscribers,
        owners,
        loads: vec![0; spec.members.len()],
    };
    balance.keep();
    balance.assign_unassigned();
    balance.even_out();
    Ok(balance.assigned())
}

impl Balance<'_> {
    /// Everybody keeps what it still subscribes to.
    fn keep(&mut self) {
        for (place, member) in self.spec.members.iter().enumerate() {
            let kept = member.target.iter();
            for (topic, partitions) in kept.filter(|(topic, _)| member.topics.contains(topic)) {
                for index in partitions {
                    self.give(*topic, usize::try_from(*index).unwrap_or(usize::MAX), place);
                }
            }
        }
    }

    fn assign_unassigned(&mut self) {
        let topics = self.sorted(self.owners.keys().copied().collect());
        for topic in topics {
            let owners = self.owners.get(&topic).into_iter().flatten().enumerate();
            let free: Vec<usize> = owners
                .filter_map(|(index, owner)| owner.is_none().then_some(index))
                .collect();
            if free.is_empty() {
                continue;
            }
            let (mut balancer, _) = Balancer::new(self.subscribers_of(topic), &self.loads);
            for index in free {
                if let Some(member) = balancer.least_loaded(&self.loads) {
                    self.give(topic, index, member);
                }
            }
        }
    }

    fn even_out(&mut self) {
        let shared = self.subscribers.iter();
        let shared = shared.filter(|(_, members)| members.len() >= 2);
        let topics = self.sorted(shared.map(|(topic, _)| *topic).collect());
        let mut last_moved = None;
        for _ in 0..ROUNDS_MAX {
            for topic in &topics {
                if last_moved == Some(*topic) {
                    return;
                }
                if self.even_out_topic(*topic) > 0 || last_moved.is_none() {
                    last_moved = Some(*topic);
                }
            }
        }
    }

    /// How many partitions it moved.
    fn even_out_topic(&mut self, topic: Uuid) -> usize {
        let (mut balancer, imbalance) = Balancer::new(self.subscribers_of(topic), &self.loads);
        if imbalance <= 1 {
            return 0;
        }
        let mut by_owner: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (index, owner) in self.owners.get(&topic).into_iter().flatten().enumerate() {
            if let Some(owner) = owner {
                by_owner.entry(*owner).or_default().insert(index);
            }
        }
        let mut moved = 0;
        while !balancer.is_balanced() {
            let taken = loop {
                let Some(member) = balancer.most_loaded(&self.loads) else {
                    return moved;
                };
                // Its last one goes.
                let index = by_owner.get_mut(&member).and_then(BTreeSet::pop_last);
                if let Some(index) = index {
                    break index;
                }
                balancer.exclude_most_loaded();
            };
            let Some(to) = balancer.least_loaded(&self.loads) else {
                return moved;
            };
            if balancer.is_balanced() {
                return moved;
            }
            self.give(topic, taken, to);
            moved += 1;
        }
        moved
    }

    /// Many partitions for each subscriber first, then few subscribers.
    fn sorted(&self, mut topics: Vec<Uuid>) -> Vec<Uuid> {
        topics.sort_by(|a, b| self.compare(*a, *b));
        topics
    }

    fn compare(&self, a: Uuid, b: Uuid) -> Ordering {
        let (a_count, a_members) = self.size(a);
        let (b_count, b_members) = self.size(b);
        let (a_share, b_share) = (a_count / a_members, b_count / b_members);
        b_share
            .total_cmp(&a_share)
            .then(a_members.total_cmp(&b_members))
            .then_with(|| hash::compare_ids(a, b))
    }

    fn size(&self, topic: Uuid) -> (f64, f64) {
        let partitions = self.owners.get(&topic).map_or(0, Vec::len);
        let as_f64 = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
        (as_f64(partitions), as_f64(self.subscribers_of(topic).len()))
    }

    fn subscribers_of(&self, topic: Uuid) -> &[usize] {
        self.subscribers.get(&topic).map_or(&[], Vec::as_slice)
    }

    fn give(&mut self, topic: Uuid, index: usize, to: usize) {
        let owners = self.owners.get_mut(&topic);
        let Some(owner) = owners.and_then(|owners| owners.get_mut(index)) else {
            return;
        };
        let before = owner.replace(to);
        if let Some(load) = before.and_then(|before| self.loads.get_mut(before)) {
            *load -= 1;
        }
        if let Some(load) = self.loads.get_mut(to) {
            *load += 1;
        }
    }

    fn assigned(&self) -> Assigned {
        let mut assigned: Assigned = self
            .spec
            .members
            .iter()
            .map(|member| (member.id.clone(), Default::default()))
            .collect();
        for (topic, owners) in &self.owners {
            for (index, owner) in (0_i32..).zip(owners) {
                let owner = owner.and_then(|place| self.spec.members.get(place));
                if let Some(target) = owner.and_then(|owner| assigned.get_mut(&owner.id)) {
                    target.entry(*topic).or_default().insert(index);
                }
            }
        }
        assigned
    }
}
