//! A ShareFetch while it waits: what was done for it already, which must not be done again.

use uuid::Uuid;

use super::SharePartitionKey;
use super::sessions::SessionKey;
use crate::engine::api_error::ApiError;
use crate::wire::error::ErrorCode;

/// A partition that is fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchedShare {
    pub(crate) key: SharePartitionKey,
    /// The name that its topic had when the session heard of it.
    pub(crate) name: String,
}

/// A partition that cannot be fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedShare {
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
    pub(crate) name: Option<String>,
    pub(crate) code: ErrorCode,
}

/// What came of a partition's acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
    pub(crate) name: Option<String>,
    pub(crate) outcome: Result<(), ApiError>,
}

/// A ShareFetch whose session was taken a step further, and whose acknowledgements were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaitingShareFetch {
    pub(crate) session: SessionKey,
    pub(crate) epoch: i32,
    pub(crate) partitions: Vec<FetchedShare>,
    pub(crate) failed: Vec<FailedShare>,
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// There is no room for its session: it only waits to be told.
    pub(crate) is_refused: bool,
    /// Whether it waits for anything.
    pub(crate) may_wait: bool,
}
