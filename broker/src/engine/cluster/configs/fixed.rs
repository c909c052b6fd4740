//! The settings a broker starts with: a properties file and overrides of it.

use std::collections::BTreeMap;

use super::broker_rules;
use super::key::{ConfigKey, ConfigType, Rule};
use super::keys::Scope;
use super::rule;
use super::synonyms::{topic_key_of, without_listener};
use super::unenforced::{self, Started, Ways};
use super::value::Value;
use crate::engine::authorizer::{Authorizer, CLASS_NAME, STANDARD};
use crate::wire::names::nearest;

/// Settings that a broker was started with, checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct StaticConfig {
    values: BTreeMap<String, String>,
}

/// A setting that cannot be used. The message names the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadSetting(String);

/// Internal topics' settings whose defaults need three brokers, and what two or one take instead.
const FOR_FEWER_NODES: [(&str, usize); 5] = [
    ("offsets.topic.replication.factor", 3),
    ("transaction.state.log.replication.factor", 3),
    ("transaction.state.log.min.isr", 2),
    ("share.coordinator.state.topic.replication.factor", 3),
    ("share.coordinator.state.topic.min.isr", 2),
];

/// A setting that would change who can connect or what clients may do, and does not act here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unenforced {
    pub(crate) name: String,
    /// What to do instead.
    pub(crate) instead: &'static str,
}

/// What says where nodes listen; it acts when they start.
const LISTENERS: [&str; 5] = [
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
    "controller.listener.names",
    "inter.broker.listener.name",
];

/// Listeners of every kind.
const ALL_WAYS: Ways = Ways {
    log_in: true,
    have_tls: true,
    take_tokens: true,
};

/// What Kafka's own test images and container modules set, since nearly every test has a group of its own.
const AS_IN_TESTS: (&str, &str) = ("group.initial.rebalance.delay.ms", "0");

impl StaticConfig {
    /// Reads what a properties file and the command line give, the latter being stronger, for a
    /// cluster of so many nodes. Returns lines for the log, too: settings without effect.
    ///
    /// # Errors
    /// A value that Kafka would refuse, settings that contradict each other, or a name on the
    /// command line that Kafka does not know.
    pub(crate) fn read(
        properties: &[(String, String)],
        command_line: &[(String, String)],
        nodes: usize,
    ) -> Result<(Self, Vec<String>), BadSetting> {
        for (name, _) in command_line {
            check_known(name)?;
        }
        let given = properties.iter().chain(command_line).cloned();
        let mut values: BTreeMap<String, String> = given.collect();
        let notes = values.iter().filter_map(|(name, raw)| note(name, raw));
        let notes = notes.collect();
        for (name, raw) in &values {
            check_value(name, raw)?;
        }
        for (name, most) in FOR_FEWER_NODES {
            if nodes < most {
                values
                    .entry(name.to_owned())
                    .or_insert_with(|| nodes.max(1).to_string());
            }
        }
        let (name, delay) = AS_IN_TESTS;
        let delay = || delay.to_owned();
        values.entry(name.to_owned()).or_insert_with(delay);
        let config = Self { values };
        broker_rules::check(&|name| config.value(name)).map_err(BadSetting)?;
        Authorizer::of(|name| config.get(name)).map_err(BadSetting)?;
        Ok((config, notes))
    }

    /// Adds settings where nothing else was given.
    pub(crate) fn fill(&mut self, settings: impl IntoIterator<Item = (&'static str, String)>) {
        for (name, value) in settings {
            self.values.entry(name.to_owned()).or_insert(value);
        }
    }

    /// Asks whether brokers can be started with a setting.
    ///
    /// # Errors
    /// A name that Kafka does not know, or a value that it would refuse.
    pub(crate) fn check(name: &str, raw: &str) -> Result<(), BadSetting> {
        check_known(name)?;
        check_value(name, raw)
    }

    /// What was given that would change who can connect or what clients may do, and does not with listeners like these.
    pub(crate) fn unenforced(&self, ways: Ways) -> Vec<Unenforced> {
        let started = Started::of(ways, self.get(CLASS_NAME));
        let given = self.iter().filter_map(|(name, raw)| {
            let instead = unenforced::instead(name, raw, known(name), started)?;
            let name = name.to_owned();
            Some(Unenforced { name, instead })
        });
        given.collect()
    }

    /// What was given for a setting.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Everything that was given.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, raw)| (name.as_str(), raw.as_str()))
    }

    /// The value of a setting, its default if none was given.
    pub(crate) fn value(&self, name: &str) -> Value {
        let Some(key) = Scope::Broker.key(name) else {
            return Value::Null;
        };
        let given = self.get(name).and_then(|raw| rule::read(key, raw).ok());
        given.unwrap_or_else(|| Value::default_of(key))
    }
}

fn known(name: &str) -> Option<&'static ConfigKey> {
    Scope::Broker
        .key(name)
        .or_else(|| Scope::Broker.key(without_listener(name)?))
}

