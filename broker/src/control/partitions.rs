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

/// Which replica becomes the leader.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLeader {
    /// The node id.
    node: i32,
    /// Whether it becomes the leader even if it is out of sync. The records from `end` on are lost.
    #[serde(default)]
    unclean: bool,
    /// The offset at which the new leader's log ends; only with `unclean`. Default: no records are lost.
    end: Option<i64>,
}

/// Whether a replica is in sync.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InSync {
    /// The node id.
    node: i32,
    /// Whether its replica is in sync.
    in_sync: bool,
}

/// Whether something is held back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    /// `true` to hold it back, `false` to let it go on.
    pub(super) held: bool,
}

/// An offset in the partition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct At {
    /// The offset.
    offset: i64,
}

/// An idempotent producer to forget.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownProducer {
    /// The producer id. Default: all producers.
    producer_id: Option<i64>,
}

type Body<T> = Result<Json<T>, JsonRejection>;
type Done = Result<StatusCode, Refusal>;

/// Make a replica the leader of a partition, in a new leader epoch
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/leader",
    tag = "partitions",
    operation_id = "move_leader",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
    ),
    request_body = NewLeader,
    responses(
        (status = NO_CONTENT, description = "The replica leads"),
        (status = NOT_FOUND, body = Refused, description = "The partition or node does not exist"),
        (status = CONFLICT, body = Refused, description = "The node cannot lead the partition"),
    ),
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

/// Remove a follower from the in-sync replicas, or add it back
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/replicas",
    tag = "partitions",
    operation_id = "set_in_sync",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
    ),
    request_body = InSync,
    responses(
        (status = NO_CONTENT, description = "The in-sync replicas have changed"),
        (status = NOT_FOUND, body = Refused, description = "The partition does not exist"),
        (status = CONFLICT, body = Refused, description = "The node is not a follower of the partition"),
    ),
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

/// Hold a partition's high watermark where it is, or let it follow the end of the log again
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/high-watermark",
    tag = "partitions",
    operation_id = "hold_high_watermark",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
    ),
    request_body = Held,
    responses(
        (status = NO_CONTENT, description = "The high watermark is held, or follows"),
        (status = NOT_FOUND, body = Refused, description = "The partition does not exist"),
    ),
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

/// Hold a partition's reassignment in progress, or let it go on
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/reassignment",
    tag = "partitions",
    operation_id = "hold_reassignment",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
    ),
    request_body = Held,
    responses(
        (status = NO_CONTENT, description = "The reassignment is held, or goes on"),
        (status = NOT_FOUND, body = Refused, description = "The partition does not exist"),
    ),
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

/// Delete a partition's records before an offset, as retention does
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/log-start",
    tag = "partitions",
    operation_id = "raise_log_start",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
    ),
    request_body = At,
    responses(
        (status = NO_CONTENT, description = "The records are deleted"),
        (status = NOT_FOUND, body = Refused, description = "The partition does not exist"),
        (status = CONFLICT, body = Refused, description = "The offset is above the high watermark"),
    ),
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

/// Damage the stored batch that contains an offset
///
/// Its checksum is wrong from then on.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/damage",
    tag = "partitions",
    operation_id = "damage_batch",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
    ),
    request_body = At,
    responses(
        (status = NO_CONTENT, description = "The batch is damaged"),
        (status = NOT_FOUND, body = Refused, description = "The partition does not exist"),
        (status = CONFLICT, body = Refused, description = "The log has no such offset"),
    ),
)]
pub(super) async fn damage(
    State(shared): State<Arc<Shared>>,
    Path(at): Path<(String, i32)>,
    body: Body<At>,
) -> Done {
    let At { offset } = read(body, r#"{"offset":90}"#)?;
    run(&shared, &at, PartitionCommand::Damage(Offset(offset)))
}

/// Forget an idempotent producer, or all of them
///
/// As Kafka does after `producer.id.expiration.ms`.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/{partition}/expire-producer",
    tag = "partitions",
    operation_id = "expire_producer",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
    ),
    request_body = KnownProducer,
    responses(
        (status = NO_CONTENT, description = "The producers are forgotten"),
        (status = NOT_FOUND, body = Refused, description = "The partition or producer does not exist"),
    ),
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
