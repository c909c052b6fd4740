//! `fauxka group`, `fauxka transaction` and `fauxka metadata`.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::asked::{Asked, Asking};
use super::complete;
use super::evict::Members;
use super::http::encoded;

/// Where a coordinator goes.
#[derive(Debug, Args)]
pub(crate) struct MoveOptions {
    /// The node that coordinates from now on [default: the same one]
    #[arg(long, value_name = "ID")]
    node: Option<i32>,
    /// How long it loads, such as 5s; "held": until it is released
    #[arg(long, value_name = "TIME")]
    loading: Option<String>,
}

impl MoveOptions {
    fn body(&self) -> Json {
        json!({ "node": self.node, "loading": self.loading })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum GroupVerb {
    /// Lists the groups
    List,
    /// Shows a group: members, offsets, lag, latest commits; of a share group its partitions, and who has which records
    Show {
        /// Its id
        #[arg(add = complete::groups())]
        id: String,
    },
    /// Removes members, as if their sessions had ended
    Evict(Members),
    /// Commits an offset for a group without members
    Commit {
        /// The group
        id: String,
        /// The topic
        topic: String,
        /// The partition
        partition: i32,
        /// The offset of the next record that the group reads
        offset: i64,
        /// Text to keep with the offset
        #[arg(
            long,
            value_name = "TEXT",
            default_value = "",
            hide_default_value = true
        )]
        metadata: String,
    },
    /// Begins a rebalance
    Rebalance {
        /// The group
        #[arg(add = complete::groups())]
        id: String,
    },
    /// Moves its coordinator, and lets it load for a while
    MoveCoordinator {
        /// Whose coordinator
        #[arg(add = complete::groups())]
        id: String,
        #[command(flatten)]
        options: MoveOptions,
    },
    /// Lets its coordinator be loaded
    ReleaseCoordinator {
        /// Whose coordinator
        #[arg(add = complete::groups())]
        id: String,
    },
    /// Moves the share coordinator of one of its partitions, and lets it load for a while
    MoveShareCoordinator {
        #[command(flatten)]
        at: SharedPartition,
        #[command(flatten)]
        options: MoveOptions,
    },
    /// Lets the share coordinator of one of its partitions be loaded
    ReleaseShareCoordinator {
        #[command(flatten)]
        at: SharedPartition,
    },
}

/// A partition of a share group.
#[derive(Debug, Args)]
pub(crate) struct SharedPartition {
    /// The share group
    #[arg(add = complete::groups())]
    id: String,
    /// The topic
    #[arg(add = complete::topics())]
    topic: String,
    /// The partition
    partition: i32,
}

impl GroupVerb {
    /// Asks, and prints the answer.
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        let all = "/v1/groups";
        asking.print(&[match self {
            Self::List => Asked::get(all),
            Self::Show { id } => Asked::get(format!("{all}/{}", encoded(id))),
            Self::Evict(members) => return members.evict(asking),
            Self::Commit {
                id,
                topic,
                partition,
                offset,
                metadata,
            } => {
                let offset = json!({ "topic": topic, "partition": partition, "offset": offset, "metadata": metadata });
                let body = json!({ "offsets": [offset] });
                Asked::post(format!("{all}/{}/offsets", encoded(id)), body)
            }
            Self::MoveCoordinator { id, options } => {
                let path = format!("{all}/{}/move-coordinator", encoded(id));
                Asked::post(path, options.body())
            }
            Self::ReleaseCoordinator { id } => {
                Asked::command(format!("{all}/{}/release-coordinator", encoded(id)))
            }
            Self::MoveShareCoordinator { at, options } => {
                let path = format!("{all}/{}/move-share-coordinator", encoded(&at.id));
                let MoveOptions { node, loading } = options;
                let body = json!({ "topic": at.topic, "partition": at.partition, "node": node, "loading": loading });
                Asked::post(path, body)
            }
            Self::ReleaseShareCoordinator { at } => {
                let path = format!("{all}/{}/release-share-coordinator", encoded(&at.id));
                Asked::post(path, json!({ "topic": at.topic, "partition": at.partition }))
            }
            Self::Rebalance { id } => Asked::command(format!("{all}/{}/rebalance", encoded(id))),
        }])
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum TransactionVerb {
    /// Lists the transactional ids
    List,
    /// Shows a transactional id with its transaction
    Show {
        /// The transactional id
        #[arg(add = complete::transactions())]
        id: String,
    },
    /// Fences the producer with a transactional id, as another one that starts with it does
    Fence {
        /// The transactional id
        #[arg(add = complete::transactions())]
        id: String,
    },
    /// Moves its coordinator, and lets it load for a while
    MoveCoordinator {
        /// Whose coordinator
        #[arg(add = complete::transactions())]
        id: String,
        #[command(flatten)]
        options: MoveOptions,
    },
    /// Lets its coordinator be loaded
    ReleaseCoordinator {
        /// Whose coordinator
        #[arg(add = complete::transactions())]
        id: String,
    },
    /// Keeps transaction markers back, or lets them be written
    Markers {
        #[command(subcommand)]
        verb: MarkersVerb,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum MarkersVerb {
    /// Keeps them back
    Hold,
    /// Lets them be written
    Release,
}

impl TransactionVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let all = "/v1/transactions";
        match self {
            Self::List => Asked::get(all),
            Self::Show { id } => Asked::get(format!("{all}/{}", encoded(id))),
            Self::Fence { id } => Asked::command(format!("{all}/{}/fence", encoded(id))),
            Self::MoveCoordinator { id, options } => {
                let path = format!("{all}/{}/move-coordinator", encoded(id));
                Asked::post(path, options.body())
            }
            Self::ReleaseCoordinator { id } => {
                Asked::command(format!("{all}/{}/release-coordinator", encoded(id)))
            }
            Self::Markers { verb } => {
                let held = matches!(verb, MarkersVerb::Hold);
                Asked::post("/v1/transaction-markers", json!({ "held": held }))
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum MetadataVerb {
    /// Lets the next answers to Metadata tell of the nodes and leaders of now
    Freeze {
        /// How many; 0 to thaw it
        answers: u64,
    },
}

impl MetadataVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let Self::Freeze { answers } = self;
        Asked::post("/v1/metadata/freeze", json!({ "answers": answers }))
    }
}
