//! Fault rules that are in force, from a test.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::engine::fault::{FaultId, Mounted, Phase};
use crate::server::shared::Shared;

/// A fault rule in force; from [`Rule::mount`](super::Rule::mount). It stays in force when you drop
/// this value.
///
/// ```
/// # use std::time::Duration;
/// # use fauxka::{Api, Broker};
/// let broker = Broker::builder().start_blocking()?;
/// let fetches = broker.on(Api::Fetch).observe().mount();
/// assert_eq!(fetches.hits(), 0);
/// let late = fetches.wait_for_hits_blocking(1, Duration::from_millis(10));
/// assert!(late.is_err(), "nobody fetches here");
/// fetches.remove();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MountedRule {
    pub(super) shared: Arc<Shared>,
    pub(super) id: FaultId,
    pub(super) seed: u64,
}

/// A rule has not acted as often as you waited for.
///
/// ```
/// # use std::time::Duration;
/// # use fauxka::{Api, Broker};
/// let broker = Broker::builder().start_blocking()?;
/// let fetches = broker.on(Api::Fetch).observe().mount();
/// let late = fetches.wait_for_hits_blocking(1, Duration::ZERO).unwrap_err();
/// assert!(late.to_string().starts_with("fault rule 1 acted 0 times on 0 requests, not 1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TooFewHits(String);

