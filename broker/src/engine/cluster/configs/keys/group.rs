//! Broker settings of the group coordinator.

use super::super::key::{ConfigKey, ConfigType};

/// The coordinator, committed offsets and classic groups.
pub(super) const OFFSETS: &[ConfigKey] = &[
    ConfigKey::list(
        "group.coordinator.rebalance.protocols",
        "classic,consumer,streams",
    )
    .elements(&["consumer", "classic", "share", "streams"])
    .never_empty()
    .doc("The group protocols that are offered."),
    ConfigKey::int("group.coordinator.threads", "4").at_least(1),
    ConfigKey::int("group.coordinator.background.threads", "2").at_least(1),
    ConfigKey::int("group.coordinator.append.linger.ms", "-1").at_least(-1),
    ConfigKey::int("offsets.commit.timeout.ms", "5000").at_least(1),
    ConfigKey::int("offsets.load.buffer.size", "5242880").at_least(1),
    ConfigKey::short("offsets.topic.replication.factor", "3")
        .at_least(1)
        .doc("The replication factor of the offsets topic."),
    ConfigKey::int("offsets.topic.num.partitions", "50")
        .at_least(1)
        .doc("The number of partitions of the offsets topic."),
    ConfigKey::int("offsets.topic.segment.bytes", "104857600")
        .at_least(1)
        .doc("The segment size of the offsets topic."),
    ConfigKey::int("offsets.topic.compression.codec", "0")
        .doc("The codec of the batches in the offsets topic, by its number; 0 for none."),
    ConfigKey::int("group.coordinator.cached.buffer.max.bytes", "1048588")
        .at_least(524_288)
        .cluster_wide(),
    ConfigKey::int("offset.metadata.max.bytes", "4096")
        .doc("The most bytes of metadata that an offset commit may carry."),
    ConfigKey::int("offsets.retention.minutes", "10080")
        .at_least(1)
        .doc("How long committed offsets outlive their group's last member or commit."),
    ConfigKey::long("offsets.retention.check.interval.ms", "600000")
        .at_least(1)
        .doc("How often committed offsets are looked through for expired ones."),
    ConfigKey::int("group.min.session.timeout.ms", "6000")
        .doc("The shortest session time-out of members of classic groups."),
    ConfigKey::int("group.max.session.timeout.ms", "1800000")
        .doc("The longest session time-out of members of classic groups."),
    ConfigKey::int("group.initial.rebalance.delay.ms", "3000")
        .doc("How long the first rebalance of an empty classic group waits for more members."),
    ConfigKey::int("group.max.size", "2147483647")
        .at_least(1)
        .doc("The most members of one classic group."),
];

