//! StreamsGroupHeartbeat (key 88), v0–v1 (KIP-1071, KIP-1331).
//!
//! Oracle: the group takes READ. Then names of topics are checked, each of which takes DESCRIBE, then the request's own content, and
//! only then who coordinates the group. Internal topics are made once the answer is decided, so that it still says that they are
//! missing; that takes CREATE on the cluster or on all of them.

mod answer;
mod check;
mod internal_topics;

use std::sync::Arc;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::group::streams::topology;
use crate::engine::group::streams::{self, HeartbeatReply, HeartbeatUpdate, TaskOffset};
use crate::wire::error::ErrorCode;
use crate::wire::messages::streams_group_heartbeat_request as request;
use crate::wire::messages::{
    StrBytes, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse,
};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: StreamsGroupHeartbeatRequest,
) -> Answer<StreamsGroupHeartbeatResponse> {
    Answer::Reply(match heartbeat(cx, request) {
        Ok(response) => response,
        Err(error) => StreamsGroupHeartbeatResponse {
            error_code: error.code.code(),
            error_message: error.wire_message(),
            ..Default::default()
        },
    })
}

fn heartbeat(
    cx: &mut Context<'_>,
    request: StreamsGroupHeartbeatRequest,
) -> Result<StreamsGroupHeartbeatResponse, ApiError> {
    if !streams::is_enabled(cx.read_only()) {
        return Err(ErrorCode::UnsupportedVersion.into());
    }
    cx.access().group(Operation::Read, &request.group_id.0)?;
    if let Some(topology) = &request.topology {
        let names = check::topics(topology)?;
        cx.access()
            .all_topics(Operation::Describe, names.into_iter())?;
    }
    check::request(&request)?;
    let group: Arc<str> = (*request.group_id.0).into();
    coordinator::check_may_make(cx.read_only(), &group)?;
    let member: Arc<str> = (*request.member_id).into();
    if request.member_epoch < check::JOINING {
        let epoch = request.member_epoch;
        let instance = request.instance_id.as_deref();
        let farewell = (epoch, request.shutdown_application);
        cx.with_groups(|groups, turn| {
            groups.streams_leave(turn, &group, &member, instance, farewell)
        })?;
        return Ok(answer::farewell(&member, epoch));
    }
    let call = cx.call;
    let update = update(request, member);
    let mut reply: HeartbeatReply =
        cx.with_groups(|groups, turn| groups.streams_heartbeat(turn, call, &group, &update))?;
    internal_topics::make(cx, &group, &mut reply);
    Ok(answer::response(reply))
}

fn update(request: StreamsGroupHeartbeatRequest, member: Arc<str>) -> HeartbeatUpdate {
    let own = |text: Option<StrBytes>| text.map(|text| text.to_string());
    let endpoint = request.user_endpoint;
    let tags = request.client_tags;
    let tag = |tag: request::KeyValue| (tag.key.to_string(), tag.value.to_string());
    let lists = (
        request.active_tasks,
        request.standby_tasks,
        request.warmup_tasks,
    );
    HeartbeatUpdate {
        member,
        epoch: request.member_epoch,
        instance_id: own(request.instance_id),
        rack_id: own(request.rack_id),
        rebalance_timeout_ms: Some(request.rebalance_timeout_ms).filter(|timeout| *timeout != -1),
        topology: request.topology.map(topology::record_of),
        process_id: own(request.process_id),
        endpoint: endpoint.map(|endpoint| (endpoint.host.to_string(), endpoint.port)),
        client_tags: tags.map(|tags| tags.into_iter().map(tag).collect()),
        reported: match lists {
            (Some(active), Some(standby), Some(warmup)) => {
                Some([active, standby, warmup].map(listed))
            }
            _ => None,
        },
        task_offsets: request.task_offsets.map(offsets),
        task_end_offsets: request.task_end_offsets.map(offsets),
        shuts_down: request.shutdown_application,
        endpoint_epoch: request.endpoint_information_epoch,
    }
}

fn listed(tasks: Vec<request::TaskIds>) -> Vec<(String, Vec<i32>)> {
    let tasks = tasks.into_iter();
    tasks
        .map(|row| (row.subtopology_id.to_string(), row.partitions))
        .collect()
}

fn offsets(offsets: Vec<request::TaskOffset>) -> Vec<TaskOffset> {
    let offsets = offsets.into_iter().map(|row| TaskOffset {
        subtopology: row.subtopology_id.to_string(),
        partition: row.partition,
        offset: row.offset,
    });
    offsets.collect()
}
