//! Broker settings of producers and transactions.

use super::super::key::ConfigKey;

/// The transaction coordinator and producer ids.
pub(super) const TRANSACTION: &[ConfigKey] = &[
    ConfigKey::int("transaction.state.log.min.isr", "2")
        .at_least(1)
        .doc("The min.insync.replicas of the transaction topic."),
    ConfigKey::int("transaction.state.log.load.buffer.size", "5242880").at_least(1),
    ConfigKey::short("transaction.state.log.replication.factor", "3")
        .at_least(1)
        .doc("The replication factor of the transaction topic."),
    ConfigKey::int("transaction.state.log.num.partitions", "50")
        .at_least(1)
        .doc("The number of partitions of the transaction topic."),
    ConfigKey::int("transaction.state.log.segment.bytes", "104857600")
        .at_least(1)
        .doc("The segment size of the transaction topic."),
    ConfigKey::boolean("transaction.partition.verification.enable", "true")
        .cluster_wide()
        .doc("Whether a partition must have been added to a transaction before it is written to."),
    ConfigKey::int("producer.id.expiration.ms", "86400000")
        .at_least(1)
        .cluster_wide()
        .doc("How long a partition remembers an idle producer's sequence numbers."),
    ConfigKey::int("producer.id.expiration.check.interval.ms", "600000")
        .at_least(1)
        .internal()
        .doc("How often idle producers are looked for."),
    ConfigKey::int("transactional.id.expiration.ms", "604800000")
        .at_least(1)
        .doc("How long an idle transactional id is remembered."),
    ConfigKey::int("transaction.max.timeout.ms", "900000")
        .at_least(1)
        .doc("The longest transaction time-out that a producer may ask for."),
    ConfigKey::int(
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        "10000",
    )
    .at_least(1)
    .doc("How often timed-out transactions are looked for."),
    ConfigKey::int(
        "transaction.remove.expired.transaction.cleanup.interval.ms",
        "3600000",
    )
    .at_least(1)
    .doc("How often expired transactional ids are looked for."),
    ConfigKey::boolean("transaction.two.phase.commit.enable", "false")
        .doc("Whether producers may take part in a two-phase commit."),
];

/// How a broker retries the verification of a transaction's partitions.
pub(super) const TRANSACTION_RETRIES: &[ConfigKey] = &[
    ConfigKey::int("add.partitions.to.txn.retry.backoff.max.ms", "100").at_least(0),
    ConfigKey::int("add.partitions.to.txn.retry.backoff.ms", "20").at_least(1),
];
