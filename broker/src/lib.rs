//! Fauxka: a pure-Rust emulator of an Apache Kafka cluster for tests.
//!
//! Clients of any language connect to it as they do to Kafka, over its own protocol. It needs no
//! JVM and no container, keeps everything in memory, starts within milliseconds and ends when it is
//! dropped:
//!
//! ```
//! # fn main() -> Result<(), fauxka::StartError> {
//! let broker = fauxka::Broker::builder()
//!     .nodes(3)
//!     .topic("orders", 24, 3)
//!     .start_blocking()?;
//! // Clients take this as their `bootstrap.servers`.
//! println!("{}", broker.bootstrap());
//! # Ok(())
//! # }
//! ```
//!
//! [`Builder`] says what a cluster can look like, and [`Builder::start_in_memory`] runs one without sockets or real
//! time. The program `fauxka` runs one as a process of its own. [`guide`] shows all of it, with recipes.

#![cfg_attr(
    not(feature = "server"),
    allow(dead_code, unused_imports, reason = "only the server calls the engine")
)]

#[cfg(feature = "control")]
mod control;
#[cfg(feature = "server")]
mod embed;
mod engine;
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
    #![doc = ""]
    #![doc = include_str!("../docs/guide.md")]

    pub mod faults {
        #![doc = include_str!("../docs/faults.md")]
    }

    pub mod control {
        //! [guide.md]: crate::guide
        //! [faults.md]: crate::guide::faults
        #![doc = ""]
        #![doc = include_str!("../docs/control.md")]
    }
}

/// What the journal of a cluster is made of.
pub mod journal {
    pub use crate::engine::journal::{
        Body, Event, Exchange, Failure, Keys, Outcome, Row, Software, TopicKeys,
    };
}

/// What a cluster holds, as a test looks at it.
pub mod inspect {
    pub use crate::engine::inspect::{
        Batch, CommitView, Fate, GroupView, Header, Marker, MarkerKind, MemberView, OffsetView,
        PartitionView, ProducerView, Record, TopicPartitionsView, TopicView, TransactionView,
    };
}

/// Recordings of clusters, and running them again.
#[cfg(feature = "server")]
pub mod recording {
    pub use crate::embed::{BadRecording, Recording, Rerun, Serve, StartRecording, Until};
    pub use crate::server::recording::Status;
}

pub use wire::api::{Api, UnknownApi};
pub use wire::error::{ErrorCode, UnknownErrorCode};

#[cfg(feature = "server")]
pub use embed::{
    Broker, Builder, Clock, ClockHandle, ClockIsReal, CommandError, CreateTopic, Expired,
    FaultBytes, FaultHandle, FaultRule, FaultStage, FaultTimeout, Group, InMemory, Journal,
    MemoryStream, Network, Node, NodeError, Partition, Produce, Query, ReplayError, Replayed,
    SnapshotError, StartError, Times, Topic, Transaction, Unmet, replay,
};
pub use engine::commands::users::User;
pub use engine::fault::{BadRule, Cut};
pub use engine::reset::Kind;
pub use engine::snapshot::{BadSnapshot, Snapshot};
