//! A ShareFetch while it waits: what was done for it already, which must not be done again. It and a ShareAcknowledge
//! wait until acknowledgements are written down.

use uuid::Uuid;

use super::SharePartitionKey;
use super::partition::Acquired;
use super::sessions::SessionKey;
use crate::engine::api_error::ApiError;
use crate::engine::context::Ticket;
use crate::engine::state::State;
use crate::wire::error::ErrorCode;
use crate::wire::rope::Rope;

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
    pub(crate) outcome: Outcome,
}

/// What came of acknowledgements, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Known(Result<(), ApiError>),
    /// They wait to be written down.
    Awaited,
}

impl Acknowledged {
    /// Whether it is not known yet what came of it.
    pub(crate) fn is_awaited(&self) -> bool {
        self.outcome == Outcome::Awaited
    }
}

/// A ShareFetch whose session was taken a step further, and whose acknowledgements were taken.
#[derive(Debug)]
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
    /// What it acquired, once that is over and only acknowledgements are waited for.
    pub(crate) rows: Option<Vec<Row>>,
}

impl WaitingShareFetch {
    /// Whether it is not known yet what came of some acknowledgements.
    pub(crate) fn has_open_outcomes(&self) -> bool {
        self.acknowledged.iter().any(Acknowledged::is_awaited)
    }
}

/// A partition's part of a ShareFetch's answer.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) share: FetchedShare,
    pub(crate) code: ErrorCode,
    pub(crate) records: Rope,
    pub(crate) acquired: Vec<Acquired>,
}

impl State {
    /// Tells a request what came of its acknowledgements of a share partition, which were to be written down.
    pub(super) fn answer_acknowledgement(
        &mut self,
        ticket: Ticket,
        key: &SharePartitionKey,
        outcome: Result<(), ApiError>,
    ) {
        let shares = &mut self.shares;
        let fetch = shares.waiting.get_mut(&ticket);
        let rows = fetch.map(|fetch| &mut fetch.acknowledged);
        let Some(rows) = rows.or_else(|| shares.acknowledging.get_mut(&ticket)) else {
            // The client is gone.
            return;
        };
        let mut meant = rows
            .iter_mut()
            .filter(|row| row.topic == key.topic && row.partition == key.partition);
        if let Some(row) = meant.next() {
            row.outcome = Outcome::Known(outcome);
        }
        if !rows.iter().any(Acknowledged::is_awaited) {
            self.outbox.wake_ticket(ticket);
        }
    }
}
