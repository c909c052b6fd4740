//! What tests are told of a streams group, and what they can do to it.

use std::time::Duration;

use crate::engine::commands::Command;
use crate::engine::inspect::TaskView;
use crate::engine::testing::Bench;
use crate::wire::apis::Response;
use crate::wire::messages::streams_group_heartbeat_request as request;
use crate::wire::messages::{
    StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, str_bytes,
};

fn bench(settings: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::new(settings);
    bench.topic("t", 2);
    bench.topic("counts-changelog", 2);
    bench.find_coordinator("g");
    bench
}

/// Counts the records of `t`.
fn topology() -> request::Topology {
    let log = request::TopicInfo {
        name: str_bytes("counts-changelog").into(),
        ..request::TopicInfo::default()
    };
    let counts = request::Subtopology {
        subtopology_id: str_bytes("0"),
        source_topics: vec![str_bytes("t").into()],
        state_changelog_topics: vec![log],
        ..request::Subtopology::default()
    };
    request::Topology {
        epoch: 0,
        subtopologies: vec![counts],
    }
}

fn heartbeat(member: &str, epoch: i32) -> StreamsGroupHeartbeatRequest {
    StreamsGroupHeartbeatRequest {
        group_id: str_bytes("g").into(),
        member_id: str_bytes(member),
        member_epoch: epoch,
        ..StreamsGroupHeartbeatRequest::default()
    }
}

fn beat(bench: &mut Bench, beat: StreamsGroupHeartbeatRequest) -> StreamsGroupHeartbeatResponse {
    let answer = bench.ask(1, beat);
    let Response::StreamsGroupHeartbeat(answer) = answer else {
        panic!("{answer:?}");
    };
    answer
}

fn join(bench: &mut Bench, member: &str) -> i32 {
    let joins = StreamsGroupHeartbeatRequest {
        rebalance_timeout_ms: 1000,
        topology: Some(topology()),
        process_id: Some(str_bytes(member)),
        active_tasks: Some(Vec::new()),
        standby_tasks: Some(Vec::new()),
        warmup_tasks: Some(Vec::new()),
        ..heartbeat(member, 0)
    };
    let answer = beat(bench, joins);
    assert_eq!(answer.error_code, 0, "{answer:?}");
    answer.member_epoch
}

fn tasks(bench: &Bench) -> Vec<String> {
    let view = bench.engine.state.group_view(bench.now, "g").unwrap();
    let line = |task: &TaskView| {
        format!(
            "{}_{} {} {} {}",
            task.subtopology, task.partition, task.kind, task.state, task.member_id
        )
    };
    view.tasks.iter().map(line).collect()
}

#[test]
fn a_group_shows_who_runs_which_task_and_how_far_its_state_has_come() {
    let settings = [
        ("group.streams.initial.rebalance.delay.ms", "0"),
        ("group.streams.num.standby.replicas", "1"),
        ("group.streams.assignment.interval.ms", "0"),
    ];
    let mut bench = bench(&settings);
    let epoch = join(&mut bench, "m");
    assert_eq!(
        tasks(&bench),
        ["0_0 active assigned m", "0_1 active assigned m"]
    );
    let at = |offset| {
        Some(vec![request::TaskOffset {
            subtopology_id: str_bytes("0"),
            partition: 0,
            offset,
        }])
    };
    let tells = StreamsGroupHeartbeatRequest {
        task_offsets: at(4),
        task_end_offsets: at(10),
        ..heartbeat("m", epoch)
    };
    assert_eq!(beat(&mut bench, tells).error_code, 0);
    let view = bench.engine.state.group_view(bench.now, "g").unwrap();
    let of_first = &view.tasks[0];
    assert_eq!((of_first.offset, of_first.lag), (Some(4), Some(6)));
    assert_eq!(view.members[0].assignment[0].topic, "t");
    assert_eq!(view.members[0].assignment[0].partitions, [0, 1]);

    join(&mut bench, "n");
    assert_eq!(beat(&mut bench, heartbeat("m", epoch)).error_code, 0);
    let shown = tasks(&bench);
    assert!(
        shown.contains(&"0_1 active revoking m".to_owned()),
        "{shown:?}"
    );
    assert!(
        shown.contains(&"0_1 active awaited n".to_owned()),
        "{shown:?}"
    );
}

#[test]
fn the_first_assignment_and_sessions_are_deadlines() {
    let mut bench = bench(&[("group.streams.initial.rebalance.delay.ms", "3000")]);
    let epoch = join(&mut bench, "m");
    assert_eq!(beat(&mut bench, heartbeat("m", epoch)).error_code, 0);
    let listed: Vec<String> = bench.engine.deadlines().map(|at| at.what).collect();
    let of_group = |what: &String| what.contains("\"g\"") || what.contains(" g");
    assert_eq!(
        listed.iter().filter(|what| of_group(what)).count(),
        2,
        "{listed:?}"
    );
    assert_eq!(tasks(&bench), Vec::<String>::new());
    bench.advance(Duration::from_secs(3));
    assert_eq!(
        tasks(&bench),
        ["0_0 active awaited m", "0_1 active awaited m"]
    );
    bench.advance(Duration::from_secs(45));
    let view = bench.engine.state.group_view(bench.now, "g").unwrap();
    assert_eq!((view.state.as_str(), view.members.len()), ("Empty", 0));
}

#[test]
fn tests_rebalance_it_and_send_members_away() {
    let settings = [
        ("group.streams.initial.rebalance.delay.ms", "0"),
        ("group.streams.assignment.interval.ms", "0"),
    ];
    let mut bench = bench(&settings);
    let epoch = join(&mut bench, "m");
    let group = "g".to_owned();
    bench
        .command(Command::RebalanceGroup {
            group: group.clone(),
        })
        .unwrap();
    let answer = beat(&mut bench, heartbeat("m", epoch));
    assert_eq!(answer.member_epoch, epoch + 1);
    let member = "m".to_owned();
    bench
        .command(Command::EvictMember { group, member })
        .unwrap();
    assert_eq!(beat(&mut bench, heartbeat("m", epoch + 1)).error_code, 25);
}
