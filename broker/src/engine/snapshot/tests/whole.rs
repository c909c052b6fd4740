//! Taken, everything changed, put back.

use std::time::Duration;

use super::*;
use crate::engine::commands::Command;
use crate::engine::commands::CommandFailure;
use crate::engine::fault::Rule;
use crate::engine::journal::Event;
use crate::engine::origin::{Located, Origin};
use crate::engine::passage::PassageTimer;
use crate::engine::reset::Kind;
use crate::wire::units::LeaderEpoch;

#[test]
fn the_cluster_is_what_it_was() {
    let mut bench = used();
    let snapshot = bench.engine.state.snapshot(bench.now);
    let before = shown(&bench);
    for snapshot in [snapshot.clone(), saved(&snapshot)] {
        change(&mut bench);
        for (was, is) in before.iter().zip(shown(&bench)).skip(1) {
            assert_ne!(*was, is);
        }
        let effects = restore(&mut bench, &snapshot);
        assert!(effects.0.is_empty(), "{effects:?}");
        for (was, is) in before.iter().zip(shown(&bench)) {
            assert_eq!(*was, is);
        }
        assert_eq!(shown(&bench).len(), before.len());
    }
}

#[test]
fn a_new_cluster_begins_as_the_other_was() {
    let bench = used();
    let snapshot = saved(&bench.engine.state.snapshot(bench.now));
    let mut other = Bench::of_nodes(2, &[]);
    let before: Vec<_> = epochs(&bench);
    let origin = Origin {
        snapshot: Some(Located {
            what: snapshot,
            place: None,
        }),
        ..Origin::default()
    };
    other.engine.furnish(other.now, &origin).unwrap();
    assert_eq!(shown(&other), shown(&bench));
    assert_eq!(epochs(&other), before);
    // Producers of the other cluster may still be there.
    let coming = bench.engine.state.producer_ids.coming();
    assert_ne!(coming, ProducerId(0));
    assert_eq!(other.engine.state.producer_ids.coming(), coming);
    change(&mut other);
    other.command(Command::Reset { only: None }).unwrap();
    assert_eq!(shown(&other), shown(&bench));
    let kinds = [
        Kind::Topics,
        Kind::Groups,
        Kind::Transactions,
        Kind::Configs,
    ];
    change(&mut other);
    other.turn_node(NodeId(1), true);
    other.engine.state.features.set("transaction.version", 1);
    let only = Some(kinds.to_vec());
    other.command(Command::Reset { only }).unwrap();
    assert_eq!(shown(&other), shown(&bench));
}

/// Who leads what, in which epoch.
fn epochs(bench: &Bench) -> Vec<(Option<NodeId>, LeaderEpoch)> {
    let topics = bench.engine.state.cluster.topics();
    let partitions = topics.flat_map(|topic| &topic.partitions);
    partitions.map(|p| (p.leader, p.leader_epoch)).collect()
}

#[test]
fn a_partition_that_was_known_further_has_a_new_leader_epoch() {
    let mut bench = used();
    let snapshot = bench.engine.state.snapshot(bench.now);
    let epoch = |bench: &Bench, index: usize| {
        let partition = &bench.engine.state.cluster.topic("t").unwrap().partitions[index];
        let last = partition.log.epochs().latest();
        (partition.leader_epoch.0, last)
    };
    bench.append("t", 0, "later");
    restore(&mut bench, &snapshot);
    assert_eq!(epoch(&bench, 0), (1, Some(LeaderEpoch(1))));
    assert_eq!(epoch(&bench, 1), (0, Some(LeaderEpoch(0))));
    restore(&mut bench, &snapshot);
    assert_eq!(epoch(&bench, 0), (2, Some(LeaderEpoch(2))));
    bench.engine.state.delete_topic(bench.now, "t");
    restore(&mut bench, &snapshot);
    assert_eq!(epoch(&bench, 0), (0, Some(LeaderEpoch(0))));
}

