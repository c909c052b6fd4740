//! Reading, watermarks, leader epochs, timestamps.

use super::*;

fn read(
    bench: &Bench,
    from: i64,
    max_bytes: usize,
    at_least_one: bool,
) -> Result<Vec<i64>, OutOfRange> {
    let limits = ReadLimits {
        from: Offset(from),
        up_to: bench.log.high_watermark(),
        max_bytes,
        at_least_one,
    };
    let slice = bench.log.read(&limits)?;
    Ok(slice
        .batches
        .iter()
        .map(|batch| batch.base_offset().0)
        .collect())
}

#[test]
fn reads_return_whole_batches() {
    let mut bench = Bench::new(LogConfig::default());
    for _ in 0..3 {
        bench.put(&["a=1", "b=2"]);
    }
    let size = bench.log.segments[0].batches[0].size();
    assert_eq!(read(&bench, 0, 10_000, true), Ok(vec![0, 2, 4]));
    assert_eq!(read(&bench, 3, 10_000, true), Ok(vec![2, 4]));
    assert_eq!(read(&bench, 0, 0, true), Ok(vec![0]));
    assert_eq!(read(&bench, 0, 0, false), Ok(vec![]));
    assert_eq!(read(&bench, 0, size * 2 + 1, false), Ok(vec![0, 2]));
    assert_eq!(read(&bench, 6, 10_000, true), Ok(vec![]));
    assert_eq!(read(&bench, 7, 10_000, true), Err(OutOfRange));
    assert_eq!(read(&bench, -1, 10_000, true), Err(OutOfRange));
    bench.log.delete_records(Offset(3)).unwrap();
    assert_eq!(read(&bench, 2, 10_000, true), Err(OutOfRange));
    assert_eq!(read(&bench, 3, 10_000, true), Ok(vec![2, 4]));
}

#[test]
fn a_read_fills_the_room_with_part_of_a_batch() {
    let mut bench = Bench::new(LogConfig::default());
    bench.put(&["a=1"]);
    bench.put(&["a=1"]);
    let size = bench.log.segments[0].batches[0].size();
    for (max_bytes, at_least_one, counted) in [
        (10_000, true, size * 2),
        (size + 5, true, size + 5),
        (5, true, size),
        (5, false, 0),
    ] {
        let limits = ReadLimits {
            from: Offset(0),
            up_to: Offset(2),
            max_bytes,
            at_least_one,
        };
        let slice = bench.log.read(&limits).unwrap();
        assert_eq!((slice.bytes(), slice.to_rope().len()), (counted, counted));
    }
}

#[test]
fn a_read_stays_within_a_segment() {
    let mut bench = Bench::new(LogConfig {
        segment_bytes: 150,
        ..LogConfig::default()
    });
    for _ in 0..5 {
        bench.put(&["a=1"]);
    }
    assert_eq!(bench.log.segment_count(), 3);
    assert_eq!(read(&bench, 0, 10_000, true), Ok(vec![0, 1]));
    assert_eq!(read(&bench, 2, 10_000, true), Ok(vec![2, 3]));
    assert_eq!(
        bench.log.bytes_between(Offset(1), Offset(5)),
        bench.log.size() * 4 / 5
    );
}

#[test]
fn a_held_high_watermark_hides_what_comes_after() {
    let mut bench = Bench::new(LogConfig::default());
    bench.put(&["a=1"]);
    bench.log.hold_high_watermark();
    bench.put(&["b=2"]);
    assert_eq!(read(&bench, 0, 10_000, true), Ok(vec![0]));
    assert_eq!(bench.log.delete_records(Offset(2)), Err(OutOfRange));
    bench.log.release_high_watermark();
    assert_eq!(read(&bench, 0, 10_000, true), Ok(vec![0, 1]));
}

#[test]
fn the_last_stable_offset_waits_for_every_transaction() {
    let mut bench = Bench::new(LogConfig::default());
    let stable = |bench: &Bench| bench.log.last_stable_offset().0;
    bench.put(&["a=1"]);
    for id in [7, 8] {
        let batch = bench.produced(id, 0, 0, 2, true);
        bench.append(batch).unwrap();
    }
    assert_eq!(stable(&bench), 1);
    assert_eq!(bench.end(8, 0, MarkerKind::Abort), Ok(Offset(5)));
    assert_eq!(stable(&bench), 1);
    bench.log.hold_high_watermark();
    bench.end(7, 0, MarkerKind::Commit).unwrap();
    assert_eq!(stable(&bench), 1);
    bench.log.release_high_watermark();
    assert_eq!(stable(&bench), 7);
    let aborted = |from, to| {
        bench
            .log
            .aborted_transactions(Offset(from), Offset(to))
            .len()
    };
    assert_eq!(
        (aborted(0, 3), aborted(0, 4), aborted(5, 7), aborted(6, 7)),
        (0, 1, 1, 0)
    );
}

