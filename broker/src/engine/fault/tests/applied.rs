//! What rows of the journal say of requests whose answers rules change or lose: whether they were carried out.

use serde_json::{Value as Json, json};

use super::World;
use super::steps::{heartbeat, secs};
use crate::engine::commands::Command;
use crate::engine::context::ConnectionId;
use crate::engine::input::Input;
use crate::engine::journal::{Applied, Outcome};
use crate::wire::api::Api;

impl World {
    fn close(&mut self, connection: u64) {
        let connection = ConnectionId(connection);
        let why = "it left".to_owned();
        self.bench.handle(Input::Closed { connection, why });
    }

    /// The outcome of the last request, and how much of it was carried out.
    fn last_row(&self) -> (&'static str, Applied) {
        let mut rows = self.bench.engine.passage.journal.rows().rev();
        let exchange = rows.find_map(|row| row.exchange()).unwrap();
        let outcome = match &exchange.outcome {
            Outcome::Answered => "answered",
            Outcome::Unanswered => "unanswered",
            Outcome::Disconnected { .. } => "disconnected",
            Outcome::Abandoned => "abandoned",
        };
        (outcome, exchange.applied)
    }
}

/// The row of a Produce to two partitions that met a rule, after its answer was released and the client was gone. What
/// is in the log must agree.
#[track_caller]
fn check(rule: Json, acks: i16, expected: (&str, Applied)) {
    let mut rule = rule;
    rule["api"] = json!("Produce");
    let mut world = World::new();
    world.mount(rule);
    world.produce(acks, &[0, 1]);
    world.pass_time(secs(5), (Api::Produce, 9));
    drop(world.bench.tell(Command::Heal));
    world.close(1);
    assert_eq!(world.last_row(), expected);
    let stored = match (world.stored(0), world.stored(1)) {
        (0, 0) => Applied::No,
        (1, 1) => Applied::Yes,
        _ => Applied::Partly,
    };
    assert_eq!(stored, expected.1);
}

#[test]
fn before_a_request_is_applied_nothing_is() {
    let before = |action: Json| json!({ "before_apply": action });
    let error = || json!({ "error": "NOT_LEADER_OR_FOLLOWER" });
    check(before(json!("swallow")), 1, ("abandoned", Applied::No));
    check(
        before(json!("disconnect")),
        1,
        ("disconnected", Applied::No),
    );
    check(before(error()), 1, ("answered", Applied::No));
    check(before(error()), 0, ("disconnected", Applied::No));
    check(
        before(json!({ "delay": "1s" })),
        1,
        ("answered", Applied::Yes),
    );
    check(before(json!("hold")), 1, ("answered", Applied::Yes));
    let one = json!({ "topic": "a", "partition": 1, "before_apply": error() });
    check(one.clone(), 1, ("answered", Applied::Partly));
    check(one, 0, ("disconnected", Applied::Partly));
    let topic = json!({ "topic": "a", "before_apply": error() });
    check(topic, 1, ("answered", Applied::No));
}

#[test]
fn what_happens_to_its_answer_takes_nothing_back() {
    let after = |action: Json| json!({ "after_apply": action });
    let edit = json!({ "edit": { "responses.partitionResponses.errorCode": 6 } });
    check(after(json!("swallow")), 1, ("abandoned", Applied::Yes));
    check(
        after(json!("disconnect")),
        1,
        ("disconnected", Applied::Yes),
    );
    check(
        after(json!("disconnect")),
        0,
        ("disconnected", Applied::Yes),
    );
    check(
        after(json!({ "error": "REQUEST_TIMED_OUT" })),
        1,
        ("answered", Applied::Yes),
    );
    check(after(edit), 1, ("answered", Applied::Yes));
    check(
        after(json!({ "delay": "1s" })),
        1,
        ("answered", Applied::Yes),
    );
    check(after(json!("hold")), 1, ("answered", Applied::Yes));
    check(
        after(json!({ "throttle": "1s" })),
        1,
        ("answered", Applied::Yes),
    );
    check(json!({ "observe": true }), 1, ("answered", Applied::Yes));
    check(json!({ "observe": true }), 0, ("unanswered", Applied::Yes));
}

#[test]
fn an_answer_that_is_kept_when_its_client_goes_was_applied() {
    for (stage, applied) in [("before_apply", Applied::No), ("after_apply", Applied::Yes)] {
        for action in [json!("hold"), json!({ "delay": "1s" })] {
            let mut world = World::new();
            world.mount(json!({ "api": "Produce", stage: action }));
            world.produce(1, &[0, 1]);
            world.close(1);
            assert_eq!(world.last_row(), ("abandoned", applied));
        }
    }
}

