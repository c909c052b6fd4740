//! One step of a member towards its target: it gives up first, and gets what is free.
//!
//! Oracle: a process must not run a task twice, since its members share a state directory. So a task waits while another member of
//! the same process has it in any role; an active one also while anybody runs it. A task that changes its role within one
//! member does so at once, except that a replica becomes active only when the active one is free.

use std::collections::{BTreeMap, BTreeSet};

use super::member::{Current, Member, MemberState};
use super::owners::Owners;
use super::tasks::{ActiveTasks, OwnedTasks, TaskIds, Tasks, has, put, take};
use crate::engine::api_error::ApiError;
use crate::wire::error::ErrorCode;

/// What a step depends on besides the member.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) owners: &'a Owners,
    pub(super) target_epoch: i32,
    pub(super) target: &'a Tasks,
    /// What the member says that it has; none if it did not say.
    pub(super) reported: Option<&'a Tasks>,
}

/// What becomes of a member's tasks.
#[derive(Debug, Default)]
struct Plan {
    keeps: OwnedTasks,
    gives_up: OwnedTasks,
    gets: OwnedTasks,
    /// Some of the target is still somebody else's.
    waits: bool,
}

/// The member after the step.
pub(super) fn reconciled(member: &Member, step: &Step<'_>) -> Result<Member, ApiError> {
    let current = &member.current;
    if member.is_reconciled_to(step.target_epoch) {
        return Ok(member.clone());
    }
    match current.state {
        MemberState::UnrevokedTasks if still_has(step.reported, &current.revoking) => {
            Ok(member.clone())
        }
        MemberState::UnrevokedTasks => Ok(towards(member, step, current.epoch.saturating_add(1))),
        MemberState::Stable | MemberState::UnreleasedTasks => {
            Ok(towards(member, step, current.epoch))
        }
        MemberState::Unknown if step.reported.is_some_and(Tasks::is_empty) => {
            Ok(towards(member, step, step.target_epoch))
        }
        MemberState::Unknown => Err(ApiError::new(
            ErrorCode::FencedMemberEpoch,
            "The streams group member is in a unknown state. The member must abandon all its tasks and rejoin.",
        )),
    }
}

/// Whether the member may still have some of the tasks: it said so, or it did not say.
fn still_has(reported: Option<&Tasks>, tasks: &OwnedTasks) -> bool {
    reported.is_none_or(|reported| reported.has_any_of(tasks))
}

fn towards(member: &Member, step: &Step<'_>, epoch: i32) -> Member {
    let had = &member.current.assigned;
    let mut plan = plan(member, step);
    change_roles(had, &mut plan);
    drop_promoted(&had.standby, step.target, &mut plan.gives_up.standby);
    drop_promoted(&had.warmup, step.target, &mut plan.gives_up.warmup);
    let must_give_up = !plan.gives_up.is_empty() && still_has(step.reported, &plan.gives_up);
    let granted = if must_give_up {
        None
    } else {
        Some(&plan.gets.active)
    };
    keep_unpromoted(&had.standby, step.target, granted, &mut plan.keeps.standby);
    keep_unpromoted(&had.warmup, step.target, granted, &mut plan.keeps.warmup);
    let (state, epoch, assigned, revoking) = if must_give_up {
        (
            MemberState::UnrevokedTasks,
            epoch,
            plan.keeps,
            plan.gives_up,
        )
    } else {
        let state = if plan.waits {
            MemberState::UnreleasedTasks
        } else {
            MemberState::Stable
        };
        let assigned = plan.keeps.with(plan.gets);
        (state, step.target_epoch, assigned, OwnedTasks::default())
    };
    let current = Current {
        epoch,
        previous_epoch: member.current.epoch,
        state,
        assigned,
        revoking,
    };
    Member {
        current,
        ..member.clone()
    }
}

fn plan(member: &Member, step: &Step<'_>) -> Plan {
    let mut plan = Plan::default();
    plan_active(member, step, &mut plan);
    let had = &member.current.assigned;
    let process = &*member.description.process_id;
    let owners = step.owners;
    let is_active_here = |id: &str, index| owners.active(id, index) == Some(process);
    let standby_elsewhere =
        |id: &str, index| owners.has_standby(id, index, process) && !has(&had.standby, id, index);
    let warmup_elsewhere =
        |id: &str, index| owners.has_warmup(id, index, process) && !has(&had.warmup, id, index);
    let is_own_active = |id: &str, index| {
        had.active
            .get(id)
            .is_some_and(|indexes| indexes.contains_key(&index))
    };
    plan.waits |= difference(
        (&had.standby, &step.target.standby),
        (
            &mut plan.keeps.standby,
            &mut plan.gives_up.standby,
            &mut plan.gets.standby,
        ),
        |id, index| {
            (is_active_here(id, index) && !is_own_active(id, index))
                || owners.has_standby(id, index, process)
                || warmup_elsewhere(id, index)
        },
    );
    plan.waits |= difference(
        (&had.warmup, &step.target.warmup),
        (
            &mut plan.keeps.warmup,
            &mut plan.gives_up.warmup,
            &mut plan.gets.warmup,
        ),
        |id, index| {
            is_active_here(id, index)
                || standby_elsewhere(id, index)
                || owners.has_warmup(id, index, process)
        },
    );
    plan
}

