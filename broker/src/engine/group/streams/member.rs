//! A member of a streams group: how it described itself, and what it runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tasks::OwnedTasks;

/// The epoch of a static member that is away for a while.
pub(crate) const LEAVING_STATIC: i32 = -2;

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: Arc<str>,
    pub(crate) description: Description,
    pub(crate) current: Current,
}

/// How a member described itself: what its metadata record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: Arc<str>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) topology_epoch: i32,
    /// Members of one process share its state directory.
    pub(crate) process_id: String,
    /// Where other members find it, for interactive queries.
    pub(crate) endpoint: Option<(String, u16)>,
    pub(crate) client_tags: BTreeMap<String, String>,
}

/// Where a member stands: what its current assignment record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) state: MemberState,
    pub(crate) assigned: OwnedTasks,
    /// Told to give up, and not yet given up.
    pub(crate) revoking: OwnedTasks,
}

/// How far a member has come towards its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberState {
    Stable,
    /// It has to give up tasks first.
    UnrevokedTasks,
    /// It waits for tasks that others have to give up.
    UnreleasedTasks,
    /// A later Kafka wrote another number.
    Unknown,
}

impl Member {
    /// A member of which nothing is known yet.
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            description: Description::default(),
            current: Current::default(),
        }
    }

    /// Whether it has what the target of this epoch gives it.
    pub(crate) fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.current.state == MemberState::Stable && self.current.epoch == epoch
    }

    pub(crate) fn instance_id(&self) -> Option<&str> {
        self.description.instance_id.as_deref()
    }
}

impl Default for Description {
    fn default() -> Self {
        Self {
            instance_id: None,
            rack_id: None,
            client_id: String::new(),
            client_host: "".into(),
            rebalance_timeout_ms: -1,
            topology_epoch: -1,
            process_id: String::new(),
            endpoint: None,
            client_tags: BTreeMap::new(),
        }
    }
}

impl Default for Current {
    fn default() -> Self {
        Self {
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            assigned: OwnedTasks::default(),
            revoking: OwnedTasks::default(),
        }
    }
}

impl MemberState {
    /// By Kafka's number.
    pub(super) const fn numbered(number: i8) -> Self {
        match number {
            1 => Self::Stable,
            2 => Self::UnrevokedTasks,
            3 => Self::UnreleasedTasks,
            _ => Self::Unknown,
        }
    }

    /// Kafka's number.
    pub(crate) const fn number(self) -> i8 {
        match self {
            Self::Stable => 1,
            Self::UnrevokedTasks => 2,
            Self::UnreleasedTasks => 3,
            Self::Unknown => 127,
        }
    }
}
