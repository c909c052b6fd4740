//! A member's session ends: what it has is free again.

use std::collections::BTreeMap;

use super::in_flight::Deliveries;
use super::{Change, DeadLetterCause, Delivery, RecordState, SharePartition, Step, Terms};
use crate::engine::share::kept::StateBatch;

impl SharePartition {
    /// Takes from a member what it has.
    pub(crate) fn release(&mut self, terms: &Terms, member: &str) -> Change {
        let start = self.start;
        let number = self.next_change();
        let mut steps = Vec::new();
        let mut done = 0_i32;
        let keys: Vec<i64> = self.in_flight.keys().copied().collect();
        for key in keys {
            let Some(records) = self.in_flight.get_mut(&key) else {
                continue;
            };
            let is_divided = records.is_divided_by(start);
            let (first, last) = (records.first, records.last);
            if is_divided
                && records
                    .alike()
                    .is_some_and(|delivery| is_of(delivery, member))
            {
                records.split(&mut self.locks);
            }
            let each: Vec<(i64, i64, &mut Delivery)> = match &mut records.records {
                Deliveries::Alike(delivery) => vec![(first, last, delivery)],
                Deliveries::ByOffset(each) => all(each),
            };
            for (first, last, delivery) in each {
                if is_of(delivery, member)
                    && let Some(step) =
                        give_up(delivery, (first, last), (key, start, number), terms)
                {
                    if delivery.state.is_terminal() && last >= start {
                        done = done.saturating_add(super::count(last - first.max(start) + 1));
                    }
                    steps.push(step);
                }
            }
        }
        self.done = self.done.saturating_add(done);
        self.change(steps)
    }
}

fn all(each: &mut BTreeMap<i64, Delivery>) -> Vec<(i64, i64, &mut Delivery)> {
    let each = each.iter_mut();
    each.map(|(offset, delivery)| (*offset, *offset, delivery))
        .collect()
}

fn is_of(delivery: &Delivery, member: &str) -> bool {
    delivery.state == RecordState::Acquired && delivery.member.as_deref() == Some(member)
}

/// Begins to take records from who has them; what the log has lost is not free again.
fn give_up(
    delivery: &mut Delivery,
    (first, last): (i64, i64),
    (key, start, number): (i64, i64, u64),
    terms: &Terms,
) -> Option<Step> {
    let new = if last < start {
        RecordState::Archived
    } else {
        RecordState::Available
    };
    if !delivery.begin(number, new, terms.deliveries_max, terms.dead_letters) {
        return None;
    }
    let cause = (delivery.state == RecordState::Archiving)
        .then_some(DeadLetterCause::DeliveryCountExceeded);
    let written = StateBatch::new((first, last), delivery.state.id(), delivery.count);
    Some(Step {
        written,
        key,
        change: number,
        cause,
        is_spent: new == RecordState::Available && delivery.state != new,
    })
}
