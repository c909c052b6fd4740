//! The broker settings that act, as plain values.

use std::sync::OnceLock;
use std::time::Duration;

use super::fixed::StaticConfig;
use super::value::Value;

/// A value as a field of [`BrokerConfig`] holds it.
pub(super) trait Field {
    fn from_value(value: Value) -> Self;
}

macro_rules! number_fields {
    ($($number:ty),+) => {
        $(impl Field for $number {
            fn from_value(value: Value) -> Self {
                let Value::Number(number) = value else { return 0 };
                let bound = if number < 0 { Self::MIN } else { Self::MAX };
                Self::try_from(number).unwrap_or(bound)
            }
        })+
    };
}

number_fields!(i16, i32, i64, usize);

impl Field for bool {
    fn from_value(value: Value) -> Self {
        value == Value::Boolean(true)
    }
}

impl Field for f64 {
    fn from_value(value: Value) -> Self {
        if let Value::Double(number) = value {
            number
        } else {
            0.0
        }
    }
}

/// Milliseconds.
impl Field for Duration {
    fn from_value(value: Value) -> Self {
        let millis = i64::from_value(value);
        Self::from_millis(millis.max(0).unsigned_abs())
    }
}

/// Milliseconds; none where the number is negative.
impl Field for Option<Duration> {
    fn from_value(value: Value) -> Self {
        let millis = i64::from_value(value);
        u64::try_from(millis).ok().map(Duration::from_millis)
    }
}

impl Field for Option<String> {
    fn from_value(value: Value) -> Self {
        value.to_text().filter(|text| !text.is_empty())
    }
}

impl Field for Vec<String> {
    fn from_value(value: Value) -> Self {
        value.elements().to_vec()
    }
}

macro_rules! broker_config {
    ($($field:ident: $kind:ty = $key:literal),+ $(,)?) => {
        /// The settings of a broker that act. Every field bears its setting's name.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub(crate) struct BrokerConfig {
            $(#[doc = concat!("`", $key, "`")] pub(crate) $field: $kind,)+
        }

        impl BrokerConfig {
            /// Takes every setting from `value`.
            pub(super) fn resolve(value: &dyn Fn(&str) -> Value) -> Self {
                Self { $($field: Field::from_value(value($key)),)+ }
            }
        }

        #[cfg(test)]
        const KEYS: &[&str] = &[$($key),+];
    };
}

