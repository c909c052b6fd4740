//! A map that remembers in which order its keys came, as the chains of Kafka's tables do.

use std::borrow::Borrow;
use std::collections::BTreeMap;

/// Rows by key.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, Row<V>>,
    inserted: u64,
}

#[derive(Debug)]
struct Row<V> {
    order: u64,
    value: V,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            inserted: 0,
        }
    }
}

impl<K: Ord, V> Table<K, V> {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.rows.get(key).map(|row| &row.value)
    }

    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.rows.get_mut(key).map(|row| &mut row.value)
    }

    /// Puts a value in; a key that is there keeps its place.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.value = value;
            return;
        }
        self.inserted = self.inserted.saturating_add(1);
        let order = self.inserted;
        self.rows.insert(key, Row { order, value });
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.rows.remove(key);
    }

    /// All rows by key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().map(|(key, row)| (key, &row.value))
    }

    /// All rows, those that came last first: so Kafka walks keys that share a slot.
    pub(super) fn latest_first(&self) -> Vec<(&K, &V)> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.order));
        rows.into_iter()
            .map(|(key, row)| (key, &row.value))
            .collect()
    }

    pub(super) fn into_rows(self) -> impl Iterator<Item = (K, V)> {
        self.rows.into_iter().map(|(key, row)| (key, row.value))
    }
}
