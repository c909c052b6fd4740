//! Broker settings of share groups' delivery and of their coordinator.

use super::super::key::ConfigKey;

/// Delivery limits and the share coordinator.
pub(super) const SHARE: &[ConfigKey] = &[
    ConfigKey::int("group.share.delivery.count.limit", "5")
        .between(2, 10)
        .doc("How often a record is delivered to a share group at most."),
    ConfigKey::int("group.share.max.delivery.count.limit", "10")
        .between(5, 25)
        .doc("The largest delivery limit that a share group may set."),
    ConfigKey::int("group.share.min.delivery.count.limit", "2")
        .between(2, 5)
        .doc("The least delivery limit that a share group may set."),
    ConfigKey::int("group.share.record.lock.duration.ms", "30000")
        .between(1000, 3_600_000)
        .doc("How long a member of a share group has a record before somebody else may have it."),
    ConfigKey::int("group.share.min.record.lock.duration.ms", "15000")
        .between(1000, 30000)
        .doc("The shortest lock that a share group may set."),
    ConfigKey::int("group.share.max.record.lock.duration.ms", "60000")
        .between(30000, 3_600_000)
        .doc("The longest lock that a share group may set."),
    ConfigKey::int("group.share.partition.max.record.locks", "2000")
        .between(100, 10000)
        .doc("How many records of a partition a share group has in flight at most."),
    ConfigKey::int("group.share.max.partition.max.record.locks", "4000")
        .between(2000, 10000)
        .doc("The largest limit of records in flight that a share group may set."),
    ConfigKey::int("group.share.min.partition.max.record.locks", "100")
        .between(100, 2000)
        .doc("The least limit of records in flight that a share group may set."),
    ConfigKey::int("share.fetch.purgatory.purge.interval.requests", "1000"),
    ConfigKey::int("group.share.max.share.sessions", "2000")
        .at_least(1)
        .doc("How many share sessions a broker keeps."),
    ConfigKey::string(
        "group.share.persister.class.name",
        "org.apache.kafka.server.share.persister.DefaultStatePersister",
    )
    .internal(),
    ConfigKey::string(
        "group.share.dlq.manager.class.name",
        "org.apache.kafka.server.share.dlq.DefaultShareGroupDLQManager",
    )
    .internal(),
    ConfigKey::int("share.coordinator.state.topic.num.partitions", "50")
        .at_least(1)
        .doc("The partitions of `__share_group_state`."),
    ConfigKey::short("share.coordinator.state.topic.replication.factor", "3")
        .at_least(1)
        .doc("The replicas of each partition of `__share_group_state`."),
    ConfigKey::short("share.coordinator.state.topic.min.isr", "2")
        .at_least(1)
        .doc("How many replicas of `__share_group_state` must be in sync."),
    ConfigKey::int("share.coordinator.state.topic.segment.bytes", "104857600")
        .at_least(1)
        .doc("The segment size of `__share_group_state`."),
    ConfigKey::int("share.coordinator.threads", "1").at_least(1),
    ConfigKey::int(
        "share.coordinator.snapshot.update.records.per.snapshot",
        "500",
    )
    .between(0, 500)
    .doc("How many changes of a share partition's state follow a snapshot of it."),
    ConfigKey::int("share.coordinator.load.buffer.size", "5242880").at_least(1),
    ConfigKey::int("share.coordinator.state.topic.compression.codec", "0"),
    ConfigKey::int("share.coordinator.append.linger.ms", "-1").at_least(-1),
    ConfigKey::int("share.coordinator.write.timeout.ms", "5000").at_least(1),
    ConfigKey::int("share.coordinator.state.topic.prune.interval.ms", "300000")
        .at_least(1)
        .internal()
        .doc("After how long, in milliseconds, records of `__share_group_state` are deleted that later snapshots made superfluous."),
    ConfigKey::int(
        "share.coordinator.cold.partition.snapshot.interval.ms",
        "300000",
    )
    .at_least(1)
    .internal()
    .doc("For how long, in milliseconds, a share partition's state stays as it is before a snapshot of it is written again."),
    ConfigKey::int("share.coordinator.cached.buffer.max.bytes", "1048588")
        .at_least(524_288)
        .cluster_wide(),
];