#[test]
fn the_brokers_own_errors_count() {
    let mut world = World::new();
    for (acks, outcome) in [(1, "answered"), (0, "disconnected")] {
        world.produce(acks, &[0, 9]);
        assert_eq!(world.last_row(), (outcome, Applied::Partly));
        world.produce(acks, &[8, 9]);
        assert_eq!(world.last_row(), (outcome, Applied::No));
    }
    // With a rule that loses the answer, too.
    world.mount(json!({ "api": "Produce", "after_apply": "disconnect" }));
    world.produce(1, &[0, 9]);
    assert_eq!(world.last_row(), ("disconnected", Applied::Partly));
    world.produce(1, &[8, 9]);
    assert_eq!(world.last_row(), ("disconnected", Applied::No));
}

#[test]
fn records_that_are_in_the_log_are_applied_whatever_is_answered() {
    for acted in [None, Some("disconnect"), Some("swallow")] {
        let mut world = World::new();
        if let Some(action) = acted {
            world.mount(json!({ "api": "Produce", "after_apply": action }));
        }
        for partition in 0..2 {
            let cluster = &mut world.bench.engine.state.cluster;
            let partition = cluster.partition_mut("a", partition).unwrap();
            partition.log.hold_high_watermark();
        }
        world.produce(-1, &[0, 1]);
        if acted.is_none() {
            // Still waits for its replicas, or times out.
            world.pass_time(secs(60), (Api::Produce, 9));
            assert_eq!(world.last_row(), ("answered", Applied::Yes));
            world.produce(-1, &[0, 9]);
        }
        world.close(1);
        let parked = acted.is_none();
        let applied = if parked {
            Applied::Partly
        } else {
            Applied::Yes
        };
        assert_eq!(world.last_row(), ("abandoned", applied));
    }
}

#[test]
fn requests_that_read_are_applied_as_well() {
    let fetch = |partitions: &[i32]| {
        let partition = |index: &i32| json!({ "partition": index, "fetchOffset": 0, "partitionMaxBytes": 1000 });
        let partitions: Vec<_> = partitions.iter().map(partition).collect();
        json!({
            "maxWaitMs": 1000, "minBytes": 1, "maxBytes": 1000,
            "topics": [{ "topic": "a", "partitions": partitions }],
        })
    };
    let mut world = World::new();
    world.produce(1, &[0]);
    world.send(1, Api::Fetch, 12, &fetch(&[0]));
    assert_eq!(world.last_row(), ("answered", Applied::Yes));
    // A long poll that nobody answers any more.
    world.send(1, Api::Fetch, 12, &fetch(&[1]));
    world.close(1);
    assert_eq!(world.last_row(), ("abandoned", Applied::No));
    let error = json!({ "error": "NOT_LEADER_OR_FOLLOWER" });
    let rule = json!({ "api": "Fetch", "topic": "a", "partition": 0, "before_apply": error });
    world.mount(rule);
    world.send(2, Api::Fetch, 12, &fetch(&[0, 1]));
    assert_eq!(world.last_row(), ("answered", Applied::Partly));
    world.send(2, Api::Fetch, 12, &fetch(&[0]));
    assert_eq!(world.last_row(), ("answered", Applied::No));
    heartbeat(&mut world, 3);
    assert_eq!(
        world.last_row(),
        ("answered", Applied::No),
        "nobody coordinates it"
    );
}

#[test]
fn a_member_that_does_not_wait_for_its_generation_has_joined() {
    let mut world = World::new();
    let find = json!({ "key": "g", "keyType": 0 });
    world.send(1, Api::FindCoordinator, 1, &find);
    let join = |group| {
        json!({
            "groupId": group, "memberId": "", "sessionTimeoutMs": 10_000, "rebalanceTimeoutMs": 10_000,
            "protocolType": "consumer", "protocols": [{ "name": "range", "metadata": "eA==" }],
        })
    };
    world.send(1, Api::JoinGroup, 5, &join("other"));
    assert_eq!(
        world.last_row(),
        ("answered", Applied::No),
        "MEMBER_ID_REQUIRED"
    );
    world.send(1, Api::JoinGroup, 3, &join("g"));
    world.pass_time(secs(1), (Api::JoinGroup, 3));
    assert_eq!(world.last_row(), ("answered", Applied::Yes));
    // The group waits for the first member to join again.
    world.send(2, Api::JoinGroup, 3, &join("g"));
    world.close(2);
    assert_eq!(world.last_row(), ("abandoned", Applied::Yes));
}
