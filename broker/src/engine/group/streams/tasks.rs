//! Tasks: what a member of a streams group runs, a subtopology's part for one partition.

use std::collections::{BTreeMap, BTreeSet};

/// Partitions by subtopology.
pub(crate) type TaskIds = BTreeMap<String, BTreeSet<i32>>;

/// Partitions by subtopology, each with the epoch in which it was assigned (KIP-1251).
pub(crate) type ActiveTasks = BTreeMap<String, BTreeMap<i32, i32>>;

/// What a member is to run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tasks {
    pub(crate) active: TaskIds,
    pub(crate) standby: TaskIds,
    pub(crate) warmup: TaskIds,
}

/// What a member runs, or is to give up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OwnedTasks {
    pub(crate) active: ActiveTasks,
    pub(crate) standby: TaskIds,
    pub(crate) warmup: TaskIds,
}

impl Tasks {
    pub(crate) fn is_empty(&self) -> bool {
        self.active.is_empty() && self.standby.is_empty() && self.warmup.is_empty()
    }

    /// Whether there is a task in it that is also among those.
    pub(super) fn has_any_of(&self, others: &OwnedTasks) -> bool {
        let active = self.active.iter().any(|(id, indexes)| {
            let others = others.active.get(id);
            others.is_some_and(|others| indexes.iter().any(|index| others.contains_key(index)))
        });
        active || overlaps(&self.standby, &others.standby) || overlaps(&self.warmup, &others.warmup)
    }
}

impl OwnedTasks {
    pub(crate) fn is_empty(&self) -> bool {
        self.active.is_empty() && self.standby.is_empty() && self.warmup.is_empty()
    }

    /// The active tasks without their epochs.
    pub(crate) fn active_ids(&self) -> TaskIds {
        let active = self.active.iter();
        active
            .map(|(id, indexes)| (id.clone(), indexes.keys().copied().collect()))
            .collect()
    }

    /// Those that follow the active tasks of others.
    pub(crate) fn replicas(&self) -> TaskIds {
        let mut all = self.standby.clone();
        for (id, indexes) in &self.warmup {
            all.entry(id.clone()).or_default().extend(indexes);
        }
        all
    }

    /// With other tasks as well.
    #[must_use]
    pub(super) fn with(mut self, others: Self) -> Self {
        for (id, indexes) in others.active {
            self.active.entry(id).or_default().extend(indexes);
        }
        for (id, indexes) in others.standby {
            self.standby.entry(id).or_default().extend(indexes);
        }
        for (id, indexes) in others.warmup {
            self.warmup.entry(id).or_default().extend(indexes);
        }
        self
    }
}

/// Each task: its subtopology and partition.
pub(crate) fn each(tasks: &TaskIds) -> impl Iterator<Item = (&String, i32)> {
    let rows = tasks.iter();
    rows.flat_map(|(id, indexes)| indexes.iter().map(move |index| (id, *index)))
}

/// Whether `tasks` has the task.
pub(super) fn has(tasks: &TaskIds, subtopology: &str, index: i32) -> bool {
    let indexes = tasks.get(subtopology);
    indexes.is_some_and(|indexes| indexes.contains(&index))
}

/// Takes a task away, and its subtopology with the last one.
pub(super) fn take(tasks: &mut TaskIds, subtopology: &str, index: i32) {
    if let Some(indexes) = tasks.get_mut(subtopology)
        && indexes.remove(&index)
        && indexes.is_empty()
    {
        tasks.remove(subtopology);
    }
}

/// Adds a task.
pub(super) fn put(tasks: &mut TaskIds, subtopology: &str, index: i32) {
    tasks
        .entry(subtopology.to_owned())
        .or_default()
        .insert(index);
}

fn overlaps(some: &TaskIds, others: &TaskIds) -> bool {
    some.iter().any(|(id, indexes)| {
        let others = others.get(id);
        others.is_some_and(|others| !indexes.is_disjoint(others))
    })
}
