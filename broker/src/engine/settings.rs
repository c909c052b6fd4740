//! What a cluster is made of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cluster::configs::{Overrides, StaticConfig};
use super::endpoints::Advertise;
use super::journal::JournalSettings;
use super::sasl::Mechanism;
use crate::wire::releases::Release;
use crate::wire::units::NodeId;

/// What a cluster is made of.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) nodes: Vec<NodeSettings>,
    /// What all brokers were started with.
    pub(crate) fixed: StaticConfig,
    pub(crate) seed: u64,
    /// Produce is refused while the logs hold this much.
    pub(crate) max_log_bytes: u64,
    pub(crate) advertise: Advertise,
    pub(crate) journal: JournalSettings,
    /// Whose requests and features are offered; the newest release's if none.
    pub(crate) release: Option<Release>,
    /// What clients may authenticate by; they need not if there is none.
    pub(crate) sasl: Vec<Mechanism>,
    /// How long it takes until a topic is there that is made because a client asks about it.
    pub(crate) auto_create_delay: Duration,
    /// Looks after every input for what must not be, and panics.
    pub(crate) check_invariants: bool,
}

/// One node to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeSettings {
    pub(crate) id: NodeId,
    pub(crate) rack: Option<String>,
    /// What it alone was started with.
    pub(crate) own: Overrides,
    /// Where its listener is bound.
    pub(crate) host: String,
    pub(crate) port: u16,
}
