//! Why a change of settings is refused.

/// The error of a refused change, with Kafka's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Which error it is.
    pub(crate) kind: RefusalKind,
    /// What the answer says about it.
    pub(crate) message: String,
}

/// The errors of refused changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// INVALID_CONFIG
    InvalidConfig,
    /// INVALID_REQUEST
    InvalidRequest,
    /// INVALID_TOPIC_EXCEPTION
    InvalidTopic,
    /// UNKNOWN_TOPIC_OR_PARTITION
    UnknownTopic,
    /// UNKNOWN_SERVER_ERROR
    UnknownServerError,
}

impl RefusalKind {
    /// The error's number on the wire.
    pub(crate) const fn code(self) -> i16 {
        match self {
            Self::UnknownServerError => -1,
            Self::UnknownTopic => 3,
            Self::InvalidTopic => 17,
            Self::InvalidConfig => 40,
            Self::InvalidRequest => 42,
        }
    }
}

impl Refusal {
    /// Has no words.
    pub(super) const fn unknown_server_error() -> Self {
        Self {
            kind: RefusalKind::UnknownServerError,
            message: String::new(),
        }
    }

    pub(super) fn invalid_config(message: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::InvalidConfig,
            message: message.into(),
        }
    }

    pub(super) fn invalid_topic(message: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::InvalidTopic,
            message: message.into(),
        }
    }

    pub(super) fn unknown_topic(message: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::UnknownTopic,
            message: message.into(),
        }
    }

    pub(super) fn invalid_request(message: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::InvalidRequest,
            message: message.into(),
        }
    }
}
