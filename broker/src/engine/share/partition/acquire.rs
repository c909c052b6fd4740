//! A member fetches: what is free of the records that were read becomes its own, for a while.
//!
//! What was never in flight is acquired in whole batches of the log, so that it may be more than was asked for, unless
//! the member wants no more than it says (KIP-1206). A record that was delivered often comes with few others, and the
//! last time alone.

use std::sync::Arc;

use super::delivery::Delivery;
use super::in_flight::{Deliveries, InFlight};
use super::locks::{Lock, Locks};
use super::{SharePartition, Terms};
use crate::engine::log::AbortedTransaction;
use crate::engine::time::Now;
use crate::wire::batch::BatchView;

/// Below so many deliveries no record comes with fewer others.
const THROTTLED_FROM_MIN: i32 = 2;

/// How strictly the largest number of records is kept (KIP-1206).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcquireMode {
    /// Batches of the log come whole.
    BatchOptimized,
    RecordLimit,
}

/// Who acquires, and how much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acquiring<'a> {
    pub(crate) member: &'a Arc<str>,
    pub(crate) mode: AcquireMode,
    /// Rows of the answer are cut, where a batch of the log begins, once they have so many records.
    pub(crate) batch_size: i32,
    pub(crate) records_max: i32,
}

/// What was read of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fetched<'a> {
    /// From where on it was asked for.
    pub(crate) from: i64,
    pub(crate) batches: &'a [BatchView],
    /// Of a reader of committed records.
    pub(crate) aborted: &'a [AbortedTransaction],
}

/// Records that a member has acquired: a row of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Acquired {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) deliveries: i32,
}

impl Acquired {
    /// How many records that is.
    pub(crate) const fn len(&self) -> i64 {
        self.last - self.first + 1
    }
}

/// A member's acquisition, while it is made.
struct Turn<'a> {
    now: Now,
    terms: &'a Terms,
    asked: Acquiring<'a>,
    batches: &'a [BatchView],
    /// The first offset that was read, and the last to acquire.
    read: (i64, i64),
    /// Records that may still be acquired.
    left: i64,
    rows: Vec<Acquired>,
}

impl SharePartition {
    /// Gives a member what is free.
    pub(crate) fn acquire(
        &mut self,
        now: Now,
        terms: &Terms,
        asked: Acquiring<'_>,
        fetched: Fetched<'_>,
    ) -> Vec<Acquired> {
        let (Some(first), Some(last)) = (fetched.batches.first(), fetched.batches.last()) else {
            return Vec::new();
        };
        let last = last.last_offset().0;
        if asked.records_max <= 0 || last < self.start {
            return Vec::new();
        }
        let (last, left) = self.room(terms, asked.records_max, fetched.from, last);
        if left <= 0 {
            return Vec::new();
        }
        let read_from = first.base_offset().0;
        let turn = Turn {
            now,
            terms,
            asked,
            batches: fetched.batches,
            read: (read_from, last),
            left,
            rows: Vec::new(),
        };
        self.archive_missing(fetched.from, read_from);
        let rows = self.acquire_read(turn);
        self.without_aborted(rows, fetched)
    }

    /// The last offset to acquire, and how many records at most.
    fn room(&self, terms: &Terms, records_max: i32, from: i64, last: i64) -> (i64, i64) {
        let free = i64::from(terms.locks_max) - self.len();
        let left = i64::from(records_max).min(free);
        if left > 0 || from > self.end {
            return (last, left);
        }
        // At the limit what lies between is acquired again all the same.
        let left = i64::from(records_max).min(self.end - from + 1);
        (last.min(self.end), left)
    }

