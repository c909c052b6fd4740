//! Looking at topics, records, groups and transactions.

#![expect(
    unused_qualifications,
    reason = "the macro that describes parameters writes them"
)]

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Refusal, Refused};
use crate::engine::inspect::{
    self, Batch, CommitView, GroupView, PartitionView, Record, TopicView, TransactionView,
};
use crate::server::shared::Shared;

/// How many records are given if nothing is said.
const RECORDS: usize = 100;

type Found<T> = Result<Json<T>, Refusal>;

fn unknown(what: &str, name: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, format!("there is no {what} {name}"))
}

/// List the topics with their partitions, sorted by name
#[utoipa::path(
    get,
    path = "/v1/topics",
    tag = "topics",
    operation_id = "list_topics",
    responses((status = OK, body = Vec<TopicView>, description = "The topics")),
)]
pub(super) async fn topics(State(shared): State<Arc<Shared>>) -> Json<Vec<TopicView>> {
    Json(shared.look(|engine| engine.state.topic_views()))
}

/// Show a topic with its partitions: leaders, offsets and producers
#[utoipa::path(
    get,
    path = "/v1/topics/{topic}",
    tag = "topics",
    operation_id = "get_topic",
    params(("topic" = String, Path, description = "The topic's name")),
    responses(
        (status = OK, body = TopicView, description = "The topic"),
        (status = NOT_FOUND, body = Refused, description = "The topic does not exist"),
    ),
)]
pub(super) async fn topic(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Found<TopicView> {
    let view = shared.look(|engine| engine.state.topic_view(&name));
    Ok(Json(view.ok_or_else(|| unknown("topic", &name))?))
}

/// Which records.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// The first offset to read. Default: the start of the log.
    from: Option<i64>,
    /// The maximum number of records. Default: 100.
    max: Option<usize>,
}

/// What a partition holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Contents {
    /// The partition's leader, replicas and offsets.
    partition: PartitionView,
    /// The headers of all batches, in order.
    batches: Vec<Batch>,
    /// The records and transaction markers, in order.
    records: Vec<Record>,
}

/// Read a partition's records, transaction markers and batch headers
#[utoipa::path(
    get,
    path = "/v1/topics/{topic}/{partition}/records",
    tag = "topics",
    operation_id = "get_records",
    params(
        ("topic" = String, Path, description = "The topic's name"),
        ("partition" = i32, Path, description = "The partition's index"),
        Window,
    ),
    responses(
        (status = OK, body = Contents, description = "The records"),
        (status = NOT_FOUND, body = Refused, description = "The partition does not exist"),
    ),
)]
pub(super) async fn records(
    State(shared): State<Arc<Shared>>,
    Path((topic, index)): Path<(String, i32)>,
    Query(window): Query<Window>,
) -> Found<Contents> {
    let found = shared.look(|engine| {
        let view = engine.state.partition_view(&topic, index)?;
        Some((view, engine.state.log_of(&topic, index)?))
    });
    let missing = || unknown("partition", &format!("{topic}-{index}"));
    let (partition, (log, start)) = found.ok_or_else(missing)?;
    let from = window.from.unwrap_or(start).max(start);
    Ok(Json(Contents {
        partition,
        batches: inspect::batches(&log),
        records: inspect::records(&log, from, window.max.unwrap_or(RECORDS)),
    }))
}

/// List the groups with their members, offsets and lag, sorted by id
#[utoipa::path(
    get,
    path = "/v1/groups",
    tag = "groups",
    operation_id = "list_groups",
    responses((status = OK, body = Vec<GroupView>, description = "The groups")),
)]
pub(super) async fn groups(State(shared): State<Arc<Shared>>) -> Json<Vec<GroupView>> {
    let now = shared.clock.now();
    Json(shared.look(|engine| engine.state.group_views(now)))
}

/// A group and its latest commits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GroupWithCommits {
    #[serde(flatten)]
    group: GroupView,
    /// The latest commits, oldest first.
    commits: Vec<CommitView>,
}

/// Show a group with its members, offsets, lag and latest commits
#[utoipa::path(
    get,
    path = "/v1/groups/{group}",
    tag = "groups",
    operation_id = "get_group",
    params(("group" = String, Path, description = "The group id")),
    responses(
        (status = OK, body = GroupWithCommits, description = "The group"),
        (status = NOT_FOUND, body = Refused, description = "The group does not exist"),
    ),
)]
pub(super) async fn group(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Found<GroupWithCommits> {
    let now = shared.clock.now();
    let found = shared.look(|engine| {
        let commits = engine.state.commit_views(&id);
        let group = engine.state.group_view(now, &id)?;
        Some(GroupWithCommits { group, commits })
    });
    Ok(Json(found.ok_or_else(|| unknown("group", &id))?))
}

/// List the transactional ids with their transactions, sorted by id
#[utoipa::path(
    get,
    path = "/v1/transactions",
    tag = "transactions",
    operation_id = "list_transactions",
    responses((status = OK, body = Vec<TransactionView>, description = "The transactional ids")),
)]
pub(super) async fn transactions(State(shared): State<Arc<Shared>>) -> Json<Vec<TransactionView>> {
    Json(shared.look(|engine| engine.state.transaction_views()))
}

/// Show a transactional id with its transaction
#[utoipa::path(
    get,
    path = "/v1/transactions/{id}",
    tag = "transactions",
    operation_id = "get_transaction",
    params(("id" = String, Path, description = "The transactional id")),
    responses(
        (status = OK, body = TransactionView, description = "The transactional id"),
        (status = NOT_FOUND, body = Refused, description = "The transactional id does not exist"),
    ),
)]
pub(super) async fn transaction(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Found<TransactionView> {
    let view = shared.look(|engine| engine.state.transaction_view(&id));
    Ok(Json(view.ok_or_else(|| unknown("transactional id", &id))?))
}
