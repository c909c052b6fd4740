//! A cluster inside the program that uses it.

mod builder;
mod clock;
mod endpoints;
mod error;
mod fault;
mod fault_bytes;
mod fault_rule;
mod file;
mod in_memory;
mod inspect;
mod journal;
mod named;
mod node;
mod partition;
mod recording;
mod replay;
mod reset;
mod run;
mod snapshot;
mod thread;
mod users;

pub use crate::server::transport::memory::MemoryStream;
pub use builder::Builder;
pub use clock::{Clock, ClockHandle, ClockIsReal, Expired};
pub use error::StartError;
pub use fault::{FaultHandle, FaultTimeout};
pub use fault_bytes::FaultBytes;
pub use fault_rule::{FaultRule, FaultStage, Times};
pub use in_memory::{InMemory, Network};
pub use inspect::{CreateTopic, Produce};
pub use journal::{Journal, Query, Unmet};
pub use named::{Group, Topic, Transaction};
pub use node::{Node, NodeError};
pub use partition::Partition;
pub use recording::{BadRecording, Recording, Rerun, Serve, StartRecording, Until};
pub use replay::{ReplayError, Replayed, replay};
pub use snapshot::SnapshotError;

use std::fmt;
use std::sync::Arc;

use crate::engine::commands::{Command, Refused};
use crate::engine::input::Input;
use crate::server::shared::Shared;
use thread::Running;

/// A running cluster. It runs on threads of its own, so a test that blocks its runtime cannot stall
/// it, and it stops when this value is dropped. One [in memory](InMemory) shares the test's runtime instead.
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// let (host, port) = broker.bootstrap().rsplit_once(':').expect("host:port");
/// assert_eq!(host, "127.0.0.1");
/// assert_ne!(port, "0");
/// # Ok::<(), fauxka::StartError>(())
/// ```
pub struct Broker {
    started: Started,
    running: Option<Running>,
}

/// What is known of a cluster once it runs.
#[derive(Debug)]
struct Started {
    bootstrap: String,
    control: Option<String>,
    seed: u64,
    shared: Arc<Shared>,
}

impl Broker {
    /// A cluster that is yet to be described and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The nodes' addresses, separated by commas: what clients call `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.started.bootstrap
    }

    /// What decides every random choice of this cluster. Give it to [`Builder::seed`] to have them
    /// made again.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.started.seed
    }

    /// One of the cluster's nodes, by its id.
    #[must_use]
    pub fn node(&self, id: i32) -> Node {
        Node {
            shared: Arc::clone(&self.started.shared),
            id,
        }
    }

    /// Adds a node on a free port, in a rack if there is one. It holds no replicas until topics are made or
    /// partitions reassigned. Clients learn of it by Metadata.
    ///
    /// # Errors
    /// When no port is free.
    pub fn add_node(&self, rack: Option<&str>) -> Result<Node, NodeError> {
        let (id, _) = self.started.shared.add_node(rack.map(str::to_owned))?;
        Ok(self.node(id.0))
    }

    /// Stops and starts one node after the other, each when the one before it is back.
    ///
    /// # Errors
    /// When a node's port is taken meanwhile.
    pub async fn rolling_restart(&self) -> Result<(), NodeError> {
        Ok(self.started.shared.restart_nodes().await?)
    }

    /// A partition, by its topic's name and its index.
    #[must_use]
    pub fn partition(&self, topic: &str, index: i32) -> Partition {
        Partition {
            shared: Arc::clone(&self.started.shared),
            topic: topic.to_owned(),
            index,
        }
    }

    /// A topic, by its name.
    #[must_use]
    pub fn topic(&self, name: &str) -> Topic {
        Topic {
            shared: Arc::clone(&self.started.shared),
            name: name.to_owned(),
        }
    }

    /// A consumer group, by its id.
    #[must_use]
    pub fn group(&self, id: &str) -> Group {
        Group {
            shared: Arc::clone(&self.started.shared),
            id: id.to_owned(),
        }
    }

    /// A transactional id.
    #[must_use]
    pub fn transaction(&self, transactional_id: &str) -> Transaction {
        Transaction {
            shared: Arc::clone(&self.started.shared),
            id: transactional_id.to_owned(),
        }
    }

    /// Lets the next `answers` to Metadata tell of the nodes, leaders and in-sync replicas as they are now,
    /// whatever becomes of them, as from a broker that lags behind its controller. With 0 answers are up to
    /// date again.
    pub fn freeze_metadata(&self, answers: u64) {
        let shared = &self.started.shared;
        shared.tell(Input::Command(Command::FreezeMetadata { answers }));
    }

    /// Keeps transaction markers back, or lets them be written again. A transaction that has ended then
    /// stays in PrepareCommit or PrepareAbort: its producer is told CONCURRENT_TRANSACTIONS, and its
    /// records stay behind the last stable offset.
    pub fn hold_transaction_markers(&self, hold: bool) {
        let shared = &self.started.shared;
        shared.tell(Input::Command(Command::HoldMarkers { hold }));
    }

    /// The cluster's clock.
    #[must_use]
    pub fn clock(&self) -> ClockHandle {
        ClockHandle {
            shared: Arc::clone(&self.started.shared),
        }
    }

    /// What the cluster did so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal {
            shared: Arc::clone(&self.started.shared),
        }
    }

    /// The control port's URL, if there is one.
    #[must_use]
    pub fn control(&self) -> Option<&str> {
        self.started.control.as_deref()
    }
}

