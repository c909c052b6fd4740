//! What comes of a token of a client that logs in.

use crate::wire::units::WallMillis;

pub(super) const OTHER_AUTHORIZATION_ID: &str =
    "Authentication failed: Client requested an authorization id that is different from username";

/// What the broker says to a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Another token is to come.
    Challenge(Vec<u8>),
    /// The client's token is not taken: it is told so, and has to say that it knows before the exchange fails.
    Refusal {
        token: Vec<u8>,
        why: String,
        /// The id of a key that nobody has, by which the token is signed.
        unknown_key: Option<String>,
    },
    /// The client is who it says.
    Done {
        token: Vec<u8>,
        name: String,
        /// Until when the client's credentials are good.
        expires: Option<WallMillis>,
        /// It has logged in by a delegation token.
        by_token: bool,
    },
}

/// Why the client is not let in. What Kafka makes of it depends on which of Java's exceptions it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// The client is told: a `SaslAuthenticationException`.
    Said(String),
    /// The same, and there is more to know than the client is told.
    Masked { said: String, why: String },
    /// The client is told only that its credentials are not valid, so that it does not learn who
    /// exists: a `SaslException`.
    Hidden(String),
    /// The connection ends at once: an exception that nobody expected.
    Broken(String),
}

impl Failed {
    pub(super) fn said(why: impl Into<String>) -> Self {
        Self::Said(why.into())
    }

    pub(super) fn hidden(why: impl Into<String>) -> Self {
        Self::Hidden(why.into())
    }
}
