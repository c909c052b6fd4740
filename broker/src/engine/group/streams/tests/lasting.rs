//! What of a streams group lasts: through loads and moves of its coordinator, snapshots and resets.

use std::time::Duration;

use super::*;
use crate::engine::commands::CoordinatorCommand;
use crate::engine::reset::Kind;
use crate::engine::state_topic::StateTopic;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    StreamsGroupDescribeRequest, streams_group_describe_response as described,
};
use crate::wire::units::NodeId;

const PROMPT: &[(&str, &str)] = &[
    ("group.streams.initial.rebalance.delay.ms", "0"),
    ("group.streams.assignment.interval.ms", "0"),
    ("group.streams.num.standby.replicas", "1"),
];

/// A group of two members: `n` waits for a task that `m` has not given up.
fn half_way(nodes: usize) -> (Bench, i32) {
    let mut bench = bench_of(nodes, PROMPT);
    let mut epoch = join(&mut bench, "m");
    epoch = beat(&mut bench, running(heartbeat("m", epoch), &[0, 1])).member_epoch;
    join(&mut bench, "n");
    epoch = stay(&mut bench, "m", epoch);
    (bench, epoch)
}

/// The group as StreamsGroupDescribe shows it: error, members with their tasks, and the topology.
fn describe(bench: &mut Bench) -> described::DescribedGroup {
    let request = StreamsGroupDescribeRequest {
        group_ids: vec![str_bytes("g").into()],
        ..StreamsGroupDescribeRequest::default()
    };
    let node = bench.node;
    let Response::StreamsGroupDescribe(mut answer) = bench.ask_node(node, 0, request) else {
        panic!("another answer");
    };
    answer.groups.remove(0)
}

/// The group as a coordinator knows it that has only read of it: how many partitions internal topics have is found out by the next
/// heartbeat.
fn as_written(mut group: described::DescribedGroup) -> described::DescribedGroup {
    let rows = group.topology.as_mut().unwrap().subtopologies.as_mut();
    for log in rows
        .unwrap()
        .iter_mut()
        .flat_map(|row| &mut row.state_changelog_topics)
    {
        assert_eq!(log.partitions, 2);
        log.partitions = 0;
    }
    group
}

fn act(bench: &mut Bench, command: CoordinatorCommand) {
    let (topic, key) = (StateTopic::Groups, "g".to_owned());
    bench
        .command(Command::Coordinator {
            topic,
            key,
            act: command,
        })
        .unwrap();
}

fn error(bench: &mut Bench, said: StreamsGroupHeartbeatRequest) -> ErrorCode {
    ErrorCode::of(beat(bench, said).error_code)
}

#[test]
fn a_coordinator_that_loads_says_so_until_it_is_released() {
    let (mut bench, epoch) = half_way(1);
    let before = as_written(describe(&mut bench));
    act(&mut bench, CoordinatorCommand::Load(None));
    let loads = ErrorCode::CoordinatorLoadInProgress;
    assert_eq!(error(&mut bench, heartbeat("m", epoch)), loads);
    assert_eq!(error(&mut bench, heartbeat("m", -1)), loads);
    assert_eq!(ErrorCode::of(describe(&mut bench).error_code), loads);
    // However long that takes, nobody's session ends.
    bench.advance(Duration::from_secs(100));
    act(&mut bench, CoordinatorCommand::Loaded);
    assert_eq!(describe(&mut bench), before);
    assert_eq!(error(&mut bench, heartbeat("m", epoch)), ErrorCode::None);
    // From then on they are counted.
    bench.advance(Duration::from_secs(46));
    assert_eq!(describe(&mut bench).members, []);
}

