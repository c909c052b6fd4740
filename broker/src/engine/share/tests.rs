//! Share partitions by their requests: what lasts, and what ends with the node or the client that knows it.

mod dead_letters;
mod errands;
mod tidying;
mod told;

use std::time::Duration;

use super::*;
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::group::coordinator;
use crate::engine::input::Input;
use crate::engine::reset::Kind;
use crate::engine::state_topic::{self, StateTopic};
use crate::engine::testing::Bench;
use crate::wire::apis::{Request, Response};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    ShareAcknowledgeRequest, ShareFetchRequest, ShareFetchResponse, ShareGroupHeartbeatRequest,
    share_acknowledge_request as acknowledge, share_fetch_request as fetch, str_bytes,
};
use crate::wire::units::NodeId;

const GROUP: &str = "g";
const MEMBER: &str = "m";
const CLIENT: ConnectionId = ConnectionId(1);
const LOCK: Duration = Duration::from_secs(30);

const ACCEPT: i8 = 1;
const RELEASE: i8 = 2;

/// A share group of one member, which has the only partition of topic `t`.
struct World {
    bench: Bench,
    topic: Uuid,
    /// What its session sends next.
    epoch: i32,
}

impl World {
    fn new(nodes: usize) -> Self {
        Self::with(nodes, &[])
    }

    /// With these settings of brokers, too.
    fn with(nodes: usize, more: &[(&str, &str)]) -> Self {
        let mut settings = vec![
            ("group.share.min.assignment.interval.ms", "0"),
            ("group.share.assignment.interval.ms", "0"),
        ];
        settings.extend(more);
        let mut bench = Bench::of_nodes(nodes, &settings);
        bench.topic("t", 1);
        bench.open(CLIENT, "/127.0.0.1");
        bench.find_coordinator(GROUP);
        let topic = bench.engine.state.cluster.topic("t").unwrap().id;
        let mut world = Self {
            bench,
            topic,
            epoch: 0,
        };
        // The first heartbeat has the partition's state begin.
        assert_eq!(world.beat(0), Ok(2));
        let mut epoch = 2;
        while world.assigned() == 0 {
            epoch = world.beat(epoch).unwrap();
            assert!(epoch < 10, "nobody gets the partition");
        }
        // The group begins at the end of the log, which is where the log begins.
        assert_eq!(world.fetch(), Ok(Vec::new()));
        world
    }

    fn key(&self) -> SharePartitionKey {
        SharePartitionKey {
            group: GROUP.into(),
            topic: self.topic,
            partition: 0,
        }
    }

    /// How many partitions the member has.
    fn assigned(&self) -> usize {
        let group = self.bench.engine.state.groups.share(GROUP).unwrap();
        let assigned = &group.member(MEMBER).unwrap().current.assigned;
        assigned.values().map(std::collections::BTreeSet::len).sum()
    }

    fn leader(&self) -> NodeId {
        let topic = self.bench.engine.state.cluster.topic("t").unwrap();
        topic.partition(0).unwrap().leader.unwrap()
    }

    /// What a node answers, however long that takes.
    fn ask(&mut self, node: NodeId, version: i16, request: impl Into<Request>) -> Response {
        let effects = self
            .bench
            .send_to((CLIENT, node), "client", version, request);
        reply(effects.0).unwrap_or_else(|| self.next_reply())
    }

    /// The answer to what was sent, as time passes.
    fn next_reply(&mut self) -> Response {
        let end = self.bench.now.plus(Duration::from_secs(100));
        while let Some(effects) = self.bench.next_until(end) {
            if let Some(response) = reply(effects) {
                return response;
            }
        }
        panic!("no reply")
    }

    /// A heartbeat in this epoch: the member's epoch, or the error.
    fn beat(&mut self, epoch: i32) -> Result<i32, ErrorCode> {
        let node = coordinator::leader(&self.bench.engine.state.cluster, GROUP).unwrap();
        let topics = (epoch == 0).then(|| vec![str_bytes("t").into()]);
        let beat = ShareGroupHeartbeatRequest::default()
            .with_group_id(str_bytes(GROUP).into())
            .with_member_id(str_bytes(MEMBER))
            .with_member_epoch(epoch)
            .with_subscribed_topic_names(topics);
        let Response::ShareGroupHeartbeat(answer) = self.ask(node, 1, beat) else {
            panic!("another answer");
        };
        said(answer.error_code).map(|()| answer.member_epoch)
    }

    /// What a node answers to the next ShareFetch of the member's session.
    fn fetched(&mut self) -> ShareFetchResponse {
        self.fetched_within(0)
    }

