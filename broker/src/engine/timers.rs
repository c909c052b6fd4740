//! Keyed timers: scheduling a key again replaces it, so that none outlives its reason.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::time::Duration;

use foldhash::HashMap;

/// Deadlines by key, on the engine's elapsed time.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    by_time: BTreeSet<(Duration, K)>,
    by_key: HashMap<K, Duration>,
}

impl<K: Clone + Ord + Hash> Timers<K> {
    pub(crate) fn new() -> Self {
        Self {
            by_time: BTreeSet::new(),
            by_key: HashMap::default(),
        }
    }

    /// Lets `key` fire at `at`, and no longer when it was to before.
    pub(crate) fn schedule(&mut self, key: K, at: Duration) {
        let before = self.by_key.insert(key.clone(), at);
        if before == Some(at) {
            return;
        }
        let mut row = (at, key);
        if let Some(before) = before {
            row.0 = before;
            self.by_time.remove(&row);
            row.0 = at;
        }
        self.by_time.insert(row);
    }

    pub(crate) fn cancel(&mut self, key: &K) {
        if let Some(at) = self.by_key.remove(key) {
            self.by_time.remove(&(at, key.clone()));
        }
    }

    /// Cancels those that `is_meant`.
    pub(crate) fn cancel_all(&mut self, is_meant: impl Fn(&K) -> bool) {
        self.by_time.retain(|(_, key)| !is_meant(key));
        self.by_key.retain(|key, _| !is_meant(key));
    }

    /// All of them, by time.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Duration, K)> {
        self.by_time.iter()
    }

    /// When the next one fires.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the next one that is due.
    pub(crate) fn pop_due(&mut self, now: Duration) -> Option<K> {
        let (at, _) = self.by_time.first()?;
        if *at > now {
            return None;
        }
        let (_, key) = self.by_time.pop_first()?;
        self.by_key.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Timers};

    #[test]
    fn a_key_has_one_deadline() {
        let at = Duration::from_secs;
        let mut timers = Timers::new();
        timers.schedule('a', at(5));
        timers.schedule('b', at(3));
        timers.schedule('a', at(1));
        assert_eq!(timers.next(), Some(at(1)));
        assert_eq!(timers.pop_due(at(2)), Some('a'));
        assert_eq!(timers.pop_due(at(2)), None);
        timers.cancel(&'b');
        assert_eq!(timers.next(), None);
    }
}
