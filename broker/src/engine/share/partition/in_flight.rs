//! Records that follow each other and were fetched together: they fare alike until somebody treats one of them
//! otherwise.

use std::collections::BTreeMap;

use super::delivery::{Delivery, Lock, RecordState};

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
    pub(super) fn split(&mut self) -> &mut BTreeMap<i64, Delivery> {
        if let Deliveries::Alike(delivery) = &self.records {
            let each = (self.first..=self.last).map(|offset| (offset, delivery.clone()));
            self.records = Deliveries::ByOffset(each.collect());
        }
        match &mut self.records {
            Deliveries::ByOffset(each) => each,
            Deliveries::Alike(_) => unreachable!("it was split"),
        }
    }

    /// The same, and what lies behind `last` was not given to anybody.
    pub(super) fn split_behind(&mut self, last: i64) {
        for (_, delivery) in self.split().range_mut(last.saturating_add(1)..) {
            *delivery = Delivery::new(RecordState::Available, delivery.count - 1);
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
    pub(crate) fn runs(&self) -> Vec<((i64, i64), &Delivery)> {
        match &self.records {
            Deliveries::Alike(delivery) => vec![((self.first, self.last), delivery)],
            Deliveries::ByOffset(each) => each
                .iter()
                .map(|(offset, delivery)| ((*offset, *offset), delivery))
                .collect(),
        }
    }

    /// The locks of its records, by the offset at which each begins.
    pub(super) fn locks(&self) -> impl Iterator<Item = (Lock, i64)> {
        let runs = self.runs().into_iter();
        runs.filter_map(|((first, _), delivery)| Some((delivery.lock?, first)))
    }
}
