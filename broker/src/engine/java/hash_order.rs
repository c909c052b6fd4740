//! The keys of a `java.util.HashMap` whose values are kept elsewhere, with all that its order depends on.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::hash::JavaHash;
use super::hash_map;

/// When keys came, and the buckets they are in.
#[derive(Debug)]
pub(crate) struct HashOrder<K> {
    came: BTreeMap<K, u64>,
    next: u64,
    buckets: u32,
}

impl<K> Default for HashOrder<K> {
    fn default() -> Self {
        Self {
            came: BTreeMap::new(),
            next: 0,
            buckets: hash_map::grown(0),
        }
    }
}

impl<K: Clone + Ord + JavaHash> HashOrder<K> {
    /// A key that is there keeps its place.
    pub(crate) fn insert(&mut self, key: &K) {
        if !self.came.contains_key(key) {
            self.next = self.next.saturating_add(1);
            self.came.insert(key.clone(), self.next);
            self.buckets = hash_map::grown_from(self.buckets, self.came.len());
        }
    }

    /// Buckets stay as many as they are.
    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.came.remove(key);
    }

    /// Notes that all keys were put into a new table, which was made for so many.
    pub(crate) fn copied_into(&mut self, entries: usize) {
        let buckets = hash_map::made_for_none_of(entries);
        self.buckets = hash_map::grown_from(buckets, self.came.len());
    }

    /// The keys as the table is walked.
    pub(crate) fn walk(&self) -> Vec<&K> {
        let mut keys: Vec<_> = self.came.iter().collect();
        keys.sort_by_key(|(_, came)| **came);
        hash_map::sort_in(&mut keys, self.buckets, |(key, _)| key.java_hash());
        keys.into_iter().map(|(key, _)| key).collect()
    }
}
