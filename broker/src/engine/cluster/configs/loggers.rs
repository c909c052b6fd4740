//! A broker's loggers (KIP-412): their levels are kept and shown. What Fauxka itself logs is set by
//! its own filter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The logger above all others.
pub(crate) const ROOT: &str = "root";

/// The levels, in the order in which Kafka's refusal lists them.
const LEVELS: [&str; 6] = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];

/// What Kafka's own logging configuration names.
const NAMED: [&str; 7] = [
    "kafka",
    "kafka.authorizer.logger",
    "kafka.network.RequestChannel$",
    "kafka.request.logger",
    "org.apache.kafka",
    "org.apache.kafka.storage.internals.log.LogCleaner",
    "state.change.logger",
];

/// Levels by logger; those not set follow the logger above them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Loggers {
    levels: BTreeMap<String, String>,
}

impl Loggers {
    /// Whether Kafka has such a logger; every class of its has one.
    pub(crate) fn exists(name: &str) -> bool {
        let is_class = name.starts_with("kafka.") || name.starts_with("org.apache.kafka.");
        name == ROOT || is_class || NAMED.contains(&name)
    }

    /// Whether Kafka knows the level.
    pub(crate) fn is_level(level: &str) -> bool {
        LEVELS.contains(&level)
    }

    /// The levels as a refusal lists them.
    pub(crate) fn valid_levels() -> String {
        LEVELS.join(", ")
    }

    /// Sets a logger's level, or lets it follow the one above.
    pub(crate) fn set(&mut self, name: &str, level: Option<&str>) {
        match level {
            Some(level) => self.levels.insert(name.to_owned(), level.to_owned()),
            None => self.levels.remove(name),
        };
    }

    /// The level in force.
    pub(crate) fn level(&self, name: &str) -> &str {
        let mut name = Some(name);
        while let Some(at) = name {
            if let Some(level) = self.levels.get(at) {
                return level;
            }
            name = at.rsplit_once('.').map(|(above, _)| above);
        }
        self.levels.get(ROOT).map_or("INFO", String::as_str)
    }

    /// The loggers that descriptions list.
    pub(crate) fn names(&self) -> Vec<&str> {
        let set = self.levels.keys().map(String::as_str);
        let mut names: Vec<&str> = NAMED.into_iter().chain([ROOT]).chain(set).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logger_follows_the_one_above() {
        let mut loggers = Loggers::default();
        assert_eq!(loggers.level("kafka.server.KafkaApis"), "INFO");
        loggers.set(ROOT, Some("WARN"));
        assert_eq!(loggers.level("kafka.server.KafkaApis"), "WARN");
        loggers.set("kafka", Some("DEBUG"));
        assert_eq!(loggers.level("kafka.server.KafkaApis"), "DEBUG");
        loggers.set("kafka.server.KafkaApis", Some("FATAL"));
        loggers.set("kafka", None);
        assert_eq!(loggers.level("kafka.server.KafkaApis"), "FATAL");
        assert_eq!(loggers.level("kafka.server"), "WARN");
    }
}
