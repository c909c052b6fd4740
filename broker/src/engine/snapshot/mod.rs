//! What lasts of a cluster, as a value: taken at one moment, and put back at another.
//!
//! A snapshot is what a cluster keeps on its disks: topics with their logs, settings, features, who
//! leads and who is in sync. Groups and transactions are in it as the records of their state topics, from
//! which coordinators read them again. What lives in memory alone is not: connections and what they wait
//! for, fetch sessions, rebalances that are under way. Nor is what belongs to the test and not to the
//! cluster: fault rules, the journal, held loads, metadata that is out of date.

mod check;
mod format;
mod restore;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::authorizer::Acl;
use super::cluster::configs::Changes;
use super::cluster::{KeptTopic, Node};
use super::delegation::DelegationToken;
use super::quota::KeptQuotas;
use super::state::State;
use super::time::Now;
use crate::wire::units::{NodeId, ProducerId, WallMillis};

pub use format::BadSnapshot;
pub(crate) use restore::PreviousExtents;

/// What a cluster was at one moment: its topics with their records, its groups, transactions and settings. It
/// shares the records' memory with the cluster, so it costs little to take one.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// let empty = broker.snapshot();
/// broker.produce("orders").send()?;
/// broker.restore_blocking(&empty)?;
/// assert!(broker.partition("orders", 0).records()?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    kept: Arc<Kept>,
}

/// What lasts, by its parts. This is also what a snapshot's file says of it, so a field that is added or
/// renamed here makes another version of the format.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The program that took it.
    taken_by: String,
    /// The cluster's time of day then.
    taken_at: WallMillis,
    cluster_id: String,
    nodes: Vec<Node>,
    /// Nodes whose controllers do not vote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    observers: Vec<NodeId>,
    features: BTreeMap<String, i16>,
    next_producer_id: ProducerId,
    holds_markers: bool,
    settings: Changes,
    quotas: Vec<KeptQuotas>,
    /// In Kafka these are in the metadata log, as settings and quotas are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    acls: Vec<Acl>,
    /// Without their secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    delegation_tokens: Vec<DelegationToken>,
    topics: Vec<KeptTopic>,
}

/// A snapshot, in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
pub(crate) struct SnapshotView {
    /// The name.
    name: String,
    /// The cluster's time when it was taken, in milliseconds since 1970.
    taken_at_ms: i64,
    /// The number of nodes.
    nodes: usize,
    /// The number of topics.
    topics: usize,
    /// The size of the records in bytes.
    record_bytes: u64,
}

impl State {
    /// What lasts of the cluster. If you add a field, decide here whether it does.
    pub(crate) fn snapshot(&self, now: Now) -> Snapshot {
        let Self {
            cluster,
            configs,
            features,
            quotas,
            producer_ids,
            transactions,
            authorizer,
            tokens,
            // What the records of the state topics say.
            groups: _,
            shares: _,
            coordinators: _,
            // What follows from the rest.
            timers: _,
            chore_intervals: _,
            log_bytes: _,
            looked_for_room: _,
            // Which of a node's directories a replica is in shows nowhere else.
            log_dirs: _,
            reassignments: _,
            // What lives in a broker's memory.
            telemetry: _,
            fetch_sessions: _,
            replicating: _,
            // What a cluster was started with.
            release: _,
            origin: _,
            listeners: _,
            endpoints: _,
            expired_certificates: _,
            keys_refused: _,
            max_log_bytes: _,
            auto_create_delay: _,
            // Chance: what is drawn is never drawn again.
            rng: _,
            seed: _,
            resets: _,
            // A file is no place for passwords; who can log in stays as it is.
            sasl: _,
            policies: _,
            // What belongs to the test.
            stale_metadata: _,
            journaled_topics: _,
            outbox: _,
            #[cfg(test)]
                group_notes: _,
        } = self;
        let (cluster_id, nodes, topics) = cluster.keep();
        let kept = Kept {
            taken_by: concat!("fauxka ", env!("CARGO_PKG_VERSION")).to_owned(),
            taken_at: now.wall,
            cluster_id,
            nodes,
            observers: cluster.observers(),
            features: features.all(),
            next_producer_id: producer_ids.coming(),
            holds_markers: transactions.are_markers_held(),
            settings: configs.changes(),
            quotas: quotas.keep(),
            acls: authorizer.keep(),
            delegation_tokens: tokens.keep(),
            topics,
        };
        Snapshot {
            kept: Arc::new(kept),
        }
    }
}

impl Snapshot {
    /// The cluster's time of day when it was taken.
    pub(crate) fn taken_at(&self) -> WallMillis {
        self.kept.taken_at
    }

    /// The nodes that there were, by id.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.kept.nodes
    }

    /// The same with other values of passwords.
    pub(crate) fn with_passwords(&self, value: &str) -> Self {
        let Some(settings) = self.kept.settings.with_passwords(value) else {
            return self.clone();
        };
        let kept = Kept {
            settings,
            ..Kept::clone(&self.kept)
        };
        Self {
            kept: Arc::new(kept),
        }
    }

    /// What a list says of it.
    pub(crate) fn view(&self, name: &str) -> SnapshotView {
        let partitions = self.kept.topics.iter().flat_map(|topic| &topic.partitions);
        SnapshotView {
            name: name.to_owned(),
            taken_at_ms: self.kept.taken_at.0,
            nodes: self.kept.nodes.len(),
            topics: self.kept.topics.len(),
            record_bytes: partitions.map(|p| p.log.held_bytes()).sum(),
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view("").fmt(f)
    }
}
