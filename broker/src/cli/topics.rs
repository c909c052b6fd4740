//! `fauxka topic` and `fauxka partition`.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::asked::{Asked, Asking};
use super::complete;
use super::http::encoded;
use super::records::RecordOptions;
use super::values::setting;

#[derive(Debug, Subcommand)]
pub(crate) enum TopicVerb {
    /// Lists the topics
    List,
    /// Shows a topic with its partitions
    Show {
        /// Its name
        #[arg(add = complete::topics())]
        name: String,
    },
    /// Shows what a topic holds: records and transaction markers
    Records(RecordOptions),
    /// Creates a topic, with Kafka's checks and defaults
    Create {
        /// Its name
        name: String,
        /// How many partitions [default: num.partitions]
        #[arg(long, value_name = "N")]
        partitions: Option<i32>,
        /// How many replicas of each partition [default: default.replication.factor]
        #[arg(long, value_name = "N")]
        replication: Option<i16>,
        /// A topic config; may be given several times
        #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
        config: Vec<(String, String)>,
    },
    /// Changes a topic's partitions and configs
    Alter {
        /// Its name
        name: String,
        /// The new total number of partitions
        #[arg(long, value_name = "N", required_unless_present_any = ["config", "delete_config"])]
        partitions: Option<i32>,
        /// A topic config to set; may be given several times
        #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
        config: Vec<(String, String)>,
        /// A topic config to return to its default; may be given several times
        #[arg(long, value_name = "KEY")]
        delete_config: Vec<String>,
    },
    /// Deletes a topic
    Delete {
        /// Its name
        name: String,
    },
    /// Deletes a topic and creates it again at once, empty and with another id
    Recreate {
        /// Its name
        #[arg(add = complete::topics())]
        name: String,
    },
}

impl TopicVerb {
    /// Asks, and prints the answer.
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        let all = "/v1/topics";
        asking.print(&[match self {
            Self::List => Asked::get(all),
            Self::Show { name } => Asked::get(format!("{all}/{}", encoded(name))),
            Self::Records(options) => return options.run(asking),
            Self::Create {
                name,
                partitions,
                replication,
                config,
            } => {
                let configs: BTreeMap<_, _> = config.iter().cloned().collect();
                let body = json!({ "name": name, "partitions": partitions, "replication": replication, "configs": configs });
                Asked::post(all, body)
            }
            Self::Alter {
                name,
                partitions,
                config,
                delete_config,
            } => {
                let set = config.iter().map(|(key, value)| (key, Some(value)));
                let unset = delete_config.iter().map(|key| (key, None));
                let configs: BTreeMap<_, _> = set.chain(unset).collect();
                let body = json!({ "partitions": partitions, "configs": configs });
                Asked::patch(format!("{all}/{}", encoded(name)), body)
            }
            Self::Delete { name } => Asked::delete(format!("{all}/{}", encoded(name))),
            Self::Recreate { name } => Asked::command(format!("{all}/{}/recreate", encoded(name))),
        }])
    }
}

/// Which partition.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The topic
    #[arg(add = complete::topics())]
    topic: String,
    /// The partition
    partition: i32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartitionVerb {
    /// Has a replica lead the partition, in a new leader epoch
    Lead {
        #[command(flatten)]
        place: Place,
        /// The node
        node: i32,
        /// Even if it is out of sync, and lacks what comes after --end
        #[arg(long)]
        unclean: bool,
        /// Where its log ends; without it nothing is lost
        #[arg(long, value_name = "OFFSET")]
        end: Option<i64>,
    },
    /// Takes a follower out of the in-sync replicas
    FallBehind {
        #[command(flatten)]
        place: Place,
        /// The follower
        node: i32,
    },
    /// Lets a follower be in sync again
    CatchUp {
        #[command(flatten)]
        place: Place,
        /// The follower
        node: i32,
    },
    /// Keeps the high watermark where it is
    HoldHighWatermark {
        #[command(flatten)]
        place: Place,
    },
    /// Lets the high watermark follow the log's end again
    ReleaseHighWatermark {
        #[command(flatten)]
        place: Place,
    },
    /// Keeps reassignments under way: no new replica gets records, and none goes
    HoldReassignment {
        #[command(flatten)]
        place: Place,
    },
    /// Lets reassignments go on
    ReleaseReassignment {
        #[command(flatten)]
        place: Place,
    },
    /// Drops the records before an offset, as retention does
    RaiseLogStart {
        #[command(flatten)]
        place: Place,
        /// The first offset that stays
        offset: i64,
    },
    /// Damages the stored batch in which an offset is
    Damage {
        #[command(flatten)]
        place: Place,
        /// The offset
        offset: i64,
    },
    /// Forgets an idempotent producer, or all of them
    ExpireProducer {
        #[command(flatten)]
        place: Place,
        /// Its id; without it all of them
        producer_id: Option<i64>,
    },
}

impl PartitionVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let replica = |node: &i32, in_sync| json!({ "node": node, "in_sync": in_sync });
        let (place, verb, body): (_, _, Json) = match self {
            Self::Lead {
                place,
                node,
                unclean,
                end,
            } => {
                let body = json!({ "node": node, "unclean": unclean, "end": end });
                (place, "leader", body)
            }
            Self::FallBehind { place, node } => (place, "replicas", replica(node, false)),
            Self::CatchUp { place, node } => (place, "replicas", replica(node, true)),
            Self::HoldHighWatermark { place } => (place, "high-watermark", json!({ "held": true })),
            Self::ReleaseHighWatermark { place } => {
                (place, "high-watermark", json!({ "held": false }))
            }
            Self::HoldReassignment { place } => (place, "reassignment", json!({ "held": true })),
            Self::ReleaseReassignment { place } => {
                (place, "reassignment", json!({ "held": false }))
            }
            Self::RaiseLogStart { place, offset } => {
                (place, "log-start", json!({ "offset": offset }))
            }
            Self::Damage { place, offset } => (place, "damage", json!({ "offset": offset })),
            Self::ExpireProducer { place, producer_id } => {
                let body = json!({ "producer_id": producer_id });
                (place, "expire-producer", body)
            }
        };
        let topic = encoded(&place.topic);
        Asked::post(
            format!("/v1/topics/{topic}/{}/{verb}", place.partition),
            body,
        )
    }
}
