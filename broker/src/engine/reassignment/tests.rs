use std::time::Duration;

use super::*;
use crate::engine::Engine;
use crate::engine::commands::heartbeats::Passing;
use crate::engine::commands::{Command, PartitionCommand};
use crate::engine::input::Input;
use crate::engine::testing::Bench;
use crate::wire::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use crate::wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use crate::wire::messages::{
    AlterPartitionReassignmentsRequest, IncrementalAlterConfigsRequest, str_bytes,
};
use crate::wire::messages::{BrokerId, StrBytes};

const SECOND: Duration = Duration::from_secs(1);

/// A cluster of four nodes with these settings, and a topic on the first two with records of a megabyte in all.
fn bench(topic: &[(&str, &str)], rate: &str) -> Bench {
    let mut bench = Bench::of_nodes(4, &[("replica.fetch.max.bytes", "100000")]);
    let set = |side| {
        AlterableConfig::default()
            .with_name(str_bytes(format!("{side}.replication.throttled.rate")))
            .with_value(Some(str_bytes(rate)))
    };
    for node in 0..4 {
        let resource = AlterConfigsResource::default()
            .with_resource_type(4)
            .with_resource_name(str_bytes(format!("{node}")))
            .with_configs(["leader", "follower"].map(set).to_vec());
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        bench.node = NodeId(node);
        bench.ask(1, request);
    }
    bench.node = NodeId(0);
    let now = bench.now;
    let overrides = topic
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let replicas = vec![vec![NodeId(0), NodeId(1)]];
    bench
        .engine
        .state
        .create_topic(now, "t", replicas, overrides.collect(), false);
    for _ in 0..10 {
        fill(&mut bench);
    }
    bench
}

fn throttled(rate: &str) -> Bench {
    let all = [
        ("leader.replication.throttled.replicas", "*"),
        ("follower.replication.throttled.replicas", "*"),
    ];
    bench(&all, rate)
}

/// About a hundred thousand bytes in one batch.
fn fill(bench: &mut Bench) {
    bench.append("t", 0, &"x".repeat(99_900));
}

fn ask(bench: &mut Bench, replicas: Option<&[i32]>) {
    let replicas = replicas.map(|ids| ids.iter().map(|id| BrokerId(*id)).collect());
    let partition = ReassignablePartition::default()
        .with_partition_index(0)
        .with_replicas(replicas);
    let topic = ReassignableTopic::default()
        .with_name(StrBytes::from_static_str("t").into())
        .with_partitions(vec![partition]);
    let request = AlterPartitionReassignmentsRequest::default()
        .with_timeout_ms(1)
        .with_topics(vec![topic]);
    bench.ask(0, request);
}

fn wait(bench: &mut Bench, wait: Duration) {
    let until = bench.now.elapsed + wait;
    while let Some(due) = bench.engine.next_deadline().filter(|due| *due <= until) {
        bench.now = bench.now.until(due);
        bench.handle(Input::Deadline);
    }
    bench.now = bench.now.until(until);
}

fn partition(engine: &Engine) -> &Partition {
    engine
        .state
        .cluster
        .topic("t")
        .unwrap()
        .partition(0)
        .unwrap()
}

fn ids(nodes: &[NodeId]) -> Vec<i32> {
    nodes.iter().map(|node| node.0).collect()
}

/// Replicas, those added, those removed, those in sync, the leader and its epoch.
#[track_caller]
fn check(bench: &Bench, expected: &str) {
    let partition = partition(&bench.engine);
    check_invariants(partition);
    let under_way = &partition.reassignment;
    let shown = format!(
        "{:?} +{:?} -{:?} isr {:?} leader {} epoch {}",
        ids(&partition.replicas),
        ids(&under_way.adding),
        ids(&under_way.removing),
        ids(&partition.isr),
        partition.leader.map_or(-1, |node| node.0),
        partition.leader_epoch.0
    );
    assert_eq!(shown, expected);
}

#[track_caller]
fn check_invariants(partition: &Partition) {
    let Partition {
        replicas,
        isr,
        reassignment,
        leader,
        ..
    } = partition;
    let mut once = replicas.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), replicas.len(), "{partition:?}");
    let known = |node: &NodeId| replicas.contains(node);
    let copying = &reassignment.copying;
    assert!(isr.iter().all(known), "{partition:?}");
    assert!(leader.iter().all(|node| isr.contains(node)));
    assert!(reassignment.adding.iter().all(known), "{partition:?}");
    assert!(reassignment.removing.iter().all(known), "{partition:?}");
    let lacks = |copying: &Copying| known(&copying.node) && !isr.contains(&copying.node);
    assert!(copying.iter().all(lacks), "{partition:?}");
    let within = |copying: &Copying| copying.end <= partition.log.end();
    assert!(copying.iter().all(within), "{partition:?}");
}

