//! What must hold after every input.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Engine;
use crate::engine::group::Group;
use crate::engine::group::streams::StreamsGroup;
use crate::engine::group::streams::tasks::TaskIds;
use crate::engine::group::turn::GroupTimerKind;
use crate::engine::state::StateTimer;
use crate::wire::messages::StrBytes;

/// What clients were told so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    generations: BTreeMap<&'static str, BTreeSet<i32>>,
    /// Who has a partition, by group and generation.
    owners: BTreeMap<(&'static str, i32, i32), StrBytes>,
    committed: BTreeMap<(String, i32), i64>,
    /// The last epoch of each group as the coordinator has it, and whether it had no members.
    last: BTreeMap<String, (i32, bool)>,
}

impl Seen {
    pub(super) fn generation(&mut self, group: &'static str, generation: i32) {
        self.generations
            .entry(group)
            .or_default()
            .insert(generation);
    }

    /// A generation that was not written down is given again by the next coordinator.
    pub(super) fn forget_epochs(&mut self) {
        self.last.clear();
    }

    pub(super) fn generations(&self) -> usize {
        self.generations.values().map(BTreeSet::len).sum()
    }

    pub(super) fn commits(&self) -> usize {
        self.committed.len()
    }

    /// One generation gives a partition to one member.
    pub(super) fn owns(
        &mut self,
        group: &'static str,
        generation: i32,
        member: &StrBytes,
        partitions: impl IntoIterator<Item = i32>,
    ) {
        // Members of a consumer group (KIP-848) differ in their epochs while it reconciles.
        if group != "classic" {
            return;
        }
        for partition in partitions {
            let key = (group, generation, partition);
            let owner = self.owners.entry(key).or_insert_with(|| member.clone());
            assert_eq!(owner, member, "{key:?} has two owners");
        }
    }

    pub(super) fn check(&mut self, engine: &Engine) {
        // A group that nobody is in and that has no offsets is deleted in time.
        self.owners
            .retain(|(group, ..), _| engine.state.groups.get(group).is_some());
        self.last
            .retain(|group, _| engine.state.groups.get(group).is_some());
        for (id, group) in engine.state.groups.iter() {
            let (epoch, is_empty) = match group {
                Group::Classic(group) => (group.generation(), group.members().len() == 0),
                Group::Consumer(group) => {
                    check_owners(group);
                    (group.epoch, group.members.is_empty())
                }
                Group::Share(group) => (group.epoch, group.members.is_empty()),
                Group::Streams(group) => {
                    check_tasks(group);
                    (group.epoch, group.members.is_empty())
                }
            };
            let last = self.last.insert(id.to_string(), (epoch, is_empty));
            // Who comes by the other protocol when nobody is left begins a new group.
            self.check_commits(engine, id);
            let may_begin_anew = last.is_none_or(|(_, was_empty)| was_empty);
            let grows = last.is_none_or(|(before, _)| before <= epoch);
            assert!(
                may_begin_anew || grows,
                "{id} went from {last:?} to {epoch}"
            );
        }
        check_timers(engine);
        check_held(engine);
    }
}

impl Seen {
    /// Members commit ever larger offsets, so what is kept never goes back.
    fn check_commits(&mut self, engine: &Engine, group: &str) {
        for (_, partition, kept) in engine.state.groups.offsets.of_group(group) {
            let key = (group.to_owned(), partition);
            let last = self.committed.entry(key).or_insert(kept.offset);
            assert!(
                *last <= kept.offset,
                "{group}: {partition} goes back from {last}"
            );
            *last = kept.offset;
        }
    }
}

/// What the coordinator knows that its records tell: consumer groups, and offsets.
pub(super) fn written(engine: &Engine) -> Vec<String> {
    let told = engine.state.groups.iter().map(|(id, group)| {
        let mut offsets: Vec<_> = engine.state.groups.offsets.of_group(id).collect();
        offsets.sort_by_key(|(topic, partition, _)| (*topic, *partition));
        match group {
            Group::Classic(_) => format!("{id}: {offsets:?}"),
            Group::Consumer(group) => format!("{:?} {offsets:?}", group.as_written()),
            Group::Share(group) => format!("{:?}", group.as_written()),
            Group::Streams(group) => format!("{:?} {offsets:?}", group.as_written()),
        }
    });
    told.collect()
}

