use uuid::Uuid;

use super::*;
use crate::wire::units::{Offset, WallMillis};

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

fn wants(offsets: &[(i32, i64)]) -> RequestedPartitions {
    let wanted = |offset| PartitionRequest {
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

fn said(high_watermark: i64) -> PartitionResponse {
    let log_start = 0;
    let (has_records, is_error, has_hint) = (false, false, false);
    PartitionResponse {
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
    let error = PartitionResponse {
        is_error: true,
        high_watermark: -1,
        log_start: -1,
        ..said(0)
    };
    let records = PartitionResponse {
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
                PartitionResponse {
                    log_start: 2,
                    ..said(5)
                },
            ],
            [false, true],
        ),
        (
            [
                records,
                PartitionResponse {
                    log_start: 2,
                    has_hint: true,
                    ..said(5)
                },
            ],
            [true, true],
        ),
    ] {
        assert_eq!(bench.sessions.news(id, &answers), told);
        bench.sessions.answer(id, &answers);
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