/// Consumer, share and streams groups.
pub(super) const MODERN_GROUPS: &[ConfigKey] = &[
    ConfigKey::int("group.consumer.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The session time-out of consumer groups."),
    ConfigKey::int("group.consumer.min.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The least session time-out that a consumer group may set."),
    ConfigKey::int("group.consumer.max.session.timeout.ms", "60000")
        .at_least(1)
        .doc("The largest session time-out that a consumer group may set."),
    ConfigKey::int("group.consumer.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The heartbeat interval of consumer groups."),
    ConfigKey::int("group.consumer.min.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The least heartbeat interval that a consumer group may set."),
    ConfigKey::int("group.consumer.max.heartbeat.interval.ms", "15000")
        .at_least(1)
        .doc("The largest heartbeat interval that a consumer group may set."),
    ConfigKey::int("group.consumer.max.size", "2147483647")
        .at_least(1)
        .doc("The most members of one consumer group."),
    ConfigKey::list("group.consumer.assignors", "uniform,range")
        .elements(&[])
        .never_empty()
        .doc("The assignors of consumer groups; the first is the default."),
    ConfigKey::string("group.consumer.migration.policy", "bidirectional")
        .one_of_any_case(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"])
        .doc("Whether groups may move between the classic and the consumer protocol."),
    ConfigKey::int("group.consumer.assignment.interval.ms", "1000")
        .at_least(0)
        .cluster_wide()
        .doc("The least time between two assignments of a consumer group."),
    ConfigKey::int("group.consumer.min.assignment.interval.ms", "0")
        .at_least(0)
        .doc("The least assignment interval that a consumer group may set."),
    ConfigKey::int("group.consumer.max.assignment.interval.ms", "15000")
        .at_least(0)
        .doc("The largest assignment interval that a consumer group may set."),
    ConfigKey::boolean("group.consumer.assignor.offload.enable", "true")
        .internal()
        .cluster_wide(),
    ConfigKey::int("group.consumer.regex.refresh.interval.ms", "600000")
        .at_least(10000)
        .internal()
        .doc("How often subscribed regular expressions are matched against the topics again."),
    ConfigKey::int("group.share.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The session time-out of share groups."),
    ConfigKey::int("group.share.min.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The least session time-out that a share group may set."),
    ConfigKey::int("group.share.max.session.timeout.ms", "60000")
        .at_least(1)
        .doc("The largest session time-out that a share group may set."),
    ConfigKey::int("group.share.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The heartbeat interval of share groups."),
    ConfigKey::int("group.share.min.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The least heartbeat interval that a share group may set."),
    ConfigKey::int("group.share.max.heartbeat.interval.ms", "15000")
        .at_least(1)
        .doc("The largest heartbeat interval that a share group may set."),
    ConfigKey::int("group.share.max.size", "200")
        .between(1, 1000)
        .doc("The most members of one share group."),
    ConfigKey::list("group.share.assignors", "simple")
        .elements(&[])
        .never_empty(),
    ConfigKey::int("group.share.assignment.interval.ms", "1000")
        .at_least(0)
        .cluster_wide()
        .doc("The least time between two assignments of a share group."),
    ConfigKey::int("group.share.min.assignment.interval.ms", "0")
        .at_least(0)
        .doc("The least assignment interval that a share group may set."),
    ConfigKey::int("group.share.max.assignment.interval.ms", "15000")
        .at_least(0)
        .doc("The largest assignment interval that a share group may set."),
    ConfigKey::boolean("group.share.assignor.offload.enable", "true")
        .internal()
        .cluster_wide(),
    ConfigKey::int("group.share.initialize.retry.interval.ms", "30000")
        .at_least(1)
        .internal()
        .doc("When a share partition whose state did not begin is tried again."),
    ConfigKey::boolean("errors.deadletterqueue.auto.create.topics.enable", "false")
        .cluster_wide()
        .doc("Whether dead-letter topics of share groups are made when they are first needed."),
    ConfigKey::string("errors.deadletterqueue.topic.name.prefix", "dlq.")
        .cluster_wide()
        .doc("How the names of dead-letter topics must begin."),
    ConfigKey::int("group.streams.session.timeout.ms", "45000")
        .at_least(1)
        .doc("The session time-out of streams groups."),
    ConfigKey::int("group.streams.min.session.timeout.ms", "45000").at_least(1),
    ConfigKey::int("group.streams.max.session.timeout.ms", "60000").at_least(1),
    ConfigKey::int("group.streams.heartbeat.interval.ms", "5000")
        .at_least(1)
        .doc("The heartbeat interval of streams groups."),
    ConfigKey::int("group.streams.min.heartbeat.interval.ms", "5000").at_least(1),
    ConfigKey::int("group.streams.max.heartbeat.interval.ms", "15000").at_least(1),
    ConfigKey::int("group.streams.max.size", "2147483647")
        .at_least(1)
        .doc("The most members of one streams group."),
    ConfigKey::int("group.streams.num.standby.replicas", "0").at_least(0),
    ConfigKey::int("group.streams.max.standby.replicas", "2").at_least(0),
    ConfigKey::int("group.streams.initial.rebalance.delay.ms", "3000")
        .at_least(0)
        .doc("How long the first rebalance of an empty streams group waits for more members."),
    ConfigKey::int("group.streams.assignment.interval.ms", "1000")
        .at_least(0)
        .cluster_wide(),
    ConfigKey::int("group.streams.min.assignment.interval.ms", "0").at_least(0),
    ConfigKey::int("group.streams.max.assignment.interval.ms", "15000").at_least(0),
    ConfigKey::list("group.streams.assignors", "sticky")
        .elements(&[])
        .never_empty(),
    ConfigKey::boolean("group.streams.assignor.offload.enable", "true")
        .internal()
        .cluster_wide(),
    ConfigKey::int("group.streams.task.offset.interval.ms", "60000")
        .at_least(1)
        .internal(),
    ConfigKey::int("group.streams.min.task.offset.interval.ms", "15000")
        .at_least(1)
        .internal(),
    ConfigKey::int("group.streams.num.warmup.replicas", "2")
        .at_least(0)
        .internal(),
    ConfigKey::int("group.streams.max.warmup.replicas", "20")
        .at_least(0)
        .internal(),
    ConfigKey::list("group.streams.rack.aware.assignment.tags", "").elements(&[]),
    ConfigKey::unset(
        "group.streams.topology.description.plugin.class",
        ConfigType::Class,
    ),
    ConfigKey::long("group.streams.acceptable.recovery.lag", "10000")
        .at_least(0)
        .internal(),
];
