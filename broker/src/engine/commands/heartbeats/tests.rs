//! Who lives while a test lets time pass.

use std::time::Duration;

use serde_json::json;

use super::Passing;
use crate::engine::commands::Command;
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::input::Input;
use crate::engine::testing::Bench;
use crate::wire::apis::Response;
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::{
    ConsumerGroupHeartbeatRequest, HeartbeatRequest, JoinGroupRequest, SyncGroupRequest, str_bytes,
};
use crate::wire::units::{NodeId, WallMillis};

const CLASSIC: ConnectionId = ConnectionId(1);
const CONSUMER: ConnectionId = ConnectionId(2);
const SESSION: Duration = Duration::from_secs(45);

/// Time in which no rebalance begins.
fn still() -> Passing {
    Passing {
        since: WallMillis(i64::MAX),
        ..Passing::default()
    }
}

/// A classic group with one member, of the client `old`, and a consumer group with one, of `new`.
struct World {
    bench: Bench,
    /// The id of the classic member.
    member: String,
}

impl World {
    fn new() -> Self {
        let mut bench = Bench::of_nodes(2, &[("group.initial.rebalance.delay.ms", "0")]);
        bench.topic("t", 1);
        bench.find_coordinator("classic");
        for connection in [CLASSIC, CONSUMER] {
            bench.open(connection, "/127.0.0.1");
        }
        bench.node = super::coordinator::leader(&bench.engine.state.cluster, "classic").unwrap();
        let member = join(&mut bench);
        let mut world = Self { bench, member };
        world.coordinate("consumer");
        world.consume("m", 0);
        world
    }

    /// Goes on with the node that coordinates a group.
    fn coordinate(&mut self, group: &str) {
        let leader = super::coordinator::leader(&self.bench.engine.state.cluster, group);
        self.bench.node = leader.unwrap();
    }

    /// A heartbeat of a member of the consumer group; says the error.
    fn consume(&mut self, member: &str, epoch: i32) -> i16 {
        self.coordinate("consumer");
        let joins = epoch == 0;
        let topics = || vec![str_bytes("t").into()];
        let beat = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(str_bytes("consumer").into())
            .with_member_id(str_bytes(member))
            .with_instance_id(Some(str_bytes("i")))
            .with_member_epoch(epoch)
            .with_rebalance_timeout_ms(if joins { 300_000 } else { -1 })
            .with_subscribed_topic_names(joins.then(topics))
            .with_topic_partitions(joins.then(Vec::new));
        match self.bench.send_from(CONSUMER, "new", 0, beat).0.pop() {
            Some(Effect::Reply {
                response: Response::ConsumerGroupHeartbeat(answer),
                ..
            }) => answer.error_code,
            other => panic!("{other:?}"),
        }
    }

    /// A heartbeat of the classic member; says the error.
    fn beat(&mut self, connection: ConnectionId) -> i16 {
        self.beat_in(connection, 1)
    }

    /// The same, in a generation.
    fn beat_in(&mut self, connection: ConnectionId, generation: i32) -> i16 {
        self.coordinate("classic");
        let beat = HeartbeatRequest::default()
            .with_group_id(str_bytes("classic").into())
            .with_member_id(str_bytes(self.member.as_str()))
            .with_generation_id(generation);
        match self.bench.send_from(connection, "old", 3, beat).0.pop() {
            Some(Effect::Reply {
                response: Response::Heartbeat(answer),
                ..
            }) => answer.error_code,
            // A rule has changed it.
            Some(Effect::Encoded { .. }) => 0,
            other => panic!("{other:?}"),
        }
    }

    fn mount(&mut self, rule: serde_json::Value) {
        let rule = Box::new(serde_json::from_value(rule).unwrap());
        let place = None;
        self.bench
            .command(Command::MountRule { rule, place })
            .unwrap();
    }

    fn close(&mut self, connection: ConnectionId) {
        let why = "the client closed it".to_owned();
        self.bench.handle(Input::Closed { connection, why });
    }

    /// The groups whose member lives.
    fn living(&self, passing: &Passing) -> Vec<String> {
        let sessions = self.bench.engine.living(passing);
        let groups = sessions.keys().map(|timer| timer.group.to_string());
        groups.collect()
    }

