//! Topics that are made because somebody asked about them.

use crate::engine::cluster::configs::Overrides;
use crate::engine::context::Context;
use crate::engine::state_topic::{Layout, StateTopic, layout_of};
use crate::engine::topics::plan::Plan;
use crate::wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use crate::wire::messages::{TopicName, str_bytes};

/// Has the topic made if it can be made. Kafka's internal topics are made as their coordinators would.
pub(super) fn create(cx: &mut Context<'_>, name: &TopicName) {
    if cx.state.cluster.is_coming(name) {
        return;
    }
    let internal = StateTopic::named(name);
    let layout = internal.and_then(|topic| layout_of(cx.state, cx.call.node, topic));
    let layout = layout.unwrap_or_else(|| ordinary(cx));
    let setting = |(name, value)| {
        CreatableTopicConfig::default()
            .with_name(str_bytes(name))
            .with_value(Some(str_bytes(value)))
    };
    let topic = CreatableTopic::default()
        .with_name(name.clone())
        .with_num_partitions(layout.partitions)
        .with_replication_factor(layout.factor)
        .with_configs(layout.settings.into_iter().map(setting).collect());
    if let Ok(plan) = Plan::of(cx.state, cx.call.node, &topic)
        && cx.may_create_on_demand(plan.partitions())
    {
        plan.carry_out_on_demand(cx.state, cx.now);
    }
}

fn ordinary(cx: &Context<'_>) -> Layout {
    let config = cx.state.configs.broker(cx.call.node);
    Layout {
        partitions: config.num_partitions,
        factor: config.default_replication_factor,
        settings: Overrides::default(),
    }
}
