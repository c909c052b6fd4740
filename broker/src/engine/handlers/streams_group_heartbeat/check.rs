//! What can be said of a heartbeat without looking at the group, in the oracle's order.

use std::collections::BTreeSet;

use crate::engine::api_error::ApiError;
use crate::engine::cluster::configs::topic_name_fault;
use crate::engine::java::text::is_blank;
use crate::engine::state_topic::StateTopic;
use crate::wire::error::ErrorCode;
use crate::wire::messages::StreamsGroupHeartbeatRequest;
use crate::wire::messages::streams_group_heartbeat_request::Topology;

/// What a member that joins sends as its epoch.
pub(super) const JOINING: i32 = 0;
/// The epoch of a static member that leaves for a while.
const LEAVING_STATIC: i32 = -2;

/// The topics of a topology, unless it has some that no application can use.
pub(super) fn topics(topology: &Topology) -> Result<Vec<&str>, ApiError> {
    let names = named(topology);
    let refuse = |message: String| Err(ApiError::new(ErrorCode::StreamsInvalidTopology, message));
    let prohibited = names
        .iter()
        .filter(|name| StateTopic::named(name).is_some());
    let prohibited: Vec<&str> = prohibited.copied().collect();
    if !prohibited.is_empty() {
        return refuse(format!(
            "Use of Kafka internal topics {} in a Kafka Streams topology is prohibited.",
            prohibited.join(",")
        ));
    }
    let invalid = names.iter().filter(|name| topic_name_fault(name).is_some());
    let invalid: Vec<&str> = invalid.copied().collect();
    if !invalid.is_empty() {
        return refuse(format!(
            "Topic names {} are not valid topic names.",
            invalid.join(",")
        ));
    }
    Ok(names)
}

/// The topics of a topology as they come, each once.
fn named(topology: &Topology) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for row in &topology.subtopologies {
        let external = row.source_topics.iter().chain(&row.repartition_sink_topics);
        let internal = row.repartition_source_topics.iter();
        let internal = internal.chain(&row.state_changelog_topics);
        let all = external.chain(internal.map(|topic| &topic.name));
        names.extend(
            all.map(|name| name.as_str())
                .filter(|name| seen.insert(*name)),
        );
    }
    names
}

/// Refuses fields that do not go together.
pub(super) fn request(request: &StreamsGroupHeartbeatRequest) -> Result<(), ApiError> {
    let topology = request.topology.as_ref();
    let mut rows = topology
        .into_iter()
        .flat_map(|topology| &topology.subtopologies);
    if rows.any(|row| !row.source_topic_regex.is_empty()) {
        return invalid("Regular expressions for source topics are not supported yet.");
    }
    let blank = |text: Option<&str>| text.is_some_and(is_blank);
    if blank(Some(&request.member_id)) {
        return invalid("MemberId can't be empty.");
    }
    if blank(Some(&request.group_id.0)) {
        return invalid("GroupId can't be empty.");
    }
    if blank(request.instance_id.as_deref()) {
        return invalid("InstanceId can't be empty.");
    }
    if blank(request.rack_id.as_deref()) {
        return invalid("RackId can't be empty.");
    }
    let epoch = request.member_epoch;
    if epoch == JOINING {
        join(request)?;
    } else if epoch == LEAVING_STATIC && request.instance_id.is_none() {
        return invalid("InstanceId can't be null.");
    } else if epoch < LEAVING_STATIC {
        let message = format!("MemberEpoch is {epoch}, but must be greater than or equal to -2.");
        return invalid(&message);
    }
    let given = [
        &request.active_tasks,
        &request.standby_tasks,
        &request.warmup_tasks,
    ];
    let given = given.map(Option::is_some);
    if given.contains(&true) && given.contains(&false) {
        return invalid("If one task-type is non-null, all must be non-null.");
    }
    if epoch != JOINING && topology.is_some() {
        return invalid("Topology can only be provided when (re-)joining.");
    }
    Ok(())
}

fn join(request: &StreamsGroupHeartbeatRequest) -> Result<(), ApiError> {
    if request.rebalance_timeout_ms == -1 {
        return invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    let tasks = [
        ("ActiveTasks", &request.active_tasks),
        ("StandbyTasks", &request.standby_tasks),
        ("WarmupTasks", &request.warmup_tasks),
    ];
    for (name, tasks) in tasks {
        if tasks.as_ref().is_none_or(|tasks| !tasks.is_empty()) {
            return invalid(&format!("{name} must be empty when (re-)joining."));
        }
    }
    let Some(topology) = &request.topology else {
        return invalid("Topology must be non-null when (re-)joining.");
    };
    let changelogs = topology.subtopologies.iter();
    let mut changelogs = changelogs.flat_map(|row| &row.state_changelog_topics);
    match changelogs.find(|topic| topic.partitions != 0) {
        None => Ok(()),
        Some(topic) => {
            let message = format!(
                "Changelog topic {} must have an undefined partition count, but it is set to {}.",
                topic.name.as_str(),
                topic.partitions
            );
            Err(ApiError::new(ErrorCode::StreamsInvalidTopology, message))
        }
    }
}

fn invalid(message: &str) -> Result<(), ApiError> {
    Err(ApiError::new(ErrorCode::InvalidRequest, message))
}
