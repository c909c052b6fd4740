//! What is told of records of share groups: rows of the journal, and counts.

use std::collections::BTreeMap;

use super::SharePartitionKey;
use super::partition::{AcknowledgementBatch, Acquired, Expired, Step};
use crate::engine::journal::{Event, SharePlace, Shared};
use crate::engine::outbox::Notice;
use crate::engine::state::State;

impl State {
    /// Counts records that a member has acquired.
    pub(crate) fn tell_acquired(
        &mut self,
        (key, topic): (&SharePartitionKey, &str),
        acquired: &[Acquired],
    ) {
        let all: u64 = acquired.iter().map(|row| length(row.first, row.last)).sum();
        let again = acquired.iter().filter(|row| row.deliveries > 1);
        let again: u64 = again.map(|row| length(row.first, row.last)).sum();
        if all > 0 {
            self.count_shared(key, topic, Shared::Delivered(all, again));
        }
    }

    /// Counts records that a member has said something of, from `start` on.
    pub(super) fn tell_acknowledged(
        &mut self,
        (key, topic): (&SharePartitionKey, &str),
        start: i64,
        batches: &[AcknowledgementBatch],
    ) {
        let mut counts: BTreeMap<i8, u64> = BTreeMap::new();
        let mut count = |kind: i8, records: u64| {
            let counted = counts.entry(kind).or_default();
            *counted = counted.saturating_add(records);
        };
        for batch in batches {
            match batch.types.as_slice() {
                [kind] => count(*kind, length(batch.first.max(start), batch.last)),
                kinds => (batch.first..)
                    .zip(kinds)
                    .filter(|(offset, _)| *offset >= start)
                    .for_each(|(_, kind)| count(*kind, 1)),
            }
        }
        for (kind, records) in counts {
            self.count_shared(key, topic, Shared::Acknowledged(kind, records));
        }
    }

    /// Tells of records whose locks have ended.
    pub(super) fn tell_expired(&mut self, key: &SharePartitionKey, expired: &[Expired]) {
        let Some(topic) = self.cluster.topic_name(key.topic) else {
            return;
        };
        for ended in expired {
            let count = length(ended.first, ended.last);
            self.count_shared(key, &topic, Shared::Expired(count));
            self.outbox.change(|| Event::AcquisitionExpired {
                group: key.group.to_string(),
                topic: topic.clone(),
                partition: key.partition,
                first_offset: ended.first,
                last_offset: ended.last,
                member: ended.member.to_string(),
                deliveries: ended.deliveries,
            });
        }
    }

    /// Tells of records that were delivered as often as they may be.
    pub(super) fn tell_exhausted(&mut self, key: &SharePartitionKey, steps: &[Step]) {
        let Some(topic) = self.cluster.topic_name(key.topic) else {
            return;
        };
        for step in steps.iter().filter(|step| step.is_spent) {
            let written = &step.written;
            let count = length(written.first, written.last);
            self.count_shared(key, &topic, Shared::Exhausted(count));
            self.outbox.change(|| Event::DeliveriesExhausted {
                group: key.group.to_string(),
                topic: topic.clone(),
                partition: key.partition,
                first_offset: written.first,
                last_offset: written.last,
                deliveries: i32::from(written.count),
            });
        }
    }

    fn count_shared(&mut self, key: &SharePartitionKey, topic: &str, what: Shared) {
        let place = SharePlace {
            group: key.group.clone(),
            topic: topic.to_owned(),
            partition: key.partition,
        };
        self.outbox.push(Notice::Shared(place, what));
    }
}

/// How many offsets that is; none if they are in the wrong order.
fn length(first: i64, last: i64) -> u64 {
    let length = last.saturating_sub(first).saturating_add(1);
    u64::try_from(length).unwrap_or_default()
}