    /// The same, where nobody is said to be silent.
    fn left(&self) -> Vec<String> {
        self.living(&still())
    }

    /// Lets time pass as the clock of a test does, and says what was due besides chores.
    fn pass(&mut self, by: Duration, silent: &[&str]) -> Vec<String> {
        let except = Passing {
            since: self.bench.now.wall,
            silent: silent.iter().map(|id| (*id).into()).collect(),
            paused: Vec::new(),
        };
        let end = self.bench.now.plus(by);
        let mut expired = Vec::new();
        loop {
            let due = self.bench.engine.first_deadline(&except);
            let due = due.filter(|due| due.at <= end.elapsed);
            self.bench.now = due.as_ref().map_or(end, |due| self.bench.now.until(due.at));
            let passing = except.clone();
            self.bench.command(Command::Heartbeats { passing }).unwrap();
            let Some(due) = due else { return expired };
            self.bench.handle(Input::Deadline);
            if !due.recurs {
                expired.push(due.what);
            }
        }
    }
}

fn joining(member: &str) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol::default().with_name(str_bytes("range"));
    JoinGroupRequest::default()
        .with_group_id(str_bytes("classic").into())
        .with_member_id(str_bytes(member))
        .with_session_timeout_ms(45_000)
        .with_rebalance_timeout_ms(300_000)
        .with_protocol_type(str_bytes("consumer"))
        .with_protocols(vec![protocol])
}

/// Has the classic member join without an id, and gives the one that it got.
fn join(bench: &mut Bench) -> String {
    bench.send_from(CLASSIC, "old", 3, joining(""));
    let end = bench.now.plus(Duration::from_millis(1));
    let mut answers = bench.next_until(end).unwrap();
    let member = match answers.pop() {
        Some(Effect::Reply {
            response: Response::JoinGroup(answer),
            ..
        }) => answer.member_id,
        other => panic!("{other:?}"),
    };
    let sync = SyncGroupRequest::default()
        .with_group_id(str_bytes("classic").into())
        .with_member_id(member.clone())
        .with_generation_id(1);
    // The answer to the JoinGroup was enough to know whose the connection is.
    let sessions = bench.engine.living(&still());
    assert_eq!(sessions.len(), 1);
    bench.send_from(CLASSIC, "old", 3, sync);
    member.to_string()
}

#[test]
fn living_members_of_every_kind_outlast_their_sessions() {
    let mut world = World::new();
    assert_eq!(world.left(), ["classic", "consumer"]);
    assert_eq!(world.pass(600 * Duration::from_secs(1), &[]), [""; 0]);
    assert_eq!((world.beat(CLASSIC), world.consume("m", 2)), (0, 0));
    // Their last heartbeats came just now, so the next silence is a whole session.
    assert_eq!(
        world.pass(SESSION - Duration::from_millis(1), &["*"]),
        [""; 0]
    );
    let expired = world.pass(Duration::from_millis(1), &["*"]);
    assert_eq!(expired.len(), 2, "{expired:?}");
}

