//! The clock: the one place that reads time.
#![expect(
    clippy::disallowed_methods,
    reason = "everything else gets the time as an argument"
)]

use std::time::{Duration, Instant, SystemTime};

use crate::engine::time::Now;
use crate::wire::units::WallMillis;

/// Real time, counted from when the broker started.
#[derive(Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that starts to count now.
    pub(crate) fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    /// This moment.
    pub(crate) fn now(&self) -> Now {
        let since_1970 = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            elapsed: self.origin.elapsed(),
            wall: WallMillis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)),
        }
    }

    /// When `elapsed` is reached; `None` when that is too far away to be said.
    pub(crate) fn instant(&self, elapsed: Duration) -> Option<Instant> {
        self.origin.checked_add(elapsed)
    }
}
