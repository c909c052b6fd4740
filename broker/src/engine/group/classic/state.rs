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
        matches!(self, Self::PreparingRebalance(Gathering::Initial { .. }))
    }

    /// The members that have not asked for their assignment, where some may.
    pub(super) const fn unsynced(&mut self) -> Option<&mut Unsynced> {
        match self {
            Self::CompletingRebalance(unsynced) | Self::Stable(unsynced) => Some(unsynced),
            Self::Empty | Self::PreparingRebalance(_) | Self::Dead => None,
        }
    }
}
