//! Share partitions by themselves.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::engine::share::kept::{KeptState, StateBatch};
use crate::engine::time::Now;
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::error::ErrorCode;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{LeaderEpoch, NodeId, Offset, WallMillis};

pub(super) const TERMS: Terms = Terms {
    deliveries_max: 3,
    locks_max: 100,
    lock_duration: Duration::from_secs(30),
    may_renew: true,
    dead_letters: false,
};

pub(super) fn at(seconds: u64) -> Now {
    Now {
        elapsed: Duration::from_secs(seconds),
        wall: WallMillis(0),
    }
}

/// A batch of the log.
pub(super) fn batch(first: i64, count: i32) -> BatchView {
    let mut builder = BatchBuilder::default();
    for delta in 0..count {
        builder.append(delta, WallMillis(0), &NewRecord::new(None, Some(b"v")));
    }
    let mut batch = builder.build(Codec::None).unwrap();
    batch.place(Offset(first), LeaderEpoch(0));
    batch
}

fn kept(start: i64, batches: &[(i64, i64, i8, i16)]) -> KeptState {
    let batches = batches
        .iter()
        .map(|(first, last, state, count)| StateBatch {
            first: *first,
            last: *last,
            state: *state,
            count: *count,
        });
    KeptState {
        snapshot_epoch: 0,
        state_epoch: 1,
        leader_epoch: 0,
        start,
        done: 0,
        batches: batches.collect(),
        created_at: WallMillis(0),
        written_at: WallMillis(0),
    }
}

pub(super) fn partition(start: i64, batches: &[(i64, i64, i8, i16)]) -> SharePartition {
    SharePartition::new((NodeId(1), LeaderEpoch(0)), start, &kept(start, batches)).unwrap()
}

/// What a member acquires of these batches, as `first-last xdeliveries`.
fn acquire(
    share: &mut SharePartition,
    member: &str,
    (now, records_max, mode): (Now, i32, AcquireMode),
    batches: &[BatchView],
) -> Vec<String> {
    let member: Arc<str> = member.into();
    let from = share.next_offset();
    let asked = Acquiring {
        member: &member,
        mode,
        batch_size: 100,
        records_max,
    };
    let fetched = Fetched {
        from,
        batches,
        aborted: &[],
    };
    let rows = share.acquire(now, &TERMS, asked, fetched);
    share.check(&TERMS).unwrap();
    let rows = rows.iter();
    rows.map(|row| format!("{}-{} x{}", row.first, row.last, row.deliveries))
        .collect()
}

fn say(
    share: &mut SharePartition,
    member: &str,
    (first, last, types): (i64, i64, &[i8]),
) -> Result<(), ErrorCode> {
    let said = AcknowledgementBatch {
        first,
        last,
        types: types.to_vec(),
    };
    let change = share.acknowledge(at(1), &TERMS, member, &[said]);
    let change = change.map_err(|refusal| match refusal {
        Refusal::Partition { code, .. } => code,
        Refusal::Request => ErrorCode::UnknownServerError,
    })?;
    share.commit(&change.steps);
    share.advance();
    share.check(&TERMS).unwrap();
    Ok(())
}

const WHOLE: AcquireMode = AcquireMode::BatchOptimized;

#[test]
fn whole_batches_are_acquired_unless_the_limit_is_strict() {
    let log = [batch(0, 3), batch(3, 2)];
    let mut share = partition(0, &[]);
    assert_eq!(
        acquire(&mut share, "m", (at(0), 2, WHOLE), &log),
        ["0-2 x1"]
    );
    let mut share = partition(0, &[]);
    let strict = (at(0), 2, AcquireMode::RecordLimit);
    assert_eq!(acquire(&mut share, "m", strict, &log), ["0-1 x1"]);
    assert_eq!(share.next_offset(), 2);
}

#[test]
fn what_is_acquired_is_nobody_elses() {
    let log = [batch(0, 3)];
    let mut share = partition(0, &[]);
    assert_eq!(
        acquire(&mut share, "m", (at(0), 9, WHOLE), &log),
        ["0-2 x1"]
    );
    assert_eq!(share.next_offset(), 3);
    assert_eq!(
        say(&mut share, "n", (0, 2, &[1])),
        Err(ErrorCode::InvalidRecordState)
    );
    assert_eq!(say(&mut share, "m", (0, 2, &[1])), Ok(()));
    assert_eq!(share.start, 3);
}

#[test]
fn a_record_in_the_middle_holds_back_the_start() {
    let log = [batch(0, 3)];
    let mut share = partition(0, &[]);
    acquire(&mut share, "m", (at(0), 9, WHOLE), &log);
    assert_eq!(say(&mut share, "m", (1, 2, &[1])), Ok(()));
    assert_eq!(share.start, 0);
    assert_eq!(say(&mut share, "m", (0, 0, &[3])), Ok(()));
    assert_eq!(share.start, 3);
}

