//! Fauxka: a pure-Rust emulator of an Apache Kafka cluster for tests.
//!
//! Clients of any language connect to it as they do to Kafka, over its own protocol. It needs no
//! JVM and no container, keeps everything in memory, starts within milliseconds and ends when it is
//! dropped:
//!
//! ```
//! let broker = fauxka::Broker::builder()
//!     .nodes(3)
//!     .topic("orders", 24, 3)
//!     .start_blocking()?;
//! // Clients take this as their `bootstrap.servers`.
//! println!("{}", broker.bootstrap());
//! # Ok::<(), fauxka::StartError>(())
//! ```
//!
//! [`Builder`] says what a cluster can look like, and [`Builder::start_in_memory`] runs one without sockets or real
//! time. [`fault`] lets things go wrong, [`clock`] moves time, [`journal`] and [`inspect`] show what happened. The program
//! `fauxka` runs a cluster as a process of its own. [`guide`] shows all of it, with recipes.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "server"),
    allow(unused_imports, reason = "only the server calls the engine")
)]
#![cfg_attr(
    not(feature = "control"),
    allow(
        dead_code,
        reason = "only the server and its control port call all of the engine"
    )
)]

#[cfg(benching)]
#[doc(hidden)]
pub mod benching;
#[cfg(feature = "control")]
mod control;
#[cfg(feature = "server")]
mod embed;
mod engine;
#[cfg(any(test, fuzzing))]
#[cfg(all(feature = "control", feature = "oauth", feature = "tls"))]
pub mod fuzzing;
#[cfg(test)]
mod property;
#[cfg(feature = "server")]
mod server;
mod wire;

// The pages' links to each other come first, so that they count and not those for readers of the files.
#[cfg(any(doc, doctest))]
pub mod guide {
    //! [faults.md]: crate::guide::faults
    //! [control.md]: crate::guide::control
    //! [README.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/README.md
    //! [first-test.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/first-test.md
    //! [test-suites.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/test-suites.md
    //! [long-lived-consumers.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/long-lived-consumers.md
    //! [running.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/running.md
    //! [authorization.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/authorization.md
    //! [listeners.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/listeners.md
    //! [msk.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/msk.md
    //! [share-groups.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/share-groups.md
    //! [streams-groups.md]: https://github.com/fauxka/fauxka/blob/main/broker/docs/streams-groups.md
    //! [openapi.json]: https://github.com/fauxka/fauxka/blob/main/broker/docs/openapi.json
    #![doc = ""]
    #![doc = include_str!("../docs/guide.md")]

    pub mod faults {
        //! [time]: crate::guide#time
        #![doc = ""]
        #![doc = include_str!("../docs/faults.md")]
    }

    pub mod control {
        //! [guide.md]: crate::guide
        //! [faults.md]: crate::guide::faults
        //! [openapi.json]: https://github.com/fauxka/fauxka/blob/main/broker/docs/openapi.json
        #![doc = ""]
        #![doc = include_str!("../docs/control.md")]
    }
}

pub use wire::api::{Api, UnknownApi};
pub use wire::error::{ErrorCode, UnknownErrorCode};

#[cfg(feature = "server")]
pub use embed::broker::Broker;
#[cfg(feature = "server")]
pub use embed::builder::Builder;
#[cfg(feature = "server")]
pub use embed::error::{CommandError, StartError};
// For the program, which is a crate of its own.
#[cfg(feature = "server")]
#[doc(hidden)]
pub use embed::size::parse_size;

/// What most tests import.
///
/// ```
/// use fauxka::prelude::*;
///
/// let broker = Broker::builder().clock(Clock::manual()).topic("orders", 1, 1).start_blocking()?;
/// broker.on(Api::Produce).nth(1).before_apply().error(ErrorCode::NotEnoughReplicas).mount();
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[cfg(feature = "server")]
pub mod prelude {
    pub use crate::clock::Clock;
    pub use crate::fault::Cut;
    pub use crate::{Api, Broker, ErrorCode};
}

/// The parts of a running cluster: nodes, topics, partitions, groups and transactional ids.
///
/// A part is named, not looked up: you can hold a [`Topic`](cluster::Topic) that does not exist yet. See
/// [`inspect`] for what they hold.
///
/// ```
/// let broker = fauxka::Broker::builder().nodes(3).topic("orders", 1, 3).start_blocking()?;
/// let orders = broker.partition("orders", 0);
/// let leader = orders.describe().unwrap().leader.unwrap();
/// broker.node(leader).stop_blocking()?;
/// assert_ne!(orders.describe().unwrap().leader, Some(leader));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "server")]
pub mod cluster {
    pub use crate::embed::group::Group;
    pub use crate::embed::node::{Node, NodeError};
    pub use crate::embed::partition::Partition;
    pub use crate::embed::produce::Produce;
    pub use crate::embed::topic::{CreateTopic, Topic};
    pub use crate::embed::transaction::Transaction;
}

/// Time that a test moves.
///
/// ```
/// use std::time::Duration;
/// use fauxka::Broker;
/// use fauxka::clock::Clock;
///
/// let broker = Broker::builder().clock(Clock::manual()).start_blocking()?;
/// // … the machine of a member of a group is lost …
/// broker.clock().silent("worker-*").advance_blocking(Duration::from_secs(45))?;
/// // … and the others take over …
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "server")]
pub mod clock {
    pub use crate::embed::clock::Clock;
    pub use crate::embed::clock_handle::{AdvanceError, ClockHandle, Expired};
}

