//! The sticky task assignor (KIP-1071), Kafka's only one.
//!
//! Oracle: tasks stay where they are as far as members are not given more than their share; then active tasks go to who has them
//! as a standby, then to the process with the least load. `fixtures/task_assignors` has what Kafka gives.

mod load;
mod process;
mod sticky;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tasks::TaskIds;

pub(crate) use sticky::assign;

/// The assignor's name.
pub(crate) const STICKY: &str = "sticky";

/// A member as the assignor sees it.
#[derive(Debug, Clone)]
pub(crate) struct MemberSpec {
    pub(crate) id: Arc<str>,
    pub(crate) process_id: String,
    /// What it runs.
    pub(crate) active: TaskIds,
    pub(crate) standby: TaskIds,
    /// How far its state has come, by task, as it said.
    pub(crate) offsets: BTreeMap<String, BTreeMap<i32, i64>>,
}

/// A subtopology as the assignor sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SubtopologySpec {
    pub(crate) tasks: i32,
    /// Whether it keeps state, which standby tasks copy.
    pub(crate) is_stateful: bool,
}

/// What is to be assigned.
#[derive(Debug)]
pub(crate) struct Spec<'a> {
    /// In the order in which the assignor walks them.
    pub(crate) members: &'a [MemberSpec],
    pub(crate) subtopologies: &'a BTreeMap<String, SubtopologySpec>,
    pub(crate) standby_replicas: usize,
}

/// A part of a subtopology's work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Task {
    subtopology: String,
    index: i32,
}