#[test]
fn released_records_come_again_until_the_limit() {
    let log = [batch(0, 1)];
    let mut share = partition(0, &[]);
    for deliveries in 1..=3 {
        let acquired = acquire(&mut share, "m", (at(0), 9, WHOLE), &log);
        assert_eq!(acquired, [format!("0-0 x{deliveries}")]);
        assert_eq!(say(&mut share, "m", (0, 0, &[2])), Ok(()));
    }
    assert_eq!(share.start, 1);
    assert_eq!(share.next_offset(), 1);
}

#[test]
fn locks_end_one_by_one() {
    let log = [batch(0, 1), batch(1, 1)];
    let mut share = partition(0, &[]);
    acquire(&mut share, "m", (at(0), 1, WHOLE), &log[..1]);
    acquire(&mut share, "n", (at(10), 1, WHOLE), &log[1..]);
    assert!(share.ended_locks(at(29)).is_empty());
    let ended = share.ended_locks(at(30));
    assert_eq!(ended.len(), 1);
    let (_, expired) = share.expire(&TERMS, ended[0]).unwrap();
    assert_eq!((expired[0].first, &*expired[0].member), (0, "m"));
    assert_eq!(share.next_offset(), 0);
    assert_eq!(share.ended_locks(at(40)).len(), 1);
}

/// Each change asks for the lock that ends first. A walk over everything in flight would take minutes here.
#[test]
fn the_first_lock_is_found_at_once_whatever_is_in_flight() {
    const RECORDS: i32 = 100_000;
    let terms = Terms {
        locks_max: RECORDS,
        ..TERMS
    };
    let mut share = partition(0, &[]);
    let member: Arc<str> = "m".into();
    let asked = Acquiring {
        member: &member,
        mode: WHOLE,
        batch_size: 1,
        records_max: 1,
    };
    let mut one = batch(0, 1);
    for offset in 0..RECORDS {
        one.place(Offset(offset.into()), LeaderEpoch(0));
        let fetched = Fetched {
            from: share.next_offset(),
            batches: std::slice::from_ref(&one),
            aborted: &[],
        };
        let taken = share.acquire(at(0), &terms, asked, fetched);
        assert_eq!(taken.len(), 1, "offset {offset}");
        assert_eq!(share.first_lock().map(|lock| lock.order), Some(1));
    }
    // From the last to the first, so that the start stays.
    for offset in (0..i64::from(RECORDS)).rev() {
        let said = AcknowledgementBatch {
            first: offset,
            last: offset,
            types: vec![1],
        };
        let change = share.acknowledge(at(1), &terms, "m", &[said]).unwrap();
        share.commit(&change.steps);
        assert_eq!(share.first_lock().is_some(), offset > 0);
        assert_eq!(share.advance(), offset == 0);
    }
    assert_eq!(share.start, i64::from(RECORDS));
}

#[test]
fn a_member_that_goes_gives_up_what_it_has() {
    let log = [batch(0, 2), batch(2, 2)];
    let mut share = partition(0, &[]);
    acquire(&mut share, "m", (at(0), 2, WHOLE), &log[..1]);
    acquire(&mut share, "n", (at(0), 2, WHOLE), &log[1..]);
    let change = share.release(&TERMS, "m");
    share.commit(&change.steps);
    assert_eq!(share.next_offset(), 0);
    assert_eq!(
        acquire(&mut share, "n", (at(1), 9, WHOLE), &log),
        ["0-1 x2"]
    );
}

#[test]
fn it_goes_on_where_its_state_says() {
    let mut share = partition(5, &[(5, 6, 0, 1), (8, 9, 2, 1)]);
    assert_eq!(share.next_offset(), 5);
    let log = [batch(5, 5)];
    let acquired = acquire(&mut share, "m", (at(0), 9, WHOLE), &log);
    assert_eq!(acquired, ["5-6 x2", "7-7 x1"]);
    assert_eq!(say(&mut share, "m", (5, 7, &[1])), Ok(()));
    // Nobody has looked behind 7 yet: there might be a gap.
    assert_eq!((share.start, share.next_offset()), (8, 10));
}

#[test]
fn what_was_left_out_is_gone_with_the_log() {
    let mut share = partition(0, &[(5, 6, 0, 1)]);
    assert_eq!(share.next_offset(), 0);
    share.follow_log_start(3);
    assert_eq!((share.start, share.next_offset()), (3, 3));
    share.follow_log_start(6);
    assert_eq!((share.start, share.next_offset()), (6, 6));
}

#[test]
fn a_state_that_contradicts_itself_is_no_beginning() {
    let broken = kept(5, &[(3, 4, 0, 1)]);
    let begun = SharePartition::new((NodeId(1), LeaderEpoch(0)), 5, &broken);
    assert_eq!(begun.unwrap_err(), Contradiction);
    for (first, last) in [(5, i64::MAX), (5, 5 + SPAN_MAX), (9, 8)] {
        let broken = kept(5, &[(first, last, 0, 1)]);
        let begun = SharePartition::new((NodeId(1), LeaderEpoch(0)), 5, &broken);
        assert_eq!(begun.unwrap_err(), Contradiction, "{first} to {last}");
    }
    let far = kept(i64::MAX, &[]);
    let begun = SharePartition::new((NodeId(1), LeaderEpoch(0)), i64::MAX, &far);
    assert_eq!(begun.unwrap_err(), Contradiction);
}
