//! A process and its members, with the tasks that they have been given so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Task;
use super::load::Least;
use crate::engine::java::hash_map;

#[derive(Debug, Default)]
pub(super) struct Process {
    /// How many tasks each member has.
    counts: BTreeMap<Arc<str>, usize>,
    /// The members as they came.
    order: Vec<Arc<str>>,
    tasks: BTreeSet<Task>,
    count: usize,
    /// By load, as they stand while only the least loaded get tasks.
    by_load: Option<Least<(usize, usize)>>,
    /// The members in the order of Kafka's table of them; the queue names them by their places here.
    table: Vec<Arc<str>>,
}

impl Process {
    pub(super) fn add_member(&mut self, id: &Arc<str>) {
        self.counts.insert(Arc::clone(id), 0);
        self.order.push(Arc::clone(id));
    }

    /// Tasks for each member.
    pub(super) fn load(&self) -> f64 {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        number(self.count) / number(self.order.len())
    }

    pub(super) fn count_of(&self, member: &str) -> usize {
        self.counts.get(member).copied().unwrap_or_default()
    }

    pub(super) fn has(&self, task: &Task) -> bool {
        self.tasks.contains(task)
    }

    /// Gives a task to a member; says how many it has now.
    pub(super) fn give(&mut self, member: &Arc<str>, task: &Task) -> usize {
        self.by_load = None;
        self.note(member, task)
    }

    /// Gives a task to the member with the fewest; says which, and how many it has now.
    pub(super) fn give_to_least_loaded(&mut self, task: &Task) -> Option<(Arc<str>, usize)> {
        if let [only] = self.order.as_slice() {
            let only = Arc::clone(only);
            let count = self.note(&only, task);
            return Some((only, count));
        }
        let mut queue = self.by_load.take().unwrap_or_else(|| self.queue());
        let (_, place) = queue.pop(has_fewer)?;
        let member = Arc::clone(self.table.get(place)?);
        let count = self.note(&member, task);
        queue.push((count, place), has_fewer);
        self.by_load = Some(queue);
        Some((member, count))
    }

    fn queue(&mut self) -> Least<(usize, usize)> {
        self.table = self.order.clone();
        hash_map::sort_by_name(&mut self.table, |id| id);
        let mut queue = Least::default();
        for (place, id) in self.table.iter().enumerate() {
            queue.push((self.count_of(id), place), has_fewer);
        }
        queue
    }

    fn note(&mut self, member: &Arc<str>, task: &Task) -> usize {
        self.count = self.count.saturating_add(1);
        self.tasks.insert(task.clone());
        let count = self.counts.entry(Arc::clone(member)).or_default();
        *count = count.saturating_add(1);
        *count
    }
}

const fn has_fewer(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 < b.0
}
