//! A share partition (KIP-932): what a share group has made of one partition's records. It is kept by the node that
//! leads the partition, and begins with what the share coordinator has written down.
//!
//! The rules are those of Kafka 4.4's `SharePartition`. Where that waits for its state to be written, a change is
//! begun here, the caller has its [`Step`]s written down, and commits them or rolls them back, at once or later.

mod aborted;
mod acknowledge;
mod acquire;
mod advance;
mod archive;
mod bury;
mod delivery;
mod expire;
mod in_flight;
mod locks;
mod next;
#[cfg(test)]
mod random;
mod release;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use super::kept::{KeptState, StateBatch};
use crate::engine::time::Now;
use crate::wire::units::{LeaderEpoch, NodeId};
use locks::Locks;

pub(crate) use acknowledge::{AcknowledgementBatch, NOT_FOUND, Refusal};
pub(crate) use acquire::{AcquireMode, Acquired, Acquiring, Fetched};
pub(crate) use delivery::{Delivery, RecordState};
pub(crate) use expire::Expired;
pub(crate) use in_flight::InFlight;
pub(crate) use locks::Lock;

/// How many offsets the written state spans at most: far more than locks allow, and so few that each may have a state
/// of its own. Clients can write states, too.
const SPAN_MAX: i64 = 1 << 22;

/// The largest start; beyond it there is no room to count.
const START_MAX: i64 = i64::MAX / 2;

/// What settings say of a group's share partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// How often a record is delivered at most.
    pub(crate) deliveries_max: i32,
    /// How many records lie between start and end at most, roughly: whole batches are acquired.
    pub(crate) locks_max: i32,
    pub(crate) lock_duration: Duration,
    /// Whether a lock may be renewed (KIP-1222).
    pub(crate) may_renew: bool,
    /// Whether what is given up goes to a dead-letter topic (KIP-1191).
    pub(crate) dead_letters: bool,
}

/// What a group has made of a partition's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharePartition {
    /// The node that leads the partition and keeps this.
    pub(crate) node: NodeId,
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) state_epoch: i32,
    /// Tells it from others that were begun for the same partition.
    pub(crate) born: u64,
    /// The first offset that is not done with.
    pub(crate) start: i64,
    /// The last offset that was acquired once; the next one to acquire while nothing is in flight.
    pub(crate) end: i64,
    in_flight: BTreeMap<i64, InFlight>,
    locks: Locks,
    /// Whether something before the end may be free.
    may_be_free: bool,
    gap: Option<Gap>,
    /// How many of the offsets from the start on are done with.
    pub(crate) done: i32,
    locks_given: u64,
    changes: u64,
}

/// Offsets that the written state leaves out, between those that it tells of: they were acquired, and nobody knows by
/// whom. They are looked through once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    /// Where the partition ended when it was read.
    end: i64,
    start: i64,
}

/// A change of some records, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) written: StateBatch,
    /// Where it happened: the key of the records in flight.
    key: i64,
    /// Of which change it is a part; 0 if nothing waits for that to be written.
    change: u64,
    /// Why the records go to the dead-letter topic, if they do.
    pub(crate) cause: Option<DeadLetterCause>,
    /// Whether the records would be free again, were they not delivered as often as they may be.
    pub(crate) is_spent: bool,
}

/// Why a record is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeadLetterCause {
    /// It was delivered as often as it may be.
    DeliveryCountExceeded,
    /// A consumer rejected it.
    Rejected,
}

/// What is to be written down: where the share partition stands, and what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) start: i64,
    pub(crate) done: i32,
    pub(crate) steps: Vec<Step>,
}

