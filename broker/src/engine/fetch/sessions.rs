//! Fetch sessions (KIP-227): a follower or consumer names its partitions once; later requests and
//! answers carry only what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;

use crate::engine::repeats::keep_last;
use crate::engine::time::Now;
use crate::wire::units::Offset;

/// A session that was not used for so long gives way to a new one.
const EVICTION_AFTER: Duration = Duration::from_secs(120);

/// The epoch of a request that opens a session.
const INITIAL_EPOCH: i32 = 0;

/// The epoch of a request that wants no session, or closes one.
const FINAL_EPOCH: i32 = -1;

/// What identifies a partition in a session: by name before Fetch v13, by id from then on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FetchedPartition {
    /// The topic's name; unknown while no topic has the id.
    pub(crate) topic: Option<String>,
    /// The topic's id; nil while no topic has the name.
    pub(crate) topic_id: Uuid,
    pub(crate) partition: i32,
}

/// What a request asks of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) offset: Offset,
    pub(crate) max_bytes: i32,
    /// The leader epoch that the client knows; none if it does not say.
    pub(crate) current_leader_epoch: Option<i32>,
    /// The epoch of the last record that the client has; none if it does not say.
    pub(crate) last_fetched_epoch: Option<i32>,
}

/// What an answer says of a partition, as far as a session looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) high_watermark: i64,
    pub(crate) log_start: i64,
    pub(crate) has_records: bool,
    pub(crate) is_error: bool,
    /// A preferred read replica or a diverging epoch is named.
    pub(crate) has_hint: bool,
}

/// A partition of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cached {
    partition: FetchedPartition,
    wanted: Wanted,
    /// What the client was last told; -1 for nothing.
    high_watermark: i64,
    log_start: i64,
}

impl Cached {
    const fn new(partition: FetchedPartition, wanted: Wanted) -> Self {
        Self {
            partition,
            wanted,
            high_watermark: -1,
            log_start: -1,
        }
    }

    /// Whether the answer says something new; an error is told every time, and once it is over the
    /// partition is told again.
    fn note(&mut self, answer: Answered) -> bool {
        let changed =
            self.high_watermark != answer.high_watermark || self.log_start != answer.log_start;
        self.high_watermark = if answer.is_error {
            -1
        } else {
            answer.high_watermark
        };
        self.log_start = answer.log_start;
        changed || answer.has_records || answer.is_error || answer.has_hint
    }
}

/// One session.
#[derive(Debug)]
struct Session {
    epoch: i32,
    by_id: bool,
    /// In the order in which they are served: who got records goes to the end.
    partitions: Vec<Cached>,
    last_used: Now,
    /// The request that waits for records, if one does; its session is already up to date.
    waiting: Option<u64>,
}

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

/// Partitions with what is wanted of each, in the order of the request; a repeated one keeps its
/// place and its last values.
pub(crate) type WantedPartitions = Vec<(FetchedPartition, Wanted)>;

/// All sessions, at most as many as `max.incremental.fetch.session.cache.slots`.
#[derive(Debug, Default)]
pub(crate) struct FetchSessions {
    by_id: BTreeMap<i32, Session>,
}

