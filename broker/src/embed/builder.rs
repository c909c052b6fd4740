//! Describing a cluster.

mod contents;
mod iam;
mod journal;
mod network;
#[cfg(feature = "oauth")]
mod oauth;
mod profile;
#[cfg(feature = "tls")]
mod tls;

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

#[cfg(feature = "tls")]
use super::certificates::Wanted;
use super::clock::Clock;
use super::listeners::Listener;
use crate::engine::Advertise;
use crate::engine::journal::JournalSettings;
use crate::engine::msk::Place;
use crate::engine::origin::Origin;
use crate::server::journal_file::JournalTarget;
use crate::server::recorder::Target;

pub(super) use profile::Profile;

/// A cluster that is yet to start. Unless you say otherwise it has one node, listens on a free port of
/// 127.0.0.1 and behaves as Apache Kafka does with its default configuration.
///
/// ```
/// let broker = fauxka::Broker::builder()
///     .nodes(3)
///     .seed(7)
///     .config("auto.create.topics.enable", "false")
///     .topic("orders", 24, 3)
///     .start_blocking()?;
/// assert_eq!(broker.bootstrap().split(',').count(), 3);
/// assert_eq!(broker.seed(), 7);
/// # Ok::<(), fauxka::StartError>(())
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
    pub(super) listen: Option<String>,
    pub(super) listen_by_default: String,
    pub(super) listeners: Vec<Listener>,
    pub(super) advertise: Option<Advertise>,
    /// Weaker than properties and what was set one by one.
    pub(super) file_config: Vec<(String, String)>,
    pub(super) origin: Origin,
    /// By default half of the memory that there is.
    pub(super) max_log_bytes: Option<u64>,
    pub(super) workers: usize,
    #[cfg(feature = "control")]
    pub(super) control: Option<Control>,
    #[cfg(feature = "control")]
    pub(super) control_token: Option<String>,
    pub(super) clock: Clock,
    pub(super) as_version: Option<String>,
    pub(super) journal: JournalSettings,
    /// By default what the clock says.
    pub(super) auto_create_delay: Option<Duration>,
    pub(super) record: Option<Target>,
    pub(super) journal_file: Option<JournalTarget>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Wanted>,
    /// The cluster of MSK that this one stands for; some cluster if keys of AWS's are there and nothing is said.
    pub(super) msk: Option<Place>,
    /// Whose ways in the cluster has if no listeners are described.
    pub(super) profile: Option<Profile>,
    /// Whether tokens are given out, and how.
    pub(super) oauth: Option<OauthWanted>,
    pub(super) lenient: bool,
    pub(super) check_invariants: bool,
}

/// Where the control port is wanted.
#[cfg(feature = "control")]
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub(super) address: String,
    /// A free port will do when this one is taken.
    pub(super) or_any: bool,
}

/// How tokens are given out.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(feature = "oauth"),
    expect(dead_code, reason = "nobody asks for them without the feature")
)]
pub(super) struct OauthWanted {
    pub(super) lifetime: Duration,
    /// Sets of keys whose tokens are taken in exchange, as JSON.
    pub(super) trusted: Vec<String>,
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
            listen: None,
            listen_by_default: "127.0.0.1:0".to_owned(),
            listeners: Vec::new(),
            advertise: None,
            file_config: Vec::new(),
            origin: Origin::default(),
            max_log_bytes: None,
            workers: 1,
            #[cfg(feature = "control")]
            control: None,
            #[cfg(feature = "control")]
            control_token: None,
            clock: Clock::real(),
            as_version: None,
            journal: JournalSettings::default(),
            auto_create_delay: None,
            record: None,
            journal_file: None,
            #[cfg(feature = "tls")]
            tls: None,
            msk: None,
            profile: None,
            oauth: None,
            lenient: false,
            check_invariants: false,
        }
    }
}

impl Builder {
    /// Whether there is anything to log in with.
    pub(super) const fn has_log_ins(&self) -> bool {
        !self.origin.users.is_empty() || !self.origin.access_keys.is_empty() || self.oauth.is_some()
    }