impl SharePartition {
    /// What the written state says, of which `start` is the offset to begin at if the state has none.
    ///
    /// # Errors
    /// The state contradicts itself, or spans too much.
    pub(crate) fn new(
        (node, leader_epoch): (NodeId, LeaderEpoch),
        start: i64,
        kept: &KeptState,
    ) -> Result<Self, Contradiction> {
        let mut partition = Self {
            node,
            leader_epoch,
            state_epoch: kept.state_epoch,
            born: 0,
            start,
            end: start,
            in_flight: BTreeMap::new(),
            locks: Locks::default(),
            may_be_free: false,
            gap: None,
            done: 0,
            locks_given: 0,
            changes: 0,
        };
        if start > START_MAX {
            return Err(Contradiction);
        }
        let (mut gap, mut next) = (None, start);
        for batch in &kept.batches {
            let state = RecordState::numbered(batch.state).ok_or(Contradiction)?;
            let is_in_order = batch.first >= start && batch.first <= batch.last;
            if !is_in_order || batch.last.saturating_sub(start) >= SPAN_MAX {
                return Err(Contradiction);
            }
            if batch.first > next {
                gap = gap.or(Some(next));
            }
            next = batch.last.saturating_add(1);
            let delivery = Delivery::new(state, batch.count.into());
            let records = InFlight::new((batch.first, batch.last), delivery);
            if state.is_terminal() {
                partition.done = partition.done.saturating_add(count(records.len()));
            }
            partition.in_flight.insert(batch.first, records);
        }
        if let Some((_, last)) = partition.in_flight.last_key_value() {
            partition.end = last.last;
            partition.may_be_free = true;
            partition.gap = gap.map(|start| Gap {
                end: last.last,
                start,
            });
            partition.advance();
        }
        Ok(partition)
    }

    /// The records in flight, in order.
    pub(crate) fn in_flight(&self) -> impl Iterator<Item = &InFlight> {
        self.in_flight.values()
    }

    /// When the first lock ends.
    pub(crate) fn first_lock(&self) -> Option<Lock> {
        self.locks.first()
    }

    /// How many records are in flight, done with or not.
    pub(crate) fn len(&self) -> i64 {
        if self.in_flight.is_empty() {
            0
        } else {
            self.end - self.start + 1
        }
    }

    /// Whether more may be acquired.
    pub(crate) fn has_room(&mut self, terms: &Terms) -> bool {
        self.next_offset() != self.end + 1 || self.len() < terms.locks_max.into()
    }

    /// How many locks it has given.
    #[cfg(test)]
    pub(crate) const fn locks_given(&self) -> u64 {
        self.locks_given
    }

    fn lock(&mut self, now: Now, terms: &Terms) -> Lock {
        self.locks_given = self.locks_given.wrapping_add(1);
        Lock {
            until: now.elapsed.saturating_add(terms.lock_duration),
            order: self.locks_given,
        }
    }

    /// The number of the next change that is to be written down.
    const fn next_change(&mut self) -> u64 {
        self.changes = self.changes.wrapping_add(1);
        self.changes
    }

    /// How many of these offsets are not before the start.
    fn count_from_start(&self, first: i64, last: i64) -> i32 {
        count((last - first.max(self.start) + 1).max(0))
    }

    /// Whether the offsets that the written state left out are still to be looked through.
    fn open_gap(&self) -> Option<Gap> {
        self.gap.filter(|gap| gap.end == self.end)
    }

    /// The records at or before an offset.
    fn floor(&self, offset: i64) -> Option<&InFlight> {
        let (_, records) = self.in_flight.range(..=offset).next_back()?;
        Some(records)
    }

    fn change(&self, steps: Vec<Step>) -> Change {
        Change {
            start: self.start,
            done: self.done,
            steps,
        }
    }

    /// Says what is not as it must be.
    pub(crate) fn check(&self, terms: &Terms) -> Result<(), String> {
        let held = self.in_flight.iter().flat_map(|(key, records)| {
            let locks = records.locks();
            locks.map(|(lock, first)| (lock, *key, first))
        });
        if held.collect::<Locks>() != self.locks {
            return Err(format!("its locks are not {:?}", self.locks));
        }
        let mut next = i64::MIN;
        for (key, records) in &self.in_flight {
            if *key != records.first || records.first < next || records.last < records.first {
                return Err(format!("records in flight at {key} overlap"));
            }
            next = records.last.saturating_add(1);
            for ((first, _), delivery) in records.runs() {
                let acquired = delivery.state == RecordState::Acquired;
                // A lock goes on while a change is on its way.
                if delivery.is_changing() {
                    continue;
                }
                if acquired != delivery.lock().is_some() || acquired != delivery.member.is_some() {
                    return Err(format!("offset {first} is {delivery:?}"));
                }
                if delivery.count > terms.deliveries_max.max(i32::from(u8::MAX)) {
                    return Err(format!(
                        "offset {first} was delivered {} times",
                        delivery.count
                    ));
                }
            }
        }
        if !self.in_flight.is_empty() && self.start > self.end.saturating_add(1) {
            return Err(format!(
                "it starts at {} and ends at {}",
                self.start, self.end
            ));
        }
        Ok(())
    }
}

/// A written state that contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contradiction;

/// A number of records, which never come to more.
fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
