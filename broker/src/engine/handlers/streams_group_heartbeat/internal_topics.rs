//! Making the topics that an application lacks. The broker asks the controller and answers at once; if the controller refuses, it
//! says so with the next heartbeats, and does not ask again for two of their intervals. It asks for none if the client may not make
//! one of them.

use std::time::Duration;

use crate::engine::authorizer::Operation;
use crate::engine::context::Context;
use crate::engine::group::streams::topics::{InternalTopic, MISSING_INTERNAL_TOPICS};
use crate::engine::group::streams::{HeartbeatReply, Status};
use crate::engine::topics::plan::Plan;
use crate::wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use crate::wire::messages::str_bytes;

/// How many failures a status tells.
const TOLD_MOST: usize = 3;

/// What stands for the broker's default.
const DEFAULT: i16 = -1;

/// Makes the topics that the answer says are missing, and adds to it why some could not be made before.
pub(super) fn make(cx: &mut Context<'_>, group: &str, reply: &mut HeartbeatReply) {
    if refuse(cx, reply) {
        return;
    }
    let node = cx.call.node;
    let mut failed = Vec::new();
    for topic in std::mem::take(&mut reply.missing) {
        if let Some(why) = cx.state.groups.topic_faults.of(cx.now, node, &topic.name) {
            failed.push(format!("{} ({why})", topic.name));
        } else if !cx
            .state
            .cluster
            .coming()
            .any(|coming| coming.name == topic.name)
        {
            make_one(cx, group, topic);
        }
    }
    let mut statuses = reply.statuses.iter_mut();
    let status = statuses.find(|status| status.code == MISSING_INTERNAL_TOPICS);
    if let Some(status) = status.filter(|_| !failed.is_empty()) {
        let rest = failed.len().saturating_sub(TOLD_MOST);
        failed.truncate(TOLD_MOST);
        let mut told = failed.join(", ");
        if rest > 0 {
            told = format!("{told} and {rest} more");
        }
        status.detail = format!("{}; Creation failed: {told}.", status.detail);
    }
}

/// Says which of the missing topics the client may not make, if there are any.
fn refuse(cx: &Context<'_>, reply: &mut HeartbeatReply) -> bool {
    let access = cx.access();
    if reply.missing.is_empty() || access.allows_cluster_quietly(Operation::Create) {
        return false;
    }
    let missing = reply.missing.iter().map(|topic| topic.name.as_str());
    let denied: Vec<&str> = missing
        .filter(|name| access.topic(Operation::Create, name).is_err())
        .collect();
    if denied.is_empty() {
        return false;
    }
    let why = format!("Unauthorized to CREATE on topics {}.", denied.join(", "));
    let mut statuses = reply.statuses.iter_mut();
    match statuses.find(|status| status.code == MISSING_INTERNAL_TOPICS) {
        Some(status) => status.detail = format!("{}; {why}", status.detail),
        None => reply.statuses.push(Status {
            code: MISSING_INTERNAL_TOPICS,
            detail: why,
        }),
    }
    true
}

fn make_one(cx: &mut Context<'_>, group: &str, topic: InternalTopic) {
    let node = cx.call.node;
    let name = topic.name.clone();
    match Plan::of(cx.state, node, &creatable(topic)) {
        Ok(plan) => plan.carry_out_on_demand(cx.state, cx.now),
        Err(error) => {
            let interval = cx
                .with_groups(|_, turn| turn.group_setting(group, "streams.heartbeat.interval.ms"));
            let wait = u64::try_from(interval)
                .unwrap_or_default()
                .saturating_mul(2);
            let why = error.wire_message().unwrap_or_default().to_string();
            let faults = &mut cx.state.groups.topic_faults;
            faults.note(cx.now, (node, &name), &why, Duration::from_millis(wait));
        }
    }
}

fn creatable(topic: InternalTopic) -> CreatableTopic {
    let settings = topic.settings.into_iter().map(|(name, value)| {
        CreatableTopicConfig::default()
            .with_name(str_bytes(name))
            .with_value(Some(str_bytes(value)))
    });
    let factor = if topic.replication_factor == 0 {
        DEFAULT
    } else {
        topic.replication_factor
    };
    CreatableTopic::default()
        .with_name(str_bytes(topic.name).into())
        .with_num_partitions(topic.partitions)
        .with_replication_factor(factor)
        .with_configs(settings.collect())
}
