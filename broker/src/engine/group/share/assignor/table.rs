//! A hash table of Java's, as far as the order goes in which it is walked.

use std::collections::BTreeMap;

use crate::engine::java::hash_map;

/// Rows by key.
#[derive(Debug, Clone)]
pub(super) struct Table<K, V> {
    buckets: u32,
    /// With the order in which they came.
    rows: BTreeMap<K, (u64, V)>,
    ever: u64,
    hash: fn(&K) -> u32,
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// `new HashMap()`.
    pub(super) fn new(hash: fn(&K) -> u32) -> Self {
        Self {
            buckets: hash_map::grown(0),
            rows: BTreeMap::new(),
            ever: 0,
            hash,
        }
    }

    /// One with room for so many rows, as Kafka's assignors make it.
    pub(super) fn with_room(rows: usize, hash: fn(&K) -> u32) -> Self {
        Self {
            buckets: hash_map::of_map_copy(rows.saturating_add(1)),
            ..Self::new(hash)
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.rows.get_mut(key).map(|(_, value)| value)
    }

    /// The row of a key, made if there is none.
    pub(super) fn entry(&mut self, key: &K, new: impl FnOnce() -> V) -> &mut V {
        self.ever = self.ever.wrapping_add(1);
        let order = self.ever;
        if !self.rows.contains_key(key) {
            let rows = self.rows.len().saturating_add(1);
            self.buckets = hash_map::grown_from(self.buckets, rows);
        }
        let row = self.rows.entry(key.clone());
        &mut row.or_insert_with(|| (order, new())).1
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.rows.remove(key);
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The keys in the order in which the table is walked.
    pub(super) fn keys(&self) -> Vec<K> {
        let mut rows: Vec<(u64, &K)> = self
            .rows
            .iter()
            .map(|(key, (order, _))| (*order, key))
            .collect();
        rows.sort_unstable_by_key(|(order, _)| *order);
        hash_map::sort_in(&mut rows, self.buckets, |(_, key)| (self.hash)(key));
        rows.into_iter().map(|(_, key)| key.clone()).collect()
    }
}

/// `HashSet`: a table without values.
pub(super) type Set<K> = Table<K, ()>;
