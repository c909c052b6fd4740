//! Who gets which task.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::load::Least;
use super::process::Process;
use super::{MemberSpec, Spec, Task};
use crate::engine::group::streams::tasks::{Tasks, put};
use crate::engine::java::{hash, hash_map};

/// Tasks by member. The reason, if there is nobody to give them to.
pub(crate) fn assign(spec: &Spec<'_>) -> Result<BTreeMap<Arc<str>, Tasks>, String> {
    let mut work = Work::new(spec);
    work.assign_active(spec)?;
    if spec.standby_replicas > 0 {
        work.assign_standby(spec);
    }
    Ok(work.assigned)
}

/// A member, and the place of its process.
#[derive(Debug, Clone)]
struct Place {
    member: Arc<str>,
    process: usize,
}

/// How many tasks a member may have, while others lack theirs.
#[derive(Debug)]
struct Quota {
    tasks: usize,
    members: usize,
    each: usize,
}

impl Quota {
    fn new(tasks: usize, members: usize) -> Self {
        let each = tasks.checked_div(members).unwrap_or_default();
        let rest = tasks.checked_rem(members).unwrap_or_default();
        Self {
            tasks,
            members,
            each: each.saturating_add(usize::from(rest > 0)),
        }
    }

    /// A member has so many now. Who has its share does not count any more.
    fn note(&mut self, count: usize) {
        if count == self.each {
            *self = Self::new(
                self.tasks.saturating_sub(count),
                self.members.saturating_sub(1),
            );
        }
    }
}

#[derive(Debug)]
struct Work {
    processes: Vec<Process>,
    /// The processes in the order of Kafka's table of them.
    table: Vec<usize>,
    had_active: BTreeMap<Task, Place>,
    /// Who had a task's state, the best first.
    had_standby: BTreeMap<Task, Vec<Place>>,
    active: Quota,
    all: Quota,
    assigned: BTreeMap<Arc<str>, Tasks>,
}

impl Work {
    fn new(spec: &Spec<'_>) -> Self {
        let mut ids: Vec<&str> = Vec::new();
        let mut processes: Vec<Process> = Vec::new();
        let mut had_active = BTreeMap::new();
        let mut candidates: BTreeMap<Task, Vec<Candidate>> = BTreeMap::new();
        for member in spec.members {
            let known = ids.iter().position(|id| *id == member.process_id);
            let process = known.unwrap_or_else(|| {
                ids.push(&member.process_id);
                processes.push(Process::default());
                ids.len().saturating_sub(1)
            });
            if let Some(process) = processes.get_mut(process) {
                process.add_member(&member.id);
            }
            let place = Place {
                member: Arc::clone(&member.id),
                process,
            };
            for task in tasks_of(&member.active) {
                had_active.insert(task, place.clone());
            }
            add_candidates(&mut candidates, member, &place);
        }
        let members = spec.members.len();
        let counts = spec.subtopologies.values();
        let active: usize = counts.clone().map(|row| count(row.tasks)).sum();
        let stateful = counts.filter(|row| row.is_stateful);
        let standby: usize = stateful
            .map(|row| count(row.tasks).saturating_mul(spec.standby_replicas))
            .sum();
        // Oracle: the table is made for all members, and `computeIfAbsent` puts each process before those in its bucket.
        let mut table: Vec<usize> = (0..ids.len()).rev().collect();
        let made_for = hash_map::made_for_none_of(members);
        let buckets = hash_map::grown_from(made_for, ids.len().saturating_sub(1));
        hash_map::sort_in(&mut table, buckets, |at| {
            hash::of_str(ids.get(*at).unwrap_or(&""))
        });
        Self {
            processes,
            table,
            had_active,
            had_standby: candidates.into_iter().map(ranked).collect(),
            active: Quota::new(active, members),
            all: Quota::new(active.saturating_add(standby), members),
            assigned: spec
                .members
                .iter()
                .map(|member| (Arc::clone(&member.id), Tasks::default()))
                .collect(),
        }
    }

