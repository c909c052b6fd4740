//! A cluster on the test's own runtime, reached without sockets.

use std::io;
use std::ops::Deref;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::builder::Builder;
use super::thread::Running;
use super::{Broker, StartError, endpoints, run};
use crate::server::clock::Clock;
use crate::server::nodes::Listening;
use crate::server::shared::Shared;
use crate::server::transport::memory::MemoryStream;
use crate::wire::units::NodeId;

/// A cluster that shares the runtime of its clients and is reached without sockets; from
/// [`Builder::start_in_memory`]. It is a [`Broker`] in all else.
#[derive(Debug)]
pub struct InMemory {
    broker: Broker,
}

/// The way to the nodes of a cluster in memory, for a client that brings its own means of connecting; from
/// [`InMemory::network`].
#[derive(Debug, Clone)]
pub struct Network {
    shared: Arc<Shared>,
}

impl Builder {
    /// Starts the cluster as tasks of the present runtime, reached by [`InMemory::connect`] and [`InMemory::dial`]
    /// alone. A connection goes through all that one through a socket does: limits, fault rules, rules about bytes,
    /// the journal, nodes that stop.
    ///
    /// The runtime's clock is the cluster's. Where a test has paused it, time passes only when everybody waits,
    /// and then at once: sessions, rebalance and transaction time-outs, retention, long polls, delays and latencies
    /// take their exact time, and none of it is real. With one thread, a [seed](Builder::seed) and a [time of
    /// day](crate::Clock::starting_at), two runs are the same to the byte.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    /// use tokio::time::Instant;
    ///
    /// #[tokio::main(flavor = "current_thread", start_paused = true)] // as #[tokio::test] has it
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let cluster = fauxka::Broker::builder().nodes(3).seed(7).start_in_memory()?;
    ///     assert_eq!(cluster.bootstrap(), "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094");
    ///     let late = Duration::from_secs(60);
    ///     cluster.on(fauxka::Api::ApiVersions).before_apply().delay(late).mount();
    ///
    ///     let began = Instant::now();
    ///     let mut client = cluster.dial("127.0.0.1:9093").await?; // as Metadata says where nodes are
    ///     client.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]).await?;
    ///     let mut answer = [0; 8];
    ///     client.read_exact(&mut answer).await?;
    ///     assert_eq!(answer[4..], [0, 0, 0, 7]); // its correlation id
    ///     assert_eq!(began.elapsed(), late); // a minute, of which nothing was waited for
    ///     Ok(())
    /// }
    /// ```
    ///
    /// A client that waits in vain does not stand still either: time passes for as long as there is a deadline, and
    /// there always is one. Put `tokio::time::timeout` around what may not come. `tokio::time::sleep` lets everything
    /// on the way happen at its own moment, while `tokio::time::advance` jumps, and what was due comes late. Deadlines
    /// are met to the millisecond, as tokio's timers are; where one falls on the very moment at which a test wakes up,
    /// the test goes first.
    ///
    /// Nodes are at [`Builder::listen`]'s host, and at its port and those after it, from 9092 on unless it is said; they
    /// take none of them. There is no control port. Functions that end in `_blocking` panic on the runtime's only
    /// thread, which they would keep from what they wait for.
    ///
    /// # Errors
    /// Outside of a tokio runtime, with a control port, or when a setting or topic is not possible.
    ///
    /// # Panics
    /// When the runtime was built without its timers.
    pub fn start_in_memory(self) -> Result<InMemory, StartError> {
        let runtime = Handle::try_current().map_err(StartError::invalid)?;
        if self.control.is_some() {
            return Err(StartError::invalid(
                "a cluster in memory has no control port: start one with sockets for that",
            ));
        }
        let config = run::static_config(&self)?;
        let ids = run::node_ids(&self)?;
        let addresses = endpoints::in_memory(&self.listen, ids.len())?;
        let clock = if self.clock.manual {
            Clock::manual(run::time_of_day(&self))
        } else {
            Clock::runtime(runtime, self.clock.start)
        };
        let assembled = run::assemble(&self, config, ids, &addresses, clock)?;
        let listening = addresses.into_iter().map(Listening::Memory);
        let ids = assembled.ids.iter().copied();
        let timer = crate::server::spawn(&assembled.shared, ids.zip(listening).collect())?;
        // Nobody can be connected yet.
        drop(assembled.shared.close_stopped());
        Ok(InMemory {
            broker: Broker {
                started: assembled.started(None),
                running: Some(Running::Tasks(timer)),
            },
        })
    }
}

impl InMemory {
    /// A connection to a node, by its id.
    ///
    /// # Errors
    /// As where nobody listens: when there is no such node, it is stopped, or a rule has it refuse connections.
    pub async fn connect(&self, node: i32) -> io::Result<MemoryStream> {
        self.network().connect(node).await
    }

    /// A connection to the node that [`Broker::bootstrap`] and Metadata say is at `HOST:PORT`.
    ///
    /// # Errors
    /// As where nobody listens: when no node is there, it is stopped, or a rule has it refuse connections.
    pub async fn dial(&self, address: &str) -> io::Result<MemoryStream> {
        self.network().dial(address).await
    }

    /// The same two for whoever outlives a borrow, such as a client that opens connections by itself.
    #[must_use]
    pub fn network(&self) -> Network {
        Network {
            shared: Arc::clone(&self.broker.started.shared),
        }
    }
}

impl Network {
    /// As [`InMemory::connect`].
    ///
    /// # Errors
    /// As there; also once the cluster is dropped.
    pub async fn connect(&self, node: i32) -> io::Result<MemoryStream> {
        self.shared.connect(NodeId(node), None).await
    }

    /// As [`InMemory::dial`].
    ///
    /// # Errors
    /// As there; also once the cluster is dropped.
    pub async fn dial(&self, address: &str) -> io::Result<MemoryStream> {
        self.shared.dial(address).await
    }
}

impl Deref for InMemory {
    type Target = Broker;

    fn deref(&self) -> &Broker {
        &self.broker
    }
}
