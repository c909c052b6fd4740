//! Broker settings of the process and of its part in the cluster.

use super::super::key::{ConfigKey, ConfigType, Rule};

/// What a broker is: id, roles, threads, the metadata log.
pub(super) const SERVER: &[ConfigKey] = &[
    ConfigKey::int("broker.id", "-1"),
    ConfigKey::int("message.max.bytes", "1048588")
        .at_least(0)
        .cluster_wide()
        .doc("The default of the topics' max.message.bytes."),
    ConfigKey::int("max.decompressed.message.bytes", "2147483639")
        .between(1, 2_147_483_639)
        .cluster_wide()
        .doc("The default of the topics' max.decompressed.message.bytes."),
    ConfigKey::int("num.io.threads", "8")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::unset("num.replica.alter.log.dirs.threads", ConfigType::Int),
    ConfigKey::int("background.threads", "10")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::int("request.timeout.ms", "30000"),
    ConfigKey::long("socket.connection.setup.timeout.ms", "10000"),
    ConfigKey::long("socket.connection.setup.timeout.max.ms", "30000"),
    ConfigKey::list("config.providers", "")
        .elements(&[])
        .cluster_wide(),
    ConfigKey::string("authorizer.class.name", "")
        .doc("The class that decides who may do what; without one everything is allowed."),
    ConfigKey::unset("early.start.listeners", ConfigType::List).elements(&[]),
    ConfigKey::unset("broker.rack", ConfigType::String)
        .doc("The rack of the broker, for consumers that fetch from the closest replica."),
    ConfigKey::boolean("controlled.shutdown.enable", "true"),
    ConfigKey::boolean("delete.topic.enable", "true").doc("Whether topics can be deleted."),
    ConfigKey::string("compression.type", "producer")
        .one_of(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
        .cluster_wide()
        .doc("The default of the topics' compression.type."),
    ConfigKey::int("compression.gzip.level", "-1")
        .rule(Rule::GzipLevel)
        .cluster_wide()
        .doc("The default of the topics' compression.gzip.level."),
    ConfigKey::int("compression.lz4.level", "9")
        .between(1, 17)
        .cluster_wide()
        .doc("The default of the topics' compression.lz4.level."),
    ConfigKey::int("compression.zstd.level", "3")
        .between(-131_072, 22)
        .cluster_wide()
        .doc("The default of the topics' compression.zstd.level."),
    ConfigKey::int("max.incremental.fetch.session.cache.slots", "1000")
        .at_least(0)
        .doc("How many incremental fetch sessions a broker remembers."),
    ConfigKey::int("fetch.max.bytes", "57671680")
        .at_least(1024)
        .doc("The most bytes that one fetch answer holds, whatever the consumer asks for."),
    ConfigKey::int("max.request.partition.size.limit", "2000")
        .at_least(1)
        .doc("The most partitions that one DescribeTopicPartitions answer holds."),
    ConfigKey::boolean("unstable.api.versions.enable", "false").internal(),
    ConfigKey::boolean("unstable.feature.versions.enable", "false").internal(),
    ConfigKey::unset("process.roles", ConfigType::List)
        .elements(&["broker", "controller"])
        .never_empty(),
    ConfigKey::unset("node.id", ConfigType::Int)
        .at_least(0)
        .doc("The id of the first node."),
    ConfigKey::int("initial.broker.registration.timeout.ms", "60000"),
    ConfigKey::int("broker.heartbeat.interval.ms", "2000"),
    ConfigKey::int("broker.session.timeout.ms", "9000"),
    ConfigKey::unset("controller.listener.names", ConfigType::List)
        .elements(&[])
        .never_empty(),
    ConfigKey::string("sasl.mechanism.controller.protocol", "GSSAPI"),
    ConfigKey::long("controller.performance.sample.period.ms", "60000")
        .at_least(100)
        .internal(),
    ConfigKey::long("controller.performance.always.log.threshold.ms", "2000")
        .at_least(0)
        .internal(),
    ConfigKey::long("server.max.startup.time.ms", "9223372036854775807")
        .at_least(0)
        .internal(),
    ConfigKey::long(
        "metadata.log.max.record.bytes.between.snapshots",
        "20971520",
    )
    .at_least(1),
    ConfigKey::long("metadata.log.max.snapshot.interval.ms", "3600000").at_least(0),
    ConfigKey::unset("metadata.log.dir", ConfigType::String),
    ConfigKey::int("metadata.log.segment.bytes", "1073741824").at_least(8_388_608),
    ConfigKey::long("metadata.log.segment.ms", "604800000"),
    ConfigKey::long("metadata.max.retention.bytes", "104857600"),
    ConfigKey::long("metadata.max.retention.ms", "604800000"),
    ConfigKey::int("metadata.max.idle.interval.ms", "500").at_least(0),
    ConfigKey::unset("internal.metadata.log.segment.bytes", ConfigType::Int).internal(),
    ConfigKey::int("internal.metadata.max.batch.size.in.bytes", "8388608").internal(),
    ConfigKey::long("internal.metadata.delete.delay.millis", "60000").internal(),
];
