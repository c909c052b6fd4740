//! What the coordinator does with each request, as Kafka 4.4's does; values in, values out.
//!
//! A decision works on a copy of the transactional id. The copy takes the original's place once the
//! state topic has taken the record, so a refusal or a failed append leaves everything as it was.

use std::collections::BTreeSet;

use super::metadata::{
    Ending, Open, Producer, Transaction, TransactionState, TransactionVersion, is_exhausted,
};
use crate::engine::log::MarkerKind;
use crate::engine::producer_ids::ProducerIds;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::units::{ProducerEpoch, WallMillis};

/// What came of a request that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing is new; the answer is as if it were.
    Unchanged(Producer),
    Changed(Producer),
    /// The transaction that was open is being aborted; the client asks again.
    Fenced,
}

use Decision::{Changed, Fenced, Unchanged};

type Decided = Result<Decision, ErrorCode>;

/// An InitProducerId with a transactional id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Initialize {
    pub(crate) timeout_ms: i32,
    /// Who the producer was, if it recovers from an error (KIP-360).
    pub(crate) expected: Option<Producer>,
}

/// The end of a transaction, as a client or the coordinator itself asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) producer: Producer,
    pub(crate) kind: MarkerKind,
    pub(crate) version: TransactionVersion,
}

impl Transaction {
    /// InitProducerId: a new epoch, or the end of the transaction that is in its way.
    pub(super) fn initialize(
        &mut self,
        request: Initialize,
        server: TransactionVersion,
        ids: &mut ProducerIds,
        now: WallMillis,
    ) -> Decided {
        if self.is_busy() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        // A claim is looked at only once nothing is ending (`transactional_ids/claims_before_the_end`).
        if request.expected.is_some_and(|was| !self.knows(was)) {
            return Err(ErrorCode::ProducerFenced);
        }
        if self.ongoing().is_some() {
            self.fence(server, ids, now);
            return Ok(Fenced);
        }
        self.next_epoch(request.expected.map(|was| was.epoch), ids)?;
        self.timeout_ms = request.timeout_ms;
        self.updated = now;
        self.enter(TransactionState::Empty);
        Ok(Changed(self.producer()))
    }

    /// Whether a producer that recovers may be the one that holds the id. One whose epochs were used
    /// up may not have heard of its new producer id (`exhausted_epochs`).
    fn knows(&self, was: Producer) -> bool {
        self.epoch == ProducerEpoch::NONE
            || was.id == self.producer_id
            || (was.id == self.previous_producer_id && is_exhausted(was.epoch))
    }

    fn next_epoch(
        &mut self,
        expected: Option<ProducerEpoch>,
        ids: &mut ProducerIds,
    ) -> Result<(), ErrorCode> {
        self.keep_previous();
        if self.epoch_is_exhausted() && expected.is_none_or(|epoch| epoch == self.epoch) {
            self.last_epoch = expected.map_or(ProducerEpoch::NONE, |_| self.epoch);
            self.producer_id = ids.next();
            self.epoch = ProducerEpoch(0);
            return Ok(());
        }
        // Kafka fails inside when it would have to go beyond the last epoch.
        if self.epoch_is_exhausted() {
            return Err(ErrorCode::UnknownServerError);
        }
        let bumped = self.epoch.next();
        match expected {
            None => self.last_epoch = ProducerEpoch::NONE,
            Some(epoch) if self.epoch == ProducerEpoch::NONE || epoch == self.epoch => {
                self.last_epoch = self.epoch;
            }
            // The answer to the same request was lost (`transactional_ids/claims_after_a_bump`).
            Some(epoch) if epoch == self.last_epoch => return Ok(()),
            Some(_) => return Err(ErrorCode::ProducerFenced),
        }
        self.epoch = bumped;
        Ok(())
    }

    /// AddPartitionsToTxn, AddOffsetsToTxn, or a write that adds its partitions itself.
    pub(super) fn add(
        &mut self,
        producer: Producer,
        added: &BTreeSet<TopicPartition>,
        version: TransactionVersion,
        now: WallMillis,
    ) -> Decided {
        if self.is_busy() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        self.check_producer(producer)?;
        let open = match self.ongoing() {
            Some(open) if open.partitions.is_superset(added) => return Ok(Unchanged(producer)),
            Some(open) => Open {
                partitions: open.partitions.union(added).cloned().collect(),
                started: open.started,
            },
            None => Open {
                partitions: added.clone(),
                started: now,
            },
        };
        self.keep_previous();
        self.version = version;
        self.updated = now;
        self.enter(TransactionState::Ongoing(open));
        Ok(Changed(producer))
    }

    /// Whether a partition has been added; what a write asks that does not add it itself.
    pub(super) fn verify(
        &self,
        producer: Producer,
        partition: &TopicPartition,
    ) -> Result<(), ErrorCode> {
        self.check_producer(producer)?;
        if self.is_busy() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        match self.ongoing() {
            Some(open) if open.partitions.contains(partition) => Ok(()),
            Some(_) | None => Err(ErrorCode::TransactionAbortable),
        }
    }

    fn check_producer(&self, producer: Producer) -> Result<(), ErrorCode> {
        if producer.id != self.producer_id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if producer.epoch != self.epoch {
            return Err(ErrorCode::ProducerFenced);
        }
        Ok(())
    }

