//! All configurations of a cluster, and the effective value of any setting.

use std::collections::BTreeMap;

use super::broker_config::BrokerConfig;
use super::fixed::StaticConfig;
use super::keys::{self, Scope};
use super::loggers::Loggers;
use super::rule;
use super::synonyms;
use super::value::Value;
use crate::engine::java::{hash, hash_map};
use crate::wire::units::NodeId;

/// Settings of one resource by name, as they were given.
pub(crate) type Overrides = BTreeMap<String, String>;

/// Where a value comes from. The numbers are those of DescribeConfigs' `config_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Set on the topic.
    Topic = 1,
    /// Set on the broker while it runs.
    Broker = 2,
    /// Set on all brokers while they run.
    AllBrokers = 3,
    /// The broker was started with it.
    Static = 4,
    /// Nobody set it.
    Default = 5,
    /// Level of a broker's logger.
    BrokerLogger = 6,
    /// Set on the client metrics subscription.
    ClientMetrics = 7,
    /// Set on the group.
    Group = 8,
}

/// A broker's layers, the strongest first.
const LAYERS: [Source; 4] = [
    Source::Broker,
    Source::AllBrokers,
    Source::Static,
    Source::Default,
];

/// What one broker has of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// What it was started with, beyond what all were.
    pub(super) fixed: Overrides,
    /// Set while it runs.
    pub(super) dynamic: Overrides,
    pub(super) loggers: Loggers,
    pub(super) effective: BrokerConfig,
}

/// The configurations of brokers, groups and client metrics subscriptions. A topic keeps its own
/// [`Overrides`] and asks here for what they leave open.
#[derive(Debug, Clone)]
pub(crate) struct Configs {
    pub(super) fixed: StaticConfig,
    pub(super) nodes: BTreeMap<NodeId, Node>,
    /// Set on all brokers while they run.
    pub(super) all_brokers: Overrides,
    pub(super) groups: BTreeMap<String, Overrides>,
    pub(super) client_metrics: BTreeMap<String, Overrides>,
}

impl Configs {
    /// Configurations of brokers that were started with these settings.
    pub(crate) fn new(fixed: StaticConfig) -> Self {
        let min_isr = "min.insync.replicas";
        // With eligible leader replicas (KIP-966) the controller keeps this one for all brokers.
        let kept = fixed
            .value(min_isr)
            .to_text()
            .map(|text| (min_isr.to_owned(), text));
        Self {
            fixed,
            nodes: BTreeMap::new(),
            all_brokers: kept.into_iter().collect(),
            groups: BTreeMap::new(),
            client_metrics: BTreeMap::new(),
        }
    }

    /// Leaves what brokers were started with.
    pub(crate) fn forget_changes(&mut self) {
        let nodes = std::mem::take(&mut self.nodes);
        *self = Self::new(std::mem::take(&mut self.fixed));
        for (id, node) in nodes {
            self.add_node(id, node.fixed);
        }
    }

    /// What all brokers were started with.
    pub(crate) const fn fixed(&self) -> &StaticConfig {
        &self.fixed
    }

    /// What a broker alone was started with.
    pub(crate) fn own(&self, node: NodeId) -> Overrides {
        let node = self.nodes.get(&node);
        node.map(|node| node.fixed.clone()).unwrap_or_default()
    }

