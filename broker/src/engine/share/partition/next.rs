//! From where a share partition is fetched next.

use super::SharePartition;
use super::in_flight::{Deliveries, InFlight};

impl SharePartition {
    /// The first offset that may be acquired.
    pub(crate) fn next_offset(&mut self) -> i64 {
        let is_empty = self.is_behind_all();
        if !self.may_be_free {
            return if is_empty { self.end } else { self.end + 1 };
        }
        if is_empty {
            self.may_be_free = false;
            return self.end;
        }
        if let Some(free) = self.first_free() {
            return free;
        }
        self.may_be_free = false;
        self.end + 1
    }

    /// Whether nothing in flight reaches the start.
    fn is_behind_all(&self) -> bool {
        let last = self.in_flight.last_key_value();
        last.is_none_or(|(_, last)| self.start > last.last)
    }

    fn first_free(&self) -> Option<i64> {
        let gap = self.open_gap();
        let mut gap_start = gap.map_or(-1, |gap| gap.start);
        for (first, records) in &self.in_flight {
            if gap.is_some() {
                if *first > gap_start {
                    return Some(gap_start);
                }
                gap_start = gap_start.max(records.last + 1);
            }
            if let Some(free) = first_free_of(records) {
                return Some(free);
            }
        }
        None
    }

    /// What was acquired up to an offset is no gap any more.
    pub(super) fn close_gap_before(&mut self, offset: i64) {
        if let Some(gap) = &mut self.gap {
            if gap.end == self.end && offset <= gap.end {
                gap.start = offset;
            } else {
                self.gap = None;
            }
        }
    }
}

fn first_free_of(records: &InFlight) -> Option<i64> {
    match &records.records {
        Deliveries::Alike(delivery) => delivery.is_free().then_some(records.first),
        Deliveries::ByOffset(each) => {
            let free = each.iter().find(|(_, delivery)| delivery.is_free());
            free.map(|(offset, _)| *offset)
        }
    }
}
