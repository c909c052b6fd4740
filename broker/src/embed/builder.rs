//! Describing a cluster.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use super::{Broker, Clock, StartError, run, thread};
use crate::engine::Advertise;
use crate::engine::cluster::configs::Overrides;
use crate::engine::journal::JournalSettings;
use crate::engine::origin::{NewTopic, NewUser, Origin, Said};
use crate::server::recorder::Target;

/// A cluster that is yet to start. Unless told otherwise it has one node, listens on a free port of
/// 127.0.0.1 and behaves as Apache Kafka does with its default configuration.
///
/// ```
/// # fn main() -> Result<(), fauxka::StartError> {
/// let broker = fauxka::Broker::builder()
///     .nodes(3)
///     .seed(7)
///     .config("auto.create.topics.enable", "false")
///     .topic("orders", 24, 3)
///     .start_blocking()?;
/// assert_eq!(broker.bootstrap().split(',').count(), 3);
/// assert_eq!(broker.seed(), 7);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    pub(super) nodes: usize,
    pub(super) first_node_id: i32,
    pub(super) seed: u64,
    pub(super) config: Vec<(String, String)>,
    pub(super) properties: Vec<u8>,
    pub(super) racks: BTreeMap<i32, String>,
    pub(super) listen: String,
    pub(super) advertise: Option<Advertise>,
    /// Weaker than properties and what was set one by one.
    pub(super) file_config: Vec<(String, String)>,
    pub(super) origin: Origin,
    pub(super) max_log_bytes: u64,
    pub(super) workers: usize,
    pub(super) control: Option<Control>,
    pub(super) control_token: Option<String>,
    pub(super) clock: Clock,
    pub(super) as_version: Option<String>,
    pub(super) journal: JournalSettings,
    /// By default what the clock says.
    pub(super) auto_create_delay: Option<Duration>,
    pub(super) record: Option<Target>,
    pub(super) check_invariants: bool,
}

/// Where the control port is wanted.
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub(super) address: String,
    /// A free port will do when this one is taken.
    pub(super) or_any: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            nodes: 1,
            first_node_id: 1,
            // Short enough to be typed again. The standard library's hashes are keyed at random.
            seed: RandomState::new().build_hasher().finish() >> 32,
            config: Vec::new(),
            properties: Vec::new(),
            racks: BTreeMap::new(),
            listen: "127.0.0.1:0".to_owned(),
            advertise: None,
            file_config: Vec::new(),
            origin: Origin::default(),
            max_log_bytes: 1 << 30,
            workers: 1,
            control: None,
            control_token: None,
            clock: Clock::real(),
            as_version: None,
            journal: JournalSettings::default(),
            auto_create_delay: None,
            record: None,
            check_invariants: false,
        }
    }
}

impl Builder {
    /// The number of nodes; 1 by default.
    pub const fn nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// The id of the first node; the others' follow. 1 by default.
    pub const fn first_node_id(mut self, id: i32) -> Self {
        self.first_node_id = id;
        self
    }

