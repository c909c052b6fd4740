//! A cluster on the test's own runtime, reached without sockets.

use std::io;
use std::ops::Deref;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::broker::Broker;
use super::builder::Builder;
use super::error::StartError;
use super::placing;
use super::run;
use super::thread::Running;
#[cfg(feature = "oauth")]
use super::tokens;
use crate::engine::ListenerId;
use crate::server::clock::Clock;
use crate::server::shared::Shared;
use crate::server::transport::memory::MemoryStream;
use crate::wire::units::NodeId;

/// A cluster that shares the runtime of its clients and is reached without sockets; from
/// [`Builder::start_in_memory`]. It is a [`Broker`] in everything else.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let cluster = fauxka::Broker::builder().nodes(3).start_in_memory()?;
/// let client = cluster.connect(2).await?;
/// cluster.journal().kind("connection_opened").wait_for(1, std::time::Duration::from_secs(5)).await?;
/// # drop(client);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct InMemory {
    broker: Broker,
}

/// The way to the nodes of a cluster in memory, for a client that brings its own means of connecting; from
/// [`InMemory::network`].
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let cluster = fauxka::Broker::builder().start_in_memory()?;
/// let network = cluster.network();
/// let client = tokio::spawn(async move { network.dial("127.0.0.1:9092").await });
/// assert!(client.await?.is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Network {
    shared: Arc<Shared>,
}

impl Builder {
    /// Starts the cluster as tasks of the present runtime, reached by [`InMemory::connect`] and [`InMemory::dial`]
    /// alone. A connection goes through all that one through a socket does: limits, fault rules, rules about bytes,
    /// the journal, nodes that stop.
    ///
    /// The runtime's clock is the cluster's. If a test has paused it, time passes only when everybody waits,
    /// and then at once: sessions, rebalance and transaction time-outs, retention, long polls, delays and latencies
    /// take their exact time, and none of it is real. With one thread, a [seed](Builder::seed) and a [time of
    /// day](crate::clock::Clock::starting_at), two runs are the same to the byte.
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
    /// A client that waits in vain does not hang: time passes for as long as there is a deadline, and
    /// there always is one. Put `tokio::time::timeout` around what may not come. `tokio::time::sleep` lets everything
    /// on the way happen at its own moment, while `tokio::time::advance` jumps, and what was due comes late. Deadlines
    /// are met to the millisecond, as tokio's timers are. If one falls on the very moment at which a test wakes up,
    /// the test goes first.
    ///
    /// Nodes are at [`Builder::listen`]'s host, and at its port and those after it: from 9092 on unless you name a port.
    /// They do not take these ports from anybody. There is no control port. Functions that end in `_blocking` panic on the
    /// runtime's only thread, because they would keep it from what they wait for.
    ///
    /// # Errors
    /// You are outside of a tokio runtime, or want a control port, or no cluster can have one of the settings or topics.
    ///
    /// # Panics
    /// The runtime was built without its timers.
    pub fn start_in_memory(self) -> Result<InMemory, StartError> {
        let runtime = Handle::try_current().map_err(StartError::invalid)?;
        #[cfg(feature = "control")]
        if self.control.is_some() {
            return Err(StartError::invalid(
                "a cluster in memory has no control port: start one with sockets for that",
            ));
        }
        let real = || Clock::runtime(runtime, self.clock.start);
        let (assembled, bound) = run::make(&self, real, placing::in_memory)?;
        #[cfg(feature = "oauth")]
        tokens::refuse(&assembled.shared, "a cluster in memory asks nobody")?;
        let timer = crate::server::spawn(&assembled.shared, bound.into_listening())?;
        // Nobody can be connected yet.
        drop(assembled.shared.close_stopped());
        Ok(InMemory {
            broker: Broker::running(assembled.started(None), Running::Tasks(timer)),
        })
    }
}

impl InMemory {
    /// A connection to a node, by its id.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let cluster = fauxka::Broker::builder().nodes(2).start_in_memory()?;
    /// assert!(cluster.connect(2).await.is_ok());
    /// assert!(cluster.connect(3).await.is_err(), "there is no such node");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As where nobody listens: there is no such node, or it is stopped, or a rule has it refuse connections.
    pub async fn connect(&self, node: i32) -> io::Result<MemoryStream> {
        self.network().connect(node).await
    }

    /// A connection to the node that is at `HOST:PORT`, as [`Broker::bootstrap`] and Metadata have it.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let cluster = fauxka::Broker::builder().start_in_memory()?;
    /// assert!(cluster.dial(cluster.bootstrap()).await.is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As where nobody listens: no node is there, or it is stopped, or a rule has it refuse connections.
    pub async fn dial(&self, address: &str) -> io::Result<MemoryStream> {
        self.network().dial(address).await
    }

    /// The way to the nodes, for whatever outlives a borrow of the cluster, such as a client that opens connections by
    /// itself.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let cluster = fauxka::Broker::builder().start_in_memory()?;
    /// let network = cluster.network();
    /// drop(cluster);
    /// assert!(network.connect(1).await.is_err(), "the cluster has ended");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn network(&self) -> Network {
        Network {
            shared: self.broker.shared(),
        }
    }
}

impl Network {
    /// As [`InMemory::connect`].
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let cluster = fauxka::Broker::builder().start_in_memory()?;
    /// assert!(cluster.network().connect(1).await.is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As there; also once the cluster has ended.
    pub async fn connect(&self, node: i32) -> io::Result<MemoryStream> {
        self.shared
            .connect((NodeId(node), ListenerId::default()), None)
            .await
    }

    /// As [`InMemory::dial`].
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let cluster = fauxka::Broker::builder().start_in_memory()?;
    /// let network = cluster.network();
    /// assert!(network.dial("127.0.0.1:9092").await.is_ok());
    /// assert!(network.dial("127.0.0.1:1").await.is_err(), "nobody is there");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As there; also once the cluster has ended.
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