/// Who may do what: ACLs, as Kafka's `StandardAuthorizer` keeps them.
///
/// A cluster authorizes if its brokers are started with `authorizer.class.name`, by Kafka's own name.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::acl::{Acl, Operation, ResourceType};
///
/// let broker = Broker::builder()
///     .user("alice", "secret")
///     .config(
///         "authorizer.class.name",
///         "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
///     )
///     .start_blocking()?;
/// broker.add_acl(&Acl::allow("User:alice", Operation::Write, ResourceType::Topic, "orders"))?;
/// let said = broker.why("User:alice", Operation::Read, ResourceType::Topic, "orders");
/// assert!(!said.is_allowed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub mod acl {
    pub use crate::engine::authorizer::{
        Acl, Operation, PatternType, Permission, ResourceType, UnknownWord,
    };
    pub use crate::engine::commands::acls::{AclQuery, Explained};
}

/// What goes wrong, and when: fault rules.
///
/// A rule begins with [`Broker::on`] and is in force once it is [mounted](fault::Rule::mount). [`guide::faults`] is the
/// grammar of rules, which files and the control port share.
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// let lost = broker.on(Api::Produce).topic("orders").nth(2).after_apply().disconnect().mount();
/// // … the application runs …
/// assert_eq!(lost.hits(), 0, "nobody has produced twice");
/// # Ok::<(), fauxka::StartError>(())
/// ```
///
/// Some examples on these pages call `hello(&broker)`: a client named `shop` sends ApiVersions, and returns the error
/// code of the answer.
pub mod fault {
    #[cfg(feature = "server")]
    pub use crate::embed::fault::{ByteStage, MountedRule, Rule, Stage, Times, TooFewHits};
    pub use crate::engine::fault::{BadRule, Cut, UnknownRule};
}

/// A cluster on the test's own runtime, reached without sockets; see [`Builder::start_in_memory`].
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let cluster = fauxka::Broker::builder().start_in_memory()?;
/// let client = cluster.dial("127.0.0.1:9092").await?;
/// # drop(client);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[cfg(feature = "server")]
pub mod in_memory {
    pub use crate::embed::in_memory::{InMemory, Network};
    pub use crate::server::transport::memory::MemoryStream;
}

/// What a cluster holds, as values to look at: topics, records, groups, transactions, users, policies.
///
/// No consumer is needed to look, and looking changes nothing.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").key("a").value("first").send()?;
/// let record = &broker.partition("orders", 0).records()?[0];
/// assert_eq!(record.value.as_deref(), Some(b"first".as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub mod inspect {
    pub use crate::engine::commands::users::User;
    pub use crate::engine::inspect::iam::{AccessKeyView, PolicyView};
    pub use crate::engine::inspect::{
        Batch, CommitView, Fate, GroupView, Header, Marker, MarkerKind, MemberView, OffsetView,
        PartitionView, ProducerView, Record, SharePartitionView, ShareRecordsView, TaskView,
        TopicPartitionsView, TopicView, TransactionView,
    };
}

/// Log-ins with AWS's credentials, as to MSK: access keys, the cluster that is meant, and policies.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::iam::{AccessKey, Msk};
///
/// let key = AccessKey::new("AKIAEXAMPLE", "secret", "arn:aws:iam::123456789012:user/alice");
/// let broker = Broker::builder()
///     .msk(Msk::default().region("eu-central-1").cluster("orders"))
///     .access_key(key)
///     .start_blocking()?;
/// // A client signs with the region eu-central-1, and is User:arn:aws:iam::123456789012:user/alice.
/// # drop(broker);
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[cfg(feature = "server")]
pub mod iam {
    pub use crate::embed::credentials::{AccessKey, Msk};
}

/// The ways into a cluster: listeners, each with a protocol and addresses of its own.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::listeners::{Listener, Protocol};
///
/// let external = Listener::new("EXTERNAL", Protocol::SaslPlaintext).advertise("kafka.test", Some(9096));
/// let broker = Broker::builder()
///     .listener("INTERNAL=PLAINTEXT://127.0.0.1:0".parse()?)
///     .listener(external)
///     .start_blocking()?;
/// assert_eq!(broker.bootstrap_of("EXTERNAL"), Some("kafka.test:9096"));
/// # Ok::<(), fauxka::StartError>(())
/// ```
pub mod listeners {
    #[cfg(feature = "tls")]
    pub use crate::embed::certificates::Certificates;
    #[cfg(feature = "server")]
    pub use crate::embed::listeners::Listener;
    pub use crate::engine::Protocol;
    pub use crate::engine::certificates::ServedCertificate;
}

/// What a cluster did: the journal, its rows, and questions to it.
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// broker.journal().api(Api::Produce).topic("orders").assert_count(1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub mod journal {
    #[cfg(feature = "server")]
    pub use crate::embed::journal::{Journal, Query, Unmet};
    pub use crate::engine::authorizer::Denied;
    pub use crate::engine::journal::{
        Applied, Body, Event, Exchange, Failure, Keys, Outcome, Row, Software, TopicKeys,
    };
}

/// Recordings of clusters, and running them again.
#[cfg(feature = "server")]
pub mod recording {
    pub use crate::embed::recording::{
        BadRecording, Recording, Rerun, Serve, StartRecording, Until,
    };
    pub use crate::server::recording::Status;
}

/// Sending what a journal has kept to a cluster once more.
///
/// A replay talks to any cluster, also to a real one; a [recording] runs again without a cluster.
#[cfg(feature = "server")]
pub mod replay {
    pub use crate::embed::replay::{ReplayError, Replayed, run};
}

/// Starting over in the same cluster; see [`Broker::reset_only`].
pub mod reset {
    pub use crate::engine::reset::Kind;
}

/// What a cluster is at one moment, to come back to or to save in a file; see [`Broker::snapshot`].
pub mod snapshot {
    #[cfg(feature = "server")]
    pub use crate::embed::snapshot::SnapshotError;
    pub use crate::engine::snapshot::{BadSnapshot, Snapshot};
}
