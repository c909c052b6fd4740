//! The clock: the one place that reads time, or has it told.
#![expect(
    clippy::disallowed_methods,
    reason = "everything else gets the time as an argument"
)]

use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::engine::time::Now;
use crate::wire::units::WallMillis;

/// What moves a cluster's time.
#[derive(Debug)]
pub(crate) enum Clock {
    /// The system does.
    Real {
        /// When the broker started.
        origin: Instant,
        /// What had passed on the cluster's clock before that.
        before: Duration,
        /// The time of day then; the system's if it was not said.
        start: Option<WallMillis>,
    },
    /// The runtime does on which the cluster and its clients run, so its tests may have paused it.
    Runtime {
        runtime: Handle,
        origin: tokio::time::Instant,
        start: WallMillis,
    },
    /// The test does; else it stands still.
    Manual(watch::Sender<Now>),
}

impl Clock {
    /// A clock that starts to count now, by itself.
    pub(crate) fn real(start: Option<SystemTime>) -> Self {
        Self::Real {
            origin: Instant::now(),
            before: Duration::ZERO,
            start: start.map(millis_of),
        }
    }

    /// A clock that goes on from a moment, by itself.
    pub(crate) fn real_from(moment: Now) -> Self {
        Self::Real {
            origin: Instant::now(),
            before: moment.elapsed,
            start: Some(moment.wall),
        }
    }

    /// A clock that stands at a moment.
    pub(crate) fn manual_at(moment: Now) -> Self {
        Self::Manual(watch::Sender::new(moment))
    }

    /// A clock that goes as the present runtime's does.
    pub(crate) fn runtime(runtime: Handle, start: Option<SystemTime>) -> Self {
        let origin = {
            let _entered = runtime.enter();
            tokio::time::Instant::now()
        };
        Self::Runtime {
            runtime,
            origin,
            start: start.map_or_else(time_of_day, millis_of),
        }
    }

    /// A clock that stands at a time of day; the present one if none was said.
    pub(crate) fn manual(start: Option<SystemTime>) -> Self {
        Self::Manual(watch::Sender::new(Now {
            elapsed: Duration::ZERO,
            wall: start.map_or_else(time_of_day, millis_of),
        }))
    }

    pub(crate) const fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }

    /// This moment.
    pub(crate) fn now(&self) -> Now {
        match self {
            Self::Real {
                origin,
                before,
                start,
            } => {
                let since = origin.elapsed();
                let wall = start.map_or_else(time_of_day, |start| after(start, since).wall);
                let elapsed = before.saturating_add(since);
                Now { elapsed, wall }
            }
            Self::Runtime {
                runtime,
                origin,
                start,
            } => {
                // Else a thread outside the runtime would read the system's clock.
                let _entered = runtime.enter();
                after(*start, origin.elapsed())
            }
            Self::Manual(now) => *now.borrow(),
        }
    }

    /// Moves a manual clock forward to `moment`; another does not take it.
    pub(super) fn set(&self, moment: Now) {
        if let Self::Manual(now) = self {
            now.send_replace(moment);
        }
    }

    /// Ends when `elapsed` is reached.
    pub(super) async fn sleep_until(&self, elapsed: Duration) {
        match self {
            Self::Real { origin, before, .. } => {
                let due = origin.checked_add(elapsed.saturating_sub(*before));
                wait_until(due).await;
            }
            Self::Runtime { origin, .. } => {
                wait_until(origin.checked_add(elapsed).map(Into::into)).await;
            }
            Self::Manual(now) => {
                let reached = |now: &Now| now.elapsed >= elapsed;
                // Fails when the clock is gone, and with it anyone who waits here.
                let _ = now.subscribe().wait_for(reached).await;
            }
        }
    }

    /// Ends when `wait` has passed from now on.
    pub(super) async fn sleep(&self, wait: Duration) {
        match self {
            Self::Real { .. } | Self::Runtime { .. } => tokio::time::sleep(wait).await,
            Self::Manual(now) => {
                let due = now.borrow().elapsed.saturating_add(wait);
                self.sleep_until(due).await;
            }
        }
    }
}

/// Ends at a moment of the runtime; never if it cannot be told.
async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

/// The moment that is `elapsed` after the start.
fn after(start: WallMillis, elapsed: Duration) -> Now {
    let start = Now {
        elapsed: Duration::ZERO,
        wall: start,
    };
    start.plus(elapsed)
}

pub(crate) fn time_of_day() -> WallMillis {
    millis_of(SystemTime::now())
}

fn millis_of(time: SystemTime) -> WallMillis {
    let since_1970 = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    WallMillis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
