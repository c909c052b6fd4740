//! Tasks of streams groups: who runs which, who follows it, and how far.

use std::collections::BTreeMap;

use crate::engine::group::streams::StreamsGroup;
use crate::engine::group::streams::member::Member;
use crate::engine::group::streams::tasks;

/// A task of a member of a streams group (KIP-1071): a part of the application's topology, for one partition.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for task in broker.groups().iter().flat_map(|group| &group.tasks) {
///     println!("{} {} {}_{}", task.member_id, task.kind, task.subtopology, task.partition);
/// }
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct TaskView {
    /// The id of the subtopology.
    pub subtopology: String,
    /// The partition.
    pub partition: i32,
    /// `active`, `standby` or `warmup`.
    pub kind: String,
    /// The id of the member.
    pub member_id: String,
    /// `assigned`; `revoking` if the member was told to give it up and has not; `awaited` if the target gives it the task and another
    /// member still has it, or it has not been told.
    pub state: String,
    /// How far its state has come, if the member said so: an offset in the changelog.
    pub offset: Option<i64>,
    /// Where the changelog ends, as the member saw it.
    pub end_offset: Option<i64>,
    /// What is missing up to there.
    pub lag: Option<i64>,
}

/// All tasks of the group's members, by subtopology and partition.
pub(super) fn of(group: &StreamsGroup) -> Vec<TaskView> {
    let mut rows: Vec<TaskView> = (group.members.values())
        .flat_map(|member| of_member(group, member))
        .collect();
    rows.sort_by(|a, b| {
        let place = |row: &TaskView| (row.subtopology.clone(), row.partition);
        place(a).cmp(&place(b))
    });
    rows
}

fn of_member(group: &StreamsGroup, member: &Member) -> Vec<TaskView> {
    let (has, revokes) = (&member.current.assigned, &member.current.revoking);
    let target = group.target.get(&member.id).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for (kind, assigned, revoking, wanted) in [
        (
            "active",
            has.active_ids(),
            revokes.active_ids(),
            target.active,
        ),
        (
            "standby",
            has.standby.clone(),
            revokes.standby.clone(),
            target.standby,
        ),
        (
            "warmup",
            has.warmup.clone(),
            revokes.warmup.clone(),
            target.warmup,
        ),
    ] {
        for (state, tasks) in [
            ("assigned", &assigned),
            ("revoking", &revoking),
            ("awaited", &wanted),
        ] {
            for (id, index) in tasks::each(tasks) {
                let is_told = state == "awaited"
                    && assigned.get(id).is_some_and(|known| known.contains(&index));
                if !is_told {
                    rows.push(row(group, member, (kind, state), (id, index)));
                }
            }
        }
    }
    rows
}

fn row(
    group: &StreamsGroup,
    member: &Member,
    (kind, state): (&str, &str),
    (id, index): (&String, i32),
) -> TaskView {
    let offsets = group.offsets_of(&member.id);
    let at = |offsets: &BTreeMap<String, BTreeMap<i32, i64>>| offsets.get(id)?.get(&index).copied();
    let (offset, end_offset) = (at(&offsets.reached), at(&offsets.ends));
    let lag = offset
        .zip(end_offset)
        .map(|(offset, end)| end.saturating_sub(offset).max(0));
    TaskView {
        subtopology: id.clone(),
        partition: index,
        kind: kind.to_owned(),
        member_id: member.id.to_string(),
        state: state.to_owned(),
        offset,
        end_offset,
        lag,
    }
}