#[test]
fn a_reader_is_told_of_aborts_up_to_the_next_entry_of_the_index() {
    let mut bench = Bench::new(LogConfig::default());
    for epoch in 0..100 {
        let batch = bench.produced(7, epoch, 0, 1, true);
        bench.append(batch).unwrap();
        bench.end(7, epoch, MarkerKind::Abort).unwrap();
    }
    // A transaction takes 71 bytes and 78 for its marker: an entry stands where the 29th begins.
    let told = |from: i64, max_bytes| {
        let limits = ReadLimits {
            from: Offset(from),
            up_to: bench.log.end(),
            max_bytes,
            at_least_one: true,
        };
        let slice = bench.log.read(&limits).unwrap();
        bench.log.aborted_in(Offset(from), &slice).len()
    };
    let pair = bench.log.segments[0].batches[..2]
        .iter()
        .map(BatchView::size);
    assert_eq!(pair.sum::<usize>(), 149);
    let entry = 28;
    assert_eq!(told(0, 1), entry);
    assert_eq!(told(0, 149 * (entry - 1)), entry);
    assert_eq!(told(40, 1), entry - 20);
    assert_eq!(told(190, 1), 5);
}

#[test]
fn markers_without_a_transaction_change_nothing_for_readers() {
    let mut bench = Bench::new(LogConfig::default());
    assert_eq!(bench.end(7, 0, MarkerKind::Abort), Ok(Offset(0)));
    assert_eq!(bench.log.last_stable_offset(), Offset(1));
    assert!(
        bench
            .log
            .aborted_transactions(Offset(0), Offset(9))
            .is_empty()
    );
}

#[test]
fn timestamps_are_looked_up_record_by_record() {
    let mut bench = Bench::new(LogConfig::default());
    bench.put(&["a=1@10", "b=2@30", "c=3@20"]);
    bench.put(&["d=4@40", "e=5@40"]);
    let at = |bench: &Bench, target| {
        bench
            .log
            .offset_at(WallMillis(target))
            .map(|found| (found.offset.0, found.timestamp.0))
    };
    assert_eq!(at(&bench, 0), Some((0, 10)));
    assert_eq!(at(&bench, 11), Some((1, 30)));
    assert_eq!(at(&bench, 31), Some((3, 40)));
    assert_eq!(at(&bench, 41), None);
    let newest = bench.log.offset_of_max_timestamp().unwrap();
    assert_eq!(
        (newest.offset, newest.timestamp),
        (Offset(3), WallMillis(40))
    );
    bench.log.delete_records(Offset(2)).unwrap();
    assert_eq!(at(&bench, 0), Some((2, 20)));
    bench.log.delete_records(Offset(5)).unwrap();
    let newest = bench.log.offset_of_max_timestamp();
    assert_eq!(newest.map(|found| found.offset), Some(Offset(3)));
}

#[test]
fn an_empty_log_has_no_timestamps() {
    let bench = Bench::new(LogConfig::default());
    assert_eq!(bench.log.offset_of_max_timestamp(), None);
    assert_eq!(bench.log.offset_at(WallMillis(0)), None);
}

#[test]
fn truncation_forgets_what_it_cuts() {
    let mut bench = Bench::new(LogConfig {
        segment_bytes: 200,
        ..LogConfig::default()
    });
    let first = bench.produced(7, 0, 0, 2, false);
    bench.append(first.clone()).unwrap();
    bench.epoch = 1;
    let open = bench.produced(8, 0, 0, 2, true);
    bench.append(open).unwrap();
    let second = bench.produced(7, 0, 2, 1, false);
    bench.append(second.clone()).unwrap();
    bench.log.truncate(Offset(3));
    bench.log.check_invariants();
    assert_eq!(bench.log.end(), Offset(3));
    assert_eq!(bench.log.last_stable_offset(), Offset(3));
    assert_eq!(bench.log.epochs().latest(), Some(LeaderEpoch(1)));
    assert!(bench.append(first).unwrap().duplicate);
    assert_eq!(bench.append(second).unwrap().base_offset, Offset(3));
    bench.log.truncate(Offset(0));
    assert_eq!(bench.contents(), "");
}
