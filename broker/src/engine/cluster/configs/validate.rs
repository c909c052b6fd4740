//! Whether a resource's settings, all together, are good.

use super::broker_config::Field as _;
use super::changes::Changes;
use super::key::{ConfigKey, ConfigType, Update};
use super::keys::{self, Scope};
use super::rule;
use super::store::{Configs, Overrides};
use super::synonyms::without_listener;
use super::value::{self, Value};
use super::{broker_rules, group_rules};
use crate::engine::api_error::ApiError;
use crate::engine::java::hash_map;
use crate::wire::units::NodeId;

impl Configs {
    /// Settings for a new topic, from names and values in the order of the request.
    pub(crate) fn validate_topic_overrides(
        &self,
        node: NodeId,
        given: &[(String, Option<String>)],
    ) -> Result<Overrides, ApiError> {
        let mut nulls: Vec<&str> = Vec::new();
        let mut overrides = Overrides::new();
        for (name, raw) in given {
            match raw {
                Some(raw) => drop(overrides.insert(name.clone(), raw.clone())),
                None => nulls.push(name),
            }
        }
        if !nulls.is_empty() {
            hash_map::sort_by_name(&mut nulls, |name| name);
            return Err(ApiError::invalid_config(format!(
                "Null value not supported for topic configs: {}",
                nulls.join(",")
            )));
        }
        self.validate_topic(node, &overrides)?;
        Ok(overrides)
    }

    /// Asks whether a topic may have these settings and no others.
    pub(crate) fn validate_topic(
        &self,
        node: NodeId,
        overrides: &Overrides,
    ) -> Result<(), ApiError> {
        if let Some(name) = first_unknown(Scope::Topic, overrides) {
            return Err(ApiError::invalid_config(format!(
                "Unknown topic config name: {name}"
            )));
        }
        read_all(Scope::Topic, overrides).map_err(ApiError::invalid_config)?;
        let broker = self.broker(node);
        let lag = |name, of_broker| match overrides.get(name) {
            Some(_) => i64::from_value(self.topic_value(node, overrides, name)),
            None => of_broker,
        };
        let least = lag("min.compaction.lag.ms", broker.compaction_lag_min);
        let most = lag("max.compaction.lag.ms", broker.compaction_lag_max);
        if least > most {
            return Err(ApiError::invalid_config(format!(
                "conflict topic config setting min.compaction.lag.ms ({least}) > \
                 max.compaction.lag.ms ({most})"
            )));
        }
        let remote = "remote.storage.enable";
        if overrides.contains_key(remote)
            && self.topic_value(node, overrides, remote) == Value::Boolean(true)
        {
            return Err(ApiError::invalid_config(
                "Tiered Storage functionality is disabled in the broker. Topic cannot be \
                 configured with remote log storage.",
            ));
        }
        Ok(())
    }

    /// Asks whether a group may have these settings and no others.
    pub(super) fn validate_group(
        &self,
        node: NodeId,
        settings: &Overrides,
    ) -> Result<(), ApiError> {
        if let Some(name) = first_unknown(Scope::Group, settings) {
            return Err(ApiError::invalid_config(format!(
                "Unknown group config name: {name}"
            )));
        }
        group_rules::check_tags(settings).map_err(ApiError::invalid_config)?;
        read_all(Scope::Group, settings).map_err(ApiError::invalid_config)?;
        group_rules::check(settings, &|name| self.broker_value(node, name))
            .map_err(ApiError::invalid_config)
    }

    /// Asks whether a client metrics subscription may have these settings and no others.
    pub(super) fn validate_client_metrics(settings: &Overrides) -> Result<(), ApiError> {
        if let Some(name) = first_unknown(Scope::ClientMetrics, settings) {
            let message = format!("Unknown client metrics configuration: {name}");
            return Err(ApiError::invalid_request(message));
        }
        read_all(Scope::ClientMetrics, settings).map_err(ApiError::invalid_config)?;
        let value = |name: &str| {
            let (key, raw) = (Scope::ClientMetrics.key(name)?, settings.get(name)?);
            rule::read(key, raw).ok()
        };
        if let Some(Value::Number(interval)) = value("interval.ms")
            && !(100..=3_600_000).contains(&interval)
        {
            return Err(ApiError::invalid_request(format!(
                "Invalid value {interval} for interval.ms, interval must be between 100 and \
                 3600000 (1 hour)"
            )));
        }
        let Some(Value::List(patterns)) = value("match") else {
            return Ok(());
        };
        match patterns
            .iter()
            .find(|pattern| !group_rules::is_client_pattern(pattern))
        {
            Some(bad) => Err(ApiError::invalid_config(format!(
                "Illegal client matching pattern: {bad}"
            ))),
            None => Ok(()),
        }
    }

