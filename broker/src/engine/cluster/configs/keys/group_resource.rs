//! The settings of a group (KIP-848, KIP-932, KIP-1071) and of a client metrics subscription (KIP-714).

use super::super::key::{ConfigKey, ConfigType, Rule};

/// Settings of one group.
pub(super) const GROUP: &[ConfigKey] = &[
    ConfigKey::int("consumer.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The session time-out of this consumer group."),
    ConfigKey::int("consumer.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The heartbeat interval of this consumer group."),
    ConfigKey::int("consumer.assignment.interval.ms", "1000")
        .at_least(0)
        .doc("The least time between two assignments of this consumer group."),
    ConfigKey::boolean("consumer.assignor.offload.enable", "true").internal(),
    ConfigKey::int("share.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The session time-out of this share group."),
    ConfigKey::int("share.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The heartbeat interval of this share group."),
    ConfigKey::int("share.record.lock.duration.ms", "30000").at_least(1000),
    ConfigKey::int("share.delivery.count.limit", "5").at_least(2),
    ConfigKey::int("share.partition.max.record.locks", "2000").at_least(100),
    ConfigKey::string("share.auto.offset.reset", "latest").rule(Rule::OffsetReset),
    ConfigKey::string("share.isolation.level", "read_uncommitted")
        .one_of(&["read_committed", "read_uncommitted"]),
    ConfigKey::boolean("share.renew.acknowledge.enable", "true"),
    ConfigKey::int("share.assignment.interval.ms", "1000").at_least(0),
    ConfigKey::boolean("share.assignor.offload.enable", "true").internal(),
    ConfigKey::int("streams.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The session time-out of this streams group."),
    ConfigKey::int("streams.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The heartbeat interval of this streams group."),
    ConfigKey::int("streams.num.standby.replicas", "0").at_least(0),
    ConfigKey::int("streams.initial.rebalance.delay.ms", "3000")
        .at_least(0)
        .doc("How long this streams group's first rebalance waits for more members."),
    ConfigKey::int("streams.assignment.interval.ms", "1000").at_least(0),
    ConfigKey::boolean("streams.assignor.offload.enable", "true").internal(),
    ConfigKey::int("streams.task.offset.interval.ms", "60000")
        .at_least(1)
        .internal(),
    ConfigKey::int("streams.num.warmup.replicas", "2")
        .at_least(0)
        .internal(),
    ConfigKey::list("streams.rack.aware.assignment.tags", "").elements(&[]),
    ConfigKey::long("streams.acceptable.recovery.lag", "10000")
        .at_least(0)
        .internal(),
    ConfigKey::unset("streams.assignor.name", ConfigType::String),
    ConfigKey::string("errors.deadletterqueue.topic.name", ""),
    ConfigKey::boolean("errors.deadletterqueue.copy.record.enable", "false"),
];

/// Settings of one client metrics subscription.
pub(super) const CLIENT_METRICS: &[ConfigKey] = &[
    ConfigKey::list("metrics", "").elements(&[]),
    ConfigKey::int("interval.ms", "300000"),
    ConfigKey::list("match", "").elements(&[]),
];
