//! A member says what became of the records that it has: accepted, released, rejected, renewed (KIP-1222), or never
//! there.

use std::collections::BTreeMap;

use super::in_flight::{Deliveries, InFlight};
use super::locks::Locks;
use super::{Change, DeadLetterCause, Delivery, RecordState, SharePartition, Step, Terms, count};
use crate::engine::share::kept::StateBatch;
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;

const GAP: i8 = 0;
const ACCEPT: i8 = 1;
const RELEASE: i8 = 2;
const REJECT: i8 = 3;
const RENEW: i8 = 4;

/// What became of some records: one type for each of them, or one for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AcknowledgementBatch {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) types: Vec<i8>,
}

/// Why an acknowledgement is refused, as Kafka says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// What is said of the partition.
    Partition { code: ErrorCode, message: String },
    /// Oracle: where the start lies within the offsets and nothing is in flight up to it, the broker stumbles
    /// (`NullPointerException`), and the whole request fails.
    Request,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: &str) -> Self {
        Self::Partition {
            code,
            message: message.to_owned(),
        }
    }

    fn state(message: &str) -> Self {
        Self::new(ErrorCode::InvalidRecordState, message)
    }

    fn request(message: &str) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }
}

/// There are no such records in flight.
pub(crate) const NOT_FOUND: &str =
    "Batch record not found. The request batch offsets are not found in the cache.";
const NOT_ACQUIRED: &str =
    "The batch cannot be acknowledged. The batch is not in the acquired state.";
const NO_RENEWALS: &str = "Renewing acquisition locks is not enabled for the group.";

/// A member's acknowledgements of one share partition, while they are taken.
struct Taking<'a> {
    now: Now,
    terms: &'a Terms,
    member: &'a str,
    change: u64,
    steps: Vec<Step>,
}

impl SharePartition {
    /// Takes a member's acknowledgements: all of them or none, but for renewals.
    ///
    /// # Errors
    /// Why they are refused.
    pub(crate) fn acknowledge(
        &mut self,
        now: Now,
        terms: &Terms,
        member: &str,
        batches: &[AcknowledgementBatch],
    ) -> Result<Change, Refusal> {
        let mut taking = Taking {
            now,
            terms,
            member,
            change: self.next_change(),
            steps: Vec::new(),
        };
        for batch in batches {
            if let Err(refusal) = self.take_batch(&mut taking, batch) {
                self.roll_back(&taking.steps);
                return Err(refusal);
            }
        }
        Ok(self.change(taking.steps))
    }

    fn take_batch(
        &mut self,
        taking: &mut Taking<'_>,
        batch: &AcknowledgementBatch,
    ) -> Result<(), Refusal> {
        if batch.last < self.start {
            return Ok(());
        }
        for key in self.keys_of(batch)? {
            self.take_in_flight(taking, batch, key)?;
        }
        Ok(())
    }

    /// The records in flight that an acknowledgement is about.
    fn keys_of(&self, batch: &AcknowledgementBatch) -> Result<Vec<i64>, Refusal> {
        let mut floor = self.floor(batch.first);
        if floor.is_none() {
            let has_start_moved = batch.first < self.start && batch.last >= self.start;
            if has_start_moved {
                floor = Some(self.floor(self.start).ok_or(Refusal::Request)?);
            }
        }
        let Some(floor) = floor else {
            return Err(Refusal::state(NOT_FOUND));
        };
        let keys = self
            .in_flight
            .range(floor.first..=batch.last.max(floor.first));
        let last = keys
            .clone()
            .next_back()
            .map_or(floor.last, |(_, records)| records.last);
        let past = |which: &str| {
            let why = format!(
                "Batch record not found. The {which} offset in request is past acquired records."
            );
            Err(Refusal::request(&why))
        };
        if last < batch.first {
            return past("first");
        }
        if batch.last > last {
            return past("last");
        }
        Ok(keys.map(|(key, _)| *key).collect())
    }

    fn take_in_flight(
        &mut self,
        taking: &mut Taking<'_>,
        batch: &AcknowledgementBatch,
        key: i64,
    ) -> Result<(), Refusal> {
        let start = self.start;
        let renewed = self.lock(taking.now, taking.terms);
        let locks = &mut self.locks;
        let Some(records) = self
            .in_flight
            .get_mut(&key)
            .filter(|records| records.last >= start)
        else {
            return Ok(());
        };
        let is_whole = records.is_within(batch.first, batch.last);
        let is_divided = records.is_divided_by(start);
        let (first, last) = (records.first, records.last);
        if let Some(delivery) = records.alike() {
            match delivery.member.as_deref() {
                None => return Err(Refusal::state(NOT_ACQUIRED)),
                Some(owner) if owner != taking.member => {
                    return Err(Refusal::state("Member is not the owner of batch record"));
                }
                Some(_) => {}
            }
            if delivery.state != RecordState::Acquired {
                return Err(Refusal::state(NOT_ACQUIRED));
            }
            if is_whole && batch.types.len() <= 1 && !is_divided {
                let kind = batch.types.first().copied().unwrap_or(GAP);
                let done = taking.apply((delivery, locks), kind, renewed, (first, last), key)?;
                if done {
                    self.done = self.done.saturating_add(count(last - first + 1));
                }
                return Ok(());
            }
        }
        self.take_each(taking, batch, key)
    }