    /// Asks whether a broker, or all of them for no target, may be given these settings while
    /// running. Kafka wraps what it finds into INVALID_REQUEST.
    pub(super) fn validate_broker(
        &self,
        node: NodeId,
        target: Option<NodeId>,
        settings: &Overrides,
    ) -> Result<(), ApiError> {
        check_dynamic_names(settings)?;
        check_dynamic_values(settings).map_err(ApiError::invalid_request)?;
        let for_one = settings
            .keys()
            .map(String::as_str)
            .filter(|name| is_for_one_broker(name));
        if target.is_none() {
            let rule = "Cannot update these configs at default cluster level, broker id must be \
                        specified";
            refuse_all(rule, for_one)?;
        }
        let mut planned = self.clone();
        planned.set_brokers(target, settings.clone());
        let value = |name: &str| planned.broker_value(node, name);
        broker_rules::check(&value).map_err(ApiError::invalid_request)?;
        broker_rules::check_threads(&|name| self.broker_value(node, name), &value)
            .map_err(ApiError::invalid_request)
    }
}

impl Changes {
    /// Asks whether each value can be read. Whether they go together is not asked: they did.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_dynamic_values(&self.all_brokers)?;
        for broker in self.brokers.values() {
            check_dynamic_values(&broker.dynamic)?;
        }
        for group in self.groups.values() {
            read_all(Scope::Group, group)?;
        }
        for subscription in self.client_metrics.values() {
            read_all(Scope::ClientMetrics, subscription)?;
        }
        Ok(())
    }
}

/// Asks the same of a topic's settings.
pub(crate) fn check_topic(overrides: &Overrides) -> Result<(), String> {
    read_all(Scope::Topic, overrides)
}

/// The first name, in Java's order, that a resource does not have.
fn first_unknown(scope: Scope, settings: &Overrides) -> Option<&str> {
    let mut names: Vec<&str> = settings.keys().map(String::as_str).collect();
    hash_map::sort_by_name(&mut names, |name| name);
    names.into_iter().find(|name| scope.key(name).is_none())
}

/// Reads every setting, in the order of their definition.
fn read_all(scope: Scope, settings: &Overrides) -> Result<(), String> {
    for key in scope.keys() {
        if let Some(raw) = settings.get(key.name) {
            rule::read(key, raw)?;
        }
    }
    Ok(())
}

fn check_dynamic_names(settings: &Overrides) -> Result<(), ApiError> {
    let names = || settings.keys().map(String::as_str);
    let is_fixed = |name: &&str| {
        Scope::Broker
            .key(name)
            .is_some_and(|key| key.update == Update::ReadOnly)
    };
    refuse_all(
        "Cannot update these configs dynamically",
        names().filter(is_fixed),
    )?;
    let rule = "These security configs can be dynamically updated only per-listener using the \
                listener prefix";
    refuse_all(
        rule,
        names().filter(|name| RELOADED_PER_LISTENER.contains(name)),
    )
}

/// What TLS loads again for one listener.
const RELOADED_PER_LISTENER: [&str; 10] = [
    "ssl.keystore.type",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.key.password",
    "ssl.keystore.key",
    "ssl.keystore.certificate.chain",
    "ssl.truststore.type",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.certificates",
];

fn check_dynamic_values(settings: &Overrides) -> Result<(), String> {
    for key in keys::dynamic_broker_keys() {
        let is_of_key = |name: &str| without_listener(name).unwrap_or(name) == key.name;
        for (_, raw) in settings.iter().filter(|(name, _)| is_of_key(name)) {
            rule::check_as_is(key, raw)?;
            check_class(key, raw)?;
        }
    }
    Ok(())
}

/// There is no class path here: Kafka's own classes exist, others do not.
fn check_class(key: &ConfigKey, raw: &str) -> Result<(), String> {
    let exists = raw.trim().starts_with("org.apache.kafka.");
    if key.kind != ConfigType::Class || exists {
        return Ok(());
    }
    Err(value::invalid(
        key,
        raw,
        &format!("Class {raw} could not be found."),
    ))
}

fn is_for_one_broker(name: &str) -> bool {
    const OF_LISTENERS_FOR_ALL: [&str; 3] = [
        "max.connections",
        "max.connection.creation.rate",
        "num.network.threads",
    ];
    match without_listener(name) {
        Some(base) => !OF_LISTENERS_FOR_ALL.contains(&base),
        None => keys::any_broker_key(name).is_some_and(|key| key.update == Update::PerBroker),
    }
}

fn refuse_all<'a>(rule: &str, names: impl Iterator<Item = &'a str>) -> Result<(), ApiError> {
    let mut names: Vec<&str> = names.collect();
    if names.is_empty() {
        return Ok(());
    }
    hash_map::sort_by_name(&mut names, |name| name);
    Err(ApiError::invalid_request(format!(
        "{rule}: [{}]",
        names.join(", ")
    )))
}
