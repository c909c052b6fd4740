//! The journal: reading, following, waiting for rows.

#![expect(
    unused_qualifications,
    reason = "the macro that describes parameters writes them"
)]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

use super::{Refusal, Refused};
use crate::engine::applied::Applied;
use crate::engine::commands::Command;
use crate::engine::input::Input;
use crate::engine::journal::{Event, Filter, Row};
use crate::server::shared::Shared;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;
use crate::wire::names::nearest;

/// How many rows are given at most if nothing is said.
const LIMIT: usize = 1000;
/// How long rows are waited for if nothing is said.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which rows to select: a row must meet every condition.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Conditions {
    /// The kind of row, such as `request`, `group_state` or `leader_moved`.
    kind: Option<String>,
    /// The API of a request, by Kafka's name, such as `Produce`.
    api: Option<String>,
    /// The client id.
    client_id: Option<String>,
    /// The client's principal: `User:alice`, or `User:ANONYMOUS` before it has logged in.
    principal: Option<String>,
    /// The connection's number.
    connection: Option<u64>,
    /// The node id.
    node: Option<i32>,
    /// The topic.
    topic: Option<String>,
    /// The partition.
    partition: Option<i32>,
    /// The group id.
    group: Option<String>,
    /// The member id or group instance id.
    member: Option<String>,
    /// The transactional id.
    transactional_id: Option<String>,
    /// The producer id.
    producer_id: Option<i64>,
    /// An error in the response, by Kafka's name or number.
    error: Option<String>,
    /// Whether the response contains any error.
    failed: Option<bool>,
    /// How much of the request was carried out, whatever its client was told: `yes`, `partly` or `no`.
    applied: Option<String>,
    /// The name of the fault rule that acted on the request.
    rule: Option<String>,
    /// A row's number: only rows after it are selected.
    after: Option<u64>,
}

impl TryFrom<Conditions> for Filter {
    type Error = Refusal;

    fn try_from(asked: Conditions) -> Result<Self, Refusal> {
        let refuse = |why: String| Refusal::new(StatusCode::BAD_REQUEST, why);
        if let Some(kind) = &asked.kind
            && !Event::KINDS.contains(&kind.as_str())
        {
            let kinds = Event::KINDS.join(", ");
            return Err(refuse(format!(
                "{kind:?} is no kind of row: expected one of {kinds}"
            )));
        }
        let api = asked.api.map(|name| name.parse::<Api>()).transpose();
        let error = asked
            .error
            .map(|name| name.parse::<ErrorCode>())
            .transpose();
        let applied = asked.applied.map(|word| {
            let why = || {
                format!("{word:?} does not say how much was applied: expected yes, partly or no")
            };
            Applied::named(&word).ok_or_else(|| refuse(why()))
        });
        Ok(Self {
            kind: asked.kind,
            api: api.map_err(|error| refuse(error.to_string()))?,
            client_id: asked.client_id,
            principal: asked.principal,
            connection: asked.connection,
            node: asked.node,
            topic: asked.topic,
            partition: asked.partition,
            group: asked.group,
            member: asked.member,
            transactional_id: asked.transactional_id,
            producer_id: asked.producer_id,
            error: error.map_err(|error| refuse(error.to_string()))?,
            failed: asked.failed,
            applied: applied.transpose()?,
            rule: asked.rule,
            after: asked.after.unwrap_or_default(),
        })
    }
}

/// A condition that nobody knows would be one that nobody keeps.
fn refuse_strangers<T: IntoParams>(query: Option<&str>) -> Result<(), Refusal> {
    let in_query = || Some(ParameterIn::Query);
    let known = Conditions::into_params(in_query).into_iter();
    let known = known.chain(T::into_params(in_query));
    let known: Vec<String> = known.map(|parameter| parameter.name).collect();
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        let name = pair.split('=').next().unwrap_or_default();
        if !name.is_empty() && !known.iter().any(|known| known == name) {
            let meant = nearest(name, known.iter().map(String::as_str));
            let why = format!(
                "{name:?} is no condition: did you mean {}?",
                meant.unwrap_or_default()
            );
            return Err(Refusal::new(StatusCode::BAD_REQUEST, why));
        }
    }
    Ok(())
}

/// How to return the rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Form {
    /// `json`, or `jsonl` for one row per line. Default: `json`.
    #[param(inline)]
    format: Option<Format>,
    /// Whether to stream rows as they come, as server-sent events.
    follow: bool,
    /// The maximum number of rows; the latest ones are returned. Default: 1000.
    limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// One object.
    Json,
    /// One row per line.
    Jsonl,
}

/// Rows of the journal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rows {
    /// The rows, oldest first.
    #[schema(value_type = Vec<Row>)]
    rows: Vec<Arc<Row>>,
    /// The number of the last row of the whole journal. Pass it as `after` to get the rows that follow.
    last: u64,
}

