//! Coordinators that move and load, and what their requests are told meanwhile.

use super::*;
use crate::engine::commands::{Command, CommandFailure, CoordinatorCommand};
use crate::engine::context::Effects;
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::input::Reply;
use crate::engine::testing::Bench;
use crate::wire::apis::{Request, Response};
use crate::wire::messages as m;
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::{TopicName, str_bytes};

const GROUP: &str = "g";
const ID: &str = "t";

fn bench(nodes: usize) -> Bench {
    let mut bench = Bench::of_nodes(nodes, &[("group.initial.rebalance.delay.ms", "1000")]);
    bench.topic("a", 1);
    bench.find_coordinator(GROUP);
    let find = m::FindCoordinatorRequest::default()
        .with_key(str_bytes(ID))
        .with_key_type(1);
    bench.ask(1, find);
    bench
}

fn place(bench: &Bench, topic: StateTopic) -> StatePartition {
    let key = if topic == StateTopic::Groups {
        GROUP
    } else {
        ID
    };
    place_of(&bench.engine.state.cluster, topic, key).unwrap()
}

fn command(
    bench: &mut Bench,
    topic: StateTopic,
    act: CoordinatorCommand,
) -> (Result<Reply, CommandFailure>, Effects) {
    let key = if topic == StateTopic::Groups {
        GROUP
    } else {
        ID
    };
    let key = key.to_owned();
    bench.tell(Command::Coordinator { topic, key, act })
}

fn hold(bench: &mut Bench, topic: StateTopic, wait: Option<Duration>) {
    command(bench, topic, CoordinatorCommand::Load(wait))
        .0
        .unwrap();
}

fn release(bench: &mut Bench, topic: StateTopic) {
    command(bench, topic, CoordinatorCommand::Loaded).0.unwrap();
}

fn leader_of(bench: &Bench, topic: StateTopic) -> NodeId {
    leader(&bench.engine.state.cluster, place(bench, topic))
        .unwrap()
        .0
}

