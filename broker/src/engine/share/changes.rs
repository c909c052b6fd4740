//! What the node that leads a partition has written down: what consumers say of records, what they give up, and what is
//! done with. A change counts once it is written, which may take a while.

use std::sync::Arc;

use super::SharePartitionKey;
use super::coordinator::Write;
use super::errands::{Acknowledgement, Ask, Errand, Pending, Then, Why};
use super::partition::{AcknowledgementBatch, Change, NOT_FOUND, Refusal};
use super::sessions::SessionKey;
use super::waiting::Outcome;
use crate::engine::api_error::ApiError;
use crate::engine::context::Call;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;

impl State {
    /// Has a change written down; what came of it, if that is known at once.
    pub(super) fn write_share_change(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        change: Change,
        why: Why,
    ) -> Option<Result<(), ApiError>> {
        let Some(partition) = self.shares.partitions.get(key) else {
            return Some(Ok(()));
        };
        let write = Write {
            state_epoch: partition.state_epoch,
            leader_epoch: partition.leader_epoch.0,
            start: change.start,
            done: change.done,
            batches: change.steps.iter().map(|step| step.written).collect(),
        };
        let pending = Pending {
            born: partition.born,
            steps: change.steps,
            why,
        };
        let errand = Errand {
            node: partition.node,
            key: key.clone(),
            what: Ask::Write(write),
        };
        let told = self.ask_share_coordinator(now, errand, || Then::Settle(pending.clone()))?;
        let outcome = told.map(drop).map_err(|error| persister_error(&error));
        self.settle_share_change(now, key, &pending, &outcome);
        Some(outcome)
    }

    /// The same for one that had to wait; who waits hears of it.
    pub(super) fn settle_later(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        pending: &Pending,
        told: Result<(), ApiError>,
    ) {
        let outcome = told.map_err(|error| persister_error(&error));
        self.settle_share_change(now, key, pending, &outcome);
        let partition = self.shares.partitions.get_mut(key);
        if let Some(partition) = partition.filter(|partition| partition.born == pending.born) {
            partition.advance();
        }
        let name = self.cluster.topic_name(key.topic).unwrap_or_default();
        self.after_share_change(&name, key);
        if let Why::Acknowledged(said) = &pending.why {
            self.answer_acknowledgement(said.ticket, key, outcome);
        }
    }

    /// A change is written, or cannot be.
    fn settle_share_change(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        pending: &Pending,
        outcome: &Result<(), ApiError>,
    ) {
        if let Why::Acknowledged(said) = &pending.why
            && outcome.is_ok()
        {
            self.tell_acknowledged((key, &said.name), said.start, &said.batches);
        }
        let partition = self.shares.partitions.get_mut(key);
        let Some(partition) = partition.filter(|partition| partition.born == pending.born) else {
            return;
        };
        let steps = &pending.steps;
        let dead = match (&pending.why, outcome) {
            // The start moves once all records that were sent together are written down.
            (Why::Archived, _) => return,
            (Why::Expired, _) => {
                let dead = steps.iter().filter(|step| step.cause.is_some());
                dead.cloned().collect()
            }
            (Why::Acknowledged(_) | Why::Released, Ok(())) => {
                let dead = partition.commit(steps);
                partition.advance();
                self.tell_exhausted(key, steps);
                return self.bury(now, key, dead);
            }
            (Why::Acknowledged(_) | Why::Released, Err(error)) => {
                partition.roll_back(steps);
                if fences(error.code) {
                    self.forget_share_partition(key);
                }
                return;
            }
        };
        partition.advance();
        self.bury(now, key, dead);
    }

    /// Takes a member's acknowledgements; what came of them, unless they wait to be written down.
    ///
    /// # Errors
    /// The whole request fails.
    pub(crate) fn acknowledge_shared(
        &mut self,
        now: Now,
        call: &Call,
        (key, name): (&SharePartitionKey, &str),
        (member, batches): (&str, Vec<AcknowledgementBatch>),
    ) -> Result<Outcome, ErrorCode> {
        let node = call.node;
        let terms = self.share_terms(node, &key.group);
        let known = self
            .shares
            .partitions
            .get_mut(key)
            .filter(|known| known.node == node);
        let Some(partition) = known else {
            let begins = self.shares.beginning.get(key);
            if begins.is_some_and(|begins| begins.node == node) {
                // It knows of no records yet.
                let error = ApiError::new(ErrorCode::InvalidRecordState, NOT_FOUND);
                return Ok(Outcome::Known(Err(error)));
            }
            let text = ErrorCode::UnknownTopicOrPartition
                .text()
                .unwrap_or_default();
            let error = ApiError::new(ErrorCode::UnknownTopicOrPartition, text);
            return Ok(Outcome::Known(Err(error)));
        };
        let start = partition.start;
        let change = partition.acknowledge(now, &terms, member, &batches);
        let outcome = match change {
            Ok(change) if change.steps.is_empty() => {
                self.tell_acknowledged((key, name), start, &batches);
                Some(Ok(()))
            }
            Ok(change) => {
                let why = Why::Acknowledged(Acknowledgement {
                    ticket: call.ticket,
                    name: name.to_owned(),
                    start,
                    batches,
                });
                self.write_share_change(now, key, change, why)
            }
            Err(Refusal::Partition { code, message }) => Some(Err(ApiError::new(code, message))),
            Err(Refusal::Request) => {
                // Renewals stay. Oracle: so do the acknowledgements before, neither done nor undone, for good.
                self.after_share_change(name, key);
                return Err(ErrorCode::UnknownServerError);
            }
        };
        self.after_share_change(name, key);
        Ok(outcome.map_or(Outcome::Awaited, Outcome::Known))
    }

    /// Ends a session, if there is one; its member gives up what it has.
    pub(crate) fn end_share_session(&mut self, now: Now, session: &SessionKey) {
        let partitions = self.shares.sessions.remove(session);
        let terms = self.share_terms(session.node, &session.group);
        for held in partitions.into_iter().flatten() {
            let key = SharePartitionKey {
                group: Arc::clone(&session.group),
                topic: held.topic,
                partition: held.partition,
            };
            let known = self.shares.partitions.get_mut(&key);
            let Some(partition) = known.filter(|known| known.node == session.node) else {
                continue;
            };
            let change = partition.release(&terms, &session.member);
            if !change.steps.is_empty() {
                drop(self.write_share_change(now, &key, change, Why::Released));
            }
            self.after_share_change(held.name.as_deref().unwrap_or_default(), &key);
        }
    }
}

/// Whether an error means that another one leads, or nobody.
const fn fences(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotLeaderOrFollower
            | ErrorCode::FencedStateEpoch
            | ErrorCode::GroupIdNotFound
            | ErrorCode::UnknownTopicOrPartition
    )
}

/// What a consumer hears of the share coordinator's answers, as Kafka's `fetchPersisterError` has it.
pub(super) fn persister_error(error: &ApiError) -> ApiError {
    let is_away = matches!(
        error.code,
        ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::CoordinatorLoadInProgress
    );
    let code = if is_away {
        ErrorCode::CoordinatorNotAvailable
    } else if error.code == ErrorCode::FencedLeaderEpoch
        || error.code == ErrorCode::FencedStateEpoch
    {
        ErrorCode::NotLeaderOrFollower
    } else if error.code == ErrorCode::GroupIdNotFound
        || error.code == ErrorCode::UnknownTopicOrPartition
    {
        error.code
    } else {
        ErrorCode::UnknownServerError
    };
    ApiError {
        code,
        message: error.message.clone(),
    }
}
