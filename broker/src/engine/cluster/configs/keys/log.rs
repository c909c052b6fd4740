//! Broker settings of logs: mostly the defaults of the topics' own settings.

use super::super::key::{ConfigKey, ConfigType};

/// The log cleaner.
pub(super) const CLEANER: &[ConfigKey] = &[
    ConfigKey::int("log.cleaner.threads", "1")
        .at_least(0)
        .cluster_wide(),
    ConfigKey::double(
        "log.cleaner.io.max.bytes.per.second",
        "1.7976931348623157E308",
    )
    .cluster_wide(),
    ConfigKey::long("log.cleaner.dedupe.buffer.size", "134217728").cluster_wide(),
    ConfigKey::int("log.cleaner.io.buffer.size", "524288")
        .at_least(0)
        .cluster_wide(),
    ConfigKey::double("log.cleaner.io.buffer.load.factor", "0.9").cluster_wide(),
    ConfigKey::long("log.cleaner.backoff.ms", "15000")
        .at_least(0)
        .cluster_wide()
        .doc("How often logs are looked through for something to compact."),
    ConfigKey::double("log.cleaner.min.cleanable.ratio", "0.5")
        .between(0, 1)
        .cluster_wide()
        .doc("The default of the topics' min.cleanable.dirty.ratio."),
    ConfigKey::boolean("log.cleaner.enable", "true").doc("Whether logs are compacted at all."),
    ConfigKey::long("log.cleaner.delete.retention.ms", "86400000")
        .at_least(0)
        .cluster_wide()
        .doc("The default of the topics' delete.retention.ms."),
    ConfigKey::long("log.cleaner.min.compaction.lag.ms", "0")
        .at_least(0)
        .cluster_wide()
        .doc("The default of the topics' min.compaction.lag.ms."),
    ConfigKey::long("log.cleaner.max.compaction.lag.ms", "9223372036854775807")
        .at_least(1)
        .cluster_wide()
        .doc("The default of the topics' max.compaction.lag.ms."),
];

/// Segments, retention, timestamps and the creation of topics.
pub(super) const LOG: &[ConfigKey] = &[
    ConfigKey::int("num.partitions", "1").at_least(1).doc("The number of partitions of topics that do not ask for one."),
    ConfigKey::list("log.dir", "/tmp/kafka-logs").elements(&[]).never_empty().doc("The log directories that are told, if log.dirs is unset; nothing is on disk."),
    ConfigKey::unset("log.dirs", ConfigType::List).elements(&[]).never_empty().doc("The log directories that are told; nothing is on disk. Replicas spread over them, and can be moved."),
    ConfigKey::list("cordoned.log.dirs", "").elements(&[]).per_broker().doc("Log directories into which no replica comes any more; * for all of them."),
    ConfigKey::int("log.segment.bytes", "1073741824").at_least(1_048_576).cluster_wide().doc("The default of the topics' segment.bytes."),
    ConfigKey::unset("log.roll.ms", ConfigType::Long).cluster_wide().doc("The default of the topics' segment.ms; unset, log.roll.hours is used."),
    ConfigKey::int("log.roll.hours", "168").at_least(1).doc("The default of the topics' segment.ms in hours, if log.roll.ms is unset."),
    ConfigKey::unset("log.roll.jitter.ms", ConfigType::Long).cluster_wide().doc("The default of the topics' segment.jitter.ms; unset, log.roll.jitter.hours is used."),
    ConfigKey::int("log.roll.jitter.hours", "0").at_least(0).doc("The default of the topics' segment.jitter.ms in hours, if log.roll.jitter.ms is unset."),
    ConfigKey::unset("log.retention.ms", ConfigType::Long).cluster_wide().doc("The default of the topics' retention.ms; unset, log.retention.minutes is used."),
    ConfigKey::unset("log.retention.minutes", ConfigType::Int).doc("The default of the topics' retention.ms in minutes; unset, log.retention.hours is used."),
    ConfigKey::int("log.retention.hours", "168").doc("The default of the topics' retention.ms in hours, if the finer settings are unset."),
    ConfigKey::long("log.retention.bytes", "-1").cluster_wide().doc("The default of the topics' retention.bytes."),
    ConfigKey::long("log.retention.check.interval.ms", "300000").at_least(1).doc("How often logs are looked through for segments to delete."),
    ConfigKey::list("log.cleanup.policy", "delete").elements(&["compact", "delete"]).cluster_wide().doc("The default of the topics' cleanup.policy."),
    ConfigKey::int("log.index.size.max.bytes", "10485760").at_least(4).cluster_wide(),
    ConfigKey::int("log.index.interval.bytes", "4096").at_least(0).cluster_wide(),
    ConfigKey::long("log.flush.interval.messages", "9223372036854775807").at_least(1).cluster_wide(),
    ConfigKey::long("log.segment.delete.delay.ms", "60000").at_least(0).cluster_wide().doc("The default of the topics' file.delete.delay.ms."),
    ConfigKey::long("log.flush.scheduler.interval.ms", "9223372036854775807"),
    ConfigKey::unset("log.flush.interval.ms", ConfigType::Long).cluster_wide(),
    ConfigKey::int("log.flush.offset.checkpoint.interval.ms", "60000").at_least(0),
    ConfigKey::int("log.flush.start.offset.checkpoint.interval.ms", "60000").at_least(0),
    ConfigKey::boolean("log.preallocate", "false").cluster_wide().doc("The default of the topics' preallocate."),
    ConfigKey::int("num.recovery.threads.per.data.dir", "2").at_least(1).cluster_wide(),
    ConfigKey::boolean("auto.create.topics.enable", "true").doc("Whether a topic that a client asks for is created."),
    ConfigKey::int("min.insync.replicas", "1").at_least(1).cluster_wide().doc("The default of the topics' min.insync.replicas."),
    ConfigKey::string("log.message.timestamp.type", "CreateTime").one_of(&["CreateTime", "LogAppendTime"]).cluster_wide().doc("The default of the topics' message.timestamp.type."),
    ConfigKey::long("log.message.timestamp.before.max.ms", "9223372036854775807").at_least(0).cluster_wide().doc("The default of the topics' message.timestamp.before.max.ms."),
    ConfigKey::long("log.message.timestamp.after.max.ms", "3600000").at_least(0).cluster_wide().doc("The default of the topics' message.timestamp.after.max.ms."),
    ConfigKey::unset("create.topic.policy.class.name", ConfigType::Class),
    ConfigKey::unset("alter.config.policy.class.name", ConfigType::Class),
    ConfigKey::long("log.dir.failure.timeout.ms", "30000").at_least(1),
    ConfigKey::long("log.initial.task.delay.ms", "30000")
        .at_least(0)
        .internal()
        .doc("How long after its start a broker first looks for old records."),
];
