//! Settings as DescribeConfigs and CreateTopics show them.

use super::key::{ConfigKey, Update};
use super::keys::{self, Scope};
use super::rule;
use super::store::{Configs, Overrides, Source};
use super::synonyms::{self, Unit};
use super::value::Value;
use crate::engine::java::hash_map;
use crate::wire::units::NodeId;

/// One setting of a resource, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    /// Its name.
    pub(crate) name: String,
    /// The value in force; none also where it must not be shown.
    pub(crate) value: Option<String>,
    /// It cannot change while the broker runs.
    pub(crate) read_only: bool,
    /// Where the value comes from.
    pub(crate) source: Source,
    /// The value must not be shown.
    pub(crate) sensitive: bool,
    /// What every layer says, the strongest first.
    pub(crate) synonyms: Vec<Synonym>,
    /// The wire's number of its type, 0 for none.
    pub(crate) kind: i8,
    /// What it does here.
    pub(crate) documentation: Option<&'static str>,
}

/// What one layer says of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Synonym {
    /// The name that is set there.
    pub(crate) name: String,
    /// To what.
    pub(crate) value: Option<String>,
    /// The layer.
    pub(crate) source: Source,
}

impl Described {
    fn of(name: &str, key: Option<&ConfigKey>, value: Option<String>) -> Self {
        // What Kafka does not know might be secret.
        let sensitive = key.is_none_or(ConfigKey::is_sensitive);
        Self {
            name: name.to_owned(),
            value: value.filter(|_| !sensitive),
            read_only: false,
            source: Source::Default,
            sensitive,
            synonyms: Vec::new(),
            kind: key.map_or(0, |key| key.kind as i8),
            documentation: key.and_then(|key| key.doc),
        }
    }

    /// The strongest layer that speaks is the source.
    fn with(mut self, synonyms: Vec<Synonym>) -> Self {
        self.source = synonyms
            .first()
            .map_or(Source::Default, |first| first.source);
        self.synonyms = synonyms;
        self
    }

    /// The resource's own value comes before all layers.
    fn own(&self, source: Source) -> Synonym {
        Synonym {
            name: self.name.clone(),
            value: self.value.clone(),
            source,
        }
    }
}

