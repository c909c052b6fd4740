//! Fault rules that are in force, from a test.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::fault::{FaultId, Mounted, Phase};
use crate::server::shared::Shared;

/// A fault rule in force; from [`FaultRule::mount`](super::FaultRule::mount). It stays in force when
/// this value is dropped.
///
/// ```
/// use std::time::Duration;
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().start_blocking()?;
/// let fetches = broker.on(Api::Fetch).observe().mount();
/// assert_eq!(fetches.hits(), 0);
/// let late = fetches.wait_for_hits_blocking(1, Duration::from_millis(10));
/// assert!(late.is_err(), "nobody fetches here");
/// fetches.remove();
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FaultHandle {
    pub(super) shared: Arc<Shared>,
    pub(super) id: FaultId,
    pub(super) seed: u64,
}

/// A rule has not acted as often as was waited for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultTimeout(String);

impl FaultHandle {
    /// Its number: rules are numbered from 1 as they are mounted.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id.0
    }

    /// How often it has acted; 0 once it is removed.
    #[must_use]
    pub fn hits(&self) -> u64 {
        let hits = self.shared.fault(self.id, |mounted| mounted.hits);
        hits.unwrap_or_default()
    }

    /// How many requests it was about, whether it acted on them or not.
    #[must_use]
    pub fn matches(&self) -> u64 {
        let matches = self.shared.fault(self.id, |mounted| mounted.matches);
        matches.unwrap_or_default()
    }

    /// Whether it still acts on requests that come: not once it has acted as often as it may, or is
    /// released.
    #[must_use]
    pub fn is_active(&self) -> bool {
        let phase = self.shared.fault(self.id, |mounted| mounted.phase);
        phase == Some(Phase::Active)
    }

    /// Ends the rule: requests and answers that it keeps go on, in the order in which they came.
    pub fn release(&self) {
        self.shared.release_fault(self.id);
    }

    /// Releases the rule and forgets it, with what it expected.
    pub fn remove(&self) {
        self.shared.remove_fault(self.id);
    }

    /// Waits until the rule has acted so often. The time is real, or the runtime's where the cluster is
    /// [in memory](crate::InMemory), whatever a manual clock does.
    ///
    /// # Errors
    /// When it has not by then, or is removed.
    pub async fn wait_for_hits(&self, hits: u64, patience: Duration) -> Result<(), FaultTimeout> {
        self.until(move |mounted| mounted.hits >= hits, patience)
            .await
            .map_err(|()| self.late(&format!("{hits}"), patience))
    }

    /// As [`FaultHandle::wait_for_hits`], for tests without a runtime.
    ///
    /// # Errors
    /// When it has not by then, or is removed.
    pub fn wait_for_hits_blocking(
        &self,
        hits: u64,
        patience: Duration,
    ) -> Result<(), FaultTimeout> {
        self.until_blocking(move |mounted| mounted.hits >= hits, patience)
            .map_err(|()| self.late(&format!("{hits}"), patience))
    }

    /// Waits until the rule has acted as often as it is expected to; once, where nothing was said.
    /// The time is that of [`FaultHandle::wait_for_hits`].
    ///
    /// # Errors
    /// When it has not by then, or is removed.
    pub async fn satisfied(&self, patience: Duration) -> Result<(), FaultTimeout> {
        self.until(is_satisfied, patience)
            .await
            .map_err(|()| self.late(&self.expected(), patience))
    }

    /// As [`FaultHandle::satisfied`], for tests without a runtime.
    ///
    /// # Errors
    /// When it has not by then, or is removed.
    pub fn satisfied_blocking(&self, patience: Duration) -> Result<(), FaultTimeout> {
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

    fn late(&self, expected: &str, patience: Duration) -> FaultTimeout {
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
        FaultTimeout(format!(
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::embed::Broker;
    use crate::wire::api::Api;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A client that says hello, and whether it is answered.
    fn hello(broker: &Broker) -> bool {
        let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
        let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
        stream.write_all(&request).unwrap();
        stream.read_exact(&mut [0; 14]).is_ok()
    }

    /// What a broker that is dropped panics with.
    fn dropped(broker: Broker) -> Option<String> {
        let panic = catch_unwind(AssertUnwindSafe(|| drop(broker))).err()?;
        panic.downcast_ref::<String>().cloned()
    }

    #[test]
    fn what_is_held_goes_on_when_released() {
        let broker = Broker::builder().start_blocking().unwrap();
        let held = broker.on(Api::ApiVersions).before_apply().hold().mount();
        let answered = std::thread::scope(|scope| {
            let client = scope.spawn(|| hello(&broker));
            held.wait_for_hits_blocking(1, PATIENCE).unwrap();
            assert!(!client.is_finished());
            held.release();
            client.join().unwrap()
        });
        assert!(answered);
        assert!(!held.is_active());
    }

    #[test]
    fn a_version_to_come_meets_rules_and_has_a_row() {
        let broker = Broker::builder().start_blocking().unwrap();
        let rule = broker.on(Api::ApiVersions).nth(2).after_apply();
        let lost = rule.disconnect().mount();
        let says = || {
            let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
            let request = [0, 0, 0, 11, 0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff, 0];
            stream.write_all(&request).unwrap();
            let mut answer = [0; 20];
            stream.read_exact(&mut answer).map(|()| answer[9]).ok()
        };
        assert_eq!((says(), says()), (Some(35), None));
        assert_eq!(lost.hits(), 1);
        let rows = broker.journal().api(Api::ApiVersions).rows();
        let said: Vec<_> = rows.iter().map(ToString::to_string).collect();
        for (row, words) in said
            .iter()
            .zip(["UNSUPPORTED_VERSION", "disconnects by rule 1"])
        {
            assert!(
                row.contains("ApiVersions v99 ") && row.contains(words),
                "{row}"
            );
        }
    }

    /// A client that has asked for a topic and closes its connection once `rule` has met the request.
    fn ask_and_leave(broker: &Broker, rule: &FaultHandle) {
        let mut request = vec![0, 19, 0, 2, 0, 0, 0, 7, 0xff, 0xff];
        request.extend([0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 1]);
        request.extend([0; 8]);
        request.extend([0, 0, 0x27, 0x10, 0]);
        let size = u8::try_from(request.len()).unwrap();
        let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
        stream
            .write_all(&[&[0, 0, 0, size], request.as_slice()].concat())
            .unwrap();
        rule.wait_for_hits_blocking(1, PATIENCE).unwrap();
    }

    #[test]
    fn a_request_that_is_kept_is_done_after_its_client_has_left() {
        let broker = Broker::builder().start_blocking().unwrap();
        let held = broker.on(Api::CreateTopics).before_apply().hold().mount();
        ask_and_leave(&broker, &held);
        while held.shared.departed.clients() == 0 {
            std::thread::yield_now();
        }
        assert_eq!(broker.topics().len(), 0);
        held.release();
        assert_eq!(broker.topics().len(), 1);
        let rows = broker.journal().api(Api::CreateTopics).rows();
        let said: Vec<_> = rows.iter().map(ToString::to_string).collect();
        assert!(said[0].contains("when its client sent no more"), "{said:?}");
    }

    #[test]
    fn a_request_that_is_swallowed_leaves_with_its_client() {
        let broker = Broker::builder().start_blocking().unwrap();
        let lost = broker.on(Api::CreateTopics).before_apply().swallow();
        ask_and_leave(&broker, &lost.mount());
        let rows = broker.journal().api(Api::CreateTopics);
        let rows = rows.wait_for_blocking(1, PATIENCE).unwrap();
        let said = rows[0].to_string();
        assert!(said.contains("the connection was gone"), "{said}");
    }

    #[test]
    fn a_throttled_connection_is_answered_and_then_waits() {
        const TIME: Duration = Duration::from_millis(300);
        let broker = Broker::builder().start_blocking().unwrap();
        let throttled = broker.on(Api::ApiVersions).nth(1).after_apply();
        throttled.throttle(TIME).mount();
        let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
        let request = [0, 0, 0, 10, 0, 18, 0, 1, 0, 0, 0, 7, 0xff, 0xff];
        stream.write_all(&[request, request].concat()).unwrap();
        // From version 1 on the answer to ApiVersions ends with the time.
        let mut throttle_time_ms = || {
            let mut size = [0; 4];
            stream.read_exact(&mut size).unwrap();
            let size = usize::try_from(u32::from_be_bytes(size)).unwrap();
            let mut answer = vec![0; size];
            stream.read_exact(&mut answer).unwrap();
            i32::from_be_bytes(answer[size - 4..].try_into().unwrap())
        };
        assert_eq!(throttle_time_ms(), 300);
        assert_eq!(throttle_time_ms(), 0);
        let rows = broker.journal().api(Api::ApiVersions).rows();
        let between = rows[1].elapsed_ms - rows[0].elapsed_ms;
        assert!(u128::from(between) >= TIME.as_millis(), "{between} ms");
    }

    #[test]
    fn a_broken_expectation_names_its_line_and_the_seed() {
        let broker = Broker::builder().seed(42).start_blocking().unwrap();
        let rule = broker
            .on(Api::ApiVersions)
            .nth(2)
            .after_apply()
            .disconnect();
        let lost = rule.expect(1).mount();
        let line = line!() - 1;
        assert!(hello(&broker));
        let late = lost
            .satisfied_blocking(Duration::from_millis(1))
            .unwrap_err();
        assert!(late.to_string().contains("seed 42"), "{late}");
        broker.heal();
        let said = dropped(broker).unwrap();
        for words in [
            &format!("fault.rs:{line}:"),
            "acted 0 times on 1",
            "seed 42; the journal ends with:\n  #",
            "s ApiVersions v0 from  (1) to node 1\n",
        ] {
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn kept_expectations_and_other_panics_are_left_alone() {
        let broker = Broker::builder().start_blocking().unwrap();
        let rule = broker.on(Api::ApiVersions).after_apply().disconnect();
        let lost = rule.expect(1..).mount();
        assert!(!hello(&broker));
        lost.satisfied_blocking(PATIENCE).unwrap();
        assert_eq!((lost.hits(), lost.matches()), (1, 1));
        assert_eq!(dropped(broker), None);
        // A second panic would end the process.
        let panic = catch_unwind(|| {
            let broker = Broker::builder().start_blocking().unwrap();
            broker.on(Api::Fetch).observe().expect(1).mount();
            panic!("the test's own");
        });
        assert!(panic.is_err());
    }
}
