//! The clock: showing it, and moving a manual one.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refusal, Refused};
use crate::engine::deadlines::Deadline;
use crate::engine::fault::{Pattern, duration};
use crate::server::shared::{Shared, Wait};
use crate::server::timer::Stuck;

/// The clock, and what is due.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClockView {
    /// `real` or `manual`.
    clock: &'static str,
    /// Milliseconds since the cluster started, by this clock.
    elapsed_ms: u64,
    /// The time of day, in milliseconds since 1970.
    wall_ms: i64,
    /// The number of connections that wait for a response which depends on time passing or on another event.
    waiting: usize,
    /// What is due, soonest first.
    pending: Vec<DueView>,
}

/// Something that is or was due.
#[derive(Debug, Serialize, ToSchema)]
struct DueView {
    /// When, in milliseconds since the cluster started.
    at_ms: u64,
    /// What happens then.
    what: String,
    /// Whether it happens again and again. Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recurs: bool,
}

impl From<Deadline> for DueView {
    fn from(due: Deadline) -> Self {
        Self {
            at_ms: millis(due.at),
            what: due.what,
            recurs: due.recurs,
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// How far to move the clock, in one of three forms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Advance {
    /// By a number of milliseconds.
    Milliseconds {
        /// The number of milliseconds.
        by_ms: u64,
        /// Clients that send no heartbeats meanwhile, by client id. All others that are connected keep their sessions.
        #[serde(default)]
        silent: Vec<Pattern>,
    },
    /// By a duration.
    Text {
        /// The duration, such as `45s` or `1m 30s`.
        by: String,
        /// Clients that send no heartbeats meanwhile, by client id. All others that are connected keep their sessions.
        #[serde(default)]
        silent: Vec<Pattern>,
    },
    /// To a moment.
    Until {
        /// The moment.
        to: Target,
        /// Clients that send no heartbeats meanwhile, by client id. All others that are connected keep their sessions.
        #[serde(default)]
        silent: Vec<Pattern>,
    },
}

/// A moment to move the clock to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Target {
    /// The next thing that is due, apart from what recurs.
    Next,
}

/// The time after a move, and what happened on the way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Advanced {
    /// Milliseconds since the cluster started.
    elapsed_ms: u64,
    /// What was due on the way, in order, apart from what recurs.
    expired: Vec<DueView>,
}

/// Show the clock and what is due
#[utoipa::path(
    get,
    path = "/v1/clock",
    tag = "clock",
    operation_id = "get_clock",
    responses((status = OK, body = ClockView, description = "The clock")),
)]
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Json<ClockView> {
    let now = shared.clock.now();
    let (waiting, pending) = shared.look(|engine| {
        (
            engine.passage.waiting().len(),
            engine.deadlines().collect::<Vec<_>>(),
        )
    });
    Json(ClockView {
        clock: if shared.clock.is_manual() {
            "manual"
        } else {
            "real"
        },
        elapsed_ms: millis(now.elapsed),
        wall_ms: now.wall.0,
        waiting,
        pending: pending.into_iter().map(DueView::from).collect(),
    })
}

/// Move a manual clock forward
///
/// Answers once everything that was due on the way has happened. Members of groups whose clients are connected keep their
/// sessions, as their heartbeats would; `silent` names the clients whose sessions are to run out.
#[utoipa::path(
    post,
    path = "/v1/clock/advance",
    tag = "clock",
    operation_id = "advance_clock",
    request_body = Advance,
    responses(
        (status = OK, body = Advanced, description = "The new time and what happened on the way"),
        (status = BAD_REQUEST, body = Refused, description = "The duration is invalid"),
        (status = NOT_FOUND, body = Refused, description = "A client in `silent` does not exist"),
        (status = CONFLICT, body = Refused, description = "The clock is real"),
    ),
)]
pub(super) async fn advance(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Advanced>, Refusal> {
    let expected = r#"{"by":"45s"}, {"by_ms":45000} or {"to":"next"}, each with "silent":["CLIENT_ID"] or without"#;
    let Json(body) = body.map_err(|rejection| Refusal::body(rejection, expected))?;
    let (wait, silent) = match body {
        Advance::Milliseconds { by_ms, silent } => {
            (Wait::For(Duration::from_millis(by_ms)), silent)
        }
        Advance::Text { by, silent } => {
            let by = duration(&by).map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error))?;
            (Wait::For(by), silent)
        }
        Advance::Until {
            to: Target::Next,
            silent,
        } => (Wait::ToNext, silent),
    };
    let expired = shared.advance(wait, &silent).map_err(|stuck| match stuck {
        Stuck::ClockIsReal => {
            let real = "the clock is real; start with --clock manual to move it";
            Refusal::new(StatusCode::CONFLICT, real)
        }
        Stuck::NoSuchClient(why) => Refusal::new(StatusCode::NOT_FOUND, why),
    })?;
    Ok(Json(Advanced {
        elapsed_ms: millis(shared.clock.now().elapsed),
        expired: expired.into_iter().map(DueView::from).collect(),
    }))
}