    fn take_each(
        &mut self,
        taking: &mut Taking<'_>,
        batch: &AcknowledgementBatch,
        key: i64,
    ) -> Result<(), Refusal> {
        let from = batch.first.max(self.start);
        let renewed = self.lock(taking.now, taking.terms);
        let locks = &mut self.locks;
        let Some(records) = self.in_flight.get_mut(&key) else {
            return Ok(());
        };
        let mut done = 0_i32;
        let taken = records
            .split(locks)
            .range_mut(from..=batch.last.max(from))
            .try_for_each(|(offset, delivery)| {
                if *offset > batch.last {
                    return Ok(());
                }
                if delivery.state != RecordState::Acquired {
                    let why = "The offset cannot be acknowledged. The offset is not acquired.";
                    return Err(Refusal::state(why));
                }
                if delivery.member.as_deref() != Some(taking.member) {
                    return Err(Refusal::state("Member is not the owner of offset"));
                }
                let kind = match batch.types.as_slice() {
                    [kind] => *kind,
                    kinds => {
                        let index = usize::try_from(*offset - batch.first).unwrap_or(usize::MAX);
                        kinds.get(index).copied().unwrap_or(GAP)
                    }
                };
                if taking.apply((delivery, locks), kind, renewed, (*offset, *offset), key)? {
                    done = done.saturating_add(1);
                }
                Ok(())
            });
        self.done = self.done.saturating_add(done);
        taken
    }

    /// A change is written down.
    ///
    /// Also, the records that are on their way to the dead-letter topic.
    pub(crate) fn commit(&mut self, steps: &[Step]) -> Vec<Step> {
        let mut dead = Vec::new();
        for step in steps {
            let Some(delivery) = delivery_of(&mut self.in_flight, step) else {
                continue;
            };
            let place = (step.key, step.written.first);
            let is_meant = delivery.commit(step.change, (&mut self.locks, place));
            let state = is_meant.then_some(delivery.state);
            self.may_be_free |= state == Some(RecordState::Available);
            if state == Some(RecordState::Archiving) {
                dead.push(step.clone());
            }
        }
        dead
    }

    /// A change is not to be.
    pub(crate) fn roll_back(&mut self, steps: &[Step]) {
        for step in steps {
            let was_done =
                RecordState::numbered(step.written.state).is_some_and(RecordState::is_terminal);
            let Some(delivery) = delivery_of(&mut self.in_flight, step) else {
                continue;
            };
            if !delivery.roll_back(step.change) {
                continue;
            }
            let state = delivery.state;
            self.may_be_free |= state == RecordState::Available;
            if was_done && !state.is_terminal() {
                let undone = self.count_from_start(step.written.first, step.written.last);
                self.done = self.done.saturating_sub(undone);
            }
        }
    }
}

fn delivery_of<'a>(
    in_flight: &'a mut BTreeMap<i64, InFlight>,
    step: &Step,
) -> Option<&'a mut Delivery> {
    match &mut in_flight.get_mut(&step.key)?.records {
        Deliveries::Alike(delivery) => Some(delivery),
        Deliveries::ByOffset(each) => each.get_mut(&step.written.first),
    }
}

impl Taking<'_> {
    /// Has a record become what the member says; says whether it is done with.
    fn apply(
        &mut self,
        (delivery, locks): (&mut Delivery, &mut Locks),
        kind: i8,
        renewed: super::Lock,
        (first, last): (i64, i64),
        key: i64,
    ) -> Result<bool, Refusal> {
        if kind == RENEW {
            if !self.terms.may_renew {
                return Err(Refusal::state(NO_RENEWALS));
            }
            delivery.set_lock(Some(renewed), locks, (key, first));
            return Ok(false);
        }
        let mut cause = None;
        let state = match kind {
            GAP => RecordState::Archived,
            ACCEPT => RecordState::Acknowledged,
            RELEASE => RecordState::Available,
            REJECT if self.terms.dead_letters => {
                cause = Some(DeadLetterCause::Rejected);
                RecordState::Archiving
            }
            REJECT => RecordState::Archived,
            unknown => {
                let why = format!("Invalid acknowledge type: [{unknown}]");
                return Err(Refusal::request(&why));
            }
        };
        let (count_max, dead_letters) = (self.terms.deliveries_max, self.terms.dead_letters);
        if !delivery.begin(self.change, state, count_max, dead_letters) {
            return Err(Refusal::state(
                "Unable to acknowledge records for the batch",
            ));
        }
        if delivery.state == RecordState::Archiving {
            cause = cause.or(Some(DeadLetterCause::DeliveryCountExceeded));
        }
        let written = StateBatch::new((first, last), delivery.state.id(), delivery.count);
        self.steps.push(Step {
            written,
            key,
            change: self.change,
            cause,
            is_spent: kind == RELEASE && delivery.state != RecordState::Available,
        });
        Ok(delivery.state.is_terminal())
    }
}
