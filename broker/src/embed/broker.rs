//! The handle of a running cluster.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use super::assemble::Started;
use super::builder::Builder;
#[cfg(feature = "tls")]
use super::certificates::Certificates;
use super::ending::Ending;
use super::thread::Running;
use crate::engine::Engine;
use crate::engine::commands::Command;
use crate::engine::input::Input;
use crate::server::shared::Shared;
use crate::server::sockets::Closing;

/// A running cluster. It runs on a thread of its own, so a test that blocks its runtime cannot stall it, and it stops
/// when you drop this value. A cluster [in memory](crate::in_memory) shares the test's runtime instead.
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// let (host, port) = broker.bootstrap().rsplit_once(':').expect("host:port");
/// assert_eq!(host, "127.0.0.1");
/// assert_ne!(port, "0");
/// # Ok::<(), fauxka::StartError>(())
/// ```
///
/// # Async and blocking
///
/// Whatever waits, moves time, or opens and closes sockets comes in two forms, one for tests with a runtime and one for
/// tests without. Everything else returns at once and has one form. In memory, a blocking form panics on the runtime's
/// only thread, because it would keep that thread from what it waits for.
///
/// | async | blocking |
/// | --- | --- |
/// | [`Builder::start`] | [`Builder::start_blocking`] |
/// | [`Broker::add_node`] | [`Broker::add_node_blocking`] |
/// | [`Broker::rolling_restart`] | [`Broker::rolling_restart_blocking`] |
/// | [`Broker::reset`] | [`Broker::reset_blocking`] |
/// | [`Broker::reset_only`] | [`Broker::reset_only_blocking`] |
/// | [`Broker::restore`] | [`Broker::restore_blocking`] |
/// | [`Node::stop`](crate::cluster::Node::stop) | [`Node::stop_blocking`](crate::cluster::Node::stop_blocking) |
/// | [`Node::start`](crate::cluster::Node::start) | [`Node::start_blocking`](crate::cluster::Node::start_blocking) |
/// | [`Node::remove`](crate::cluster::Node::remove) | [`Node::remove_blocking`](crate::cluster::Node::remove_blocking) |
/// | [`ClockHandle::advance`](crate::clock::ClockHandle::advance) | [`ClockHandle::advance_blocking`](crate::clock::ClockHandle::advance_blocking) |
/// | [`ClockHandle::advance_to_next`](crate::clock::ClockHandle::advance_to_next) | [`ClockHandle::advance_to_next_blocking`](crate::clock::ClockHandle::advance_to_next_blocking) |
/// | [`MountedRule::wait_for_hits`](crate::fault::MountedRule::wait_for_hits) | [`MountedRule::wait_for_hits_blocking`](crate::fault::MountedRule::wait_for_hits_blocking) |
/// | [`MountedRule::satisfied`](crate::fault::MountedRule::satisfied) | [`MountedRule::satisfied_blocking`](crate::fault::MountedRule::satisfied_blocking) |
/// | [`StartRecording::start`](crate::recording::StartRecording::start) | [`StartRecording::start_blocking`](crate::recording::StartRecording::start_blocking) |
/// | [`Serve::start`](crate::recording::Serve::start) | [`Serve::start_blocking`](crate::recording::Serve::start_blocking) |
/// | [`Query::wait_for`](crate::journal::Query::wait_for) | [`Query::wait_for_blocking`](crate::journal::Query::wait_for_blocking) |
///
/// [`CreateTopic`](crate::cluster::CreateTopic) and [`Produce`](crate::cluster::Produce) can be awaited or finished with
/// `create()` and `send()`; neither waits for anything.
pub struct Broker {
    pub(super) started: Started,
    running: Option<Running>,
}

