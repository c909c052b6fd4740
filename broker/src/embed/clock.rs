//! The cluster's time, from a test.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::server::shared::{Shared, Wait};

/// What moves a cluster's time; see [`Builder::clock`](super::Builder::clock).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clock {
    pub(super) manual: bool,
    pub(super) start: Option<SystemTime>,
}

impl Clock {
    /// The system's clock, which is the default. A cluster [in memory](super::Builder::start_in_memory) goes
    /// by the clock of its runtime instead, which a test can have paused.
    #[must_use]
    pub const fn real() -> Self {
        Self {
            manual: false,
            start: None,
        }
    }

    /// A clock that starts at the present time of day and then stands still until
    /// [`ClockHandle::advance`] moves it. Sessions, rebalance and transaction time-outs, retention,
    /// expiry of producers and offsets and idle connections all go by it. Only a long poll (Fetch
    /// with `max.wait.ms`) also ends after its wait in real time, since the client's own clock is
    /// real and would give the connection up; that holds as well when a fault rule lets it begin late.
    #[must_use]
    pub const fn manual() -> Self {
        Self {
            manual: true,
            start: None,
        }
    }

    /// Has the time of day begin there, and go on as the clock does. By default it is that of the system when
    /// the cluster starts.
    #[must_use]
    pub const fn starting_at(mut self, time_of_day: SystemTime) -> Self {
        self.start = Some(time_of_day);
        self
    }
}

/// The clock of a running cluster; from [`Broker::clock`](super::Broker::clock).
///
/// ```
/// use std::time::Duration;
/// use fauxka::{Broker, Clock};
///
/// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
/// let expired = broker.clock().advance_blocking(Duration::from_secs(45))?;
/// assert!(expired.is_empty(), "nothing waited for anything");
/// assert_eq!(broker.clock().elapsed(), Duration::from_secs(45));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClockHandle {
    pub(super) shared: Arc<Shared>,
}

/// Something that was due.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expired {
    /// The time on the cluster's clock at which it was due, since the cluster started.
    pub at: Duration,
    /// What it was, in words: `session of member "m-1" of group "g"`.
    pub what: String,
}

/// The clock is real, or that of the runtime: the cluster does not move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cluster's clock moves by itself; start the cluster with a manual one to move it")]
pub struct ClockIsReal;

impl ClockHandle {
    /// The time that has passed on the cluster's clock since the cluster started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.shared.clock.now().elapsed
    }

    /// Moves a manual clock forward by `wait`. Everything that becomes due on the way happens, in
    /// order, each at its own moment; its answers are on their way when this returns. What was due is
    /// returned, without what merely recurs, such as the check of retention.
    ///
    /// # Errors
    /// When the clock is real.
    #[expect(
        clippy::unused_async,
        reason = "reads like every other call of an async test"
    )]
    pub async fn advance(&self, wait: Duration) -> Result<Vec<Expired>, ClockIsReal> {
        self.advance_blocking(wait)
    }

    /// As [`ClockHandle::advance`], for tests without a runtime.
    ///
    /// # Errors
    /// When the clock is real.
    pub fn advance_blocking(&self, wait: Duration) -> Result<Vec<Expired>, ClockIsReal> {
        self.moved(Wait::For(wait))
    }

    /// Moves a manual clock forward to the next thing that is due and does not merely recur; not at
    /// all if there is none.
    ///
    /// # Errors
    /// When the clock is real.
    pub fn advance_to_next(&self) -> Result<Vec<Expired>, ClockIsReal> {
        self.moved(Wait::ToNext)
    }

    /// Everything that is yet to come due, in order; what recurs as well.
    #[must_use]
    pub fn pending(&self) -> Vec<Expired> {
        let list = |engine: &crate::engine::Engine| {
            let deadlines = engine.deadlines();
            deadlines
                .map(|due| Expired {
                    at: due.at,
                    what: due.what,
                })
                .collect()
        };
        self.shared.look(list)
    }

    /// How many connections wait for an answer that comes only when time passes or something else
    /// happens: a Fetch for more records, a JoinGroup for the other members, a Produce for its replicas,
    /// a request that a fault rule keeps. Whoever has sent such a request sees here that it has
    /// arrived, so that moving the clock finds it waiting.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.look(|engine| engine.passage.waiting().len())
    }

    fn moved(&self, wait: Wait) -> Result<Vec<Expired>, ClockIsReal> {
        let expired = self.shared.advance(wait).ok_or(ClockIsReal)?;
        let expired = expired.into_iter().map(|due| Expired {
            at: due.at,
            what: due.what,
        });
        Ok(expired.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Broker;

    #[test]
    fn the_time_of_day_begins_where_it_is_told_to() {
        const DAY: i64 = 86_400_000;
        let began = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for clock in [Clock::real(), Clock::manual()] {
            let broker = Broker::builder().clock(clock.starting_at(began));
            let broker = broker.topic("t", 1, 1).start_blocking().unwrap();
            broker.produce("t").value("first").send().unwrap();
            let stamped = broker.partition("t", 0).records().unwrap()[0].timestamp;
            let day = 1_700_000_000_000..1_700_000_000_000 + DAY;
            assert!(day.contains(&stamped), "{clock:?}: {stamped}");
        }
    }
}