    fn acquire_read(&mut self, mut turn: Turn<'_>) -> Vec<Acquired> {
        let (read_from, last) = turn.read;
        let floor = self
            .floor(read_from)
            .map(|records| (records.first, records.last));
        let base = match floor {
            None => read_from.max(self.start),
            Some((first, end)) if end >= read_from => first,
            Some(_) => read_from,
        };
        let keys: Vec<i64> = if read_from.min(base) > last {
            Vec::new()
        } else {
            let keys = self.in_flight.range(read_from.min(base)..=last);
            keys.map(|(key, _)| *key).collect()
        };
        let Some(last_key) = keys.last().copied() else {
            self.acquire_new(&mut turn, base, last);
            return turn.rows;
        };
        let last_in_flight = self
            .in_flight
            .get(&last_key)
            .map_or(last_key, |records| records.last);
        self.acquire_known(&mut turn, &keys, base);
        if turn.left > 0 && last_in_flight < last {
            self.acquire_new(&mut turn, last_in_flight + 1, last);
        }
        if let Some(row) = turn.rows.last() {
            self.close_gap_before(row.last + 1);
        }
        turn.rows
    }

    /// What is in flight already, and what the written state left out between.
    fn acquire_known(&mut self, turn: &mut Turn<'_>, keys: &[i64], base: i64) {
        let mut gap_start = base;
        for &key in keys {
            if turn.left <= 0 {
                return;
            }
            let Some(end) = self.in_flight.get(&key).map(|records| records.last) else {
                continue;
            };
            if self.open_gap().is_some() {
                if gap_start < key {
                    self.acquire_new(turn, gap_start, key - 1);
                }
                gap_start = end + 1;
                if turn.left <= 0 {
                    return;
                }
            }
            let is_first = turn.rows.is_empty();
            let lock = self.lock(turn.now, turn.terms);
            let Some(records) = self.in_flight.get_mut(&key) else {
                continue;
            };
            let throttled = is_throttled(records, turn);
            if throttled && !is_first {
                turn.left = 0;
                return;
            }
            let took = turn.take((records, &mut self.locks), lock, throttled);
            if throttled && took > 0 {
                turn.left = 0;
                return;
            }
        }
    }

    /// What was never in flight.
    fn acquire_new(&mut self, turn: &mut Turn<'_>, first: i64, last: i64) {
        let first = if self.in_flight.is_empty() {
            first.max(self.end)
        } else {
            first
        };
        let mut end = last;
        if turn.left < end - first + 1 {
            end = end_of_batch(turn.batches, first + turn.left - 1);
            if self.open_gap().is_some() {
                end = end.min(last);
            }
        }
        let rows = self.create(turn, first, end);
        if self
            .in_flight
            .first_key_value()
            .is_some_and(|(key, _)| *key == first)
        {
            self.start = first;
        }
        self.end = self.end.max(end);
        let acquired_to = match (turn.asked.mode, rows.first()) {
            (AcquireMode::RecordLimit, Some(row)) => row.last,
            _ => end,
        };
        self.close_gap_before(acquired_to + 1);
        turn.rows.extend(rows);
        turn.left -= acquired_to - first + 1;
    }

    fn create(&mut self, turn: &Turn<'_>, first: i64, last: i64) -> Vec<Acquired> {
        let exact = turn.asked.mode == AcquireMode::RecordLimit;
        let mut rows = Vec::new();
        let mut row_first = first;
        let size = i64::from(turn.asked.batch_size);
        if !exact && last - first + 1 > size {
            let starts = turn.batches.iter().map(|batch| batch.base_offset().0);
            for start in starts.take_while(|start| *start <= last) {
                if start - row_first >= size {
                    rows.push(once(row_first, start - 1));
                    row_first = start;
                }
            }
        }
        rows.push(once(row_first, last));
        let member = turn.asked.member;
        if let [row] = &mut rows[..]
            && exact
            && row.len() > turn.left
        {
            let lock = self.lock(turn.now, turn.terms);
            let mut records = InFlight::new((row.first, row.last), Delivery::FRESH);
            row.last = row.first + turn.left - 1;
            records.acquire_to(row.last, (member, lock), &mut self.locks);
            self.may_be_free = true;
            self.in_flight.insert(row.first, records);
            return rows;
        }
        for row in &rows {
            let lock = self.lock(turn.now, turn.terms);
            let mut delivery = Delivery::FRESH;
            delivery.acquire(member, lock, (&mut self.locks, (row.first, row.first)));
            let records = InFlight::new((row.first, row.last), delivery);
            self.in_flight.insert(row.first, records);
        }
        rows
    }
}

