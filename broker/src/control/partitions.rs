//! What happens to a partition.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::{Command, PartitionCommand};
use crate::server::shared::Shared;
use crate::wire::units::{NodeId, Offset, ProducerId};

/// Which replica is to lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLeader {
    node: i32,
    /// It leads even if it is out of sync, and lacks what comes after `end`.
    #[serde(default)]
    unclean: bool,
    /// The offset at which its log ends; only with `unclean`. Without it nothing is lost.
    end: Option<i64>,
}

/// A replica, and whether it is in sync.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InSync {
    node: i32,
    in_sync: bool,
}

/// Whether something is held back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    pub(super) held: bool,
}

/// An offset of the partition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct At {
    offset: i64,
}

/// An idempotent producer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownProducer {
    /// All of them, if there is none.
    producer_id: Option<i64>,
}

type Body<T> = Result<Json<T>, JsonRejection>;
type Done = Result<StatusCode, Refusal>;

/// Has a replica lead the partition, in a new leader epoch.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/leader",
    tag = "partitions",
    params(("topic" = String, Path), ("partition" = i32, Path)),
    request_body = NewLeader,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such partition or node"),
        (status = CONFLICT, body = Refused, description = "It cannot lead"),
    )
)]
pub(super) async fn lead(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<NewLeader>,
) -> Done {
    let body = read(body, r#"{"node":2} or {"node":2,"unclean":true,"end":90}"#)?;
    let node = NodeId(body.node);
    let command = match body {
        NewLeader {
            unclean: true, end, ..
        } => {
            let end = end.map(Offset);
            PartitionCommand::LeadUncleanly { node, end }
        }
        NewLeader { end: None, .. } => PartitionCommand::MoveLeader(node),
        NewLeader { end: Some(_), .. } => {
            let why = "a log is cut only by an unclean leader: say \"unclean\":true";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, why));
        }
    };
    run(&shared, &at, command)
}

/// Takes a follower out of the in-sync replicas, or lets it in again.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/replicas",
    tag = "partitions",
    params(("topic" = String, Path), ("partition" = i32, Path)),
    request_body = InSync,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such partition"),
        (status = CONFLICT, body = Refused, description = "That node is no follower of it"),
    )
)]
pub(super) async fn replicas(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<InSync>,
) -> Done {
    let InSync { node, in_sync } = read(body, r#"{"node":3,"in_sync":false}"#)?;
    let command = if in_sync {
        PartitionCommand::CatchUp(NodeId(node))
    } else {
        PartitionCommand::FallBehind(NodeId(node))
    };
    run(&shared, &at, command)
}

/// Keeps the high watermark where it is, or lets it follow the log's end again.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/high-watermark",
    tag = "partitions",
    params(("topic" = String, Path), ("partition" = i32, Path)),
    request_body = Held,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such partition"),
    )
)]
pub(super) async fn high_watermark(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<Held>,
) -> Done {
    let Held { held } = read(body, r#"{"held":true}"#)?;
    let command = if held {
        PartitionCommand::HoldHighWatermark
    } else {
        PartitionCommand::ReleaseHighWatermark
    };
    run(&shared, &at, command)
}

/// Keeps reassignments of the partition under way, or lets them go on.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/reassignment",
    tag = "partitions",
    params(("topic" = String, Path), ("partition" = i32, Path)),
    request_body = Held,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such partition"),
    )
)]
pub(super) async fn reassignment(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<Held>,
) -> Done {
    let Held { held } = read(body, r#"{"held":true}"#)?;
    let command = if held {
        PartitionCommand::HoldReassignment
    } else {
        PartitionCommand::ReleaseReassignment
    };
    run(&shared, &at, command)
}

/// Drops the records before an offset, as retention does.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/log-start",
    tag = "partitions",
    params(("topic" = String, Path), ("partition" = i32, Path)),
    request_body = At,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such partition"),
        (status = CONFLICT, body = Refused, description = "The offset is above the high watermark"),
    )
)]
pub(super) async fn log_start(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<At>,
) -> Done {
    let At { offset } = read(body, r#"{"offset":90}"#)?;
    run(
        &shared,
        &at,
        PartitionCommand::RaiseLogStart(Offset(offset)),
    )
}

/// Damages the stored batch in which an offset is: its checksum no longer fits.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/damage",
    tag = "partitions",
    params(("topic" = String, Path), ("partition" = i32, Path)),
    request_body = At,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such partition"),
        (status = CONFLICT, body = Refused, description = "The log has no such offset"),
    )
)]
pub(super) async fn damage(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<At>,
) -> Done {
    let At { offset } = read(body, r#"{"offset":90}"#)?;
    run(&shared, &at, PartitionCommand::Damage(Offset(offset)))
}

/// Forgets an idempotent producer, or all of them, as after `producer.id.expiration.ms`.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/expire-producer",
    tag = "partitions",
    params(("topic" = String, Path), ("partition" = i32, Path)),
    request_body = KnownProducer,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such partition or producer"),
    )
)]
pub(super) async fn expire_producer(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<KnownProducer>,
) -> Done {
    let KnownProducer { producer_id } = read(body, r#"{"producer_id":1000}, or {} for all"#)?;
    let act = PartitionCommand::ExpireProducer(producer_id.map(ProducerId));
    run(&shared, &at, act)
}

fn run(shared: &Shared, (topic, partition): &(String, i32), act: PartitionCommand) -> Done {
    shared.carry_out(Command::partition(topic, *partition, act))?;
    Ok(StatusCode::NO_CONTENT)
}
