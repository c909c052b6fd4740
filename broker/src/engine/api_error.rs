//! An error code with its message.

use crate::wire::error::ErrorCode;
use crate::wire::messages::{StrBytes, str_bytes};

/// What an answer says went wrong, as Kafka's class of that name. On the wire, no message is a null and an empty one
/// is empty: answers differ in that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: ErrorCode,
    pub(crate) message: Option<String>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = Some(message.into());
        Self { code, message }
    }

    pub(crate) const fn without_message(code: ErrorCode) -> Self {
        let message = None;
        Self { code, message }
    }

    /// With Kafka's general words for the code.
    pub(crate) fn with_text(code: ErrorCode) -> Self {
        Self::new(code, code.text().unwrap_or_default())
    }

    pub(crate) fn invalid_config(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidConfig, message)
    }

    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// The message as answers carry it.
    pub(crate) fn wire_message(&self) -> Option<StrBytes> {
        self.message.clone().map(str_bytes)
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::without_message(code)
    }
}