impl FetchSessions {
    /// Begins a request: finds or closes its session, and lists the partitions to serve.
    pub(crate) fn begin(
        &mut self,
        now: Now,
        request: SessionRequest,
        wanted: WantedPartitions,
        forgotten: &[FetchedPartition],
    ) -> Result<(Mode, WantedPartitions), SessionError> {
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
        wanted: WantedPartitions,
        forgotten: &[FetchedPartition],
    ) -> Result<(Mode, WantedPartitions), SessionError> {
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
            session.update(wanted, forgotten);
            if session.partitions.is_empty() {
                self.by_id.remove(&request.id);
                return Ok((Mode::Sessionless, Vec::new()));
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

    /// Notes the answers that an incremental request got, in the order of its partitions. Returns
    /// which of them the client must be told.
    pub(crate) fn answer(&mut self, id: i32, answers: &[Answered]) -> Vec<bool> {
        let Some(session) = self.by_id.get_mut(&id) else {
            return answers.iter().map(|_| true).collect();
        };
        let told: Vec<bool> = session
            .partitions
            .iter_mut()
            .zip(answers)
            .map(|(cached, answer)| cached.note(*answer))
            .collect();
        let mut place = answers.iter().map(|answer| answer.has_records);
        let (served, waiting): (Vec<_>, Vec<_>) = session
            .partitions
            .drain(..)
            .partition(|_| place.next().unwrap_or_default());
        session.partitions = waiting;
        session.partitions.extend(served);
        told
    }

    /// Opens a session over the partitions that were just answered. Returns its id, or 0 if there
    /// is no room. `draw` makes ids.
    pub(crate) fn open(
        &mut self,
        now: Now,
        by_id: bool,
        partitions: WantedPartitions,
        answers: &[Answered],
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
                let mut cached = Cached::new(partition, wanted);
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

impl Session {
    fn update(&mut self, wanted: WantedPartitions, forgotten: &[FetchedPartition]) {
        let known = self.partitions.iter().enumerate();
        let places: BTreeMap<_, _> = known.map(|(at, c)| (c.partition.key(), at)).collect();
        for (partition, wanted) in wanted {
            let place = places.get(&partition.key());
            match place.and_then(|place| self.partitions.get_mut(*place)) {
                Some(cached) => {
                    cached.wanted = wanted;
                    if partition.topic.is_some() {
                        cached.partition.topic = partition.topic;
                    }
                }
                None => self.partitions.push(Cached::new(partition, wanted)),
            }
        }
        let gone: BTreeSet<_> = forgotten.iter().map(FetchedPartition::key).collect();
        self.partitions
            .retain(|cached| !gone.contains(&cached.partition.key()));
    }
}

impl FetchedPartition {
    /// What tells partitions apart: the topic's id if there is one, else its name.
    fn key(&self) -> (Uuid, Option<String>, i32) {
        let name = self.topic.clone().filter(|_| self.topic_id.is_nil());
        (self.topic_id, name, self.partition)
    }
}

/// Epochs go up to the largest number, then on from 1.
const fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX {
        1
    } else {
        epoch.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::units::WallMillis;

    const SLOTS: usize = 2;

    fn at(seconds: u64) -> Now {
        Now {
            elapsed: Duration::from_secs(seconds),
            wall: WallMillis(0),
        }
    }

    fn partition(index: i32) -> FetchedPartition {
        FetchedPartition {
            topic: Some("t".into()),
            topic_id: Uuid::nil(),
            partition: index,
        }
    }

    fn wants(offsets: &[(i32, i64)]) -> WantedPartitions {
        let wanted = |offset| Wanted {
            offset: Offset(offset),
            max_bytes: 1,
            current_leader_epoch: None,
            last_fetched_epoch: None,
        };
        offsets
            .iter()
            .map(|(index, offset)| (partition(*index), wanted(*offset)))
            .collect()
    }

    fn said(high_watermark: i64) -> Answered {
        let log_start = 0;
        let (has_records, is_error, has_hint) = (false, false, false);
        Answered {
            high_watermark,
            log_start,
            has_records,
            is_error,
            has_hint,
        }
    }

    struct Bench {
        sessions: FetchSessions,
        drawn: i32,
    }

    impl Bench {
        fn new() -> Self {
            Self {
                sessions: FetchSessions::default(),
                drawn: 0,
            }
        }

        fn open(&mut self, now: Now, offsets: &[(i32, i64)]) -> i32 {
            let answers = vec![said(5); offsets.len()];
            let drawn = &mut self.drawn;
            let mut draw = || {
                *drawn += 1;
                *drawn
            };
            self.sessions
                .open(now, false, wants(offsets), &answers, (SLOTS, &mut draw))
        }

        /// The partitions and offsets that a request is to serve.
        fn ask(
            &mut self,
            (id, epoch, ticket): (i32, i32, u64),
            offsets: &[(i32, i64)],
            forgotten: &[i32],
        ) -> Result<Vec<(i32, i64)>, SessionError> {
            let forgotten: Vec<_> = forgotten.iter().map(|index| partition(*index)).collect();
            let request = SessionRequest {
                id,
                epoch,
                by_id: false,
                ticket,
            };
            let (_, all) = self
                .sessions
                .begin(at(0), request, wants(offsets), &forgotten)?;
            Ok(all.iter().map(|(p, w)| (p.partition, w.offset.0)).collect())
        }
    }

    #[test]
    fn a_session_remembers_its_partitions() {
        let mut bench = Bench::new();
        let id = bench.open(at(0), &[(0, 1), (1, 1)]);
        assert_eq!(bench.ask((id, 1, 1), &[], &[]), Ok(vec![(0, 1), (1, 1)]));
        assert_eq!(
            bench.ask((id, 2, 2), &[(1, 9), (2, 3)], &[0]),
            Ok(vec![(1, 9), (2, 3)])
        );
        assert_eq!(
            bench.ask((id, 2, 3), &[], &[]),
            Err(SessionError::InvalidEpoch)
        );
        assert_eq!(
            bench.ask((id + 7, 3, 4), &[], &[]),
            Err(SessionError::NotFound)
        );
        assert_eq!(bench.ask((id, 3, 5), &[], &[1, 2]), Ok(vec![]));
        assert_eq!(bench.ask((id, 4, 6), &[], &[]), Err(SessionError::NotFound));
    }

    #[test]
    fn full_requests_close_the_session_they_name() {
        for epoch in [INITIAL_EPOCH, FINAL_EPOCH] {
            let mut bench = Bench::new();
            let id = bench.open(at(0), &[(0, 1)]);
            assert_eq!(bench.ask((id, epoch, 1), &[(3, 4)], &[]), Ok(vec![(3, 4)]));
            assert_eq!(bench.sessions.len(), 0);
        }
    }

    #[test]
    fn a_waiting_request_does_not_take_a_second_step() {
        let mut bench = Bench::new();
        let id = bench.open(at(0), &[(0, 1)]);
        for _ in 0..3 {
            assert!(bench.ask((id, 1, 42), &[], &[]).is_ok());
            bench.sessions.wait(Mode::Incremental(id), 42);
        }
        assert_eq!(
            bench.ask((id, 1, 43), &[], &[]),
            Err(SessionError::InvalidEpoch)
        );
        assert!(bench.ask((id, 2, 43), &[], &[]).is_ok());
    }

    #[test]
    fn only_news_is_told() {
        let mut bench = Bench::new();
        let id = bench.open(at(0), &[(0, 1), (1, 1)]);
        let error = Answered {
            is_error: true,
            high_watermark: -1,
            log_start: -1,
            ..said(0)
        };
        let records = Answered {
            has_records: true,
            ..said(6)
        };
        for (answers, told) in [
            ([said(5), said(5)], [false, false]),
            ([said(6), said(5)], [true, false]),
            ([error, said(5)], [true, false]),
            ([error, said(5)], [true, false]),
            ([said(6), said(5)], [true, false]),
            (
                [
                    said(6),
                    Answered {
                        log_start: 2,
                        ..said(5)
                    },
                ],
                [false, true],
            ),
            (
                [
                    records,
                    Answered {
                        log_start: 2,
                        has_hint: true,
                        ..said(5)
                    },
                ],
                [true, true],
            ),
        ] {
            assert_eq!(bench.sessions.answer(id, &answers), told);
        }
        assert_eq!(bench.ask((id, 1, 1), &[], &[]), Ok(vec![(1, 1), (0, 1)]));
    }

    #[test]
    fn a_repeated_partition_counts_once() {
        let mut bench = Bench::new();
        let asked = bench.ask((0, FINAL_EPOCH, 1), &[(0, 1), (1, 1), (0, 9)], &[]);
        assert_eq!(asked, Ok(vec![(0, 9), (1, 1)]));
    }

    #[test]
    fn a_full_cache_prefers_large_sessions_and_drops_idle_ones() {
        let mut bench = Bench::new();
        assert_eq!(bench.open(at(0), &[(0, 1)]), 1);
        assert_eq!(bench.open(at(1), &[(0, 1), (1, 1)]), 2);
        assert_eq!(bench.open(at(2), &[(0, 1)]), 0);
        assert_eq!(bench.open(at(2), &[(0, 1), (1, 1)]), 3);
        assert_eq!(bench.open(at(120), &[(0, 1)]), 0);
        assert_eq!(bench.open(at(122), &[(0, 1)]), 4);
        assert_eq!(bench.sessions.len(), SLOTS);
    }

    #[test]
    fn epochs_wrap_to_one() {
        assert_eq!((next_epoch(0), next_epoch(i32::MAX)), (1, 1));
    }
}
