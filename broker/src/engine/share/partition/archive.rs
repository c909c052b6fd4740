//! Records that are delivered no more though nobody acknowledged them: the log has lost them, or their transaction was
//! aborted.

use super::in_flight::Deliveries;
use super::{RecordState, SharePartition, count};

impl SharePartition {
    /// Archives what is in `state` at the offsets from `from` up to, not including, `to`, among the records in flight
    /// whose keys lie within `keys`. Says whether there was anything.
    pub(super) fn archive_between(
        &mut self,
        keys: (i64, i64),
        (from, to): (i64, i64),
        state: RecordState,
        counts: bool,
    ) -> bool {
        let (mut archived, locks) = (0_i64, &mut self.locks);
        for (key, records) in self.in_flight.range_mut(keys.0..=keys.1) {
            if records.first >= to {
                break;
            }
            let is_whole = records.is_within(from, to - 1);
            let length = records.len();
            match &mut records.records {
                Deliveries::Alike(delivery) if delivery.state != state => {}
                Deliveries::Alike(delivery) if is_whole => {
                    delivery.archive(locks, (*key, *key));
                    archived += length;
                }
                Deliveries::Alike(_) | Deliveries::ByOffset(_) => {
                    let each = records.split(locks).range_mut(from..to.max(from));
                    for (offset, delivery) in each {
                        if delivery.state == state {
                            delivery.archive(locks, (*key, *offset));
                            archived += 1;
                        }
                    }
                }
            }
        }
        if counts {
            self.done = self.done.saturating_add(count(archived));
        }
        archived > 0
    }

    /// What was available between the offset that was asked for and the first that the log has is gone.
    pub(super) fn archive_missing(&mut self, asked: i64, found: i64) {
        if self.in_flight.is_empty() || asked >= found {
            return;
        }
        let floor = self.floor(asked).filter(|records| records.last >= asked);
        let from_key = floor.map_or(asked, |records| records.first);
        let keys = (from_key, found - 1);
        if self.in_flight.range(keys.0..=keys.1).next().is_none() {
            return;
        }
        if self.archive_between(keys, (asked, found), RecordState::Available, true) {
            self.may_be_free = true;
        }
    }
}
