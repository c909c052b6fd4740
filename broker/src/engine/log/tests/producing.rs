//! What is appended, what is refused, and what producers are remembered for.

use super::*;
use crate::wire::batch::{BatchHeader, TimestampType};

#[test]
fn offsets_are_given_out_one_by_one() {
    let mut bench = Bench::new(LogConfig::default());
    assert_eq!(bench.put(&["a=1", "b=2"]), 0);
    assert_eq!(bench.put(&["c=3"]), 2);
    assert_eq!((bench.log.start(), bench.log.end()), (Offset(0), Offset(3)));
    assert_eq!(bench.contents(), "0:a=1 1:b=2 2:c=3");
}

fn refusal(bench: &mut Bench, batch: BatchView) -> ValidationError {
    match bench.append(batch) {
        Err(AppendError::Validation(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn headers_that_lie_are_refused() {
    type Edit = fn(&mut BatchHeader);
    let edits: [(Edit, bool); 7] = [
        (|_| {}, true),
        (|h| h.record_count = 3, false),
        (|h| h.last_offset_delta = 7, false),
        (|h| (h.record_count, h.last_offset_delta) = (0, -1), false),
        (|h| h.attributes = h.attributes.with_control(), false),
        (|h| h.producer_id = ProducerId(5), false),
        (|h| (h.record_count, h.last_offset_delta) = (1, 0), false),
    ];
    for (index, (edit, sound)) in edits.into_iter().enumerate() {
        for codec in [Codec::None, Codec::Lz4] {
            let mut bench = Bench::new(LogConfig::default());
            let batch = bench.batch(&["a=1", "b=2"], codec);
            let mut header = *batch.header();
            edit(&mut header);
            let batch = BatchView::new(header, batch.records().clone()).unwrap();
            assert_eq!(bench.append(batch).is_ok(), sound, "{index} {codec:?}");
        }
    }
}

#[test]
fn a_compacted_topic_wants_keys() {
    let mut bench = Bench::new(LogConfig {
        compact: true,
        ..LogConfig::default()
    });
    let batch = bench.batch(&["a=1", "=2", "=3"], Codec::None);
    let text = "Compacted topic cannot accept message without key in topic partition t-0";
    let errors = vec![(1, text.to_owned()), (2, text.to_owned())];
    let want = RecordErrors {
        invalid_timestamp: false,
        errors,
    };
    assert_eq!(refusal(&mut bench, batch), ValidationError::Records(want));
}

#[test]
fn timestamps_must_be_near_now() {
    let config = LogConfig {
        timestamp_before_max: Duration::from_millis(100),
        timestamp_after_max: Duration::from_millis(200),
        ..LogConfig::default()
    };
    for (record, fine) in [
        ("a=1@999900", true),
        ("a=1@999899", false),
        ("a=1@1000200", true),
        ("a=1@1000201", false),
        ("a=1@-1", true),
    ] {
        let mut bench = Bench::new(config.clone());
        let batch = bench.batch(&[record], Codec::None);
        assert_eq!(bench.append(batch).is_ok(), fine, "{record}");
    }
    let mut bench = Bench::new(config);
    let batch = bench.batch(&["a=1", "b=2@5"], Codec::None);
    let text = "Timestamp 5 of message with offset 1 is out of range. The timestamp should be \
                within [999900, 1000200]";
    let want = RecordErrors {
        invalid_timestamp: true,
        errors: vec![(1, text.to_owned())],
    };
    assert_eq!(refusal(&mut bench, batch), ValidationError::Records(want));
}

#[test]
fn an_age_beyond_all_numbers_counts_as_the_future() {
    let mut bench = Bench::new(LogConfig::default());
    for (timestamp, fine) in [(i64::MIN + 5, false), (-2, true)] {
        let batch = bench.batch(&[&format!("a=1@{timestamp}")], Codec::None);
        assert_eq!(bench.append(batch).is_ok(), fine, "{timestamp}");
    }
}

#[test]
fn clients_do_not_set_the_time_of_the_append() {
    for kind in [TimestampType::CreateTime, TimestampType::LogAppendTime] {
        let mut bench = Bench::new(LogConfig {
            timestamp_type: kind,
            ..LogConfig::default()
        });
        let mut batch = bench.batch(&["a=1"], Codec::None);
        batch.stamp(TimestampType::LogAppendTime, WallMillis(-1));
        assert!(bench.append(batch).is_err(), "{kind:?}");
    }
}

#[test]
fn the_log_can_set_the_time() {
    let config = LogConfig {
        timestamp_type: TimestampType::LogAppendTime,
        ..LogConfig::default()
    };
    for codec in [Codec::None, Codec::Zstd] {
        let mut bench = Bench::new(config.clone());
        let batch = bench.batch(&["a=1@5"], codec);
        assert_eq!(
            bench.append(batch).unwrap().log_append_time,
            WallMillis(START)
        );
        let found = bench.log.offset_at(WallMillis(START)).unwrap();
        assert_eq!(
            (found.offset, found.timestamp),
            (Offset(0), WallMillis(START))
        );
    }
}

#[test]
fn the_topic_can_set_the_codec() {
    for target in [
        Codec::None,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ] {
        let config = LogConfig {
            compression: Some(target),
            ..LogConfig::default()
        };
        for source in [Codec::None, Codec::Snappy, Codec::Zstd] {
            let mut bench = Bench::new(config.clone());
            bench.put(&["z=0"]);
            let batch = bench.batch(&["a=1@9", "b=@7"], source);
            bench.append(batch).unwrap();
            assert_eq!(bench.contents(), "0:z=0 1:a=1 2:b=");
            let stored = bench.log.segments[0].batches.last().unwrap();
            assert_eq!(
                (stored.codec(), stored.max_timestamp()),
                (target, WallMillis(9))
            );
            assert_eq!(BatchView::parse(&stored.to_bytes()).unwrap(), *stored);
        }
    }
}

#[test]
fn compressed_records_have_a_limit() {
    let long = format!("k={}", "x".repeat(RECORD_BYTES_MAX));
    for (codec, fine) in [
        (Codec::None, true),
        (Codec::Gzip, false),
        (Codec::Lz4, false),
    ] {
        let mut bench = Bench::new(LogConfig::default());
        let batch = bench.batch(&["a=1", &long], codec);
        assert_eq!(bench.append(batch).is_ok(), fine, "{codec:?}");
    }
}

#[test]
fn a_batch_must_fit_into_a_segment() {
    let mut bench = Bench::new(LogConfig {
        segment_bytes: 60,
        ..LogConfig::default()
    });
    let batch = bench.batch(&["a=1"], Codec::None);
    assert_eq!(bench.append(batch), Err(AppendError::LargerThanSegment));
}

/// Appends `(epoch, first sequence, count)` in turn and lists what came of each: the base offset,
/// `dup` and the offset, or the error.
fn check_sequences(batches: &[(i16, i32, i32)], want: &str) {
    let mut bench = Bench::new(LogConfig::default());
    let got: Vec<_> = batches
        .iter()
        .map(|&(epoch, first, count)| {
            let batch = bench.produced(7, epoch, first, count, false);
            match bench.append(batch) {
                Ok(done) if done.duplicate => format!("dup{}", done.base_offset),
                Ok(done) => done.base_offset.to_string(),
                Err(AppendError::Producer(error)) => format!("{error:?}"),
                Err(other) => format!("{other:?}"),
            }
        })
        .collect();
    assert_eq!(got.join(" "), want);
}

#[test]
fn sequences_follow_each_other() {
    check_sequences(&[(0, 0, 2), (0, 2, 1), (0, 4, 1)], "0 2 OutOfOrder");
    check_sequences(&[(0, 0, 2), (0, 0, 2), (0, 2, 1)], "0 dup0 2");
    check_sequences(
        &[(0, 0, 2), (0, 0, 3), (0, 1, 1)],
        "0 OutOfOrder OutOfOrder",
    );
    check_sequences(&[(0, 41, 1), (0, 42, 1)], "0 1");
    check_sequences(
        &[(3, 0, 1), (2, 1, 1), (4, 1, 1), (4, 0, 1)],
        "0 StaleEpoch OutOfOrder 1",
    );
    check_sequences(&[(0, i32::MAX, 1), (0, 0, 1)], "0 1");
    check_sequences(
        &[(0, i32::MAX - 1, 3), (0, 1, 1), (0, i32::MAX - 1, 3)],
        "0 3 dup0",
    );
}

#[test]
fn five_batches_back_is_a_duplicate_and_six_is_not() {
    let batches: Vec<_> = (0..6)
        .map(|first| (0, first, 1))
        .chain([(0, 1, 1), (0, 0, 1)])
        .collect();
    check_sequences(&batches, "0 1 2 3 4 5 dup1 OutOfOrder");
}

#[test]
fn a_duplicate_is_answered_with_its_batch() {
    let mut bench = Bench::new(LogConfig::default());
    let batch = bench.produced(7, 0, 0, 2, false);
    bench.append(batch.clone()).unwrap();
    bench.wall += 500;
    let again = bench.append(batch).unwrap();
    assert_eq!(again.log_append_time, WallMillis(START));
    assert_eq!(
        (again.base_offset, again.last_offset),
        (Offset(0), Offset(1))
    );
    assert_eq!(bench.log.end(), Offset(2));
}

#[test]
fn idle_producers_are_forgotten() {
    let mut bench = Bench::new(LogConfig::default());
    let day = Duration::from_secs(86_400);
    let (plain, open) = (
        bench.produced(7, 0, 0, 1, false),
        bench.produced(8, 0, 0, 1, true),
    );
    bench.append(plain).unwrap();
    bench.append(open).unwrap();
    bench.wall += 86_400_000 - 1;
    assert_eq!(bench.log.expire_producers(bench.now(), day), 0);
    bench.wall += 1;
    assert_eq!(bench.log.expire_producers(bench.now(), day), 1);
    let batch = bench.produced(7, 0, 9, 1, false);
    assert!(bench.append(batch).is_ok());
    assert!(bench.log.producers().get(ProducerId(8)).is_some());
}

#[test]
fn an_open_transaction_admits_only_its_own() {
    let mut bench = Bench::new(LogConfig::default());
    let first = bench.produced(7, 0, 0, 1, true);
    bench.append(first).unwrap();
    let plain = bench.produced(7, 0, 1, 1, false);
    assert_eq!(
        bench.append(plain),
        Err(AppendError::Producer(ProducerError::TransactionOpen))
    );
    bench.end(7, 0, MarkerKind::Commit).unwrap();
    let plain = bench.produced(7, 0, 1, 1, false);
    assert!(bench.append(plain).is_ok());
}

#[test]
fn a_transaction_of_an_unknown_producer_starts_at_zero() {
    let mut bench = Bench::new(LogConfig::default());
    bench.transaction_v2 = true;
    let batch = bench.produced(7, 0, 5, 1, true);
    assert_eq!(
        bench.append(batch),
        Err(AppendError::Producer(ProducerError::OutOfOrder))
    );
    let batch = bench.produced(8, 0, 5, 1, false);
    assert!(bench.append(batch).is_ok());
}

#[test]
fn a_marker_of_a_new_epoch_clears_the_sequences() {
    let mut bench = Bench::new(LogConfig::default());
    for (id, marker_epoch, last) in [(7, 0, 0), (8, 1, -1)] {
        let batch = bench.produced(id, 0, 0, 1, true);
        bench.append(batch).unwrap();
        bench.end(id, marker_epoch, MarkerKind::Commit).unwrap();
        let state = bench.log.producers().get(ProducerId(id)).unwrap();
        assert_eq!(state.last_sequence(), Sequence(last));
        assert_eq!(state.transaction_start, None);
    }
}

#[test]
fn markers_of_the_past_are_refused() {
    let mut bench = Bench::new(LogConfig::default());
    let batch = bench.produced(7, 3, 0, 1, true);
    bench.append(batch).unwrap();
    let stale = bench.end(7, 2, MarkerKind::Abort);
    assert_eq!(stale, Err(AppendError::Producer(ProducerError::StaleEpoch)));
    let producer = (ProducerId(7), ProducerEpoch(3));
    for (coordinator_epoch, fine) in [(5, true), (4, false), (5, true)] {
        let marker = Marker {
            kind: MarkerKind::Abort,
            coordinator_epoch,
        };
        let result = bench.with_context(Origin::Coordinator, |log, cx| {
            log.append_marker(producer, marker, cx)
        });
        assert_eq!(result.is_ok(), fine);
    }
}
