//! Locks end: anyone who has not said what became of its records in time has them no longer.

use super::in_flight::{Deliveries, InFlight};
use super::locks::Locks;
use super::{Change, DeadLetterCause, Lock, RecordState, SharePartition, Step, Terms, count};
use crate::engine::share::kept::StateBatch;
use crate::engine::time::Now;

/// Records whose lock has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expired {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Who had them.
    pub(crate) member: std::sync::Arc<str>,
    /// What they are now.
    pub(super) state: RecordState,
    /// Whether they were delivered as often as they may be.
    is_spent: bool,
    /// How often they were delivered.
    pub(crate) deliveries: i32,
}

impl SharePartition {
    /// The locks that have ended, in their order, by the key of the records and the first offset.
    pub(crate) fn ended_locks(&self, now: Now) -> Vec<(Lock, i64, i64)> {
        self.locks.ended(now)
    }

    /// Takes the records of one lock from who has them, if that lock is still the one they have. Nothing waits for
    /// this to be written.
    pub(crate) fn expire(
        &mut self,
        terms: &Terms,
        (lock, key, first): (Lock, i64, i64),
    ) -> Option<(Change, Vec<Expired>)> {
        let start = self.start;
        let records = self.in_flight.get_mut(&key)?;
        let last = records.last;
        let is_acquired = records
            .alike()
            .is_none_or(|delivery| delivery.state == RecordState::Acquired);
        let is_divided = is_acquired && records.is_divided_by(start);
        let runs: Vec<(i64, i64)> = match &records.records {
            Deliveries::Alike(_) if is_divided => {
                (first..=last).map(|offset| (offset, offset)).collect()
            }
            Deliveries::Alike(_) => vec![(first, last)],
            Deliveries::ByOffset(_) => vec![(first, first)],
        };
        if is_divided {
            records.split(&mut self.locks);
        }
        let (mut steps, mut expired, mut done, mut free) = (Vec::new(), Vec::new(), 0_i32, false);
        for (first, last) in runs {
            let Some(one) = expire_run(
                (records, &mut self.locks),
                (first, last),
                (lock, start),
                terms,
            ) else {
                continue;
            };
            if one.state.is_terminal() && last >= start {
                done = done.saturating_add(count(last - first.max(start) + 1));
            }
            free |= one.state == RecordState::Available;
            let cause = (one.state == RecordState::Archiving)
                .then_some(DeadLetterCause::DeliveryCountExceeded);
            let written = StateBatch::new((first, last), one.state.id(), one.deliveries);
            steps.push(Step {
                written,
                key,
                change: 0,
                cause,
                is_spent: one.is_spent,
            });
            expired.push(one);
        }
        if steps.is_empty() {
            return None;
        }
        self.done = self.done.saturating_add(done);
        self.may_be_free |= free;
        Some((self.change(steps), expired))
    }
}

fn expire_run(
    (records, locks): (&mut InFlight, &mut Locks),
    (first, last): (i64, i64),
    (lock, start): (Lock, i64),
    terms: &Terms,
) -> Option<Expired> {
    let key = records.first;
    let delivery = match &mut records.records {
        Deliveries::Alike(delivery) => delivery,
        Deliveries::ByOffset(each) => each.get_mut(&first)?,
    };
    if delivery.lock() != Some(lock) {
        return None;
    }
    if delivery.is_changing() {
        delivery.end_lock(locks, (key, first));
        return None;
    }
    let member = delivery.member.clone()?;
    let new = if last < start {
        RecordState::Archived
    } else {
        RecordState::Available
    };
    if !delivery.leave_for(new, terms.deliveries_max, terms.dead_letters) {
        return None;
    }
    delivery.set_lock(None, locks, (key, first));
    Some(Expired {
        first,
        last,
        member,
        state: delivery.state,
        is_spent: new == RecordState::Available && delivery.state != new,
        deliveries: delivery.count,
    })
}
