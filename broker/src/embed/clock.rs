//! The cluster's time, from a test.

use std::time::SystemTime;

/// What moves a cluster's time; see [`Builder::clock`](crate::Builder::clock).
///
/// ```
/// use fauxka::Broker;
/// use fauxka::clock::Clock;
/// use std::time::Duration;
///
/// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
/// broker.clock().advance_blocking(Duration::from_secs(45))?;
/// assert_eq!(broker.clock().elapsed(), Duration::from_secs(45));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clock {
    pub(super) manual: bool,
    pub(super) start: Option<SystemTime>,
}

impl Clock {
    /// The system's clock, which is the default. A cluster [in memory](crate::Builder::start_in_memory) goes
    /// by the clock of its runtime instead, which a test can have paused.
    ///
    /// ```
    /// use fauxka::clock::Clock;
    ///
    /// assert_eq!(Clock::real(), Clock::default());
    /// ```
    #[must_use]
    pub const fn real() -> Self {
        Self {
            manual: false,
            start: None,
        }
    }

    /// A clock that starts at the present time of day and then stands still until
    /// [`ClockHandle::advance`](crate::clock::ClockHandle::advance) moves it. Sessions, rebalance and transaction
    /// time-outs, retention, expiry of producers and offsets and idle connections all go by it. Only a long poll (Fetch
    /// with `max.wait.ms`) also ends after its wait in real time, since the client's own clock is
    /// real and would give the connection up; that also holds when a fault rule lets it begin late.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    /// use std::time::Duration;
    ///
    /// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
    /// assert_eq!(broker.clock().elapsed(), Duration::ZERO);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub const fn manual() -> Self {
        Self {
            manual: true,
            start: None,
        }
    }

    /// Lets the time of day begin there, and go on as the clock does. By default it is the system's time when
    /// the cluster starts.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    /// use std::time::{Duration, SystemTime};
    ///
    /// let new_year = SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800);
    /// let clock = Clock::manual().starting_at(new_year);
    /// let broker = Broker::builder().clock(clock).topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.partition("orders", 0).records()?[0].timestamp, 946_684_800_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn starting_at(mut self, time_of_day: SystemTime) -> Self {
        self.start = Some(time_of_day);
        self
    }
}
