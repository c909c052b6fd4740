//! Retention and compaction.

use super::*;

fn small_segments(change: impl FnOnce(&mut LogConfig)) -> Bench {
    let mut config = LogConfig {
        segment_bytes: 150,
        ..LogConfig::default()
    };
    change(&mut config);
    Bench::new(config)
}

#[test]
fn segments_roll_by_age_of_their_records() {
    let hour = Duration::from_secs(3600);
    let mut bench = Bench::new(LogConfig {
        segment_age_max: hour,
        ..LogConfig::default()
    });
    bench.put(&["a=1@0"]);
    bench.put(&["a=1@3600000"]);
    assert_eq!(bench.log.segment_count(), 1);
    bench.put(&["a=1@3600001"]);
    assert_eq!(bench.log.segment_count(), 2);
}

#[test]
fn old_segments_go_by_size() {
    let mut bench = small_segments(|config| config.retention_bytes = Some(300));
    for _ in 0..7 {
        bench.put(&["a=1"]);
    }
    let one = bench.log.size() / 7;
    assert_eq!(
        bench
            .log
            .apply_retention(&bench.config.clone(), bench.now()),
        1
    );
    assert_eq!(bench.log.size(), one * 5);
    assert_eq!(bench.log.start(), Offset(2));
    bench.log.check_invariants();
}

#[test]
fn old_segments_go_by_time_and_the_active_one_too() {
    let minute = Duration::from_secs(60);
    let mut bench = small_segments(|config| config.retention = Some(minute));
    for _ in 0..3 {
        bench.put(&["a=1"]);
    }
    bench.wall += 60_000;
    assert_eq!(
        bench
            .log
            .apply_retention(&bench.config.clone(), bench.now()),
        0
    );
    bench.wall += 1;
    assert_eq!(
        bench
            .log
            .apply_retention(&bench.config.clone(), bench.now()),
        2
    );
    assert_eq!(
        (bench.log.start(), bench.log.end(), bench.log.size()),
        (Offset(3), Offset(3), 0)
    );
    assert_eq!(bench.log.held_bytes(), 0);
    assert_eq!(
        bench
            .log
            .apply_retention(&bench.config.clone(), bench.now()),
        0
    );
    assert_eq!(bench.put(&["b=2"]), 3);
}

#[test]
fn nothing_goes_beyond_the_high_watermark() {
    let mut bench = small_segments(|config| config.retention_bytes = Some(0));
    bench.put(&["a=1"]);
    bench.log.hold_high_watermark();
    bench.put(&["a=1"]);
    bench.put(&["a=1"]);
    assert_eq!(
        bench
            .log
            .apply_retention(&bench.config.clone(), bench.now()),
        0
    );
}

#[test]
fn deleted_records_give_their_memory_back_at_once() {
    let mut bench = small_segments(|_| {});
    for _ in 0..5 {
        bench.put(&["a=1"]);
    }
    let size = bench.log.size();
    bench.log.delete_records(Offset(3)).unwrap();
    assert_eq!(
        (bench.log.size(), bench.log.held_bytes()),
        (size, size / 5 * 2)
    );
    assert_eq!(
        bench
            .log
            .apply_retention(&bench.config.clone(), bench.now()),
        1
    );
    assert_eq!(
        (bench.log.size(), bench.log.start()),
        (size / 5 * 3, Offset(3))
    );
}

fn compacted(change: impl FnOnce(&mut LogConfig)) -> Bench {
    small_segments(|config| {
        (config.compact, config.delete) = (true, false);
        change(config);
    })
}

impl Bench {
    fn compact(&mut self) -> Option<Compacted> {
        let done = self.log.compact_if_due(&self.config.clone(), self.now());
        self.log.check_invariants();
        done
    }
}

#[test]
fn the_latest_record_of_each_key_stays() {
    let mut bench = compacted(|_| {});
    for record in ["a=1", "b=1", "a=2", "a=3", "c=1", "b=2", "active=1"] {
        bench.put(&[record]);
    }
    assert!(bench.compact().is_some());
    assert_eq!(bench.contents(), "3:a=3 4:c=1 5:b=2 6:active=1");
    assert_eq!((bench.log.start(), bench.log.end()), (Offset(0), Offset(7)));
    assert!(bench.compact().is_none());
}

#[test]
fn reads_skip_what_is_gone() {
    let mut bench = compacted(|_| {});
    for record in ["a=1", "a=2", "a=3", "b=1", "x=1"] {
        bench.put(&[record]);
    }
    bench.compact().unwrap();
    let limits = ReadLimits {
        from: Offset(0),
        up_to: Offset(5),
        max_bytes: 9999,
        at_least_one: true,
    };
    assert_eq!(
        bench.log.read(&limits).unwrap().batches[0].base_offset(),
        Offset(2)
    );
}

#[test]
fn part_of_a_batch_may_go() {
    let mut bench = compacted(|_| {});
    for codec in [Codec::None, Codec::Gzip] {
        let batch = bench.batch(&["a=1", "b=1@7", "a=2"], codec);
        bench.append(batch).unwrap();
    }
    bench.put(&["b=3"]);
    bench.put(&["x=1"]);
    bench.put(&["y=1"]);
    bench.compact().unwrap();
    assert_eq!(bench.contents(), "5:a=2 6:b=3 7:x=1 8:y=1");
    let kept = &bench.log.segments[0].batches[0];
    assert_eq!(
        (kept.base_offset(), kept.last_offset()),
        (Offset(3), Offset(5))
    );
    assert_eq!(kept.codec(), Codec::Gzip);
}

