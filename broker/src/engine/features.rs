//! The cluster's features and their levels (KIP-584, KIP-1022).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A feature that every node knows, and what it is like in a new cluster.
#[derive(Debug)]
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    pub(crate) supported: RangeInclusive<i16>,
    first_level: i16,
}

/// Those that the oracle has, by name.
pub(crate) const FEATURES: [Feature; 7] = [
    feature("eligible.leader.replicas.version", 0..=1, 1),
    feature("group.version", 0..=1, 1),
    feature(KRAFT_VERSION, 0..=1, 1),
    feature(METADATA_VERSION, 7..=33, 33),
    feature("share.version", 0..=2, 2),
    feature("streams.version", 0..=1, 1),
    feature("transaction.version", 0..=2, 2),
];

/// The one that cannot be without a level.
pub(crate) const METADATA_VERSION: &str = "metadata.version";

/// The one that never goes back.
pub(crate) const KRAFT_VERSION: &str = "kraft.version";

const fn feature(name: &'static str, supported: RangeInclusive<i16>, first_level: i16) -> Feature {
    Feature {
        name,
        supported,
        first_level,
    }
}

/// The feature of that name.
pub(crate) fn find(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|feature| feature.name == name)
}

/// The levels in force.
#[derive(Debug)]
pub(crate) struct Levels {
    by_name: BTreeMap<&'static str, i16>,
    epoch: i64,
}

impl Default for Levels {
    fn default() -> Self {
        let levels = FEATURES
            .iter()
            .map(|feature| (feature.name, feature.first_level));
        Self {
            by_name: levels.collect(),
            epoch: 1,
        }
    }
}

impl Levels {
    /// The level of a feature; 0 stands for "not in use", or for one that nobody knows.
    pub(crate) fn level(&self, name: &str) -> i16 {
        self.by_name.get(name).copied().unwrap_or_default()
    }

    /// Sets the level of a known feature.
    pub(crate) fn set(&mut self, name: &str, level: i16) {
        if let Some(now) = self.by_name.get_mut(name).filter(|now| **now != level) {
            *now = level;
            self.epoch = self.epoch.saturating_add(1);
        }
    }

    /// Grows with every change.
    pub(crate) const fn epoch(&self) -> i64 {
        self.epoch
    }

    /// The features in use with their levels, by name.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = (&'static str, i16)> {
        let levels = self.by_name.iter().map(|(name, level)| (*name, *level));
        levels.filter(|(_, level)| *level > 0)
    }
}