#[test]
fn without_throttles_it_is_done_at_once() {
    let mut bench = bench(&[], "1");
    ask(&mut bench, Some(&[2, 0]));
    check(&bench, "[2, 0] +[] -[] isr [0, 2] leader 0 epoch 1");
    assert_eq!(bench.engine.next_event(&Passing::default()), None);
}

/// Ten fetches of a hundred thousand bytes, of which the first is free.
#[test]
fn it_takes_its_time_by_size_and_rate() {
    let mut bench = throttled("50000");
    ask(&mut bench, Some(&[2, 0]));
    check(&bench, "[2, 0, 1] +[2] -[1] isr [0, 1] leader 0 epoch 0");
    let what: Vec<_> = bench.engine.deadlines().map(|due| due.what).collect();
    assert!(
        what.contains(&"throttled reassignment of t-0".to_owned()),
        "{what:?}"
    );
    wait(&mut bench, 17 * SECOND);
    check(&bench, "[2, 0, 1] +[2] -[1] isr [0, 1] leader 0 epoch 0");
    wait(&mut bench, 2 * SECOND);
    check(&bench, "[2, 0] +[] -[] isr [0, 2] leader 0 epoch 1");
    assert_eq!(bench.engine.next_event(&Passing::default()), None);
}

/// What is written meanwhile is copied as well.
#[test]
fn records_that_come_meanwhile_take_longer() {
    let mut bench = throttled("50000");
    ask(&mut bench, Some(&[2, 0]));
    fill(&mut bench);
    wait(&mut bench, 19 * SECOND);
    check(&bench, "[2, 0, 1] +[2] -[1] isr [0, 1] leader 0 epoch 0");
    wait(&mut bench, 2 * SECOND);
    check(&bench, "[2, 0] +[] -[] isr [0, 2] leader 0 epoch 1");
}

/// Two new replicas share what their leader gives.
#[test]
fn replicas_share_a_leaders_rate() {
    let leaders = [("leader.replication.throttled.replicas", "0:0")];
    let mut bench = bench(&leaders, "50000");
    ask(&mut bench, Some(&[0, 2, 3]));
    wait(&mut bench, 34 * SECOND);
    check(
        &bench,
        "[0, 2, 3, 1] +[2, 3] -[1] isr [0, 1] leader 0 epoch 0",
    );
    wait(&mut bench, 3 * SECOND);
    check(&bench, "[0, 2, 3] +[] -[] isr [0, 2, 3] leader 0 epoch 1");
}

#[test]
fn only_replicas_that_are_listed_are_throttled() {
    let followers = [("follower.replication.throttled.replicas", "0:3,1:2")];
    let mut bench = bench(&followers, "1");
    ask(&mut bench, Some(&[0, 2, 3]));
    check(
        &bench,
        "[0, 2, 3, 1] +[2, 3] -[1] isr [0, 1, 2] leader 0 epoch 0",
    );
    ask(&mut bench, None);
    check(&bench, "[0, 1] +[] -[] isr [0, 1] leader 0 epoch 1");
    ask(&mut bench, None);
    check(&bench, "[0, 1] +[] -[] isr [0, 1] leader 0 epoch 1");
}

#[test]
fn a_node_that_is_stopped_gets_nothing() {
    let mut bench = throttled("50000");
    ask(&mut bench, Some(&[2, 0]));
    wait(&mut bench, 5 * SECOND);
    bench.turn_node(NodeId(2), false);
    assert_eq!(bench.engine.next_event(&Passing::default()), None);
    wait(&mut bench, 60 * SECOND);
    bench.turn_node(NodeId(2), true);
    check(&bench, "[2, 0, 1] +[2] -[1] isr [0, 1] leader 0 epoch 0");
    // It goes on where it was.
    wait(&mut bench, 13 * SECOND);
    check(&bench, "[2, 0] +[] -[] isr [0, 2] leader 0 epoch 1");
}

