//! Which broker settings stand behind a setting of a topic or a group.

/// What a broker setting counts, against the topic's setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// The same.
    Same,
    /// Minutes where the topic counts milliseconds.
    Minutes,
    /// Hours where the topic counts milliseconds.
    Hours,
}

impl Unit {
    /// How many of the topic's units one of these is.
    pub(crate) const fn factor(self) -> i64 {
        match self {
            Self::Same => 1,
            Self::Minutes => 60 * 1000,
            Self::Hours => 60 * 60 * 1000,
        }
    }
}

type Synonyms = &'static [(&'static str, Unit)];

/// The broker settings behind a topic's, the strongest first.
const TOPIC: &[(&str, Synonyms)] = &[
    ("segment.bytes", &[("log.segment.bytes", Unit::Same)]),
    (
        "segment.ms",
        &[("log.roll.ms", Unit::Same), ("log.roll.hours", Unit::Hours)],
    ),
    (
        "segment.jitter.ms",
        &[
            ("log.roll.jitter.ms", Unit::Same),
            ("log.roll.jitter.hours", Unit::Hours),
        ],
    ),
    (
        "segment.index.bytes",
        &[("log.index.size.max.bytes", Unit::Same)],
    ),
    (
        "flush.messages",
        &[("log.flush.interval.messages", Unit::Same)],
    ),
    (
        "flush.ms",
        &[
            ("log.flush.interval.ms", Unit::Same),
            ("log.flush.scheduler.interval.ms", Unit::Same),
        ],
    ),
    ("retention.bytes", &[("log.retention.bytes", Unit::Same)]),
    (
        "retention.ms",
        &[
            ("log.retention.ms", Unit::Same),
            ("log.retention.minutes", Unit::Minutes),
            ("log.retention.hours", Unit::Hours),
        ],
    ),
    ("max.message.bytes", &[("message.max.bytes", Unit::Same)]),
    (
        "max.decompressed.message.bytes",
        &[("max.decompressed.message.bytes", Unit::Same)],
    ),
    (
        "index.interval.bytes",
        &[("log.index.interval.bytes", Unit::Same)],
    ),
    (
        "delete.retention.ms",
        &[("log.cleaner.delete.retention.ms", Unit::Same)],
    ),
    (
        "min.compaction.lag.ms",
        &[("log.cleaner.min.compaction.lag.ms", Unit::Same)],
    ),
    (
        "max.compaction.lag.ms",
        &[("log.cleaner.max.compaction.lag.ms", Unit::Same)],
    ),
    (
        "file.delete.delay.ms",
        &[("log.segment.delete.delay.ms", Unit::Same)],
    ),
    (
        "min.cleanable.dirty.ratio",
        &[("log.cleaner.min.cleanable.ratio", Unit::Same)],
    ),
    ("cleanup.policy", &[("log.cleanup.policy", Unit::Same)]),
    (
        "unclean.leader.election.enable",
        &[("unclean.leader.election.enable", Unit::Same)],
    ),
    (
        "min.insync.replicas",
        &[("min.insync.replicas", Unit::Same)],
    ),
    ("compression.type", &[("compression.type", Unit::Same)]),
    (
        "compression.gzip.level",
        &[("compression.gzip.level", Unit::Same)],
    ),
    (
        "compression.lz4.level",
        &[("compression.lz4.level", Unit::Same)],
    ),
    (
        "compression.zstd.level",
        &[("compression.zstd.level", Unit::Same)],
    ),
    ("preallocate", &[("log.preallocate", Unit::Same)]),
    (
        "message.timestamp.type",
        &[("log.message.timestamp.type", Unit::Same)],
    ),
    (
        "message.timestamp.before.max.ms",
        &[("log.message.timestamp.before.max.ms", Unit::Same)],
    ),
    (
        "message.timestamp.after.max.ms",
        &[("log.message.timestamp.after.max.ms", Unit::Same)],
    ),
    (
        "local.retention.ms",
        &[("log.local.retention.ms", Unit::Same)],
    ),
    (
        "local.retention.bytes",
        &[("log.local.retention.bytes", Unit::Same)],
    ),
    (
        "remote.copy.lag.ms",
        &[("log.remote.copy.lag.ms", Unit::Same)],
    ),
    (
        "remote.copy.lag.bytes",
        &[("log.remote.copy.lag.bytes", Unit::Same)],
    ),
];

/// The broker settings behind a topic's, the strongest first; none behind some.
pub(crate) fn of_topic_key(name: &str) -> Synonyms {
    TOPIC
        .iter()
        .find(|(topic, _)| *topic == name)
        .map_or(&[], |(_, synonyms)| synonyms)
}

/// The topic setting behind which a broker setting stands.
pub(crate) fn topic_key_of(broker: &str) -> Option<&'static str> {
    let stands_behind = |synonyms: Synonyms| synonyms.iter().any(|(name, _)| *name == broker);
    TOPIC
        .iter()
        .find(|(_, synonyms)| stands_behind(synonyms))
        .map(|(topic, _)| *topic)
}

/// The broker setting behind a group's.
pub(crate) fn of_group_key(name: &str) -> Option<String> {
    match name {
        "streams.assignor.name" => Some("group.streams.assignors".to_owned()),
        "share.auto.offset.reset"
        | "share.isolation.level"
        | "share.renew.acknowledge.enable"
        | "errors.deadletterqueue.topic.name"
        | "errors.deadletterqueue.copy.record.enable" => None,
        _ => Some(format!("group.{name}")),
    }
}

/// The names under which a broker setting can be given, the strongest first. A setting of one
/// listener (`listener.name.NAME.KEY`) falls back to that of all listeners.
pub(crate) fn of_broker_key(name: &str) -> Vec<&str> {
    match name {
        "log.roll.ms" | "log.roll.hours" => vec!["log.roll.ms", "log.roll.hours"],
        "log.roll.jitter.ms" | "log.roll.jitter.hours" => {
            vec!["log.roll.jitter.ms", "log.roll.jitter.hours"]
        }
        "log.flush.interval.ms" => vec![name, "log.flush.scheduler.interval.ms"],
        "log.retention.ms" | "log.retention.minutes" | "log.retention.hours" => {
            vec![
                "log.retention.ms",
                "log.retention.minutes",
                "log.retention.hours",
            ]
        }
        _ => match without_listener(name) {
            Some(base) => vec![name, of_mechanism(base).unwrap_or(base)],
            None => vec![name],
        },
    }
}

/// What follows `listener.name.NAME.`, if the name begins so.
pub(crate) fn without_listener(name: &str) -> Option<&str> {
    name.strip_prefix("listener.name.")?
        .split_once('.')
        .map(|(_, base)| base)
}

/// Settings of one SASL mechanism carry its name in front.
pub(super) fn of_mechanism(base: &str) -> Option<&'static str> {
    const MECHANISM_KEYS: [&str; 5] = [
        "sasl.jaas.config",
        "sasl.login.callback.handler.class",
        "sasl.login.class",
        "sasl.server.callback.handler.class",
        "connections.max.reauth.ms",
    ];
    MECHANISM_KEYS.into_iter().find(|key| base.ends_with(key))
}

/// What a listener serves with, without its prefix.
const STORES: [&str; 2] = ["ssl.keystore.", "ssl.truststore."];

/// Whether a setting says what a listener serves with.
pub(crate) fn is_of_keys(name: &str) -> bool {
    let rest = name.strip_prefix("listener.name.");
    let base = rest.and_then(|rest| rest.split_once('.'));
    base.is_some_and(|(_, base)| {
        base == "ssl.key.password" || STORES.iter().any(|store| base.starts_with(store))
    })
}
