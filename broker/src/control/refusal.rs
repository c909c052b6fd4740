//! Requests that cannot be done.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::commands;
use crate::wire::error::ErrorCode;
use crate::wire::plain::plain;

/// Why a request could not be done, and with which status that is said.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: String,
    pub(super) kafka: Option<KafkaError>,
}

/// Why a request failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "error": "there is no topic orders" }))]
pub(super) struct Refused {
    /// What is wrong, and how to fix it.
    error: String,
    /// Kafka's error, if a Kafka client that makes the same request gets one.
    #[serde(skip_serializing_if = "Option::is_none")]
    kafka: Option<KafkaError>,
}

/// An error of Kafka's protocol.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KafkaError {
    /// The number, such as 36.
    code: i16,
    /// The name, such as `TOPIC_ALREADY_EXISTS`.
    name: String,
    /// The message, such as `Topic 'orders' already exists.`
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl ToString) -> Self {
        Self {
            status,
            error: error.to_string(),
            kafka: None,
        }
    }

    /// A body that is not what the verb takes.
    #[expect(clippy::needless_pass_by_value, reason = "maps an error")]
    pub(super) fn body(rejection: JsonRejection, expected: &str) -> Self {
        let why = plain(&rejection.body_text());
        let end = if why.ends_with('?') { "" } else { "." };
        Self::new(
            rejection.status(),
            format!("{why}{end} Expected {expected}"),
        )
    }
}

/// The body of a request, as the verb takes it.
pub(super) fn read<T>(body: Result<Json<T>, JsonRejection>, expected: &str) -> Result<T, Refusal> {
    body.map(|Json(body)| body)
        .map_err(|rejection| Refusal::body(rejection, expected))
}

impl From<commands::CommandFailure> for Refusal {
    fn from(refused: commands::CommandFailure) -> Self {
        let error = refused.to_string();
        let (status, kafka) = match refused {
            commands::CommandFailure::Unknown(_) => (StatusCode::NOT_FOUND, None),
            commands::CommandFailure::Impossible(_) => (StatusCode::CONFLICT, None),
            commands::CommandFailure::Rule(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
            commands::CommandFailure::Kafka { code, message } => {
                let (number, name) = (code.code(), code.name());
                let kafka = KafkaError {
                    code: number,
                    name,
                    message,
                };
                (status_of(code), Some(kafka))
            }
        };
        Self {
            status,
            error,
            kafka,
        }
    }
}

/// The status that says most nearly what one of Kafka's errors says.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are conflicts")]
const fn status_of(code: ErrorCode) -> StatusCode {
    use ErrorCode as Code;
    match code {
        Code::UnknownTopicOrPartition | Code::UnknownTopicId => StatusCode::NOT_FOUND,
        Code::InvalidConfig
        | Code::InvalidGroupId
        | Code::InvalidPartitions
        | Code::InvalidRecord
        | Code::InvalidReplicationFactor
        | Code::InvalidRequest
        | Code::InvalidTimestamp
        | Code::InvalidTopicException
        | Code::MessageTooLarge
        | Code::OffsetMetadataTooLarge => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self {
            status,
            error,
            kafka,
        } = self;
        (status, Json(Refused { error, kafka })).into_response()
    }
}
