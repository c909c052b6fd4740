//! What a member is told.

use crate::engine::group::streams::tasks::TaskIds as Tasks;
use crate::engine::group::streams::{HeartbeatReply, Status};
use crate::engine::java::hash_map;
use crate::wire::messages::streams_group_heartbeat_response as response;
use crate::wire::messages::{StreamsGroupHeartbeatResponse, str_bytes};

/// To a member that leaves.
pub(super) fn farewell(member: &str, epoch: i32) -> StreamsGroupHeartbeatResponse {
    StreamsGroupHeartbeatResponse {
        member_id: str_bytes(member),
        member_epoch: epoch,
        ..Default::default()
    }
}

pub(super) fn response(reply: HeartbeatReply) -> StreamsGroupHeartbeatResponse {
    let tasks = reply.tasks.as_ref();
    let endpoints = reply.endpoints.map(|rows| {
        let rows = rows.into_iter().map(|row| response::EndpointToPartitions {
            user_endpoint: response::Endpoint {
                host: str_bytes(row.host),
                port: row.port,
            },
            active_partitions: partitions(row.active),
            standby_partitions: partitions(row.standby),
        });
        rows.collect()
    });
    StreamsGroupHeartbeatResponse {
        member_id: str_bytes(&*reply.member),
        member_epoch: reply.epoch,
        heartbeat_interval_ms: reply.heartbeat_interval_ms,
        task_offset_interval_ms: reply.task_offset_interval_ms,
        acceptable_recovery_lag: reply.acceptable_recovery_lag,
        status: Some(reply.statuses.into_iter().map(status).collect()),
        active_tasks: tasks.map(|tasks| ids(&tasks.active)),
        standby_tasks: tasks.map(|tasks| ids(&tasks.standby)),
        warmup_tasks: tasks.map(|tasks| ids(&tasks.warmup)),
        endpoint_information_epoch: reply.endpoint_epoch,
        partitions_by_user_endpoint: endpoints,
        ..Default::default()
    }
}

fn status(status: Status) -> response::Status {
    response::Status {
        status_code: status.code,
        status_detail: str_bytes(status.detail),
    }
}

/// Tasks in the order of Kafka's table of subtopologies.
fn ids(tasks: &Tasks) -> Vec<response::TaskIds> {
    let mut rows: Vec<_> = tasks.iter().collect();
    hash_map::sort_by_name(&mut rows, |(id, _)| id);
    let rows = rows.into_iter().map(|(id, indexes)| response::TaskIds {
        subtopology_id: str_bytes(id.as_str()),
        partitions: indexes.iter().copied().collect(),
    });
    rows.collect()
}

fn partitions(rows: Vec<(String, Vec<i32>)>) -> Vec<response::TopicPartition> {
    let rows = rows
        .into_iter()
        .map(|(topic, partitions)| response::TopicPartition {
            topic: str_bytes(topic).into(),
            partitions,
        });
    rows.collect()
}
