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
use crate::engine::fault::duration;
use crate::server::shared::{Shared, Wait};

/// The clock, and what is due.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClockView {
    clock: &'static str,
    /// Since the cluster started, on its own clock.
    elapsed_ms: u64,
    /// Its time of day, in milliseconds since 1970.
    wall_ms: i64,
    /// How many connections wait for an answer that comes only when time passes or something else happens.
    waiting: usize,
    pending: Vec<DueView>,
}

/// Something that is or was due.
#[derive(Debug, Serialize, ToSchema)]
struct DueView {
    at_ms: u64,
    what: String,
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

/// How far to move the clock: one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Advance {
    Milliseconds { by_ms: u64 },
    Text { by: String },
    Until { to: Target },
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Target {
    Next,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Advanced {
    elapsed_ms: u64,
    expired: Vec<DueView>,
}

/// The clock, and what is due.
#[utoipa::path(get, path = "/v1/clock", tag = "clock", responses((status = OK, body = ClockView)))]
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

/// Moves a manual clock forward; answers when everything that was due on the way has happened.
#[utoipa::path(
    post,
    path = "/v1/clock/advance",
    tag = "clock",
    request_body = Advance,
    responses(
        (status = OK, body = Advanced),
        (status = BAD_REQUEST, body = Refused, description = "Not a duration"),
        (status = CONFLICT, body = Refused, description = "The clock is real"),
    )
)]
pub(super) async fn advance(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Advanced>, Refusal> {
    let expected = r#"{"by":"45s"}, {"by_ms":45000} or {"to":"next"}"#;
    let Json(body) = body.map_err(|rejection| Refusal::body(rejection, expected))?;
    let wait = match body {
        Advance::Milliseconds { by_ms } => Wait::For(Duration::from_millis(by_ms)),
        Advance::Text { by } => {
            let by = duration(&by).map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error))?;
            Wait::For(by)
        }
        Advance::Until { to: Target::Next } => Wait::ToNext,
    };
    let real = "the clock is real; start with --clock manual to move it";
    let expired = shared
        .advance(wait)
        .ok_or_else(|| Refusal::new(StatusCode::CONFLICT, real))?;
    Ok(Json(Advanced {
        elapsed_ms: millis(shared.clock.now().elapsed),
        expired: expired.into_iter().map(DueView::from).collect(),
    }))
}
