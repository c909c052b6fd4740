//! Why a topic is not made, grown or deleted.

use crate::engine::cluster::configs::Refusal;
use crate::engine::quota::Exceeded;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{StrBytes, str_bytes};

/// An error with Kafka's words, if it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::handlers) struct Refused {
    pub(in crate::engine::handlers) code: i16,
    message: Option<String>,
}

impl Refused {
    pub(in crate::engine::handlers) const fn silent(code: ErrorCode) -> Self {
        Self {
            code: code.code(),
            message: None,
        }
    }

    pub(in crate::engine::handlers) fn saying(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code: code.code(),
            message: Some(message.into()),
        }
    }

    pub(in crate::engine::handlers) fn message(&self) -> Option<StrBytes> {
        self.message.clone().map(str_bytes)
    }
}

impl From<Exceeded> for Refused {
    fn from(Exceeded: Exceeded) -> Self {
        Self::silent(ErrorCode::ThrottlingQuotaExceeded)
    }
}

impl From<Refusal> for Refused {
    fn from(Refusal { kind, message }: Refusal) -> Self {
        Self {
            code: kind.code(),
            message: Some(message),
        }
    }
}
