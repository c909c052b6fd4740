//! Records that follow each other and were fetched together: they fare alike until somebody treats one of them
//! otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::delivery::Delivery;
use super::locks::{Lock, Locks};

/// Offsets from the key in the share partition's table up to `last`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) records: Deliveries,
}

/// How its records fare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deliveries {
    Alike(Delivery),
    ByOffset(BTreeMap<i64, Delivery>),
}

impl InFlight {
    pub(super) const fn new((first, last): (i64, i64), delivery: Delivery) -> Self {
        Self {
            first,
            last,
            records: Deliveries::Alike(delivery),
        }
    }

    /// How many offsets it has.
    pub(super) const fn len(&self) -> i64 {
        self.last - self.first + 1
    }

    /// Whether it lies within these offsets.
    pub(super) const fn is_within(&self, first: i64, last: i64) -> bool {
        self.first >= first && self.last <= last
    }

    /// Whether an offset other than its first divides it.
    pub(super) const fn is_divided_by(&self, offset: i64) -> bool {
        self.first < offset && self.last >= offset
    }

    /// Its records, if they fare alike.
    pub(super) fn alike(&mut self) -> Option<&mut Delivery> {
        match &mut self.records {
            Deliveries::Alike(delivery) => Some(delivery),
            Deliveries::ByOffset(_) => None,
        }
    }

    /// Has each record fare on its own.
    pub(super) fn split<'a>(&'a mut self, locks: &mut Locks) -> &'a mut BTreeMap<i64, Delivery> {
        if let Deliveries::Alike(delivery) = &self.records {
            let apart = delivery.apart();
            if let Some(lock) = delivery.lock() {
                locks.remove(lock, (self.first, self.first));
            }
            if let Some(lock) = apart.lock() {
                let places = (self.first..=self.last).map(|offset| (self.first, offset));
                places.for_each(|place| locks.add(lock, place));
            }
            let each = (self.first..=self.last).map(|offset| (offset, apart.clone()));
            self.records = Deliveries::ByOffset(each.collect());
        }
        match &mut self.records {
            Deliveries::ByOffset(each) => each,
            Deliveries::Alike(_) => unreachable!("it was split"),
        }
    }

    /// Gives a member what lies up to `last`.
    pub(super) fn acquire_to(
        &mut self,
        last: i64,
        (member, lock): (&Arc<str>, Lock),
        locks: &mut Locks,
    ) {
        let key = self.first;
        for (offset, delivery) in self.split(locks).range_mut(..=last) {
            delivery.acquire(member, lock, (locks, (key, *offset)));
        }
    }

    /// The record at an offset.
    pub(super) fn at(&self, offset: i64) -> Option<&Delivery> {
        match &self.records {
            Deliveries::Alike(delivery) => Some(delivery),
            Deliveries::ByOffset(each) => each.get(&offset),
        }
    }

    /// Runs of offsets with how each fares, one after the other.
    pub(crate) fn runs(&self) -> impl Iterator<Item = ((i64, i64), &Delivery)> {
        let (whole, each) = match &self.records {
            Deliveries::Alike(delivery) => (Some(((self.first, self.last), delivery)), None),
            Deliveries::ByOffset(each) => (None, Some(each)),
        };
        let each = each.into_iter().flatten();
        whole
            .into_iter()
            .chain(each.map(|(offset, delivery)| ((*offset, *offset), delivery)))
    }

    /// The locks of its records, by the offset at which each begins.
    pub(super) fn locks(&self) -> impl Iterator<Item = (Lock, i64)> {
        self.runs()
            .filter_map(|((first, _), delivery)| Some((delivery.lock()?, first)))
    }
}
