//! Sets of keys that are somewhere else and may change there: when they are asked for again, as Kafka's `RefreshingHttpsJwks`
//! and its resolver have it.

use std::collections::VecDeque;
use std::time::Duration;

use super::SourceId;
use crate::engine::cluster::configs::StoreSettings;
use crate::wire::units::WallMillis;

/// For how many key ids it is known that nobody has them.
const MISSING_MAX: usize = 16;
/// How long such an id is not asked for again, in milliseconds.
const MISSING_MS: i64 = 60_000;
/// Longer ids are not kept, in Java's characters.
const ID_MAX: usize = 1000;

/// Where a set is, and how it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// A URL of HTTP or HTTPS.
    pub(crate) url: String,
    /// How often it is asked for, on the cluster's clock.
    pub(crate) refresh: Duration,
    /// How long to wait after the first failure; twice as long after each further one.
    pub(crate) backoff: Duration,
    /// After how long it is given up until the next time.
    pub(crate) backoff_max: Duration,
    /// Whom to trust with HTTPS, whom the system trusts if there is no location.
    pub(crate) trusted: StoreSettings,
}

/// The sets that listeners name.
#[derive(Debug, Default)]
pub(crate) struct KeySets(Vec<KeySet>);

#[derive(Debug)]
struct KeySet {
    source: Source,
    /// How often it was to be asked for since the start.
    asked: u64,
    /// Until when these ids are not asked for; those of which was heard last come last.
    missing: VecDeque<(String, WallMillis)>,
}

impl KeySets {
    /// Adds a set, unless it is there. Says which it is.
    pub(crate) fn add(&mut self, source: Source) -> SourceId {
        if let Some(known) = self.0.iter().position(|set| set.source == source) {
            return known;
        }
        self.0.push(KeySet {
            source,
            asked: 0,
            missing: VecDeque::new(),
        });
        self.0.len().saturating_sub(1)
    }

    #[cfg(all(feature = "control", feature = "oauth"))]
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.0.iter().map(|set| &set.source).enumerate()
    }

    pub(crate) fn get(&self, id: SourceId) -> Option<&Source> {
        self.0.get(id).map(|set| &set.source)
    }

    /// How often a set was to be asked for.
    #[cfg(all(feature = "control", feature = "oauth"))]
    pub(crate) fn asked(&self, id: SourceId) -> u64 {
        self.0.get(id).map_or(0, |set| set.asked)
    }

    /// How often any was.
    #[cfg(all(feature = "control", feature = "oauth"))]
    pub(crate) fn asked_ever(&self) -> u64 {
        self.0.iter().map(|set| set.asked).sum()
    }

    /// A set is to be asked for.
    pub(crate) fn ask(&mut self, id: SourceId) {
        if let Some(set) = self.0.get_mut(id) {
            set.asked = set.asked.saturating_add(1);
        }
    }

    /// A token names a key that is not in the set: it is asked for, unless that was so for the same id a moment ago.
    pub(crate) fn miss(&mut self, id: SourceId, key: &str, now: WallMillis) {
        let Some(set) = self.0.get_mut(id) else {
            return;
        };
        if key.encode_utf16().count() > ID_MAX {
            return;
        }
        let known = set.missing.iter().position(|(missing, _)| missing == key);
        let known = known.and_then(|at| set.missing.remove(at));
        let wait = known.map(|(_, until)| until).filter(|until| *until > now);
        let later = || WallMillis(now.0.saturating_add(MISSING_MS));
        let until = wait.unwrap_or_else(later);
        set.missing.push_back((key.to_owned(), until));
        if set.missing.len() > MISSING_MAX {
            set.missing.pop_front();
        }
        if wait.is_none() {
            set.asked = set.asked.saturating_add(1);
        }
    }

    /// A set has come, with these ids.
    pub(crate) fn came<'a>(&mut self, id: SourceId, keys: impl Iterator<Item = &'a str>) {
        if let Some(set) = self.0.get_mut(id) {
            let there: Vec<_> = keys.collect();
            set.missing
                .retain(|(missing, _)| !there.contains(&missing.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets() -> KeySets {
        let mut sets = KeySets::default();
        let source = |url: &str| Source {
            url: url.to_owned(),
            refresh: Duration::from_secs(3600),
            backoff: Duration::from_millis(100),
            backoff_max: Duration::from_secs(10),
            trusted: StoreSettings {
                kind: "PEM".to_owned(),
                location: None,
                password: None,
            },
        };
        assert_eq!((sets.add(source("a")), sets.add(source("b"))), (0, 1));
        assert_eq!(sets.add(source("b")), 1, "no set is there twice");
        sets
    }

    fn asked(sets: &KeySets) -> u64 {
        sets.0[0].asked
    }

    #[test]
    fn a_key_that_is_missing_is_asked_for_once_a_minute() {
        let mut sets = sets();
        sets.miss(0, "k", WallMillis(0));
        sets.miss(0, "k", WallMillis(59_999));
        assert_eq!(asked(&sets), 1);
        sets.miss(0, "l", WallMillis(59_999));
        assert_eq!(asked(&sets), 2, "another one at once");
        sets.miss(0, "k", WallMillis(60_000));
        assert_eq!(asked(&sets), 3);
        sets.came(0, ["k"].into_iter());
        sets.miss(0, "k", WallMillis(60_001));
        assert_eq!(asked(&sets), 4, "it had come meanwhile");
        sets.miss(7, "k", WallMillis(0));
        assert_eq!(sets.0[1].asked, 0);
    }

    #[test]
    fn ids_that_are_made_up_fill_nothing() {
        let mut sets = sets();
        sets.miss(0, "first", WallMillis(0));
        for id in 0..15 {
            sets.miss(0, &id.to_string(), WallMillis(0));
        }
        // Which makes it the last that is forgotten.
        sets.miss(0, "first", WallMillis(1));
        assert_eq!(asked(&sets), 16);
        for id in 15..1000 {
            sets.miss(0, &id.to_string(), WallMillis(1));
        }
        assert_eq!((sets.0[0].missing.len(), asked(&sets)), (16, 1001));
        sets.miss(0, &"x".repeat(1001), WallMillis(1));
        assert_eq!(asked(&sets), 1001, "nobody calls a key so");
        sets.miss(0, &"x".repeat(1000), WallMillis(1));
        assert_eq!(asked(&sets), 1002);
    }
}
