//! Streams groups by their requests, and their assignor by Kafka's.

mod golden;
mod lasting;
mod told;

use crate::engine::commands::Command;
use crate::engine::group::coordinator;
use crate::engine::inspect::TaskView;
use crate::engine::testing::Bench;
use crate::wire::apis::Response;
use crate::wire::messages::streams_group_heartbeat_request as request;
use crate::wire::messages::{
    StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, str_bytes,
};

fn bench(settings: &[(&str, &str)]) -> Bench {
    bench_of(1, settings)
}

/// With a topic to count, and one for the counts; requests go to the coordinator.
fn bench_of(nodes: usize, settings: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::of_nodes(nodes, settings);
    bench.topic("t", 2);
    bench.topic("counts-changelog", 2);
    bench.find_coordinator("g");
    bench.node = coordinator::leader(&bench.engine.state.cluster, "g").unwrap();
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

/// A heartbeat that says which active tasks the member runs, and no others.
fn running(beat: StreamsGroupHeartbeatRequest, partitions: &[i32]) -> StreamsGroupHeartbeatRequest {
    let active = (!partitions.is_empty()).then(|| request::TaskIds {
        subtopology_id: str_bytes("0"),
        partitions: partitions.to_vec(),
    });
    StreamsGroupHeartbeatRequest {
        active_tasks: Some(active.into_iter().collect()),
        standby_tasks: Some(Vec::new()),
        warmup_tasks: Some(Vec::new()),
        ..beat
    }
}

fn join(bench: &mut Bench, member: &str) -> i32 {
    let joins = StreamsGroupHeartbeatRequest {
        rebalance_timeout_ms: 1000,
        topology: Some(topology()),
        process_id: Some(str_bytes(member)),
        ..running(heartbeat(member, 0), &[])
    };
    let answer = beat(bench, joins);
    assert_eq!(answer.error_code, 0, "{answer:?}");
    answer.member_epoch
}

/// A heartbeat in a member's epoch; the epoch that it hears of.
fn stay(bench: &mut Bench, member: &str, epoch: i32) -> i32 {
    let answer = beat(bench, heartbeat(member, epoch));
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
