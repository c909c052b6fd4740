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

/// Which rows are meant: each condition narrows it down.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Conditions {
    /// `request`, `group_state`, `leader_moved`, …
    kind: Option<String>,
    /// Requests of one kind, by Kafka's name.
    api: Option<String>,
    client_id: Option<String>,
    /// Who asks: `User:alice`, or `User:ANONYMOUS` before a client has logged in.
    principal: Option<String>,
    connection: Option<u64>,
    node: Option<i32>,
    topic: Option<String>,
    partition: Option<i32>,
    group: Option<String>,
    /// A member's id or its group instance id.
    member: Option<String>,
    transactional_id: Option<String>,
    producer_id: Option<i64>,
    /// Requests whose answer holds this error, by Kafka's name or number.
    error: Option<String>,
    /// Requests whose answer holds any error, or none.
    failed: Option<bool>,
    /// Requests that a fault rule of this name acted on.
    rule: Option<String>,
    /// Rows of larger numbers only.
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

/// How the rows are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Form {
    /// `json`, or `jsonl` for one row a line.
    #[param(inline)]
    format: Option<Format>,
    /// Goes on with rows to come, as server-sent events.
    follow: bool,
    /// So many of the latest rows; 1000 by default.
    limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Json,
    Jsonl,
}

/// Rows, from the oldest on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rows {
    #[schema(value_type = Vec<Row>)]
    rows: Vec<Arc<Row>>,
    /// The number of the last row of the whole journal: what to ask for with `after` next.
    last: u64,
}

/// What happened: requests with their outcomes, and changes of state.
#[utoipa::path(get, path = "/v1/journal", tag = "journal", params(Conditions, Form), responses(
    (status = OK, body = Rows, description = "Or lines, or server-sent events, as asked"),
    (status = BAD_REQUEST, body = Refused),
))]
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

/// Drops all rows; numbers go on.
#[utoipa::path(delete, path = "/v1/journal", tag = "journal", responses((status = NO_CONTENT)))]
pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.tell(Input::Command(Command::ClearJournal));
    StatusCode::NO_CONTENT
}

/// How many rows are waited for, and how long.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Patience {
    /// How many there must be; 1 by default.
    count: Option<usize>,
    /// In real time, such as `5s`; 30 s by default.
    timeout: Option<String>,
}

/// Waits until there are so many rows, whether they are there already or come yet.
#[utoipa::path(get, path = "/v1/journal/wait", tag = "journal", params(Conditions, Patience), responses(
    (status = OK, body = Rows),
    (status = BAD_REQUEST, body = Refused),
    (status = REQUEST_TIMEOUT, body = Refused, description = "The time is over"),
))]
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
