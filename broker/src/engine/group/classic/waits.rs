//! What a rebalance waits for that a test's clock has begun.

use std::sync::Arc;
use std::time::Duration;

use super::state::Gathering;
use super::{ClassicGroup, GroupTimerKind, State};
use crate::wire::units::WallMillis;

impl ClassicGroup {
    /// The phase of a rebalance, with its time-out, that began after `since` and waits for a member that lives.
    pub(crate) fn waits_for(
        &self,
        since: WallMillis,
        lives: impl Fn(&Arc<str>) -> bool,
    ) -> Option<(GroupTimerKind, Duration)> {
        let phase = match &self.state {
            State::PreparingRebalance(Gathering::Rejoining) => {
                let mut missing = self
                    .members()
                    .filter(|member| member.waiting_join.is_none());
                (
                    GroupTimerKind::Join,
                    missing.any(|member| lives(&member.id)),
                )
            }
            State::CompletingRebalance(unsynced) => {
                (GroupTimerKind::Sync, unsynced.iter().any(lives))
            }
            State::PreparingRebalance(Gathering::Initial { .. } | Gathering::Overdue { .. })
            | State::Empty
            | State::Stable(_)
            | State::Dead => return None,
        };
        let (timer, waits) = phase;
        (waits && self.since > since).then(|| (timer, self.rebalance_timeout()))
    }
}