    /// Has a broker be started with other settings of its own; what was set while it runs stays.
    pub(crate) fn set_own(&mut self, node: NodeId, own: Overrides) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.fixed = own;
        }
        self.refresh();
    }

    /// Adds a broker with the settings that it alone was started with.
    pub(crate) fn add_node(&mut self, node: NodeId, own: Overrides) {
        self.nodes.insert(
            node,
            Node {
                fixed: own,
                ..Node::default()
            },
        );
        self.refresh();
    }

    /// Has a broker say that clients reach it there, as if it had been started so.
    pub(crate) fn set_advertised(&mut self, node: NodeId, listeners: &str) {
        let Some(node) = self.nodes.get_mut(&node) else {
            return;
        };
        if let Some(said) = node.fixed.get_mut("advertised.listeners") {
            listeners.clone_into(said);
        }
        self.refresh();
    }

    /// The settings of a broker that act; those of no broker in particular for an unknown one.
    pub(crate) fn broker(&self, node: NodeId) -> &BrokerConfig {
        match self.nodes.get(&node) {
            Some(node) => &node.effective,
            None => BrokerConfig::kafkas(),
        }
    }

    /// The settings of a group that are set.
    pub(crate) fn group(&self, name: &str) -> Option<&Overrides> {
        self.groups.get(name)
    }

    /// Groups with settings, in Kafka's order.
    pub(crate) fn groups(&self) -> Vec<&str> {
        names(&self.groups)
    }

    /// The settings of a client metrics subscription that are set.
    pub(crate) fn client_metrics(&self, name: &str) -> Option<&Overrides> {
        self.client_metrics.get(name)
    }

    /// Client metrics subscriptions, in Kafka's order.
    pub(crate) fn client_metrics_names(&self) -> Vec<&str> {
        names(&self.client_metrics)
    }

    /// What is set on all brokers while they run.
    pub(crate) const fn all_brokers(&self) -> &Overrides {
        &self.all_brokers
    }

    /// What is set on one broker while it runs.
    pub(crate) fn dynamic(&self, node: NodeId) -> Option<&Overrides> {
        self.nodes.get(&node).map(|node| &node.dynamic)
    }

    /// The levels of a broker's loggers.
    pub(crate) fn loggers(&self, node: NodeId) -> Option<&Loggers> {
        self.nodes.get(&node).map(|node| &node.loggers)
    }

    /// The levels of a broker's loggers, to change them.
    pub(crate) fn loggers_mut(&mut self, node: NodeId) -> Option<&mut Loggers> {
        self.nodes.get_mut(&node).map(|node| &mut node.loggers)
    }

    /// Replaces what is set on one broker, or on all of them, while they run.
    pub(crate) fn set_brokers(&mut self, node: Option<NodeId>, settings: Overrides) {
        match node.map(|id| self.nodes.get_mut(&id)) {
            Some(Some(node)) => node.dynamic = settings,
            Some(None) => return,
            None => self.all_brokers = settings,
        }
        self.refresh();
    }

    /// Replaces what is set on a group; nothing removes it.
    pub(crate) fn set_group(&mut self, name: &str, settings: Overrides) {
        replace(&mut self.groups, name, settings);
    }

    /// Replaces what is set on a client metrics subscription; nothing removes it.
    pub(crate) fn set_client_metrics(&mut self, name: &str, settings: Overrides) {
        replace(&mut self.client_metrics, name, settings);
    }

    /// What a layer says of a broker's setting.
    pub(super) fn layer(&self, layer: Source, node: NodeId, name: &str) -> Option<&str> {
        let own = self.nodes.get(&node);
        match layer {
            Source::Broker => own?.dynamic.get(name).map(String::as_str),
            Source::AllBrokers => self.all_brokers.get(name).map(String::as_str),
            Source::Static => match own.and_then(|own| own.fixed.get(name)) {
                Some(raw) => Some(raw),
                None => self.fixed.get(name),
            },
            Source::Default => Scope::Broker.key(name)?.default,
            Source::Topic | Source::BrokerLogger | Source::ClientMetrics | Source::Group => None,
        }
    }

    /// What the layers say of the names, the strongest first, in the order in which DescribeConfigs
    /// lists synonyms: by layer, then by name.
    pub(super) fn layers<'a>(
        &'a self,
        node: NodeId,
        names: &[&'a str],
    ) -> Vec<(&'a str, Source, &'a str)> {
        let mut found = Vec::new();
        for layer in LAYERS {
            for name in names {
                found.extend(self.layer(layer, node, name).map(|raw| (*name, layer, raw)));
            }
        }
        found
    }

    /// The value of a broker's setting in force.
    pub(crate) fn broker_value(&self, node: NodeId, name: &str) -> Value {
        let Some(key) = keys::any_broker_key(name) else {
            return Value::Null;
        };
        let given = LAYERS
            .into_iter()
            .find_map(|layer| self.layer(layer, node, name));
        given
            .and_then(|raw| rule::read(key, raw).ok())
            .unwrap_or_else(|| Value::default_of(key))
    }

    /// The value of a setting in force for one listener, whose settings begin with this prefix: its own, or else the
    /// broker's.
    pub(crate) fn listener_value(&self, node: NodeId, prefix: &str, name: &str) -> Value {
        let own = self.listener_own(node, prefix, name);
        own.unwrap_or_else(|| self.broker_value(node, name))
    }

    /// The same as the broker was started with: for what Kafka reads then and never again, though it takes changes.
    pub(crate) fn listener_value_at_start(&self, node: NodeId, prefix: &str, name: &str) -> Value {
        let Some(key) = keys::any_broker_key(name) else {
            return Value::Null;
        };
        let own = format!("{prefix}{name}");
        let names = [own.as_str(), name];
        let mut given = names
            .into_iter()
            .filter_map(|name| self.layer(Source::Static, node, name));
        let given = given.find_map(|raw| rule::read(key, raw).ok());
        given.unwrap_or_else(|| Value::default_of(key))
    }

    /// What is set with a prefix.
    pub(super) fn listener_own(&self, node: NodeId, prefix: &str, name: &str) -> Option<Value> {
        let key = keys::any_broker_key(name)?;
        let own = format!("{prefix}{name}");
        let layers = LAYERS.into_iter();
        let mut given = layers.filter_map(|layer| self.layer(layer, node, &own));
        given.find_map(|raw| rule::read(key, raw).ok())
    }

    /// The value of a topic's setting in force, as the broker sees it.
    pub(crate) fn topic_value(&self, node: NodeId, overrides: &Overrides, name: &str) -> Value {
        let Some(key) = Scope::Topic.key(name) else {
            return Value::Null;
        };
        let own = overrides
            .get(name)
            .and_then(|raw| rule::read(key, raw).ok());
        own.or_else(|| self.behind_topic(node, name))
            .unwrap_or_else(|| Value::default_of(key))
    }

    /// What the broker's settings make of a topic's setting that the topic leaves open.
    fn behind_topic(&self, node: NodeId, name: &str) -> Option<Value> {
        let mut given = synonyms::of_topic_key(name)
            .iter()
            .map(|(name, unit)| (self.broker_value(node, name), unit.factor()));
        let (value, factor) = given.find(|(value, _)| *value != Value::Null)?;
        let Value::Number(count) = value else {
            return Some(value);
        };
        let number = count.saturating_mul(factor);
        // A broker takes any negative retention for none.
        Some(Value::Number(if name == "retention.ms" {
            number.max(-1)
        } else {
            number
        }))
    }

    /// The value of a group's setting in force.
    pub(crate) fn group_value(&self, node: NodeId, group: &str, name: &str) -> Value {
        let Some(key) = Scope::Group.key(name) else {
            return Value::Null;
        };
        let own = self
            .groups
            .get(group)
            .and_then(|settings| settings.get(name));
        if let Some(value) = own.and_then(|raw| rule::read(key, raw).ok()) {
            return value;
        }
        match synonyms::of_group_key(name).map(|name| self.broker_value(node, &name)) {
            // The first of the assignors that brokers offer.
            Some(Value::List(names)) if name == "streams.assignor.name" => {
                names.into_iter().next().map_or(Value::Null, Value::Text)
            }
            Some(value) => value,
            None => Value::default_of(key),
        }
    }

    /// Names that a broker was given, known or not.
    pub(super) fn given_to_broker(&self, node: NodeId) -> Vec<&str> {
        let own = self.nodes.get(&node);
        let mut names: Vec<&str> = self.fixed.iter().map(|(name, _)| name).collect();
        names.extend(self.all_brokers.keys().map(String::as_str));
        for settings in own.iter().flat_map(|own| [&own.fixed, &own.dynamic]) {
            names.extend(settings.keys().map(String::as_str));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn refresh(&mut self) {
        let ids: Vec<NodeId> = self.nodes.keys().copied().collect();
        for id in ids {
            let effective = BrokerConfig::resolve(&|name| self.broker_value(id, name));
            if let Some(node) = self.nodes.get_mut(&id) {
                node.effective = effective;
            }
        }
    }
}

fn names(resources: &BTreeMap<String, Overrides>) -> Vec<&str> {
    let mut names: Vec<&str> = resources.keys().map(String::as_str).collect();
    hash_map::sort_concurrent(&mut names, |name| hash::of_str(name));
    names
}

fn replace(resources: &mut BTreeMap<String, Overrides>, name: &str, settings: Overrides) {
    if settings.is_empty() {
        resources.remove(name);
    } else {
        resources.insert(name.to_owned(), settings);
    }
}
