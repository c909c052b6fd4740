//! Broker settings of tiered storage: known, kept and shown; tiered storage is off.

use super::super::key::{ConfigKey, ConfigType, Rule};

/// `remote.*` and the defaults of the topics' tiered settings.
pub(super) const REMOTE: &[ConfigKey] = &[
    ConfigKey::boolean("remote.log.storage.system.enable", "false"),
    ConfigKey::string("remote.log.storage.manager.impl.prefix", "rsm.config.").rule(Rule::NonEmpty),
    ConfigKey::string("remote.log.metadata.manager.impl.prefix", "rlmm.config.")
        .rule(Rule::NonEmpty),
    ConfigKey::unset("remote.log.storage.manager.class.name", ConfigType::String)
        .rule(Rule::NonEmpty),
    ConfigKey::unset("remote.log.storage.manager.class.path", ConfigType::String),
    ConfigKey::string(
        "remote.log.metadata.manager.class.name",
        "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
    )
    .rule(Rule::NonEmpty),
    ConfigKey::unset("remote.log.metadata.manager.class.path", ConfigType::String),
    ConfigKey::unset(
        "remote.log.metadata.manager.listener.name",
        ConfigType::String,
    )
    .rule(Rule::NonEmpty),
    ConfigKey::int("remote.log.metadata.custom.metadata.max.bytes", "128").at_least(0),
    ConfigKey::long("remote.log.index.file.cache.total.size.bytes", "1073741824")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::long("remote.log.index.file.cache.ttl.ms", "900000")
        .at_least(-1)
        .internal(),
    ConfigKey::int("remote.log.manager.thread.pool.size", "2").at_least(1),
    ConfigKey::int("remote.log.manager.copier.thread.pool.size", "10")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::int("remote.log.manager.expiration.thread.pool.size", "10")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::int("remote.log.manager.follower.thread.pool.size", "2")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::long("remote.log.manager.task.interval.ms", "30000").at_least(1),
    ConfigKey::long("remote.log.manager.task.retry.backoff.ms", "500")
        .at_least(1)
        .internal(),
    ConfigKey::long("remote.log.manager.task.retry.backoff.max.ms", "30000")
        .at_least(1)
        .internal(),
    ConfigKey::double("remote.log.manager.task.retry.jitter", "0.2")
        .at_least(0)
        .internal(),
    ConfigKey::int("remote.log.reader.threads", "10")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::int("remote.log.reader.max.pending.tasks", "100").at_least(1),
    ConfigKey::long("log.local.retention.ms", "-2")
        .at_least(-2)
        .cluster_wide(),
    ConfigKey::long("log.local.retention.bytes", "-2")
        .at_least(-2)
        .cluster_wide(),
    ConfigKey::long("log.remote.copy.lag.ms", "0")
        .at_least(-1)
        .cluster_wide(),
    ConfigKey::long("log.remote.copy.lag.bytes", "-1")
        .at_least(-1)
        .cluster_wide(),
    ConfigKey::long(
        "remote.log.manager.copy.max.bytes.per.second",
        "9223372036854775807",
    )
    .at_least(1)
    .cluster_wide(),
    ConfigKey::int("remote.log.manager.copy.quota.window.num", "11").at_least(1),
    ConfigKey::int("remote.log.manager.copy.quota.window.size.seconds", "1").at_least(1),
    ConfigKey::long(
        "remote.log.manager.fetch.max.bytes.per.second",
        "9223372036854775807",
    )
    .at_least(1)
    .cluster_wide(),
    ConfigKey::int("remote.log.manager.fetch.quota.window.num", "11").at_least(1),
    ConfigKey::int("remote.log.manager.fetch.quota.window.size.seconds", "1").at_least(1),
    ConfigKey::int("remote.fetch.max.wait.ms", "500")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::long("remote.list.offsets.request.timeout.ms", "30000")
        .at_least(1)
        .cluster_wide(),
];