#[test]
fn who_waits_is_closed_and_rules_go_on() {
    let mut bench = used();
    let snapshot = bench.engine.state.snapshot(bench.now);
    let rule = |json: &str| serde_json::from_str::<Rule>(json).unwrap();
    let held = rule(r#"{"api":"ApiVersions","before_apply":"hold"}"#);
    bench.engine.passage.faults.mount(held, None).unwrap();
    let throttle = rule(r#"{"api":"ListGroups","after_apply":{"throttle":"30s"}}"#);
    bench.engine.passage.faults.mount(throttle, None).unwrap();
    let versions = m::ApiVersionsRequest::default();
    let waits = bench.send_from(ConnectionId(1), "c", 0, versions.clone());
    assert!(waits.0.is_empty());
    for connection in [2, 3] {
        let listed = m::ListGroupsRequest::default();
        let answered = bench.send_from(ConnectionId(connection), "c", 4, listed);
        assert_eq!(answered.0.len(), 1);
    }
    let muted = bench.send_from(ConnectionId(3), "c", 0, m::MetadataRequest::default());
    assert!(muted.0.is_empty());
    let effects = restore(&mut bench, &snapshot);
    let closed = effects.0.iter().map(|effect| match effect {
        Effect::Close { connection, reason } => {
            assert_eq!(reason, "the cluster was restored from a snapshot");
            connection.0
        }
        other => panic!("{other:?}"),
    });
    let closed: Vec<_> = closed.collect();
    assert_eq!(closed, [1, 3]);
    assert_eq!(bench.engine.passage.faults.iter().count(), 2);
    let mutes = bench.engine.passage.timers.iter();
    let mutes = mutes.filter(|(_, key)| matches!(key, PassageTimer::Mute(_)));
    assert_eq!(mutes.count(), 1, "connection 2 is throttled all the same");
    let waits = bench.send_from(ConnectionId(4), "c", 0, versions);
    assert!(waits.0.is_empty(), "the rule holds it");
    bench.advance(Duration::from_secs(60));
    let answered = bench.send_from(ConnectionId(2), "c", 0, m::MetadataRequest::default());
    assert_eq!(answered.0.len(), 1);
}

#[test]
fn the_journal_goes_on_and_says_so() {
    let mut bench = used();
    let snapshot = bench.engine.state.snapshot(bench.now);
    change(&mut bench);
    let last = bench.engine.passage.journal.last();
    restore(&mut bench, &snapshot);
    let rows = bench.engine.passage.journal.after(last);
    let kinds: Vec<_> = rows.map(|row| row.event.kind()).collect();
    for kind in [
        "log_truncated",
        "node_started",
        "topic_created",
        "topic_deleted",
    ] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    let restored = bench.engine.passage.journal.rows().next_back().unwrap();
    let taken_at_ms = bench.now.wall.0 - 100_000;
    assert_eq!(restored.event, Event::Restored { taken_at_ms });
}

#[test]
fn what_follows_a_restore_hangs_on_the_seed_alone() {
    let after = |mut bench: Bench, times: usize| {
        let snapshot = bench.engine.state.snapshot(bench.now);
        for _ in 0..times {
            change(&mut bench);
            restore(&mut bench, &snapshot);
        }
        bench.topic("w", 1);
        let id = bench.engine.state.cluster.topic("w").unwrap().id;
        (id, shown(&bench).len())
    };
    assert_eq!(after(used(), 1), after(used(), 1));
    let mut idle = used();
    let snapshot = idle.engine.state.snapshot(idle.now);
    restore(&mut idle, &snapshot);
    idle.topic("w", 1);
    let id = idle.engine.state.cluster.topic("w").unwrap().id;
    assert_eq!(after(used(), 1).0, id, "not on what happened before");
    assert_ne!(after(used(), 2).0, id, "no id is drawn twice");
}

#[test]
fn the_same_requests_lead_to_the_same_after_every_restore() {
    let mut bench = used();
    let start = bench.now;
    let snapshot = bench.engine.state.snapshot(bench.now);
    let mut outcomes = (0..3).map(|_| {
        bench.now = Now {
            wall: start.wall,
            ..bench.now
        };
        restore(&mut bench, &snapshot);
        let producer = init(&mut bench);
        write(&mut bench, producer, 0);
        commit(&mut bench, 5);
        heartbeat(&mut bench);
        keyed(&mut bench, "d");
        bench.advance(Duration::from_secs(700));
        let engine = &bench.engine;
        let partitions = engine
            .state
            .topic_views()
            .into_iter()
            .map(|topic| topic.partitions);
        let logs = partitions.flatten().map(|p| {
            let offsets = [p.log_start_offset, p.last_stable_offset, p.log_end_offset];
            (p.leader, offsets, p.size_bytes)
        });
        let logs: Vec<_> = logs.collect();
        let (groups, transactions) = (
            engine.state.group_views(bench.now),
            engine.state.transaction_views(),
        );
        format!("{logs:?} {groups:?} {transactions:?}")
    });
    let first = outcomes.next().unwrap();
    for outcome in outcomes {
        assert_eq!(outcome, first);
    }
}

#[test]
fn a_snapshot_shares_its_records_with_the_cluster() {
    let bench = used();
    let snapshot = bench.engine.state.snapshot(bench.now);
    let place = |batch: &BatchView| batch.records().as_ptr();
    let kept = snapshot.logs().flat_map(|log| log.batches().map(place));
    let kept: Vec<_> = kept.collect();
    let topics = bench.engine.state.cluster.topics();
    let logs = topics.flat_map(|topic| topic.partitions.iter().map(|p| &p.log));
    let held: Vec<_> = logs.flat_map(|log| log.batches().map(place)).collect();
    assert_eq!(kept, held);
}

#[track_caller]
fn check_refused(bench: &mut Bench, snapshot: &Snapshot, words: &str) {
    let before = shown(bench);
    let snapshot = snapshot.clone();
    let refused = bench.command(Command::Restore { snapshot });
    match refused {
        Err(CommandFailure::Impossible(why)) => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(shown(bench), before);
}

#[test]
fn a_cluster_that_lacks_something_stays_as_it_is() {
    let bench = used();
    let snapshot = bench.engine.state.snapshot(bench.now);
    let mut smaller = Bench::new(&[]);
    smaller.topic("z", 1);
    check_refused(
        &mut smaller,
        &snapshot,
        "node 1, which is not here: start this one with --nodes 2 --first-node-id 0",
    );
    let mut older = Bench::of_nodes(2, &[]);
    let release = crate::wire::releases::Release::of("3.9").unwrap();
    older.engine.state.features = crate::engine::features::Levels::new(Some(&release));
    check_refused(&mut older, &snapshot, "--as-version");
}

#[test]
fn nodes_that_were_added_stay_without_replicas() {
    let bench = used();
    let snapshot = bench.engine.state.snapshot(bench.now);
    let mut larger = Bench::of_nodes(3, &[]);
    larger.topic("t", 1);
    restore(&mut larger, &snapshot);
    assert_eq!(larger.engine.state.cluster.live_ids().len(), 3);
    let topics = larger.engine.state.topic_views();
    let mut partitions = topics.iter().flat_map(|topic| &topic.partitions);
    assert!(partitions.all(|p| !p.replicas.contains(&2)));
    assert_eq!(larger.batches("t", 1), bench.batches("t", 1));
}
