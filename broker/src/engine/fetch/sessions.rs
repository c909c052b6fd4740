//! Fetch sessions (KIP-227): a follower or consumer names its partitions once; later requests and
//! answers carry only what changed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::session::{CachedPartition, Session, next_epoch};
pub(crate) use super::session::{
    FetchedPartition, PartitionRequest, PartitionResponse, RequestedPartitions,
};
use crate::engine::repeats::keep_last;
use crate::engine::time::Now;

/// A session that was not used for so long gives way to a new one.
const EVICTION_AFTER: Duration = Duration::from_secs(120);

/// The epoch of a request that opens a session.
const INITIAL_EPOCH: i32 = 0;

/// The epoch of a request that wants no session, or closes one.
const FINAL_EPOCH: i32 = -1;

/// Why a session cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionError {
    NotFound,
    InvalidEpoch,
    /// Names in a session of ids, or the reverse.
    TopicId,
}

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All partitions, no session.
    Sessionless,
    /// All partitions, and a new session if there is room.
    Full,
    /// What changed in the session.
    Incremental(i32),
}

/// What a request says of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionRequest {
    pub(crate) id: i32,
    pub(crate) epoch: i32,
    /// Fetch v13 and later name topics by id.
    pub(crate) by_id: bool,
    /// Identifies the request, so that it is recognised when it has waited.
    pub(crate) ticket: u64,
}

/// All sessions, at most as many as `max.incremental.fetch.session.cache.slots`.
#[derive(Debug, Default)]
pub(crate) struct FetchSessions {
    by_id: BTreeMap<i32, Session>,
}

impl FetchSessions {
    /// What a session remembers of its client's partitions.
    pub(crate) fn partitions(&self, id: i32) -> impl Iterator<Item = &FetchedPartition> {
        let session = self.by_id.get(&id);
        let cached = session.into_iter().flat_map(|session| &session.partitions);
        cached.map(|cached| &cached.partition)
    }

    /// Begins a request: finds or closes its session, and lists the partitions to serve.
    pub(crate) fn begin(
        &mut self,
        now: Now,
        request: SessionRequest,
        wanted: RequestedPartitions,
        forgotten: &[FetchedPartition],
    ) -> Result<(Mode, RequestedPartitions), SessionError> {
        let wanted = keep_last(wanted);
        match request.epoch {
            FINAL_EPOCH => {
                self.by_id.remove(&request.id);
                Ok((Mode::Sessionless, wanted))
            }
            INITIAL_EPOCH => {
                self.by_id.remove(&request.id);
                Ok((Mode::Full, wanted))
            }
            _ => self.resume(now, request, wanted, forgotten),
        }
    }

    fn resume(
        &mut self,
        now: Now,
        request: SessionRequest,
        wanted: RequestedPartitions,
        forgotten: &[FetchedPartition],
    ) -> Result<(Mode, RequestedPartitions), SessionError> {
        let session = self
            .by_id
            .get_mut(&request.id)
            .ok_or(SessionError::NotFound)?;
        if session.waiting != Some(request.ticket) {
            if session.epoch != request.epoch {
                return Err(SessionError::InvalidEpoch);
            }
            if session.by_id != request.by_id {
                return Err(SessionError::TopicId);
            }
            session.update(wanted.clone(), forgotten);
            if session.partitions.is_empty() {
                // Oracle: what the request forgets and names is read all the same, without a session.
                self.by_id.remove(&request.id);
                return Ok((Mode::Sessionless, wanted));
            }
            session.epoch = next_epoch(session.epoch);
            session.last_used = now;
        }
        session.waiting = None;
        let all = session
            .partitions
            .iter()
            .map(|cached| (cached.partition.clone(), cached.wanted));
        Ok((Mode::Incremental(request.id), all.collect()))
    }

    /// The request waits: when it comes again, its session must not be taken a step further.
    pub(crate) fn wait(&mut self, mode: Mode, ticket: u64) {
        if let Mode::Incremental(id) = mode
            && let Some(session) = self.by_id.get_mut(&id)
        {
            session.waiting = Some(ticket);
        }
    }

    /// Which answers to an incremental request, in the order of its partitions, the client must be told.
    pub(crate) fn news(&self, id: i32, answers: &[PartitionResponse]) -> Vec<bool> {
        let Some(session) = self.by_id.get(&id) else {
            return answers.iter().map(|_| true).collect();
        };
        let cached = session.partitions.iter().zip(answers);
        cached
            .map(|(cached, answer)| cached.is_news(*answer))
            .collect()
    }

    /// Notes the answers that an incremental request gets, in the order of its partitions.
    pub(crate) fn answer(&mut self, id: i32, answers: &[PartitionResponse]) {
        let Some(session) = self.by_id.get_mut(&id) else {
            return;
        };
        for (cached, answer) in session.partitions.iter_mut().zip(answers) {
            cached.note(*answer);
        }
        let mut place = answers.iter().map(|answer| answer.has_records);
        let (served, waiting): (Vec<_>, Vec<_>) = session
            .partitions
            .drain(..)
            .partition(|_| place.next().unwrap_or_default());
        session.partitions = waiting;
        session.partitions.extend(served);
    }

    /// Opens a session over the partitions that were just answered. Returns its id, or 0 if there
    /// is no room. `draw` makes ids.
    pub(crate) fn open(
        &mut self,
        now: Now,
        by_id: bool,
        partitions: RequestedPartitions,
        answers: &[PartitionResponse],
        (slots, draw): (usize, &mut dyn FnMut() -> i32),
    ) -> i32 {
        if self.by_id.len() >= slots && !self.evict(now, partitions.len()) {
            return 0;
        }
        let mut id = draw();
        while id <= 0 || self.by_id.contains_key(&id) {
            id = draw();
        }
        let cached = partitions
            .into_iter()
            .zip(answers)
            .map(|((partition, wanted), answer)| {
                let mut cached = CachedPartition::new(partition, wanted);
                cached.note(*answer);
                cached
            });
        let session = Session {
            epoch: next_epoch(INITIAL_EPOCH),
            by_id,
            partitions: cached.collect(),
            last_used: now,
            waiting: None,
        };
        self.by_id.insert(id, session);
        id
    }

    /// Number of open sessions.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Makes room: the session that was idle for too long, or one with fewer partitions.
    fn evict(&mut self, now: Now, size: usize) -> bool {
        let stalest = self
            .by_id
            .iter()
            .min_by_key(|(_, session)| session.last_used.elapsed);
        let stale = stalest
            .filter(|(_, s)| s.last_used.plus(EVICTION_AFTER).elapsed < now.elapsed)
            .map(|(id, _)| *id);
        let smallest = self
            .by_id
            .iter()
            .min_by_key(|(_, session)| session.partitions.len());
        let smaller = smallest
            .filter(|(_, s)| s.partitions.len() < size)
            .map(|(id, _)| *id);
        stale
            .or(smaller)
            .is_some_and(|id| self.by_id.remove(&id).is_some())
    }
}

#[cfg(test)]
mod tests;