fn commit(offset: i64) -> Request {
    let partition = m::OffsetCommitRequestPartition {
        committed_offset: offset,
        ..Default::default()
    };
    let topic = m::OffsetCommitRequestTopic {
        name: TopicName(str_bytes("a")),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = m::OffsetCommitRequest {
        group_id: str_bytes(GROUP).into(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics: vec![topic],
        ..Default::default()
    };
    request.into()
}

fn fetch() -> Request {
    let request = m::OffsetFetchRequest {
        group_id: str_bytes(GROUP).into(),
        topics: None,
        ..Default::default()
    };
    request.into()
}

fn join(member: &str) -> Request {
    m::JoinGroupRequest::default()
        .with_group_id(str_bytes(GROUP).into())
        .with_member_id(str_bytes(member))
        .with_session_timeout_ms(30_000)
        .with_rebalance_timeout_ms(30_000)
        .with_protocol_type(str_bytes("consumer"))
        .with_protocols(vec![
            JoinGroupRequestProtocol::default().with_name(str_bytes("range")),
        ])
        .into()
}

/// The error of an answer, wherever it has it.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is asked for")]
fn code(response: &Response) -> i16 {
    match response {
        Response::JoinGroup(response) => response.error_code,
        Response::SyncGroup(response) => response.error_code,
        Response::Heartbeat(response) => response.error_code,
        Response::LeaveGroup(response) => response.error_code,
        Response::OffsetCommit(response) => response.topics[0].partitions[0].error_code,
        Response::OffsetFetch(response) => response.error_code,
        Response::OffsetDelete(response) => response.error_code,
        Response::DescribeGroups(response) => response.groups[0].error_code,
        Response::DeleteGroups(response) => response.results[0].error_code,
        Response::ListGroups(response) => response.error_code,
        Response::ConsumerGroupHeartbeat(response) => response.error_code,
        Response::ConsumerGroupDescribe(response) => response.groups[0].error_code,
        Response::FindCoordinator(response) => response.error_code,
        Response::InitProducerId(response) => response.error_code,
        Response::AddOffsetsToTxn(response) => response.error_code,
        Response::EndTxn(response) => response.error_code,
        Response::DescribeTransactions(response) => response.transaction_states[0].error_code,
        Response::ListTransactions(response) => response.error_code,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(bench: &mut Bench, version: i16, request: impl Into<Request>, expected: ErrorCode) {
    let request = request.into();
    let name = request.name();
    let response = bench.ask(version, request);
    assert_eq!(code(&response), expected.code(), "{name}");
}

/// Each request as Kafka's API maps COORDINATOR_LOAD_IN_PROGRESS.
#[test]
fn while_groups_are_read_nobody_is_served() {
    let mut bench = bench(1);
    hold(&mut bench, StateTopic::Groups, None);
    let loading = ErrorCode::CoordinatorLoadInProgress;
    let group = || str_bytes(GROUP).into();
    check(&mut bench, 5, join(""), loading);
    let sync = m::SyncGroupRequest::default().with_group_id(group());
    check(&mut bench, 4, sync, loading);
    let beat = m::HeartbeatRequest::default().with_group_id(group());
    check(&mut bench, 4, beat, ErrorCode::None);
    let leave = m::LeaveGroupRequest::default().with_group_id(group());
    check(&mut bench, 5, leave, loading);
    check(&mut bench, 7, commit(1), loading);
    check(&mut bench, 7, fetch(), loading);
    let delete = m::OffsetDeleteRequest::default().with_group_id(group());
    check(&mut bench, 0, delete, loading);
    let describe = m::DescribeGroupsRequest::default().with_groups(vec![group()]);
    check(&mut bench, 5, describe, loading);
    let delete = m::DeleteGroupsRequest::default().with_groups_names(vec![group()]);
    check(&mut bench, 2, delete, loading);
    check(&mut bench, 4, m::ListGroupsRequest::default(), loading);
    let beat = m::ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group())
        .with_member_id(str_bytes("m"))
        .with_member_epoch(1);
    check(&mut bench, 1, beat, loading);
    let describe = m::ConsumerGroupDescribeRequest::default().with_group_ids(vec![group()]);
    check(&mut bench, 1, describe, loading);
    let find = m::FindCoordinatorRequest::default().with_key(str_bytes(GROUP));
    check(&mut bench, 1, find, ErrorCode::None);
    release(&mut bench, StateTopic::Groups);
    check(&mut bench, 7, commit(1), ErrorCode::None);
    check(
        &mut bench,
        4,
        m::ListGroupsRequest::default(),
        ErrorCode::None,
    );
}

#[test]
fn while_transactional_ids_are_read_nobody_is_served() {
    let mut bench = bench(1);
    hold(&mut bench, StateTopic::Transactions, None);
    let loading = ErrorCode::CoordinatorLoadInProgress;
    let init = m::InitProducerIdRequest::default()
        .with_transactional_id(Some(str_bytes(ID).into()))
        .with_transaction_timeout_ms(60_000);
    check(&mut bench, 4, init.clone(), loading);
    let add = m::AddOffsetsToTxnRequest::default()
        .with_transactional_id(str_bytes(ID).into())
        .with_group_id(str_bytes(GROUP).into());
    check(&mut bench, 3, add, loading);
    let end = m::EndTxnRequest::default().with_transactional_id(str_bytes(ID).into());
    check(&mut bench, 5, end, loading);
    let describe = m::DescribeTransactionsRequest::default()
        .with_transactional_ids(vec![str_bytes(ID).into()]);
    check(&mut bench, 0, describe, loading);
    let list = m::ListTransactionsRequest::default();
    check(&mut bench, 0, list.clone(), loading);
    // Groups are another coordinator's.
    check(&mut bench, 7, commit(1), ErrorCode::None);
    release(&mut bench, StateTopic::Transactions);
    check(&mut bench, 4, init, ErrorCode::None);
    check(&mut bench, 0, list, ErrorCode::None);
}

#[test]
fn a_load_may_be_held_for_a_while() {
    let mut bench = bench(1);
    check(&mut bench, 7, commit(7), ErrorCode::None);
    hold(&mut bench, StateTopic::Groups, Some(Duration::from_secs(5)));
    bench.advance(Duration::from_secs(4));
    check(&mut bench, 7, fetch(), ErrorCode::CoordinatorLoadInProgress);
    let due: Vec<String> = bench.engine.deadlines().map(|due| due.what).collect();
    assert!(
        due.iter()
            .any(|what| what.starts_with("load of __consumer_offsets-")),
        "{due:?}"
    );
    bench.advance(Duration::from_secs(1));
    let Response::OffsetFetch(told) = bench.ask(7, fetch()) else {
        panic!("another answer");
    };
    assert_eq!(told.topics[0].partitions[0].committed_offset, 7);
}

#[test]
fn who_waits_is_told_that_the_coordinator_has_moved() {
    let mut bench = bench(3);
    let old = leader_of(&bench, StateTopic::Groups);
    let connection = ConnectionId(1);
    let waits = bench.send_to((connection, old), "c", 3, join(""));
    assert!(waits.0.is_empty(), "{waits:?}");
    let new = NodeId((old.0 + 1) % 3);
    let moves = CoordinatorCommand::Move(new);
    let (moved, effects) = command(&mut bench, StateTopic::Groups, moves);
    moved.unwrap();
    let [
        Effect::Reply {
            connection: to,
            response,
        },
    ] = &effects.0[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (*to, code(response)),
        (connection, ErrorCode::NotCoordinator.code())
    );
    assert_eq!(leader_of(&bench, StateTopic::Groups), new);
    // The old one knows nothing of the group, and nothing is left to be done for it.
    let group_timers = bench.engine.state.timers.iter();
    let group_timers = group_timers.filter(|(_, key)| matches!(key, StateTimer::Group(_)));
    assert_eq!(group_timers.count(), 0);
    let describe = m::DescribeGroupsRequest::default().with_groups(vec![str_bytes(GROUP).into()]);
    let told = bench.ask_node(old, 5, describe.clone());
    assert_eq!(code(&told), ErrorCode::NotCoordinator.code());
    let Response::DescribeGroups(told) = bench.ask_node(new, 5, describe) else {
        panic!("another answer");
    };
    assert_eq!(&*told.groups[0].group_state, "Empty");
}

#[test]
fn a_coordinator_moves_to_nodes_in_service_only() {
    let mut bench = bench(3);
    let place = place(&bench, StateTopic::Transactions);
    let old = leader_of(&bench, StateTopic::Transactions);
    let next = NodeId((old.0 + 1) % 3);
    bench.turn_node(next, false);
    for node in [next, NodeId(9)] {
        let moves = CoordinatorCommand::Move(node);
        let (refused, _) = command(&mut bench, StateTopic::Transactions, moves);
        assert!(refused.is_err());
        assert!(!bench.engine.state.move_coordinator(bench.now, place, node));
    }
    let nowhere = StatePartition {
        index: 999,
        ..place
    };
    assert!(!bench.engine.state.move_coordinator(bench.now, nowhere, old));
    assert_eq!(leader_of(&bench, StateTopic::Transactions), old);
}

#[test]
fn a_partition_that_cannot_be_read_has_no_coordinator() {
    let mut bench = bench(1);
    let place = place(&bench, StateTopic::Groups);
    let garbage = crate::wire::state_records::StateRecord {
        key: bytes::Bytes::from_static(b"\0\x02\0\x01g"),
        value: Some(bytes::Bytes::from_static(b"\0\x63")),
    };
    let at = (place.topic, place.index);
    bench
        .engine
        .state
        .append_state(bench.now, at, &[garbage], None)
        .unwrap();
    check(&mut bench, 7, commit(1), ErrorCode::None);
    hold(&mut bench, StateTopic::Groups, None);
    release(&mut bench, StateTopic::Groups);
    check(&mut bench, 7, commit(1), ErrorCode::NotCoordinator);
}
