//! Broker settings of the quorum, of metrics and of quotas.

use super::super::key::{ConfigKey, ConfigType};

/// The metadata quorum.
pub(super) const CONTROLLER: &[ConfigKey] = &[
    ConfigKey::list("controller.quorum.voters", ""),
    ConfigKey::list("controller.quorum.bootstrap.servers", ""),
    ConfigKey::int("controller.quorum.election.timeout.ms", "1000").at_least(0),
    ConfigKey::int("controller.quorum.fetch.timeout.ms", "2000").at_least(0),
    ConfigKey::int("controller.quorum.election.backoff.max.ms", "1000").at_least(0),
    ConfigKey::int("controller.quorum.append.linger.ms", "25").at_least(0),
    ConfigKey::int("controller.quorum.request.timeout.ms", "2000").at_least(0),
    ConfigKey::int("controller.quorum.retry.backoff.ms", "20").at_least(0),
    ConfigKey::boolean("controller.quorum.auto.join.enable", "false"),
    ConfigKey::int("controller.quorum.fetch.snapshot.max.bytes", "1048576").at_least(1),
    ConfigKey::int("controller.quorum.fetch.max.bytes", "1048576").at_least(1),
];

/// Metrics reporters and quota windows.
pub(super) const METRICS_AND_QUOTAS: &[ConfigKey] = &[
    ConfigKey::int("metrics.num.samples", "2").at_least(1),
    ConfigKey::long("metrics.sample.window.ms", "30000").at_least(1),
    ConfigKey::list(
        "metric.reporters",
        "org.apache.kafka.common.metrics.JmxReporter",
    )
    .elements(&[])
    .cluster_wide(),
    ConfigKey::string("metrics.recording.level", "INFO"),
    ConfigKey::list("kafka.metrics.reporters", "").elements(&[]),
    ConfigKey::int("kafka.metrics.polling.interval.secs", "10").at_least(1),
    ConfigKey::int("telemetry.max.bytes", "1048576").at_least(1),
    ConfigKey::int("quota.window.num", "11")
        .at_least(1)
        .doc("Over how many windows quotas of clients are measured."),
    ConfigKey::int("replication.quota.window.num", "11").at_least(1),
    ConfigKey::int("alter.log.dirs.replication.quota.window.num", "11").at_least(1),
    ConfigKey::int("controller.quota.window.num", "11")
        .at_least(1)
        .doc("For how many windows a client may save up changes of topics."),
    ConfigKey::int("quota.window.size.seconds", "1")
        .at_least(1)
        .doc("How long each of these windows lasts."),
    ConfigKey::int("replication.quota.window.size.seconds", "1").at_least(1),
    ConfigKey::int("alter.log.dirs.replication.quota.window.size.seconds", "1").at_least(1),
    ConfigKey::int("controller.quota.window.size.seconds", "1")
        .at_least(1)
        .doc("How long each of these windows lasts."),
    ConfigKey::unset("client.quota.callback.class", ConfigType::Class),
];
