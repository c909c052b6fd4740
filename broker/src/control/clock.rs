//! The clock: showing it, and moving a manual one.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::engine::deadlines::Deadline;
use crate::server::shared::{Shared, Wait};

/// The clock, and what is due.
#[derive(Debug, Serialize)]
pub(super) struct ClockView {
    clock: &'static str,
    /// Since the cluster started, on its own clock.
    elapsed_ms: u128,
    /// Its time of day, in milliseconds since 1970.
    wall_ms: i64,
    pending: Vec<DueView>,
}

/// Something that is or was due.
#[derive(Debug, Serialize)]
struct DueView {
    at_ms: u128,
    what: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recurs: bool,
}

impl From<Deadline> for DueView {
    fn from(due: Deadline) -> Self {
        Self {
            at_ms: due.at.as_millis(),
            what: due.what,
            recurs: due.recurs,
        }
    }
}

/// How far to move the clock: one of the three.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Advance {
    Milliseconds { by_ms: u64 },
    Text { by: String },
    Until { to: Target },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Target {
    Next,
}

#[derive(Debug, Serialize)]
pub(super) struct Advanced {
    elapsed_ms: u128,
    expired: Vec<DueView>,
}

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Json<ClockView> {
    let now = shared.clock.now();
    let pending = |engine: &mut crate::engine::Engine| engine.deadlines().collect::<Vec<_>>();
    Json(ClockView {
        clock: if shared.clock.is_manual() {
            "manual"
        } else {
            "real"
        },
        elapsed_ms: now.elapsed.as_millis(),
        wall_ms: now.wall.0,
        pending: shared
            .with_engine(pending)
            .into_iter()
            .map(DueView::from)
            .collect(),
    })
}

pub(super) async fn advance(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Advanced>, Refusal> {
    let Json(body) = body.map_err(|rejection| Refusal {
        status: rejection.status(),
        error: r#"expected {"by":"45s"}, {"by_ms":45000} or {"to":"next"}"#.to_owned(),
    })?;
    let wait = match body {
        Advance::Milliseconds { by_ms } => Wait::For(Duration::from_millis(by_ms)),
        Advance::Text { by } => {
            Wait::For(humantime::parse_duration(&by).map_err(|error| Refusal {
                status: StatusCode::BAD_REQUEST,
                error: format!("{by:?} is not a duration such as 45s or 1h 30m: {error}"),
            })?)
        }
        Advance::Until { to: Target::Next } => Wait::ToNext,
    };
    let expired = shared.advance(wait).ok_or_else(|| Refusal {
        status: StatusCode::CONFLICT,
        error: "the clock is real; start with --clock manual to move it".to_owned(),
    })?;
    Ok(Json(Advanced {
        elapsed_ms: shared.clock.now().elapsed.as_millis(),
        expired: expired.into_iter().map(DueView::from).collect(),
    }))
}
