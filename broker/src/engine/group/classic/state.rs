//! The states of a classic group, each with what only it has.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Where a classic group stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Without members; it may have committed offsets.
    Empty,
    /// Members are gathered for the next generation.
    PreparingRebalance(Gathering),
    /// The generation is known, its assignment is not.
    CompletingRebalance(Unsynced),
    Stable(Unsynced),
    /// Its coordinator has given it up.
    Dead,
}

/// The members that have not asked for their assignment.
pub(crate) type Unsynced = BTreeSet<Arc<str>>;

/// What ends the gathering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gathering {
    /// An empty group's first rebalance waits a while for more members, and longer if some come.
    Initial {
        /// How long this wait takes.
        delay: Duration,
        /// How much longer it may be extended.
        remaining: Duration,
    },
    /// All known members have come, or the rebalance timeout is over.
    Rejoining,
    /// The time was over, and nobody had come. From then on, the end of each period ends it if somebody has.
    Overdue {
        /// When a period began, since the engine's start.
        since: Duration,
        /// Never zero.
        period: Duration,
        /// It began as an empty group's first.
        is_initial: bool,
    },
}

impl State {
    /// As Kafka names it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance(_) => "PreparingRebalance",
            Self::CompletingRebalance(_) => "CompletingRebalance",
            Self::Stable(_) => "Stable",
            Self::Dead => "Dead",
        }
    }

    /// Whether Kafka lets a group go from this state to another.
    pub(super) const fn may_become(&self, next: &Self) -> bool {
        match next {
            Self::Empty | Self::CompletingRebalance(_) => {
                matches!(self, Self::PreparingRebalance(_))
            }
            Self::PreparingRebalance(_) => self.may_rebalance(),
            Self::Stable(_) => matches!(self, Self::CompletingRebalance(_)),
            Self::Dead => true,
        }
    }

    /// Whether a rebalance may begin.
    pub(super) const fn may_rebalance(&self) -> bool {
        matches!(
            self,
            Self::Empty | Self::CompletingRebalance(_) | Self::Stable(_)
        )
    }

    pub(super) const fn is_preparing(&self) -> bool {
        matches!(self, Self::PreparingRebalance(_))
    }

    pub(super) const fn is_initial(&self) -> bool {
        let Self::PreparingRebalance(gathering) = self else {
            return false;
        };
        match gathering {
            Gathering::Initial { .. } => true,
            Gathering::Rejoining => false,
            Gathering::Overdue { is_initial, .. } => *is_initial,
        }
    }

    /// The members that have not asked for their assignment, where some may.
    pub(super) const fn unsynced(&mut self) -> Option<&mut Unsynced> {
        match self {
            Self::CompletingRebalance(unsynced) | Self::Stable(unsynced) => Some(unsynced),
            Self::Empty | Self::PreparingRebalance(_) | Self::Dead => None,
        }
    }
}