/// Something that cannot be done to the cluster as it is. Says why, and what could be done.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct CommandError(#[from] Refused);

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
    /// When a fault rule has not acted as often as it was expected to, unless a panic is under way. The
    /// message shows what happened last.
    #[expect(clippy::panic, reason = "a test whose fault did not happen must fail")]
    fn drop(&mut self) {
        // Before connections close, which would fill the end of the journal.
        let (unmet, tail) = self
            .started
            .shared
            .look(|engine| (engine.passage.faults.unmet(), journal::tail(engine)));
        if let Some(running) = self.running.take() {
            running.end(&self.started.shared);
        }
        for broken in &unmet {
            tracing::error!("{broken}");
        }
        // What came over the control port has nobody here who could be told.
        let mounted_here: Vec<_> = unmet.iter().filter(|u| u.is_from_program).collect();
        if !mounted_here.is_empty() && !std::thread::panicking() {
            let broken: Vec<_> = mounted_here.iter().map(ToString::to_string).collect();
            let (broken, ending) = (broken.join("; "), journal::Ending(&tail));
            panic!("{broken}; seed {}; {ending}", self.seed());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn brokers_are_shared_between_threads() {
        const fn check<T: Send + Sync>() {}
        check::<Broker>();
        check::<Builder>();
        check::<StartError>();
    }

    #[test]
    fn dropping_a_broker_closes_its_connections() {
        let broker = Broker::builder().nodes(3).start_blocking().unwrap();
        let addresses: Vec<String> = broker.bootstrap().split(',').map(str::to_owned).collect();
        assert_eq!(addresses.len(), 3);
        let mut open: Vec<_> = addresses
            .iter()
            .map(|address| TcpStream::connect(address).unwrap())
            .collect();
        drop(broker);
        for stream in &mut open {
            assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
        }
        for address in &addresses {
            assert!(TcpStream::connect(address).is_err());
        }
    }

    #[test]
    fn a_stopped_node_closes_its_connections_and_comes_back_where_it_was() {
        let broker = Broker::builder().nodes(2).start_blocking().unwrap();
        let address = broker.bootstrap().split(',').nth(1).unwrap();
        for _ in 0..3 {
            let mut open = TcpStream::connect(address).unwrap();
            broker.node(2).stop_blocking().unwrap();
            assert!(!broker.node(2).is_running());
            assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
            assert!(TcpStream::connect(address).is_err());
            broker.node(2).start().unwrap();
            assert!(broker.node(2).is_running());
        }
        TcpStream::connect(address).unwrap();
        assert!(broker.node(3).stop_blocking().is_err());
        assert!(broker.node(3).start().is_err());
    }

    #[test]
    fn nodes_come_go_and_stand_still() {
        let broker = Broker::builder().start_blocking().unwrap();
        assert!(broker.node(1).remove().is_err(), "the last one");
        let second = broker.add_node(Some("b")).unwrap();
        assert_eq!(second.id(), 2);
        assert!(second.is_running());
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        runtime.block_on(broker.rolling_restart()).unwrap();
        assert!(second.is_running());
        let mut open = TcpStream::connect(broker.bootstrap()).unwrap();
        broker.node(1).pause().unwrap();
        broker.node(1).pause().unwrap();
        let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
        std::io::Write::write_all(&mut open, &request).unwrap();
        open.set_nonblocking(true).unwrap();
        assert!(open.read(&mut [0]).is_err());
        open.set_nonblocking(false).unwrap();
        broker.node(1).resume().unwrap();
        open.read_exact(&mut [0; 8]).unwrap();
        second.remove().unwrap();
        assert!(!second.is_running());
        assert!(second.pause().is_err());
    }

    #[test]
    fn what_cannot_start_says_why() {
        #[track_caller]
        fn check(builder: Builder, words: &str) {
            let error = builder.start_blocking().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        check(Broker::builder().nodes(0), "at least one node");
        check(
            Broker::builder().config("num.partitons", "1"),
            "num.partitions",
        );
        check(
            Broker::builder().config("num.partitions", "x"),
            "Not a number",
        );
        check(Broker::builder().properties("a=\\u00g0"), "line 1");
        check(Broker::builder().topic("a/b", 1, 1), "a/b");
        check(Broker::builder().topic("t", 1, 2), "replication");
        check(Broker::builder().topic("t", 0, 1), "partition");
        check(Broker::builder().rack(7, "r"), "7");
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        check(Broker::builder().listen(&address), &address);
    }
}
