//! Topics that are made because somebody asked about them.

use crate::engine::cluster::configs::BrokerConfig;
use crate::engine::context::Context;
use crate::engine::handlers::create_topics::plan::Plan;
use crate::wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use crate::wire::messages::{StrBytes, TopicName};

/// Makes the topic if it can be made. Kafka's internal topics are made as their coordinators would.
pub(super) fn create(cx: &mut Context<'_>, name: &TopicName) {
    let config = cx.engine.configs.broker(cx.call.node);
    let (partitions, factor, settings) = layout(config, name);
    let setting = |(name, value): (&'static str, String)| {
        CreatableTopicConfig::default()
            .with_name(StrBytes::from_static_str(name))
            .with_value(Some(StrBytes::from_string(value)))
    };
    let topic = CreatableTopic::default()
        .with_name(name.clone())
        .with_num_partitions(partitions)
        .with_replication_factor(factor)
        .with_configs(settings.into_iter().map(setting).collect());
    if let Ok(plan) = Plan::of(cx.engine, cx.call.node, &topic) {
        plan.carry_out(cx.engine, cx.now);
    }
}

type Layout = (i32, i16, Vec<(&'static str, String)>);

fn layout(config: &BrokerConfig, name: &str) -> Layout {
    let compact = ("cleanup.policy", "compact".to_owned());
    match name {
        "__consumer_offsets" => (
            config.offsets_topic_partitions,
            config.offsets_topic_replication_factor,
            vec![
                compact,
                ("compression.type", "producer".to_owned()),
                (
                    "segment.bytes",
                    config.offsets_topic_segment_bytes.to_string(),
                ),
            ],
        ),
        "__transaction_state" => (
            config.transaction_topic_partitions,
            config.transaction_topic_replication_factor,
            vec![
                compact,
                ("compression.type", "uncompressed".to_owned()),
                (
                    "min.insync.replicas",
                    config.transaction_topic_min_isr.to_string(),
                ),
                (
                    "segment.bytes",
                    config.transaction_topic_segment_bytes.to_string(),
                ),
                ("unclean.leader.election.enable", "false".to_owned()),
            ],
        ),
        _ => (
            config.num_partitions,
            config.default_replication_factor,
            Vec::new(),
        ),
    }
}
