//! Why a frame was refused.

use std::fmt;

/// A frame that the broker will not decode. The connection that sent it is closed, as Kafka does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct GuardError {
    /// The API's name, or its number if there is none of that number.
    pub(crate) api: String,
    pub(crate) version: i16,
    /// From the body's root to the offending field: `Topics[2].Partitions`.
    pub(crate) path: String,
    pub(crate) why: Why,
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            api,
            version,
            path,
            why,
        } = self;
        if path.is_empty() {
            write!(f, "{api} v{version}: {why}")
        } else {
            write!(f, "{api} v{version}: {path}: {why}")
        }
    }
}

/// What is wrong with the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Why {
    #[error("no such API")]
    UnknownApi,
    #[error("no such version")]
    UnknownVersion,
    #[error("{needed} bytes announced, {remaining} left")]
    Truncated { needed: usize, remaining: usize },
    #[error("{announced} elements of at least {smallest} bytes announced, {remaining} bytes left")]
    TooManyElements {
        announced: usize,
        smallest: usize,
        remaining: usize,
    },
    #[error("negative length {0}")]
    NegativeLength(i32),
    #[error("null where this version has no null")]
    UnexpectedNull,
    #[error("string of {0} bytes, more than the protocol allows")]
    LongString(usize),
    #[error("varint of more than five bytes")]
    LongVarint,
    #[error("tag {0} does not exist in this version")]
    ForeignTag(u32),
    #[error("body of {0} bytes that only a rewrite makes readable")]
    LongRewrite(usize),
    #[error("decoding would take more than {limit} bytes of memory")]
    Memory { limit: usize },
}
