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

/// Every topic with its partitions, by name.
#[utoipa::path(get, path = "/v1/topics", tag = "topics", responses((status = OK, body = Vec<TopicView>)))]
pub(super) async fn topics(State(shared): State<Arc<Shared>>) -> Json<Vec<TopicView>> {
    Json(shared.look(|engine| engine.state.topic_views()))
}

/// A topic with its partitions: leaders, offsets, producers.
#[utoipa::path(get, path = "/v1/topics/{topic}", tag = "topics", params(("topic" = String, Path)), responses(
    (status = OK, body = TopicView),
    (status = NOT_FOUND, body = Refused),
))]
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
    /// The first offset; the beginning of the log by default.
    from: Option<i64>,
    /// How many at most; 100 by default.
    max: Option<usize>,
}

/// What a partition holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Contents {
    partition: PartitionView,
    /// The headers of all batches.
    batches: Vec<Batch>,
    records: Vec<Record>,
}

/// The records of a partition, transaction markers among them, and the headers of its batches.
#[utoipa::path(
    get,
    path = "/v1/topics/{topic}/{partition}/records",
    tag = "topics",
    params(("topic" = String, Path), ("partition" = i32, Path), Window),
    responses((status = OK, body = Contents), (status = NOT_FOUND, body = Refused))
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

/// Every group with its members, offsets and lag, by id.
#[utoipa::path(get, path = "/v1/groups", tag = "groups", responses((status = OK, body = Vec<GroupView>)))]
pub(super) async fn groups(State(shared): State<Arc<Shared>>) -> Json<Vec<GroupView>> {
    Json(shared.look(|engine| engine.state.group_views()))
}

/// A group, and what it committed of late.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GroupWithCommits {
    #[serde(flatten)]
    group: GroupView,
    /// From the oldest on, as far as they are remembered.
    commits: Vec<CommitView>,
}

/// A group with its members, offsets, lag and latest commits.
#[utoipa::path(get, path = "/v1/groups/{group}", tag = "groups", params(("group" = String, Path)), responses(
    (status = OK, body = GroupWithCommits),
    (status = NOT_FOUND, body = Refused),
))]
pub(super) async fn group(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Found<GroupWithCommits> {
    let found = shared.look(|engine| {
        let commits = engine.state.commit_views(&id);
        let group = engine.state.group_view(&id)?;
        Some(GroupWithCommits { group, commits })
    });
    Ok(Json(found.ok_or_else(|| unknown("group", &id))?))
}

/// Every transactional id with its transaction, by name.
#[utoipa::path(get, path = "/v1/transactions", tag = "transactions", responses((status = OK, body = Vec<TransactionView>)))]
pub(super) async fn transactions(State(shared): State<Arc<Shared>>) -> Json<Vec<TransactionView>> {
    Json(shared.look(|engine| engine.state.transaction_views()))
}

/// A transactional id with its transaction.
#[utoipa::path(get, path = "/v1/transactions/{id}", tag = "transactions", params(("id" = String, Path)), responses(
    (status = OK, body = TransactionView),
    (status = NOT_FOUND, body = Refused),
))]
pub(super) async fn transaction(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Found<TransactionView> {
    let view = shared.look(|engine| engine.state.transaction_view(&id));
    Ok(Json(view.ok_or_else(|| unknown("transactional id", &id))?))
}
