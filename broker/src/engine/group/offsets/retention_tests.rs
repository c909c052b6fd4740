//! Retention, with time that passes when the test says so.

use std::time::Duration;

use uuid::Uuid;

use super::{CommittedOffset, Committer, OffsetToCommit};
use crate::engine::context::ConnectionId;
use crate::engine::group::Group;
use crate::engine::group::classic::ClassicGroup;
use crate::engine::testing::Bench;
use crate::wire::messages::StrBytes;
use crate::wire::units::{NodeId, WallMillis};

const MINUTE: Duration = Duration::from_secs(60);

/// Offsets are kept for ten minutes, looked through once a minute.
fn bench() -> Bench {
    let mut bench = Bench::new(&[
        ("offsets.retention.minutes", "10"),
        ("offsets.retention.check.interval.ms", "60000"),
        ("offsets.topic.num.partitions", "1"),
    ]);
    bench.find_coordinator("g");
    bench.topic("orders", 1);
    bench
}

fn commit(bench: &mut Bench, expire_after: Option<Duration>) {
    let now = bench.now;
    let expire_timestamp = expire_after.map(|after| now.plus(after).wall);
    let offset = OffsetToCommit {
        topic: "orders".to_owned(),
        partition: 0,
        committed: CommittedOffset {
            offset: 5,
            leader_epoch: -1,
            metadata: StrBytes::new(),
            commit_timestamp: now.wall,
            expire_timestamp,
            topic_id: Uuid::from_u128(1),
        },
    };
    let committer = Committer {
        connection: ConnectionId(1),
        group: "g",
        member: "",
        instance: None,
        generation: -1,
        version: 4,
        producer: None,
    };
    let done = bench
        .engine
        .state
        .with_groups(now, NodeId(0), |groups, turn| {
            groups.commit_offsets(turn, &committer, vec![offset])
        });
    assert_eq!(done, Ok(()));
}

/// Whether the offset is there, and whether the group is.
fn there(bench: &Bench) -> (bool, bool) {
    let groups = &bench.engine.state.groups;
    let offset = groups.offsets.get("g", "orders", 0);
    (offset.is_some(), groups.get("g").is_some())
}

/// Values of the last batch; none stands for a tombstone.
fn last_written(bench: &Bench) -> Vec<bool> {
    let batches = bench.batches("__consumer_offsets", 0);
    let unfolded = batches.last().unwrap().unfold().unwrap();
    unfolded
        .iter()
        .map(|record| record.unwrap().value.is_some())
        .collect()
}

#[test]
fn an_offset_of_a_simple_group_goes_with_its_group() {
    let mut bench = bench();
    bench.advance(MINUTE * 3);
    commit(&mut bench, None);
    assert_eq!(last_written(&bench), [true]);
    bench.advance(MINUTE * 9);
    assert_eq!(there(&bench), (true, true));
    bench.advance(MINUTE);
    assert_eq!(there(&bench), (false, false));
    assert_eq!(last_written(&bench), [false, false]);
}

#[test]
fn a_later_commit_is_kept_longer() {
    let mut bench = bench();
    commit(&mut bench, None);
    bench.advance(MINUTE * 5);
    commit(&mut bench, None);
    bench.advance(MINUTE * 9);
    assert_eq!(there(&bench), (true, true));
    bench.advance(MINUTE);
    assert_eq!(there(&bench), (false, false));
}

#[test]
fn a_client_may_choose_its_retention() {
    for minutes in [1, 30] {
        let mut bench = bench();
        commit(&mut bench, Some(MINUTE * minutes));
        bench.advance(MINUTE * (minutes - 1));
        assert_eq!(there(&bench), (true, true), "{minutes}");
        bench.advance(MINUTE);
        assert_eq!(there(&bench), (false, false), "{minutes}");
    }
}

#[test]
fn a_transaction_keeps_what_it_changes() {
    use crate::wire::units::ProducerId;
    let mut bench = bench();
    commit(&mut bench, None);
    let store = &mut bench.engine.state.groups.offsets;
    let pending = store.get("g", "orders", 0).cloned().unwrap();
    store.commit(("g", "orders", 0), pending, Some(ProducerId(1)));
    bench.advance(MINUTE * 20);
    assert_eq!(there(&bench), (true, true));
}

#[test]
fn a_group_without_offsets_goes_at_the_next_check() {
    let mut bench = bench();
    let group = ClassicGroup::new("g".into(), bench.now);
    bench
        .engine
        .state
        .groups
        .insert("g".into(), Group::Classic(group));
    bench.advance(MINUTE);
    assert_eq!(there(&bench), (false, false));
    assert_eq!(last_written(&bench), [false]);
}

#[test]
fn a_commit_timestamp_counts_from_its_own_moment() {
    let mut bench = bench();
    commit(&mut bench, None);
    let store = &mut bench.engine.state.groups.offsets;
    let mut later = store.get("g", "orders", 0).cloned().unwrap();
    later.commit_timestamp = WallMillis(later.commit_timestamp.0 + 300_000);
    store.commit(("g", "orders", 0), later, None);
    bench.advance(MINUTE * 14);
    assert_eq!(there(&bench), (true, true));
    bench.advance(MINUTE);
    assert_eq!(there(&bench), (false, false));
}
