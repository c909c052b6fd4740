//! Why a command was not carried out.

use crate::engine::fault::BadRule;
use crate::wire::error::ErrorCode;

/// Why something cannot be done; the words say what could.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CommandFailure {
    /// There is no such thing.
    #[error("{0}")]
    Unknown(String),
    /// It cannot be done to that thing as it is.
    #[error("{0}")]
    Impossible(String),
    /// A fault rule cannot be.
    #[error(transparent)]
    Rule(#[from] BadRule),
    /// Kafka answers a client that asks for the same with this error.
    #[error("{code}: {message}")]
    Kafka { code: ErrorCode, message: String },
}

impl CommandFailure {
    /// What an answer says: the code, and the message that came with it or else Kafka's text for the code.
    pub(super) fn by_kafka(code: i16, message: Option<&str>) -> Self {
        let code = ErrorCode::of(code);
        let message = message.or_else(|| code.text()).unwrap_or_default();
        Self::Kafka {
            code,
            message: message.to_owned(),
        }
    }
}