fn check_known(name: &str) -> Result<(), BadSetting> {
    if known(name).is_some() || without_listener(name).is_some() || unenforced::is_known(name) {
        return Ok(());
    }
    let broker_name = Scope::Broker
        .keys()
        .find(|key| topic_key_of(key.name) == Some(name));
    let nearest = nearest(name, Scope::Broker.keys().map(|key| key.name));
    let advice = match (broker_name, nearest) {
        (Some(key), _) => format!(
            "it is a topic's; the broker's default for it is {}",
            key.name
        ),
        (None, Some(key)) => format!("did you mean {key}?"),
        (None, None) => String::new(),
    };
    Err(BadSetting(format!(
        "{name} is not a setting of a Kafka broker: {advice}"
    )))
}

/// A line for the log about a setting that changes nothing here, if it may be given at all.
fn note(name: &str, raw: &str) -> Option<String> {
    let everything_acts = Started::of(ALL_WAYS, Some(STANDARD));
    match known(name) {
        key if unenforced::instead(name, raw, key, everything_acts).is_some() => None,
        None if unenforced::is_known(name) => None,
        Some(key) if LISTENERS.contains(&key.name) || key.name.starts_with("ssl.") => None,
        Some(key) if unenforced::OF_TOKENS.contains(&key.name) => None,
        Some(key) if key.doc.is_some() => None,
        Some(_) => Some(format!("{name} is accepted, but has no effect here")),
        None => Some(format!(
            "{name} is not a setting that Kafka knows; it is accepted, without effect"
        )),
    }
}

fn check_value(name: &str, raw: &str) -> Result<(), BadSetting> {
    let Some(key) = known(name) else {
        return Ok(());
    };
    let Err(why) = rule::read(key, raw) else {
        return Ok(());
    };
    let default = key
        .default
        .map_or_else(String::new, |text| format!(" (Kafka's default is {text})"));
    Err(BadSetting(format!(
        "{why}; {name} takes {}{default}",
        admitted(key)
    )))
}

