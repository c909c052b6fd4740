//! Every setting that Apache Kafka 4.4 knows, as data.

mod controller;
mod group;
mod group_resource;
mod limits;
mod log;
mod network;
mod remote;
mod security;
mod server;
mod share;
mod topic;
mod transaction;

use std::sync::LazyLock;

use super::key::ConfigKey;
use super::synonyms::without_listener;

/// The settings of a topic, in the order in which Kafka looks for a bad value.
pub(crate) const TOPIC: &[ConfigKey] = topic::TOPIC;
/// The settings of a group.
pub(crate) const GROUP: &[ConfigKey] = group_resource::GROUP;
/// The settings of a client metrics subscription.
pub(crate) const CLIENT_METRICS: &[ConfigKey] = group_resource::CLIENT_METRICS;

/// The settings of a broker, in Kafka's order of definition.
const BROKER: &[&[ConfigKey]] = &[
    remote::REMOTE,
    server::SERVER,
    network::NETWORK,
    network::REPLICATION,
    group::OFFSETS,
    group::MODERN_GROUPS,
    log::CLEANER,
    log::LOG,
    share::SHARE,
    transaction::TRANSACTION,
    controller::CONTROLLER,
    controller::METRICS_AND_QUOTAS,
    security::TLS,
    security::SASL,
    transaction::TRANSACTION_RETRIES,
    limits::LIMITS,
];

/// Settings that a broker takes only while it runs: they are in no properties file and in no
/// description unless set.
const BROKER_QUOTAS: &[ConfigKey] = &[
    throttle("leader.replication.throttled.rate"),
    throttle("follower.replication.throttled.rate"),
    throttle("replica.alter.log.dirs.io.max.bytes.per.second"),
];

const fn throttle(name: &'static str) -> ConfigKey {
    ConfigKey::long(name, "9223372036854775807")
        .at_least(0)
        .cluster_wide()
}

/// The settings that are looked up all the time, in the order of their names.
struct ByName {
    topic: Vec<&'static ConfigKey>,
    broker: Vec<&'static ConfigKey>,
}

static BY_NAME: LazyLock<ByName> = LazyLock::new(|| {
    let sorted = |scope: Scope| {
        let mut all: Vec<_> = scope.keys().collect();
        all.sort_unstable_by_key(|key| key.name);
        all
    };
    ByName {
        topic: sorted(Scope::Topic),
        broker: sorted(Scope::Broker),
    }
});

/// Which settings a resource has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of a topic.
    Topic,
    /// Those of a broker, or of all.
    Broker,
    /// Those of a group.
    Group,
    /// Those of a client metrics subscription.
    ClientMetrics,
}

impl Scope {
    /// All its settings in Kafka's order of definition.
    pub(crate) fn keys(self) -> impl Iterator<Item = &'static ConfigKey> {
        let slices: &[&[ConfigKey]] = match self {
            Self::Topic => &[TOPIC],
            Self::Broker => BROKER,
            Self::Group => &[GROUP],
            Self::ClientMetrics => &[CLIENT_METRICS],
        };
        slices.iter().copied().flatten()
    }

    /// The setting of that name.
    pub(crate) fn key(self, name: &str) -> Option<&'static ConfigKey> {
        let all = match self {
            Self::Topic => &BY_NAME.topic,
            Self::Broker => &BY_NAME.broker,
            Self::Group | Self::ClientMetrics => {
                return self.keys().find(|key| key.name == name);
            }
        };
        let at = all.binary_search_by_key(&name, |key| key.name).ok()?;
        all.get(at).copied()
    }
}

/// The broker settings that may change while it runs, in Kafka's order of definition.
pub(crate) fn dynamic_broker_keys() -> impl Iterator<Item = &'static ConfigKey> {
    let dynamic = |key: &&ConfigKey| key.update != super::key::Update::ReadOnly;
    BROKER_QUOTAS
        .iter()
        .chain(Scope::Broker.keys().filter(dynamic))
}

/// Whether a broker's setting is a password, also that of one listener.
pub(crate) fn is_password(name: &str) -> bool {
    let base = without_listener(name).unwrap_or(name);
    let key = any_broker_key(name).or_else(|| any_broker_key(base));
    // What Kafka does not know might be secret.
    key.map_or_else(|| base.ends_with("password"), ConfigKey::is_sensitive)
}

/// The broker setting of that name, those for throttles included.
pub(crate) fn any_broker_key(name: &str) -> Option<&'static ConfigKey> {
    Scope::Broker
        .key(name)
        .or_else(|| BROKER_QUOTAS.iter().find(|key| key.name == name))
}
