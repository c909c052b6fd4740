//! The topic settings that act, as plain values.

use std::time::Duration;

use super::store::{Configs, Overrides};
use super::value::Value;
use crate::engine::log::LogConfig;
use crate::wire::batch::TimestampType;
use crate::wire::compression::Codec;
use crate::wire::units::NodeId;

/// What a topic's settings, or the broker's in their place, say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TopicConfig {
    /// What concerns the log alone.
    pub(crate) log: LogConfig,
    /// `min.insync.replicas`: what a write with acks=all needs.
    pub(crate) min_insync_replicas: usize,
    /// `unclean.leader.election.enable`.
    pub(crate) unclean_leader_election: bool,
    /// `max.decompressed.message.bytes`: the largest record after decompression.
    pub(crate) max_decompressed_message_bytes: usize,
}

impl TopicConfig {
    /// Settings in force for a topic with these overrides, as seen by a node.
    pub(crate) fn resolve(configs: &Configs, node: NodeId, overrides: &Overrides) -> Self {
        let topic = Reader {
            configs,
            node,
            overrides,
        };
        Self {
            log: topic.log(),
            min_insync_replicas: topic.size("min.insync.replicas"),
            unclean_leader_election: topic.value("unclean.leader.election.enable")
                == Value::Boolean(true),
            max_decompressed_message_bytes: topic.size("max.decompressed.message.bytes"),
        }
    }
}

struct Reader<'a> {
    configs: &'a Configs,
    node: NodeId,
    overrides: &'a Overrides,
}

impl Reader<'_> {
    fn value(&self, name: &str) -> Value {
        self.configs.topic_value(self.node, self.overrides, name)
    }

    fn number(&self, name: &str) -> i64 {
        self.value(name).number().unwrap_or_default()
    }

    fn size(&self, name: &str) -> usize {
        usize::try_from(self.number(name)).unwrap_or_default()
    }

    fn duration(&self, name: &str) -> Duration {
        Duration::from_millis(self.number(name).max(0).unsigned_abs())
    }

    fn is_listed(&self, name: &str, element: &str) -> bool {
        self.value(name)
            .elements()
            .iter()
            .any(|listed| listed == element)
    }

    fn log(&self) -> LogConfig {
        let log_append_time = Value::Text("LogAppendTime".to_owned());
        let ratio = self.value("min.cleanable.dirty.ratio");
        let dirty_ratio_min = if let Value::Double(ratio) = ratio {
            ratio
        } else {
            0.5
        };
        // An internal setting of Kafka's tests that lets segments be smaller than `segment.bytes` may.
        let internal = self.value("internal.segment.bytes").number();
        let internal = internal.and_then(|bytes| usize::try_from(bytes).ok());
        let segment_bytes = internal.unwrap_or_else(|| self.size("segment.bytes"));
        LogConfig {
            max_message_bytes: self.size("max.message.bytes"),
            timestamp_type: if self.value("message.timestamp.type") == log_append_time {
                TimestampType::LogAppendTime
            } else {
                TimestampType::CreateTime
            },
            timestamp_before_max: self.duration("message.timestamp.before.max.ms"),
            timestamp_after_max: self.duration("message.timestamp.after.max.ms"),
            compression: self.codec(),
            gzip_level: i32::try_from(self.number("compression.gzip.level")).unwrap_or(-1),
            compact: self.is_listed("cleanup.policy", "compact"),
            delete: self.is_listed("cleanup.policy", "delete"),
            retention: u64::try_from(self.number("retention.ms"))
                .ok()
                .map(Duration::from_millis),
            retention_bytes: u64::try_from(self.number("retention.bytes")).ok(),
            segment_bytes,
            segment_age_max: self.duration("segment.ms"),
            delete_retention: self.duration("delete.retention.ms"),
            compaction_lag_min: self.duration("min.compaction.lag.ms"),
            compaction_lag_max: self.duration("max.compaction.lag.ms"),
            dirty_ratio_min,
        }
    }

    fn codec(&self) -> Option<Codec> {
        match self.value("compression.type").to_text()?.as_str() {
            "uncompressed" => Some(Codec::None),
            "gzip" => Some(Codec::Gzip),
            "snappy" => Some(Codec::Snappy),
            "lz4" => Some(Codec::Lz4),
            "zstd" => Some(Codec::Zstd),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixed::StaticConfig;
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Overrides {
        pairs
            .iter()
            .map(|(name, raw)| ((*name).to_owned(), (*raw).to_owned()))
            .collect()
    }

    fn cluster(fixed: &[(&str, &str)]) -> Configs {
        let fixed: Vec<_> = settings(fixed).into_iter().collect();
        let mut configs = Configs::new(StaticConfig::read(&fixed, &[], 1).unwrap().0);
        configs.add_node(NodeId(1), Overrides::new());
        configs
    }

    #[test]
    fn without_settings_a_topic_has_kafkas_defaults() {
        let config = TopicConfig::resolve(&cluster(&[]), NodeId(1), &Overrides::new());
        assert_eq!(config.log, LogConfig::default());
        assert_eq!(config.min_insync_replicas, 1);
        assert!(!config.unclean_leader_election);
        assert_eq!(config.max_decompressed_message_bytes, 2_147_483_639);
    }

    #[test]
    fn a_topics_own_setting_is_stronger_than_the_brokers() {
        let configs = cluster(&[
            ("log.retention.hours", "2"),
            ("log.cleanup.policy", "compact"),
        ]);
        let config = TopicConfig::resolve(&configs, NodeId(1), &Overrides::new());
        assert_eq!(config.log.retention, Some(Duration::from_secs(7200)));
        assert!(config.log.compact && !config.log.delete);
        let own = settings(&[
            ("retention.ms", "-1"),
            ("cleanup.policy", ""),
            ("compression.type", "zstd"),
        ]);
        let config = TopicConfig::resolve(&configs, NodeId(1), &own);
        assert_eq!(config.log.retention, None);
        assert!(!config.log.compact && !config.log.delete);
        assert_eq!(config.log.compression, Some(Codec::Zstd));
    }

    #[test]
    fn a_brokers_layers_have_their_order() {
        let mut configs = cluster(&[("log.retention.minutes", "1"), ("message.max.bytes", "100")]);
        let retention = |configs: &Configs| {
            TopicConfig::resolve(configs, NodeId(1), &Overrides::new())
                .log
                .retention
        };
        assert_eq!(retention(&configs), Some(Duration::from_secs(60)));
        configs.set_brokers(None, settings(&[("log.retention.ms", "2000")]));
        assert_eq!(retention(&configs), Some(Duration::from_secs(2)));
        configs.set_brokers(
            Some(NodeId(1)),
            settings(&[("log.retention.ms", "-5"), ("message.max.bytes", "7")]),
        );
        assert_eq!(retention(&configs), None);
        assert_eq!(configs.broker(NodeId(1)).message_max_bytes, 7);
        assert_eq!(configs.broker(NodeId(2)).message_max_bytes, 1_048_588);
    }
}
