//! What a member says in a heartbeat, and what of it cannot be.

use std::sync::Arc;

use super::member::Member;
use super::tasks::{ActiveTasks, TaskIds, Tasks};
use super::topics::Configured;
use super::{Offsets, StreamsGroup, TaskOffsets};
use crate::engine::api_error::ApiError;
use crate::wire::error::ErrorCode;
use crate::wire::state_records::StreamsGroupTopologyValue;

/// The fields of a heartbeat; none where it has not changed since the last one.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeartbeatUpdate {
    pub(crate) member: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    pub(crate) rebalance_timeout_ms: Option<i32>,
    pub(crate) topology: Option<StreamsGroupTopologyValue>,
    pub(crate) process_id: Option<String>,
    pub(crate) endpoint: Option<(String, u16)>,
    pub(crate) client_tags: Option<Vec<(String, String)>>,
    /// What it says that it runs.
    pub(crate) reported: Option<Reported>,
    pub(crate) task_offsets: Option<Vec<TaskOffset>>,
    pub(crate) task_end_offsets: Option<Vec<TaskOffset>>,
    pub(crate) shuts_down: bool,
    pub(crate) endpoint_epoch: i32,
}

/// Tasks as a member lists them.
pub(crate) type TaskList = Vec<(String, Vec<i32>)>;

/// Active, standby and warm-up tasks.
pub(crate) type Reported = [TaskList; 3];

/// How far a task's state has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskOffset {
    pub(crate) subtopology: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
}

impl StreamsGroup {
    /// Notes how far the member's state has come. Oracle: that is noted though the heartbeat then fails.
    pub(super) fn note_offsets(&mut self, update: &HeartbeatUpdate) -> Result<(), ApiError> {
        if update.task_offsets.is_none() && update.task_end_offsets.is_none() {
            return Ok(());
        }
        let mut offsets = self.offsets_of(&update.member);
        if let Some(reached) = &update.task_offsets {
            offsets.reached = by_task(reached)?;
        }
        if let Some(ends) = &update.task_end_offsets {
            offsets.ends = by_task(ends)?;
        }
        self.soft
            .offsets
            .insert(Arc::clone(&update.member), offsets);
        Ok(())
    }

    /// How far a member said that its state has come.
    pub(crate) fn offsets_of(&self, member: &str) -> Offsets {
        self.soft.offsets.get(member).cloned().unwrap_or_default()
    }
}

pub(super) fn is_within(reported: Option<&Reported>, member: &Member) -> bool {
    let Some([active, standby, warmup]) = reported else {
        return false;
    };
    let assigned = &member.current.assigned;
    let has_all = |tasks: &TaskIds, list: &TaskList| {
        list.iter().all(|(id, indexes)| {
            let known = tasks.get(id);
            known.is_some_and(|known| indexes.iter().all(|index| known.contains(index)))
        })
    };
    let has_active = |tasks: &ActiveTasks| {
        active.iter().all(|(id, indexes)| {
            let known = tasks.get(id);
            known.is_some_and(|known| indexes.iter().all(|index| known.contains_key(index)))
        })
    };
    has_active(&assigned.active)
        && has_all(&assigned.standby, standby)
        && has_all(&assigned.warmup, warmup)
}

/// What a member reports, as tasks. Oracle: Kafka has no words for a subtopology that comes twice.
pub(super) fn as_tasks(reported: &Reported) -> Result<Tasks, ApiError> {
    let [active, standby, warmup] = reported.each_ref().map(|list| {
        let tasks: TaskIds = list
            .iter()
            .map(|(id, indexes)| (id.clone(), indexes.iter().copied().collect()))
            .collect();
        (tasks.len() == list.len()).then_some(tasks)
    });
    match (active, standby, warmup) {
        (Some(active), Some(standby), Some(warmup)) => Ok(Tasks {
            active,
            standby,
            warmup,
        }),
        _ => Err(ErrorCode::UnknownServerError.into()),
    }
}

/// Refuses tasks that the topology does not have.
pub(super) fn check_tasks(
    configured: &Configured,
    update: &HeartbeatUpdate,
) -> Result<(), ApiError> {
    let (true, Some(subtopologies)) = (configured.is_ready(), &configured.subtopologies) else {
        return Ok(());
    };
    let invalid = |message: String| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    for (id, indexes) in update.reported.iter().flatten().flatten() {
        let Some(subtopology) = subtopologies.get(id) else {
            return invalid(format!("Subtopology {id} does not exist in the topology."));
        };
        let tasks = subtopology.tasks;
        if let Some(index) = indexes.iter().find(|index| !(0..tasks).contains(*index)) {
            return invalid(format!(
                "Task {index} for subtopology {id} is invalid. Number of tasks for this \
                 subtopology: {tasks}"
            ));
        }
    }
    Ok(())
}

fn by_task(list: &[TaskOffset]) -> Result<TaskOffsets, ApiError> {
    let mut offsets = TaskOffsets::new();
    for TaskOffset {
        subtopology,
        partition,
        offset,
    } in list
    {
        let known = offsets.entry(subtopology.clone()).or_default();
        if known.insert(*partition, *offset).is_some() {
            let message = format!(
                "Task offsets contain a duplicate entry for subtopology {subtopology} and \
                 partition {partition}."
            );
            return Err(ApiError::new(ErrorCode::InvalidRequest, message));
        }
    }
    Ok(offsets)
}