fn plan_active(member: &Member, step: &Step<'_>, plan: &mut Plan) {
    let had = &member.current.assigned;
    let process = &*member.description.process_id;
    let owners = step.owners;
    let is_taken = |id: &str, index: i32| {
        owners.active(id, index).is_some()
            || (owners.has_standby(id, index, process) && !has(&had.standby, id, index))
            || (owners.has_warmup(id, index, process) && !has(&had.warmup, id, index))
    };
    let none = BTreeMap::new();
    let nothing = BTreeSet::new();
    let ids: BTreeSet<&String> = step.target.active.keys().chain(had.active.keys()).collect();
    for id in ids {
        let owned = had.active.get(id).unwrap_or(&none);
        let wanted = step.target.active.get(id).unwrap_or(&nothing);
        for (index, epoch) in owned {
            let to = if wanted.contains(index) {
                &mut plan.keeps
            } else {
                &mut plan.gives_up
            };
            to.active
                .entry(id.clone())
                .or_default()
                .insert(*index, *epoch);
        }
        for index in wanted.iter().filter(|index| !owned.contains_key(index)) {
            if is_taken(id, *index) {
                plan.waits = true;
            } else {
                let gets = plan.gets.active.entry(id.clone()).or_default();
                gets.insert(*index, step.target_epoch);
            }
        }
    }
}

/// Sorts replicas into those that stay, go and come; says whether one has to wait.
fn difference(
    (had, target): (&TaskIds, &TaskIds),
    (keeps, gives_up, gets): (&mut TaskIds, &mut TaskIds, &mut TaskIds),
    is_taken: impl Fn(&str, i32) -> bool,
) -> bool {
    for (id, indexes) in had {
        for index in indexes {
            let to = if has(target, id, *index) {
                &mut *keeps
            } else {
                &mut *gives_up
            };
            put(to, id, *index);
        }
    }
    let mut waits = false;
    for (id, indexes) in target {
        for index in indexes.iter().filter(|index| !has(had, id, **index)) {
            if is_taken(id, *index) {
                waits = true;
            } else {
                put(gets, id, *index);
            }
        }
    }
    waits
}

/// What a member has in another role it gets in the new one at once.
fn change_roles(had: &OwnedTasks, plan: &mut Plan) {
    for (id, indexes) in &had.active {
        for index in indexes.keys() {
            grant(&mut plan.gets.standby, &mut plan.keeps.standby, id, *index);
        }
    }
    let Plan {
        keeps,
        gives_up,
        gets,
        ..
    } = plan;
    for (id, index) in each(&had.standby) {
        if grant(&mut gets.warmup, &mut keeps.warmup, id, index) {
            take(&mut gives_up.standby, id, index);
        }
    }
    for (id, index) in each(&had.warmup) {
        if grant(&mut gets.standby, &mut keeps.standby, id, index) {
            take(&mut gives_up.warmup, id, index);
        }
    }
}

fn each(tasks: &TaskIds) -> impl Iterator<Item = (&str, i32)> {
    tasks
        .iter()
        .flat_map(|(id, indexes)| indexes.iter().map(|index| (id.as_str(), *index)))
}

fn grant(gets: &mut TaskIds, keeps: &mut TaskIds, id: &str, index: i32) -> bool {
    let granted = has(gets, id, index);
    if granted {
        take(gets, id, index);
        put(keeps, id, index);
    }
    granted
}

/// A replica that is to become active is not given up before.
fn drop_promoted(had: &TaskIds, target: &Tasks, gives_up: &mut TaskIds) {
    for (id, index) in each(had) {
        if has(&target.active, id, index) {
            take(gives_up, id, index);
        }
    }
}

/// A replica stays one until it becomes active in this step.
fn keep_unpromoted(
    had: &TaskIds,
    target: &Tasks,
    granted: Option<&ActiveTasks>,
    keeps: &mut TaskIds,
) {
    let is_granted = |id: &str, index: i32| {
        let indexes = granted.and_then(|granted| granted.get(id));
        indexes.is_some_and(|indexes| indexes.contains_key(&index))
    };
    for (id, index) in each(had) {
        if has(&target.active, id, index) && !is_granted(id, index) {
            put(keeps, id, index);
        }
    }
}
