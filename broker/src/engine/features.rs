//! The cluster's features and their levels (KIP-584, KIP-1022).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::wire::releases::Release;

/// A feature that every node knows, and what it is like in a new cluster. Those whose requests are not offered are not known.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    pub(crate) supported: RangeInclusive<i16>,
    first_level: i16,
}

/// The one that cannot be without a level.
pub(crate) const METADATA_VERSION: &str = "metadata.version";

/// The one that never goes back.
pub(crate) const KRAFT_VERSION: &str = "kraft.version";

/// What the nodes know, and the levels in force.
#[derive(Debug)]
pub(crate) struct Levels {
    known: Vec<Feature>,
    by_name: BTreeMap<&'static str, i16>,
    epoch: i64,
}

impl Default for Levels {
    fn default() -> Self {
        Self::of_release(&Release::of_this_broker())
    }
}

impl Levels {
    /// Those of a new cluster of a release, the newest if none is named.
    pub(crate) fn new(release: Option<&Release>) -> Self {
        release.map_or_else(Self::default, Self::of_release)
    }

    /// Those of a new cluster of that release; a feature that it does not have is at level 0.
    fn of_release(release: &Release) -> Self {
        let features = release.features().map(|released| Feature {
            name: released.name,
            supported: released.first..=released.last,
            first_level: released.level,
        });
        Self::of(features.collect())
    }

    fn of(known: Vec<Feature>) -> Self {
        let levels = known
            .iter()
            .map(|feature| (feature.name, feature.first_level));
        Self {
            by_name: levels.collect(),
            known,
            epoch: 1,
        }
    }

    /// The features that the nodes know, by name.
    pub(crate) fn known(&self) -> &[Feature] {
        &self.known
    }

    /// The feature of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&Feature> {
        self.known.iter().find(|feature| feature.name == name)
    }

    /// The level of a feature; 0 stands for "not in use", or for one that nobody knows.
    pub(crate) fn level(&self, name: &str) -> i16 {
        self.by_name.get(name).copied().unwrap_or_default()
    }

    /// All levels, by name.
    pub(crate) fn all(&self) -> BTreeMap<String, i16> {
        let Self {
            known: _,
            by_name,
            epoch: _,
        } = self;
        let levels = by_name.iter();
        levels
            .map(|(name, level)| ((*name).to_owned(), *level))
            .collect()
    }

    /// Puts every feature back to where it was in a new cluster.
    pub(crate) fn start_over(&mut self) {
        for feature in self.known.clone() {
            self.set(feature.name, feature.first_level);
        }
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