    /// What decides every random choice; by default a number that [`Broker::seed`] tells.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets a property of Kafka's brokers on every node, such as `num.partitions`.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.push((key.into(), value.into()));
        self
    }

    /// Reads a `server.properties` file, given as its text or bytes. [`Builder::config`] is
    /// stronger. What only concerns a real cluster's machinery has no effect.
    pub fn properties(mut self, text: impl AsRef<[u8]>) -> Self {
        self.properties.extend_from_slice(text.as_ref());
        self.properties.push(b'\n');
        self
    }

    /// Puts a node into a rack, as `broker.rack` does.
    pub fn rack(mut self, node: i32, rack: impl Into<String>) -> Self {
        self.racks.insert(node, rack.into());
        self
    }

    /// The first node's `HOST:PORT`. The other nodes listen on the ports after it; with port 0, the
    /// default, all of them listen on free ports.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// The host, and the first node's port if it is another, at which clients are told to reach the
    /// nodes. By default that is where the nodes listen.
    pub fn advertise(mut self, host: impl Into<String>, port: Option<u16>) -> Self {
        self.advertise = Some(Advertise::Host(host.into(), port));
        self
    }

    /// Tells each client to reach the nodes at the host that it reached this one at. Default when
    /// the nodes listen on all addresses (`0.0.0.0`).
    pub fn advertise_dialled(mut self) -> Self {
        self.advertise = Some(Advertise::Dialled);
        self
    }

    /// A topic that exists from the start. Of a topic that a file describes, this changes the size.
    pub fn topic(mut self, name: impl Into<String>, partitions: usize, replication: usize) -> Self {
        self.origin.add_topic(Said {
            what: NewTopic {
                name: name.into(),
                partitions,
                replication: Some(replication),
                overrides: Overrides::new(),
            },
            place: None,
        });
        self
    }

    /// Somebody who can log in, by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, unless `sasl.enabled.mechanisms` says less.
    /// With users every listener is SASL_PLAINTEXT: who has not logged in is not served.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
    /// assert_eq!(broker.users()[0].name, "alice");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.origin.users.push(Said {
            what: NewUser {
                name: name.into(),
                password: password.into(),
            },
            place: None,
        });
        self
    }

    /// How many nodes there will be.
    #[must_use]
    pub const fn node_count(&self) -> usize {
        self.nodes
    }

    /// How many bytes of records the cluster holds at most; 1 GiB by default.
    pub const fn max_log_bytes(mut self, bytes: u64) -> Self {
        self.max_log_bytes = bytes;
        self
    }

    /// How long it takes on the cluster's clock until a topic is there that is made because a client asks about it
    /// (`auto.create.topics.enable`): 30 ms by default, as in Kafka, and no time with a manual clock. Until then clients
    /// are told UNKNOWN_TOPIC_OR_PARTITION. A topic that CreateTopics makes is there when that is answered.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let broker = fauxka::Broker::builder().auto_create_delay(Duration::ZERO).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn auto_create_delay(mut self, delay: Duration) -> Self {
        self.auto_create_delay = Some(delay);
        self
    }

    /// How many rows the journal keeps; 10,000 by default, and none with 0.
    pub const fn journal_rows(mut self, rows: usize) -> Self {
        self.journal.rows = rows;
        self
    }

    /// Roughly how much memory the journal's rows take at most; 32 MiB by default.
    pub const fn journal_bytes(mut self, bytes: usize) -> Self {
        self.journal.bytes = bytes;
        self
    }

    /// Has the journal keep requests and answers whole.
    pub const fn journal_bodies(mut self, keep: bool) -> Self {
        self.journal.bodies = keep;
        self
    }

    /// What moves the cluster's time; the system's clock by default.
    pub const fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Offers what brokers of another release offer, and no more: `"3.9"`, `"2.8"`, or `"msk-serverless"`. Requests, their
    /// versions and the levels of features are those that such brokers list. What is served is answered as
    /// Kafka 4.4 answers it.
    pub fn as_version(mut self, release: impl Into<String>) -> Self {
        self.as_version = Some(release.into());
        self
    }

    /// Looks after everything that happens whether the cluster is still sound, and panics where it is not: for whoever
    /// looks for a defect of Fauxka itself. It takes time that grows with what the cluster holds.
    pub const fn check_invariants(mut self, check: bool) -> Self {
        self.check_invariants = check;
        self
    }

    /// How many threads serve connections; 1 by default.
    pub const fn worker_threads(mut self, threads: usize) -> Self {
        self.workers = threads;
        self
    }

    /// What requests to the control port must show, as `Authorization: Bearer TOKEN`. A control port that is not
    /// on loopback needs one.
    #[cfg(feature = "control")]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(token.into());
        self
    }

    /// Opens the control port at `HOST:PORT`; port 0 takes a free one.
    #[cfg(feature = "control")]
    pub fn control(mut self, address: impl Into<String>) -> Self {
        self.control = Some(Control {
            address: address.into(),
            or_any: false,
        });
        self
    }

    /// Opens the control port at `HOST:PORT`, or at a free port when that one is taken.
    #[cfg(feature = "control")]
    pub fn control_preferring(mut self, address: impl Into<String>) -> Self {
        self.control = Some(Control {
            address: address.into(),
            or_any: true,
        });
        self
    }

    /// Starts the cluster and waits until every node accepts connections.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let broker = fauxka::Broker::builder().start().await?;
    /// println!("bootstrap.servers={}", broker.bootstrap());
    /// # Ok::<(), fauxka::StartError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// When an address cannot be listened on, or a setting or topic is not possible.
    pub async fn start(self) -> Result<Broker, StartError> {
        thread::start(move || run::prepare(&self)).await
    }

    /// Starts the cluster and blocks until every node accepts connections. For tests without a
    /// runtime; any thread may call it.
    ///
    /// # Errors
    /// When an address cannot be listened on, or a setting or topic is not possible.
    pub fn start_blocking(self) -> Result<Broker, StartError> {
        thread::start_blocking(move || run::prepare(&self))
    }
}
