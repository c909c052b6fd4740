//! Kafka's `TimelineHashMap`, in which coordinators keep their state: a Fibonacci hash chooses the slot, and what
//! shares one is walked from the last that came.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::by_key;
use super::hash::JavaHash;

/// A new table has so many slots.
const SLOTS_MIN: u64 = 2;

/// Rows by key, with the order in which such a table walks them.
#[derive(Debug, Clone)]
pub(crate) struct TimelineMap<K, V> {
    rows: BTreeMap<K, Row<V>>,
    inserted: u64,
    slots: u64,
}

#[derive(Debug, Clone)]
struct Row<V> {
    order: u64,
    value: V,
}

impl<K, V> TimelineMap<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            rows: BTreeMap::new(),
            inserted: 0,
            slots: SLOTS_MIN,
        }
    }
}

impl<K, V> Default for TimelineMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + JavaHash, V> TimelineMap<K, V> {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.rows.get(key).map(|row| &row.value)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.rows.get_mut(key).map(|row| &mut row.value)
    }

    /// Puts a value in; a key that is there keeps its place. A full table grows even then, and stays so when keys
    /// go.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.slots = grown_from(self.slots, self.rows.len().saturating_add(1));
        if let Some(row) = self.rows.get_mut(&key) {
            row.value = value;
            return;
        }
        self.inserted = self.inserted.saturating_add(1);
        let order = self.inserted;
        self.rows.insert(key, Row { order, value });
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.rows.remove(key);
    }

    /// All rows by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().map(|(key, row)| (key, &row.value))
    }

    /// All rows as the table walks them.
    pub(crate) fn walk(&self) -> Vec<(&K, &V)> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        by_key::sort(&mut rows, |(key, row)| {
            by_key::pair(slot(key.java_hash(), self.slots), !row.order)
        });
        let rows = rows.into_iter();
        rows.map(|(key, row)| (key, &row.value)).collect()
    }

    /// The same, of a table that is needed no longer.
    pub(crate) fn into_walk(self) -> Vec<(K, V)> {
        let slots = self.slots;
        let mut rows: Vec<_> = self.rows.into_iter().collect();
        by_key::sort(&mut rows, |(key, row)| {
            by_key::pair(slot(key.java_hash(), slots), !row.order)
        });
        let rows = rows.into_iter();
        rows.map(|(key, row)| (key, row.value)).collect()
    }
}

/// Sorts rows, which stand in the order in which they came, as a table that grew from nothing is walked.
pub(crate) fn sort<T>(rows: &mut [T], hash: impl Fn(&T) -> u32) {
    let slots = grown_from(SLOTS_MIN, rows.len());
    rows.reverse();
    by_key::sort(rows, |row| slot(hash(row), slots).into());
}

/// The slots double when they would be more than four thirds full.
const fn grown_from(slots: u64, entries: usize) -> u64 {
    let mut slots = slots;
    while (entries as u64).saturating_mul(3) > slots.saturating_mul(4) {
        slots = slots.saturating_mul(2);
    }
    slots
}

/// The highest bits of a Fibonacci hash.
const fn slot(hash: u32, slots: u64) -> u64 {
    let mixed = (hash.cast_signed() as i64).wrapping_mul(-7_046_029_254_386_353_131);
    mixed.cast_unsigned() >> 64_u32.saturating_sub(slots.trailing_zeros())
}
