//! Time as the engine sees it: always an argument, never read.

use std::time::Duration;

use crate::wire::units::WallMillis;

/// One moment on both clocks. Timers run on `elapsed`; record timestamps are `wall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Now {
    /// Time since the engine was made; never goes back.
    pub(crate) elapsed: Duration,
    /// The wall clock at the same moment.
    pub(crate) wall: WallMillis,
}

impl Now {
    /// The moment at which the elapsed time is `elapsed`, if this one is not past it.
    #[must_use]
    pub(crate) fn until(self, elapsed: Duration) -> Self {
        self.plus(elapsed.saturating_sub(self.elapsed))
    }

    /// This moment, `wait` later.
    #[must_use]
    pub(crate) fn plus(self, wait: Duration) -> Self {
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        Self {
            elapsed: self.elapsed.saturating_add(wait),
            wall: WallMillis(self.wall.0.saturating_add(millis)),
        }
    }
}
