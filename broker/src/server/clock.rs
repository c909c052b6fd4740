//! The clock: the one place that reads time, or has it told.
#![expect(
    clippy::disallowed_methods,
    reason = "everything else gets the time as an argument"
)]

use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use crate::engine::time::Now;
use crate::wire::units::WallMillis;

/// What moves a cluster's time.
#[derive(Debug)]
pub(crate) enum Clock {
    /// The system does. Counted from when the broker started.
    Real(Instant),
    /// Whoever tests does; else it stands still.
    Manual(watch::Sender<Now>),
}

impl Clock {
    /// A clock that starts to count now, by itself.
    pub(crate) fn real() -> Self {
        Self::Real(Instant::now())
    }

    /// A clock that stands at the present time of day.
    pub(crate) fn manual() -> Self {
        Self::Manual(watch::Sender::new(Now {
            elapsed: Duration::ZERO,
            wall: time_of_day(),
        }))
    }

    pub(crate) const fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }

    /// This moment.
    pub(crate) fn now(&self) -> Now {
        match self {
            Self::Real(origin) => Now {
                elapsed: origin.elapsed(),
                wall: time_of_day(),
            },
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
            Self::Real(origin) => match origin.checked_add(elapsed) {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                None => std::future::pending().await,
            },
            Self::Manual(now) => {
                let reached = |now: &Now| now.elapsed >= elapsed;
                // Fails when the clock is gone, and with it whoever waits here.
                let _ = now.subscribe().wait_for(reached).await;
            }
        }
    }

    /// Ends when `wait` has passed from now on.
    pub(super) async fn sleep(&self, wait: Duration) {
        match self {
            Self::Real(_) => tokio::time::sleep(wait).await,
            Self::Manual(now) => {
                let due = now.borrow().elapsed.saturating_add(wait);
                self.sleep_until(due).await;
            }
        }
    }
}

fn time_of_day() -> WallMillis {
    let since_1970 = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    WallMillis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
