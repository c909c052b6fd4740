//! Moving the cluster's time, from a test.

use std::sync::Arc;
use std::time::Duration;

use super::broker::Broker;
use crate::engine::Engine;
use crate::engine::fault::Pattern;
use crate::server::shared::{Shared, Wait};
use crate::server::timer::Stuck;

/// The clock of a running cluster; from [`Broker::clock`].
///
/// ```
/// use std::time::Duration;
/// use fauxka::Broker;
/// use fauxka::clock::Clock;
///
/// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
/// let expired = broker.clock().advance_blocking(Duration::from_secs(45))?;
/// assert!(expired.is_empty(), "nothing waited for anything");
/// assert_eq!(broker.clock().elapsed(), Duration::from_secs(45));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClockHandle {
    shared: Arc<Shared>,
    silent: Vec<Pattern>,
}

/// Something that was due, or will be.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::clock::Clock;
///
/// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
/// for due in broker.clock().pending() {
///     println!("{:?}: {}", due.at, due.what);
/// }
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expired {
    /// When it is due: the time on the cluster's clock since the cluster started.
    pub at: Duration,
    /// What it is, in words: `session of member "m-1" of group "g"`.
    pub what: String,
}

/// Why a clock does not move.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::clock::AdvanceError;
///
/// let broker = Broker::builder().start_blocking()?;
/// assert_eq!(broker.clock().advance_to_next_blocking(), Err(AdvanceError::ClockIsReal));
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdvanceError {
    /// The clock is real, or that of the runtime: the cluster does not move it.
    #[error("the cluster's clock moves by itself; start the cluster with a manual one to move it")]
    ClockIsReal,
    /// A client that is to be [silent](ClockHandle::silent) is neither a member of a group nor connected.
    #[error("{0}")]
    NoSuchClient(String),
}

impl Broker {
    /// The cluster's clock.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.clock().elapsed().as_secs() < 60);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn clock(&self) -> ClockHandle {
        ClockHandle {
            shared: self.shared(),
            silent: Vec::new(),
        }
    }
}

impl ClockHandle {
    /// The time that has passed on the cluster's clock since the cluster started.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    ///
    /// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
    /// assert_eq!(broker.clock().elapsed(), Duration::ZERO);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.shared.clock.now().elapsed
    }

    /// The same clock, and a client that sends no heartbeats while you move it: its memberships end when their sessions
    /// do. `client_id` is the client's id, in which `*` stands for any characters, `?` for any one, and a backslash
    /// takes the next character as it is. Call it again for further clients. A real clock takes no notice of it.
    ///
    /// Without it, every member of a group whose client is connected keeps its session while the clock moves, as its
    /// heartbeats would, unless a fault rule, a throttle or a node that stands still keeps these from the
    /// coordinator. A client that speaks the protocol by hand and sends no heartbeats is connected, too.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    /// use std::time::Duration;
    ///
    /// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
    /// let clock = broker.clock();
    /// clock.silent("worker-*").advance_blocking(Duration::from_secs(45))?;
    /// let nobody = clock.silent("worker-1").advance_blocking(Duration::from_secs(45));
    /// assert_eq!(
    ///     nobody.unwrap_err().to_string(),
    ///     "no group member has the client id worker-1: no group has members"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn silent(&self, client_id: &str) -> Self {
        let mut clock = self.clone();
        clock.silent.push(client_id.into());
        clock
    }

    /// Moves a manual clock forward by `wait`. Everything that becomes due on the way happens, in
    /// order, each at its own moment. Members of groups whose clients are connected keep their sessions, but for those
    /// that are [silent](Self::silent). When this returns, the answers are on their way. Returns what was due,
    /// without what merely recurs, such as the check of retention.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use std::time::Duration;
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    ///
    /// let broker = Broker::builder().clock(Clock::manual()).start().await?;
    /// let clock = broker.clock().silent("worker-*");
    /// for due in clock.advance(Duration::from_secs(45)).await? {
    ///     println!("{}", due.what); // session of member "worker-1-…" of group "payments"
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The clock is real, or a client that is to be silent is not there.
    #[expect(clippy::unused_async, reason = "what moves time has both forms")]
    pub async fn advance(&self, wait: Duration) -> Result<Vec<Expired>, AdvanceError> {
        self.advance_blocking(wait)
    }

    /// As [`ClockHandle::advance`], for tests without a runtime.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    ///
    /// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
    /// broker.clock().advance_blocking(Duration::from_secs(60))?;
    /// assert_eq!(broker.clock().elapsed(), Duration::from_secs(60));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The clock is real, or a client that is to be silent is not there.
    pub fn advance_blocking(&self, wait: Duration) -> Result<Vec<Expired>, AdvanceError> {
        self.moved(Wait::For(wait))
    }

    /// Moves a manual clock forward to the next thing that is due and does not merely recur; sessions that clients keep do,
    /// as with [`advance`](Self::advance). Does not move it if there is nothing.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    ///
    /// let broker = Broker::builder().clock(Clock::manual()).start().await?;
    /// assert!(broker.clock().advance_to_next().await?.is_empty(), "nothing is due");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The clock is real, or a client that is to be silent is not there.
    #[expect(clippy::unused_async, reason = "what moves time has both forms")]
    pub async fn advance_to_next(&self) -> Result<Vec<Expired>, AdvanceError> {
        self.advance_to_next_blocking()
    }

    /// As [`ClockHandle::advance_to_next`], for tests without a runtime.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::clock::Clock;
    ///
    /// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
    /// assert!(broker.clock().advance_to_next_blocking()?.is_empty(), "nothing is due");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The clock is real, or a client that is to be silent is not there.
    pub fn advance_to_next_blocking(&self) -> Result<Vec<Expired>, AdvanceError> {
        self.moved(Wait::ToNext)
    }

    /// Everything that is yet to come due, in order, and also what merely recurs.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let pending = broker.clock().pending();
    /// assert!(pending.is_sorted_by_key(|due| due.at));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn pending(&self) -> Vec<Expired> {
        let list = |engine: &Engine| {
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
    /// a request that a fault rule keeps. Once a request of yours is counted here it has arrived, so the clock that
    /// you move finds it waiting.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert_eq!(broker.clock().waiting(), 0);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.look(|engine| engine.passage.waiting().len())
    }

    fn moved(&self, wait: Wait) -> Result<Vec<Expired>, AdvanceError> {
        let expired = self.shared.advance(wait, &self.silent);
        let expired = expired.map_err(|stuck| match stuck {
            Stuck::ClockIsReal => AdvanceError::ClockIsReal,
            Stuck::NoSuchClient(why) => AdvanceError::NoSuchClient(why),
        })?;
        let expired = expired.into_iter().map(|due| Expired {
            at: due.at,
            what: due.what,
        });
        Ok(expired.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::embed::clock::Clock;

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