/// No two members have a partition, or have to give it up still.
fn check_owners(group: &crate::engine::group::consumer::ConsumerGroup) {
    let mut owners = BTreeMap::new();
    for member in group.members.values() {
        let current = &member.current;
        for (topic, partitions) in current.assigned.iter().chain(&current.revoking) {
            for partition in partitions.keys() {
                if let Some(other) = owners.insert((topic, partition), &member.id) {
                    panic!("{partition} belongs to {other} and {}", member.id);
                }
            }
        }
    }
}

/// A task is active at one member, and no process has it twice. A member that becomes a follower of its own task has both
/// until it has given up the active one.
fn check_tasks(group: &StreamsGroup) {
    let mut active = BTreeMap::new();
    let mut by_process = BTreeMap::new();
    for member in group.members.values() {
        let current = &member.current;
        let process = &*member.description.process_id;
        let had = [current.assigned.active_ids(), current.revoking.active_ids()];
        for (id, index) in had.iter().flat_map(each) {
            if let Some(other) = active.insert((id.to_owned(), index), &member.id) {
                panic!("{id}_{index} is active at {other} and {}", member.id);
            }
        }
        let of_assigned = [current.assigned.active_ids(), current.assigned.replicas()];
        for (id, index) in of_assigned.iter().flat_map(each) {
            let task = (process.to_owned(), id.to_owned(), index);
            if let Some(other) = by_process.insert(task, &member.id) {
                panic!("{process} has {id}_{index} at {other} and {}", member.id);
            }
        }
    }
}

fn each(tasks: &TaskIds) -> impl Iterator<Item = (&str, i32)> {
    tasks
        .iter()
        .flat_map(|(id, indexes)| indexes.iter().map(|index| (id.as_str(), *index)))
}

/// Timers are of groups and members that are there.
pub(super) fn check_timers(engine: &Engine) {
    for (_, key) in engine.state.timers.iter() {
        let StateTimer::Group(timer) = key else {
            continue;
        };
        let Some(group) = engine.state.groups.get(&timer.group) else {
            panic!("{timer:?} outlives its group");
        };
        let (GroupTimerKind::Session(id) | GroupTimerKind::Revocation(id)) = &timer.kind else {
            continue;
        };
        let is_there = match group {
            Group::Classic(group) => group.member(id).is_some() || group.is_pending(id),
            Group::Consumer(group) => group.members.contains_key(id),
            Group::Share(group) => group.members.contains_key(id),
            Group::Streams(group) => group.members.contains_key(id),
        };
        assert!(is_there, "{timer:?} outlives its member {group:?}");
    }
}

/// A request that is held belongs to a member that awaits it.
pub(super) fn check_held(engine: &Engine) {
    let mut awaited = BTreeSet::new();
    for (_, group) in engine.state.groups.iter() {
        if let Group::Classic(group) = group {
            for member in group.members() {
                awaited.extend(member.waiting_join);
                awaited.extend(member.waiting_sync);
            }
        }
    }
    for ticket in engine.passage.held.tickets() {
        assert!(awaited.contains(&ticket), "{ticket:?} is forgotten");
    }
}

/// Nobody is there any more, and nothing waits.
pub(super) fn check_quiet(engine: &Engine) {
    assert_eq!(engine.passage.held.tickets().count(), 0);
    for (id, group) in engine.state.groups.iter() {
        let members = match group {
            Group::Classic(group) => group.members().len(),
            Group::Consumer(group) => group.members.len(),
            Group::Share(group) => group.members.len(),
            Group::Streams(group) => group.members.len(),
        };
        assert_eq!(members, 0, "{id}");
    }
    let of_group = |key: &StateTimer| matches!(key, StateTimer::Group(_));
    assert!(!engine.state.timers.iter().any(|(_, key)| of_group(key)));
}