#[test]
fn another_leader_gives_the_rest() {
    let mut bench = throttled("50000");
    ask(&mut bench, Some(&[2, 1]));
    bench.turn_node(NodeId(0), false);
    check(&bench, "[2, 1, 0] +[2] -[0] isr [1] leader 1 epoch 1");
    wait(&mut bench, 19 * SECOND);
    check(&bench, "[2, 1] +[] -[] isr [1, 2] leader 1 epoch 2");
}

#[test]
fn a_test_holds_and_releases_it() {
    let mut bench = bench(&[], "1");
    let command = |bench: &mut Bench, command| {
        bench.command(Command::partition("t", 0, command)).unwrap();
    };
    command(&mut bench, PartitionCommand::HoldReassignment);
    ask(&mut bench, Some(&[2, 3]));
    wait(&mut bench, 60 * SECOND);
    check(
        &bench,
        "[2, 3, 0, 1] +[2, 3] -[0, 1] isr [0, 1] leader 0 epoch 0",
    );
    ask(&mut bench, None);
    check(&bench, "[0, 1] +[] -[] isr [0, 1] leader 0 epoch 1");
    // One that only takes replicas away is held as well.
    ask(&mut bench, Some(&[1]));
    check(&bench, "[1, 0] +[] -[0] isr [0, 1] leader 0 epoch 1");
    command(&mut bench, PartitionCommand::ReleaseReassignment);
    check(&bench, "[1] +[] -[] isr [1] leader 1 epoch 2");
}

#[test]
fn a_topic_that_goes_takes_it_along() {
    let mut bench = throttled("1");
    ask(&mut bench, Some(&[2, 3]));
    let now = bench.now;
    bench.engine.state.delete_topic(now, "t");
    bench.next_until(now);
    bench.topic("u", 1);
    bench.append("u", 0, "v");
    assert_eq!(bench.engine.next_event(&Passing::default()), None);
}

#[test]
fn a_snapshot_has_it_and_a_reset_ends_it() {
    let mut bench = throttled("50000");
    ask(&mut bench, Some(&[2, 0]));
    wait(&mut bench, 9 * SECOND);
    let snapshot = bench.engine.state.snapshot(bench.now);
    bench.command(Command::Reset { only: None }).unwrap();
    assert_eq!(bench.engine.next_event(&Passing::default()), None);
    bench.command(Command::Restore { snapshot }).unwrap();
    check(&bench, "[2, 0, 1] +[2] -[1] isr [0, 1] leader 0 epoch 0");
    wait(&mut bench, 10 * SECOND);
    check(&bench, "[2, 0] +[] -[] isr [0, 2] leader 0 epoch 1");
}

/// Whatever happens to it, in any order: what always holds does, and all of it ends once nothing is in the way.
#[test]
fn chance() {
    for seed in 0..80 {
        let mut chance = crate::engine::rng::Rng::new(seed);
        let mut bench = throttled("200000");
        for _ in 0..30 {
            step(&mut bench, &mut chance);
            check_invariants(partition(&bench.engine));
        }
        for node in 0..4 {
            bench.turn_node(NodeId(node), true);
        }
        wait(&mut bench, 300 * SECOND);
        let left = partition(&bench.engine);
        check_invariants(left);
        let under_way = &left.reassignment;
        let stays = |node: &NodeId| under_way.removing.contains(node);
        let for_ever = under_way.adding.iter().any(stays) && under_way.copying.is_empty();
        assert!(under_way.is_idle() || for_ever, "seed {seed}: {left:?}");
    }
}

fn step(bench: &mut Bench, chance: &mut crate::engine::rng::Rng) {
    let node = |chance: &mut crate::engine::rng::Rng| i32::try_from(chance.below(4)).unwrap();
    match chance.below(8) {
        0 | 1 => {
            let mut target = vec![node(chance), node(chance), node(chance)];
            target.truncate(1 + chance.below(3));
            ask(bench, Some(&target));
        }
        2 => ask(bench, None),
        3 => {
            bench.node = partition(&bench.engine).leader.unwrap_or(NodeId(0));
            fill(bench);
            bench.node = NodeId(0);
        }
        4 => {
            // The first one is asked.
            let id = NodeId(node(chance).max(1));
            bench.turn_node(id, false);
        }
        5 => {
            let id = NodeId(node(chance));
            bench.turn_node(id, true);
        }
        _ => wait(bench, SECOND),
    }
}
