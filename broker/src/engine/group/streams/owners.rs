//! Which process has a task in which role.

use std::collections::{BTreeMap, BTreeSet};

use super::member::Member;
use super::tasks::{OwnedTasks, TaskIds};

/// Processes by task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Owners {
    active: BTreeMap<String, BTreeMap<i32, String>>,
    standby: Replicas,
    warmup: Replicas,
}

type Replicas = BTreeMap<String, BTreeMap<i32, BTreeSet<String>>>;

impl Owners {
    /// The process that runs a task.
    pub(super) fn active(&self, subtopology: &str, index: i32) -> Option<&str> {
        let owner = self.active.get(subtopology)?.get(&index)?;
        Some(owner)
    }

    pub(super) fn has_standby(&self, subtopology: &str, index: i32, process: &str) -> bool {
        has(&self.standby, subtopology, index, process)
    }

    pub(super) fn has_warmup(&self, subtopology: &str, index: i32, process: &str) -> bool {
        has(&self.warmup, subtopology, index, process)
    }

    /// Notes what a member has, and what it had not to have any more.
    pub(super) fn replace(&mut self, old: Option<&Member>, new: Option<&Member>) {
        if let Some(old) = old {
            self.release(&old.current.assigned, &old.description.process_id);
            self.release(&old.current.revoking, &old.description.process_id);
        }
        if let Some(new) = new {
            self.hold(&new.current.assigned, &new.description.process_id);
            self.hold(&new.current.revoking, &new.description.process_id);
        }
    }

    fn release(&mut self, tasks: &OwnedTasks, process: &str) {
        for (id, indexes) in &tasks.active {
            let Some(owners) = self.active.get_mut(id) else {
                continue;
            };
            // Whoever has taken it over meanwhile keeps it.
            owners.retain(|index, owner| !indexes.contains_key(index) || owner != process);
            if owners.is_empty() {
                self.active.remove(id);
            }
        }
        release(&mut self.standby, &tasks.standby, process);
        release(&mut self.warmup, &tasks.warmup, process);
    }

    fn hold(&mut self, tasks: &OwnedTasks, process: &str) {
        for (id, indexes) in &tasks.active {
            let owners = self.active.entry(id.clone()).or_default();
            owners.extend(indexes.keys().map(|index| (*index, process.to_owned())));
        }
        hold(&mut self.standby, &tasks.standby, process);
        hold(&mut self.warmup, &tasks.warmup, process);
    }
}

fn has(replicas: &Replicas, subtopology: &str, index: i32, process: &str) -> bool {
    let owners = replicas
        .get(subtopology)
        .and_then(|owners| owners.get(&index));
    owners.is_some_and(|owners| owners.contains(process))
}

fn release(replicas: &mut Replicas, tasks: &TaskIds, process: &str) {
    for (id, indexes) in tasks {
        let Some(owners) = replicas.get_mut(id) else {
            continue;
        };
        for index in indexes {
            if let Some(processes) = owners.get_mut(index) {
                processes.remove(process);
                if processes.is_empty() {
                    owners.remove(index);
                }
            }
        }
        if owners.is_empty() {
            replicas.remove(id);
        }
    }
}

fn hold(replicas: &mut Replicas, tasks: &TaskIds, process: &str) {
    for (id, indexes) in tasks {
        let owners = replicas.entry(id.clone()).or_default();
        for index in indexes {
            owners.entry(*index).or_default().insert(process.to_owned());
        }
    }
}