    fn assign_active(&mut self, spec: &Spec<'_>) -> Result<(), String> {
        let mut tasks = all_tasks(spec, |_| true);
        tasks.sort_by(|a, b| (a.index, &a.subtopology).cmp(&(b.index, &b.subtopology)));
        tasks.retain(|task| {
            let place = self.had_active.get(task).cloned();
            !self.keep_active(task, place)
        });
        tasks.retain(|task| {
            let place = self.least_loaded(task, false);
            !self.keep_active(task, place)
        });
        tasks.sort();
        let mut queue = self.by_load();
        for task in tasks {
            let none = || {
                format!(
                    "No process available to assign active task {}_{}.",
                    task.subtopology, task.index
                )
            };
            let process = queue
                .pop(|a, b| self.is_less_loaded(a, b))
                .ok_or_else(none)?;
            let given = self
                .processes
                .get_mut(process)
                .and_then(|process| process.give_to_least_loaded(&task));
            let (member, count) = given.ok_or_else(none)?;
            self.note_active(&member, &task, count);
            queue.push(process, |a, b| self.is_less_loaded(a, b));
        }
        Ok(())
    }

    /// Leaves an active task with who had it, if that one has not got its share yet.
    fn keep_active(&mut self, task: &Task, place: Option<Place>) -> bool {
        let Some(place) = place else {
            return false;
        };
        let Some(process) = self.processes.get_mut(place.process) else {
            return false;
        };
        if process.count_of(&place.member) >= self.active.each {
            return false;
        }
        let count = process.give(&place.member, task);
        self.note_active(&place.member, task, count);
        true
    }

    fn note_active(&mut self, member: &Arc<str>, task: &Task, count: usize) {
        let assigned = self.assigned.entry(Arc::clone(member)).or_default();
        put(&mut assigned.active, &task.subtopology, task.index);
        self.active.note(count);
        self.all.note(count);
    }

    fn assign_standby(&mut self, spec: &Spec<'_>) {
        let mut tasks = all_tasks(spec, |is_stateful| is_stateful);
        tasks.sort_by(|a, b| (b.index, &b.subtopology).cmp(&(a.index, &a.subtopology)));
        let mut rest = Vec::new();
        for task in tasks {
            let mut given = 0;
            while given < spec.standby_replicas && self.keep_standby(&task) {
                given = given.saturating_add(1);
            }
            if given < spec.standby_replicas {
                rest.push((task, spec.standby_replicas.saturating_sub(given)));
            }
        }
        rest.sort_by(|(a, _), (b, _)| b.cmp(a));
        let mut queue = self.by_load();
        for (task, replicas) in rest {
            for _ in 0..replicas {
                if !self.give_standby(&mut queue, &task) {
                    break;
                }
            }
        }
    }

    /// Gives a standby task to who ran it, or else to who had its state.
    fn keep_standby(&mut self, task: &Task) -> bool {
        let ran = self.had_active.get(task).cloned();
        let ran = ran.filter(|place| {
            let process = self.processes.get(place.process);
            process.is_some_and(|process| {
                !process.has(task) && process.count_of(&place.member) < self.all.each
            })
        });
        let place = ran.or_else(|| self.least_loaded(task, true));
        let Some(place) = place else {
            return false;
        };
        let Some(process) = self.processes.get_mut(place.process) else {
            return false;
        };
        if process.count_of(&place.member) >= self.all.each {
            return false;
        }
        let count = process.give(&place.member, task);
        self.note_standby(&place.member, task, count);
        true
    }

    fn note_standby(&mut self, member: &Arc<str>, task: &Task, count: usize) {
        let assigned = self.assigned.entry(Arc::clone(member)).or_default();
        put(&mut assigned.standby, &task.subtopology, task.index);
        self.all.note(count);
    }