impl Configs {
    /// The settings of a topic, as `node` sees them.
    pub(crate) fn describe_topic(&self, node: NodeId, overrides: &Overrides) -> Vec<Described> {
        let describe = |key: &'static ConfigKey| {
            let value = self.topic_value(node, overrides, key.name).to_text();
            let described = Described::of(key.name, Some(key), value);
            let behind = synonyms::of_topic_key(key.name).first();
            let mut synonyms =
                behind.map_or_else(Vec::new, |(name, _)| self.synonyms(node, name, false));
            if overrides.contains_key(key.name) {
                synonyms.insert(0, described.own(Source::Topic));
            }
            described.with(synonyms)
        };
        let is_set = |name: &str| overrides.contains_key(name);
        shown(Scope::Topic, is_set).map(describe).collect()
    }

    /// The settings of a group, as `node` sees them.
    pub(crate) fn describe_group(&self, node: NodeId, group: &str) -> Vec<Described> {
        let nothing = Overrides::new();
        let own = self.group(group).unwrap_or(&nothing);
        let describe = |key: &'static ConfigKey| {
            let value = self.group_value(node, group, key.name).to_text();
            let described = Described::of(key.name, Some(key), value);
            let mut synonyms = match synonyms::of_group_key(key.name) {
                Some(name) => self.synonyms(node, &name, false),
                None => key
                    .default
                    .map(|raw| default_synonym(key.name, raw))
                    .into_iter()
                    .collect(),
            };
            if own.contains_key(key.name) {
                synonyms.insert(0, described.own(Source::Group));
            }
            described.with(synonyms)
        };
        // Oracle: an internal setting is also shown where the broker's own is set.
        let is_set = |name: &str| {
            let behind = synonyms::of_group_key(name);
            let layers = behind.map_or_else(Vec::new, |name| self.synonyms(node, &name, false));
            let given = |synonym: &Synonym| synonym.source != Source::Default;
            own.contains_key(name) || layers.iter().any(given)
        };
        shown(Scope::Group, is_set).map(describe).collect()
    }

    /// The settings of a client metrics subscription.
    pub(crate) fn describe_client_metrics(&self, name: &str) -> Vec<Described> {
        let nothing = Overrides::new();
        let own = self.client_metrics(name).unwrap_or(&nothing);
        let describe = |key: &'static ConfigKey| {
            let given = own.get(key.name).and_then(|raw| rule::read(key, raw).ok());
            let value = given.unwrap_or_else(|| Value::default_of(key)).to_text();
            let described = Described::of(key.name, Some(key), value);
            let set = own
                .contains_key(key.name)
                .then(|| described.own(Source::ClientMetrics));
            described.with(set.into_iter().collect())
        };
        let is_set = |name: &str| own.contains_key(name);
        shown(Scope::ClientMetrics, is_set).map(describe).collect()
    }

    /// All settings of a broker.
    pub(crate) fn describe_broker(&self, node: NodeId) -> Vec<Described> {
        let is_listed = |name: &&str| {
            Scope::Broker
                .key(name)
                .is_some_and(|key: &ConfigKey| !key.internal)
        };
        let mut others = self.given_to_broker(node);
        others.retain(|name| !is_listed(name));
        hash_map::sort_by_name(&mut others, |name| name);
        let mut listed: Vec<_> = Scope::Broker.keys().filter(|key| !key.internal).collect();
        hash_map::sort_by_name(&mut listed, |key| key.name);
        let others = others.into_iter().map(|name| {
            let raw = self
                .layers(node, &[name])
                .first()
                .map(|(_, _, raw)| (*raw).to_owned());
            self.describe_broker_setting(node, name, raw)
        });
        let listed = listed.into_iter().map(|key| {
            let value = self.broker_value(node, key.name).to_text();
            self.describe_broker_setting(node, key.name, value)
        });
        others.chain(listed).collect()
    }

    /// The settings that all brokers were given while running, and nothing else.
    pub(crate) fn describe_all_brokers(&self, node: NodeId) -> Vec<Described> {
        let mut settings: Vec<_> = self.all_brokers().iter().collect();
        hash_map::sort_by_name(&mut settings, |(name, _)| name);
        let describe = |(name, raw): (&String, &String)| {
            let described = self.describe_broker_setting(node, name, Some(raw.clone()));
            let mut synonyms = described.synonyms.clone();
            synonyms.retain(|synonym| synonym.source == Source::AllBrokers);
            described.with(synonyms)
        };
        settings.into_iter().map(describe).collect()
    }

    fn describe_broker_setting(
        &self,
        node: NodeId,
        name: &str,
        value: Option<String>,
    ) -> Described {
        let base = synonyms::without_listener(name).unwrap_or(name);
        let key = keys::any_broker_key(name).or_else(|| keys::any_broker_key(base));
        let mut described = Described::of(name, key, value);
        let exact = keys::any_broker_key(name);
        described.read_only = exact.is_none_or(|key| key.update == Update::ReadOnly);
        let synonyms = self.synonyms(node, name, described.sensitive);
        described.with(synonyms)
    }

    /// The levels of a broker's loggers.
    pub(crate) fn describe_loggers(&self, node: NodeId) -> Vec<Described> {
        let Some(loggers) = self.loggers(node) else {
            return Vec::new();
        };
        let mut names = loggers.names();
        hash_map::sort_by_name(&mut names, |name| name);
        let describe = |name: &str| Described {
            sensitive: false,
            source: Source::BrokerLogger,
            value: Some(loggers.level(name).to_owned()),
            ..Described::of(name, None, None)
        };
        names.into_iter().map(describe).collect()
    }

    /// The settings of a topic as CreateTopics answers them: in the order of their names, the values
    /// as they were given.
    pub(crate) fn describe_created(&self, node: NodeId, overrides: &Overrides) -> Vec<Described> {
        let is_set = |name: &str| overrides.contains_key(name);
        let mut keys: Vec<_> = shown(Scope::Topic, is_set).collect();
        keys.sort_unstable_by_key(|key| key.name);
        let describe = |key: &'static ConfigKey| {
            let (raw, source) = match overrides.get(key.name) {
                Some(raw) => (Some(raw.clone()), Source::Topic),
                None => self.raw_behind_topic(node, key),
            };
            Described {
                source,
                ..Described::of(key.name, Some(key), raw)
            }
        };
        keys.into_iter().map(describe).collect()
    }

    /// What the strongest layer of the broker gives for a topic's setting, and which that is.
    fn raw_behind_topic(&self, node: NodeId, key: &ConfigKey) -> (Option<String>, Source) {
        let synonyms = synonyms::of_topic_key(key.name);
        for layer in [Source::Broker, Source::AllBrokers, Source::Static] {
            for (name, unit) in synonyms {
                let Some(raw) = self.layer(layer, node, name) else {
                    continue;
                };
                let converted = match (unit, raw.trim().parse::<i64>()) {
                    (Unit::Minutes | Unit::Hours, Ok(count)) => (count * unit.factor()).to_string(),
                    _ => raw.to_owned(),
                };
                return (Some(converted), layer);
            }
        }
        (key.default.map(str::to_owned), Source::Default)
    }

    /// What the layers say of a broker's setting. Nothing, as in Kafka, if the setting itself is in
    /// no layer but another unit of it is.
    fn synonyms(&self, node: NodeId, name: &str, sensitive: bool) -> Vec<Synonym> {
        let names = synonyms::of_broker_key(name);
        let layers = self.layers(node, &names);
        let speaking = layers
            .into_iter()
            .skip_while(|(found, _, _)| *found != name);
        let synonym = |(name, source, raw): (&str, Source, &str)| Synonym {
            name: name.to_owned(),
            value: (!sensitive).then(|| raw.to_owned()),
            source,
        };
        speaking.map(synonym).collect()
    }
}

fn default_synonym(name: &str, raw: &str) -> Synonym {
    Synonym {
        name: name.to_owned(),
        value: Some(raw.to_owned()),
        source: Source::Default,
    }
}

/// The settings that a description shows: internal ones only if they are set, and first.
fn shown<F: Fn(&str) -> bool>(
    scope: Scope,
    is_set: F,
) -> impl Iterator<Item = &'static ConfigKey> + use<F> {
    type Keys = Vec<&'static ConfigKey>;
    let (internal, mut listed): (Keys, Keys) = scope.keys().partition(|key| key.internal);
    hash_map::sort_by_name(&mut listed, |key| key.name);
    let set: Vec<_> = internal
        .into_iter()
        .filter(|key| is_set(key.name))
        .collect();
    set.into_iter().chain(listed)
}