impl MountedRule {
    /// Its number: rules are numbered from 1, in the order in which you mount them.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let first = broker.on(Api::Fetch).observe().mount();
    /// assert_eq!(first.id(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id.0
    }

    /// How often it has acted; 0 once it is removed.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let lost = broker.on(Api::ApiVersions).after_apply().disconnect().mount();
    /// let _ = hello(&broker);
    /// assert_eq!(lost.hits(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn hits(&self) -> u64 {
        let hits = self.shared.fault(self.id, |mounted| mounted.hits);
        hits.unwrap_or_default()
    }

    /// How many requests it was about, whether it acted on them or not; 0 once it is removed.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let second = broker.on(Api::ApiVersions).nth(2).before_apply().disconnect().mount();
    /// hello(&broker)?;
    /// assert_eq!((second.matches(), second.hits()), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn matches(&self) -> u64 {
        let matches = self.shared.fault(self.id, |mounted| mounted.matches);
        matches.unwrap_or_default()
    }

    /// Whether it still acts on requests that come. It does not once it has acted as often as it may, or is
    /// released.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let once = broker.on(Api::ApiVersions).nth(1).observe().mount();
    /// assert!(once.is_active());
    /// hello(&broker)?;
    /// assert!(!once.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_active(&self) -> bool {
        let phase = self.shared.fault(self.id, |mounted| mounted.phase);
        phase == Some(Phase::Active)
    }

    /// Ends the rule: requests and answers that it keeps go on, in the order in which they came.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let down = broker.on_any().before_apply().disconnect().mount();
    /// down.release();
    /// assert_eq!(hello(&broker)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(&self) {
        self.shared.release_fault(self.id);
    }

    /// Releases the rule and forgets it, with what it expected.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let rule = broker.on(Api::Produce).observe().expect(1).mount();
    /// rule.remove();
    /// drop(broker); // without a panic, though nobody has produced
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove(&self) {
        self.shared.remove_fault(self.id);
    }

    /// Waits until the rule has acted this often. The time is real, or the runtime's where the cluster is
    /// [in memory](crate::in_memory), whatever a manual clock does.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// # use std::time::Duration;
    /// let broker = Broker::builder().start().await?;
    /// let greetings = broker.on(Api::ApiVersions).observe().mount();
    /// hello(&broker)?;
    /// greetings.wait_for_hits(1, Duration::from_secs(10)).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// It has acted less often when `patience` has passed, or it is removed.
    pub async fn wait_for_hits(&self, hits: u64, patience: Duration) -> Result<(), TooFewHits> {
        self.until(move |mounted| mounted.hits >= hits, patience)
            .await
            .map_err(|()| self.late(&format!("{hits}"), patience))
    }

    /// As [`MountedRule::wait_for_hits`], for tests without a runtime.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let greetings = broker.on(Api::ApiVersions).observe().mount();
    /// hello(&broker)?;
    /// greetings.wait_for_hits_blocking(1, Duration::from_secs(10))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// It has acted less often when `patience` has passed, or it is removed.
    pub fn wait_for_hits_blocking(&self, hits: u64, patience: Duration) -> Result<(), TooFewHits> {
        self.until_blocking(move |mounted| mounted.hits >= hits, patience)
            .map_err(|()| self.late(&format!("{hits}"), patience))
    }

    /// Waits until the rule has acted as often as you [expect](super::Rule::expect) it to, or once if you expect nothing. The time
    /// is that of [`MountedRule::wait_for_hits`].
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// # use std::time::Duration;
    /// let broker = Broker::builder().start().await?;
    /// let twice = broker.on(Api::ApiVersions).observe().expect(2..).mount();
    /// hello(&broker)?;
    /// hello(&broker)?;
    /// twice.satisfied(Duration::from_secs(10)).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// It has acted less often when `patience` has passed, or it is removed.
    pub async fn satisfied(&self, patience: Duration) -> Result<(), TooFewHits> {
        self.until(is_satisfied, patience)
            .await
            .map_err(|()| self.late(&self.expected(), patience))
    }

    /// As [`MountedRule::satisfied`], for tests without a runtime.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let twice = broker.on(Api::ApiVersions).observe().expect(2..).mount();
    /// hello(&broker)?;
    /// hello(&broker)?;
    /// twice.satisfied_blocking(Duration::from_secs(10))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// It has acted less often when `patience` has passed, or it is removed.
    pub fn satisfied_blocking(&self, patience: Duration) -> Result<(), TooFewHits> {
        self.until_blocking(is_satisfied, patience)
            .map_err(|()| self.late(&self.expected(), patience))
    }

    /// Waits on the cluster's own runtime, whatever runs the test.
    async fn until(
        &self,
        wanted: impl Fn(&Mounted) -> bool + Send + Sync + 'static,
        patience: Duration,
    ) -> Result<(), ()> {
        let came = self.shared.run(self.watch(wanted, patience)).await;
        came.unwrap_or(false).then_some(()).ok_or(())
    }

    fn until_blocking(
        &self,
        wanted: impl Fn(&Mounted) -> bool + Send + Sync + 'static,
        patience: Duration,
    ) -> Result<(), ()> {
        let came = self.shared.run_blocking(self.watch(wanted, patience));
        came.unwrap_or(false).then_some(()).ok_or(())
    }

    /// Whether the rule comes to be as `wanted` says in that time.
    fn watch(
        &self,
        wanted: impl Fn(&Mounted) -> bool + Send + Sync + 'static,
        patience: Duration,
    ) -> impl Future<Output = bool> + Send + 'static {
        let (shared, id) = (Arc::clone(&self.shared), self.id);
        async move {
            let came = tokio::time::timeout(patience, shared.fault_until(id, wanted)).await;
            came.unwrap_or(false)
        }
    }

    fn expected(&self) -> String {
        let expected = self.shared.fault(self.id, |mounted| mounted.rule.expect);
        let expected = expected.flatten();
        expected.map_or_else(|| "1".to_owned(), |expected| expected.to_string())
    }

    fn late(&self, expected: &str, patience: Duration) -> TooFewHits {
        let state = self.shared.fault(self.id, |mounted| {
            let place = mounted.place.clone().unwrap_or_default();
            format!(
                "acted {} times on {} requests, not {expected}, within {patience:?}; mounted at {place}: {}",
                mounted.hits,
                mounted.matches,
                mounted.rule.to_json(),
            )
        });
        let state = state.unwrap_or_else(|| "is removed".to_owned());
        TooFewHits(format!(
            "fault rule {} {state}; seed {}",
            self.id.0, self.seed
        ))
    }
}

/// Whether a rule has acted as often as it must.
fn is_satisfied(mounted: &Mounted) -> bool {
    let least = mounted.rule.expect.map_or(1, |expected| expected.at_least);
    mounted.hits >= least
}
