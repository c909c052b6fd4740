//! The start moves: past what is done with, and with the log's own.

use super::in_flight::InFlight;
use super::{RecordState, SharePartition, count};

/// What is done with without a gap, from the first record in flight on.
struct Done {
    last: i64,
    /// Of these, from the start on.
    count: i32,
}

impl SharePartition {
    /// Moves the start past what is done with, and forgets that. Says whether anything moved.
    pub(crate) fn advance(&mut self) -> bool {
        if !self.is_start_done() {
            return false;
        }
        let Some(done) = self.done_at_front() else {
            return false;
        };
        let Some((_, last)) = self.in_flight.last_key_value() else {
            return false;
        };
        if done.last == last.last {
            self.start = done.last + 1;
            self.end = self.start;
            self.in_flight.clear();
            self.done = 0;
            return true;
        }
        self.advance_within(&done);
        self.done = self.done.saturating_sub(done.count);
        true
    }

    fn advance_within(&mut self, done: &Done) {
        let Some((key, is_whole)) = self
            .floor(done.last)
            .map(|records| (records.first, records.last == done.last))
        else {
            return;
        };
        let keep = if is_whole {
            let next = self.in_flight.range(done.last + 1..).next();
            let next = next.map_or(done.last + 1, |(next, _)| *next);
            let next = self.open_gap().map_or(next, |gap| gap.start.min(next));
            self.start = self.start.max(next);
            key + 1
        } else {
            self.start = self.start.max(done.last + 1);
            key
        };
        while self
            .in_flight
            .first_key_value()
            .is_some_and(|(first, _)| *first < keep)
        {
            self.in_flight.pop_first();
        }
    }

    /// Whether the record at the start is done with.
    fn is_start_done(&self) -> bool {
        let records = self.floor(self.start);
        let delivery = records.and_then(|records| records.at(self.start));
        delivery.is_some_and(|delivery| !delivery.is_changing() && delivery.state.is_terminal())
    }

    fn done_at_front(&self) -> Option<Done> {
        let gap = self.open_gap();
        let (mut last, mut total) = (None, 0_i32);
        for records in self.in_flight.values() {
            if gap.is_some_and(|gap| records.last >= gap.start) {
                break;
            }
            let mut whole = true;
            for ((first, run_end), delivery) in records.runs() {
                if delivery.is_changing() || !delivery.state.is_terminal() {
                    whole = false;
                    break;
                }
                last = Some(run_end);
                total = total.saturating_add(self.count_from_start(first, run_end));
            }
            if !whole {
                break;
            }
        }
        last.map(|last| Done { last, count: total })
    }

    /// The log begins later now: what lies before is gone.
    pub(crate) fn follow_log_start(&mut self, log_start: i64) {
        if log_start <= self.start {
            return;
        }
        if self.in_flight.is_empty() {
            self.start = log_start;
            self.end = log_start;
            self.done = 0;
            return;
        }
        let done = self.done_between(self.start, log_start);
        let map_from = i64::MIN;
        if self.archive_between(
            (map_from, i64::MAX),
            (self.start, log_start),
            RecordState::Available,
            false,
        ) {
            self.may_be_free = true;
        }
        if self.open_gap().is_some_and(|gap| gap.start < log_start) {
            self.close_gap_before(log_start);
        }
        self.start = log_start;
        self.done = self.done.saturating_sub(done);
        self.end = self.end.max(self.start);
    }

    /// How many offsets from `from` up to, not including, `to` are done with.
    fn done_between(&self, from: i64, to: i64) -> i32 {
        let before = self.in_flight.range(..to).map(|(_, records)| records);
        let runs = before
            .filter(|records| records.last >= from)
            .flat_map(InFlight::runs);
        let done = runs.filter(|(_, delivery)| delivery.state.is_terminal());
        let counts = done.map(|((first, last), _)| (last.min(to - 1) - first.max(from) + 1).max(0));
        count(counts.sum())
    }
}
