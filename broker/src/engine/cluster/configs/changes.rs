//! What was set while brokers run, as a snapshot has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::keys;
use super::loggers::Loggers;
use super::store::{Configs, Node, Overrides};
use crate::wire::units::NodeId;

/// What was set while brokers run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    pub(super) all_brokers: Overrides,
    pub(super) brokers: BTreeMap<NodeId, BrokerChanges>,
    pub(super) groups: BTreeMap<String, Overrides>,
    pub(super) client_metrics: BTreeMap<String, Overrides>,
}

/// What was set on one broker.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrokerChanges {
    pub(super) dynamic: Overrides,
    loggers: Loggers,
}

impl Changes {
    /// The same with this value for every password; nothing if there is none.
    pub(crate) fn with_passwords(&self, value: &str) -> Option<Self> {
        let mut changed = self.clone();
        let brokers = changed.brokers.values_mut().map(|own| &mut own.dynamic);
        let all = brokers.chain([&mut changed.all_brokers]).flatten();
        let mut found = false;
        for (_, password) in all.filter(|(name, _)| keys::is_password(name)) {
            value.clone_into(password);
            found = true;
        }
        found.then_some(changed)
    }
}

impl Configs {
    /// What was set since brokers were started.
    pub(crate) fn changes(&self) -> Changes {
        let Self {
            fixed: _,
            nodes,
            all_brokers,
            groups,
            client_metrics,
        } = self;
        let brokers = nodes.iter().map(|(id, node)| {
            let Node {
                fixed: _,
                dynamic,
                loggers,
                effective: _,
            } = node.clone();
            (*id, BrokerChanges { dynamic, loggers })
        });
        Changes {
            all_brokers: all_brokers.clone(),
            brokers: brokers.collect(),
            groups: groups.clone(),
            client_metrics: client_metrics.clone(),
        }
    }

    /// Puts other changes into the place of those that were made.
    pub(crate) fn set_changes(&mut self, changes: Changes) {
        let Changes {
            all_brokers,
            mut brokers,
            groups,
            client_metrics,
        } = changes;
        for (id, node) in &mut self.nodes {
            let BrokerChanges { dynamic, loggers } = brokers.remove(id).unwrap_or_default();
            node.dynamic = dynamic;
            node.loggers = loggers;
        }
        self.all_brokers = all_brokers;
        self.groups = groups;
        self.client_metrics = client_metrics;
        self.refresh();
    }
}