#[test]
fn who_is_silent_is_evicted_and_nobody_else() {
    let mut world = World::new();
    let expired = world.pass(SESSION, &["ne?"]);
    assert_eq!(expired, [r#"session of member "m" of group "consumer""#]);
    assert_eq!((world.beat(CLASSIC), world.consume("m", 2)), (0, 25));
    let expired = world.pass(SESSION, &["old", "*w"]);
    assert_eq!(expired.len(), 1, "{expired:?}");
    assert!(expired[0].ends_with(r#"of group "classic""#), "{expired:?}");
    assert_eq!(world.beat(CLASSIC), 25);
}

#[test]
fn the_next_event_is_not_a_session_that_goes_on() {
    let world = World::new();
    let engine = &world.bench.engine;
    assert_eq!(engine.next_event(&still()), None);
    let passing = Passing {
        silent: vec!["new".into()],
        ..still()
    };
    let next = engine.next_event(&passing).unwrap();
    assert_eq!(next, world.bench.now.elapsed + SESSION);
}

#[test]
fn a_rebalance_that_passing_time_begins_waits_for_who_lives() {
    let mut world = World::new();
    let other = ConnectionId(5);
    world.bench.open(other, "/127.0.0.1");
    world.coordinate("classic");
    world.bench.send_from(other, "doomed", 3, joining(""));
    world
        .bench
        .send_from(CLASSIC, "old", 3, joining(&world.member));
    assert_eq!(world.left().len(), 3, "the assignment is still to come");
    let sync = SyncGroupRequest::default()
        .with_group_id(str_bytes("classic").into())
        .with_member_id(str_bytes(world.member.as_str()))
        .with_generation_id(2);
    world.bench.send_from(CLASSIC, "old", 3, sync);
    let expired = world.pass(700 * Duration::from_secs(1), &["doomed"]);
    assert_eq!(expired.len(), 1, "{expired:?}");
    // It hears of the rebalance only now, and has all the time there is to join.
    assert_eq!(world.beat_in(CLASSIC, 2), 27);
    let minute = Duration::from_secs(60);
    assert_eq!(
        world.pass(5 * minute - Duration::from_millis(1), &[]),
        [""; 0]
    );
    assert_eq!(world.beat_in(CLASSIC, 2), 27);
    // Anyone who does not come is not waited for a second time: its client may hang.
    assert_eq!(
        world.pass(Duration::from_millis(1), &[]),
        [r#"join phase of group "classic""#]
    );
    assert_eq!(world.beat_in(CLASSIC, 2), 25);
}

#[test]
fn a_member_lives_by_its_last_connection() {
    let mut world = World::new();
    let again = ConnectionId(3);
    world.bench.open(again, "/127.0.0.1");
    assert_eq!(world.beat(again), 0);
    world.close(CLASSIC);
    assert_eq!(world.left(), ["classic", "consumer"], "the old one");
    world.close(again);
    assert_eq!(world.left(), ["consumer"]);
    let back = ConnectionId(4);
    world.bench.open(back, "/127.0.0.1");
    assert_eq!(world.beat(back), 0);
    assert_eq!(world.left(), ["classic", "consumer"], "it is back");
    world.bench.handle(Input::Departed(back));
    assert_eq!(world.left(), ["consumer"], "it sends no more");
}

#[test]
fn whom_the_cluster_disconnects_lives_and_may_come_back() {
    let mut world = World::new();
    world.mount(json!({ "api": "Heartbeat", "count": 1, "before_apply": "disconnect" }));
    world.coordinate("classic");
    let node = world.bench.node;
    let beat = HeartbeatRequest::default().with_group_id(str_bytes("classic").into());
    world.bench.send_from(CLASSIC, "old", 3, beat);
    world.close(CLASSIC);
    assert_eq!(world.left(), ["classic", "consumer"]);
    // Another node reads the group, and expects its member there.
    world.bench.turn_node(node, false);
    assert_eq!(world.left(), ["classic", "consumer"]);
    assert_eq!(world.pass(2 * SESSION, &[]), [""; 0]);
}

#[test]
fn a_static_member_that_left_for_a_while_sends_no_heartbeats() {
    let mut world = World::new();
    assert_eq!(world.consume("m", -2), 0);
    assert_eq!(world.left(), ["classic"]);
    let expired = world.pass(SESSION, &[]);
    assert_eq!(expired, [r#"session of member "m" of group "consumer""#]);
}

#[test]
fn rules_that_take_all_heartbeats_silence_their_members() {
    let beats = json!(["Heartbeat", "ConsumerGroupHeartbeat"]);
    for (rule, left) in [
        (json!({ "api": beats, "before_apply": "hold" }), &[][..]),
        (json!({ "api": beats, "before_apply": "swallow" }), &[]),
        (json!({ "before_apply": "disconnect" }), &[]),
        (
            json!({ "client_id": "o*", "bytes": "silence" }),
            &["consumer"],
        ),
        (
            json!({ "client_id": "new", "bytes": "silence", "to": "broker" }),
            &["classic"],
        ),
        (
            json!({ "api": "Heartbeat", "before_apply": { "error": "COORDINATOR_NOT_AVAILABLE" } }),
            &["consumer"],
        ),
        (
            json!({ "api": beats, "group": "cons*", "before_apply": "hold" }),
            &["classic"],
        ),
        (
            json!({ "api": beats, "member": "i", "before_apply": "hold" }),
            &["classic"],
        ),
        (
            json!({ "api": beats, "count": 1, "before_apply": "hold" }),
            // The first to send one would be held, whoever that is.
            &[],
        ),
        (
            json!({ "api": "Heartbeat", "before_apply": { "delay": "45s" } }),
            &["consumer"],
        ),
    ] {
        let mut world = World::new();
        world.mount(rule.clone());
        assert_eq!(world.left(), left, "{rule}");
    }
}

#[test]
fn rules_that_let_heartbeats_through_do_not() {
    let beats = json!(["Heartbeat", "ConsumerGroupHeartbeat"]);
    for rule in [
        json!({ "api": "Fetch", "before_apply": "hold" }),
        json!({ "api": beats, "after_apply": "hold" }),
        json!({ "api": beats, "before_apply": { "delay": "44s" } }),
        json!({ "api": beats, "count": 3, "before_apply": "swallow" }),
        json!({ "api": beats, "nth": 5, "until_released": true, "before_apply": "swallow" }),
        json!({ "api": beats, "every": 2, "before_apply": "swallow" }),
        json!({ "api": beats, "probability": 0.9, "before_apply": "swallow" }),
        json!({ "api": beats, "observe": true }),
        json!({ "api": beats, "client_id": "other", "before_apply": "hold" }),
        json!({ "api": beats, "node": 9, "before_apply": "hold" }),
        json!({ "bytes": "silence", "to": "client" }),
        json!({ "bytes": { "latency": "1s" } }),
    ] {
        let mut world = World::new();
        world.mount(rule.clone());
        assert_eq!(world.left(), ["classic", "consumer"], "{rule}");
    }
}

#[test]
fn what_keeps_a_connection_silences_it_for_as_long() {
    let mut world = World::new();
    world.mount(json!({ "api": "Heartbeat", "count": 1, "after_apply": { "throttle": "30s" } }));
    assert_eq!(world.beat(CLASSIC), 0);
    assert_eq!(world.left(), ["consumer"], "it is throttled");
    let due = world.pass(SESSION - Duration::from_secs(1), &[]);
    assert_eq!(due.len(), 1, "{due:?}");
    assert!(due[0].starts_with("throttling"), "{due:?}");
    assert_eq!(world.left(), ["classic", "consumer"], "and no more");
    assert_eq!(world.pass(SESSION, &[]), [""; 0]);
}

#[test]
fn a_coordinator_that_stands_still_hears_nobody() {
    let mut world = World::new();
    world.coordinate("classic");
    let passing = Passing {
        paused: vec![world.bench.node],
        ..still()
    };
    assert!(!world.living(&passing).contains(&"classic".to_owned()));
    let passing = Passing {
        paused: vec![NodeId(9)],
        ..passing
    };
    assert_eq!(world.living(&passing).len(), 2);
}

#[test]
fn whoever_is_to_be_silent_is_there() {
    let world = World::new();
    let check = |client: &str| world.bench.engine.check_silent(&[client.into()]);
    for known in ["old", "new", "*", "nobody*"] {
        assert_eq!(check(known), Ok(()));
    }
    let why = "no group member has the client id odl: did you mean old?";
    assert_eq!(check("odl"), Err(why.to_owned()));
}

#[test]
fn members_of_one_connection_are_forgotten_when_they_are_gone() {
    let mut world = World::new();
    for (gone, next) in [("m", "m1"), ("m1", "m2")] {
        let (group, member) = ("consumer".to_owned(), gone.to_owned());
        let evict = Command::EvictMember { group, member };
        world.bench.command(evict).unwrap();
        assert_eq!(world.consume(next, 0), 0);
        assert_eq!(world.left(), ["classic", "consumer"]);
        let heard = format!("{:?}", world.bench.engine.passage.heard);
        assert!(heard.contains(&format!("{next:?}")), "{heard}");
        assert!(!heard.contains(&format!("{gone:?}")), "{heard}");
    }
}