    /// The same for one that waits so long.
    fn fetched_within(&mut self, max_wait_ms: i32) -> ShareFetchResponse {
        let partition = fetch::FetchPartition::default();
        let topic = fetch::FetchTopic {
            topic_id: self.topic,
            partitions: vec![partition],
        };
        let request = ShareFetchRequest {
            group_id: Some(str_bytes(GROUP).into()),
            member_id: Some(str_bytes(MEMBER)),
            share_session_epoch: self.epoch,
            max_wait_ms,
            min_bytes: 1,
            max_records: 100,
            batch_size: 100,
            topics: if self.epoch == 0 {
                vec![topic]
            } else {
                Vec::new()
            },
            ..ShareFetchRequest::default()
        };
        let node = self.leader();
        let Response::ShareFetch(answer) = self.ask(node, 2, request) else {
            panic!("another answer");
        };
        answer
    }

    /// What the member acquires, as `first-last xdeliveries`, or the error.
    fn fetch(&mut self) -> Result<Vec<String>, ErrorCode> {
        let answer = self.fetched();
        self.acquired(&answer)
    }

    fn acquired(&mut self, answer: &ShareFetchResponse) -> Result<Vec<String>, ErrorCode> {
        said(answer.error_code)?;
        self.epoch += 1;
        let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
        let mut acquired = Vec::new();
        for partition in partitions {
            said(partition.error_code)?;
            let rows = partition.acquired_records.iter();
            acquired.extend(rows.map(|row| {
                let (first, last) = (row.first_offset, row.last_offset);
                format!("{first}-{last} x{}", row.delivery_count)
            }));
        }
        Ok(acquired)
    }

    /// Says what became of records.
    fn say(&mut self, offsets: (i64, i64), kind: i8) -> Result<(), ErrorCode> {
        let node = self.leader();
        let request = self.acknowledgement(offsets, kind);
        let answer = self.ask(node, 2, request);
        self.hear(answer)
    }

    /// What is answered to [`Self::say`].
    fn hear(&mut self, answer: Response) -> Result<(), ErrorCode> {
        let Response::ShareAcknowledge(answer) = answer else {
            panic!("another answer");
        };
        said(answer.error_code)?;
        self.epoch += 1;
        let mut partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
        partitions.try_for_each(|partition| said(partition.error_code))
    }

    fn acknowledgement(&self, (first, last): (i64, i64), kind: i8) -> ShareAcknowledgeRequest {
        let batch = acknowledge::AcknowledgementBatch {
            first_offset: first,
            last_offset: last,
            acknowledge_types: vec![kind],
        };
        let partition = acknowledge::AcknowledgePartition {
            partition_index: 0,
            acknowledgement_batches: vec![batch],
        };
        let topic = acknowledge::AcknowledgeTopic {
            topic_id: self.topic,
            partitions: vec![partition],
        };
        ShareAcknowledgeRequest {
            group_id: Some(str_bytes(GROUP).into()),
            member_id: Some(str_bytes(MEMBER)),
            share_session_epoch: self.epoch,
            topics: vec![topic],
            ..ShareAcknowledgeRequest::default()
        }
    }

    /// Four records, of which the first is accepted, the second given back, and the others are the member's.
    fn half_way() -> Self {
        Self::half_way_on(3)
    }

    fn half_way_on(nodes: usize) -> Self {
        Self::half_way_with(nodes, &[])
    }

    fn half_way_with(nodes: usize, settings: &[(&str, &str)]) -> Self {
        let mut world = Self::with(nodes, settings);
        for value in ["a", "b", "c", "d"] {
            let leader = world.leader();
            world.bench.node = leader;
            world.bench.append("t", 0, value);
        }
        assert_eq!(world.fetch().unwrap(), ["0-3 x1"]);
        assert_eq!(world.say((0, 0), ACCEPT), Ok(()));
        assert_eq!(world.say((1, 1), RELEASE), Ok(()));
        world
    }

    /// What somebody gets who has no session yet.
    fn fetch_again(&mut self) -> Result<Vec<String>, ErrorCode> {
        self.epoch = 0;
        self.fetch()
    }
}

fn reply(effects: Vec<Effect>) -> Option<Response> {
    effects.into_iter().find_map(|effect| {
        if let Effect::Reply { response, .. } = effect {
            Some(response)
        } else {
            None
        }
    })
}

fn said(code: i16) -> Result<(), ErrorCode> {
    let code = ErrorCode::of(code);
    if code == ErrorCode::None {
        Ok(())
    } else {
        Err(code)
    }
}

/// What is written down of [`World::half_way`]: nobody knows any more who had the last two.
const LEFT: [&str; 2] = ["1-1 x2", "2-3 x1"];