    /// Whether the single listener of a cluster for which none is described has TLS.
    #[cfg(feature = "tls")]
    pub(super) const fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether the single listener of a cluster for which none is described has TLS.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "the other one asks it")]
    pub(super) const fn has_tls(&self) -> bool {
        false
    }

    /// The number of nodes: 1 or more, 1 by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(3).start_blocking()?;
    /// assert!(broker.node(3).is_running());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// The id of the first node, from 0 on; the next nodes have the next ids. 1 by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).first_node_id(10).start_blocking()?;
    /// assert!(broker.node(11).is_running());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn first_node_id(mut self, id: i32) -> Self {
        self.first_node_id = id;
        self
    }

    /// How many nodes there will be.
    ///
    /// ```
    /// assert_eq!(fauxka::Broker::builder().nodes(3).node_count(), 3);
    /// ```
    #[must_use]
    pub const fn node_count(&self) -> usize {
        self.nodes
    }

    /// Decides every random choice of the cluster: ids, placement, chance in fault rules. By default it is a new number
    /// each time; [`Broker::seed`](crate::Broker::seed) tells you which.
    ///
    /// ```
    /// let start = || fauxka::Broker::builder().nodes(3).topic("orders", 6, 1).seed(7).start_blocking();
    /// let (first, second) = (start()?, start()?);
    /// let ids = [first, second].map(|broker| broker.topics()[0].id.clone());
    /// assert_eq!(ids[0], ids[1]);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets a property of Kafka's brokers on every node, such as `num.partitions`. A key that Kafka does not have, or a
    /// value that it does not take, is an error when you start the cluster.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().config("num.partitions", "6").start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.push((key.into(), value.into()));
        self
    }

    /// Reads a `server.properties` file, given as its text or bytes. [`Builder::config`] overrides it. Properties that
    /// only concern the machinery of a real cluster have no effect.
    ///
    /// ```
    /// let text = "num.partitions=6\nlog.dirs=/var/lib/kafka\n";
    /// let broker = fauxka::Broker::builder().properties(text).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn properties(mut self, text: impl AsRef<[u8]>) -> Self {
        self.properties.extend_from_slice(text.as_ref());
        self.properties.push(b'\n');
        self
    }

    /// Puts a node into a rack, as `broker.rack` does.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).rack(1, "a").rack(2, "b").start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn rack(mut self, node: i32, rack: impl Into<String>) -> Self {
        self.racks.insert(node, rack.into());
        self
    }

    /// Offers what brokers of another release offer, and no more: `"3.9"`, `"2.8"`, or `"msk-serverless"`. Requests, their
    /// versions and the levels of features are those that such brokers list. Whatever it serves, it answers as Kafka 4.4
    /// does.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().as_version("3.7").start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn as_version(mut self, release: impl Into<String>) -> Self {
        self.as_version = Some(release.into());
        self
    }

    /// Chooses what moves the cluster's time; the system's clock by default.
    ///
    /// ```
    /// use fauxka::clock::Clock;
    /// use std::time::Duration;
    ///
    /// let broker = fauxka::Broker::builder().clock(Clock::manual()).start_blocking()?;
    /// assert_eq!(broker.clock().elapsed(), Duration::ZERO);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Accepts settings that would change who can connect or what clients may do, though they have no effect here, such
    /// as `ssl.keystore.location` or `authorizer.class.name`. Each gets a line in the log, at `WARN`. Without this a
    /// cluster that is given one does not start: a test of security would pass with nothing enforced.
    ///
    /// ```
    /// use fauxka::Broker;
    ///
    /// let strict = Broker::builder().config("ssl.client.auth", "required");
    /// let error = strict.clone().start_blocking().unwrap_err();
    /// assert!(error.to_string().starts_with("ssl.client.auth has no effect here: "));
    /// let broker = strict.lenient(true).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn lenient(mut self, lenient: bool) -> Self {
        self.lenient = lenient;
        self
    }

    /// Checks after everything that happens whether the cluster is still sound, and panics if it is not. Use it to
    /// look for a defect of Fauxka itself. It takes time that grows with what the cluster holds.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().check_invariants(true).topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.topics().len(), 1);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn check_invariants(mut self, check: bool) -> Self {
        self.check_invariants = check;
        self
    }

    /// How many threads serve connections; 1 by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().worker_threads(4).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn worker_threads(mut self, threads: usize) -> Self {
        self.workers = threads;
        self
    }
}
