//! What rules do, step by step.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::steps::{heartbeat, secs};
use super::{Came, World};
use crate::engine::context::ConnectionId;
use crate::wire::api::Api;

/// What a heartbeat is answered without a rule: NOT_COORDINATOR, as nobody has looked for one.
const OWN: i64 = 16;

fn code(came: &[Came]) -> i64 {
    match came {
        [Came::Answer(_, answer)] => answer["errorCode"].as_i64().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn triggers_say_when_a_rule_acts() {
    #[track_caller]
    fn check(mut rule: Json, expected: &str) {
        rule["api"] = json!("Heartbeat");
        rule["before_apply"] = json!("disconnect");
        let mut world = World::new();
        let id = world.mount(rule);
        let acted: String = (1..=expected.len() as u64)
            .map(
                |connection| match heartbeat(&mut world, connection).as_slice() {
                    [Came::Closed(_)] => 'x',
                    _ => '.',
                },
            )
            .collect();
        assert_eq!(acted, expected);
        let hits = expected.chars().filter(|c| *c == 'x').count() as u64;
        assert_eq!(world.hits(id), hits);
    }
    check(json!({}), "xxxx");
    check(json!({ "nth": 3 }), "..x...");
    check(json!({ "count": 2 }), "xx....");
    check(json!({ "nth": 2, "count": 2 }), ".xx...");
    check(json!({ "every": 3 }), "..x..x..x");
    check(json!({ "every": 3, "nth": 2 }), ".x..x..x");
    check(json!({ "every": 2, "count": 2 }), ".x.x....");
    check(json!({ "until_released": true }), "xxxx");
    check(json!({ "group": "g" }), "xx");
    check(json!({ "group": "other" }), "..");
    check(json!({ "member": "m*", "client_id": "c?ient" }), "xx");
    check(json!({ "node": 0 }), "xx");
    check(json!({ "node": 1 }), "..");
    check(json!({ "principal": "User:*" }), "xx");
    check(json!({ "software": "librdkafka" }), "..");
}

#[test]
fn chance_comes_from_the_seed_and_disturbs_nothing() {
    let run = |others: usize| {
        let mut world = World::new();
        for _ in 0..others {
            world.mount(json!({ "api": "Fetch", "probability": 0.5, "observe": true }));
        }
        let rule = json!({ "api": "Heartbeat", "probability": 0.5, "observe": true });
        let id = world.mount(rule);
        let counts: Vec<_> = (1..=64)
            .map(|connection| {
                heartbeat(&mut world, connection);
                world.hits(id)
            })
            .collect();
        (counts, world.bench.engine.state.rng.next_uuid())
    };
    let (counts, uuid) = run(0);
    assert_eq!(run(0), (counts.clone(), uuid));
    assert!((16..48).contains(counts.last().unwrap()), "{counts:?}");
    assert_eq!(World::new().bench.engine.state.rng.next_uuid(), uuid);
    // Another rule's number is another stream.
    assert_ne!(run(1).0, counts);
}

#[test]
fn a_list_is_one_action_per_hit() {
    let mut world = World::new();
    world.mount(json!({
        "api": "Heartbeat",
        "before_apply": [{ "error": "COORDINATOR_LOAD_IN_PROGRESS" }, "pass", { "error": "REBALANCE_IN_PROGRESS" }],
    }));
    let codes: Vec<_> = (1..=4).map(|c| code(&heartbeat(&mut world, c))).collect();
    assert_eq!(codes, [14, OWN, 27, OWN]);
}

#[test]
fn software_is_what_api_versions_said() {
    let mut world = World::new();
    let rule =
        json!({ "software": "apache-*", "before_apply": { "error": "UNKNOWN_SERVER_ERROR" } });
    world.mount(rule);
    let hello =
        json!({ "clientSoftwareName": "apache-kafka-java", "clientSoftwareVersion": "4.4" });
    assert_eq!(code(&world.send(1, Api::ApiVersions, 3, &hello)), -1);
    assert_eq!(code(&heartbeat(&mut world, 1)), -1);
    assert_eq!(code(&heartbeat(&mut world, 2)), OWN);
    world
        .bench
        .engine
        .closed(world.bench.now, ConnectionId(1), "it left");
    assert_eq!(code(&heartbeat(&mut world, 1)), OWN);
}

#[test]
fn delays_pass_on_the_engines_clock() {
    for stage in ["before_apply", "after_apply"] {
        let mut world = World::new();
        world.mount(json!({ "api": "Heartbeat", stage: { "delay": "5s" }, "count": 2 }));
        assert_eq!(heartbeat(&mut world, 1), []);
        let due: Vec<_> = world.bench.engine.deadlines().map(|due| due.what).collect();
        let named = due
            .iter()
            .any(|what| what.starts_with("delay of a") && what.contains("client"));
        assert!(named, "{due:?}");
        assert_eq!(world.pass(secs(4)), []);
        assert_eq!(code(&world.pass(secs(1))), OWN, "{stage}");
        // A connection that goes takes what waits for it along.
        assert_eq!(heartbeat(&mut world, 2), []);
        world
            .bench
            .engine
            .closed(world.bench.now, ConnectionId(2), "it left");
        assert_eq!(world.pass(secs(9)), []);
        assert_eq!(code(&heartbeat(&mut world, 3)), OWN);
    }
}

#[test]
fn jitter_stays_within_its_bounds() {
    let mut world = World::new();
    let rule = json!({ "for": "5s", "jitter": "2s" });
    world.mount(json!({ "api": "Heartbeat", "before_apply": { "delay": rule } }));
    for connection in 1..=20 {
        heartbeat(&mut world, connection);
    }
    assert_eq!(world.pass(Duration::from_millis(2999)), []);
    let early = world.pass(secs(2)).len();
    assert!((1..20).contains(&early), "{early}");
    assert_eq!(world.pass(Duration::from_millis(2001)).len(), 20 - early);
}

#[test]
fn what_is_held_goes_on_in_order_when_released() {
    for stage in ["before_apply", "after_apply"] {
        let mut world = World::new();
        let id = world.mount(json!({ "api": "Heartbeat", stage: "hold" }));
        for connection in [3, 1, 2] {
            assert_eq!(heartbeat(&mut world, connection), []);
        }
        world
            .bench
            .engine
            .closed(world.bench.now, ConnectionId(1), "it left");
        assert_eq!(world.bench.engine.passage.kept_by(id), 2);
        let came = world.release(id);
        assert!(
            matches!(came.as_slice(), [Came::Answer(3, _), Came::Answer(2, _)]),
            "{came:?}"
        );
        assert_eq!(code(&heartbeat(&mut world, 4)), OWN, "released for good");
    }
}

#[test]
fn rules_act_in_the_order_of_mounting() {
    let mut world = World::new();
    let late = world.mount(json!({ "api": "Heartbeat", "before_apply": { "delay": "1s" } }));
    let error = world.mount(json!({ "before_apply": { "error": "COORDINATOR_LOAD_IN_PROGRESS" } }));
    let never = world.mount(json!({ "api": "Heartbeat", "observe": true }));
    assert_eq!(heartbeat(&mut world, 1), []);
    assert_eq!(world.hits(error), 0);
    assert_eq!(code(&world.pass(secs(1))), 14);
    assert_eq!([late, error, never].map(|id| world.hits(id)), [1, 1, 0]);
}

#[test]
fn swallowed_requests_are_never_answered() {
    for (stage, stored) in [("before_apply", 0), ("after_apply", 1)] {
        let mut world = World::new();
        world.mount(json!({ "api": "Produce", stage: "swallow" }));
        assert_eq!(world.produce(1, &[0]), []);
        assert_eq!(world.heal(), []);
        assert_eq!(world.stored(0), stored);
    }
}

#[test]
fn a_reply_is_lost_after_the_record_is_stored() {
    let mut world = World::new();
    let rule = json!({
        "api": "Produce", "topic": "a", "partition": 0, "nth": 2, "after_apply": "disconnect",
    });
    let id = world.mount(rule);
    assert!(matches!(
        world.produce(1, &[0]).as_slice(),
        [Came::Answer(..)]
    ));
    assert!(matches!(
        world.produce(1, &[1]).as_slice(),
        [Came::Answer(..)]
    ));
    assert_eq!(world.produce(1, &[0, 1]), [Came::Closed(1)]);
    assert_eq!(
        (world.stored(0), world.stored(1), world.hits(id)),
        (2, 2, 1)
    );
}

#[test]
fn one_partition_fails_and_the_rest_is_done() {
    let mut world = World::new();
    let error = json!({ "error": "NOT_LEADER_OR_FOLLOWER" });
    world.mount(json!({ "api": "Produce", "topic": "a", "partition": 0, "before_apply": error }));
    let came = world.produce(1, &[0, 1]);
    let [Came::Answer(_, answer)] = came.as_slice() else {
        panic!("{came:?}");
    };
    let rows = &answer["responses"][0]["partitionResponses"];
    assert_eq!(
        (&rows[0]["index"], &rows[0]["errorCode"]),
        (&json!(0), &json!(6))
    );
    assert_eq!(rows[0]["baseOffset"], -1);
    assert_eq!(
        (&rows[1]["index"], &rows[1]["errorCode"]),
        (&json!(1), &json!(0))
    );
    assert_eq!((world.stored(0), world.stored(1)), (0, 1));
    // Without acknowledgement there is nothing to say it in.
    assert_eq!(world.produce(0, &[1]), [Came::Nothing(1)]);
    assert_eq!(world.produce(0, &[0, 1]), [Came::Closed(1)]);
    assert_eq!(world.produce(0, &[0]), [Came::Closed(1)]);
    assert_eq!((world.stored(0), world.stored(1)), (0, 3));
}

#[test]
fn an_answer_can_say_that_what_was_done_failed() {
    let mut world = World::new();
    let error = json!({ "error": "REQUEST_TIMED_OUT" });
    world.mount(json!({ "api": "Produce", "partition": 1, "after_apply": error }));
    let came = world.produce(1, &[0, 1]);
    let [Came::Answer(_, answer)] = came.as_slice() else {
        panic!("{came:?}");
    };
    let rows = &answer["responses"][0]["partitionResponses"];
    assert_eq!(
        (&rows[0]["errorCode"], &rows[1]["errorCode"]),
        (&json!(0), &json!(7))
    );
    assert_eq!((world.stored(0), world.stored(1)), (1, 1));
}

#[test]
fn fields_of_answers_are_edited() {
    let mut world = World::new();
    let fields = json!({
        "responses.partitionResponses.baseOffset": 41,
        "ThrottleTimeMs": 500,
    });
    world.mount(json!({ "api": "Produce", "partition": 1, "after_apply": { "edit": fields } }));
    let came = world.produce(1, &[0, 1]);
    let [Came::Answer(_, answer)] = came.as_slice() else {
        panic!("{came:?}");
    };
    let rows = &answer["responses"][0]["partitionResponses"];
    // The second partition's bucket comes first.
    let row = |at: usize| (&rows[at]["index"], &rows[at]["baseOffset"]);
    assert_eq!(row(0), (&json!(1), &json!(41)));
    assert_eq!(row(1), (&json!(0), &json!(0)));
    assert_eq!(answer["throttleTimeMs"], 500);
}

#[test]
fn a_fetch_session_is_known_to_its_rules() {
    let mut world = World::new();
    let fetch = |epoch: i32, session: &Json, topics: Json| {
        json!({
            "maxWaitMs": 5000, "minBytes": 1, "sessionId": session, "sessionEpoch": epoch, "topics": topics,
        })
    };
    let partitions = json!([{ "partition": 0, "partitionMaxBytes": 1000 }, { "partition": 1 }]);
    let topics = json!([{ "topic": "a", "partitions": partitions }]);
    assert_eq!(
        world.send(1, Api::Fetch, 12, &fetch(0, &json!(0), topics)),
        []
    );
    let end = world.bench.now.plus(secs(5));
    let effects = world.bench.next_until(end).unwrap();
    let effects = crate::engine::context::Effects(effects);
    let opened = super::came(effects, Api::Fetch, 12);
    let [Came::Answer(_, answer)] = opened.as_slice() else {
        panic!("{opened:?}");
    };
    let session = answer["sessionId"].clone();
    assert_ne!(session, 0);
    let error = json!({ "error": "NOT_LEADER_OR_FOLLOWER" });
    world.mount(json!({ "api": "Fetch", "partition": 1, "before_apply": error, "count": 1 }));
    let came = world.send(1, Api::Fetch, 12, &fetch(1, &session, json!([])));
    let [Came::Answer(_, answer)] = came.as_slice() else {
        panic!("an error waits for nothing: {came:?}");
    };
    assert_eq!(answer["responses"].as_array().unwrap().len(), 1);
    let rows = answer["responses"][0]["partitions"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["partitionIndex"], &rows[0]["errorCode"]),
        (&json!(1), &json!(6))
    );
    assert_eq!(
        world.send(1, Api::Fetch, 12, &fetch(2, &session, json!([]))),
        []
    );
}

#[test]
fn late_answers_are_met_too() {
    let mut world = World::new();
    world.bench.find_coordinator("g");
    world.mount(json!({ "api": "JoinGroup", "after_apply": { "error": "REBALANCE_IN_PROGRESS" } }));
    let protocols = json!([{ "name": "range", "metadata": "" }]);
    let join = json!({
        "groupId": "g", "sessionTimeoutMs": 10000, "rebalanceTimeoutMs": 10000, "memberId": "",
        "protocolType": "consumer", "protocols": protocols,
    });
    let mut came = world.send(1, Api::JoinGroup, 3, &join);
    while came.is_empty() {
        let end = world.bench.now.plus(secs(9));
        let effects = world.bench.next_until(end).expect("an answer");
        let effects = crate::engine::context::Effects(effects);
        came = super::came(effects, Api::JoinGroup, 3);
    }
    assert_eq!(code(&came), 27);
}

#[test]
fn healing_lets_everything_go_and_forgets_no_expectation() {
    let mut world = World::new();
    let expected = json!({ "api": "Fetch", "observe": true, "expect": { "at_least": 1 } });
    let expected = world.mount(expected);
    world.mount(json!({ "api": "Heartbeat", "before_apply": "hold" }));
    world.mount(json!({ "api": "Heartbeat", "before_apply": "disconnect" }));
    assert_eq!(heartbeat(&mut world, 1), []);
    assert_eq!(code(&world.heal()), OWN);
    assert_eq!(code(&heartbeat(&mut world, 1)), OWN);
    let faults = &world.bench.engine.passage.faults;
    assert!(faults.is_idle());
    assert_eq!(
        faults.iter().map(|mounted| mounted.id).collect::<Vec<_>>(),
        [expected]
    );
    let unmet = faults.unmet();
    assert!(
        unmet[0].to_string().contains("tests/scripts.rs:"),
        "{unmet:?}"
    );
    assert!(
        unmet[0].to_string().contains("1 or more times"),
        "{unmet:?}"
    );
}
