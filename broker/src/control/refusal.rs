//! Requests that cannot be done.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::commands;
use crate::wire::plain::plain;

/// Why a request could not be done, and with which status that is said.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: String,
}

/// Why a request could not be done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Refused {
    /// What is wrong, and what would be right.
    error: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl ToString) -> Self {
        Self {
            status,
            error: error.to_string(),
        }
    }

    /// A body that is not what the verb takes.
    #[expect(clippy::needless_pass_by_value, reason = "maps an error")]
    pub(super) fn body(rejection: JsonRejection, expected: &str) -> Self {
        let why = plain(&rejection.body_text());
        Self::new(rejection.status(), format!("{why}. Expected {expected}"))
    }
}

/// The body of a request, as the verb takes it.
pub(super) fn read<T>(body: Result<Json<T>, JsonRejection>, expected: &str) -> Result<T, Refusal> {
    body.map(|Json(body)| body)
        .map_err(|rejection| Refusal::body(rejection, expected))
}

impl From<commands::Refused> for Refusal {
    fn from(refused: commands::Refused) -> Self {
        let status = match refused {
            commands::Refused::Unknown(_) => StatusCode::NOT_FOUND,
            commands::Refused::Impossible(_) => StatusCode::CONFLICT,
            commands::Refused::Rule(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, refused)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(Refused { error: self.error })).into_response()
    }
}