#[test]
fn tombstones_go_after_a_second_pass() {
    let hour = Duration::from_secs(3600);
    let mut bench = compacted(|config| config.delete_retention = hour);
    for record in ["a=1", "a=", "b=1", "c=1", "d=1"] {
        bench.put(&[record]);
    }
    bench.compact().unwrap();
    assert_eq!(bench.contents(), "1:a= 2:b=1 3:c=1 4:d=1");
    let horizon = bench.log.segments[0].batches[0].header().delete_horizon();
    assert_eq!(horizon, Some(WallMillis(START + 3_600_000)));
    for (wait, want) in [(3_599_999, "1:a= 2:b=1"), (1, "2:b=1")] {
        bench.wall += wait;
        bench.log.compact(&bench.config.clone(), bench.now());
        assert!(bench.contents().starts_with(want), "{}", bench.contents());
    }
}

#[test]
fn lags_hold_compaction_back_and_push_it() {
    let minute = Duration::from_secs(60);
    let mut bench = compacted(|config| config.compaction_lag_min = minute);
    for record in ["a=1", "a=2", "a=3", "a=4", "a=5"] {
        bench.put(&[record]);
    }
    assert!(bench.compact().is_none());
    bench.wall += 60_000;
    assert!(bench.compact().is_some());
    let mut bench = compacted(|config| {
        config.dirty_ratio_min = 1.0;
        config.compaction_lag_max = minute;
    });
    for record in ["a=1", "a=2", "a=3", "a=4", "a=5"] {
        bench.put(&[record]);
    }
    bench.wall += 60_000;
    assert!(bench.compact().is_none());
    bench.wall += 1;
    assert!(bench.compact().is_some());
}

#[test]
fn an_open_transaction_stops_compaction() {
    let mut bench = compacted(|_| {});
    bench.put(&["a=1"]);
    bench.put(&["a=2"]);
    let open = bench.produced(7, 0, 0, 1, true);
    bench.append(open).unwrap();
    bench.put(&["a=3"]);
    bench.put(&["a=4"]);
    bench.compact().unwrap();
    assert_eq!(bench.contents(), "1:a=2 2:k7=v 3:a=3 4:a=4");
}

#[test]
fn aborted_records_go_at_once_and_their_marker_later() {
    let mut bench = compacted(|config| config.delete_retention = Duration::from_millis(10));
    bench.put(&["a=1"]);
    let open = bench.produced(7, 0, 0, 1, true);
    bench.append(open).unwrap();
    bench.end(7, 1, MarkerKind::Abort).unwrap();
    for record in ["b=1", "c=1", "d=1"] {
        bench.put(&[record]);
    }
    bench.log.compact(&bench.config.clone(), bench.now());
    // The marker is the last word of its producer: it stays while the producer is known.
    assert_eq!(bench.contents(), "0:a=1 2:abort 3:b=1 4:c=1 5:d=1");
    assert_eq!(
        bench.log.aborted_transactions(Offset(0), Offset(9)).len(),
        1
    );
    bench.log.forget_producers(None);
    for _ in 0..3 {
        bench.wall += 100;
        bench.put(&["z=1"]);
        bench.log.compact(&bench.config.clone(), bench.now());
    }
    assert!(
        bench.contents().starts_with("0:a=1 3:b=1"),
        "{}",
        bench.contents()
    );
    assert!(
        bench
            .log
            .aborted_transactions(Offset(0), Offset(9))
            .is_empty()
    );
}

#[test]
fn the_last_batch_of_a_producer_stays_without_records() {
    let mut bench = compacted(|_| {});
    for (id, first) in [(7, 0), (7, 1), (8, 0), (8, 1)] {
        let batch = bench.produced(id, 0, first, 1, false);
        bench.append(batch).unwrap();
    }
    for record in ["k7=1", "k8=2", "x=1", "y=1"] {
        bench.put(&[record]);
    }
    bench.compact().unwrap();
    assert_eq!(
        bench.contents(),
        "1:empty 3:empty 4:k7=1 5:k8=2 6:x=1 7:y=1"
    );
}

#[test]
fn a_coordinators_log_stays_as_long_as_what_it_says() {
    use crate::engine::log::compaction::TIDIED_BYTES;
    use crate::wire::messages::{
        OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, str_bytes,
    };
    let mut bench = crate::engine::testing::Bench::new(&[]);
    bench.find_coordinator("g");
    bench.topic("t", 1);
    // Three times what may be left: more than there is room for between two passes.
    const COMMITS: i64 = 12_000;
    let metadata = "m".repeat(4_000);
    assert!(COMMITS.unsigned_abs() * 4_000 > 2 * TIDIED_BYTES);
    let commit = |offset| OffsetCommitRequest {
        group_id: str_bytes("g").into(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: str_bytes("t").into(),
            partitions: vec![OffsetCommitRequestPartition {
                committed_offset: offset,
                committed_metadata: Some(str_bytes(metadata.as_str())),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let mut most = 0;
    for offset in 0..COMMITS {
        bench.send(2, commit(offset));
        most = most.max(bench.engine.state.log_bytes());
    }
    assert!(most < 2 * TIDIED_BYTES, "{most} bytes");
}
