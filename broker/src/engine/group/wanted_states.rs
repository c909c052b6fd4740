//! States of share partitions that a share group wants to begin: what it asks the share coordinator for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

/// A state that is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WantedState {
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
    /// -1 has the group's settings say where to begin.
    pub(crate) start: i64,
}

/// States that a group wants the share coordinator to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedStates {
    pub(crate) group: Arc<str>,
    /// Of the group; the states' own epoch.
    pub(crate) epoch: i32,
    pub(crate) states: Vec<WantedState>,
}

impl WantedStates {
    /// The partitions, by topic.
    pub(crate) fn partitions(&self) -> BTreeMap<Uuid, BTreeSet<i32>> {
        let mut partitions: BTreeMap<Uuid, BTreeSet<i32>> = BTreeMap::new();
        for state in &self.states {
            partitions
                .entry(state.topic)
                .or_default()
                .insert(state.partition);
        }
        partitions
    }
}