impl Broker {
    pub(super) const fn running(started: Started, running: Running) -> Self {
        Self {
            started,
            running: Some(running),
        }
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.started.shared)
    }

    pub(super) fn look<T>(&self, at: impl FnOnce(&Engine) -> T) -> T {
        self.started.shared.look(at)
    }

    /// A cluster that you are about to describe and start.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(3).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The nodes' addresses, separated by commas: what clients call `bootstrap.servers`.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).start_blocking()?;
    /// assert_eq!(broker.bootstrap().split(',').count(), 2);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.started.bootstrap
    }

    /// The nodes' addresses by a listener, separated by commas; none if there is no listener of that name.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .listener("PLAINTEXT://127.0.0.1:0".parse()?)
    ///     .listener("OTHER=PLAINTEXT://127.0.0.1:0".parse()?)
    ///     .start_blocking()?;
    /// assert_eq!(broker.bootstrap_of("PLAINTEXT"), Some(broker.bootstrap()));
    /// assert_ne!(broker.bootstrap_of("OTHER"), Some(broker.bootstrap()));
    /// assert_eq!(broker.bootstrap_of("SSL"), None);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn bootstrap_of(&self, listener: &str) -> Option<&str> {
        let mut all = self.listeners();
        let found = all.find(|(name, _)| name.eq_ignore_ascii_case(listener));
        found.map(|(_, bootstrap)| bootstrap)
    }

    /// The certificates that were made for the cluster; none unless [`Builder::tls`](crate::Builder::tls) asked for them.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().tls().start_blocking()?;
    /// let trusted = broker.certificates().unwrap().authority();
    /// // Java: security.protocol=SSL, ssl.truststore.type=PEM, ssl.truststore.location= this path
    /// assert!(trusted.exists());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn certificates(&self) -> Option<&Certificates> {
        self.started.certificates.as_deref()
    }

    /// All listeners by name, each with its nodes' addresses, the first one first.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
    /// assert!(broker.listeners().eq([("SASL_PLAINTEXT", broker.bootstrap())]));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn listeners(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.started.bootstraps.iter();
        all.map(|(name, bootstrap)| (name.as_str(), bootstrap.as_str()))
    }

    /// The number that decides every random choice of this cluster. Give it to [`Builder::seed`] to have the same
    /// choices made again.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// println!("to see this again: .seed({})", broker.seed());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.started.seed
    }

    /// The control port's URL, if there is one.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert_eq!(broker.control(), None);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn control(&self) -> Option<&str> {
        self.started.control.as_deref()
    }

    /// Lets the next `answers` to Metadata tell of the nodes, leaders and in-sync replicas as they are now,
    /// whatever becomes of them, as from a broker that lags behind its controller. With 0, answers are up to
    /// date again.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).topic("orders", 1, 2).start_blocking()?;
    /// broker.freeze_metadata(1);
    /// let leader = broker.partition("orders", 0).describe().unwrap().leader;
    /// broker.partition("orders", 0).move_leader(if leader == Some(1) { 2 } else { 1 })?;
    /// // The first client to ask is told of the old leader, and gets NOT_LEADER_OR_FOLLOWER there.
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn freeze_metadata(&self, answers: u64) {
        let shared = &self.started.shared;
        shared.tell(Input::Command(Command::FreezeMetadata { answers }));
    }

    /// Keeps transaction markers back, or lets them be written again. Meanwhile a transaction that has ended
    /// stays in PrepareCommit or PrepareAbort: its producer is told CONCURRENT_TRANSACTIONS, and its
    /// records stay behind the last stable offset.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.hold_transaction_markers(true);
    /// // … the application commits; readers of committed data see nothing yet …
    /// broker.hold_transaction_markers(false);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn hold_transaction_markers(&self, hold: bool) {
        let shared = &self.started.shared;
        shared.tell(Input::Command(Command::HoldMarkers { hold }));
    }

    /// Stops the cluster as dropping it does, but returns the fault rules that have not acted as often as you expected,
    /// in words, instead of panicking. Rules of every origin count, also those from files and the control port.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .faults(r#"{"api": "Produce", "before_apply": "disconnect", "expect": 1}"#)?
    ///     .start_blocking()?;
    /// let broken = broker.stop();
    /// assert!(broken[0].contains("acted 0 times"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn stop(mut self) -> Vec<String> {
        let shared = self.shared();
        let unmet = shared.look(|engine| engine.passage.faults.unmet());
        if let Some(running) = self.running.take() {
            running.end(&shared);
        }
        unmet.iter().map(ToString::to_string).collect()
    }
}

/// Blocks until sockets are closed.
pub(super) fn wait_blocking(shared: &Shared, closing: Closing) {
    if closing.is_empty() {
        return;
    }
    // Nothing comes of it when the cluster is gone, and its sockets with it.
    shared.run_blocking(closing.wait());
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker")
            .field("bootstrap", &self.started.bootstrap)
            .field("seed", &self.started.seed)
            .finish_non_exhaustive()
    }
}

impl Drop for Broker {
    /// # Panics
    /// A fault rule has not acted as often as you expected it to, and no other panic is under way. The
    /// message shows what happened last.
    #[expect(clippy::panic, reason = "a test whose fault did not happen must fail")]
    fn drop(&mut self) {
        let Some(running) = self.running.take() else {
            return;
        };
        // Before connections close, which would fill the end of the journal.
        let (unmet, ending) =
            self.look(|engine| (engine.passage.faults.unmet(), Ending::of(engine)));
        running.end(&self.started.shared);
        for broken in &unmet {
            tracing::error!("{broken}");
        }
        // What came over the control port has nobody here who could be told.
        let mounted_here: Vec<_> = unmet.iter().filter(|u| u.is_from_program).collect();
        if !mounted_here.is_empty() && !std::thread::panicking() {
            let broken: Vec<_> = mounted_here.iter().map(ToString::to_string).collect();
            let broken = broken.join("; ");
            panic!("{broken}; seed {}; {ending}", self.seed());
        }
    }
}