    /// EndTxn.
    pub(super) fn end(&mut self, end: End, ids: &mut ProducerIds, now: WallMillis) -> Decided {
        match end.version {
            TransactionVersion::V1 => self.end_v1(end, now),
            TransactionVersion::V2 => self.end_v2(end, ids, now),
        }
    }

    fn end_v1(&mut self, end: End, now: WallMillis) -> Decided {
        self.check_producer(end.producer)?;
        if self.is_busy() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        match (self.state(), end.kind) {
            (TransactionState::Ongoing(open), kind) => {
                let ending = Ending {
                    open: open.clone(),
                    next_producer_id: None,
                };
                self.prepare(kind, ending, TransactionVersion::V1, now);
                Ok(Changed(self.producer()))
            }
            (TransactionState::CompleteCommit(_), MarkerKind::Commit)
            | (TransactionState::CompleteAbort(_), MarkerKind::Abort) => {
                Ok(Unchanged(self.producer()))
            }
            _ => Err(ErrorCode::InvalidTxnState),
        }
    }

    /// Every end bumps the epoch (KIP-890), so an epoch that is one behind is that of a lost answer. An abort
    /// with nothing to abort only bumps (`end_txn/abort_of_nothing_again`).
    fn end_v2(&mut self, end: End, ids: &mut ProducerIds, now: WallMillis) -> Decided {
        if self.is_busy() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        let Producer { id, epoch } = end.producer;
        // The lost answer named a new producer id, because the epochs of this one were used up
        // (`exhausted_epochs/second_protocol`).
        let overflowed = self.previous_producer_id == id
            && epoch == EPOCH_LAST
            && self.epoch == ProducerEpoch(0);
        if id != self.producer_id && !overflowed {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        let is_complete = matches!(
            self.state(),
            TransactionState::CompleteCommit(_) | TransactionState::CompleteAbort(_)
        );
        let is_retry =
            overflowed || i32::from(epoch.0).saturating_add(1) == i32::from(self.epoch.0);
        if epoch != self.epoch && !(is_complete && is_retry) {
            return Err(ErrorCode::ProducerFenced);
        }
        let open = match (self.state(), end.kind) {
            (TransactionState::Ongoing(open), _) => open.clone(),
            // The same end again with the epoch before: answered as it was. With the new epoch a commit has
            // nothing to commit and is refused (`end_txn/next_epoch_after_a_commit`).
            (TransactionState::CompleteCommit(_), MarkerKind::Commit)
            | (TransactionState::CompleteAbort(_), MarkerKind::Abort)
                if is_retry =>
            {
                return Ok(Unchanged(self.producer()));
            }
            (
                TransactionState::CompleteCommit(_) | TransactionState::CompleteAbort(_),
                MarkerKind::Abort,
            ) if !is_retry => nothing(now),
            (TransactionState::Empty, MarkerKind::Abort) => nothing(now),
            _ => return Err(ErrorCode::InvalidTxnState),
        };
        self.prepare_v2(end.kind, open, ids, now);
        Ok(Changed(self.successor()))
    }

    fn prepare_v2(&mut self, kind: MarkerKind, open: Open, ids: &mut ProducerIds, now: WallMillis) {
        let next_producer_id = self.epoch_is_exhausted().then(|| ids.next());
        let ending = Ending {
            open,
            next_producer_id,
        };
        self.last_epoch = self.epoch;
        self.epoch = self.epoch.next();
        self.prepare(kind, ending, TransactionVersion::V2, now);
    }

    fn prepare(
        &mut self,
        kind: MarkerKind,
        ending: Ending,
        version: TransactionVersion,
        now: WallMillis,
    ) {
        self.keep_previous();
        self.version = version;
        self.updated = now;
        self.enter(TransactionState::prepare(kind, ending));
    }

    /// Aborts the open transaction with an epoch that its producer does not have.
    pub(super) fn fence(
        &mut self,
        server: TransactionVersion,
        ids: &mut ProducerIds,
        now: WallMillis,
    ) {
        let Some(open) = self.ongoing().cloned() else {
            return;
        };
        if server == TransactionVersion::V2 {
            self.prepare_v2(MarkerKind::Abort, open, ids, now);
            return;
        }
        self.epoch = self.epoch.next();
        self.last_epoch = ProducerEpoch::NONE;
        let ending = Ending {
            open,
            next_producer_id: None,
        };
        self.prepare(MarkerKind::Abort, ending, TransactionVersion::V1, now);
    }

    /// Who holds the id once all markers are written.
    fn successor(&self) -> Producer {
        let next = self
            .ending()
            .and_then(|(_, ending)| ending.next_producer_id);
        next.map_or_else(
            || self.producer(),
            |id| Producer {
                id,
                epoch: ProducerEpoch(0),
            },
        )
    }

    /// All markers are written.
    pub(super) fn complete(&mut self) {
        let Some((kind, ending)) = self.ending() else {
            return;
        };
        let next = match kind {
            MarkerKind::Commit => TransactionState::CompleteCommit(ending.open.started),
            MarkerKind::Abort => TransactionState::CompleteAbort(ending.open.started),
        };
        let successor = self.successor();
        self.keep_previous();
        self.producer_id = successor.id;
        self.epoch = successor.epoch;
        self.enter(next);
    }
}

/// The last epoch that clients have.
const EPOCH_LAST: ProducerEpoch = ProducerEpoch(i16::MAX - 1);

/// A transaction that wrote nothing; it begins as it ends.
const fn nothing(now: WallMillis) -> Open {
    Open {
        partitions: BTreeSet::new(),
        started: now,
    }
}
