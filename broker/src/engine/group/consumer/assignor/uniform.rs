//! The uniform assignor for members that all subscribe to the same: as even as it gets, and every member
//! keeps as much as its share allows.

use std::sync::Arc;

use uuid::Uuid;

use super::{Assigned, MemberSpec, Spec};
use crate::engine::group::consumer::member::TopicPartitions;
use crate::engine::java::hash_set;

struct Shares<'a> {
    spec: &'a Spec<'a>,
    /// What everybody gets at least.
    quota: usize,
    /// How many members more get one above.
    extra: usize,
    /// Members with room for so many.
    unfilled: Vec<(Arc<str>, usize)>,
    free: Vec<(Uuid, i32)>,
    assigned: Assigned,
}

pub(super) fn assign(spec: &Spec<'_>) -> Result<Assigned, String> {
    let Some(first) = spec
        .members
        .first()
        .filter(|first| !first.topics.is_empty())
    else {
        return Ok(Assigned::new());
    };
    let mut total = 0;
    let mut free = Vec::new();
    for topic in hash_set::topics_of_copy(&first.topics) {
        let count = spec.partitions_of(topic)?;
        let all = (0..count).map(|index| (topic, index));
        free.extend(all.filter(|partition| !spec.taken.contains(partition)));
        total += usize::try_from(count).unwrap_or_default();
    }
    let members = spec.members.len();
    let mut shares = Shares {
        spec,
        quota: total.checked_div(members).unwrap_or_default(),
        extra: total.checked_rem(members).unwrap_or_default(),
        unfilled: Vec::new(),
        free,
        assigned: Assigned::new(),
    };
    for (index, member) in spec.members.iter().enumerate() {
        shares.revoke(member, members.saturating_sub(index), &first.topics);
    }
    shares.fill()
}

impl Shares<'_> {
    /// Leaves a member what it may keep. `from_here` members are not done yet, this one among them.
    fn revoke(
        &mut self,
        member: &MemberSpec,
        from_here: usize,
        subscribed: &std::collections::BTreeSet<Uuid>,
    ) {
        let mut has_extra = self.extra > 0;
        let mut room = self.quota + usize::from(has_extra);
        let mut keeps = TopicPartitions::new();
        let had = hash_set::topics(member.target.keys());
        for topic in had.iter().filter(|topic| subscribed.contains(topic)) {
            let partitions = member.target.get(topic).into_iter().flatten();
            let order = hash_set::partitions(partitions.copied());
            let (kept, over) = order.split_at(room.min(order.len()));
            room -= kept.len();
            self.free.extend(over.iter().map(|index| (*topic, *index)));
            if !kept.is_empty() {
                keeps.insert(*topic, kept.iter().copied().collect());
            }
        }
        // Anyone who holds it already keeps the extra partition, if there are enough members after.
        if room > 0 && has_extra && from_here > self.extra {
            room -= 1;
            has_extra = false;
        }
        if room > 0 {
            self.unfilled.push((Arc::clone(&member.id), room));
        }
        self.extra -= usize::from(has_extra);
        self.assigned.insert(Arc::clone(&member.id), keeps);
    }

    fn fill(mut self) -> Result<Assigned, String> {
        let mut free = self.free.into_iter();
        for (member, room) in self.unfilled {
            let target = self.assigned.entry(member).or_default();
            for (topic, index) in free.by_ref().take(room) {
                target.entry(topic).or_default().insert(index);
            }
        }
        debug_assert!(!self.spec.members.is_empty());
        match free.next() {
            Some(_) => Err("Partitions were left unassigned".to_owned()),
            None => Ok(self.assigned),
        }
    }
}
