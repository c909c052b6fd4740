//! Members that live through a reset or a restored snapshot: they are told what makes them join again.

use super::*;
use crate::wire::apis::{Request, Response};
use crate::wire::error::ErrorCode;
use crate::wire::messages::str_bytes;

const COORDINATOR: ConnectionId = ConnectionId(9);
const ELSEWHERE: ConnectionId = ConnectionId(10);

fn bench() -> Bench {
    let mut bench = Bench::new(&[("group.initial.rebalance.delay.ms", "0")]);
    bench.engine.furnish(bench.now, &origin()).unwrap();
    bench.find_coordinator("m");
    bench
}

/// Whatever takes groups away, and what takes their topics away alone.
fn ways(bench: &Bench) -> [Command; 5] {
    let only = |kinds: &[Kind]| Command::Reset {
        only: Some(kinds.to_vec()),
    };
    let snapshot = bench.engine.state.snapshot(bench.now);
    [
        Command::Reset { only: None },
        only(&[Kind::Groups]),
        only(&[Kind::Topics, Kind::Groups]),
        only(&[Kind::Topics]),
        Command::Restore { snapshot },
    ]
}

fn answered(effects: &Effects) -> Vec<(u64, ErrorCode)> {
    let replies = effects.0.iter().filter_map(|effect| match effect {
        Effect::Reply {
            connection,
            response,
        } => Some((connection.0, error(response))),
        Effect::Close { .. } | Effect::Encoded { .. } | Effect::Nothing { .. } => None,
    });
    replies.collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is asked for")]
fn error(response: &Response) -> ErrorCode {
    ErrorCode::of(match response {
        Response::ConsumerGroupHeartbeat(answer) => answer.error_code,
        Response::JoinGroup(answer) => answer.error_code,
        Response::SyncGroup(answer) => answer.error_code,
        Response::Heartbeat(answer) => answer.error_code,
        Response::DeleteGroups(answer) => answer.results[0].error_code,
        Response::OffsetCommit(answer) => answer.topics[0].partitions[0].error_code,
        other => panic!("{other:?}"),
    })
}

/// What is answered at once to who asks from its coordinator's connection.
fn said(bench: &mut Bench, version: i16, asked: impl Into<Request>) -> ErrorCode {
    said_from(COORDINATOR, bench, version, asked)
}

fn said_from(
    connection: ConnectionId,
    bench: &mut Bench,
    version: i16,
    asked: impl Into<Request>,
) -> ErrorCode {
    let effects = bench.send_from(connection, "c", version, asked);
    let said = answered(&effects);
    assert_eq!(said.len(), 1, "{effects:?}");
    said[0].1
}

fn beat(member: &'static str, epoch: i32) -> m::ConsumerGroupHeartbeatRequest {
    let joins = epoch == 0;
    m::ConsumerGroupHeartbeatRequest::default()
        .with_group_id(str_bytes("m").into())
        .with_member_id(str_bytes(member))
        .with_member_epoch(epoch)
        .with_rebalance_timeout_ms(10_000)
        .with_subscribed_topic_names(joins.then(|| vec![str_bytes("t").into()]))
        .with_topic_partitions(joins.then(Vec::new))
}

fn commit(member: &str, generation: i32) -> m::OffsetCommitRequest {
    let partition = m::OffsetCommitRequestPartition {
        committed_offset: 7,
        ..Default::default()
    };
    let topic = m::OffsetCommitRequestTopic {
        name: str_bytes("t").into(),
        partitions: vec![partition],
        ..Default::default()
    };
    m::OffsetCommitRequest {
        group_id: str_bytes("m").into(),
        member_id: str_bytes(member.to_owned()),
        generation_id_or_member_epoch: generation,
        topics: vec![topic],
        ..Default::default()
    }
}

fn join(member: &str) -> m::JoinGroupRequest {
    let protocol =
        m::join_group_request::JoinGroupRequestProtocol::default().with_name(str_bytes("p"));
    m::JoinGroupRequest::default()
        .with_group_id(str_bytes("m").into())
        .with_member_id(str_bytes(member.to_owned()))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(60_000)
        .with_protocol_type(str_bytes("consumer"))
        .with_protocols(vec![protocol])
}

/// What a JoinGroup comes to, at once or when the first wait of an empty group is over; none if it waits.
fn joined(bench: &mut Bench, connection: u64, member: &str) -> Option<m::JoinGroupResponse> {
    let mut effects = bench
        .send_from(ConnectionId(connection), "c", 3, join(member))
        .0;
    if effects.is_empty() {
        effects = bench.next_until(bench.now).unwrap_or_default();
    }
    let joins = effects.into_iter().filter_map(|effect| match effect {
        Effect::Reply {
            response: Response::JoinGroup(joined),
            ..
        } => Some(joined),
        Effect::Reply { .. }
        | Effect::Close { .. }
        | Effect::Encoded { .. }
        | Effect::Nothing { .. } => None,
    });
    joins.last()
}

fn sync(member: &str, generation: i32) -> m::SyncGroupRequest {
    m::SyncGroupRequest::default()
        .with_group_id(str_bytes("m").into())
        .with_member_id(str_bytes(member.to_owned()))
        .with_generation_id(generation)
}

#[test]
fn members_of_consumer_groups_join_anew() {
    for way in ways(&bench()) {
        let mut bench = bench();
        assert_eq!(said(&mut bench, 1, beat("m", 0)), ErrorCode::None);
        bench.command(way.clone()).unwrap();
        let unknown = ErrorCode::UnknownMemberId;
        for epoch in [2, 1, -1] {
            assert_eq!(said(&mut bench, 1, beat("m", epoch)), unknown, "{way:?}");
        }
        for (version, epoch) in [(9, 2), (8, 2), (9, -1)] {
            let committed = said(&mut bench, version, commit("m", epoch));
            assert_eq!(committed, unknown, "{way:?}");
        }
        // An administrator, or a consumer that belongs to no group.
        let free = said_from(ELSEWHERE, &mut bench, 9, commit("", -1));
        assert_eq!(free, ErrorCode::None);
        // That made a group of another kind, which the member is no more of.
        assert_eq!(said(&mut bench, 1, beat("m", 2)), unknown, "{way:?}");
        assert_eq!(
            said(&mut bench, 1, beat("m", 0)),
            ErrorCode::None,
            "{way:?}"
        );
    }
}

#[test]
fn whoever_was_no_member_is_told_what_kafka_says() {
    let mut bench = bench();
    said(&mut bench, 1, beat("m", 0));
    bench.command(Command::Reset { only: None }).unwrap();
    let gone = ErrorCode::GroupIdNotFound;
    assert_eq!(said(&mut bench, 1, beat("other", 2)), gone);
    assert_eq!(said(&mut bench, 9, commit("other", 2)), gone);
    // So is a member that joined again, left, and whose group was deleted.
    said(&mut bench, 1, beat("m", 0));
    assert_eq!(said(&mut bench, 1, beat("m", -1)), ErrorCode::None);
    let delete = m::DeleteGroupsRequest::default().with_groups_names(vec![str_bytes("m").into()]);
    assert_eq!(said(&mut bench, 2, delete), ErrorCode::None);
    assert_eq!(said(&mut bench, 1, beat("m", 2)), gone);
}

#[test]
fn a_member_that_the_snapshot_has_is_a_member() {
    let mut bench = bench();
    said(&mut bench, 1, beat("m", 0));
    let snapshot = bench.engine.state.snapshot(bench.now);
    bench.command(Command::Restore { snapshot }).unwrap();
    assert_eq!(said(&mut bench, 1, beat("m", 2)), ErrorCode::None);
    assert_eq!(said(&mut bench, 9, commit("m", 2)), ErrorCode::None);
}

#[test]
fn members_of_classic_groups_join_anew_and_commit_nothing_before() {
    for way in ways(&bench()) {
        let mut bench = bench();
        let first = joined(&mut bench, COORDINATOR.0, "").unwrap();
        let (member, generation) = (first.member_id.to_string(), first.generation_id);
        assert_eq!(
            said(&mut bench, 3, sync(&member, generation)),
            ErrorCode::None
        );
        bench.command(way.clone()).unwrap();
        let unknown = ErrorCode::UnknownMemberId;
        let heartbeat = m::HeartbeatRequest::default()
            .with_group_id(str_bytes("m").into())
            .with_member_id(str_bytes(member.clone()))
            .with_generation_id(generation);
        assert_eq!(said(&mut bench, 3, heartbeat), unknown, "{way:?}");
        let late = commit(&member, generation);
        assert_eq!(said(&mut bench, 7, late), unknown, "{way:?}");
        assert_eq!(said(&mut bench, 3, join(&member)), unknown, "{way:?}");
        // By now it takes itself for nobody, and commits where it was.
        let stale = said(&mut bench, 7, commit("", -1));
        assert_eq!(stale, unknown, "{way:?}");
        let anew = joined(&mut bench, COORDINATOR.0, "").unwrap();
        let (member, generation) = (anew.member_id.to_string(), anew.generation_id);
        assert_eq!(
            said(&mut bench, 3, sync(&member, generation)),
            ErrorCode::None
        );
        assert_eq!(
            said(&mut bench, 7, commit(&member, generation)),
            ErrorCode::None
        );
    }
}

#[test]
fn members_that_wait_for_their_group_are_answered() {
    for way in ways(&bench()) {
        let mut bench = bench();
        let leader = joined(&mut bench, 1, "").unwrap().member_id.to_string();
        said_from(ConnectionId(1), &mut bench, 3, sync(&leader, 1));
        // The second one begins a rebalance, for which it waits, and then waits for the leader's assignment.
        assert!(joined(&mut bench, 2, "").is_none());
        let effects = bench.send_from(ConnectionId(1), "c", 3, join(&leader)).0;
        let follower = effects.iter().find_map(|effect| match effect {
            Effect::Reply {
                connection: ConnectionId(2),
                response: Response::JoinGroup(joined),
            } => Some(joined.member_id.to_string()),
            Effect::Reply { .. }
            | Effect::Close { .. }
            | Effect::Encoded { .. }
            | Effect::Nothing { .. } => None,
        });
        let waits = bench.send_from(ConnectionId(2), "c", 3, sync(&follower.unwrap(), 2));
        assert!(waits.0.is_empty(), "{waits:?}");
        let (done, effects) = bench.tell(way.clone());
        done.unwrap();
        let unknown = ErrorCode::UnknownMemberId;
        assert_eq!(answered(&effects), [(2, unknown)], "{way:?}");
        assert_eq!(closed(&effects), Vec::<u64>::new(), "{way:?}");
    }
}

#[test]
fn coordinators_are_where_members_look_for_them() {
    for way in ways(&bench()) {
        let mut bench = bench();
        bench.command(way.clone()).unwrap();
        said(&mut bench, 1, beat("m", 0));
        // The second time it has not yet been heard of.
        for _ in 0..2 {
            bench.command(way.clone()).unwrap();
            let told = said(&mut bench, 1, beat("m", 2));
            assert_eq!(told, ErrorCode::UnknownMemberId, "{way:?}");
        }
    }
    // Where nobody was a member, nobody looks for one.
    let mut bench = Bench::new(&[]);
    bench.find_coordinator("m");
    bench.command(Command::Reset { only: None }).unwrap();
    assert!(
        bench
            .engine
            .state
            .cluster
            .topic("__consumer_offsets")
            .is_none()
    );
}

#[test]
fn a_join_that_waits_is_answered() {
    for way in ways(&bench()) {
        let mut bench = bench();
        let leader = joined(&mut bench, 1, "").unwrap().member_id.to_string();
        said_from(ConnectionId(1), &mut bench, 3, sync(&leader, 1));
        assert!(joined(&mut bench, 2, "").is_none());
        let (done, effects) = bench.tell(way.clone());
        done.unwrap();
        let unknown = ErrorCode::UnknownMemberId;
        assert_eq!(answered(&effects), [(2, unknown)], "{way:?}");
    }
}
