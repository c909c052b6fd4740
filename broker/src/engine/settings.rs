//! What a cluster is made of.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cluster::configs::{Overrides, StaticConfig};
use super::journal::JournalSettings;
use super::listeners::{Listener, NodeAddress};
use super::msk::Place;
use super::sasl::oauth::Oauth;
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
    /// The ways in, the first one first.
    pub(crate) listeners: Vec<Listener>,
    /// Where each node listens.
    pub(crate) places: Vec<NodeAddress>,
    /// The cluster of MSK that this one stands for, if AWS's clients log in.
    pub(crate) msk: Option<Place>,
    /// What the token endpoint goes by, if there is one.
    pub(crate) oauth: Option<Oauth>,
    /// The sets of keys that settings name, by their URLs, as they were read.
    #[cfg_attr(
        not(feature = "oauth"),
        expect(dead_code, reason = "nothing that is signed is checked")
    )]
    pub(crate) jwks: BTreeMap<String, String>,
    pub(crate) journal: JournalSettings,
    /// Whose requests and features are offered; the newest release's if none.
    pub(crate) release: Option<Release>,
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
}
