//! Which records are locked, in the order in which their locks end. However much is in flight, the next lock that ends
//! is found at once.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::engine::time::Now;

/// Until when a member has a record, on the engine's elapsed time. Of locks that end at one moment the one that was
/// given first ends first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lock {
    pub(crate) until: Duration,
    pub(super) order: u64,
}

/// Where a lock is: the key of the records in flight, and the first offset that it holds.
pub(super) type Place = (i64, i64);

/// The locks of a share partition's records; [`Delivery`](super::Delivery) keeps this up to date with its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Locks(BTreeSet<(Lock, i64, i64)>);

impl Locks {
    /// The lock that ends first.
    pub(super) fn first(&self) -> Option<Lock> {
        self.0.first().map(|(lock, ..)| *lock)
    }

    /// Those that have ended, in their order.
    pub(super) fn ended(&self, now: Now) -> Vec<(Lock, i64, i64)> {
        let locks = self.0.iter().copied();
        locks
            .take_while(|(lock, ..)| lock.until <= now.elapsed)
            .collect()
    }

    pub(super) fn add(&mut self, lock: Lock, (key, first): Place) {
        self.0.insert((lock, key, first));
    }

    pub(super) fn remove(&mut self, lock: Lock, (key, first): Place) {
        self.0.remove(&(lock, key, first));
    }
}

impl FromIterator<(Lock, i64, i64)> for Locks {
    fn from_iter<T: IntoIterator<Item = (Lock, i64, i64)>>(locks: T) -> Self {
        Self(locks.into_iter().collect())
    }
}