/// What a setting takes, for people.
fn admitted(key: &ConfigKey) -> String {
    match (key.rule, key.kind) {
        (Rule::Range(Some(min), Some(max)), _) => format!("a number from {min} to {max}"),
        (Rule::Range(Some(min), None), _) => format!("a number from {min} up"),
        (Rule::Range(None, _), _) => "a number".to_owned(),
        (Rule::OneOf(valid) | Rule::OneOfAnyCase(valid), _) => {
            format!("one of {}", valid.join(", "))
        }
        (Rule::Elements { valid: [], .. }, _) => "a list of names, separated by commas".to_owned(),
        (Rule::Elements { valid, .. }, _) => format!("a list of {}", valid.join(", ")),
        (Rule::GzipLevel, _) => "a number from 1 to 9, or -1".to_owned(),
        (_, ConfigType::Boolean) => "true or false".to_owned(),
        (_, ConfigType::Int) => "a whole number of 32 bits".to_owned(),
        (_, ConfigType::Short) => "a whole number of 16 bits".to_owned(),
        (_, ConfigType::Long) => "a whole number of 64 bits".to_owned(),
        (_, ConfigType::Double) => "a number".to_owned(),
        (_, ConfigType::List) => "a list, separated by commas".to_owned(),
        (_, ConfigType::String | ConfigType::Class | ConfigType::Password) => "a text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_WAYS: Ways = Ways {
        log_in: false,
        have_tls: false,
        take_tokens: false,
    };

    fn pairs(text: &str) -> Vec<(String, String)> {
        super::super::properties::parse(text.as_bytes()).unwrap()
    }

    #[track_caller]
    fn check_refused(properties: &str, command_line: &str, message: &str) {
        let error = StaticConfig::read(&pairs(properties), &pairs(command_line), 1).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn bad_settings_are_refused_with_the_way_out() {
        check_refused(
            "num.partitions=x",
            "",
            "Invalid value x for configuration num.partitions: Not a number of type INT; num.partitions takes a number from 1 up (Kafka's default is 1)",
        );
        check_refused(
            "",
            "log.cleanup.policy=keep",
            "Invalid value keep for configuration log.cleanup.policy: String must be one of: compact, delete; log.cleanup.policy takes a list of compact, delete (Kafka's default is delete)",
        );
        check_refused(
            "",
            "num.partitons=3",
            "num.partitons is not a setting of a Kafka broker: did you mean num.partitions?",
        );
        check_refused(
            "",
            "retention.ms=3",
            "retention.ms is not a setting of a Kafka broker: it is a topic's; the broker's default for it is log.retention.ms",
        );
        check_refused(
            "group.consumer.session.timeout.ms=1000",
            "",
            "group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
        );
    }

    #[test]
    fn what_has_no_effect_is_accepted_and_noted() {
        let file = pairs(
            "process.roles=broker\nmy.own=1\nnum.partitions=4\nlistener.name.x.socket.send.buffer.bytes=7",
        );
        let (config, notes) = StaticConfig::read(&file, &pairs("num.partitions=6"), 3).unwrap();
        assert_eq!(config.value("num.partitions"), Value::Number(6));
        assert_eq!(config.get("my.own"), Some("1"));
        assert_eq!(
            notes,
            [
                "listener.name.x.socket.send.buffer.bytes is accepted, but has no effect here",
                "my.own is not a setting that Kafka knows; it is accepted, without effect",
                "process.roles is accepted, but has no effect here",
            ]
        );
    }

    #[test]
    fn what_would_be_enforced_is_named_with_what_to_do_instead() {
        #[track_caller]
        fn check(setting: &str, ways: Ways, instead: Option<&str>) {
            let (config, notes) = StaticConfig::read(&[], &pairs(setting), 1).unwrap();
            let found = config.unenforced(ways);
            let begins = |part: &str| found.len() == 1 && found[0].instead.contains(part);
            assert!(
                instead.map_or(found.is_empty(), begins),
                "{setting}: {found:?}"
            );
            assert!(found.is_empty() || notes.is_empty(), "{setting}: {notes:?}");
        }
        for (setting, instead) in [
            ("ssl.client.auth=required", "has TLS"),
            ("ssl.keystore.location=/keys", "has TLS"),
            ("listener.name.x.ssl.keystore.location=/keys", "has TLS"),
            ("ssl.engine.factory.class=a.B", "rustls"),
            (
                "listener.name.x.plain.sasl.jaas.config=x required;",
                "--sasl",
            ),
            ("security.providers=a.B", "rustls"),
            ("principal.builder.class=a.B", "User:NAME"),
            ("sasl.server.callback.handler.class=a.B", "--sasl"),
            ("sasl.oauthbearer.expected.audience=me", "OAUTHBEARER"),
            ("sasl.kerberos.service.name=kafka", "PLAIN or SCRAM"),
            ("sasl.login.class=a.B", "PLAIN or SCRAM"),
            ("sasl.enabled.mechanisms=PLAIN", "--sasl"),
            ("authorizer.class.name=a.B", "StandardAuthorizer"),
            ("super.users=User:admin", "authorizer.class.name"),
            (
                "allow.everyone.if.no.acl.found=false",
                "authorizer.class.name",
            ),
            ("client.quota.callback.class=a.B", "quotas"),
            ("create.topic.policy.class.name=a.B", "POLICY_VIOLATION"),
            ("alter.config.policy.class.name=a.B", "POLICY_VIOLATION"),
            ("listener.name.x.max.connections.per.ip=1", "every listener"),
        ] {
            check(setting, NO_WAYS, Some(instead));
            let acts = setting == "sasl.enabled.mechanisms=PLAIN"
                || ["has TLS", "OAUTHBEARER"].contains(&instead);
            check(setting, ALL_WAYS, Some(instead).filter(|_| !acts));
        }
        for acts_or_default in [
            "listeners=SSL://:9092",
            "advertised.listeners=SSL://kafka:9092",
            "listener.security.protocol.map=PLAINTEXT:SSL",
            "listener.name.x.max.connections=1",
            "listener.name.x.scram-sha-256.connections.max.reauth.ms=1000",
            "ssl.client.auth=none",
            "ssl.protocol=TLSv1.3",
            "authorizer.class.name=",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
             super.users=User:admin;User:root\nallow.everyone.if.no.acl.found=true",
            "sasl.oauthbearer.scope.claim.name=scope",
            "max.connections=1",
            "max.connections.per.ip=1",
            "connections.max.reauth.ms=1000",
            "inter.broker.listener.name=PLAINTEXT",
            "sasl.mechanism.inter.broker.protocol=PLAIN",
            "delegation.token.max.lifetime.ms=1",
            "delegation.token.secret.key=s",
            "listener.name.x.socket.send.buffer.bytes=7",
        ] {
            check(acts_or_default, NO_WAYS, None);
        }
    }

    #[test]
    fn a_first_rebalance_does_not_wait_unless_that_is_said() {
        let name = "group.initial.rebalance.delay.ms";
        let delay = |given: &str| {
            StaticConfig::read(&pairs(given), &[], 1)
                .unwrap()
                .0
                .value(name)
        };
        assert_eq!(delay(""), Value::Number(0));
        assert_eq!(
            delay("group.initial.rebalance.delay.ms=3000"),
            Value::Number(3000)
        );
        assert_eq!(
            StaticConfig::default().value(name),
            Value::Number(3000),
            "Kafka's default"
        );
    }

    #[test]
    fn internal_topics_fit_the_number_of_nodes() {
        for (nodes, factor, min_isr) in [(1, 1, 1), (2, 2, 2), (3, 3, 2), (5, 3, 2)] {
            let (config, _) = StaticConfig::read(&[], &[], nodes).unwrap();
            assert_eq!(
                config.value("offsets.topic.replication.factor"),
                Value::Number(factor)
            );
            assert_eq!(
                config.value("transaction.state.log.min.isr"),
                Value::Number(min_isr)
            );
        }
        let (config, _) =
            StaticConfig::read(&pairs("offsets.topic.replication.factor=2"), &[], 1).unwrap();
        assert_eq!(config.get("offsets.topic.replication.factor"), Some("2"));
    }
}