broker_config! {
    num_partitions: i32 = "num.partitions",
    default_replication_factor: i16 = "default.replication.factor",
    auto_create_topics: bool = "auto.create.topics.enable",
    delete_topics: bool = "delete.topic.enable",
    unclean_leader_election: bool = "unclean.leader.election.enable",
    auto_leader_rebalance: bool = "auto.leader.rebalance.enable",
    replica_selector: Option<String> = "replica.selector.class",
    rack: Option<String> = "broker.rack",
    message_max_bytes: usize = "message.max.bytes",
    socket_request_max_bytes: usize = "socket.request.max.bytes",
    sasl_receive_max_bytes: usize = "sasl.server.max.receive.size",
    sasl_mechanisms: Vec<String> = "sasl.enabled.mechanisms",
    token_max_lifetime: Duration = "delegation.token.max.lifetime.ms",
    token_expiry_time: Duration = "delegation.token.expiry.time.ms",
    token_expiry_check_interval: Duration = "delegation.token.expiry.check.interval.ms",
    failed_authentication_delay: Duration = "connection.failed.authentication.delay.ms",
    connections_max: usize = "max.connections",
    connections_max_per_ip: usize = "max.connections.per.ip",
    connections_max_per_ip_overrides: Option<String> = "max.connections.per.ip.overrides",
    connections_max_rate: i32 = "max.connection.creation.rate",
    quota_window_num: i32 = "quota.window.num",
    quota_window_seconds: i32 = "quota.window.size.seconds",
    controller_quota_window_num: i32 = "controller.quota.window.num",
    controller_quota_window_seconds: i32 = "controller.quota.window.size.seconds",
    connections_max_idle: Option<Duration> = "connections.max.idle.ms",
    fetch_max_bytes: usize = "fetch.max.bytes",
    fetch_sessions_max: usize = "max.incremental.fetch.session.cache.slots",
    describe_partitions_max: usize = "max.request.partition.size.limit",
    log_retention_check_interval: Duration = "log.retention.check.interval.ms",
    log_initial_task_delay: Duration = "log.initial.task.delay.ms",
    log_cleaner: bool = "log.cleaner.enable",
    compaction_lag_min: i64 = "log.cleaner.min.compaction.lag.ms",
    compaction_lag_max: i64 = "log.cleaner.max.compaction.lag.ms",
    cordoned_log_dirs: Vec<String> = "cordoned.log.dirs",
    log_cleaner_backoff: Duration = "log.cleaner.backoff.ms",
    producer_id_expiration: Duration = "producer.id.expiration.ms",
    producer_id_expiration_check_interval: Duration = "producer.id.expiration.check.interval.ms",
    group_protocols: Vec<String> = "group.coordinator.rebalance.protocols",
    group_min_session_timeout: Duration = "group.min.session.timeout.ms",
    group_max_session_timeout: Duration = "group.max.session.timeout.ms",
    group_initial_rebalance_delay: Duration = "group.initial.rebalance.delay.ms",
    group_max_size: usize = "group.max.size",
    consumer_group_session_timeout: Duration = "group.consumer.session.timeout.ms",
    consumer_group_heartbeat_interval: Duration = "group.consumer.heartbeat.interval.ms",
    consumer_group_max_size: usize = "group.consumer.max.size",
    consumer_group_assignors: Vec<String> = "group.consumer.assignors",
    consumer_group_migration_policy: Option<String> = "group.consumer.migration.policy",
    consumer_group_assignment_interval: Duration = "group.consumer.assignment.interval.ms",
    consumer_group_regex_refresh_interval: Duration = "group.consumer.regex.refresh.interval.ms",
    share_group_session_timeout: Duration = "group.share.session.timeout.ms",
    share_group_heartbeat_interval: Duration = "group.share.heartbeat.interval.ms",
    share_group_max_size: usize = "group.share.max.size",
    share_group_initialize_retry_interval: Duration = "group.share.initialize.retry.interval.ms",
    share_sessions_max: usize = "group.share.max.share.sessions",
    share_coordinator_prune_interval: Duration = "share.coordinator.state.topic.prune.interval.ms",
    share_coordinator_cold_snapshot_interval: Duration = "share.coordinator.cold.partition.snapshot.interval.ms",
    share_coordinator_updates_per_snapshot: i32 = "share.coordinator.snapshot.update.records.per.snapshot",
    streams_group_session_timeout: Duration = "group.streams.session.timeout.ms",
    streams_group_heartbeat_interval: Duration = "group.streams.heartbeat.interval.ms",
    streams_group_max_size: usize = "group.streams.max.size",
    streams_group_initial_rebalance_delay: Duration = "group.streams.initial.rebalance.delay.ms",
    groups_max: usize = "fauxka.max.groups",
    transactional_ids_max: usize = "fauxka.max.transactional.ids",
    partitions_max: usize = "fauxka.max.partitions",
    offset_metadata_max_bytes: usize = "offset.metadata.max.bytes",
    offsets_retention_minutes: i32 = "offsets.retention.minutes",
    offsets_retention_check_interval: Duration = "offsets.retention.check.interval.ms",
    offsets_topic_compression_codec: i16 = "offsets.topic.compression.codec",
    transaction_max_timeout: Duration = "transaction.max.timeout.ms",
    transactional_id_expiration: Duration = "transactional.id.expiration.ms",
    transaction_abort_interval: Duration =
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    transaction_remove_interval: Duration =
        "transaction.remove.expired.transaction.cleanup.interval.ms",
    transaction_partition_verification: bool = "transaction.partition.verification.enable",
    transaction_two_phase_commit: bool = "transaction.two.phase.commit.enable",
}

impl BrokerConfig {
    /// Kafka's defaults.
    pub(crate) fn kafkas() -> &'static Self {
        static DEFAULTS: OnceLock<BrokerConfig> = OnceLock::new();
        DEFAULTS.get_or_init(|| Self::resolve(&|name| StaticConfig::default().value(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::Scope;
    use super::*;

    #[test]
    fn every_field_is_a_setting_of_a_broker_that_says_what_it_does() {
        for name in KEYS {
            let key = Scope::Broker.key(name).unwrap_or_else(|| panic!("{name}"));
            assert!(key.doc.is_some(), "{name} has no text");
        }
    }

    #[test]
    fn defaults_are_kafkas() {
        let config = BrokerConfig::kafkas();
        assert_eq!(config.num_partitions, 1);
        assert!(config.auto_create_topics);
        assert_eq!(config.connections_max_idle, Some(Duration::from_secs(600)));
        assert_eq!(config.group_protocols, ["classic", "consumer", "streams"]);
        assert_eq!(config.replica_selector, None);
        assert_eq!(config.fetch_max_bytes, 57_671_680);
    }
}
