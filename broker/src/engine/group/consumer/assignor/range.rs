//! The range assignor: of every topic, each subscriber gets a run of partitions, the first ones one more
//! while it does not come out even. Co-partitioned topics so end up with the same member.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Assigned, MemberSpec, Spec, SubscriptionType};
use crate::engine::group::consumer::member::TopicPartitions;

/// What is left of a topic.
struct Rest {
    next: i32,
    count: i32,
    quota: i32,
    /// How many members more get one above the quota.
    extra: i32,
}

pub(super) fn assign(spec: &Spec<'_>) -> Result<Assigned, String> {
    let mut members: Vec<&MemberSpec> = spec.members.iter().collect();
    members.sort_by(|a, b| static_first(a, b));
    // All subscribe to what the first one does, if they subscribe to the same.
    let topics_of = |member: &MemberSpec| match (spec.kind, members.first()) {
        (SubscriptionType::Homogeneous, Some(first)) => first.topics.clone(),
        _ => member.topics.clone(),
    };
    let mut subscribers: BTreeMap<_, i32> = BTreeMap::new();
    for member in &members {
        for topic in topics_of(member) {
            *subscribers.entry(topic).or_default() += 1;
        }
    }
    let mut rests = BTreeMap::new();
    for (topic, members) in subscribers {
        let missing = || "Member is subscribed to a non-existent topic".to_owned();
        let count = (spec.partition_count)(topic).ok_or_else(missing)?;
        let rest = Rest {
            next: 0,
            count,
            quota: count.checked_div(members).unwrap_or_default(),
            extra: count.checked_rem(members).unwrap_or_default(),
        };
        rests.insert(topic, rest);
    }
    let mut assigned = Assigned::new();
    for member in &members {
        let mut target = TopicPartitions::new();
        for topic in topics_of(member) {
            let run = rests.get_mut(&topic).map(Rest::take).unwrap_or_default();
            if !run.is_empty() {
                target.insert(topic, run.collect());
            }
        }
        assigned.insert(member.id.clone(), target);
    }
    Ok(assigned)
}

impl Rest {
    fn take(&mut self) -> std::ops::Range<i32> {
        let start = self.next;
        let extra = i32::from(self.extra > 0);
        self.extra -= extra;
        self.next = (start + self.quota + extra).min(self.count);
        start..self.next
    }
}

/// Static members go first, by their instance id.
fn static_first(a: &MemberSpec, b: &MemberSpec) -> Ordering {
    match (&a.instance_id, &b.instance_id) {
        (Some(a), Some(b)) => a.encode_utf16().cmp(b.encode_utf16()),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.id.encode_utf16().cmp(b.id.encode_utf16()),
    }
}
