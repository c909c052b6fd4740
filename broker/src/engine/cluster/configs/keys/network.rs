//! Broker settings of sockets and of replication.

use super::super::key::{ConfigKey, ConfigType};

/// Listeners, sockets and connections.
pub(super) const NETWORK: &[ConfigKey] = &[
    ConfigKey::list("listeners", "PLAINTEXT://:9092")
        .elements(&[])
        .never_empty()
        .per_broker(),
    ConfigKey::unset("advertised.listeners", ConfigType::List)
        .elements(&[])
        .never_empty(),
    ConfigKey::string(
        "listener.security.protocol.map",
        "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
    )
    .per_broker(),
    ConfigKey::int("socket.send.buffer.bytes", "102400"),
    ConfigKey::int("socket.receive.buffer.bytes", "102400"),
    ConfigKey::int("socket.request.max.bytes", "104857600")
        .at_least(1)
        .doc("The largest request that is read; a larger one closes its connection."),
    ConfigKey::int("socket.listen.backlog.size", "50").at_least(1),
    ConfigKey::int("max.connections.per.ip", "2147483647")
        .at_least(0)
        .cluster_wide()
        .doc("The most connections that one address may hold."),
    ConfigKey::string("max.connections.per.ip.overrides", "")
        .cluster_wide()
        .doc("Exceptions to max.connections.per.ip, as a list of address:number."),
    ConfigKey::int("max.connections", "2147483647")
        .at_least(0)
        .cluster_wide()
        .doc("The most connections that one listener accepts."),
    ConfigKey::int("max.connection.creation.rate", "2147483647")
        .at_least(0)
        .cluster_wide()
        .doc("How many connections a second are accepted; more of them wait."),
    ConfigKey::long("connections.max.idle.ms", "600000")
        .doc("How long a connection may be idle before it is closed."),
    ConfigKey::int("connection.failed.authentication.delay.ms", "100")
        .at_least(0)
        .doc("How long a failed authentication's connection stays open before it is closed."),
    ConfigKey::int("queued.max.requests", "500").at_least(1),
    ConfigKey::long("queued.max.request.bytes", "-1"),
    ConfigKey::int("num.network.threads", "3")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::int("controller.socket.timeout.ms", "30000"),
];

/// Replicas and leadership.
pub(super) const REPLICATION: &[ConfigKey] = &[
    ConfigKey::int("default.replication.factor", "1")
        .doc("The replication factor of topics that do not ask for one."),
    ConfigKey::long("replica.lag.time.max.ms", "30000"),
    ConfigKey::int("replica.socket.timeout.ms", "30000"),
    ConfigKey::int("replica.socket.receive.buffer.bytes", "65536"),
    ConfigKey::int("replica.fetch.max.bytes", "1048576").at_least(0),
    ConfigKey::int("replica.fetch.wait.max.ms", "500"),
    ConfigKey::int("replica.fetch.backoff.ms", "1000").at_least(0),
    ConfigKey::int("replica.fetch.min.bytes", "1"),
    ConfigKey::int("replica.fetch.response.max.bytes", "10485760").at_least(0),
    ConfigKey::int("num.replica.fetchers", "1")
        .at_least(1)
        .cluster_wide(),
    ConfigKey::long("replica.high.watermark.checkpoint.interval.ms", "5000"),
    ConfigKey::int("fetch.purgatory.purge.interval.requests", "1000"),
    ConfigKey::int("producer.purgatory.purge.interval.requests", "1000"),
    ConfigKey::int("delete.records.purgatory.purge.interval.requests", "1"),
    ConfigKey::boolean("auto.leader.rebalance.enable", "true")
        .doc("Whether leadership returns to the preferred replica by itself."),
    ConfigKey::long("leader.imbalance.check.interval.seconds", "300")
        .at_least(1)
        .doc("How often leadership is given back to the preferred replicas."),
    ConfigKey::long("unclean.leader.election.interval.ms", "300000")
        .at_least(1)
        .internal(),
    ConfigKey::boolean("unclean.leader.election.enable", "false")
        .cluster_wide()
        .doc("The default of the topics' unclean.leader.election.enable."),
    ConfigKey::string("security.inter.broker.protocol", "PLAINTEXT").one_of(&[
        "PLAINTEXT",
        "SSL",
        "SASL_PLAINTEXT",
        "SASL_SSL",
    ]),
    ConfigKey::unset("inter.broker.listener.name", ConfigType::String),
    ConfigKey::unset("replica.selector.class", ConfigType::String)
        .doc("The class that picks the replica that a consumer should fetch from."),
    ConfigKey::boolean("follower.fetch.last.tiered.offset.enable", "false").cluster_wide(),
];