const fn once(first: i64, last: i64) -> Acquired {
    Acquired {
        first,
        last,
        deliveries: 1,
    }
}

/// Where the batch ends that has the offset.
fn end_of_batch(batches: &[BatchView], offset: i64) -> i64 {
    let before = batches.partition_point(|batch| batch.base_offset().0 <= offset);
    let batch = before.checked_sub(1).and_then(|index| batches.get(index));
    batch.map_or(offset, |batch| offset.max(batch.last_offset().0))
}

/// From how many deliveries on a record comes with fewer others.
fn throttled_from(terms: &Terms) -> i32 {
    THROTTLED_FROM_MIN.max(terms.deliveries_max.saturating_add(1) / 2)
}

fn is_throttled(records: &InFlight, turn: &Turn<'_>) -> bool {
    let most = match &records.records {
        Deliveries::Alike(delivery) => delivery.is_free().then_some(delivery.count),
        Deliveries::ByOffset(each) => {
            let (first, last) = turn.read;
            let read = each
                .range(first..=last.max(first))
                .map(|(_, delivery)| delivery);
            let free = read.filter(|delivery| delivery.is_free());
            free.map(|delivery| delivery.count).max()
        }
    };
    most.is_some_and(|most| most >= throttled_from(turn.terms))
}

impl Turn<'_> {
    /// Takes what is free of the records; says how many that are.
    fn take(
        &mut self,
        (records, locks): (&mut InFlight, &mut Locks),
        lock: Lock,
        throttled: bool,
    ) -> i64 {
        let is_whole = records.is_within(self.read.0, self.read.1);
        let too_many = self.asked.mode == AcquireMode::RecordLimit && records.len() > self.left;
        let (first, last, length) = (records.first, records.last, records.len());
        if let Some(delivery) = records.alike() {
            if !delivery.is_free() {
                return 0;
            }
            if is_whole && !too_many && !throttled {
                delivery.acquire(self.asked.member, lock, (locks, (first, first)));
                let deliveries = delivery.count;
                self.rows.push(Acquired {
                    first,
                    last,
                    deliveries,
                });
                self.left -= length;
                return length;
            }
        }
        let taken = self.take_each((records, locks), lock);
        self.left -= taken;
        taken
    }

    fn take_each(&mut self, (records, locks): (&mut InFlight, &mut Locks), lock: Lock) -> i64 {
        let (deliveries_max, throttled_from) =
            (self.terms.deliveries_max, throttled_from(self.terms));
        let (first, last) = self.read;
        let row_first = self.rows.len();
        let key = records.first;
        let each = records.split(locks);
        let total = i64::try_from(each.len()).unwrap_or(i64::MAX);
        let (mut taken, mut throttled_max) = (0_i64, None);
        for (offset, delivery) in each.range_mut(first..=last.max(first)) {
            if *offset > last || !delivery.is_free() {
                continue;
            }
            let comes_alone =
                deliveries_max > THROTTLED_FROM_MIN && delivery.count == deliveries_max - 1;
            if comes_alone && taken > 0 {
                break;
            }
            if delivery.count >= throttled_from && throttled_max.is_none() {
                let half = u32::try_from(delivery.count - throttled_from + 1).unwrap_or(u32::MAX);
                throttled_max = Some(total.checked_shr(half).unwrap_or_default().max(1));
            }
            delivery.acquire(self.asked.member, lock, (locks, (key, *offset)));
            taken += 1;
            self.add(row_first, *offset, delivery.count);
            let enough = self.asked.mode == AcquireMode::RecordLimit && taken == self.left;
            if comes_alone || enough || throttled_max == Some(taken) {
                break;
            }
        }
        taken
    }

    /// Adds a record to the last row, of those from `row_first` on, if it follows it and was delivered as often.
    fn add(&mut self, row_first: usize, offset: i64, deliveries: i32) {
        match self.rows.get_mut(row_first..).and_then(<[_]>::last_mut) {
            Some(row) if row.last + 1 == offset && row.deliveries == deliveries => {
                row.last = offset
            }
            Some(_) | None => self.rows.push(Acquired {
                first: offset,
                last: offset,
                deliveries,
            }),
        }
    }
}