#[test]
fn another_leader_goes_on_where_the_first_was() {
    let mut world = World::half_way();
    let first = world.leader();
    world.bench.turn_node(first, false);
    assert_ne!(world.leader(), first);
    assert_eq!(world.fetch_again().unwrap(), LEFT);
    assert_eq!(world.say((1, 3), ACCEPT), Ok(()));
    assert_eq!(world.fetch(), Ok(Vec::new()));
}

#[test]
fn a_node_that_comes_back_begins_anew() {
    let mut world = World::half_way();
    let first = world.leader();
    world.bench.turn_node(first, false);
    world.bench.turn_node(first, true);
    assert!(world.bench.engine.state.shares.partitions.is_empty());
}

#[test]
fn another_coordinator_knows_what_was_written() {
    let mut world = World::half_way();
    let key = world.key().text();
    for node in [NodeId(1), NodeId(2), NodeId(0)] {
        world
            .bench
            .command(Command::Coordinator {
                topic: StateTopic::Shares,
                key: key.clone(),
                act: CoordinatorCommand::Move(node),
            })
            .unwrap();
        let known = world.bench.engine.state.shares.states.get(&world.key());
        assert_eq!(known.map(|known| known.start), Some(1), "{node:?}");
    }
    assert_eq!(world.say((2, 2), ACCEPT), Ok(()));
}

#[test]
fn a_snapshot_holds_what_was_written() {
    let mut world = World::half_way_on(1);
    let snapshot = world.bench.engine.state.snapshot(world.bench.now);
    assert_eq!(world.say((2, 3), ACCEPT), Ok(()));
    world.bench.command(Command::Restore { snapshot }).unwrap();
    assert_eq!(world.fetch(), Err(ErrorCode::ShareSessionNotFound));
    assert_eq!(world.fetch_again().unwrap(), LEFT);
}

#[test]
fn members_of_before_a_reset_join_again() {
    let mut world = World::half_way_on(1);
    let only = Some(vec![Kind::Groups]);
    world.bench.command(Command::Reset { only }).unwrap();
    assert_eq!(world.beat(3), Err(ErrorCode::UnknownMemberId));
    assert_eq!(world.fetch(), Err(ErrorCode::ShareSessionNotFound));
    assert_eq!(world.beat(0), Ok(2));
    // It begins again, where the settings say.
    let known = world.bench.engine.state.shares.states.get(&world.key());
    assert_eq!(known.map(|known| known.start), Some(kept::UNSET));
}

#[test]
fn locks_are_deadlines() {
    let mut world = World::half_way_on(1);
    let due: Vec<_> = world.bench.engine.deadlines().collect();
    let lock = due.iter().find(|due| due.what.contains("record locks"));
    assert_eq!(lock.unwrap().at, LOCK);
    assert_eq!(lock.unwrap().what, r#"record locks of group "g" in t-0"#);
    assert_eq!(world.fetch().unwrap(), ["1-1 x2"]);
    world.bench.advance(LOCK);
    assert_eq!(
        world.say((2, 2), ACCEPT),
        Err(ErrorCode::InvalidRecordState)
    );
    assert_eq!(world.fetch().unwrap(), ["1-1 x3", "2-3 x2"]);
}

#[test]
fn what_a_client_has_is_free_once_it_is_gone() {
    let mut world = World::half_way_on(1);
    let why = "the client closed it".to_owned();
    world.bench.handle(Input::Closed {
        connection: CLIENT,
        why,
    });
    world.bench.open(CLIENT, "/127.0.0.1");
    assert_eq!(world.fetch(), Err(ErrorCode::ShareSessionNotFound));
    let again = world.fetch_again().unwrap();
    assert_eq!(again, ["1-3 x2"]);
}

#[test]
fn what_is_known_of_a_topic_goes_with_it() {
    let mut world = World::half_way_on(1);
    let topic = "t".to_owned();
    world
        .bench
        .command(Command::RecreateTopic { topic })
        .unwrap();
    let state = &world.bench.engine.state;
    assert!(state.shares.states.get(&world.key()).is_none());
    assert!(!state.shares.partitions.contains_key(&world.key()));
    assert!(world.fetch().is_err());
    // Nothing of it comes back with what is written.
    let key = world.key();
    let index = state_topic::partition_of(
        &world.bench.engine.state.cluster,
        StateTopic::Shares,
        &key.text(),
    );
    world.bench.engine.state.unload_shares(index.unwrap());
    let batches = world
        .bench
        .batches(StateTopic::Shares.name(), index.unwrap());
    let index = index.unwrap();
    world
        .bench
        .engine
        .state
        .load_shares(index, &batches)
        .unwrap();
    assert!(world.bench.engine.state.shares.states.get(&key).is_none());
}