/// Read the journal: requests with their outcomes, and changes of state
///
/// The query parameters are conditions that a row must all meet. A condition that does not exist is refused.
#[utoipa::path(
    get,
    path = "/v1/journal",
    tag = "journal",
    operation_id = "get_journal",
    params(Conditions, Form),
    responses(
        (
            status = OK,
            content((Rows = "application/json"), (String = "application/jsonl"), (String = "text/event-stream")),
            description = "The rows: as one object, as lines (`format=jsonl`), or as server-sent events (`follow=true`), whose ids are the rows' numbers",
        ),
        (status = BAD_REQUEST, body = Refused, description = "A query parameter is invalid"),
    ),
)]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    Query(conditions): Query<Conditions>,
    Query(form): Query<Form>,
) -> Result<Response, Refusal> {
    refuse_strangers::<Form>(query.as_deref())?;
    let filter = Filter::try_from(conditions)?;
    if form.follow {
        return Ok(follow(shared, filter));
    }
    let (rows, last) = rows(&shared, &filter, form.limit);
    Ok(match form.format {
        Some(Format::Jsonl) => {
            let lines: String = rows.iter().map(|row| row.to_json_line()).collect();
            ([(header::CONTENT_TYPE, "application/jsonl")], lines).into_response()
        }
        Some(Format::Json) | None => Json(Rows { rows, last }).into_response(),
    })
}

fn rows(shared: &Shared, filter: &Filter, limit: Option<usize>) -> (Vec<Arc<Row>>, u64) {
    shared.look(|engine| {
        let journal = &engine.passage.journal;
        let meant = journal.after(filter.after).rev();
        let meant = meant.filter(|row| filter.matches(row));
        let mut rows: Vec<_> = meant.take(limit.unwrap_or(LIMIT)).cloned().collect();
        rows.reverse();
        (rows, journal.last())
    })
}

/// Rows as they come, each an event whose id is its number.
fn follow(shared: Arc<Shared>, filter: Filter) -> Response {
    let start = (shared, filter, Vec::<Arc<Row>>::new().into_iter());
    let rows = stream::unfold(start, async |(shared, mut filter, mut ready)| {
        if let Some(row) = ready.next() {
            return Some((event(&row), (shared, filter, ready)));
        }
        let mut rows = shared.enough_rows(&filter, 1).await.into_iter();
        let row = rows.next()?;
        filter.after = rows.as_slice().last().unwrap_or(&row).sequence;
        Some((event(&row), (shared, filter, rows)))
    });
    Sse::new(rows)
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn event(row: &Row) -> Result<sse::Event, Infallible> {
    let id = row.sequence.to_string();
    Ok(sse::Event::default()
        .id(id)
        .data(row.to_json_line().trim_end()))
}

/// Delete all rows of the journal
///
/// Row numbers do not start again.
#[utoipa::path(
    delete,
    path = "/v1/journal",
    tag = "journal",
    operation_id = "clear_journal",
    responses((status = NO_CONTENT, description = "The journal is empty")),
)]
pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.tell(Input::Command(Command::ClearJournal));
    StatusCode::NO_CONTENT
}

/// How many rows to wait for, and how long.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Patience {
    /// The number of rows to wait for. Default: 1.
    count: Option<usize>,
    /// How long to wait in real time, such as `5s`. Default: `30s`.
    timeout: Option<String>,
}

/// Wait until the journal has enough matching rows
///
/// Rows that are already there count.
#[utoipa::path(
    get,
    path = "/v1/journal/wait",
    tag = "journal",
    operation_id = "wait_for_journal",
    params(Conditions, Patience),
    responses(
        (status = OK, body = Rows, description = "The matching rows"),
        (status = BAD_REQUEST, body = Refused, description = "A query parameter is invalid"),
        (status = REQUEST_TIMEOUT, body = Refused, description = "There were not enough rows in time"),
    ),
)]
pub(super) async fn wait(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    Query(conditions): Query<Conditions>,
    Query(patience): Query<Patience>,
) -> Result<Json<Rows>, Refusal> {
    refuse_strangers::<Patience>(query.as_deref())?;
    let filter = Filter::try_from(conditions)?;
    let count = patience.count.unwrap_or(1);
    let limit = patience.timeout.map_or(Ok(PATIENCE), |text| {
        humantime::parse_duration(&text).map_err(|error| {
            let why = format!("{text:?} is not a duration such as 5s: {error}");
            Refusal::new(StatusCode::BAD_REQUEST, why)
        })
    })?;
    let waited = tokio::time::timeout(limit, shared.enough_rows(&filter, count)).await;
    let rows = waited.map_err(|_| {
        let found = shared.rows(&filter).len();
        let why = format!("{count} or more rows expected of {filter}, and {found} found");
        Refusal::new(StatusCode::REQUEST_TIMEOUT, why)
    })?;
    let last = shared.look(|engine| engine.passage.journal.last());
    Ok(Json(Rows { rows, last }))
}