    /// Gives a standby task to the least loaded process that does not have it.
    fn give_standby(&mut self, queue: &mut Least<usize>, task: &Task) -> bool {
        let mut passed = Vec::new();
        let mut given = None;
        while let Some(at) = queue.pop(|a, b| self.is_less_loaded(a, b)) {
            passed.push(at);
            let process = self
                .processes
                .get_mut(at)
                .filter(|process| !process.has(task));
            if let Some(process) = process {
                given = process.give_to_least_loaded(task);
                break;
            }
        }
        if let Some((member, count)) = &given {
            self.note_standby(member, task, *count);
        }
        for at in passed.into_iter().rev() {
            queue.push(at, |a, b| self.is_less_loaded(a, b));
        }
        given.is_some()
    }

    /// Of those who had a task's state the one with the least load; without those whose process has the task.
    fn least_loaded(&self, task: &Task, without_owners: bool) -> Option<Place> {
        let mut found: Option<(f64, usize, &Place)> = None;
        for place in self.had_standby.get(task)? {
            let process = self.processes.get(place.process)?;
            if without_owners && process.has(task) {
                continue;
            }
            let (load, count) = (process.load(), process.count_of(&place.member));
            if found.is_none_or(|(least, fewest, _)| load < least && count < fewest) {
                found = Some((load, count, place));
            }
        }
        found.map(|(_, _, place)| place.clone())
    }

    fn by_load(&self) -> Least<usize> {
        let mut queue = Least::default();
        for at in &self.table {
            queue.push(*at, |a, b| self.is_less_loaded(a, b));
        }
        queue
    }

    fn is_less_loaded(&self, a: usize, b: usize) -> bool {
        let load = |at: usize| self.processes.get(at).map_or(f64::MAX, Process::load);
        load(a) < load(b)
    }
}

/// Who may have a task's state.
#[derive(Debug)]
struct Candidate {
    place: Place,
    was_standby: bool,
    offset: i64,
}

fn add_candidates(
    candidates: &mut BTreeMap<Task, Vec<Candidate>>,
    member: &MemberSpec,
    place: &Place,
) {
    let offset = |task: &Task| {
        let offsets = member.offsets.get(&task.subtopology);
        offsets
            .and_then(|offsets| offsets.get(&task.index))
            .copied()
    };
    let mut add = |task: Task, was_standby, offset| {
        let place = place.clone();
        let candidate = Candidate {
            place,
            was_standby,
            offset,
        };
        candidates.entry(task).or_default().push(candidate);
    };
    for task in tasks_of(&member.standby) {
        let offset = offset(&task).unwrap_or_default();
        add(task, true, offset);
    }
    for (subtopology, offsets) in &member.offsets {
        let standby = member.standby.get(subtopology);
        for (index, offset) in offsets {
            if !standby.is_some_and(|indexes| indexes.contains(index)) {
                let task = Task {
                    subtopology: subtopology.clone(),
                    index: *index,
                };
                add(task, false, *offset);
            }
        }
    }
}

fn ranked((task, mut candidates): (Task, Vec<Candidate>)) -> (Task, Vec<Place>) {
    candidates
        .sort_by_key(|candidate| (!candidate.was_standby, std::cmp::Reverse(candidate.offset)));
    (
        task,
        candidates
            .into_iter()
            .map(|candidate| candidate.place)
            .collect(),
    )
}

fn tasks_of(
    tasks: &crate::engine::group::streams::tasks::TaskIds,
) -> impl Iterator<Item = Task> + '_ {
    tasks.iter().flat_map(|(id, indexes)| {
        indexes.iter().map(|index| Task {
            subtopology: id.clone(),
            index: *index,
        })
    })
}

fn all_tasks(spec: &Spec<'_>, wanted: impl Fn(bool) -> bool) -> Vec<Task> {
    let rows = spec
        .subtopologies
        .iter()
        .filter(|(_, row)| wanted(row.is_stateful));
    rows.flat_map(|(id, row)| {
        (0..row.tasks).map(|index| Task {
            subtopology: id.clone(),
            index,
        })
    })
    .collect()
}

fn count(tasks: i32) -> usize {
    usize::try_from(tasks).unwrap_or_default()
}