#[test]
fn a_load_that_takes_its_time_is_a_deadline() {
    let (mut bench, epoch) = half_way(1);
    let wait = Duration::from_secs(5);
    act(&mut bench, CoordinatorCommand::Load(Some(wait)));
    bench.advance(Duration::from_secs(4));
    let loads = ErrorCode::CoordinatorLoadInProgress;
    assert_eq!(error(&mut bench, heartbeat("m", epoch)), loads);
    bench.advance(Duration::from_secs(1));
    assert_eq!(error(&mut bench, heartbeat("m", epoch)), ErrorCode::None);
}

#[test]
fn another_coordinator_reads_members_tasks_and_topology() {
    let (mut bench, epoch) = half_way(3);
    let before = as_written(describe(&mut bench));
    assert_eq!(before.members.len(), 2);
    let shown = tasks(&bench);
    for node in [NodeId(1), NodeId(2), NodeId(0)] {
        let last = bench.node;
        act(&mut bench, CoordinatorCommand::Move(node));
        if node != last {
            let elsewhere = ErrorCode::NotCoordinator;
            assert_eq!(error(&mut bench, heartbeat("m", epoch)), elsewhere);
        }
        bench.node = node;
        assert_eq!(describe(&mut bench), before, "{node:?}");
        assert_eq!(tasks(&bench), shown, "{node:?}");
    }
    // It knows what is to be given up, and expects it as long as the first one did.
    let due = |bench: &Bench| {
        let all = bench.engine.deadlines();
        let mut due = all.filter(|due| due.what == r#"revocation by member "m" of group "g""#);
        due.next().map(|due| due.at)
    };
    assert_eq!(due(&bench), Some(Duration::from_secs(1)));
    let gives_up = running(heartbeat("m", epoch), &[0]);
    let epoch = beat(&mut bench, gives_up).member_epoch;
    assert_eq!(due(&bench), None);
    assert_eq!(epoch, before.group_epoch);
    assert_eq!(error(&mut bench, heartbeat("n", epoch)), ErrorCode::None);
    // Its heartbeat has the coordinator look at the topics again.
    as_written(describe(&mut bench));
    let shown = tasks(&bench);
    assert!(
        shown.contains(&"0_1 active assigned n".to_owned()),
        "{shown:?}"
    );
}

#[test]
fn a_snapshot_holds_epochs_tasks_and_topology() {
    let (mut bench, epoch) = half_way(1);
    let (before, shown) = (as_written(describe(&mut bench)), tasks(&bench));
    let snapshot = bench.engine.state.snapshot(bench.now);
    assert_eq!(error(&mut bench, heartbeat("n", -1)), ErrorCode::None);
    join(&mut bench, "later");
    bench.command(Command::Restore { snapshot }).unwrap();
    assert_eq!(describe(&mut bench), before);
    assert_eq!(tasks(&bench), shown);
    // Members that the snapshot has are members; one that it has not is told to join again.
    assert_eq!(error(&mut bench, heartbeat("m", epoch)), ErrorCode::None);
    let unknown = ErrorCode::UnknownMemberId;
    assert_eq!(error(&mut bench, heartbeat("later", 5)), unknown);
    assert_eq!(error(&mut bench, heartbeat("later", -1)), unknown);
    join(&mut bench, "later");
}

#[test]
fn members_of_before_a_reset_join_again() {
    for only in [None, Some(vec![Kind::Groups])] {
        let (mut bench, epoch) = half_way(1);
        bench
            .command(Command::Reset { only: only.clone() })
            .unwrap();
        let unknown = ErrorCode::UnknownMemberId;
        for epoch in [epoch, -1] {
            assert_eq!(
                error(&mut bench, heartbeat("m", epoch)),
                unknown,
                "{only:?}"
            );
        }
        // Who was no member hears what Kafka says.
        let gone = ErrorCode::GroupIdNotFound;
        assert_eq!(error(&mut bench, heartbeat("other", 2)), gone, "{only:?}");
        assert_eq!(join(&mut bench, "m"), 2, "{only:?}");
        assert_eq!(error(&mut bench, heartbeat("m", 2)), ErrorCode::None);
    }
}
